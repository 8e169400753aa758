//! One rendered file, three ways: as it was rendered last, as it lies on disk, as it would be
//! rendered now. What a person changed is kept, merged or refused; it is never lost.

use std::collections::{BTreeMap, BTreeSet};

use hcl_edit::expr::{Object, ObjectKey};
use hcl_edit::structure::{Block, Body};
use hcl_edit::visit::{Visit, visit_body, visit_object};
use similar::{ChangeTag, TextDiff};

use crate::hash::sha256;

/// A file as it was rendered last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Base {
    /// SHA-256 of its bytes.
    pub(super) hash: String,
    /// The bytes, if they were kept.
    pub(super) bytes: Option<Vec<u8>>,
}

/// What becomes of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nobody changed it, and it is rendered as before.
    Unchanged,
    /// Not there yet.
    Added,
    /// Nobody changed it, and it is rendered differently now.
    Taken,
    /// A person made it what it would be rendered as now.
    Same,
    /// No longer rendered, and nobody changed it.
    Removed,
    /// A person changed it, and it is rendered as before: the change stays.
    Kept,
    /// A person and the release changed it in different places: both stay.
    Merged(Vec<u8>),
    /// Refused.
    Conflict(Conflict),
}

impl Verdict {
    /// Whether the file is not as it was rendered last, nor as it would be now.
    pub(super) fn is_of_an_edit(&self) -> bool {
        matches!(self, Self::Kept | Self::Merged(_) | Self::Conflict(_))
    }
}

/// Why a file that a person changed is neither kept nor merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// Both changed the same place.
    SamePlace,
    /// The merged text would not be read by terraform.
    Unreadable,
    /// What was rendered last is not known, so nobody can tell who changed what.
    NoBase,
    /// It is not text.
    NotText,
    /// Modules belong to the release, and all environments share them.
    Module,
    /// A person deleted it, and it is still rendered.
    Deleted,
    /// A person changed it, and it is no longer rendered.
    Dropped,
}

impl Conflict {
    /// In words, after the file's name.
    pub fn words(self) -> &'static str {
        match self {
            Self::SamePlace => "edited by hand where it is rendered differently now",
            Self::Unreadable => {
                "edited by hand, and terraform could not read both changes together"
            }
            Self::NoBase => "edited by hand, and what was rendered before is not known",
            Self::NotText => "edited by hand, and not text that can be merged",
            Self::Module => "edited by hand, and modules belong to the release",
            Self::Deleted => "deleted by hand",
            Self::Dropped => "edited by hand, and no longer rendered",
        }
    }
}

/// Decides what becomes of the file at `path`, relative to `environments/`.
pub(super) fn judge(
    path: &str,
    base: Option<&Base>,
    disk: Option<&[u8]>,
    new: Option<&[u8]>,
) -> Verdict {
    let module = path.starts_with(".modules/");
    match (disk, new) {
        (None, None) => Verdict::Unchanged,
        // Modules are told apart by their hash: whoever deletes them wants them back.
        (None, Some(_)) if base.is_none() || module => Verdict::Added,
        (None, Some(_)) => Verdict::Conflict(Conflict::Deleted),
        (Some(disk), Some(new)) if disk == new => match base {
            Some(base) if base.hash == sha256(new) => Verdict::Unchanged,
            _ => Verdict::Same,
        },
        (Some(disk), new) => {
            let untouched = base.is_some_and(|base| base.hash == sha256(disk));
            match new {
                // Older modules may still serve other environments.
                None if module => Verdict::Unchanged,
                None if untouched => Verdict::Removed,
                None => Verdict::Conflict(Conflict::Dropped),
                Some(_) if untouched => Verdict::Taken,
                Some(_) if module => Verdict::Conflict(Conflict::Module),
                Some(new) => edited(path, base, disk, new),
            }
        }
    }
}

fn edited(path: &str, base: Option<&Base>, disk: &[u8], new: &[u8]) -> Verdict {
    let Some(base) = base else { return Verdict::Conflict(Conflict::NoBase) };
    if base.hash == sha256(new) {
        return Verdict::Kept;
    }
    let Some(bytes) = &base.bytes else { return Verdict::Conflict(Conflict::NoBase) };
    let texts = [bytes, disk, new].map(std::str::from_utf8);
    let [Ok(base), Ok(disk), Ok(new)] = texts else {
        return Verdict::Conflict(Conflict::NotText);
    };
    let Ok(merged) = diffy::merge(base, disk, new) else {
        return Verdict::Conflict(Conflict::SamePlace);
    };
    // Whatever a merge is worth, it must not lose a line that either side added.
    if !(keeps_added(base, disk, &merged) && keeps_added(base, new, &merged)) {
        return Verdict::Conflict(Conflict::SamePlace);
    }
    if is_hcl(path) && !is_readable(&merged) {
        return Verdict::Conflict(Conflict::Unreadable);
    }
    Verdict::Merged(merged.into_bytes())
}

/// Lines that stand in `text` and not in `base`, with how often they were added.
fn added(base: &str, text: &str) -> BTreeMap<String, usize> {
    let mut lines = BTreeMap::new();
    for change in TextDiff::from_lines(base, text).iter_all_changes() {
        if change.tag() == ChangeTag::Insert {
            let line = change.value().trim_end_matches(['\r', '\n']);
            *lines.entry(line.to_owned()).or_default() += 1;
        }
    }
    lines
}

fn keeps_added(base: &str, text: &str, merged: &str) -> bool {
    let count = |wanted: &str| merged.lines().filter(|line| *line == wanted).count();
    added(base, text).iter().all(|(line, times)| count(line) >= *times)
}

fn is_hcl(path: &str) -> bool {
    let ending = path.rsplit('.').next().unwrap_or_default();
    matches!(ending, "tf" | "tfvars" | "hcl")
}

/// Whether terraform can read it: HCL in which nothing is said twice, as happens when both sides
/// add the same thing in different places.
fn is_readable(text: &str) -> bool {
    let Ok(body) = text.parse::<Body>() else { return false };
    let mut names = Names::default();
    names.visit_body(&body);
    !names.twice
}

/// Looks for names that are given twice in one place.
#[derive(Default)]
struct Names {
    twice: bool,
}

impl Visit for Names {
    fn visit_body(&mut self, body: &Body) {
        let mut seen = BTreeSet::new();
        let attributes = body.attributes().map(|attribute| attribute.key.as_str().to_owned());
        let labelled = body.blocks().filter(|block| !block.labels.is_empty()).map(named);
        self.twice |= !attributes.chain(labelled).all(|name| seen.insert(name));
        visit_body(self, body);
    }

    fn visit_object(&mut self, object: &Object) {
        let mut seen = BTreeSet::new();
        let keys = object.iter().filter_map(|(key, _)| match key {
            ObjectKey::Ident(name) => Some(name.as_str()),
            ObjectKey::Expression(text) => text.as_str(),
        });
        // Of two equal keys terraform takes the last, without a word.
        self.twice |= !keys.map(str::to_owned).all(|key| seen.insert(key));
        visit_object(self, object);
    }
}

/// `module "web"`.
fn named(block: &Block) -> String {
    let labels = block.labels.iter().map(hcl_edit::structure::BlockLabel::as_str);
    std::iter::once(block.ident.as_str()).chain(labels).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
#[path = "three_way_tests.rs"]
mod tests;
