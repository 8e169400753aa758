//! Name, class, kit, release, size, contact, tags and drift: what stands at the top and the end.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;
use semver::Version;

use super::labels;
use super::resolver::{Resolver, place};
use crate::environment::draft::Given;
use crate::environment::model::Drift;
use crate::environment::origins::{DEFAULT, DERIVED};
use crate::git::signature::fingerprint;
use crate::kit::model::ValueType;
use crate::kit::types::fits;
use crate::release::KitSource;
use crate::source::Place;

/// The release that waives the kit's hash.
const DEV: &str = "dev";

/// What the header decides beyond what every family needs.
pub(super) struct Header {
    pub(super) release: Option<String>,
    pub(super) contact: Option<String>,
}

pub(super) fn header(resolver: &mut Resolver<'_>) -> Header {
    identity(resolver);
    kit(resolver);
    let release = release(resolver);
    signer(resolver);
    size(resolver);
    let contact = contact(resolver);
    if let Some(approvals) = &resolver.draft.approvals {
        let help = "remove the block; who may approve is decided by who may assume the role";
        resolver.unsupported(approvals.place.clone(), "`approvals`", help);
    }
    for unsupported in &resolver.kit.unsupported {
        let help = "use a release of the kit that does not need it";
        resolver.unsupported(unsupported.place.clone(), &unsupported.what, help);
    }
    Header { release, contact }
}

/// What does not depend on the kit.
pub(super) fn identity(resolver: &mut Resolver<'_>) {
    name(resolver);
    class(resolver);
}

/// Compiles a pattern of this room; they are all tested.
pub(super) fn pattern(text: &str) -> Option<Regex> {
    Regex::new(text).ok()
}

/// Names of environments.
const NAME: &str = "^[a-z][a-z0-9-]{1,18}[a-z0-9]$";

/// Whether a text is an environment's name.
pub(super) fn is_name(text: &str) -> bool {
    static PATTERN: LazyLock<Option<Regex>> = LazyLock::new(|| pattern(NAME));
    PATTERN.as_ref().is_some_and(|name| name.is_match(text)) && !text.contains("--")
}

fn name(resolver: &mut Resolver<'_>) {
    let Some(label) = &resolver.draft.name else { return };
    let (text, at) = (&label.value, label.place.clone());
    if !is_name(text) {
        resolver.problem(
            at,
            format!("`{text}` is not a name for an environment"),
            "it becomes part of every name in the cloud: 3 to 20 lower-case letters, digits and \
             single dashes, starting with a letter",
            "choose a name like `acme-production`, for the folder too",
        );
    } else if text != resolver.name {
        resolver.problem(
            at,
            format!("the environment is named `{text}`, its folder `{}`", resolver.name),
            "commands name an environment by its folder",
            "rename one of them",
        );
    } else if !resolver.gcp() && (text == "internal" || text.starts_with("internal-")) {
        resolver.problem(
            at,
            format!("`{text}` starts with `internal`"),
            "AWS keeps load balancer names that start with `internal-` for itself",
            "choose another name",
        );
    }
    resolver.origins.written("environment", text, &label.place);
}

fn class(resolver: &mut Resolver<'_>) {
    match &resolver.draft.class {
        Some(class) => resolver.origins.written("class", class.value.word(), &class.place),
        None => missing(resolver, "class", "which safeguards can be waived", "class = \"preview\""),
    }
}

/// A problem about an attribute that the header must have; where its name stands.
fn missing(resolver: &mut Resolver<'_>, what: &str, why: &str, example: &str) {
    let at = place(resolver.draft.name.as_ref()).cloned().unwrap_or_else(|| resolver.file.clone());
    resolver.problem(
        at,
        format!("the environment has no `{what}`"),
        format!("it decides {why}"),
        format!("add `{example}`"),
    );
}

fn kit(resolver: &mut Resolver<'_>) {
    let Some(given) = &resolver.draft.kit else {
        return missing(resolver, "kit", "what is installed", "kit = \"git::https://...\"");
    };
    let at = given.place.clone();
    match KitSource::parse(&given.value) {
        Ok(KitSource::Path(_) | KitSource::Git(_)) => {}
        Err(why) => resolver.problem(
            at,
            format!("`kit` is \"{}\"", given.value),
            why,
            "write a path like \"../..\" or an address like \"git::https://host/kit.git\"",
        ),
    }
    resolver.origins.written(
        "kit",
        format!("{} ({})", given.value, resolver.kit.name),
        &given.place,
    );
    let kit = resolver.kit;
    let (title, word) = (resolver.cloud.title(), resolver.cloud.word());
    if !kit.clouds.is_empty() && !kit.clouds.contains(&resolver.cloud) {
        resolver.problem(
            resolver.in_kit("kit.clouds").cloned(),
            format!("the kit \"{}\" does not run on {title}", kit.name),
            format!("its `clouds` does not name {word}"),
            "ask the vendor",
        );
    }
}

