//! The record of what a run did, what is running, and what proves it.
//!
//! `runs/<id>/receipt.json` and `receipts/<id>.json` in the bucket hold it; `landfall.lock`, which
//! is committed, says what was last verified. Fields are chosen one by one: nothing of
//! terraform's own streams gets in.

mod candidate;
pub mod history;
mod lock;
mod stopped;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use self::history::Previous;

use crate::approval::{ApprovedPlan, Approver};
use crate::cloud::Identity;
use crate::environment::model::{Class, Environment};
use crate::environment::set_release;
use crate::failure::{Failure, Result};
use crate::fs;
use crate::hash::sha256;
use crate::release::moved::Pinned;
use crate::run::{Finished, Outputs, Run, Written};
use crate::site::ENVIRONMENT_FILE;
use crate::verify::ServiceProof;

pub use candidate::Candidate;
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
    /// The tag that was locked before it; `None` for a first install.
    #[serde(default)]
    pub from: Option<String>,
    /// How long the run had taken when this was written.
    #[serde(default)]
    pub seconds: f64,
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
    /// Templates and modules of the kit that are not the standard ones of the Landfall that ran.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vendor_modified: Vec<String>,
    /// Rendered files that a person edited, and that were applied so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hand_edited: Vec<String>,
    /// The receipt before this one; `None` for the first of an environment.
    #[serde(default)]
    pub previous: Option<Previous>,
}

/// A release, by its hashes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseRecord {
    /// The kit's name.
    pub kit: String,
    /// `v1.0.0`.
    pub tag: String,
    /// The git commit; `None` for a kit in a folder.
    #[serde(default)]
    pub commit: Option<String>,
    /// Fingerprint of who signed its tag; `None` if the environment does not ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signer: Option<String>,
    /// Hash of the kit's tree.
    pub tree: String,
    /// Hash of `kit.lock`.
    pub lock: String,
    /// Hash of the rendered workspace.
    pub workspace: String,
}

impl ReleaseRecord {
    /// What its tag stands for.
    pub fn pinned(&self) -> Pinned {
        Pinned {
            tag: self.tag.clone(),
            commit: self.commit.clone(),
            tree: self.tree.clone(),
            lock: self.lock.clone(),
        }
    }
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

impl Run {
    /// The release that this run goes to, with the files as they are rendered for good.
    pub fn release(&self) -> ReleaseRecord {
        let exact = self.before.as_ref().and_then(|before| before.exact.as_ref());
        ReleaseRecord {
            kit: self.environment.kit.name.clone(),
            tag: self.environment.release.clone(),
            commit: self.bundle.commit.clone(),
            signer: self.signer.clone(),
            tree: self.kit_tree.clone(),
            lock: self.environment.lock.hash.clone(),
            workspace: exact.unwrap_or(&self.workspace).hash(),
        }
    }
}

/// Step `receipt`: writes the receipt and, only now, `landfall.lock`.
pub async fn write(run: &Run, parts: Parts<'_>) -> Result<Finished<Receipt>> {
    let changed = parts.changed;
    let lock_path = run.folder().join("landfall.lock");
    let lock = Lock::read(&lock_path)?;
    let from = lock.as_ref().map(|lock| lock.release.tag.clone());
    let mut receipt = make(run, parts, from);
    if !changed
        && let Some(lock) = lock
        && lock.release == receipt.release
    {
        Candidate::remove(&run.folder())?;
        let summary = format!("as in receipts/{}.json", lock.receipt_run);
        return Ok(Finished::unchanged(summary, receipt));
    }
    let text = keep(run, &mut receipt).await?;
    // Before the lock: a kill between the two must not make an older release the wanted one.
    write_release(run)?;
    Lock::new(&receipt, &format!("sha256:{}", sha256(&text))).write(&lock_path)?;
    Candidate::remove(&run.folder())?;
    Ok(Finished::done(format!("runs/{}/receipt.json", run.id), receipt))
}

/// What runs is what is wanted from now on. A rehearsal has a copy of the file.
fn write_release(run: &Run) -> Result<()> {
    let path = run.folder().join(ENVIRONMENT_FILE);
    let text = if run.is_simulated() {
        run.written.environment.clone()
    } else if run.retagged {
        let text = String::from_utf8_lossy(&fs::read(&path)?).into_owned();
        set_release(&text, &run.environment.release)?
    } else {
        return Ok(());
    };
    if fs::read_if_present(&path)?.as_deref() == Some(text.as_bytes()) {
        return Ok(());
    }
    fs::write(&path, text.as_bytes())
}

/// A record of a run that names the one before it.
trait Chained: Serialize {
    /// Takes the name of the record before it.
    fn follow(&mut self, previous: Option<Previous>);
}

impl Chained for Receipt {
    fn follow(&mut self, previous: Option<Previous>) {
        self.previous = previous;
    }
}

/// Writes a record of a run where receipts are, behind the newest one, and returns its text:
/// `runs/<id>/receipt.json`, and `receipts/<id>.json` in the bucket.
async fn keep(run: &Run, record: &mut impl Chained) -> Result<Vec<u8>> {
    record.follow(history::newest(run.cloud.as_ref(), run.bucket(), &run.id).await?);
    let text = serde_json::to_vec_pretty(record)
        .map_err(|error| Failure::failed("cannot write the receipt").caused_by(error))?;
    fs::write_private(&run.run_folder().join("receipt.json"), &text)?;
    run.cloud.put_object(run.bucket(), &history::key(&run.id), text.clone()).await?;
    Ok(text)
}

fn make(run: &Run, parts: Parts<'_>, from: Option<String>) -> Receipt {
    Receipt {
        format: FORMAT,
        result: "verified".to_owned(),
        run: run.id.clone(),
        command: run.command.clone(),
        at: jiff::Timestamp::now().to_string(),
        environment: run.environment.name.clone(),
        class: run.environment.class,
        simulated: run.is_simulated(),
        from,
        seconds: run.started.elapsed().as_secs_f64(),
        release: run.release(),
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
        vendor_modified: run.vendor_modified.clone(),
        hand_edited: run.hand_edited(),
        previous: None,
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
