//! The cloud account, the region and the state bucket: what an environment is pinned to (G1).

use super::resolver::{Resolver, place};
use super::target_gcp::{REGIONS as GCP_REGIONS, bucket_trouble, target_gcp};
use crate::environment::draft::{Aws, Given};
use crate::environment::model::{Target, VerbRoles};
use crate::environment::origins::DERIVED;
use crate::hcl;
use crate::kit::model::CloudName;
use crate::name::name;

/// Regions of AWS with ECS on Fargate.
/// Source: <https://docs.aws.amazon.com/general/latest/gr/ecs-service.html>
pub(super) const AWS_REGIONS: [&str; 38] = [
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "cn-north-1",
    "cn-northwest-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-gov-east-1",
    "us-gov-west-1",
    "us-west-1",
    "us-west-2",
];

pub(super) fn target(resolver: &mut Resolver<'_>) -> Option<Target> {
    match (&resolver.draft.aws, &resolver.draft.gcp) {
        (Some(aws), None) => target_aws(resolver, aws),
        (None, Some(gcp)) => target_gcp(resolver, gcp),
        (Some(_), Some(gcp)) => {
            resolver.problem(
                gcp.place.clone(),
                "both `aws` and `gcp` are given",
                "an environment lives in one cloud",
                "remove one of the blocks (look into defaults.hcl, too)",
            );
            None
        }
        (None, None) => {
            resolver.problem(
                resolver.file.clone(),
                "there is no `aws { ... }` and no `gcp { ... }`",
                "it pins the environment to an account or project, and a region",
                "add `aws { account_id = \"111122223333\"  region = \"eu-central-1\" }`, one \
                 attribute a line",
            );
            None
        }
    }
}

fn target_aws(resolver: &mut Resolver<'_>, aws: &Aws) -> Option<Target> {
    let account_id = account_id(resolver, aws);
    let region = region(resolver, aws);
    let partition = region.as_deref().map_or("aws", partition);
    let account = account_id.as_deref();
    let boundary = aws.permissions_boundary.as_ref();
    if let Some(given) = boundary {
        iam_arn(resolver, "permissions_boundary", "policy", given, partition, account);
        resolver.origins.written("target.permissions_boundary", &given.value, &given.place);
    }
    let verbs = [("read", &aws.read), ("update", &aws.update), ("install", &aws.install)];
    for (verb, given) in verbs {
        let Some(given) = given else { continue };
        iam_arn(resolver, &format!("roles.{verb}"), "role", given, partition, account);
        resolver.origins.written(format!("target.roles.{verb}"), &given.value, &given.place);
    }
    let bucket = bucket(resolver, account, region.as_deref());
    if let Some(given) = &resolver.draft.bucket_key {
        let help = "remove `key`: the bucket is encrypted with S3's own";
        resolver.unsupported(given.place.clone(), "a key of the state bucket on AWS", help);
    }
    let value = |given: &Option<Given<String>>| given.as_ref().map(|given| given.value.clone());
    Some(Target {
        cloud: CloudName::Aws,
        account_id: account_id?,
        project_number: None,
        partition: partition.to_owned(),
        region: region?,
        bucket: bucket?,
        bucket_key: None,
        permissions_boundary: value(&aws.permissions_boundary),
        roles: VerbRoles {
            read: value(&aws.read),
            update: value(&aws.update),
            install: value(&aws.install),
        },
    })
}

/// Which partition a region lies in.
fn partition(region: &str) -> &'static str {
    match region.split_once('-').map_or("", |(start, _)| start) {
        "cn" => "aws-cn",
        "us" if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}

fn account_id(resolver: &mut Resolver<'_>, aws: &Aws) -> Option<String> {
    let Some(given) = &aws.account_id else {
        resolver.problem(
            aws.place.clone(),
            "`aws` has no `account_id`",
            "the environment is pinned to it: every verb compares it with who you are (G1)",
            "add `account_id = \"111122223333\"`",
        );
        return None;
    };
    resolver.origins.written("target.account_id", &given.value, &given.place);
    if given.value.len() == 12 && given.value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(given.value.clone());
    }
    resolver.problem(
        given.place.clone(),
        format!("`account_id` is \"{}\"", given.value),
        "an account id has twelve digits",
        "`aws sts get-caller-identity` prints it",
    );
    None
}

