//! The bucket itself: is it there, is it ours, make it, and see that its settings hold.

use std::sync::PoisonError;

use http::Method;

use super::settings::{self, Bucket};
use crate::cloud::StateStore;
use crate::cloud::gcp::Gcp;
use crate::cloud::gcp::call::Call;
use crate::cloud::gcp::rest::{Request, Trouble};
use crate::failure::{Failure, Result};

/// The bucket as it is; `None` if there is none.
pub(in crate::cloud::gcp) async fn find(gcp: &Gcp, bucket: &str) -> Result<Option<StateStore>> {
    Ok(read(gcp, bucket).await?.map(|found| state_store(bucket, false, &found)))
}

/// Makes the bucket if it is absent and gives it each setting that it lacks.
pub(in crate::cloud::gcp) async fn ensure(
    gcp: &Gcp,
    bucket: &str,
    key: Option<&str>,
) -> Result<StateStore> {
    let mut created = false;
    let mut found = read(gcp, bucket).await?;
    if found.is_none() {
        created = create(gcp, bucket, key).await?;
        found = read(gcp, bucket).await?;
    }
    let Some(found) = found else {
        return Err(Failure::failed(format!("the state bucket `{bucket}` is gone again"))
            .because("it was there a moment ago")
            .next("see in the audit log who deletes it, then run the same command again"));
    };
    let Some(change) = found.change(key) else { return Ok(state_store(bucket, created, &found)) };
    change_settings(gcp, bucket, key, &found, &change).await?;
    // Read back: what a bucket has is what it says, not what it was told.
    let missing = match read(gcp, bucket).await? {
        Some(found) if found.missing(key).is_empty() => {
            return Ok(state_store(bucket, created, &found));
        }
        Some(found) => found.missing(key),
        None => Vec::new(),
    };
    Err(not_settled(bucket, &missing))
}

/// Fails unless the bucket exists and belongs to the project; asks once.
pub(in crate::cloud::gcp) async fn check_owner(gcp: &Gcp, bucket: &str) -> Result<()> {
    let known = || gcp.our_buckets.lock().unwrap_or_else(PoisonError::into_inner);
    if known().contains(bucket) {
        return Ok(());
    }
    if read(gcp, bucket).await?.is_none() {
        return Err(Failure::failed(format!("there is no state bucket `{bucket}`"))
            .next("run `landfall install`: it makes the bucket"));
    }
    known().insert(bucket.to_owned());
    Ok(())
}

fn state_store(bucket: &str, created: bool, found: &Bucket) -> StateStore {
    StateStore {
        bucket: bucket.to_owned(),
        created,
        versioned: found.is_versioned(),
        // Cloud Storage encrypts everything; it cannot be told not to.
        encrypted: true,
        private: found.is_private(),
    }
}

fn not_settled(bucket: &str, missing: &[&str]) -> Failure {
    let failure =
        Failure::failed(format!("the state bucket `{bucket}` does not keep its settings"));
    let failure = missing.iter().fold(failure, |failure, name| {
        failure.because(format!("{name} was set, and reads back as not set"))
    });
    failure.next("see in the audit log who changes the bucket, then run the same command again")
}

