//! A new task definition in words: which image, variables and secrets a service or job gets.

use super::containers::{Container, Image};
use super::model::{Change, Shown};
use super::vocabulary;
use super::words::{Words, difference, listed, module_label, subject};

/// A new revision of a task definition: what will run instead of what runs.
pub(super) fn rolled_out(change: &Change, words: Words<'_>) -> String {
    let owner = match module_label(change) {
        Some((kind, label)) if kind == "service" || kind == "job" => label,
        _ => subject(change),
    };
    let (before, after) = (&change.containers.0, &change.containers.1);
    if before.is_empty() || after.is_empty() {
        return format!("{owner}: a new task definition, its content is known after apply");
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

fn differing(old: &Container, new: &Container, words: Words<'_>) -> Vec<String> {
    let mut parts = Vec::new();
    if old.image != new.image {
        parts.push(images(old, new, words));
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

/// "image 1.0.0 → 1.1.0 (sha256:ab12… → sha256:cd34…)": tags for people, digests for the truth.
fn images(old: &Container, new: &Container, words: Words<'_>) -> String {
    let (old, new) = (&old.image, &new.image);
    let tag =
        |image: &Image| image.tag.clone().or_else(|| (words.tag_of)(image.digest.as_deref()?));
    let digests = match (old.short_digest(), new.short_digest()) {
        (Some(old), Some(new)) => Some(format!("{old} → {new}")),
        _ => None,
    };
    let text = match (tag(old), tag(new), digests) {
        (Some(old), Some(new), Some(digests)) => format!("image {old} → {new} ({digests})"),
        (_, _, Some(digests)) => format!("image {digests}"),
        _ => format!("image {old} → {new}"),
    };
    if old.repository != new.repository {
        return format!("{text} from {} instead of {}", new.repository, old.repository);
    }
    text
}

fn quoted(command: &[String]) -> String {
    if command.is_empty() { "(the image's)".to_owned() } else { format!("`{}`", command.join(" ")) }
}
