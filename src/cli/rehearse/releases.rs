//! Made-up later releases of a kit, for rehearsing updates before there are any: the same product
//! under another version, with images of their own, and a schema that moves on if the act needs
//! one.

use hcl_edit::expr::{Array, Expression};
use hcl_edit::structure::Body;
use semver::Version;

use crate::failure::{Failure, Result};
use crate::hash::sha256;
use crate::release::{Bundle, path};
use crate::site::Loaded;

/// The releases of a journey, oldest first; the first is the kit's own.
pub(super) struct Releases {
    pub(super) first: Bundle,
    /// Migrates the schema, and serves the one before as well.
    pub(super) migrating: Bundle,
    /// Serves the new schema only.
    pub(super) broken: Bundle,
    /// The same, mended.
    pub(super) mended: Bundle,
}

impl Releases {
    pub(super) fn after(loaded: &Loaded) -> Result<Self> {
        let base = &loaded.environment.kit.release;
        let version = |minor: u64, patch: u64| {
            Version::new(base.version.major, base.version.minor + minor, patch)
        };
        let make = |from: &Bundle, version: &Version, schema: Schema| {
            later(from, version, &path::tag_of(version, base), schema)
        };
        let first = loaded.bundle.clone();
        let migrating = make(&first, &version(1, 0), Schema::MovesOn)?;
        let broken = make(&migrating, &version(2, 0), Schema::ForgetsTheOldOne)?;
        let mended = make(&broken, &version(2, 1), Schema::Stays)?;
        Ok(Self { first, migrating, broken, mended })
    }
}

/// What a made-up release does to the schemas.
#[derive(Clone, Copy)]
enum Schema {
    MovesOn,
    ForgetsTheOldOne,
    Stays,
}

fn later(from: &Bundle, version: &Version, tag: &str, schema: Schema) -> Result<Bundle> {
    let mut kit = parse("kit.hcl", from.kit())?;
    set(&mut kit, "release", "version", version.to_string().into());
    for block in kit.get_blocks_mut("schema") {
        move_schema(&mut block.body, schema);
    }
    let mut lock = parse("kit.lock", from.lock())?;
    set(&mut lock, "kit", "version", version.to_string().into());
    for block in lock.get_blocks_mut("image") {
        let name = block.labels.first().map(|label| label.as_str().to_owned()).unwrap_or_default();
        let digest = |what: &str| {
            format!("sha256:{}", sha256(format!("{name} {version} {what}").as_bytes()))
        };
        put(&mut block.body, "tag", tag.into());
        put(&mut block.body, "digest", digest("index").into());
        block.body.remove_attribute("platforms");
    }
    let kit = kit.to_string();
    // The tree's hash stands in the lock, which is not part of the tree.
    let hash = from.with(tag, kit.clone(), String::new()).tree();
    set(&mut lock, "kit", "tree", hash.into());
    Ok(from.with(tag, kit, lock.to_string()))
}

fn move_schema(body: &mut Body, schema: Schema) {
    let text = |body: &Body, name: &str| {
        let value = body.get_attribute(name)?.value.to_string();
        Some(value.trim().trim_matches('"').to_owned())
    };
    let Some(version) = text(body, "version") else { return };
    let next = match version.parse::<u64>() {
        Ok(number) => (number + 1).to_string(),
        Err(_) => format!("{version}-next"),
    };
    let value = |text: &str| match text.parse::<u64>() {
        Ok(number) => Expression::from(number),
        Err(_) => Expression::from(text),
    };
    let list = |versions: &[&str]| -> Expression {
        Expression::from(versions.iter().map(|it| value(it)).collect::<Array>())
    };
    match schema {
        Schema::MovesOn => {
            put(body, "version", value(&next));
            put(body, "accepts", list(&[&version, &next]));
        }
        Schema::ForgetsTheOldOne => put(body, "accepts", list(&[&version])),
        Schema::Stays => {}
    }
}

pub(super) fn parse(file: &str, text: &str) -> Result<Body> {
    text.parse().map_err(|error: hcl_edit::parser::Error| {
        Failure::failed(format!("{file} cannot be rehearsed with another version")).caused_by(error)
    })
}

/// Sets an attribute in the first block of a kind.
pub(super) fn set(body: &mut Body, block: &str, attribute: &str, value: Expression) {
    if let Some(block) = body.get_blocks_mut(block).next() {
        put(&mut block.body, attribute, value);
    }
}

fn put(body: &mut Body, name: &str, mut value: Expression) {
    use hcl_edit::Decorate as _;
    use hcl_edit::structure::Attribute;
    let Some(mut attribute) = body.get_attribute_mut(name) else {
        body.push(Attribute::new(hcl_edit::Ident::new(name), value));
        return;
    };
    value.decor_mut().set_prefix(" ");
    *attribute.value_mut() = value;
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

    use super::*;
    use crate::kit;
    use crate::release;
    use crate::source::{Problems, Source};

    #[test]
    fn every_made_up_release_is_a_kit_with_its_lock() {
        let assets = crate::workspace::Assets::embedded();
        let named = std::collections::BTreeMap::new();
        let kit = include_str!("../../../kit.hcl");
        let lock = include_str!("../../../kit.lock");
        let files = release::bundle::Files { kit, lock, named: &named, assets: &assets };
        let first = Bundle::new("v1.0.0", None, &files).unwrap();
        let version = |text: &str| text.parse::<Version>().unwrap();
        let next = later(&first, &version("1.1.0"), "v1.1.0", Schema::MovesOn).unwrap();
        let last = later(&next, &version("1.2.0"), "v1.2.0", Schema::ForgetsTheOldOne).unwrap();
        let mut problems = Problems::new();
        let read = |bundle: &Bundle, problems: &mut Problems| {
            kit::parse(&Source::new("kit.hcl", bundle.kit()), problems).unwrap()
        };
        let (one, two) = (read(&next, &mut problems), read(&last, &mut problems));
        assert_eq!(one.release.tag, "v1.1.0");
        assert_eq!(one.schemas["main"].accepts, ["1", "2"]);
        assert_eq!(two.schemas["main"].accepts, ["2"]);
        let lock = release::parse(&Source::new("kit.lock", last.lock()), &mut problems).unwrap();
        assert!(problems.is_empty());
        assert_eq!(lock.tree, last.tree());
        assert_eq!(lock.version, version("1.2.0"));
        assert_ne!(next.lock_hash(), last.lock_hash());
    }
}
