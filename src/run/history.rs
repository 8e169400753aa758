//! What receipts prove: which releases were good here, and that nobody changed the record of it.

use super::context::Run;
use super::schema::{LiveSchema, refusals};
use crate::failure::{Failure, Result};
use crate::hash::sha256;
use crate::kit;
use crate::receipt::{Lock, history};
use crate::release::Bundle;
use crate::source::{Problems, Source};

/// Fails if the receipt that the lock names is not what it was.
pub(super) async fn unchanged(run: &Run, lock: &Lock) -> Result<()> {
    let key = format!("receipts/{}.json", lock.receipt_run);
    let place = run.cloud.object_address(run.bucket(), &key);
    let found = run.cloud.get_object(run.bucket(), &key).await?;
    let hash = found.map(|object| format!("sha256:{}", sha256(&object.body)));
    if hash.as_deref() == Some(lock.receipt.as_str()) {
        return Ok(());
    }
    let what = match &hash {
        None => "the receipt of what is locked is gone",
        Some(_) => "the receipt of what is locked was changed",
    };
    let failure = Failure::failed(what)
        .at(place)
        .because(format!("landfall.lock says {}", lock.receipt))
        .because("nothing was touched");
    let failure = match hash {
        Some(hash) => failure.because(format!("it is {hash}")),
        None => failure,
    };
    Err(failure.next("restore the object's first version: the bucket keeps all of them"))
}

/// Releases that were verified here and accept the live schemas, newest first.
pub(super) async fn serving(run: &Run, live: &[LiveSchema]) -> Result<Vec<String>> {
    let mut tags: Vec<String> = Vec::new();
    let entries = history::read(&*run.cloud, run.bucket()).await?;
    for entry in entries.iter().rev().filter(|entry| entry.is_verified()) {
        let Some(release) = &entry.record.release else { continue };
        if tags.contains(&release.tag) || release.tag == run.environment.release {
            continue;
        }
        let found = Bundle::find(&*run.cloud, run.bucket(), &release.tree, &release.lock).await?;
        let Some(bundle) = found else { continue };
        let source = Source::new("kit.hcl", bundle.kit());
        let Some(kit) = kit::parse(&source, &mut Problems::new()) else { continue };
        if refusals(live, &kit).is_empty() {
            tags.push(release.tag.clone());
        }
    }
    Ok(tags)
}
