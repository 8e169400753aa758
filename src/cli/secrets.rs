//! `landfall secrets`: which secrets there are, which have a value, and a new value for one. The
//! way of a rotation is in `rotate`.
//! A value is never shown and never read back.

use std::collections::BTreeMap;

use clap::Subcommand;

use super::answers;
use super::interview::{self, Interview};
use super::rotate::Rotate;
use super::setup::{EngineArguments, block_on, start};
use super::{Format, Global};
use crate::cloud::Identity;
use crate::engine::Weight;
use crate::environment::model::{SecretContainer, SecretValue};
use crate::failure::{Exit, Failure, Result};
use crate::run::{self, Run};
use crate::secret::Secret;

/// List, set, check and rotate secrets; values are never shown
#[derive(Debug, clap::Args)]
pub(super) struct Secrets {
    /// Environment
    name: String,
    #[command(subcommand)]
    verb: Verb,
    #[command(flatten)]
    engine: EngineArguments,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Every secret, where it is kept, and whether it has a value
    List,
    /// Write a new version of a supplied secret; asks for it without echo
    Set {
        /// Key, as in `list`
        key: String,
        /// Where the value comes from instead: a file of mode 0600, or `-` for standard input
        #[arg(long, value_name = "FILE|-")]
        from: Option<String>,
    },
    /// Exit with 1 if a required secret has no value
    Check,
    /// Give a secret a new value: services and jobs move to it, are proved with it, and only then
    /// is the old one taken out of use; if they do not get healthy, they keep the old one
    Rotate(Rotate),
}

impl Secrets {
    pub(super) fn run(self, global: &Global) -> Result<Exit> {
        if let Verb::Rotate(rotate) = self.verb {
            return rotate.run(global, &self.name, &self.engine);
        }
        let site = global.site()?;
        let name = site.choose(Some(&self.name))?;
        let loaded = site.load(&name)?;
        // The value is asked for before anything else: nothing waits while a person types.
        let value = match &self.verb {
            Verb::Set { key, from } => {
                Some(new_value(global, &loaded.environment.secrets, key, from.as_deref())?)
            }
            _ => None,
        };
        block_on(async {
            let quiet = Global { quiet: true, ..global.clone() };
            let weight = if value.is_some() { Weight::Install } else { Weight::Read };
            let command = format!("secrets {name}");
            let (run, _engine) =
                start(&quiet, &site, loaded, &self.engine, weight, Interview::default(), command)
                    .await?;
            let identity = run.check_identity().await?;
            match (&self.verb, value) {
                (Verb::Set { key, .. }, Some(value)) => set(&run, &identity, key, &value).await,
                (Verb::Check, _) => check(&run).await,
                _ => list(global, &run).await,
            }
        })
    }
}

fn new_value(
    global: &Global,
    secrets: &BTreeMap<String, SecretContainer>,
    key: &str,
    from: Option<&str>,
) -> Result<Secret> {
    let known: Vec<&str> = secrets
        .values()
        .filter(|secret| matches!(secret.value, SecretValue::Supplied { .. }))
        .map(|secret| secret.key.as_str())
        .collect();
    let secret = secrets.get(key).filter(|secret| known.contains(&secret.key.as_str()));
    let secret = secret.ok_or_else(|| {
        Failure::input(format!("{key} is not a supplied secret"))
            .because(format!("supplied secrets here: {}", known.join(", ")))
            .because("what Landfall generates, it also replaces; a person never does")
    })?;
    let value = match from {
        Some("-") => one_line(&answers::standard_input()?),
        Some(path) => one_line(&answers::private_file(std::path::Path::new(path))?),
        None if global.can_ask() => interview::hidden_line(&format!("New value of {key}"))?,
        None => {
            return Err(Failure::input(format!(
                "no value for {key}, and there is no terminal to ask at"
            ))
            .next("give it: `--from FILE` or `--from -`"));
        }
    };
    interview::check(secret, &value)?;
    Ok(value)
}

/// Editors and `echo` end a file with a line break that is not part of the value.
fn one_line(text: &Secret) -> Secret {
    let text = text.expose();
    let text = text.strip_suffix('\n').unwrap_or(text);
    Secret::new(text.strip_suffix('\r').unwrap_or(text).to_owned())
}

async fn set(run: &Run, caller: &Identity, key: &str, value: &Secret) -> Result<Exit> {
    let Some(secret) = run.environment.secrets.get(key) else {
        return Err(Failure::input(format!("there is no secret {key}")));
    };
    if !run.cloud.secret(&secret.name).await?.exists {
        return Err(Failure::input(format!("the secret {key} has no container yet"))
            .at(&secret.name)
            .next(format!("landfall install {}: it asks for the value", run.environment.name)));
    }
    let version = run::set_secret(run, caller, secret, value).await?;
    super::say(&format!("{key}: new version {version}"));
    super::say(&format!(
        "running tasks keep the old value; to move them: landfall update {}",
        run.environment.name
    ));
    Ok(Exit::Done)
}

async fn list(global: &Global, run: &Run) -> Result<Exit> {
    for secret in run.environment.secrets.values() {
        let found = run.cloud.secret(&secret.name).await?;
        let (version, next) = (found.version, found.next);
        let origin = match &secret.value {
            SecretValue::Supplied { .. } => "supplied",
            SecretValue::Generated { .. } => "generated",
            _ => "composed",
        };
        match global.format {
            Format::Human => {
                let state = match (&version, &next) {
                    (None, _) => "no value",
                    (Some(_), None) => "has a value",
                    // A rotation is under way, or was stopped.
                    (Some(_), Some(_)) => "two values",
                };
                super::print(&format!(
                    "{:<28} {origin:<10} {state:<12} {}",
                    secret.key, secret.name
                ));
            }
            Format::Json => super::print(
                &serde_json::json!({
                    "key": secret.key, "name": secret.name, "origin": origin,
                    "required": secret.required, "version": version, "next": next,
                })
                .to_string(),
            ),
        }
    }
    Ok(Exit::Done)
}

async fn check(run: &Run) -> Result<Exit> {
    let mut missing = Vec::new();
    for secret in run.environment.secrets.values().filter(|secret| secret.required) {
        if run.cloud.secret(&secret.name).await?.version.is_none() {
            missing.push(secret);
        }
    }
    if missing.is_empty() {
        super::say("every required secret has a value");
        return Ok(Exit::Done);
    }
    let mut failure = Failure::failed("required secrets have no value");
    for secret in missing {
        failure = failure.because(format!("{} ({})", secret.key, secret.name));
    }
    Err(failure.next(format!("landfall install {}", run.environment.name)))
}
