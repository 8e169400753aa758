//! Step `secrets`: values go into their containers by API, never through Terraform, and are never
//! read back. What is generated is generated here; what is composed of a generated password is
//! composed at that moment, and made anew together with it on a resume.

use std::collections::BTreeMap;

use serde_json::json;

use super::context::{Finished, Outputs, Run, Supplied};
use super::layer::write_values;
use crate::cloud::Identity;
use crate::database::{generate, password, verifiers};
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
    let mut written = Written::default();
    for secret in run.containers().values() {
        if let Some(version) = run.cloud.secret(&secret.name).await?.version {
            written.versions.insert(secret.key.clone(), version);
        }
    }
    let known = written.versions.len();
    for secret in run.environment.secrets.values() {
        let value = match &secret.value {
            SecretValue::Supplied { .. } => supplied.get(&secret.key).cloned(),
            _ if written.versions.contains_key(&secret.key) => None,
            SecretValue::Generated { kind, length, prefix } => {
                Some(generate(*kind, *length, prefix)?)
            }
            _ => None,
        };
        match value {
            Some(value) => put(run, secret, value, &mut written).await?,
            None => check_present(secret, &written)?,
        }
    }
    for database in run.environment.databases.keys() {
        compose(run, database, foundation, &mut written).await?;
    }
    let values = json!({ "secret_versions": written.versions });
    for layer in [Layer::Jobs, Layer::Services] {
        write_values(&run.layer_folder(layer).join(VERSIONS_FILE), &values)?;
    }
    let count = written.values.len();
    Ok(if count == 0 {
        Finished::unchanged(format!("{known} have a value"), written)
    } else {
        Finished::done(format!("{} written, {known} had one", plural(count, "value")), written)
    })
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

async fn put(
    run: &Run,
    secret: &SecretContainer,
    value: Secret,
    written: &mut Written,
) -> Result<()> {
    // The token becomes the version's id.
    let token = run.version_id(&secret.key)?;
    let version = run.cloud.put_secret(&secret.name, &value, &token).await?;
    written.versions.insert(secret.key.clone(), version);
    written.values.push(value);
    Ok(())
}

fn check_present(secret: &SecretContainer, written: &Written) -> Result<()> {
    let supplied = matches!(secret.value, SecretValue::Supplied { .. });
    if !supplied || !secret.required || written.versions.contains_key(&secret.key) {
        return Ok(());
    }
    Err(Failure::input(format!("the secret {} has no value", secret.key))
        .at(&secret.name)
        .next("run the same command again: it asks for the value before anything is changed"))
}

/// Passwords, verifiers and URLs of a database: all of them, or none.
async fn compose(
    run: &Run,
    database: &str,
    foundation: &Outputs,
    written: &mut Written,
) -> Result<()> {
    let of_database: Vec<&SecretContainer> = run
        .environment
        .secrets
        .values()
        .filter(|secret| match &secret.value {
            SecretValue::DatabasePassword { database: its, .. }
            | SecretValue::DatabaseVerifiers { database: its }
            | SecretValue::DatabaseUrl { database: its, .. } => its == database,
            _ => false,
        })
        .collect();
    if of_database.iter().all(|secret| written.versions.contains_key(&secret.key)) {
        return Ok(());
    }
    let logins = run.environment.databases.get(database).map(|it| it.logins.keys());
    let mut passwords = BTreeMap::new();
    for login in logins.into_iter().flatten() {
        passwords.insert(login.clone(), password()?);
    }
    let host = foundation
        .get("foundation")
        .and_then(|it| it["databases"][database]["host"].as_str())
        .ok_or_else(|| {
            Failure::failed(format!("the foundation has no host for database {database}"))
        })?;
    for secret in of_database {
        let value = composed(&secret.value, &passwords, host)?;
        put(run, secret, value, written).await?;
    }
    Ok(())
}

fn composed(
    value: &SecretValue,
    passwords: &BTreeMap<String, Secret>,
    host: &str,
) -> Result<Secret> {
    let password = |login: &str| {
        passwords
            .get(login)
            .ok_or_else(|| Failure::failed(format!("no password was made for the login {login}")))
    };
    Ok(match value {
        SecretValue::DatabasePassword { login, .. } => password(login)?.clone(),
        SecretValue::DatabaseVerifiers { .. } => {
            verifiers(passwords.iter().map(|(login, password)| (login.as_str(), password)))?
        }
        SecretValue::DatabaseUrl { login, scheme, dbname, query, .. } => {
            let question = if query.is_empty() { "" } else { "?" };
            let password = password(login)?;
            Secret::new(format!(
                "{scheme}://{login}:{}@{host}:5432/{dbname}{question}{query}",
                password.expose()
            ))
        }
        SecretValue::Generated { .. } | SecretValue::Supplied { .. } => {
            return Err(Failure::failed("this secret is not composed of a password"));
        }
    })
}
