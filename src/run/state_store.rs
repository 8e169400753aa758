//! Step `state store`: the bucket for state and records is there, ours, versioned, encrypted and
//! private. In a rehearsal it is the simulated account's.

use std::path::Path;

use super::context::{Finished, Run};
use super::permissions;
use crate::cloud::Identity;
use crate::cloud::gcp::RESOURCE_MANAGER;
use crate::failure::{Failure, Result};
use crate::fs;
use crate::kit::model::CloudName;
use crate::receipt::Candidate;
use crate::report::plural;
use crate::workspace::Layer;

/// Name of the file that sends a layer's state elsewhere; terraform merges it over `backend.tf`.
const OVERRIDE: &str = "landfall_override.tf";

/// Ensures the bucket and the service-linked roles of a fresh account.
pub(super) async fn ensure(run: &Run, identity: &Identity) -> Result<Finished<()>> {
    let key = run.environment.target.bucket_key.as_deref();
    let store = run.cloud.ensure_state_store(run.bucket(), key).await?;
    for (holds, what) in
        [(store.versioned, "versioned"), (store.encrypted, "encrypted"), (store.private, "private")]
    {
        if !holds {
            return Err(Failure::failed(format!("the state bucket is not {what}"))
                .at(&store.bucket)
                .because("Landfall set it and read it back")
                .next("ask who manages the account's buckets what changes it back"));
        }
    }
    run.hold(&identity.arn).await?;
    run.bundle.keep(&*run.cloud, run.bucket()).await?;
    if run.before.is_some() {
        Candidate::of(run).write(&run.folder())?;
    }
    let roles = run.cloud.ensure_service_linked_roles().await?;
    if roles.iter().any(|made| made == RESOURCE_MANAGER) {
        // Only now there is somebody to ask.
        permissions::prove(run, identity, "only the state bucket and APIs were made").await?;
    }
    run.keep_record().await;
    let made = match roles.len() {
        0 => String::new(),
        count => format!(", {} made", plural(count, helper(run.environment.target.cloud))),
    };
    Ok(if store.created || !roles.is_empty() {
        let verb = if store.created { "made" } else { "checked" };
        Finished::done(format!("{verb} {}{made}", store.bucket), ())
    } else {
        Finished::unchanged(store.bucket, ())
    })
}

/// What a platform needs to act for an account that never used it.
fn helper(cloud: CloudName) -> &'static str {
    match cloud {
        CloudName::Aws => "service-linked role",
        CloudName::Gcp => "API or service agent",
    }
}

/// Sends every layer's state to the simulated account's bucket. Its address is in terraform's
/// environment, for it is another one in every run.
pub(super) fn keep_state_in_simulated_bucket(run: &Run) -> Result<()> {
    for layer in Layer::ALL {
        keep_layer_in_simulated_bucket(&run.layer_folder(layer))?;
    }
    Ok(())
}

/// The same for one folder.
pub(super) fn keep_layer_in_simulated_bucket(folder: &Path) -> Result<()> {
    write_override(folder, "backend \"http\" {}")
}

/// Sends the state of a layer's copy to a file beside it.
pub(super) fn keep_state_in(folder: &Path, file: &str) -> Result<()> {
    let path = crate::workspace::quote(file);
    write_override(folder, &format!("backend \"local\" {{\n    path = {path}\n  }}"))
}

fn write_override(folder: &Path, backend: &str) -> Result<()> {
    let text = format!("terraform {{\n  {backend}\n}}\n");
    let path = folder.join(OVERRIDE);
    if fs::read_if_present(&path)?.as_deref() == Some(text.as_bytes()) {
        return Ok(());
    }
    fs::write(&path, text.as_bytes())
}
