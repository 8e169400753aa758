//! The receipts of an environment, as they lie in its bucket: each names the one before it and
//! its hash, so that one that was changed or taken away shows.

use serde::{Deserialize, Serialize};

use super::{Approval, Lock, ReleaseRecord};
use crate::cloud::{Cloud, Identity};
use crate::failure::{Exit, Failure, Result};
use crate::hash::sha256;
use crate::report::plural;

/// Where receipts are in the bucket.
const FOLDER: &str = "receipts/";

/// The receipt before another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Previous {
    /// Its run.
    pub run: String,
    /// `sha256:...` over its bytes.
    pub hash: String,
}

/// One run, as its receipt tells it: of a verified run and of one that stopped alike.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// Run id.
    pub run: String,
    /// `sha256:...` over the receipt's bytes as they lie in the bucket.
    pub hash: String,
    /// What it says.
    #[serde(flatten)]
    pub record: Record,
    /// All of it.
    #[serde(skip)]
    pub document: serde_json::Value,
}

/// What all receipts have in common. What an older Landfall did not write is absent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Version of the receipt's format.
    pub format: u32,
    /// `verified`, `returned`, `failed`, `interrupted`.
    pub result: String,
    /// `update acme`.
    pub command: String,
    /// When it was written, UTC.
    pub at: String,
    /// The tag that was locked before it.
    #[serde(default)]
    pub from: Option<String>,
    /// The tag that a run which stopped was to go to.
    #[serde(default)]
    to: Option<String>,
    /// The release that was verified.
    #[serde(default)]
    pub release: Option<ReleaseRecord>,
    /// How long it took.
    #[serde(default)]
    pub seconds: Option<f64>,
    /// Who was calling.
    #[serde(default)]
    pub caller: Option<Identity>,
    /// What was approved, and how.
    #[serde(default)]
    pub approval: Option<Approval>,
    /// The step at which it stopped.
    #[serde(default)]
    pub step: Option<String>,
    /// What went wrong, in one line.
    #[serde(default)]
    pub what: Option<String>,
    /// Why: lines of evidence.
    #[serde(default)]
    pub because: Vec<String>,
    /// The receipt before it.
    #[serde(default)]
    pub previous: Option<Previous>,
}

impl Entry {
    fn read(key: &str, bytes: &[u8]) -> Result<Self> {
        let run = key.strip_prefix(FOLDER).and_then(|it| it.strip_suffix(".json")).unwrap_or(key);
        let unreadable = |error: serde_json::Error| {
            Failure::failed(format!("the receipt of run {run} cannot be read"))
                .at(key)
                .because(error.to_string())
                .because(format!("its hash is sha256:{}", sha256(bytes)))
                .next("the bucket keeps every version of it: compare them")
        };
        let document: serde_json::Value = serde_json::from_slice(bytes).map_err(unreadable)?;
        let record: Record = serde_json::from_value(document.clone()).map_err(unreadable)?;
        if record.format > super::FORMAT {
            return Err(Failure::input(format!("run {run} was recorded by a newer Landfall"))
                .next("update Landfall"));
        }
        let hash = format!("sha256:{}", sha256(bytes));
        Ok(Self { run: run.to_owned(), hash, record, document })
    }

    /// Whether its release was proved to run.
    pub fn is_verified(&self) -> bool {
        self.record.result == "verified"
    }

    /// The tag it went to, or was to go to.
    pub fn to(&self) -> Option<&str> {
        let verified = self.record.release.as_ref().map(|release| release.tag.as_str());
        verified.or(self.record.to.as_deref())
    }
}

/// Where the receipt of a run is in the bucket.
pub(super) fn key(run: &str) -> String {
    format!("{FOLDER}{run}.json")
}

