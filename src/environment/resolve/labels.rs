//! Labels of Google Cloud: what tags are on AWS, with a narrower alphabet.

use std::collections::BTreeMap;

use super::resolver::Resolver;
use crate::environment::draft::Given;

/// Most labels of the customer: Google allows 64 on a resource, Landfall and its modules set some.
const MOST: usize = 56;

/// Longest key and value.
const LONGEST: usize = 63;

/// The customer's labels and Landfall's own. The release is not among them: it would change every
/// resource of the foundation at every update.
pub(super) fn labels(resolver: &mut Resolver<'_>) -> BTreeMap<String, String> {
    let draft = resolver.draft;
    if let Some((_, over)) = draft.tags.iter().nth(MOST) {
        resolver.problem(
            over.place.clone(),
            format!("{} tags", draft.tags.len()),
            "Google Cloud allows 64 labels on a resource, and Landfall sets some itself",
            format!("keep at most {MOST}"),
        );
    }
    let mut labels = BTreeMap::new();
    for (key, value) in &draft.tags {
        check(resolver, key, value);
        resolver.origins.written(format!("tags.{key}"), &value.value, &value.place);
        labels.insert(key.clone(), value.value.clone());
    }
    let own = [
        ("landfall-environment", resolver.name),
        ("landfall-class", resolver.class.word()),
        ("landfall-kit", &resolver.kit.name),
    ];
    for (key, value) in own {
        resolver.origins.derived(format!("tags.{key}"), value);
        labels.insert(key.to_owned(), value.to_owned());
    }
    labels
}

/// <https://cloud.google.com/resource-manager/docs/labels-overview#requirements>
fn check(resolver: &mut Resolver<'_>, key: &str, value: &Given<String>) {
    let at = value.place.clone();
    let reserved = ["landfall-", "landfall_", "goog"].into_iter().find(|it| key.starts_with(it));
    if let Some(prefix) = reserved {
        resolver.problem(
            at,
            format!("the tag `{key}` starts with `{prefix}`"),
            "that prefix belongs to the one who sets these labels",
            "choose another key",
        );
    } else if !is_value(key) || !key.starts_with(|first: char| first.is_ascii_lowercase()) {
        resolver.problem(
            at,
            format!("`{key}` is not a label's key"),
            "on Google Cloud tags become labels: 1 to 63 lower-case letters, digits, - and _, \
             starting with a letter",
            suggestion(key),
        );
    } else if !is_value(&value.value) && !value.value.is_empty() {
        resolver.problem(
            at,
            format!("`{}` is not a label's value", value.value),
            "on Google Cloud tags become labels: up to 63 lower-case letters, digits, - and _",
            suggestion(&value.value),
        );
    }
}

fn is_value(text: &str) -> bool {
    (1..=LONGEST).contains(&text.len()) && text.chars().all(is_legal)
}

/// Google takes letters of other scripts as well; names that everybody can type are enough.
fn is_legal(character: char) -> bool {
    character.is_ascii_lowercase() || character.is_ascii_digit() || "-_".contains(character)
}

/// The nearest text that is one.
fn suggestion(text: &str) -> String {
    let lower = text.to_lowercase();
    let near: String = lower.chars().map(|c| if is_legal(c) { c } else { '-' }).collect();
    let near = near.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    let near: String = near.chars().take(LONGEST).collect();
    if near.is_empty() {
        "write it like cost-center".to_owned()
    } else {
        format!("write \"{near}\"")
    }
}
