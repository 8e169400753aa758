//! A rollout in words: which image, variables and secrets a service or job gets. On AWS it is a new
//! task definition, on Google Cloud a change of the service itself.

use serde::Serialize;

use super::containers::cloud_run::label_of_tag;
use super::containers::{Container, Image};
use super::model::{Attribute, Change, LayerPlan, Shown};
use super::names::{difference, listed, module_label, subject};
use super::openings;
use super::scale;
use super::vocabulary::{self, FEWEST, FIXED, MOST};
use super::words::Words;
use crate::cloud::MAIN;

/// A new revision of a task definition: what will run instead of what runs.
pub(super) fn rolled_out(change: &Change, words: Words<'_>) -> String {
    let owner = owner(change);
    let (before, after) = (&change.containers.0, &change.containers.1);
    if before.is_empty() || after.is_empty() {
        return format!("{owner}: a new task definition, its content is known after apply");
    }
    // "web: v1.0.0 → v1.1.0" says all about a release that has one image.
    if let ([old], [new]) = (before.as_slice(), after.as_slice())
        && let Some(release) = released(old, new, words)
    {
        let name = owner.split_once(' ').map_or(owner.as_str(), |(_, name)| name);
        let more = differing(old, new, words);
        let told = std::iter::once(&release).chain(more.iter().skip(1)).map(String::as_str);
        return format!("{name}: {}", told.collect::<Vec<_>>().join("; "));
    }
    let mut parts = Vec::new();
    for new in after {
        let prefix = if after.len() > 1 { format!("{} ", new.name) } else { String::new() };
        match before.iter().find(|old| old.name == new.name) {
            Some(old) => {
                parts.extend(differing(old, new, words).into_iter().map(|it| prefix.clone() + &it));
            }
            None => parts.push(format!("new container {}", new.name)),
        }
    }
    let gone = before.iter().filter(|old| !after.iter().any(|new| new.name == old.name));
    parts.extend(gone.map(|old| format!("container {} goes", old.name)));
    if parts.is_empty() {
        let rest: Vec<String> = change
            .attributes
            .iter()
            .filter(|it| !vocabulary::is_derived(&it.path) && it.path != "container_definitions")
            .filter(|it| it.after != Shown::Unknown)
            .map(|it| difference(&change.kind, it))
            .collect();
        return match rest.as_slice() {
            [] => format!("{owner}: a new task definition"),
            rest => format!("{owner}: {}", listed(rest)),
        };
    }
    format!("{owner}: {}", parts.join("; "))
}

/// A service or job that rolls out by a change of itself; `None` if there is nothing to say.
pub(super) fn rolled_out_in_place(change: &Change, words: Words<'_>) -> Option<String> {
    let owner = owner(change);
    let (before, after) = (&change.containers.0, &change.containers.1);
    let (mut release, mut parts) = (None, Vec::new());
    for new in after {
        let beside = after.len() > 1 && new.name != MAIN;
        let prefix = if beside { format!("{} ", new.name) } else { String::new() };
        let Some(old) = before.iter().find(|old| old.name == new.name) else {
            parts.push(format!("new container {}", new.name));
            continue;
        };
        let mut more = differing(old, new, words);
        if let Some(told) = released(old, new, words).filter(|_| !beside) {
            more.remove(0);
            release = Some(told);
        }
        parts.extend(more.into_iter().map(|it| prefix.clone() + &it));
    }
    let gone = before.iter().filter(|old| !after.iter().any(|new| new.name == old.name));
    parts.extend(gone.map(|old| format!("container {} goes", old.name)));
    if let Some((Some(old), Some(new))) = scale::instances(change)
        && old != new
    {
        parts.push(format!("{old} → {new} instances"));
    }
    let rest = change.attributes.iter().filter(|it| !is_told(change, it, &parts));
    let rest: Vec<String> = rest.map(|it| difference(&change.kind, it)).collect();
    if !rest.is_empty() {
        parts.push(listed(&rest));
    }
    let name = owner.split_once(' ').map_or(owner.as_str(), |(_, name)| name);
    match release {
        Some(release) => {
            let all = std::iter::once(release).chain(parts);
            Some(format!("{name}: {}", all.collect::<Vec<_>>().join("; ")))
        }
        None if !parts.is_empty() => Some(format!("{owner}: {}", parts.join("; "))),
        // What it opens is told on its own.
        None if change.attributes.iter().any(|it| openings::tells(change, &it.path)) => None,
        None => Some(format!("changes {}", subject(change))),
    }
}

/// Whether another part of the sentence, or another sentence, says what an attribute says.
fn is_told(change: &Change, attribute: &Attribute, parts: &[String]) -> bool {
    let path = attribute.path.as_str();
    if vocabulary::is_derived(path)
        || openings::tells(change, path)
        || [FEWEST, MOST, FIXED].contains(&path)
    {
        return true;
    }
    let Some((_, inside)) = path.split_once("containers.") else {
        // A container more or less moves the whole list.
        return path.ends_with("containers") && !parts.is_empty();
    };
    let field = inside.split('.').nth(1).unwrap_or_default();
    match field {
        // Of what is masked the containers do not know whether it changes.
        "env" => !parts.is_empty() && attribute.before != Shown::Sensitive,
        field => matches!(field, "image" | "command" | "args" | "name"),
    }
}

