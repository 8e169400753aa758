//! What `database.N.*` comes to for one consumer: logins, passwords and URLs.

use std::collections::BTreeMap;

use super::proxy::proxies_of;
use super::resolver::Resolver;
use super::secrets::container_name;
use super::variables;
use super::wiring::{Consumer, Evaluator, Value, join, percent_encode};
use crate::database::{owner_role, twin};
use crate::environment::model::{
    Database, Login, Output, SecretContainer, SecretValue, Variable, Wiring,
};
use crate::kit::model::{DatabaseUrl, Function, Roles};

use serde_json::Value as Json;

/// The port of every database server.
pub(super) const PORT: &str = "5432";

/// Host and certificate are checked; nothing else is offered.
const TLS: &str = "verify-full";

/// What a process speaks to a proxy beside it, which speaks TLS to the server.
const NO_TLS: &str = "disable";

/// Where a proxy beside a process listens.
const LOOPBACK: &str = "127.0.0.1";

/// What clients of PostgreSQL read options for the server from.
const OPTIONS: &str = "PGOPTIONS";

/// The option with which a session acts as a role from its first statement.
///
/// On AWS the bootstrap writes that down for the login. Users of Cloud SQL are made by the platform,
/// and from PostgreSQL 16 on only who administers a role may alter it: there the session says it.
fn as_owner(owner: &str) -> String {
    format!("-c role={owner}")
}

/// On Google Cloud, whoever acts as the owner of a database says so by a variable that clients
/// read, unless the kit sets it.
pub(super) fn options(
    resolver: &mut Resolver<'_>,
    consumer: Consumer<'_>,
    databases: &BTreeMap<String, Database>,
    variables: &mut BTreeMap<String, Variable>,
) {
    let mut used = databases.values().filter(|it| consumer.uses("database", &it.name));
    let (Some(database), None) = (used.next(), used.next()) else { return };
    if resolver.gcp() && acts_as_owner(database, consumer.owner) && !variables.contains_key(OPTIONS)
    {
        let option = as_owner(&owner_role(database));
        variables::fixed(resolver, consumer.key, OPTIONS, option, None, variables);
    }
}

/// Evaluates `database.NAME.REST`.
pub(super) fn field(
    evaluator: &mut Evaluator<'_, '_>,
    path: &[String],
    name: &str,
    rest: &[&str],
) -> Option<Value> {
    let Some(kit) = evaluator.resolver.kit.databases.get(name) else {
        return evaluator.unknown(path);
    };
    evaluator.must_use("database", name)?;
    let text = |text: &str| Some(Value::Known(Json::String(text.to_owned())));
    let output = |output| Some(Value::Later(Wiring::Output(output)));
    let database = evaluator.databases.get(name)?;
    let (password, proxy) = (database.password, database.proxy);
    match rest {
        ["host"] if proxy => text(LOOPBACK),
        ["host"] => output(Output::DatabaseHost(name.to_owned())),
        ["port"] => text(&port(evaluator, name)?),
        ["name"] => text(kit.databases.first()?),
        ["tls"] if proxy => text(NO_TLS),
        ["tls"] => text(TLS),
        ["auth"] if proxy => text("proxy"),
        ["auth"] => text(if password { "password" } else { "iam" }),
        ["region"] => text(&evaluator.facts.target?.region),
        // The way to the proxy never leaves the instance; the proxy proves the server itself.
        ["ca"] if proxy => Some(Value::Absent),
        ["ca"] if evaluator.resolver.gcp() => output(Output::DatabaseServerCa(name.to_owned())),
        ["ca"] => output(Output::DatabaseCertificates),
        ["user"] if evaluator.resolver.gcp() => {
            let workload = login(evaluator, name, false)?;
            output(Output::DatabaseUser { database: name.to_owned(), workload })
        }
        ["user"] => {
            let login = login(evaluator, name, false)?;
            let secret = evaluator.databases.get(name)?.logins.get(&login)?.password_secret.clone();
            Some(match secret {
                Some(secret) => {
                    Value::Later(Wiring::Login { second: twin(name, &login), first: login, secret })
                }
                None => Value::Known(Json::String(login)),
            })
        }
        ["password"] => {
            let login = login(evaluator, name, false)?;
            let secret = evaluator.databases.get(name)?.logins.get(&login)?.password_secret.clone();
            Some(secret.map_or(Value::Absent, |key| Value::Later(Wiring::Secret(key))))
        }
        ["url", url] => match kit.urls.get(*url) {
            Some(spec) => self::url(evaluator, name, url, spec),
            None => evaluator.unknown(path),
        },
        _ => evaluator.unknown(path),
    }
}

/// The port that the consumer connects to: the server's, or that of the proxy beside it.
fn port(evaluator: &Evaluator<'_, '_>, name: &str) -> Option<String> {
    let database = evaluator.databases.get(name)?;
    if !database.proxy {
        return Some(PORT.to_owned());
    }
    let proxies = proxies_of(evaluator.databases, evaluator.consumer?);
    proxies.iter().find(|(database, _)| database == name).map(|(_, port)| port.to_string())
}

/// Whether a consumer acts as the owner of a database. Where there is one login for all, every
/// consumer does.
pub(super) fn acts_as_owner(database: &Database, owner: bool) -> bool {
    owner || database.roles == Roles::Single
}

