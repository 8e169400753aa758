//! `terraform/manifest.json`: what was rendered last, so that a later rendering can tell what a
//! person changed since, and merge it.
//!
//! It holds the hash of every file, and of the environment's own text files the text as well,
//! packed. Of the places where that text could be, this is the one that is always there: a folder
//! of originals would double what a customer reads, git has only what was committed (and need not
//! be there), and the bucket cannot be asked by `render`. Hash and text are written at once, so
//! they never disagree.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use serde::{Deserialize, Serialize};

use super::lock_file;
use super::three_way::Base;
use crate::failure::{Failure, Result};
use crate::fs;
use crate::hash::sha256;

/// Version of the manifest's format.
const FORMAT: u32 = 1;

/// Longest text that is kept, in bytes: longer ones are certificates, which nobody edits.
const LONGEST: usize = 64 * 1024;

/// What was rendered last.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Manifest {
    format: u32,
    /// Path relative to `environments/` → SHA-256.
    files: BTreeMap<String, String>,
    /// SHA-256 → the text with that hash: base64 of its zlib form.
    #[serde(default)]
    originals: BTreeMap<String, String>,
}

impl Manifest {
    /// The manifest of files as they are rendered.
    pub(super) fn of(files: &BTreeMap<String, Vec<u8>>) -> Self {
        let mut originals = BTreeMap::new();
        for (path, bytes) in files {
            let own = !path.starts_with(".modules/");
            let text = bytes.len() <= LONGEST && std::str::from_utf8(bytes).is_ok();
            if let Some(packed) = (own && text).then(|| pack(bytes)).flatten() {
                originals.insert(sha256(bytes), packed);
            }
        }
        let files = files.iter().map(|(path, bytes)| (path.clone(), sha256(bytes))).collect();
        Self { format: FORMAT, files, originals }
    }

    /// Reads it; an empty one if nothing was rendered yet.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let Some(bytes) = fs::read_if_present(path)? else { return Ok(Self::default()) };
        let manifest: Self = serde_json::from_slice(&bytes).map_err(|error| {
            Failure::input(format!("{} cannot be read", path.display()))
                .because(error.to_string())
                .next("restore it from git, or delete it and render again")
        })?;
        if manifest.format > FORMAT {
            return Err(Failure::input(format!(
                "{} was written by a newer Landfall (format {})",
                path.display(),
                manifest.format
            ))
            .next("update Landfall"));
        }
        Ok(manifest)
    }

    /// Its bytes.
    pub(super) fn bytes(&self) -> Result<Vec<u8>> {
        let text = serde_json::to_vec_pretty(self)
            .map_err(|error| Failure::failed("cannot write the manifest").caused_by(error))?;
        Ok([text.as_slice(), b"\n"].concat())
    }

    /// Path → SHA-256 of every file.
    pub(super) fn hashes(&self) -> BTreeMap<String, String> {
        self.files.clone()
    }

    /// Whether terraform completed what was rendered: a lock file without hashes.
    pub(super) fn is_completed_by_terraform(&self, path: &str) -> bool {
        let rendered = path.ends_with("/.terraform.lock.hcl").then(|| self.base(path)).flatten();
        rendered.and_then(|it| it.bytes).is_some_and(|it| lock_file::is_completed_by_terraform(&it))
    }

    /// Every path that it names.
    pub(super) fn paths(&self) -> impl Iterator<Item = &String> {
        self.files.keys()
    }

    /// A file as it was rendered last. A text that does not have its hash is none.
    pub(super) fn base(&self, path: &str) -> Option<Base> {
        let hash = self.files.get(path)?.clone();
        let bytes = self.originals.get(&hash).and_then(|packed| unpack(packed));
        Some(Base { bytes: bytes.filter(|bytes| sha256(bytes) == hash), hash })
    }
}

fn pack(bytes: &[u8]) -> Option<String> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).ok()?;
    Some(STANDARD.encode(encoder.finish().ok()?))
}

fn unpack(packed: &str) -> Option<Vec<u8>> {
    let bytes = STANDARD.decode(packed).ok()?;
    let mut text = Vec::new();
    // What would unpack to more than was ever packed is not ours.
    let limit = u64::try_from(LONGEST).ok()? + 1;
    ZlibDecoder::new(bytes.as_slice()).take(limit).read_to_end(&mut text).ok()?;
    Some(text)
}
