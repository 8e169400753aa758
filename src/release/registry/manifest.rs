//! What a registry keeps under a name: an index over platforms, or the manifest of one image.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The kinds of manifest, of OCI and of Docker.
pub(super) const ACCEPTED: [&str; 4] = [
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
];

/// Platforms that can run.
const PLATFORMS: [&str; 2] = ["linux/amd64", "linux/arm64"];

/// What a manifest says about platforms.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// `linux/amd64` → digest.
    Index(BTreeMap<String, String>),
    /// One image; its configuration, by digest, says for which platform.
    Image {
        /// Digest of the configuration.
        configuration: String,
    },
}

#[derive(Deserialize)]
struct Manifest {
    manifests: Option<Vec<Entry>>,
    config: Option<Descriptor>,
}

#[derive(Deserialize)]
struct Descriptor {
    digest: String,
}

#[derive(Deserialize)]
struct Entry {
    digest: String,
    platform: Option<Platform>,
}

#[derive(Deserialize)]
struct Platform {
    os: String,
    architecture: String,
}

impl Platform {
    fn name(&self) -> String {
        format!("{}/{}", self.os, self.architecture)
    }
}

/// Reads a manifest; the error says what is wrong with it.
pub(super) fn read(bytes: &[u8]) -> Result<Content, String> {
    let manifest: Manifest = serde_json::from_slice(bytes)
        .map_err(|error| format!("the manifest cannot be read: {error}"))?;
    if let Some(entries) = manifest.manifests {
        let mut platforms = BTreeMap::new();
        for entry in entries {
            let name = entry.platform.map(|platform| platform.name()).unwrap_or_default();
            if PLATFORMS.contains(&name.as_str()) && is_digest(&entry.digest) {
                platforms.entry(name).or_insert(entry.digest);
            }
        }
        return Ok(Content::Index(platforms));
    }
    match manifest.config {
        Some(config) if is_digest(&config.digest) => {
            Ok(Content::Image { configuration: config.digest })
        }
        _ => Err("the manifest is neither an index nor an image's".to_owned()),
    }
}

/// The platform that an image's configuration names, if it is one that can run.
pub(super) fn platform(configuration: &[u8]) -> Option<String> {
    let platform: Platform = serde_json::from_slice(configuration).ok()?;
    Some(platform.name()).filter(|name| PLATFORMS.contains(&name.as_str()))
}

/// `sha256:` and 64 hexadecimal digits: the only kind that kit.lock holds.
pub(super) fn is_digest(text: &str) -> bool {
    let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    text.strip_prefix("sha256:").is_some_and(|rest| rest.len() == 64 && rest.bytes().all(hex))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attestations_and_other_systems_are_no_platforms() {
        let digest = |digit: &str| format!("sha256:{}", digit.repeat(64));
        let text = format!(
            r#"{{"manifests": [
                {{"digest": "{}", "platform": {{"os": "linux", "architecture": "amd64"}}}},
                {{"digest": "{}", "platform": {{"os": "linux", "architecture": "arm64", "variant": "v8"}}}},
                {{"digest": "{}", "platform": {{"os": "unknown", "architecture": "unknown"}}}},
                {{"digest": "{}", "platform": {{"os": "windows", "architecture": "amd64"}}}}
            ]}}"#,
            digest("a"),
            digest("b"),
            digest("c"),
            digest("d")
        );
        let platforms = [("linux/amd64", digest("a")), ("linux/arm64", digest("b"))];
        let platforms = platforms.map(|(name, digest)| (name.to_owned(), digest)).into();
        assert_eq!(read(text.as_bytes()), Ok(Content::Index(platforms)));
        let image = format!(r#"{{"config": {{"digest": "{}"}}}}"#, digest("e"));
        assert_eq!(read(image.as_bytes()), Ok(Content::Image { configuration: digest("e") }));
        assert!(read(b"{}").is_err() && read(b"<html>").is_err());
        assert_eq!(
            platform(br#"{"os": "linux", "architecture": "arm64"}"#),
            Some("linux/arm64".to_owned())
        );
        assert_eq!(platform(br#"{"os": "linux", "architecture": "s390x"}"#), None);
    }
}
