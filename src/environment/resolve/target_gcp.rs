//! The project, the region and the state bucket of an environment on Google Cloud (G1).

use super::resolver::Resolver;
use super::target::{AWS_REGIONS, bucket, default_bucket};
use crate::environment::draft::{Gcp, Given};
use crate::environment::model::{Target, VerbRoles};
use crate::hcl;
use crate::kit::model::CloudName;

/// Regions of Google Cloud with Cloud Run; all of them have Direct VPC egress and Cloud SQL.
/// Source: <https://cloud.google.com/run/docs/locations>
pub(super) const REGIONS: [&str; 42] = [
    "africa-south1",
    "asia-east1",
    "asia-east2",
    "asia-northeast1",
    "asia-northeast2",
    "asia-northeast3",
    "asia-south1",
    "asia-south2",
    "asia-southeast1",
    "asia-southeast2",
    "australia-southeast1",
    "australia-southeast2",
    "europe-central2",
    "europe-north1",
    "europe-north2",
    "europe-southwest1",
    "europe-west1",
    "europe-west10",
    "europe-west12",
    "europe-west2",
    "europe-west3",
    "europe-west4",
    "europe-west6",
    "europe-west8",
    "europe-west9",
    "me-central1",
    "me-central2",
    "me-west1",
    "northamerica-northeast1",
    "northamerica-northeast2",
    "northamerica-south1",
    "southamerica-east1",
    "southamerica-west1",
    "us-central1",
    "us-east1",
    "us-east4",
    "us-east5",
    "us-south1",
    "us-west1",
    "us-west2",
    "us-west3",
    "us-west4",
];

/// Places that hold data in several regions at once.
const MULTI_REGIONS: [&str; 7] = ["ASIA", "ASIA1", "EU", "EUR4", "EUR5", "NAM4", "US"];

pub(super) fn target_gcp(resolver: &mut Resolver<'_>, gcp: &Gcp) -> Option<Target> {
    let project = project(resolver, gcp);
    let number = project_number(resolver, gcp);
    let region = region(resolver, gcp);
    let bucket = bucket(resolver, project.as_deref(), region.as_deref());
    let bucket_key = bucket_key(resolver, region.as_deref());
    images(resolver, gcp);
    Some(Target {
        cloud: CloudName::Gcp,
        account_id: project?,
        project_number: Some(number?),
        region: region?,
        partition: "gcp".to_owned(),
        bucket: bucket?,
        bucket_key,
        permissions_boundary: None,
        roles: VerbRoles::default(),
    })
}

/// What is missing altogether.
fn missing(resolver: &mut Resolver<'_>, gcp: &Gcp, what: &str, why: &str, help: &str) {
    resolver.problem(gcp.place.clone(), format!("`gcp` has no `{what}`"), why, help);
}

/// <https://cloud.google.com/resource-manager/docs/creating-managing-projects>
fn is_project(text: &str) -> bool {
    let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (6..=30).contains(&text.len())
        && text.bytes().all(legal)
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && !text.ends_with('-')
}

fn project(resolver: &mut Resolver<'_>, gcp: &Gcp) -> Option<String> {
    let Some(given) = &gcp.project else {
        let why = "the environment is pinned to it: every verb compares it with who you are (G1)";
        missing(resolver, gcp, "project", why, "add `project = \"acme-ledger\"`");
        return None;
    };
    let text = given.value.as_str();
    resolver.origins.written("target.project", text, &given.place);
    if is_project(text) {
        return Some(text.to_owned());
    }
    let (why, help) = if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        (
            "that is the number of a project, or an account of AWS",
            "write the id of the project, and its number as `project_number`",
        )
    } else if text.contains(':') {
        (
            "an id with a domain in front is of the time before 2014, Landfall does not know it",
            "use another project",
        )
    } else {
        (
            "a project id has 6 to 30 lower-case letters, digits and dashes, starting with a letter",
            "copy the id (not the name or number) from the console",
        )
    };
    resolver.problem(given.place.clone(), format!("`project` is \"{text}\""), why, help);
    None
}

