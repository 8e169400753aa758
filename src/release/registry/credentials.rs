//! Credentials for registries, where Docker keeps them: its configuration file, or a credential
//! helper that it names. Nothing is ever written there.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use tokio::io::AsyncWriteExt as _;

use crate::failure::{Failure, Result};
use crate::fs;
use crate::secret::Secret;

/// How long a helper may take; some ask a cloud.
const PATIENCE: Duration = Duration::from_secs(30);

/// Who one is at a registry.
#[derive(Clone, Debug)]
pub enum Credential {
    /// A name and a password.
    Password {
        /// For messages, too.
        user: String,
        /// The password.
        password: Secret,
    },
    /// A token that is exchanged for shorter ones.
    Identity(Secret),
}

impl Credential {
    /// Who it is for, for messages; never the secret part.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Password { user, .. } => format!("as {user}"),
            Self::Identity(_) => "with an identity token".to_owned(),
        }
    }
}

/// Docker's configuration, as far as it holds credentials.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Configuration {
    auths: BTreeMap<String, Entry>,
    cred_helpers: BTreeMap<String, String>,
    creds_store: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Entry {
    auth: Option<Secret>,
    username: Option<String>,
    password: Option<Secret>,
    identitytoken: Option<Secret>,
}

/// What a credential helper answers.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Helped {
    username: String,
    secret: Secret,
}

/// Where credentials are looked for.
#[derive(Debug, Default)]
pub struct Credentials {
    configuration: Configuration,
    path: Option<PathBuf>,
}

impl Credentials {
    /// None at all: registries are asked as a stranger would.
    pub fn none() -> Self {
        Self::default()
    }

    /// Reads `$DOCKER_CONFIG/config.json`, else `~/.docker/config.json`; a file that is not there
    /// holds nothing.
    pub fn load() -> Result<Self> {
        #[expect(clippy::disallowed_methods, reason = "where Docker's configuration is")]
        let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        let folder = variable("DOCKER_CONFIG")
            .map(PathBuf::from)
            .or_else(|| Some(Path::new(&variable("HOME")?).join(".docker")));
        folder.map_or_else(|| Ok(Self::none()), |folder| Self::read(&folder.join("config.json")))
    }

    /// Reads a configuration file.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let Some(bytes) = fs::read_if_present(path)? else { return Ok(Self::none()) };
        let configuration = serde_json::from_slice(&bytes).map_err(|error| {
            // The text of serde may quote the file, and that may be a password.
            Failure::input("Docker's configuration cannot be read")
                .at(format!("{}:{}", path.display(), error.line()))
                .next("correct it, or log in anew: `docker login HOST`")
        })?;
        Ok(Self { configuration, path: Some(path.to_path_buf()) })
    }

    /// Where was looked, for messages.
    pub(super) fn place(&self) -> String {
        self.path.as_ref().map_or_else(
            || "there is no Docker configuration".to_owned(),
            |path| format!("{} holds none", path.display()),
        )
    }

    /// The credential for a registry, by the key that Docker uses; `None` if there is none.
    pub(super) async fn of(&self, key: &str) -> Result<Option<Credential>> {
        let configuration = &self.configuration;
        let helper = configuration.cred_helpers.get(key).or(configuration.creds_store.as_ref());
        if let Some(helper) = helper
            && let Some(credential) = ask_helper(helper, key).await?
        {
            return Ok(Some(credential));
        }
        let same = |known: &str| host(known) == host(key);
        let entry = configuration
            .auths
            .get(key)
            .or_else(|| configuration.auths.iter().find(|(known, _)| same(known)).map(|it| it.1));
        Ok(entry.and_then(Entry::credential))
    }
}

