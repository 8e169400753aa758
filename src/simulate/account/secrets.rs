//! Secrets: containers come from applied resources, values only as salted hashes.
//!
//! On AWS the token of a write is the version's id, and labels are stages; on Google Cloud versions
//! are numbered, and labels are aliases.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::Account;
use super::content::Content;
use super::workloads::text;
use crate::cloud::{CURRENT, NEXT, SecretState};
use crate::failure::{Failure, Result};
use crate::secret::Secret;
use crate::simulate::platform::Platform;

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
    /// Token of a write → the version that it made, where that is another text.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    tokens: BTreeMap<String, String>,
}

/// The label that the platform itself gives to the version before the current one.
const PLATFORM_PREVIOUS: &str = "AWSPREVIOUS";

/// The resource type of secrets on Google Cloud.
pub(super) const GOOGLE: &str = "google_secret_manager_secret";

/// The resource type of versions that terraform itself writes.
pub(super) const GOOGLE_VERSION: &str = "google_secret_manager_secret_version";

/// The alias of the current version on Google Cloud.
const GOOGLE_CURRENT: &str = "landfall-current";

impl Versions {
    /// Makes a version current; on AWS the one before it keeps a label.
    fn promote(&mut self, version: &str, platform: Platform) {
        let replaces = self.current != version && !self.current.is_empty();
        if replaces && platform == Platform::Aws {
            self.labels.insert(PLATFORM_PREVIOUS.to_owned(), self.current.clone());
        }
        version.clone_into(&mut self.current);
    }

    pub(super) fn has(&self, version: &str) -> bool {
        self.values.contains_key(version)
    }

    /// Whether Google finds a value under a version's number, an alias or `latest`.
    pub(super) fn answers(&self, version: &str) -> bool {
        match version {
            "latest" => self.newest().is_some(),
            GOOGLE_CURRENT => !self.current.is_empty(),
            version => self.has(version) || self.labels.contains_key(version),
        }
    }

    /// The highest number.
    fn newest(&self) -> Option<u32> {
        self.values.keys().filter_map(|version| version.parse().ok()).max()
    }

    /// The id that a write with this token gets.
    fn id_of(&self, token: &str, platform: Platform) -> String {
        match (platform, self.tokens.get(token)) {
            (Platform::Aws, _) => token.to_owned(),
            (Platform::Google, Some(version)) => version.clone(),
            (Platform::Google, None) => (self.newest().unwrap_or_default() + 1).to_string(),
        }
    }

    /// The version that is handed out; without an alias Google hands out the newest.
    fn current(&self, platform: Platform) -> Option<String> {
        if platform == Platform::Google && self.current.is_empty() {
            return self.newest().map(|newest| newest.to_string());
        }
        Some(self.current.clone()).filter(|current| !current.is_empty())
    }
}

/// The number that the next version gets, where the platform numbers them.
fn after(platform: Platform, versions: Option<&Versions>) -> Option<String> {
    let newest = versions.and_then(Versions::newest).unwrap_or_default();
    (platform == Platform::Google).then(|| (newest + 1).to_string())
}

pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl Content {
    /// What a secret is kept under, its ARN or id; by that or its name.
    pub(super) fn secret_key(&self, id: &str) -> Option<&str> {
        let (kind, key, identifiers) = match self.platform() {
            Platform::Aws => ("aws_secretsmanager_secret", "arn", &["arn", "name"][..]),
            Platform::Google => (GOOGLE, "id", &["id", "name", "secret_id"][..]),
        };
        let named = |state: &&Json| identifiers.iter().any(|name| state[*name] == id);
        self.states(kind).find(named)?[key].as_str()
    }

    /// In the platform's words, that something is not there.
    fn not_found(&self, aws: &str, google: &str) -> String {
        match self.platform() {
            Platform::Aws => format!("ResourceNotFoundException: {aws}"),
            Platform::Google => format!("NOT_FOUND: {google}"),
        }
    }

    /// The aliases of a secret as terraform reads them; null if there are none.
    pub(super) fn aliases(&self, key: &str) -> Json {
        let Some(versions) = self.secrets.get(key) else { return Json::Null };
        let mut aliases = versions.labels.clone();
        if !versions.current.is_empty() {
            aliases.insert(GOOGLE_CURRENT.to_owned(), versions.current.clone());
        }
        if aliases.is_empty() { Json::Null } else { serde_json::json!(aliases) }
    }

    /// Terraform wrote a version itself: its value is in no file of ours.
    pub(super) fn version_by_terraform(&mut self, state: &Json) {
        let Some(key) = self.secret_key(text(state, "secret")).map(str::to_owned) else { return };
        let versions = self.secrets.entry(key).or_default();
        versions.values.insert(text(state, "version").to_owned(), "terraform".to_owned());
    }

    /// Terraform destroyed a version that it wrote.
    pub(super) fn forget_version(&mut self, state: &Json) {
        let key = self.secret_key(text(state, "secret")).map(str::to_owned);
        if let Some(versions) = key.and_then(|key| self.secrets.get_mut(&key)) {
            versions.values.remove(text(state, "version"));
        }
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
        let platform = content.platform();
        let key = content.secret_key(id);
        let versions = key.and_then(|key| content.secrets.get(key));
        let version = versions.and_then(|versions| versions.current(platform));
        let upcoming = version.is_none().then(|| after(platform, versions)).flatten();
        SecretState {
            exists: key.is_some(),
            version,
            next: versions.and_then(|versions| versions.labels.get(NEXT).cloned()),
            upcoming,
        }
    }

    /// The number that the next version of a secret will get, where the platform numbers them.
    pub(crate) fn upcoming_version(&self, id: &str) -> Option<String> {
        let content = self.content();
        let versions = content.secret_key(id).and_then(|key| content.secrets.get(key));
        after(content.platform(), versions)
    }

    /// Writes a version that becomes current; returns its id.
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
        let (arn, hash, platform) = {
            let content = self.content();
            let arn = content.secret_key(id).map(str::to_owned).ok_or_else(|| {
                failed(&content.not_found(
                    "Secrets Manager can't find the specified secret",
                    &format!("Secret [{id}] not found."),
                ))
            })?;
            let hash = content.hash(&arn, value);
            (arn, hash, content.platform())
        };
        if !(32..=64).contains(&token.len()) {
            return Err(failed(
                "InvalidParameterException: the token must have 32 to 64 characters",
            ));
        }
        self.change(|content| {
            let versions = content.secrets.entry(arn).or_default();
            let version = versions.id_of(token, platform);
            if versions.values.get(&version).is_some_and(|written| *written != hash) {
                return Err(failed(
                    "ResourceExistsException: the version id is taken by another value",
                ));
            }
            versions.values.insert(version.clone(), hash);
            if platform == Platform::Google {
                versions.tokens.insert(token.to_owned(), version.clone());
            }
            if label == CURRENT {
                versions.promote(&version, platform);
            } else {
                versions.labels.insert(label.to_owned(), version.clone());
            }
            Ok(version)
        })?
    }

    /// Moves a label to a version, or takes it away.
    pub(crate) fn label_secret(&self, id: &str, label: &str, version: Option<&str>) -> Result<()> {
        let failed = |why: &str| {
            let why = self.content().not_found(why, why);
            Failure::failed(format!("cannot move the label {label} of the secret {id}"))
                .because(why)
        };
        let arn = self.content().secret_key(id).map(str::to_owned);
        let arn = arn.ok_or_else(|| failed("there is no such secret"))?;
        let moved = self.change(|content| {
            let platform = content.platform();
            let versions = content.secrets.entry(arn).or_default();
            let Some(version) = version else {
                versions.labels.remove(label);
                if label == CURRENT && platform == Platform::Google {
                    versions.current.clear();
                }
                return true;
            };
            if !versions.has(version) {
                return false;
            }
            if label == CURRENT {
                versions.promote(version, platform);
            } else {
                versions.labels.insert(label.to_owned(), version.to_owned());
            }
            true
        })?;
        let missing = version.filter(|_| !moved);
        missing.map_or(Ok(()), |version| Err(failed(&format!("there is no version {version}"))))
    }

    /// The number that the next version of a secret gets.
    pub(crate) fn next_version(&self, secret: &str) -> u32 {
        let content = self.content();
        let versions = content.secret_key(secret).and_then(|key| content.secrets.get(key));
        versions.and_then(Versions::newest).unwrap_or_default() + 1
    }

    /// Terraform sets the aliases of a secret to what its plan says, ours included.
    pub(crate) fn set_aliases(&self, key: &str, aliases: &Json) -> Result<()> {
        let aliases = aliases.as_object().into_iter().flatten();
        let mut labels: BTreeMap<String, String> = aliases
            .filter_map(|(alias, version)| Some((alias.clone(), version.as_str()?.to_owned())))
            .collect();
        self.change(|content| {
            let versions = content.secrets.entry(key.to_owned()).or_default();
            versions.current = labels.remove(GOOGLE_CURRENT).unwrap_or_default();
            versions.labels = labels;
        })
    }
}
