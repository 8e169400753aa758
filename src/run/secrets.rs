//! Step `secrets`: values go into their containers by API, never through Terraform, and are never
//! read back. What is generated is generated here; what is composed of a generated password is
//! composed at that moment, and made anew together with it on a resume.

use std::collections::BTreeMap;

use serde_json::json;

use super::context::{Finished, Outputs, Run, Supplied};
use super::layer::write_values;
use super::versions;
use crate::cloud::Identity;
use crate::database::{Turn, generate, password, verifiers};
use crate::environment::model::{SecretContainer, SecretValue};
use crate::failure::{Failure, Result};
use crate::report::plural;
use crate::secret::Secret;
use crate::workspace::Layer;

/// Versions of the secrets, beside the layers that pin them.
pub(super) const VERSIONS_FILE: &str = "secrets.auto.tfvars.json";

/// What the step hands on.
#[derive(Debug, Default)]
pub struct Written {
    /// Container key → version id.
    pub versions: BTreeMap<String, String>,
    /// Values of this run, so that a job's log can be redacted.
    pub values: Vec<Secret>,
}

/// Writes every value that is missing and records the versions of all.
pub(super) async fn write(
    run: &Run,
    foundation: &Outputs,
    supplied: Supplied,
) -> Result<Finished<Written>> {
    let versions = versions::look(run).await?;
    let known = versions.states.values().filter(|state| state.version.is_some()).count();
    let mut written = Written { versions: versions.wanted, values: Vec::new() };
    let has = |secret: &SecretContainer| versions.states[&secret.key].version.is_some();
    for secret in run.environment.secrets.values() {
        let value = match &secret.value {
            SecretValue::Supplied { .. } => supplied.get(&secret.key).cloned(),
            SecretValue::Generated { kind, length, prefix } if !has(secret) => {
                Some(generate(*kind, *length, prefix)?)
            }
            _ => None,
        };
        match value {
            Some(value) => {
                let token = run.version_id(&secret.key)?;
                put(run, secret, value, &token, false, &mut written).await?;
            }
            None => check_present(secret, has(secret))?,
        }
    }
    for database in &versions.composed {
        // Services that run keep their passwords until the new ones are proved.
        let staged =
            versions::of_database(&run.environment, database).last().is_some_and(|it| has(it));
        compose(run, database, staged, foundation, &mut written).await?;
    }
    keep(run, &written.versions)?;
    let count = written.values.len();
    Ok(if count == 0 {
        Finished::unchanged(format!("{known} have a value"), written)
    } else {
        Finished::done(format!("{} written, {known} had one", plural(count, "value")), written)
    })
}

/// Writes the versions beside the layers that pin them.
pub(super) fn keep(run: &Run, versions: &BTreeMap<String, String>) -> Result<()> {
    let values = json!({ "secret_versions": versions });
    for layer in [Layer::Jobs, Layer::Services] {
        write_values(&run.layer_folder(layer).join(VERSIONS_FILE), &values)?;
    }
    Ok(())
}

/// Writes a new version of one secret, under the run lock (G14); returns its id.
pub async fn set(
    run: &Run,
    caller: &Identity,
    secret: &SecretContainer,
    value: &Secret,
) -> Result<String> {
    if run.cloud.state_store(run.bucket()).await?.is_some() {
        run.hold(&caller.arn).await?;
    }
    let token = run.version_id(&secret.key)?;
    let version = run.cloud.put_secret(&secret.name, value, &token).await;
    run.let_go().await;
    version
}

/// Writes a value; the token becomes the version's id. A staged one does not become current yet.
pub(super) async fn put(
    run: &Run,
    secret: &SecretContainer,
    value: Secret,
    token: &str,
    staged: bool,
    written: &mut Written,
) -> Result<()> {
    let version = if staged {
        run.cloud.stage_secret(&secret.name, &value, token).await?
    } else {
        run.cloud.put_secret(&secret.name, &value, token).await?
    };
    written.versions.insert(secret.key.clone(), version);
    written.values.push(value);
    Ok(())
}

fn check_present(secret: &SecretContainer, has: bool) -> Result<()> {
    let supplied = matches!(secret.value, SecretValue::Supplied { .. });
    if !supplied || !secret.required || has {
        return Ok(());
    }
    Err(Failure::input(format!("the secret {} has no value", secret.key))
        .at(&secret.name)
        .next("run the same command again: it asks for the value before anything is changed"))
}

/// Passwords, verifiers and URLs of a database, all of them anew, in the versions that are pinned.
pub(super) async fn compose(
    run: &Run,
    database: &str,
    staged: bool,
    foundation: &Outputs,
    written: &mut Written,
) -> Result<()> {
    let secrets = versions::of_database(&run.environment, database);
    let Some(version) = secrets.first().and_then(|it| written.versions.get(&it.key)).cloned()
    else {
        return Ok(());
    };
    let host = foundation
        .get("foundation")
        .and_then(|it| it["databases"][database]["host"].as_str())
        .ok_or_else(|| {
            Failure::failed(format!("the foundation has no host for database {database}"))
        })?;
    let logins = Logins::new(run, database, Turn::of(&version))?;
    for secret in secrets {
        let value = logins.composed(&secret.value, host)?;
        put(run, secret, value, &version, staged, written).await?;
    }
    Ok(())
}

/// The logins of a database that get new passwords.
struct Logins<'a> {
    database: &'a str,
    turn: Turn,
    /// By the login's first name.
    passwords: BTreeMap<String, Secret>,
}

impl<'a> Logins<'a> {
    fn new(run: &Run, database: &'a str, turn: Turn) -> Result<Self> {
        let logins = run.environment.databases.get(database).map(|it| it.logins.keys());
        let mut passwords = BTreeMap::new();
        for login in logins.into_iter().flatten() {
            passwords.insert(login.clone(), password()?);
        }
        Ok(Self { database, turn, passwords })
    }

    fn password(&self, login: &str) -> Result<&Secret> {
        self.passwords
            .get(login)
            .ok_or_else(|| Failure::failed(format!("no password was made for the login {login}")))
    }

    fn composed(&self, value: &SecretValue, host: &str) -> Result<Secret> {
        let name = |login: &str| self.turn.login(self.database, login);
        Ok(match value {
            SecretValue::DatabasePassword { login, .. } => self.password(login)?.clone(),
            SecretValue::DatabaseVerifiers { .. } => {
                let names: Vec<String> = self.passwords.keys().map(|login| name(login)).collect();
                verifiers(names.iter().map(String::as_str).zip(self.passwords.values()))?
            }
            SecretValue::DatabaseUrl { login, scheme, dbname, query, .. } => {
                let question = if query.is_empty() { "" } else { "?" };
                let (login, password) = (name(login), self.password(login)?.expose());
                Secret::new(format!(
                    "{scheme}://{login}:{password}@{host}:5432/{dbname}{question}{query}"
                ))
            }
            SecretValue::Generated { .. } | SecretValue::Supplied { .. } => {
                return Err(Failure::failed("this secret is not composed of a password"));
            }
        })
    }
}
