//! Which program: terraform or tofu, found once, new enough.

use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use semver::Version;
use serde::Deserialize;

use super::arguments;
use super::command::Command;
use super::environment::{Engine, Environment, States, owned};
use super::run::Layer;
use crate::failure::{Failure, Result};

/// The oldest that works: write-only arguments and the S3 lock file are complete in 1.11, in
/// `OpenTofu` as well.
const OLDEST: Version = Version::new(1, 11, 0);

/// Names that are looked for on the PATH, in this order.
const NAMES: [&str; 2] = ["terraform", "tofu"];

const HOW_TO_GET_IT: &str = "install Terraform 1.11 or newer \
    (https://developer.hashicorp.com/terraform/install) or OpenTofu 1.11 or newer \
    (https://opentofu.org/docs/intro/install), or name one with `--terraform PATH`";

/// A terraform that was found and asked for its version once. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Terraform(Arc<Found>);

#[derive(Debug)]
struct Found {
    path: PathBuf,
    version: Version,
    environment: Environment,
    /// Where the states of layers with an `http` backend lie.
    states: Option<States>,
}

#[derive(Deserialize)]
struct Printed {
    terraform_version: String,
}

impl Terraform {
    /// Finds the program: `given` may be a path or a name on the PATH; without it, `terraform`,
    /// then `tofu`. Fails (exit 2) if there is none or it is too old.
    #[expect(clippy::disallowed_methods, reason = "terraform's environment is built from ours")]
    pub async fn find(given: Option<&Path>, engine: Engine) -> Result<Self> {
        let environment = owned(std::env::vars_os(), &engine);
        let search = std::env::var_os("PATH").unwrap_or_default();
        let path = locate(given, &search)?;
        let version = ask_version(&path, &environment).await?;
        if version < OLDEST {
            return Err(Failure::input(format!("{} is version {version}", path.display()))
                .because(format!("the rendered Terraform needs {OLDEST} or newer"))
                .next(HOW_TO_GET_IT));
        }
        let states = engine.states().cloned();
        Ok(Self(Arc::new(Found { path, version, environment, states })))
    }

    /// The same program against another engine.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "terraform's environment is built from ours")]
    pub fn with_engine(&self, engine: &Engine) -> Self {
        Self(Arc::new(Found {
            path: self.0.path.clone(),
            version: self.0.version.clone(),
            environment: owned(std::env::vars_os(), engine),
            states: engine.states().cloned(),
        }))
    }

    /// A layer's folder. `logs` is the run's folder (made with mode 0700 if absent), where
    /// terraform's streams are kept; `name` is the layer's name in messages.
    pub fn layer(&self, folder: &Path, logs: &Path, name: &str) -> Layer {
        let terraform = match &self.0.states {
            Some(states) => self.with_state(states, name),
            None => self.clone(),
        };
        Layer::new(terraform, folder, logs, name)
    }

    fn with_state(&self, states: &States, layer: &str) -> Self {
        let mut environment = self.0.environment.clone();
        environment.set_http_backend(states, layer);
        Self(Arc::new(Found {
            path: self.0.path.clone(),
            version: self.0.version.clone(),
            environment,
            states: None,
        }))
    }

    /// The program, an absolute path.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// Its version; `OpenTofu` counts on its own.
    pub fn version(&self) -> &Version {
        &self.0.version
    }

    /// Names of the person's variables that terraform does not see, for `-v`. No values.
    pub fn dropped_variables(&self) -> &[String] {
        &self.0.environment.dropped
    }

    pub(super) fn variables(&self) -> &[(OsString, OsString)] {
        &self.0.environment.variables
    }
}

/// The absolute path of the program: terraform runs in other folders than we do.
fn locate(given: Option<&Path>, search: &OsString) -> Result<PathBuf> {
    let absent = |what: String| Failure::input(what).next(HOW_TO_GET_IT);
    let on_path = |name: &Path| {
        std::env::split_paths(search).map(|folder| folder.join(name)).find(|path| is_program(path))
    };
    let found = match given {
        None => NAMES.iter().find_map(|name| on_path(Path::new(name))),
        Some(path) if path.components().count() > 1 => {
            Some(path.to_owned()).filter(|path| is_program(path))
        }
        Some(name) => on_path(name).or_else(|| Some(name.to_owned()).filter(|it| is_program(it))),
    };
    let path = found.ok_or_else(|| match given {
        Some(given) => absent(format!("no program at {}", given.display())),
        None => absent("neither terraform nor tofu is on the PATH".to_owned()),
    })?;
    std::path::absolute(&path).map_err(|error| {
        Failure::failed(format!("cannot find {}", path.display())).caused_by(error)
    })
}

fn is_program(path: &Path) -> bool {
    path.metadata().is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o111 != 0)
}

async fn ask_version(path: &Path, environment: &Environment) -> Result<Version> {
    let command = Command::bare(path, "ask terraform for its version", arguments::version());
    let printed = command.environment(&environment.variables).capture().await?;
    read_version(&printed).ok_or_else(|| {
        Failure::input(format!("{} does not tell a terraform version", path.display()))
            .next(HOW_TO_GET_IT)
    })
}

fn read_version(printed: &[u8]) -> Option<Version> {
    let printed: Printed = serde_json::from_slice(printed).ok()?;
    Version::parse(&printed.terraform_version).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn the_version_is_read_from_json() {
        let printed = br#"{"terraform_version":"1.12.0-beta1","platform":"linux_amd64"}"#;
        assert_eq!(read_version(printed), Some(Version::parse("1.12.0-beta1").unwrap()));
        assert_eq!(read_version(b"Terraform v0.11.2"), None);
    }

    #[test]
    fn a_missing_program_comes_with_how_to_get_it() {
        let text = locate(None, &"/no/such/folder".into()).unwrap_err().to_string();
        assert!(text.starts_with("error: neither terraform nor tofu is on the PATH"), "{text}");
        assert!(text.contains("developer.hashicorp.com"), "{text}");
        let given = locate(Some(Path::new("./nope")), &OsString::new()).unwrap_err();
        assert_eq!(given.what(), "no program at ./nope");
    }

    #[test]
    fn a_name_is_looked_up_and_a_file_without_the_right_to_run_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("tofu");
        crate::fs::write(&program, b"#!/bin/sh\n").unwrap();
        let search = folder.path().as_os_str().to_owned();
        assert!(locate(Some(Path::new("tofu")), &search).is_err());
        let mut rights = program.metadata().unwrap().permissions();
        rights.set_mode(0o755);
        #[expect(clippy::disallowed_methods, reason = "a test makes a program")]
        std::fs::set_permissions(&program, rights).unwrap();
        assert_eq!(locate(Some(Path::new("tofu")), &search).unwrap(), program);
        assert_eq!(locate(None, &search).unwrap(), program);
    }
}