fn region(resolver: &mut Resolver<'_>, aws: &Aws) -> Option<String> {
    let Some(given) = &aws.region else {
        resolver.problem(
            aws.place.clone(),
            "`aws` has no `region`",
            "the data stays there",
            "add `region = \"eu-central-1\"`",
        );
        return None;
    };
    resolver.origins.written("target.region", &given.value, &given.place);
    if AWS_REGIONS.contains(&given.value.as_str()) {
        return Some(given.value.clone());
    }
    let why = if GCP_REGIONS.contains(&given.value.as_str()) {
        "it is a region of Google Cloud"
    } else {
        "AWS has no region of that name that runs Fargate"
    };
    resolver.problem(
        given.place.clone(),
        format!("`region` is \"{}\"", given.value),
        why,
        hcl::list(&given.value, "regions", AWS_REGIONS),
    );
    None
}

/// `arn:aws:iam::ACCOUNT:role/NAME`, of this partition and account. A policy may be one of AWS.
fn iam_arn(
    resolver: &mut Resolver<'_>,
    key: &str,
    kind: &str,
    given: &Given<String>,
    partition: &str,
    account: Option<&str>,
) {
    let text = given.value.as_str();
    let example = format!(
        "write it like \"arn:{partition}:iam::{}:{kind}/name\"",
        account.unwrap_or("111122223333")
    );
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let why = match parts.as_slice() {
        ["arn", of_partition, "iam", "", owner, resource] => {
            let named = resource.strip_prefix(kind).and_then(|rest| rest.strip_prefix('/'));
            let shared = kind == "policy" && *owner == "aws";
            if named.is_none_or(str::is_empty) {
                format!("it is not the ARN of a {kind}")
            } else if *of_partition != partition {
                format!("it lies in the partition {of_partition}, the region in {partition}")
            } else if !shared && account.is_some_and(|account| account != *owner) {
                format!("it belongs to the account {owner}, not to this one")
            } else {
                return;
            }
        }
        _ => format!("it is not the ARN of an IAM {kind}"),
    };
    resolver.problem(given.place.clone(), format!("`{key}` is \"{text}\""), why, example);
}

/// The name that a state bucket has when nobody says otherwise.
pub(super) fn default_bucket(account: &str, region: &str, environment: &str) -> String {
    name("landfall", &format!("{account}-{region}-{environment}"), 63)
}

/// The bucket that is adopted, else the default one.
pub(super) fn bucket(
    resolver: &mut Resolver<'_>,
    account: Option<&str>,
    region: Option<&str>,
) -> Option<String> {
    let given = resolver.draft.bucket.as_ref();
    let bucket = match given {
        Some(given) => given.value.clone(),
        None => default_bucket(account?, region?, resolver.name),
    };
    let trouble = if resolver.gcp() {
        bucket_trouble(&bucket)
    } else {
        (given.is_some() && !is_bucket(&bucket)).then_some(
            "S3 allows 3 to 63 lower-case letters, digits, dots and dashes, starting and ending \
             with a letter or digit",
        )
    };
    if let Some(why) = trouble {
        let help = if given.is_some() {
            "write the name of the bucket, not its ARN or address"
        } else {
            "choose one: `state { bucket = \"acme-landfall-state\" }`"
        };
        let at = place(given).cloned().unwrap_or_else(|| resolver.file.clone());
        resolver.problem(at, format!("`bucket` is \"{bucket}\""), why, help);
    }
    resolver.origins.written_or("target.bucket", &bucket, place(given), DERIVED);
    Some(bucket)
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>
fn is_bucket(text: &str) -> bool {
    let alphanumeric = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = text.as_bytes();
    (3..=63).contains(&bytes.len())
        && bytes.iter().all(|b| alphanumeric(*b) || b".-".contains(b))
        && bytes.first().is_some_and(|b| alphanumeric(*b))
        && bytes.last().is_some_and(|b| alphanumeric(*b))
        && !text.contains("..")
}
