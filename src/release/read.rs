//! Reading `kit.lock`, and comparing it with the kit that it locks.
//!
//! ```text
//! format = 1
//!
//! kit {
//!   version = "1.0.0"
//!   tree    = "sha256:..."
//! }
//!
//! image "app" {
//!   repository = "registry.ledger.example/ledger"
//!   tag        = "v1.0.0"
//!   digest     = "sha256:..."
//!   platforms  = { "linux/amd64" = "sha256:..." }
//! }
//!
//! client "postgres" { ... as an image ... }
//! client "cloud-sql-proxy" { ... if the kit logs in through it on Google Cloud ... }
//!
//! provider "registry.terraform.io/hashicorp/aws" {
//!   version     = "5.100.0"
//!   constraints = ">= 5.100.0, < 7.0.0"
//!   hashes      = ["h1:...", "zh:..."]
//! }
//! ```

use std::collections::BTreeMap;
use std::sync::Arc;

use super::lock::{KitLock, LockedImage, LockedProvider};
use super::tree::sha256;
use crate::hcl::{self, Body, Label, Value};
use crate::kit::model::{CloudName, Kit};
use crate::source::{Place, Problem, Problems, Source};

/// The only version of the file's format so far.
const FORMAT: i64 = 1;

/// What makes a lock; every message that finds one wrong ends here.
const REPIN: &str = "run `landfall release pin` in the kit's repository; it writes kit.lock";

/// Reads a whole `kit.lock`; `None` after at least one problem.
pub fn parse(source: &Arc<Source>, problems: &mut Problems) -> Option<KitLock> {
    parse_with_places(source, problems).map(|(lock, _)| lock)
}

/// Where things stand in a `kit.lock`: `kit.tree`, `kit.version`, `image.app`,
/// `client.postgres`.
pub(crate) type Places = BTreeMap<String, Place>;

/// As [`parse`], with the places for a comparison.
pub(crate) fn parse_with_places(
    source: &Arc<Source>,
    problems: &mut Problems,
) -> Option<(KitLock, Places)> {
    let mut body = hcl::read_literal(source, problems)?;
    let mut places = Places::new();
    let format = body.require("format", problems)?;
    // In a newer format the other problems would only confuse.
    format.integer(FORMAT..=FORMAT, problems)?;
    let kit = body.block("kit", problems);
    if kit.is_none() {
        problems.push(missing(&body, "kit { version = ... tree = ... }"));
    }
    let kit = kit.and_then(|body| read_kit(body, &mut places, problems));

    let mut images = BTreeMap::new();
    for (label, body) in body.named_blocks("image", problems) {
        places.insert(format!("image.{}", label.text), label.place.clone());
        if let Some(image) = read_image(body, problems) {
            images.insert(label.text, image);
        }
    }
    let (mut client, mut sql_proxy) = (None, None);
    for (label, client_body) in body.named_blocks("client", problems) {
        if label.text == "postgres" {
            places.insert("client.postgres".to_owned(), label.place.clone());
            client = read_image(client_body, problems);
        } else if label.text == "cloud-sql-proxy" {
            places.insert("client.cloud-sql-proxy".to_owned(), label.place.clone());
            sql_proxy = read_image(client_body, problems);
        } else {
            problems.push(unknown_client(&label));
        }
    }
    if client.is_none() && !places.contains_key("client.postgres") {
        problems.push(missing(&body, "client \"postgres\" { ... }"));
    }
    let mut providers = BTreeMap::new();
    for (label, body) in body.named_blocks("provider", problems) {
        if let Some(provider) = read_provider(&label, body, problems) {
            providers.insert(label.text, provider);
        }
    }
    body.finish(problems);
    let (version, tree) = kit?;
    let hash = sha256(source.text.as_bytes());
    let postgres_client = client?;
    let lock = KitLock { version, tree, images, postgres_client, sql_proxy, providers, hash };
    Some((lock, places))
}