/// The bucket, if it is there and ours; fails if it is somebody else's or elsewhere.
async fn read(gcp: &Gcp, bucket: &str) -> Result<Option<Bucket>> {
    let call = bucket_call(gcp, "look for", "storage.buckets.get", bucket)
        .denial_may_mean(taken_note(gcp));
    let request = Request::get(&gcp.endpoints.storage, "storage/v1")?.parts(&["b", bucket]);
    let found: Bucket = match gcp.rest.json(request).await {
        Ok(found) => found,
        Err(trouble) if trouble.is_not_found() => return Ok(None),
        // Cloud Storage answers like this for the bucket of a stranger, too.
        Err(trouble) if trouble.status() == Some(403) => {
            return Err(call.failed(&trouble).next(format!(
                "if the bucket is not project {}'s, do not use it: {}",
                gcp.project,
                another_name()
            )));
        }
        Err(trouble) => return Err(call.failed(&trouble)),
    };
    if found.project_number != gcp.project_number {
        return Err(Failure::failed(format!(
            "the state bucket `{bucket}` belongs to another project"
        ))
        .because(format!(
            "it is project {}'s, the target is project {} ({})",
            found.project_number, gcp.project_number, gcp.project
        ))
        .because(taken_note(gcp))
        .because("nothing was read from it or written to it")
        .next(another_name()));
    }
    if !found.location.eq_ignore_ascii_case(&gcp.region) {
        return Err(Failure::failed(format!(
            "the state bucket `{bucket}` exists in another location"
        ))
        .because(format!("it is in {}, the target is {}", found.location, gcp.region))
        .next(another_name()));
    }
    Ok(Some(found))
}

/// Makes the bucket; `false` if it turned out to be there: whose it is, is read next.
async fn create(gcp: &Gcp, bucket: &str, key: Option<&str>) -> Result<bool> {
    let call = gcp.call(
        format!("make the state bucket `{bucket}`"),
        "storage.buckets.create",
        format!("project `{}`", gcp.project),
    );
    let body = settings::fresh(bucket, &gcp.region, key);
    let request = Request::json(Method::POST, &gcp.endpoints.storage, "storage/v1/b", &body)?
        .query("project", &gcp.project)
        .repeatable();
    match gcp.rest.send(request).await {
        Ok(_) => Ok(true),
        Err(trouble) if trouble.status() == Some(409) => Ok(false),
        Err(trouble) => Err(failed(gcp, key, &call, &trouble)),
    }
}

/// Changes the bucket that was read, and no other version of it.
async fn change_settings(
    gcp: &Gcp,
    bucket: &str,
    key: Option<&str>,
    found: &Bucket,
    change: &serde_json::Value,
) -> Result<()> {
    let missing = found.missing(key).join(", ");
    let aim = format!("set {missing} of");
    let call = bucket_call(gcp, &aim, "storage.buckets.update", bucket);
    let request = Request::json(Method::PATCH, &gcp.endpoints.storage, "storage/v1", change)?
        .parts(&["b", bucket])
        .query("ifMetagenerationMatch", &found.metageneration);
    match gcp.rest.send(request).await {
        Ok(_) => Ok(()),
        Err(trouble) if is_changed_meanwhile(&trouble) => Err(call
            .refused("somebody changed it at the same moment")
            .next("run the same command again")),
        Err(trouble) => Err(failed(gcp, key, &call, &trouble)),
    }
}

/// Who may not use the key is Cloud Storage, not the caller: the caller's rights do not help.
fn failed(gcp: &Gcp, key: Option<&str>, call: &Call, trouble: &Trouble) -> Failure {
    let of_key = trouble.refusal().is_some_and(|refusal| refusal.says("KMS"));
    match key.filter(|_| of_key) {
        Some(key) => call
            .refused(format!("Cloud Storage may not encrypt with {key}, or there is no such key"))
            .next(format!(
                "`gcloud storage service-agent --project={} --authorize-cmek={key}`",
                gcp.project
            )),
        None => call.failed(trouble),
    }
}

fn is_changed_meanwhile(trouble: &Trouble) -> bool {
    trouble.refusal().is_some_and(|it| it.status == 412 && !it.says("constraints/"))
}

fn bucket_call(gcp: &Gcp, verb: &str, right: &'static str, bucket: &str) -> Call {
    gcp.call(format!("{verb} the state bucket `{bucket}`"), right, format!("bucket `{bucket}`"))
}

fn taken_note(gcp: &Gcp) -> String {
    format!(
        "bucket names are global: someone outside project {} may have taken this one (squatting)",
        gcp.project
    )
}

fn another_name() -> &'static str {
    "choose another name in environment.hcl: `state { bucket = \"...\" }`"
}
