//! A workspace on disk: what is there, what a person edited, and how it gets written.
//!
//! Every file is judged three ways ([`three_way`](super::three_way)): as it was rendered last, as
//! it lies there, as it would be rendered now. An edit is kept or merged, and shown; where that
//! cannot be, everything is refused and nothing is written.

use std::collections::BTreeMap;
use std::path::Path;

use similar::TextDiff;

use super::Workspace;
use super::manifest::Manifest;
use super::three_way::{Conflict, Verdict, judge};
use crate::failure::{Exit, Failure, Result};
use crate::fs::{self, Wanted};
use crate::hash::sha256;

/// A file on disk that differs from what would be rendered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Relative to `environments/`.
    pub path: String,
    /// What becomes of it.
    pub verdict: Verdict,
    /// Unified diff: of what is taken or refused from what is there to what would be rendered, of
    /// an edit that stays from what would be rendered to what lies there then. Of a refusal also
    /// what was edited, if that is known. Empty for new files.
    pub diff: String,
}

/// What was rendered last for an environment: path relative to `environments/` → SHA-256. Empty if
/// nothing was, or if it cannot be read. Without what terraform completes.
pub fn recorded(environments: &Path, name: &str) -> Result<BTreeMap<String, String>> {
    let path = environments.join(name).join("terraform/manifest.json");
    let recorded = Manifest::read(&path).unwrap_or_default();
    let hashes = recorded.hashes().into_iter();
    Ok(hashes.filter(|(path, _)| !recorded.is_completed_by_terraform(path)).collect())
}

impl Difference {
    /// What becomes of it, in words.
    pub fn words(&self) -> &'static str {
        match &self.verdict {
            Verdict::Unchanged | Verdict::Same => "as rendered",
            Verdict::Added => "missing",
            Verdict::Taken => "outdated",
            Verdict::Removed => "no longer rendered",
            Verdict::Kept => "edited by hand, and kept",
            Verdict::Merged(_) => "edited by hand, and merged with what is rendered now",
            Verdict::Conflict(conflict) => conflict.words(),
        }
    }

    fn conflict(&self) -> Option<Conflict> {
        match self.verdict {
            Verdict::Conflict(conflict) => Some(conflict),
            _ => None,
        }
    }
}

/// What a rendering did to the files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// How many files were written or removed.
    pub count: usize,
    /// Edits that stayed, with their diffs: kept or merged.
    pub edits: Vec<Difference>,
}

impl Written {
    /// Paths of the files that hold an edit, relative to `environments/`; for receipts.
    pub fn hand_edited(&self) -> Vec<String> {
        self.edits.iter().map(|edit| edit.path.clone()).collect()
    }

    /// Every edit with its diff, for a person to read; `None` if there is none.
    pub fn text(&self) -> Option<String> {
        let told = |edit: &Difference| format!("{}: {}\n{}", edit.path, edit.words(), edit.diff);
        let all: Vec<String> = self.edits.iter().map(told).collect();
        (!all.is_empty()).then(|| all.join("\n").trim_end().to_owned())
    }
}

impl Workspace {
    fn manifest_path(&self) -> String {
        format!("{}/terraform/manifest.json", self.name)
    }

    /// Every file whose content on disk is not what would be rendered.
    pub fn differences(&self, environments: &Path) -> Result<Vec<Difference>> {
        let recorded = Manifest::read(&environments.join(self.manifest_path()))?;
        let dropped = recorded.paths().filter(|path| !self.files.contains_key(*path));
        let mut differences = Vec::new();
        for path in self.files.keys().chain(dropped) {
            let disk = fs::read_if_present(&environments.join(path))?;
            let (base, new) = (recorded.base(path), self.files.get(path).map(Vec::as_slice));
            let mut verdict = judge(path, base.as_ref(), disk.as_deref(), new);
            if verdict.is_of_an_edit() && recorded.is_completed_by_terraform(path) {
                let as_before = base.as_ref().map(|it| &it.hash) == new.map(sha256).as_ref();
                verdict = match new {
                    None => Verdict::Removed,
                    Some(_) if as_before && disk.is_some() => Verdict::Unchanged,
                    Some(_) => Verdict::Taken,
                };
            }
            if matches!(verdict, Verdict::Unchanged | Verdict::Same) {
                continue;
            }
            let base = base.and_then(|base| base.bytes);
            let diff = shown(path, &verdict, [base.as_deref(), disk.as_deref(), new]);
            differences.push(Difference { path: path.clone(), verdict, diff });
        }
        Ok(differences)
    }

    /// Writes what differs and removes what is no longer rendered, all or nothing. What a person
    /// edited is kept or merged, or all of it is refused, with the differences (exit 3);
    /// `overwrite` discards it instead.
    pub fn write(&self, environments: &Path, overwrite: bool) -> Result<Written> {
        let differences = self.intended(environments, overwrite)?;
        self.carry_out(environments, differences)
    }