fn release(resolver: &mut Resolver<'_>) -> Option<String> {
    let Some(given) = &resolver.draft.release else {
        let example = format!("release = \"{}\"", resolver.kit.release.tag);
        missing(resolver, "release", "which bytes are installed", &example);
        return None;
    };
    let (text, at) = (given.value.as_str(), given.place.clone());
    resolver.origins.written("release", text, &given.place);
    let release = &resolver.kit.release;
    let tag = release.tag.as_str();
    if text == DEV {
        if resolver.production() {
            resolver.problem(
                at,
                "`release` is \"dev\"",
                "class production runs pinned releases only; `dev` waives the kit's hash",
                format!("write release = \"{tag}\""),
            );
        }
        return Some(text.to_owned());
    }
    if text != tag && text != release.version.to_string() {
        let pinned = Version::parse(text.trim_start_matches('v')).is_ok();
        let from_git = |kit: &Given<String>| kit.value.starts_with("git::");
        let (why, help) = if resolver.draft.kit.as_ref().is_some_and(from_git) {
            (
                "that tag was put on another release; ask the vendor",
                "or, if that one is meant, write",
            )
        } else if pinned {
            ("the kit beside it is another release", "check out the kit at that tag, or write")
        } else {
            ("a release is a pinned tag, never a range or a branch", "write")
        };
        resolver.problem(
            at,
            format!("`release` is \"{text}\", kit.hcl is {tag}"),
            why,
            format!("{help} release = \"{tag}\""),
        );
        return None;
    }
    if let Some((lock, places)) = resolver.lock
        && lock.tree != resolver.tree
    {
        resolver.problem(
            places.get("kit.tree").cloned(),
            format!("the kit's files are {}, kit.lock says {}", resolver.tree, lock.tree),
            format!("the release {tag} is exactly the bytes that kit.lock names"),
            "check the kit out unchanged, or, as its vendor, run `landfall release pin`; \
             `release = \"dev\"` waives this outside production",
        );
    }
    Some(tag.to_owned())
}

fn signer(resolver: &mut Resolver<'_>) {
    let Some(given) = &resolver.draft.signer else { return };
    if fingerprint(&given.value).is_none() {
        resolver.problem(
            given.place.clone(),
            format!("`signer` is \"{}\"", given.value),
            "a signer is the whole fingerprint of an SSH key: sha256: and 64 hex digits, or as ssh-keygen \
             prints it",
            "copy it from what the vendor published, or remove the line",
        );
    }
    resolver.origins.written("signer", &given.value, &given.place);
}

fn size(resolver: &mut Resolver<'_>) {
    let sizes = &resolver.kit.sizes;
    let known = || sizes.iter().map(|size| size.name.as_str());
    let default = sizes.iter().find(|size| size.default).or(sizes.first());
    let given = resolver.draft.size.as_ref();
    match given {
        Some(given) if !known().any(|size| size == given.value) => {
            resolver.unknown(Some(&given.place), "size", "sizes", &given.value, known());
        }
        Some(given) => resolver.size.clone_from(&given.value),
        None => resolver.size = default.map(|size| size.name.clone()).unwrap_or_default(),
    }
    if !resolver.size.is_empty() {
        resolver.origins.written_or("size", &resolver.size, place(given), DEFAULT);
    }
}

fn contact(resolver: &mut Resolver<'_>) -> Option<String> {
    let given = resolver.draft.contact.as_ref()?;
    if fits(ValueType::Email, &given.value).is_err() {
        resolver.problem(
            given.place.clone(),
            format!("`contact` is \"{}\"", given.value),
            "alarms are sent there by e-mail",
            "write an address like \"platform@acme.example\"",
        );
    }
    resolver.origins.written("contact", &given.value, &given.place);
    Some(given.value.clone())
}

/// Most tags of the customer: AWS allows fifty on a resource, Landfall and its modules set five.
const MOST_TAGS: usize = 45;