fn project_number(resolver: &mut Resolver<'_>, gcp: &Gcp) -> Option<String> {
    let project = gcp.project.as_ref().filter(|given| is_project(&given.value));
    let project = project.map_or("PROJECT", |given| given.value.as_str());
    let find =
        format!("`gcloud projects describe {project} --format='value(projectNumber)'` prints it");
    let Some(given) = &gcp.project_number else {
        let why =
            "Google names the accounts of its services by it, and it never belongs to another";
        missing(resolver, gcp, "project_number", why, &find);
        return None;
    };
    let text = given.value.as_str();
    resolver.origins.written("target.project_number", text, &given.place);
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    if (6..=19).contains(&text.len()) && digits && !text.starts_with('0') {
        return Some(text.to_owned());
    }
    let what = format!("`project_number` is \"{text}\"");
    let why = if is_project(text) {
        "that is the id of a project"
    } else {
        "a project number has digits only, about twelve"
    };
    resolver.problem(given.place.clone(), what, why, find);
    None
}

fn region(resolver: &mut Resolver<'_>, gcp: &Gcp) -> Option<String> {
    let Some(given) = &gcp.region else {
        missing(resolver, gcp, "region", "the data stays there", "add `region = \"europe-west3\"`");
        return None;
    };
    let text = given.value.as_str();
    resolver.origins.written("target.region", text, &given.place);
    if REGIONS.contains(&text) {
        return Some(text.to_owned());
    }
    let what = format!("`region` is \"{text}\"");
    let (why, help) = not_a_region(text);
    resolver.problem(given.place.clone(), what, why, help);
    None
}

/// Why a text is no region, and what is.
fn not_a_region(text: &str) -> (&'static str, String) {
    let like = || "write one like \"europe-west3\"".to_owned();
    let zone_of = |text: &str| {
        let (region, zone) = text.rsplit_once('-')?;
        let letter = zone.len() == 1 && zone.bytes().all(|byte| byte.is_ascii_lowercase());
        REGIONS.iter().find(|known| letter && **known == region).copied()
    };
    if AWS_REGIONS.contains(&text) {
        return ("it is a region of AWS", like());
    }
    if MULTI_REGIONS.contains(&text.to_ascii_uppercase().as_str()) {
        return ("it is a multi-region; Cloud Run and Cloud SQL live in one region", like());
    }
    if let Some(region) = zone_of(text) {
        return ("it is a zone; an environment spans its region", format!("write \"{region}\""));
    }
    let help = hcl::list(text, "regions", REGIONS);
    ("Google Cloud has no region of that name that runs Cloud Run", help)
}

/// The key that the state bucket is encrypted with. The bucket is there before anything that
/// Terraform makes, so the key is one that the customer has.
fn bucket_key(resolver: &mut Resolver<'_>, region: Option<&str>) -> Option<String> {
    let given = resolver.draft.bucket_key.as_ref()?;
    let text = given.value.as_str();
    resolver.origins.written("target.bucket_key", text, &given.place);
    let why = match text.split('/').collect::<Vec<_>>().as_slice() {
        ["projects", project, "locations", place, "keyRings", ring, "cryptoKeys", key]
            if [project, ring, key].iter().all(|name| !name.is_empty()) =>
        {
            if region.is_none_or(|region| region == *place) {
                return Some(text.to_owned());
            }
            format!("it lies in {place}, the bucket in {}", region.unwrap_or_default())
        }
        [.., "cryptoKeyVersions", _] => "it is one version of a key".to_owned(),
        _ if text.starts_with("arn:") => "it is a key of AWS".to_owned(),
        _ => "it is not the name of a key of Cloud KMS".to_owned(),
    };
    let region = region.unwrap_or("europe-west3");
    let help = format!(
        "write it like \"projects/acme-keys/locations/{region}/keyRings/state/cryptoKeys/state\""
    );
    resolver.problem(given.place.clone(), format!("`key` is \"{text}\""), why, help);
    None
}

/// Landfall makes remote repositories for the registries that the kit's images are at.
pub(super) const REMOTE: &str = "remote";

/// `images`: where images come from that are neither in Artifact Registry nor at Docker Hub.
fn images(resolver: &mut Resolver<'_>, gcp: &Gcp) {
    let Some(given) = &gcp.images else { return };
    resolver.origins.written("target.images", &given.value, &given.place);
    if given.value != REMOTE && !is_repository(given) {
        resolver.problem(
            given.place.clone(),
            format!("`images` is \"{}\"", given.value),
            "it is neither \"remote\" nor a repository of Artifact Registry",
            "write \"remote\", and Landfall makes repositories that fetch from the vendor's registry; or \
             name a mirror, like \"europe-west3-docker.pkg.dev/acme-ledger/mirror\"",
        );
    }
}

/// `europe-west3-docker.pkg.dev/PROJECT/REPOSITORY`.
fn is_repository(given: &Given<String>) -> bool {
    let parts: Vec<&str> = given.value.split('/').collect();
    let [host, project, repository] = parts.as_slice() else { return false };
    let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    host.strip_suffix("-docker.pkg.dev").is_some_and(|place| !place.is_empty())
        && is_project(project)
        && !repository.is_empty()
        && repository.bytes().all(legal)
}

