//! The record of what a run did, what is running, and what proves it.
//!
//! `runs/<id>/receipt.json` and `receipts/<id>.json` in the bucket hold it; `landfall.lock`, which
//! is committed, says what was last verified. Fields are chosen one by one: nothing of
//! terraform's own streams gets in.

mod lock;
mod stopped;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::approval::{ApprovedPlan, Approver};
use crate::cloud::Identity;
use crate::environment::model::{Class, Environment};
use crate::failure::{Failure, Result};
use crate::fs;
use crate::hash::sha256;
use crate::run::{Finished, Outputs, Run, Written};
use crate::verify::ServiceProof;

pub use lock::Lock;
pub use stopped::Stopped;

/// Version of the receipt's format.
pub const FORMAT: u32 = 1;

/// The record of a run that was verified.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Receipt {
    /// Version of this format.
    pub format: u32,
    /// `verified`; what did not get there is a [`Stopped`].
    pub result: String,
    /// Run id.
    pub run: String,
    /// `install demo-aws`.
    pub command: String,
    /// When it was written, UTC.
    pub at: String,
    /// The environment's name.
    pub environment: String,
    /// Its class.
    pub class: Class,
    /// Whether all of it happened on a simulated account.
    pub simulated: bool,
    /// What runs now.
    pub release: ReleaseRecord,
    /// Account, region and who was calling.
    pub caller: Identity,
    /// What was approved, and how.
    pub approval: Approval,
    /// Jobs that ran in this run.
    pub jobs: Vec<String>,
    /// Version of every secret: ids, not values.
    pub secret_versions: BTreeMap<String, String>,
    /// What was proved, by service.
    pub services: Vec<ServiceProof>,
    /// Records that somebody still has to make: host → name of the load balancer.
    pub dns_records: Vec<DnsRecord>,
    /// terraform's version.
    pub terraform: String,
    /// Safeguards that were waived in this run: situation → reason.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub waived: BTreeMap<String, String>,
    /// Snapshots of databases that were made before anything was changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub snapshots: Vec<String>,
}

/// A release, by its hashes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseRecord {
    /// The kit's name.
    pub kit: String,
    /// `v1.0.0`.
    pub tag: String,
    /// Hash of the kit's tree.
    pub tree: String,
    /// Hash of `kit.lock`.
    pub lock: String,
    /// Hash of the rendered workspace.
    pub workspace: String,
}

/// What was approved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// `sha256:...`.
    pub digest: String,
    /// How.
    pub by: Approver,
}

/// A DNS record to make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DnsRecord {
    /// The product's host.
    pub host: String,
    /// What it points to.
    pub target: String,
}

/// What the steps before hand on.
pub struct Parts<'a> {
    /// Who was calling.
    pub identity: Identity,
    /// What was approved.
    pub approved: &'a ApprovedPlan,
    /// The foundation's outputs.
    pub foundation: &'a Outputs,
    /// Secret versions.
    pub written: &'a Written,
    /// Proofs.
    pub proofs: Vec<ServiceProof>,
    /// Jobs that ran.
    pub jobs: Vec<String>,
    /// Snapshots that were made.
    pub snapshots: Vec<String>,
    /// Whether anything was changed.
    pub changed: bool,
}

/// Step `receipt`: writes the receipt and, only now, `landfall.lock`.
pub async fn write(run: &Run, parts: Parts<'_>) -> Result<Finished<Receipt>> {
    let changed = parts.changed;
    let receipt = make(run, parts);
    let lock_path = run.folder().join("landfall.lock");
    if !changed
        && let Some(lock) = Lock::read(&lock_path)?
        && lock.release == receipt.release
    {
        let summary = format!("as in receipts/{}.json", lock.receipt_run);
        return Ok(Finished::unchanged(summary, receipt));
    }
    let text = keep(run, &receipt).await?;
    Lock::new(&receipt, &format!("sha256:{}", sha256(&text))).write(&lock_path)?;
    Ok(Finished::done(format!("runs/{}/receipt.json", run.id), receipt))
}

/// Writes a record of a run where receipts are, and returns its text: `runs/<id>/receipt.json`, and
/// `receipts/<id>.json` in the bucket.
async fn keep(run: &Run, record: &impl Serialize) -> Result<Vec<u8>> {
    let text = serde_json::to_vec_pretty(record)
        .map_err(|error| Failure::failed("cannot write the receipt").caused_by(error))?;
    fs::write_private(&run.run_folder().join("receipt.json"), &text)?;
    run.cloud.put_object(run.bucket(), &format!("receipts/{}.json", run.id), text.clone()).await?;
    Ok(text)
}

fn make(run: &Run, parts: Parts<'_>) -> Receipt {
    Receipt {
        format: FORMAT,
        result: "verified".to_owned(),
        run: run.id.clone(),
        command: run.command.clone(),
        at: jiff::Timestamp::now().to_string(),
        environment: run.environment.name.clone(),
        class: run.environment.class,
        simulated: run.is_simulated(),
        release: ReleaseRecord {
            kit: run.environment.kit.name.clone(),
            tag: run.environment.release.clone(),
            tree: run.kit_tree.clone(),
            lock: run.environment.lock.hash.clone(),
            workspace: run.workspace.hash(),
        },
        caller: parts.identity,
        approval: Approval {
            digest: parts.approved.digest().to_owned(),
            by: parts.approved.approver().clone(),
        },
        jobs: parts.jobs,
        secret_versions: parts.written.versions.clone(),
        services: parts.proofs,
        dns_records: dns_records(&run.environment, parts.foundation),
        terraform: run.terraform.version().to_string(),
        waived: run.waived(),
        snapshots: parts.snapshots,
    }
}

fn dns_records(environment: &Environment, foundation: &Outputs) -> Vec<DnsRecord> {
    let target = |name: &str| {
        let target = foundation.get("foundation")?["ingresses"][name]["dns_name"].as_str()?;
        Some(target.to_owned())
    };
    environment
        .ingresses
        .values()
        .filter_map(|ingress| {
            Some(DnsRecord { host: ingress.host.clone(), target: target(&ingress.name)? })
        })
        .collect()
}
