//! Secrets: containers come from applied resources, values only as salted hashes.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use super::Account;
use super::content::Content;
use crate::cloud::{CURRENT, NEXT, SecretState};
use crate::failure::{Failure, Result};
use crate::secret::Secret;

/// Enough that nobody tries words against the file; a test machine does it in milliseconds.
const ROUNDS: NonZeroU32 = NonZeroU32::new(10_000).unwrap();

/// The versions of one secret.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Versions {
    /// Version id → salted hash of the value, hexadecimal.
    values: BTreeMap<String, String>,
    /// The version id that is `AWSCURRENT`.
    current: String,
    /// Every other label → its version id. A version without a label stays, which AWS does not
    /// promise.
    #[serde(default)]
    labels: BTreeMap<String, String>,
}

/// The label that the platform itself gives to the version before the current one.
const PLATFORM_PREVIOUS: &str = "AWSPREVIOUS";

impl Versions {
    /// Makes a version current, as AWS does: the one before it keeps a label.
    fn promote(&mut self, version: &str) {
        if self.current != version && !self.current.is_empty() {
            self.labels.insert(PLATFORM_PREVIOUS.to_owned(), self.current.clone());
        }
        version.clone_into(&mut self.current);
    }

    pub(super) fn has(&self, version: &str) -> bool {
        self.values.contains_key(version)
    }
}

pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl Content {
    /// The ARN of a secret's container, by ARN or name.
    pub(super) fn secret_arn(&self, id: &str) -> Option<&str> {
        let named = |state: &&serde_json::Value| state["arn"] == id || state["name"] == id;
        self.states("aws_secretsmanager_secret").find(named)?["arn"].as_str()
    }

    fn hash(&self, arn: &str, value: &Secret) -> String {
        let salt = format!("{}{arn}", self.salt);
        let mut hash = [0; 32];
        ring::pbkdf2::derive(
            ring::pbkdf2::PBKDF2_HMAC_SHA256,
            ROUNDS,
            salt.as_bytes(),
            value.expose().as_bytes(),
            &mut hash,
        );
        hexadecimal(&hash)
    }
}

impl Account {
    /// Whether a container exists, and its labelled versions.
    pub(crate) fn secret(&self, id: &str) -> SecretState {
        let content = self.content();
        let Some(arn) = content.secret_arn(id) else { return SecretState::default() };
        let versions = content.secrets.get(arn);
        let current = versions.map(|versions| versions.current.clone());
        SecretState {
            exists: true,
            version: current.filter(|current| !current.is_empty()),
            next: versions.and_then(|versions| versions.labels.get(NEXT).cloned()),
        }
    }

    /// Writes a version that becomes current; as on AWS the token is the version's id.
    pub(crate) fn put_secret(&self, id: &str, value: &Secret, token: &str) -> Result<String> {
        self.write_secret(id, value, token, CURRENT)
    }

    /// Writes a version beside the current one.
    pub(crate) fn stage_secret(&self, id: &str, value: &Secret, token: &str) -> Result<String> {
        self.write_secret(id, value, token, NEXT)
    }

    fn write_secret(&self, id: &str, value: &Secret, token: &str, label: &str) -> Result<String> {
        let failed = |why: &str| {
            Failure::failed(format!("cannot write the secret {id}")).because(why.to_owned())
        };
        let (arn, hash) = {
            let content = self.content();
            let arn = content.secret_arn(id).map(str::to_owned).ok_or_else(|| {
                failed("ResourceNotFoundException: Secrets Manager can't find the specified secret")
            })?;
            let hash = content.hash(&arn, value);
            (arn, hash)
        };
        if !(32..=64).contains(&token.len()) {
            return Err(failed(
                "InvalidParameterException: the token must have 32 to 64 characters",
            ));
        }
        self.change(|content| {
            let versions = content.secrets.entry(arn).or_default();
            if versions.values.get(token).is_some_and(|written| *written != hash) {
                return Err(failed(
                    "ResourceExistsException: the version id is taken by another value",
                ));
            }
            versions.values.insert(token.to_owned(), hash);
            if label == CURRENT {
                versions.promote(token);
            } else {
                versions.labels.insert(label.to_owned(), token.to_owned());
            }
            Ok(token.to_owned())
        })?
    }

    /// Moves a label to a version, or takes it away.
    pub(crate) fn label_secret(&self, id: &str, label: &str, version: Option<&str>) -> Result<()> {
        let failed = |why: String| {
            Failure::failed(format!("cannot move the label {label} of the secret {id}"))
                .because(format!("ResourceNotFoundException: {why}"))
        };
        let arn = self.content().secret_arn(id).map(str::to_owned);
        let arn = arn.ok_or_else(|| failed("there is no such secret".to_owned()))?;
        self.change(|content| {
            let versions = content.secrets.entry(arn).or_default();
            let Some(version) = version else {
                versions.labels.remove(label);
                return Ok(());
            };
            if !versions.has(version) {
                return Err(failed(format!("there is no version {version}")));
            }
            if label == CURRENT {
                versions.promote(version);
            } else {
                versions.labels.insert(label.to_owned(), version.to_owned());
            }
            Ok(())
        })?
    }
}