    /// What [`write`](Self::write) would do, or its refusal: several workspaces are all asked
    /// before the first of them is written.
    pub fn intended(&self, environments: &Path, overwrite: bool) -> Result<Vec<Difference>> {
        let mut differences = self.differences(environments)?;
        if overwrite {
            for difference in &mut differences {
                let rendered = self.files.contains_key(&difference.path);
                difference.verdict = if rendered { Verdict::Taken } else { Verdict::Removed };
            }
        }
        let refused: Vec<&Difference> =
            differences.iter().filter(|difference| difference.conflict().is_some()).collect();
        if refused.is_empty() { Ok(differences) } else { Err(self.refuse(&refused)) }
    }

    /// Does what was [`intended`](Self::intended).
    pub fn carry_out(&self, environments: &Path, differences: Vec<Difference>) -> Result<Written> {
        let mut wanted: Vec<Wanted> = Vec::new();
        for difference in &differences {
            let path = environments.join(&difference.path);
            let bytes = match &difference.verdict {
                Verdict::Kept => continue,
                Verdict::Merged(merged) => Some(merged),
                _ => self.files.get(&difference.path),
            };
            // Another environment of the same release has just written the shared modules.
            if fs::read_if_present(&path)?.as_ref() != bytes {
                wanted.push((path, bytes.cloned()));
            }
        }
        let count = wanted.len();
        // The manifest says what was rendered, not what lies there: an edit stays an edit.
        let path = environments.join(self.manifest_path());
        let manifest = Manifest::of(&self.files).bytes()?;
        if fs::read_if_present(&path)?.as_ref() != Some(&manifest) {
            wanted.push((path, Some(manifest)));
        }
        fs::write_all(&wanted)?;
        let stays = |it: &Difference| matches!(it.verdict, Verdict::Kept | Verdict::Merged(_));
        Ok(Written { count, edits: differences.into_iter().filter(stays).collect() })
    }

    /// The workspace with the edits that stay: what terraform really works with, before it is
    /// written and after. Fails where [`write`](Self::write) would.
    pub fn with_edits(&self, environments: &Path, overwrite: bool) -> Result<Self> {
        let mut files = self.files.clone();
        for difference in self.intended(environments, overwrite)? {
            let path = difference.path;
            match difference.verdict {
                Verdict::Kept => {
                    let found = fs::read_if_present(&environments.join(&path))?;
                    found.and_then(|found| files.insert(path, found));
                }
                Verdict::Merged(merged) => drop(files.insert(path, merged)),
                _ => {}
            }
        }
        Ok(Self { name: self.name.clone(), files })
    }

    fn refuse(&self, refused: &[&Difference]) -> Failure {
        let block = |it: &&Difference| {
            format!("{}: {}\n{}", it.path, it.words(), it.diff).trim_end().to_owned()
        };
        let (noun, verb) = if refused.len() == 1 { ("file", "was") } else { ("files", "were") };
        Failure::report(
            Exit::Differs,
            format!("{} rendered {noun} {verb} edited by hand, nothing was written", refused.len()),
            refused.iter().map(block).collect(),
        )
        .next("move the change into environment.hcl or the kit")
        .next(format!("or discard it: `landfall render {} --overwrite`", self.name))
    }
}

/// The diff to show for a verdict; sides are base, disk and new.
fn shown(path: &str, verdict: &Verdict, sides: [Option<&[u8]>; 3]) -> String {
    let [base, disk, new] = sides;
    let empty: &[u8] = b"";
    match (verdict, disk) {
        (Verdict::Added, _) => String::new(),
        (Verdict::Kept, Some(disk)) => {
            diff(path, [("rendered", new.unwrap_or(empty)), ("on disk, kept", disk)])
        }
        (Verdict::Merged(merged), _) => {
            diff(path, [("rendered", new.unwrap_or(empty)), ("merged", merged)])
        }
        (Verdict::Conflict(Conflict::SamePlace | Conflict::Unreadable), Some(disk)) => {
            let base = base.unwrap_or(empty);
            let edited = diff(path, [("rendered before", base), ("on disk", disk)]);
            let renewed =
                diff(path, [("rendered before", base), ("rendered", new.unwrap_or(empty))]);
            format!("{edited}{renewed}")
        }
        _ => diff(path, [("on disk", disk.unwrap_or(empty)), ("rendered", new.unwrap_or(empty))]),
    }
}

fn diff(path: &str, sides: [(&str, &[u8]); 2]) -> String {
    let texts = sides.map(|(_, bytes)| String::from_utf8_lossy(bytes));
    let [from, to] = sides.map(|(name, _)| format!("{path} ({name})"));
    TextDiff::from_lines(texts[0].as_ref(), texts[1].as_ref())
        .unified_diff()
        .context_radius(2)
        .header(&from, &to)
        .to_string()
}