/// The customer's tags and Landfall's own. The release is not among them: it would change every
/// resource of the foundation at every update.
pub(super) fn tags(resolver: &mut Resolver<'_>) -> BTreeMap<String, String> {
    if resolver.gcp() {
        return labels::labels(resolver);
    }
    let mut tags = BTreeMap::new();
    let draft = resolver.draft;
    if let Some((_, over)) = draft.tags.iter().nth(MOST_TAGS) {
        resolver.problem(
            over.place.clone(),
            format!("{} tags", draft.tags.len()),
            "AWS allows 50 tags on a resource, and Landfall sets some itself",
            format!("keep at most {MOST_TAGS}"),
        );
    }
    let mut lower: BTreeMap<String, &str> = BTreeMap::new();
    for (key, value) in &draft.tags {
        tag(resolver, key, value);
        if let Some(other) = lower.insert(key.to_lowercase(), key) {
            resolver.problem(
                value.place.clone(),
                format!("the tags `{other}` and `{key}` differ only in case"),
                "IAM takes them for the same tag",
                "keep one of them",
            );
        }
        resolver.origins.written(format!("tags.{key}"), &value.value, &value.place);
        tags.insert(key.clone(), value.value.clone());
    }
    let own = [
        ("landfall:environment", resolver.name),
        ("landfall:class", resolver.class.word()),
        ("landfall:kit", &resolver.kit.name),
    ];
    for (key, value) in own {
        resolver.origins.derived(format!("tags.{key}"), value);
        tags.insert(key.to_owned(), value.to_owned());
    }
    tags
}

fn tag(resolver: &mut Resolver<'_>, key: &str, value: &Given<String>) {
    // https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
    let legal = |text: &str| text.chars().all(|c| c.is_alphanumeric() || " _.:/=+-@".contains(c));
    let at = value.place.clone();
    let lower = key.to_lowercase();
    if let Some(prefix) = ["landfall:", "aws:"].into_iter().find(|it| lower.starts_with(it)) {
        resolver.problem(
            at,
            format!("the tag `{key}` starts with `{prefix}`"),
            "that prefix belongs to the one who sets these tags",
            "choose another key",
        );
    } else if key.is_empty() || key.chars().count() > 128 || !legal(key) {
        resolver.problem(
            at,
            format!("`{key}` is not a tag's key"),
            "AWS allows 1 to 128 letters, digits, spaces and _ . : / = + - @",
            "choose another key",
        );
    } else if value.value.chars().count() > 256 || !legal(&value.value) {
        resolver.problem(
            at,
            format!("`{}` is not a tag's value", value.value),
            "AWS allows up to 256 letters, digits, spaces and _ . : / = + - @",
            "choose another value",
        );
    }
}

/// Kept for the drift gate; nothing is rendered from it.
pub(super) fn drift(resolver: &mut Resolver<'_>) -> Drift {
    let mut drift = Drift::default();
    if let Some(given) = &resolver.draft.drift.ignore_tags {
        resolver.origins.written("drift.ignore_tags", given.value.join(", "), &given.place);
        drift.ignore_tags.clone_from(&given.value);
    }
    if let Some(given) = &resolver.draft.drift.customer_owned {
        for owned in &given.value {
            customer_owned(resolver, &owned.value, &owned.place);
            drift.customer_owned.push(owned.value.join("."));
        }
        let all = drift.customer_owned.join(", ");
        resolver.origins.written("drift.customer_owned", all, &given.place);
    }
    drift
}

fn customer_owned(resolver: &mut Resolver<'_>, path: &[String], at: &Place) {
    let known = match path {
        [kind, name, _part] if kind == "ingress" => resolver.kit.ingresses.contains_key(name),
        [kind, name, _part] if kind == "database" => resolver.kit.databases.contains_key(name),
        [kind, _part] => kind == "network",
        _ => false,
    };
    if !known {
        resolver.problem(
            at.clone(),
            format!("`{}` is not a part of this environment", path.join(".")),
            "what the customer owns is named by its block and the part of it",
            "write it like ingress.public.firewall",
        );
        return;
    }
    let (Some(kind), Some(part)) = (path.first(), path.last()) else { return };
    let parts = crate::drift::parts(kind);
    if !parts.contains(&part.as_str()) {
        resolver.problem(
            at.clone(),
            format!("`{part}` is not a part of {kind} that a customer can own"),
            format!("there are {}", parts.join(", ")),
            format!("write it like {}.{}", path[..path.len() - 1].join("."), parts.join(" or .")),
        );
    }
}

/// The origin of a value that follows from the kit, else from nothing.
pub(super) fn kit_origin(resolver: &Resolver<'_>, key: &str) -> String {
    resolver.kit.places.get(key).map_or_else(|| DERIVED.to_owned(), ToString::to_string)
}
