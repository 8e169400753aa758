//! The one writer of `kit.lock`: what [`parse`](super::parse) reads back as the same lock.

use std::fmt::Write as _;

use super::lock::{KitLock, LockedImage, LockedProvider};
use crate::workspace::quote;

/// The head of every lock.
const HEAD: &str = "\
# Binds the kit at a version to exact bytes. `landfall release pin` writes this file; it is not edited by
# hand, except for the providers' hashes of further platforms.

format = 1
";

/// The file's text. `hash` of the lock is not part of it: it is the hash of this text.
pub fn text(lock: &KitLock) -> String {
    let mut out = String::from(HEAD);
    let version = quote(&lock.version.to_string());
    let _ = write!(out, "\nkit {{\n  version = {version}\n  tree    = {}\n}}\n", quote(&lock.tree));
    for (name, locked) in &lock.images {
        image(&mut out, "image", name, locked);
    }
    if let Some(proxy) = &lock.sql_proxy {
        image(&mut out, "client", "cloud-sql-proxy", proxy);
    }
    image(&mut out, "client", "postgres", &lock.postgres_client);
    for (source, locked) in &lock.providers {
        provider(&mut out, source, locked);
    }
    out
}

fn image(out: &mut String, block: &str, name: &str, image: &LockedImage) {
    let _ = write!(
        out,
        "\n{block} {} {{\n  repository = {}\n  tag        = {}\n  digest     = {}\n",
        quote(name),
        quote(&image.repository),
        quote(&image.tag),
        quote(&image.digest),
    );
    if !image.platforms.is_empty() {
        out.push_str("  platforms = {\n");
        for (platform, digest) in &image.platforms {
            let _ = writeln!(out, "    {} = {}", quote(platform), quote(digest));
        }
        out.push_str("  }\n");
    }
    out.push_str("}\n");
}

fn provider(out: &mut String, source: &str, provider: &LockedProvider) {
    let _ = write!(
        out,
        "\nprovider {} {{\n  version     = {}\n  constraints = {}\n",
        quote(source),
        quote(&provider.version.to_string()),
        quote(&provider.constraints),
    );
    if provider.hashes.is_empty() {
        out.push_str("  hashes      = []\n}\n");
        return;
    }
    out.push_str("  hashes = [\n");
    for hash in &provider.hashes {
        let _ = writeln!(out, "    {},", quote(hash));
    }
    out.push_str("  ]\n}\n");
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use semver::Version;

    use super::*;
    use crate::release::parse;
    use crate::release::tree::sha256;
    use crate::source::{Problems, Source};

    fn read(text: &str) -> KitLock {
        let mut problems = Problems::new();
        let lock = parse(&Source::new("kit.lock", text), &mut problems);
        let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert!(said.is_empty(), "{said:?}\n{text}");
        lock.expect("a lock")
    }

    #[test]
    fn the_lock_of_the_demo_keeps_its_shape() {
        let own = include_str!("../../kit.lock");
        assert_eq!(text(&read(own)), own);
    }

    fn digest() -> impl Strategy<Value = String> {
        "sha256:[0-9a-f]{64}"
    }

    fn image() -> impl Strategy<Value = LockedImage> {
        let platform = prop::sample::select(vec!["linux/amd64", "linux/arm64"]);
        let platforms =
            prop::collection::btree_map(platform.prop_map(str::to_owned), digest(), 0..3);
        let repository = "[a-z]{1,9}\\.example(:[0-9]{1,4})?/[a-z]{1,9}";
        (repository, any::<String>(), digest(), platforms).prop_map(
            |(repository, tag, digest, platforms)| LockedImage {
                repository,
                tag,
                digest,
                platforms,
            },
        )
    }

    fn version() -> impl Strategy<Value = Version> {
        (0..99_u64, 0..99_u64, 0..99_u64).prop_map(|(a, b, c)| Version::new(a, b, c))
    }

    fn provider() -> impl Strategy<Value = LockedProvider> {
        let hash = prop_oneof!["h1:[a-zA-Z0-9+/]{43}=", "zh:[0-9a-f]{64}"];
        let hashes = prop::collection::btree_set(hash, 0..4);
        (version(), any::<String>(), hashes).prop_map(|(version, constraints, hashes)| {
            LockedProvider { version, constraints, hashes: hashes.into_iter().collect() }
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(
            version in version(),
            tree in digest(),
            images in prop::collection::btree_map("[a-z][a-z0-9_-]{0,8}[a-z0-9]", image(), 0..3),
            postgres_client in image(),
            sql_proxy in prop::option::of(image()),
            providers in prop::collection::btree_map("[a-z]{1,5}\\.io/[a-z]{1,5}/[a-z]{1,5}", provider(), 0..3),
        ) {
            let providers: BTreeMap<_, _> = providers;
            let mut lock =
                KitLock { version, tree, images, postgres_client, sql_proxy, providers, hash: String::new() };
            let written = text(&lock);
            lock.hash = sha256(written.as_bytes());
            prop_assert_eq!(read(&written), lock);
        }
    }
}
