//! A new task definition in words: which image, variables and secrets a service or job gets.

use serde::Serialize;

use super::containers::{Container, Image};
use super::model::{Change, LayerPlan, Shown};
use super::vocabulary;
use super::words::{Words, difference, listed, module_label, subject};

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
            .map(difference)
            .collect();
        return match rest.as_slice() {
            [] => format!("{owner}: a new task definition"),
            rest => format!("{owner}: {}", listed(rest)),
        };
    }
    format!("{owner}: {}", parts.join("; "))
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
    image.tag.clone().or_else(|| (words.tag_of)(image.digest.as_deref()?))
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
