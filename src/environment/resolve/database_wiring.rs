//! What `database.N.*` comes to for one consumer: logins, passwords and URLs.

use super::secrets::container_name;
use super::wiring::{Evaluator, Value, join, percent_encode};
use crate::database::twin;
use crate::environment::model::{Login, Output, SecretContainer, SecretValue, Wiring};
use crate::kit::model::{DatabaseUrl, Roles};

use serde_json::Value as Json;

/// The port of every database server.
pub(super) const PORT: &str = "5432";

/// Host and certificate are checked; nothing else is offered.
const TLS: &str = "verify-full";

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
    let password = evaluator.databases.get(name)?.password;
    match rest {
        ["host"] => Some(Value::Later(Wiring::Output(Output::DatabaseHost(name.to_owned())))),
        ["port"] => text(PORT),
        ["name"] => text(kit.databases.first()?),
        ["tls"] => text(TLS),
        ["auth"] => text(if password { "password" } else { "iam" }),
        ["region"] => text(&evaluator.facts.target?.region),
        ["ca"] => Some(Value::Later(Wiring::Output(Output::DatabaseCertificates))),
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

/// The login of the consumer in a database; it is added to the database's logins, with a
/// container for its password where there is one. `owner` asks for the owner's, whoever asks.
pub(super) fn login(
    evaluator: &mut Evaluator<'_, '_>,
    database: &str,
    owner: bool,
) -> Option<String> {
    let consumer = evaluator.consumer?;
    let resolved = evaluator.databases.get_mut(database)?;
    let owner = owner || consumer.owner || resolved.roles == Roles::Single;
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
        name: container_name(evaluator.resolver.name, &key),
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
    let login = login(evaluator, database, spec.owner)?;
    let query = query(spec);
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
    Some(join(vec![
        Wiring::Plain(format!("{}://{}@", spec.scheme, percent_encode(&login))),
        Wiring::Output(Output::DatabaseHost(database.to_owned())),
        Wiring::Plain(format!(":{PORT}/{}?{query}", percent_encode(&dbname))),
    ]))
}

/// The parameters, encoded; TLS is asked for unless the kit says how.
fn query(spec: &DatabaseUrl) -> String {
    let mut params = spec.params.clone();
    if !["sslmode", "ssl"].iter().any(|name| params.contains_key(*name)) {
        params.insert("sslmode".to_owned(), TLS.to_owned());
    }
    let pairs: Vec<String> = params
        .iter()
        .map(|(name, value)| format!("{}={}", percent_encode(name), percent_encode(value)))
        .collect();
    pairs.join("&")
}