/// The newest receipt that is not the one of `run`: run ids sort by time.
pub(super) async fn newest(cloud: &dyn Cloud, bucket: &str, run: &str) -> Result<Option<Previous>> {
    let own = key(run);
    let keys = cloud.list_objects(bucket, FOLDER).await?;
    let Some(newest) = keys.iter().filter(|key| **key != own).max() else { return Ok(None) };
    let Some(object) = cloud.get_object(bucket, newest).await? else { return Ok(None) };
    let run = newest.strip_prefix(FOLDER).and_then(|it| it.strip_suffix(".json"));
    Ok(Some(Previous {
        run: run.unwrap_or(newest).to_owned(),
        hash: format!("sha256:{}", sha256(&object.body)),
    }))
}

/// Every receipt in the bucket, oldest first. Whether they are whole is for [`breaks`] to say.
pub async fn read(cloud: &dyn Cloud, bucket: &str) -> Result<Vec<Entry>> {
    let mut keys = cloud.list_objects(bucket, FOLDER).await?;
    keys.sort_unstable();
    let mut entries = Vec::new();
    for key in keys {
        if let Some(object) = cloud.get_object(bucket, &key).await? {
            entries.push(Entry::read(&key, &object.body)?);
        }
    }
    Ok(entries)
}

/// Every receipt in the bucket, oldest first, each proved to be the one that the next one names;
/// fails with all that is changed or missing (exit 1).
pub async fn chain(cloud: &dyn Cloud, bucket: &str) -> Result<Vec<Entry>> {
    let entries = read(cloud, bucket).await?;
    match broken(&breaks(&entries, None)) {
        Some(failure) => Err(failure),
        None => Ok(entries),
    }
}

/// The last release that a receipt proved good, before the given run if one is named.
pub fn last_verified<'a>(entries: &'a [Entry], before: Option<&str>) -> Option<&'a Entry> {
    let earlier = |entry: &&Entry| before.is_none_or(|run| entry.run.as_str() < run);
    entries.iter().rev().filter(earlier).find(|entry| entry.is_verified())
}

/// What is wrong with a chain, one line each: a receipt that is not as the next one, or
/// `landfall.lock`, names it. Receipts of before they were chained name none; they may only come
/// first.
pub fn breaks(entries: &[Entry], lock: Option<&Lock>) -> Vec<String> {
    let mut found = Vec::new();
    let mut named = |by: &str, run: &str, hash: &str| match entries
        .iter()
        .find(|entry| entry.run == run)
    {
        None => found.push(format!("the receipt of run {run} is missing: {by} names it as {hash}")),
        Some(entry) if entry.hash != hash => found.push(format!(
            "the receipt of run {run} was changed: {by} names it as {hash}, it is {}",
            entry.hash
        )),
        Some(_) => {}
    };
    for entry in entries {
        if let Some(previous) = &entry.record.previous {
            named(&format!("run {}", entry.run), &previous.run, &previous.hash);
        }
    }
    if let Some(lock) = lock {
        named("landfall.lock", &lock.receipt_run, &lock.receipt);
    }
    let mut chained = false;
    for pair in entries.windows(2) {
        let previous = pair[1].record.previous.as_ref();
        chained |= pair[0].record.previous.is_some() || previous.is_some();
        if previous.is_none() && chained {
            found.push(format!("the receipt of run {} names none before it", pair[1].run));
        } else if let Some(previous) = previous.filter(|it| it.run != pair[0].run) {
            found.push(format!(
                "the receipt of run {} is not in the chain: run {} names {} before it",
                pair[0].run, pair[1].run, previous.run
            ));
        }
    }
    found
}

/// The failure that tells what is wrong with a chain; `None` if nothing is.
pub fn broken(breaks: &[String]) -> Option<Failure> {
    if breaks.is_empty() {
        return None;
    }
    let what =
        format!("the receipts are not as they were written: {}", plural(breaks.len(), "finding"));
    let failure = breaks.iter().fold(Failure::new(Exit::Failed, what), Failure::because);
    Some(failure.next("the bucket keeps every version of an object: find who wrote or deleted it"))
}

#[cfg(test)]
#[path = "history_tests.rs"]
mod tests;