/// Project and region of the state bucket of an environment, as its name says. The id of a project
/// may hold the name of a region, so that only the environment's own name decides between them.
pub(crate) fn place_of_bucket(bucket: &str, environment: &str) -> Option<(String, &'static str)> {
    let rest = bucket.strip_prefix("landfall-")?;
    let project = |region: &str| {
        let delimited = format!("-{region}-");
        rest.match_indices(&delimited).map(|(end, _)| rest[..end].to_owned()).collect::<Vec<_>>()
    };
    let mut found: Vec<(String, &'static str)> = REGIONS
        .into_iter()
        .flat_map(|region| project(region).into_iter().map(move |project| (project, region)))
        .filter(|(project, _)| is_project(project))
        .collect();
    found.sort_by_key(|(project, _)| project.len());
    let own = |(project, region): &&(String, &'static str)| {
        default_bucket(project, region, environment) == bucket
    };
    found.iter().find(own).or_else(|| found.first()).cloned()
}

/// Why Google Cloud Storage has no bucket of that name.
/// <https://cloud.google.com/storage/docs/buckets#naming>
pub(super) fn bucket_trouble(text: &str) -> Option<&'static str> {
    let alphanumeric = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = text.as_bytes();
    let shaped = (3..=63).contains(&bytes.len())
        && bytes.iter().all(|b| alphanumeric(*b) || b"._-".contains(b))
        && bytes.first().is_some_and(|b| alphanumeric(*b))
        && bytes.last().is_some_and(|b| alphanumeric(*b))
        && !text.contains("..");
    if !shaped {
        return Some(
            "Cloud Storage allows 3 to 63 lower-case letters, digits, dots, dashes and \
             underscores, starting and ending with a letter or digit",
        );
    }
    (text.starts_with("goog") || text.contains("google") || text.contains("g00gle"))
        .then_some("Cloud Storage keeps names with google, or starting with goog, for itself")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_of_cloud_storage() {
        for good in ["landfall-acme-ledger-europe-west3-demo-gcp", "a_b.c", "abc"] {
            assert_eq!(bucket_trouble(good), None, "{good}");
        }
        for bad in ["ab", "goog-state", "my-google-state", "State", "a..b", "-abc", "abc_"] {
            assert!(bucket_trouble(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn a_bucket_says_project_and_region() {
        let place = place_of_bucket;
        let is = |project: &str, region| Some((project.to_owned(), region));
        let ledger = "landfall-acme-us-ledger-europe-west3-acme";
        assert_eq!(place(ledger, "acme"), is("acme-us-ledger", "europe-west3"));
        assert_eq!(place(ledger, "other"), is("acme-us-ledger", "europe-west3"));
        // `europe-west12` is not `europe-west1`.
        let twelve = "landfall-acme-ledger-europe-west12-acme";
        assert_eq!(place(twelve, "acme"), is("acme-ledger", "europe-west12"));
        // A project that is named after a region, and an environment that is.
        let twice = "landfall-acme-eu-us-east1-data-europe-west3-acme";
        assert_eq!(place(twice, "acme"), is("acme-eu-us-east1-data", "europe-west3"));
        let twice = "landfall-acme-ledger-europe-west3-my-us-east1-x";
        assert_eq!(place(twice, "my-us-east1-x"), is("acme-ledger", "europe-west3"));
        // Cut, with its hash.
        let project = "acme-us-east1-finance-platform";
        let long = default_bucket(project, "europe-west3", "acme-production");
        assert!(!long.ends_with("-acme-production"), "{long}");
        assert_eq!(place(&long, "acme-production"), is(project, "europe-west3"));
        for other in ["landfall-acme-ledger-europe-wset3-acme", "acme-ledger-europe-west3-acme"] {
            assert_eq!(place(other, "acme"), None, "{other}");
        }
        assert_eq!(
            place("landfall-acme-europe-west3-acme", "acme"),
            None,
            "no project id is short"
        );
    }

    #[test]
    fn what_is_no_region() {
        assert_eq!(not_a_region("eu-central-1").0, "it is a region of AWS");
        assert!(not_a_region("EU").0.contains("multi-region"));
        assert_eq!(not_a_region("europe-west3-a").1, "write \"europe-west3\"");
        assert!(not_a_region("europe-wset3").1.contains("did you mean `europe-west3`?"));
    }
}
