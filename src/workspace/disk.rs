//! A workspace on disk: what is there, what a person edited, and how it gets written.
//!
//! `terraform/manifest.json` in the environment's folder keeps the hash of every file as it was
//! rendered. A file that differs from its hash was edited by a person; it is never overwritten
//! without showing the difference.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use similar::TextDiff;

use super::Workspace;
use crate::failure::{Exit, Failure, Result};
use crate::fs;
use crate::hash::sha256;

/// Version of the manifest's format.
const FORMAT: u32 = 1;

/// What was rendered last: path relative to `environments/` → SHA-256.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Manifest {
    format: u32,
    files: BTreeMap<String, String>,
}

/// How a file on disk differs from what would be rendered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Not there yet.
    Missing,
    /// Rendered differently now.
    Outdated,
    /// Edited by a person since it was rendered.
    Edited,
    /// No longer rendered.
    Obsolete,
}

/// A file that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Relative to `environments/`.
    pub path: String,
    /// In which way.
    pub kind: Kind,
    /// Unified diff from what is there to what would be rendered; empty for missing files.
    pub diff: String,
}

/// What was rendered last for an environment: path relative to `environments/` → SHA-256. Empty if
/// nothing was, or if it cannot be read.
pub fn recorded(environments: &Path, name: &str) -> Result<BTreeMap<String, String>> {
    let path = environments.join(name).join("terraform/manifest.json");
    let bytes = fs::read_if_present(&path)?.unwrap_or_default();
    Ok(serde_json::from_slice::<Manifest>(&bytes)
        .map(|manifest| manifest.files)
        .unwrap_or_default())
}

impl Workspace {
    fn manifest_path(&self) -> String {
        format!("{}/terraform/manifest.json", self.name)
    }

    fn recorded(&self, environments: &Path) -> Result<Manifest> {
        let path = environments.join(self.manifest_path());
        let Some(bytes) = fs::read_if_present(&path)? else { return Ok(Manifest::default()) };
        let manifest: Manifest = serde_json::from_slice(&bytes).map_err(|error| {
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

    /// Every file that differs from what lies in the folder `environments/`.
    pub fn differences(&self, environments: &Path) -> Result<Vec<Difference>> {
        let recorded = self.recorded(environments)?;
        let mut differences = Vec::new();
        for (path, wanted) in &self.files {
            let Some(found) = fs::read_if_present(&environments.join(path))? else {
                differences.push(Difference {
                    path: path.clone(),
                    kind: Kind::Missing,
                    diff: String::new(),
                });
                continue;
            };
            if found == *wanted {
                continue;
            }
            let untouched = recorded.files.get(path).is_some_and(|hash| *hash == sha256(&found));
            let kind = if untouched { Kind::Outdated } else { Kind::Edited };
            differences.push(Difference {
                path: path.clone(),
                kind,
                diff: diff(path, &found, wanted),
            });
        }
        for path in recorded.files.keys().filter(|path| !self.files.contains_key(*path)) {
            // Older modules may still serve other environments.
            if path.starts_with(".modules/") {
                continue;
            }
            if let Some(found) = fs::read_if_present(&environments.join(path))? {
                differences.push(Difference {
                    path: path.clone(),
                    kind: Kind::Obsolete,
                    diff: diff(path, &found, b""),
                });
            }
        }
        Ok(differences)
    }

    /// Writes what differs and removes what is no longer rendered; returns what was done.
    /// Refuses, with the difference, if a person edited a rendered file, unless `overwrite`.
    pub fn write(&self, environments: &Path, overwrite: bool) -> Result<Vec<Difference>> {
        let differences = self.intended(environments, overwrite)?;
        self.carry_out(environments, &differences)?;
        Ok(differences)
    }

    /// What [`write`](Self::write) would do, or its refusal: several workspaces are all asked
    /// before the first of them is written.
    pub fn intended(&self, environments: &Path, overwrite: bool) -> Result<Vec<Difference>> {
        let differences = self.differences(environments)?;
        let edited: Vec<&Difference> =
            differences.iter().filter(|difference| difference.kind == Kind::Edited).collect();
        if !edited.is_empty() && !overwrite {
            return Err(self.refuse(&edited));
        }
        Ok(differences)
    }

    /// Does what was [`intended`](Self::intended); returns how many files were written or removed.
    pub fn carry_out(&self, environments: &Path, differences: &[Difference]) -> Result<usize> {
        let mut count = 0;
        for difference in differences {
            let path = environments.join(&difference.path);
            match self.files.get(&difference.path) {
                // Another environment of the same release has just written the shared modules.
                Some(bytes) if fs::read_if_present(&path)?.as_ref() == Some(bytes) => continue,
                Some(bytes) => fs::write(&path, bytes)?,
                None => fs::remove_file(&path)?,
            }
            count += 1;
        }
        let files = self.files.iter().map(|(path, bytes)| (path.clone(), sha256(bytes))).collect();
        let manifest = serde_json::to_vec_pretty(&Manifest { format: FORMAT, files })
            .map_err(|error| Failure::failed("cannot write the manifest").caused_by(error))?;
        let path = environments.join(self.manifest_path());
        let manifest = [manifest.as_slice(), b"\n"].concat();
        if fs::read_if_present(&path)?.as_deref() != Some(manifest.as_slice()) {
            fs::write(&path, &manifest)?;
        }
        Ok(count)
    }

    fn refuse(&self, edited: &[&Difference]) -> Failure {
        let blocks = edited.iter().map(|difference| difference.diff.trim_end().to_owned());
        let (noun, verb) = if edited.len() == 1 { ("file", "was") } else { ("files", "were") };
        Failure::report(
            Exit::Differs,
            format!("{} rendered {noun} {verb} edited by hand, nothing was written", edited.len()),
            blocks.collect(),
        )
        .next("move the change into environment.hcl or the kit")
        .next(format!("or discard it: `landfall render {} --overwrite`", self.name))
    }
}

fn diff(path: &str, found: &[u8], wanted: &[u8]) -> String {
    let (found, wanted) = (String::from_utf8_lossy(found), String::from_utf8_lossy(wanted));
    TextDiff::from_lines(found.as_ref(), wanted.as_ref())
        .unified_diff()
        .context_radius(2)
        .header(&format!("{path} (on disk)"), &format!("{path} (rendered)"))
        .to_string()
}
