//! `landfall init NAME --from BUCKET`: an environment's folder, rebuilt from what every run keeps
//! in its bucket.

use crate::cloud::Cloud;
use crate::cloud::aws::Connection;
use crate::engine::EngineName;
use crate::failure::{Failure, Result};
use crate::fs;
use crate::site::{ENVIRONMENT_FILE, Site};

/// Where a bucket lies, as its name says.
#[derive(Debug, PartialEq, Eq)]
struct Place<'a> {
    account: &'a str,
    region: &'a str,
}

/// Buckets are named `landfall-<account>-<region>-<environment>`; a long name is cut at its end.
fn place(bucket: &str) -> Option<Place<'_>> {
    let rest = bucket.strip_prefix("landfall-")?;
    let (account, rest) = rest.split_once('-')?;
    // `eu-central-1`, `us-gov-west-1`: words up to the first part that is a number.
    let mut end = 0;
    for part in rest.split('-') {
        end += part.len();
        if part.bytes().all(|byte| byte.is_ascii_digit()) && !part.is_empty() {
            let digits = account.len() == 12 && account.bytes().all(|it| it.is_ascii_digit());
            return digits.then(|| Place { account, region: &rest[..end] });
        }
        end += 1;
    }
    None
}

/// Writes `environment.hcl`, `defaults.hcl` and `landfall.lock` as the newest run kept them.
/// Everything else is rendered from them. Nothing is written if a file of yours is in the way.
pub(super) async fn restore(
    site: &Site,
    name: &str,
    bucket: &str,
    engine: EngineName,
) -> Result<()> {
    let place = place(bucket).ok_or_else(|| {
        Failure::input(format!("{bucket} is not the name of a state bucket"))
            .because("they are named landfall-<account>-<region>-<environment>")
            .next("`aws s3 ls` lists the buckets of your account")
    })?;
    let connection = Connection {
        region: place.region.to_owned(),
        expected_account: place.account.to_owned(),
        role: None,
    };
    let cloud = engine.connect(&connection).await?;
    let identity = cloud.identity().await?;
    if identity.account != place.account {
        return Err(Failure::input(format!(
            "wrong account: {bucket} is in {}, you are in {}",
            place.account, identity.account
        ))
        .because(format!("you are {}", identity.arn))
        .next(format!("log in to account {} and run the same command again", place.account)));
    }
    if cloud.state_store(bucket).await?.is_none() {
        return Err(Failure::input(format!("there is no bucket {bucket}"))
            .next("`aws s3 ls` lists the buckets of your account"));
    }
    let run = newest_run(&*cloud, bucket).await?;
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
        super::say(&format!("wrote {}", site.shown(path).display()));
    }
    Ok(())
}

/// Id of the newest run that kept an `environment.hcl`; ids sort by time.
async fn newest_run(cloud: &dyn Cloud, bucket: &str) -> Result<String> {
    let keys = cloud.list_objects(bucket, "runs/").await?;
    let ending = format!("/{ENVIRONMENT_FILE}");
    let ids = keys.iter().filter_map(|key| key.strip_prefix("runs/")?.strip_suffix(&ending));
    ids.max().map(str::to_owned).ok_or_else(|| {
        Failure::input(format!("no run left its files in {bucket}"))
            .at(format!("s3://{bucket}/runs/"))
            .next("make the environment anew: `landfall init NAME --kit DIR`")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_tells_where_it_is() {
        let at = |bucket| place(bucket).map(|it| (it.account, it.region));
        let account = "111122223333";
        assert_eq!(
            at("landfall-111122223333-eu-central-1-acme-2"),
            Some((account, "eu-central-1"))
        );
        assert_eq!(
            at("landfall-111122223333-us-gov-west-1-acme"),
            Some((account, "us-gov-west-1"))
        );
        for other in ["landfall-1-eu-central-1-acme", "my-bucket", "landfall-111122223333-eu"] {
            assert_eq!(at(other), None, "{other}");
        }
    }
}