fn missing(body: &Body, block: &str) -> Problem {
    Problem::new(
        body.place().clone(),
        format!("kit.lock has no `{block}`"),
        "without it the kit is not bound to exact bytes",
        REPIN,
    )
}

fn unknown_client(label: &Label) -> Problem {
    Problem::new(
        label.place.clone(),
        format!("unknown client `{}`", label.text),
        "Landfall runs `postgres` in the bootstrap job, and `cloud-sql-proxy` beside services",
        "remove the block",
    )
}

fn read_kit(
    mut body: Body,
    places: &mut Places,
    problems: &mut Problems,
) -> Option<(semver::Version, String)> {
    let version = body.require("version", problems);
    let tree = body.require("tree", problems);
    body.finish(problems);
    for (key, value) in [("kit.version", &version), ("kit.tree", &tree)] {
        if let Some(value) = value {
            places.insert(key.to_owned(), value.place());
        }
    }
    let version = version.and_then(|value| value.version(problems));
    let tree = tree.and_then(|value| digest(&value, problems));
    Some((version?, tree?))
}

fn read_image(mut body: Body, problems: &mut Problems) -> Option<LockedImage> {
    let repository = body.require("repository", problems).and_then(|it| repository(&it, problems));
    let tag = body.require("tag", problems).and_then(|value| value.string(problems));
    let pinned = body.require("digest", problems).and_then(|value| digest(&value, problems));
    let platforms = body.take("platforms").map(|value| platforms(&value, problems));
    body.finish(problems);
    let platforms = platforms.unwrap_or_else(|| Some(BTreeMap::new()));
    Some(LockedImage { repository: repository?, tag: tag?, digest: pinned?, platforms: platforms? })
}

/// A repository without tag or digest. A colon after the last slash would be a tag; one before
/// it is a port.
fn repository(value: &Value, problems: &mut Problems) -> Option<String> {
    let text = value.string(problems)?;
    let last = text.rsplit('/').next().unwrap_or_default();
    let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"./-_:".contains(&b));
    if !text.is_empty() && plain && !last.contains(':') {
        return Some(text);
    }
    problems.push(value.problem(
        "a repository has a host and a path, without tag and digest",
        "write it like \"registry.ledger.example/ledger\"",
    ));
    None
}

/// `sha256:` and 64 lower-case hex digits.
fn digest(value: &Value, problems: &mut Problems) -> Option<String> {
    let text = value.string(problems)?;
    let hex = text.strip_prefix("sha256:");
    let is_hex = |hex: &str| hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    let why = match hex {
        Some(hex) if hex.len() == 64 && is_hex(hex) => return Some(text),
        Some(hex) if !is_hex(hex) => "after sha256: only the digits 0-9 and a-f may stand",
        Some(_) => "a SHA-256 digest has 64 hex digits",
        None => "this is a tag or a name; only a digest says exactly which bytes run (G3)",
    };
    problems.push(value.problem(why, REPIN));
    None
}

fn platforms(value: &Value, problems: &mut Problems) -> Option<BTreeMap<String, String>> {
    value.map_of(problems, |entry, problems| {
        let digest = digest(entry, problems);
        let known = ["linux/amd64", "linux/arm64"];
        if known.contains(&entry.name()) {
            return digest;
        }
        problems.push(Problem::new(
            entry.name_place().clone(),
            format!("`{}` is not a platform that can run", entry.name()),
            "Fargate and Cloud Run have these two",
            format!("platforms: {}", known.join(", ")),
        ));
        None
    })
}

fn read_provider(label: &Label, mut body: Body, problems: &mut Problems) -> Option<LockedProvider> {
    if label.text.split('/').filter(|part| !part.is_empty()).count() != 3 {
        problems.push(Problem::new(
            label.place.clone(),
            format!("`{}` is not a provider's source address", label.text),
            "it has a registry, a namespace and a name",
            "write it like \"registry.terraform.io/hashicorp/aws\"",
        ));
    }
    let version = body.require("version", problems).and_then(|value| value.version(problems));
    let constraints = body.require("constraints", problems).and_then(|it| it.string(problems));
    let hashes = body.require("hashes", problems);
    body.finish(problems);
    let hashes = hashes.and_then(|value| value.list_of(problems, provider_hash));
    let mut hashes = hashes?;
    hashes.sort();
    hashes.dedup();
    Some(LockedProvider { version: version?, constraints: constraints?, hashes })
}

