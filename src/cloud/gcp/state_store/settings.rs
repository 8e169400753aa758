//! The settings of the state bucket: what they are, whether a bucket has them, and the change that
//! gives it those that it lacks. What a person set beyond them is kept.

use serde::Deserialize;
use serde_json::{Value, json};

/// Days until an old version goes, unless it is one of the newest: old states are what a rescue
/// needs.
const VERSION_DAYS: u32 = 365;
/// Newer versions that an object must have before an old one goes.
const NEWEST_VERSIONS: u32 = 30;
/// Days until a spent lock goes: every lock leaves a version behind.
const LOCK_DAYS: u32 = 1;
/// Days until the parts of a broken upload go.
const UPLOAD_DAYS: u32 = 7;
/// How the keys of locks end: our own, and those of terraform's `gcs` backend.
const LOCKS: [&str; 2] = ["run.lock", ".tflock"];

/// `storage.v1#Bucket`, as far as it is looked at.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Bucket {
    pub(super) project_number: String,
    /// Upper case: `EUROPE-WEST3`.
    pub(super) location: String,
    pub(super) metageneration: String,
    iam_configuration: IamConfiguration,
    versioning: Switch,
    encryption: Encryption,
    lifecycle: Lifecycle,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct IamConfiguration {
    uniform_bucket_level_access: Switch,
    public_access_prevention: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Encryption {
    /// Empty if it is Google's own.
    default_kms_key_name: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Switch {
    enabled: bool,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Lifecycle {
    rule: Vec<Value>,
}

impl Bucket {
    pub(super) fn is_versioned(&self) -> bool {
        self.versioning.enabled
    }

    /// Nobody gets in by an access list, and nobody without an account gets in at all.
    pub(super) fn is_private(&self) -> bool {
        let access = &self.iam_configuration;
        access.uniform_bucket_level_access.enabled && access.public_access_prevention == "enforced"
    }

    /// Whether new objects are encrypted with the key that is asked for, if one is.
    fn has_key(&self, key: Option<&str>) -> bool {
        key.is_none_or(|key| self.encryption.default_kms_key_name == key)
    }

    /// The names of the settings that it lacks.
    pub(super) fn missing(&self, key: Option<&str>) -> Vec<&'static str> {
        let mut missing = Vec::new();
        if !self.is_versioned() {
            missing.push("versioning");
        }
        if !self.is_private() {
            missing.push("uniform access without public access");
        }
        if !self.has_key(key) {
            missing.push("the key");
        }
        if !rules().iter().all(|rule| self.has(rule)) {
            missing.push("expiry of old versions and locks");
        }
        missing
    }

    /// The change that gives it what it lacks; `None` if that is nothing.
    pub(super) fn change(&self, key: Option<&str>) -> Option<Value> {
        let mut change = json!({});
        if !self.is_versioned() {
            change["versioning"] = json!({ "enabled": true });
        }
        if !self.is_private() {
            change["iamConfiguration"] = access();
        }
        if !self.has_key(key) {
            change["encryption"] = encryption(key);
        }
        let absent: Vec<Value> = rules().into_iter().filter(|rule| !self.has(rule)).collect();
        if !absent.is_empty() {
            let all: Vec<&Value> = self.lifecycle.rule.iter().chain(&absent).collect();
            change["lifecycle"] = json!({ "rule": all });
        }
        change.as_object().is_some_and(|parts| !parts.is_empty()).then_some(change)
    }

    fn has(&self, wanted: &Value) -> bool {
        self.lifecycle.rule.iter().any(|rule| holds(rule, wanted))
    }
}

/// A new bucket with all of its settings.
pub(super) fn fresh(name: &str, region: &str, key: Option<&str>) -> Value {
    let mut bucket = json!({
        "name": name,
        "location": region,
        "storageClass": "STANDARD",
        "labels": { "managed-by": "landfall", "purpose": "terraform-state" },
        "iamConfiguration": access(),
        "versioning": { "enabled": true },
        "lifecycle": { "rule": rules() },
    });
    if key.is_some() {
        bucket["encryption"] = encryption(key);
    }
    bucket
}

fn encryption(key: Option<&str>) -> Value {
    json!({ "defaultKmsKeyName": key })
}

fn access() -> Value {
    json!({
        "uniformBucketLevelAccess": { "enabled": true },
        "publicAccessPrevention": "enforced",
    })
}

/// Rules have no names here: one is ours if it says the same.
fn rules() -> [Value; 3] {
    [
        json!({ "action": { "type": "Delete" }, "condition": {
            "daysSinceNoncurrentTime": VERSION_DAYS, "numNewerVersions": NEWEST_VERSIONS } }),
        json!({ "action": { "type": "Delete" }, "condition": {
            "daysSinceNoncurrentTime": LOCK_DAYS, "matchesSuffix": LOCKS } }),
        json!({ "action": { "type": "AbortIncompleteMultipartUpload" },
            "condition": { "age": UPLOAD_DAYS } }),
    ]
}

/// Whether everything that is wanted is there; what is there beside it does no harm.
fn holds(found: &Value, wanted: &Value) -> bool {
    match wanted {
        Value::Object(parts) => parts.iter().all(|(key, part)| holds(&found[key], part)),
        Value::Array(parts) => parts.iter().all(|part| {
            found.as_array().is_some_and(|found| found.iter().any(|it| holds(it, part)))
        }),
        other => found == other,
    }
}