/// "service web": whose task definition it is.
fn owner(change: &Change) -> String {
    match module_label(change) {
        Some((kind, label)) if kind == "service" || kind == "job" => label,
        _ => subject(change),
    }
}

/// An image that changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ImageChange {
    /// "service web".
    pub owner: String,
    /// As it runs: `repository@sha256:…`.
    pub before: String,
    /// As it will run.
    pub after: String,
}

/// Every image that the plan changes, in full.
pub fn images(plan: &LayerPlan) -> Vec<ImageChange> {
    let mut found = Vec::new();
    for change in &plan.changes {
        for new in &change.containers.1 {
            let old = change.containers.0.iter().find(|old| old.name == new.name);
            if let Some(old) = old.filter(|old| old.image != new.image) {
                let [before, after] = [old, new].map(|container| container.image.reference());
                found.push(ImageChange { owner: owner(change), before, after });
            }
        }
    }
    found
}

fn tag(image: &Image, words: Words<'_>) -> Option<String> {
    let known = image.digest.as_deref().and_then(words.tag_of);
    match (&image.tag, known) {
        // A label of Google's holds a tag only nearly: the release knows it exactly.
        (Some(tag), Some(known)) if label_of_tag(tag) == label_of_tag(&known) => Some(known),
        (Some(tag), _) => Some(tag.clone()),
        (None, known) => known,
    }
}

/// "v1.0.0 → v1.1.0", if both images have a tag and the tags tell them apart.
fn released(old: &Container, new: &Container, words: Words<'_>) -> Option<String> {
    let (before, after) = (&old.image, &new.image);
    let tags = (tag(before, words)?, tag(after, words)?);
    if before.repository != after.repository || tags.0 == tags.1 {
        return None;
    }
    let text = format!("{} → {}", tags.0, tags.1);
    match (before.short_digest(), after.short_digest()) {
        _ if before.digest == after.digest => None,
        (Some(old), Some(new)) if words.digests => Some(format!("{text} ({old} → {new})")),
        _ => Some(text),
    }
}

fn differing(old: &Container, new: &Container, words: Words<'_>) -> Vec<String> {
    let mut parts = Vec::new();
    if old.image != new.image {
        parts.extend(images_differ(&old.image, &new.image, words));
    }
    if old.command != new.command {
        parts.push(format!("command {} → {}", quoted(&old.command), quoted(&new.command)));
    }
    for (name, value) in &new.environment {
        match old.environment.get(name) {
            None => parts.push(format!("new variable {name}")),
            Some(before) if before != value => {
                parts.push(if value.len() + before.len() <= 60 {
                    format!("variable {name} {before} → {value}")
                } else {
                    format!("variable {name} changes")
                });
            }
            Some(_) => {}
        }
    }
    let gone = old.environment.keys().filter(|name| !new.environment.contains_key(*name));
    parts.extend(gone.map(|name| format!("variable {name} goes")));
    for (name, version) in &new.versions {
        if let Some(before) = old.versions.get(name).filter(|before| *before != version) {
            parts.push(format!("secret {name} version {before} → {version}"));
        }
    }
    let added = new.secrets.iter().filter(|name| !old.secrets.contains(name));
    parts.extend(added.map(|name| format!("new secret {name}")));
    let removed = old.secrets.iter().filter(|name| !new.secrets.contains(name));
    parts.extend(removed.map(|name| format!("secret {name} goes")));
    parts
}

/// "image sha256:ab12… → sha256:cd34…": where tags do not tell two apart, digests do.
fn images_differ(old: &Image, new: &Image, words: Words<'_>) -> Option<String> {
    let digests = match (old.short_digest(), new.short_digest()) {
        (Some(old), Some(new)) if old != new => Some(format!("{old} → {new}")),
        _ => None,
    };
    let text = match (tag(old, words), tag(new, words), digests) {
        (Some(old), Some(new), Some(digests)) if old != new => {
            format!("image {old} → {new} ({digests})")
        }
        (Some(old), Some(new), Some(digests)) if old == new => {
            format!("image {digests}, both called {old}")
        }
        (_, _, Some(digests)) => format!("image {digests}"),
        // The same bytes under another tag run as before.
        _ if old.digest.is_some() && old.digest == new.digest => {
            (old.repository != new.repository).then(|| "the same image".to_owned())?
        }
        _ => format!("image {old} → {new}"),
    };
    if old.repository != new.repository {
        return Some(format!("{text} from {} instead of {}", new.repository, old.repository));
    }
    Some(text)
}

fn quoted(command: &[String]) -> String {
    if command.is_empty() { "(the image's)".to_owned() } else { format!("`{}`", command.join(" ")) }
}