impl Entry {
    fn credential(&self) -> Option<Credential> {
        if let Some(token) = self.identitytoken.as_ref().filter(|token| !token.is_empty()) {
            return Some(Credential::Identity(token.clone()));
        }
        if let (Some(user), Some(password)) = (&self.username, &self.password) {
            return Some(Credential::Password { user: user.clone(), password: password.clone() });
        }
        let decoded = STANDARD.decode(self.auth.as_ref()?.expose()).ok()?;
        let text = Secret::new(String::from_utf8(decoded).ok()?);
        let (user, password) = text.expose().split_once(':')?;
        let password = Secret::new(password.trim_end_matches('\0').to_owned());
        Some(Credential::Password { user: user.to_owned(), password })
    }
}

/// The host of a key: keys are hosts, or addresses with a path.
fn host(key: &str) -> &str {
    let rest = key.split_once("://").map_or(key, |(_, rest)| rest);
    rest.split('/').next().unwrap_or_default()
}

/// Asks `docker-credential-HELPER get`; `None` if it knows nothing of the registry.
async fn ask_helper(helper: &str, key: &str) -> Result<Option<Credential>> {
    let program = format!("docker-credential-{helper}");
    if !helper.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)) {
        return Err(Failure::input(format!("{helper:?} is not a credential helper"))
            .next("correct credHelpers and credsStore in Docker's configuration"));
    }
    let work = async {
        #[expect(clippy::disallowed_methods, reason = "credential helpers are programs")]
        let mut child = tokio::process::Command::new(&program)
            .arg("get")
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(key.as_bytes()).await?;
        }
        child.wait_with_output().await
    };
    let failed = || {
        Failure::failed(format!("the credential helper {program} gives no answer"))
            .because(format!("Docker's configuration names it for {key}"))
            .next(format!("make this work: `echo {key} | {program} get`"))
    };
    let output = match tokio::time::timeout(PATIENCE, work).await {
        Ok(Ok(output)) => output,
        Ok(Err(error)) => return Err(failed().caused_by(error)),
        Err(_) => return Err(failed()),
    };
    if !output.status.success() {
        return Ok(None); // It has none for this registry.
    }
    let answer: Helped = serde_json::from_slice(&output.stdout).map_err(|_| failed())?;
    Ok(Some(if answer.username == "<token>" {
        Credential::Identity(answer.secret)
    } else {
        Credential::Password { user: answer.username, password: answer.secret }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(json: &str, key: &str) -> Option<(String, String)> {
        let configuration = serde_json::from_str(json).expect("it is JSON");
        let credentials = Credentials { configuration, path: None };
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        match runtime.block_on(credentials.of(key)).expect("no helper") {
            Some(Credential::Password { user, password }) => {
                Some((user, password.expose().to_owned()))
            }
            Some(Credential::Identity(token)) => Some(("<token>".into(), token.expose().into())),
            None => None,
        }
    }

    #[test]
    fn dockers_ways_to_keep_a_password() {
        let pair = |user: &str, password: &str| Some((user.to_owned(), password.to_owned()));
        let json = r#"{"auths": {
            "registry.ledger.example": {"auth": "a2ltOnBhOnNz"},
            "https://index.docker.io/v1/": {"username": "kim", "password": "x"},
            "https://other.example/v2/": {"identitytoken": "t"},
            "empty.example": {}
        }, "currentContext": "default"}"#;
        assert_eq!(of(json, "registry.ledger.example"), pair("kim", "pa:ss"));
        assert_eq!(of(json, "https://index.docker.io/v1/"), pair("kim", "x"));
        assert_eq!(of(json, "other.example"), pair("<token>", "t"));
        assert_eq!(of(json, "empty.example"), None);
        assert_eq!(of(json, "unknown.example"), None);
        assert_eq!(of("{}", "unknown.example"), None);
    }

    #[tokio::test]
    async fn a_helper_is_a_name_and_no_path() {
        let failure = ask_helper("../../bin/sh", "x").await.expect_err("refused");
        assert!(failure.to_string().contains("not a credential helper"), "{failure}");
        let failure = ask_helper("no-such-helper", "x").await.expect_err("it is not installed");
        assert!(failure.to_string().contains("docker-credential-no-such-helper"), "{failure}");
    }
}