/// The login of the consumer in a database; it is added to the database's logins, with a
/// container for its password where there is one. `owner` asks for the owner's, whoever asks.
pub(super) fn login(
    evaluator: &mut Evaluator<'_, '_>,
    database: &str,
    owner: bool,
) -> Option<String> {
    let consumer = evaluator.consumer?;
    let gcp = evaluator.resolver.gcp();
    let resolved = evaluator.databases.get_mut(database)?;
    let owner = acts_as_owner(resolved, owner || consumer.owner);
    if gcp {
        // A user of Cloud SQL is a service account, and every workload has its own.
        let workload = consumer.key.replace(['.', '-'], "_");
        resolved.logins.insert(workload.clone(), Login { owner, password_secret: None });
        return Some(workload);
    }
    let login = match resolved.roles {
        Roles::Single => format!("{database}_app"),
        Roles::Split if owner => format!("{database}_migrator"),
        Roles::Split => format!("{database}_{}", consumer.name),
    };
    let login = login.replace('-', "_");
    let password_secret = resolved.password.then(|| format!("database_{login}_password"));
    let entry = Login { owner, password_secret: password_secret.clone() };
    let known = resolved.logins.insert(login.clone(), entry).is_some();
    if let Some(key) = password_secret.filter(|_| !known) {
        let value =
            SecretValue::DatabasePassword { database: database.to_owned(), login: login.clone() };
        add(evaluator, key, format!("password of the database login {login}"), value);
    }
    Some(login)
}

fn add(evaluator: &mut Evaluator<'_, '_>, key: String, description: String, value: SecretValue) {
    let container = SecretContainer {
        name: container_name(evaluator.resolver, &key),
        key: key.clone(),
        description,
        value,
        required: true,
        immutable: false,
        show_once: false,
    };
    evaluator.secrets.insert(key, container);
}

/// A URL: with IAM a text without a password, with a password a secret of its own.
fn url(
    evaluator: &mut Evaluator<'_, '_>,
    database: &str,
    name: &str,
    spec: &DatabaseUrl,
) -> Option<Value> {
    let consumer = evaluator.consumer?;
    let resolved = evaluator.databases.get(database)?;
    let (password, single) = (resolved.password, resolved.roles == Roles::Single);
    let dbname = spec.database.clone().or_else(|| resolved.databases.first().cloned())?;
    if spec.owner && !single && !consumer.owner && !password {
        return evaluator.refuse(
            format!("{} gets database.{database}.url.{name}, the owner's", consumer.key),
            "with IAM a process has one login, and only jobs with `db_role = owner` have the owner's",
            "send it with `to` to those jobs only, or remove `role = owner` from the url",
        );
    }
    let owner = acts_as_owner(resolved, spec.owner || consumer.owner);
    let owner = owner.then(|| owner_role(resolved)).filter(|_| evaluator.resolver.gcp());
    let proxy = resolved.proxy;
    let login = login(evaluator, database, spec.owner)?;
    let query = query(spec, proxy, owner.as_deref());
    if password {
        let key = format!("database_{login}_url_{}", name.replace('-', "_"));
        let value = SecretValue::DatabaseUrl {
            database: database.to_owned(),
            login: login.clone(),
            scheme: spec.scheme.clone(),
            dbname,
            query,
        };
        add(evaluator, key.clone(), format!("URL of the database for the login {login}"), value);
        return Some(Value::Later(Wiring::Secret(key)));
    }
    let user = if evaluator.resolver.gcp() {
        // It has an @, which would end the name.
        let user = Output::DatabaseUser { database: database.to_owned(), workload: login };
        Wiring::Call(Function::Urlencode, Box::new(Wiring::Output(user)))
    } else {
        Wiring::Plain(percent_encode(&login))
    };
    let host = if proxy {
        Wiring::Plain(LOOPBACK.to_owned())
    } else {
        Wiring::Output(Output::DatabaseHost(database.to_owned()))
    };
    let port = port(evaluator, database)?;
    Some(join(vec![
        Wiring::Plain(format!("{}://", spec.scheme)),
        user,
        Wiring::Plain("@".to_owned()),
        host,
        Wiring::Plain(format!(":{port}/{}?{query}", percent_encode(&dbname))),
    ]))
}

/// The parameters, encoded; TLS is asked for unless the kit says how. Through a proxy there is
/// none, whatever the kit says. Who acts as the owner on Google Cloud says so when it connects.
fn query(spec: &DatabaseUrl, proxy: bool, owner: Option<&str>) -> String {
    let mut params = spec.params.clone();
    let by_kit = ["sslmode", "ssl"].into_iter().find(|name| params.contains_key(*name));
    if proxy {
        params.insert(by_kit.unwrap_or("sslmode").to_owned(), NO_TLS.to_owned());
    } else if by_kit.is_none() {
        params.insert("sslmode".to_owned(), TLS.to_owned());
    }
    if let Some(owner) = owner {
        params.entry("options".to_owned()).or_insert_with(|| as_owner(owner));
    }
    let pairs: Vec<String> = params
        .iter()
        .map(|(name, value)| format!("{}={}", percent_encode(name), percent_encode(value)))
        .collect();
    pairs.join("&")
}
