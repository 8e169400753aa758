//! `landfall init NAME --from BUCKET`: an environment's folder, rebuilt from what every run keeps
//! in its bucket.

use crate::cloud::Cloud;
use crate::engine::{Account, EngineName};
use crate::environment::place_of_bucket;
use crate::failure::{Failure, Result};
use crate::fs;
use crate::kit::model::CloudName;
use crate::site::{ENVIRONMENT_FILE, Site};

/// Where a bucket lies, as its name says: `landfall-<account>-<region>-<environment>`; a long name
/// is cut at its end. An account of AWS is twelve digits; all else is the id of a project.
fn place(bucket: &str, environment: &str) -> Option<Account> {
    let found = |cloud, id: &str, region: &str| Account {
        cloud,
        id: id.to_owned(),
        project_number: String::new(),
        region: region.to_owned(),
    };
    let (account, rest) = bucket.strip_prefix("landfall-")?.split_once('-')?;
    if account.len() != 12 || !account.bytes().all(|it| it.is_ascii_digit()) {
        let (project, region) = place_of_bucket(bucket, environment)?;
        return Some(found(CloudName::Gcp, &project, region));
    }
    // `eu-central-1`, `us-gov-west-1`: words up to the first part that is a number.
    let mut end = 0;
    for part in rest.split('-') {
        end += part.len();
        if part.bytes().all(|byte| byte.is_ascii_digit()) && !part.is_empty() {
            return Some(found(CloudName::Aws, account, &rest[..end]));
        }
        end += 1;
    }
    None
}

/// How a person lists buckets.
fn list(cloud: CloudName) -> &'static str {
    match cloud {
        CloudName::Aws => "`aws s3 ls` lists the buckets of your account",
        CloudName::Gcp => "`gcloud storage ls` lists the buckets of your project",
    }
}

/// How an address in a bucket begins.
fn scheme(cloud: CloudName) -> &'static str {
    match cloud {
        CloudName::Aws => "s3",
        CloudName::Gcp => "gs",
    }
}

/// Writes `environment.hcl`, `defaults.hcl` and `landfall.lock` as the newest run kept them.
/// Everything else is rendered from them. Nothing is written if a file of yours is in the way.
pub(super) async fn restore(
    site: &Site,
    name: &str,
    bucket: &str,
    engine: EngineName,
) -> Result<()> {
    let mut place = place(bucket, name).ok_or_else(|| {
        Failure::input(format!("{bucket} is not the name of a state bucket"))
            .because("they are named landfall-<account>-<region>-<environment>")
            .next(list(CloudName::Aws))
            .next(list(CloudName::Gcp))
    })?;
    let mut cloud = engine.connect(&place, None).await?;
    let identity = cloud.identity().await?;
    if identity.account != place.id {
        let what = place.cloud.account();
        return Err(Failure::input(format!(
            "wrong {what}: {bucket} is in {}, you are in {}",
            place.id, identity.account
        ))
        .because(format!("you are {}", identity.arn))
        .next(format!("log in to {what} {} and run the same command again", place.id)));
    }
    if let Some(number) = identity.project_number {
        // A bucket's name does not say it, and whose bucket it is can only be told by it.
        place.project_number = number;
        cloud = engine.connect(&place, None).await?;
    }
    if cloud.state_store(bucket).await?.is_none() {
        return Err(Failure::input(format!("there is no bucket {bucket}")).next(list(place.cloud)));
    }
    let run = newest_run(&*cloud, place.cloud, bucket).await?;
    let folder = site.folder(name);
    let files = [
        ("defaults.hcl", site.environments().join("defaults.hcl")),
        ("landfall.lock", folder.join("landfall.lock")),
        ("landfall.next.lock", folder.join("landfall.next.lock")),
        // Last: with it the environment exists.
        (ENVIRONMENT_FILE, folder.join(ENVIRONMENT_FILE)),
    ];
    let mut found = Vec::new();
    for (file, path) in files {
        if let Some(object) = cloud.get_object(bucket, &format!("runs/{run}/{file}")).await? {
            found.push((path, object.body));
        }
    }
    for (path, body) in &found {
        if fs::read_if_present(path)?.is_some_and(|there| there != *body) {
            return Err(Failure::input("a file is in the way that says something else")
                .at(site.shown(path).display().to_string())
                .because(format!("run {run} had another one; nothing was written"))
                .next("move it away, or compare both and keep yours by hand"));
        }
    }
    for (path, body) in &found {
        fs::write(path, body)?;
        crate::cli::say(&format!("wrote {}", site.shown(path).display()));
    }
    Ok(())
}

/// Id of the newest run that kept an `environment.hcl`; ids sort by time.
async fn newest_run(cloud: &dyn Cloud, platform: CloudName, bucket: &str) -> Result<String> {
    let keys = cloud.list_objects(bucket, "runs/").await?;
    let ending = format!("/{ENVIRONMENT_FILE}");
    let ids = keys.iter().filter_map(|key| key.strip_prefix("runs/")?.strip_suffix(&ending));
    ids.max().map(str::to_owned).ok_or_else(|| {
        Failure::input(format!("no run left its files in {bucket}"))
            .at(format!("{}://{bucket}/runs/", scheme(platform)))
            .next("make the environment anew: `landfall init NAME --kit DIR`")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_tells_where_it_is() {
        let at = |bucket| place(bucket, "acme").map(|it| (it.cloud, it.id, it.region));
        let is = |cloud, id: &str, region: &str| Some((cloud, id.to_owned(), region.to_owned()));
        let account = "111122223333";
        assert_eq!(
            at("landfall-111122223333-eu-central-1-acme-2"),
            is(CloudName::Aws, account, "eu-central-1")
        );
        assert_eq!(
            at("landfall-111122223333-us-gov-west-1-acme"),
            is(CloudName::Aws, account, "us-gov-west-1")
        );
        assert_eq!(
            at("landfall-acme-us-ledger-europe-west3-acme"),
            is(CloudName::Gcp, "acme-us-ledger", "europe-west3")
        );
        for other in ["landfall-1-eu-central-1-acme", "my-bucket", "landfall-111122223333-eu"] {
            assert_eq!(at(other), None, "{other}");
        }
    }
}