/// The two schemes that Terraform writes: `h1:` (44 characters of base64 over the unpacked files)
/// and `zh:` (64 hex digits of the archive).
fn provider_hash(item: &Value, problems: &mut Problems) -> Option<String> {
    let text = item.string(problems)?;
    let base64 = |b: u8| b.is_ascii_alphanumeric() || b"+/=".contains(&b);
    let fits = match text.split_once(':') {
        Some(("h1", rest)) => rest.len() == 44 && rest.bytes().all(base64),
        Some(("zh", rest)) => rest.len() == 64 && rest.bytes().all(|b| b.is_ascii_hexdigit()),
        _ => false,
    };
    if fits {
        return Some(text);
    }
    problems.push(item.problem(
        "a provider's hash is h1: and 44 characters of base64, or zh: and 64 hex digits",
        "copy it from a .terraform.lock.hcl",
    ));
    None
}

/// Whether this lock locks this kit: the version, every image with its repository and tag, and the
/// providers of the clouds that the kit names, else that of AWS.
pub(crate) fn compare(lock: &KitLock, places: &Places, kit: &Kit, problems: &mut Problems) {
    let place = |key: &str| places.get(key).cloned();
    if lock.version != kit.release.version {
        problems.push(Problem::new(
            place("kit.version"),
            format!("kit.lock locks {}, kit.hcl is {}", lock.version, kit.release.version),
            "a lock belongs to one version of its kit",
            REPIN,
        ));
    }
    for (name, image) in &kit.images {
        let Some(locked) = lock.images.get(name) else {
            if places.contains_key(&format!("image.{name}")) {
                continue; // It is there and was refused above.
            }
            problems.push(Problem::new(
                kit.places.get(&format!("image.{name}")).cloned(),
                format!("image \"{name}\" is not in kit.lock"),
                "an image is only ever run by its digest (G3)",
                REPIN,
            ));
            continue;
        };
        if locked.repository != image.repository || locked.tag != image.tag {
            problems.push(Problem::new(
                place(&format!("image.{name}")),
                format!(
                    "image \"{name}\" is locked as {}:{}, kit.hcl says {}:{}",
                    locked.repository, locked.tag, image.repository, image.tag
                ),
                "the lock would run other bytes than the kit means",
                REPIN,
            ));
        }
    }
    for name in lock.images.keys().filter(|name| !kit.images.contains_key(*name)) {
        problems.push(Problem::new(
            place(&format!("image.{name}")),
            format!("kit.lock has an image \"{name}\" that kit.hcl does not have"),
            "the lock was made for another kit",
            REPIN,
        ));
    }
    let clouds = if kit.clouds.is_empty() { &[CloudName::Aws][..] } else { &kit.clouds };
    for cloud in clouds {
        if let Some(problem) = without_provider(lock, places, *cloud) {
            problems.push(problem);
        }
    }
}

/// The problem of a lock that has no provider for a cloud.
pub(crate) fn without_provider(
    lock: &KitLock,
    places: &Places,
    cloud: CloudName,
) -> Option<Problem> {
    let source = provider(cloud);
    (!lock.providers.contains_key(source)).then(|| {
        Problem::new(
            places.get("kit.version").cloned(),
            format!("kit.lock has no provider \"{source}\""),
            "the rendered layers name exact provider versions",
            REPIN,
        )
    })
}

/// The source of the provider that the layers of a cloud use.
pub(crate) fn provider(cloud: CloudName) -> &'static str {
    match cloud {
        CloudName::Aws => "registry.terraform.io/hashicorp/aws",
        CloudName::Gcp => "registry.terraform.io/hashicorp/google",
    }
}
