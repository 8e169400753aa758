//! Containers of a Cloud Run service, worker pool or job.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Container, Image};
use crate::cloud::MAIN;
use crate::plan::values::{Values, at, is_secret_name, quoted};

/// Where containers are, and the labels beside them: a job's template holds a task's template.
const TEMPLATES: [&str; 2] = ["template.0.template.0", "template.0"];

/// The label that our modules write an image's tag into, as far as Google takes it.
const TAG_LABEL: &str = "landfall-image-tag";

/// Containers before and after; empty where there are none or they are not known yet.
pub(super) fn both(values: &Values) -> (Vec<Container>, Vec<Container>) {
    let [before, after, unknown] = values.sides();
    (read(before, &Value::Null), read(after, unknown))
}

fn read(side: &Value, unknown: &Value) -> Vec<Container> {
    let found = |template: &&&str| at(side, &format!("{template}.containers")).is_some();
    let Some(template) = TEMPLATES.iter().find(found) else { return Vec::new() };
    let list = at(side, &format!("{template}.containers")).and_then(Value::as_array);
    let unknown = at(unknown, &format!("{template}.containers"));
    let label = |place: &str| at(side, place)?.get("labels")?.get(TAG_LABEL)?.as_str();
    let tag = label(template).or_else(|| label("template.0")).map(tag_of_label);
    let list = list.map(Vec::as_slice).unwrap_or_default();
    let only = list.len() == 1;
    let container = |(position, value): (usize, &Value)| {
        let unknown = unknown.and_then(|it| it.get(position));
        let mut container = container(value, unknown.unwrap_or(&Value::Null));
        if only || container.name == MAIN {
            container.image.tag = container.image.tag.or_else(|| tag.clone());
        }
        container
    };
    list.iter().enumerate().map(container).collect()
}

fn container(value: &Value, unknown: &Value) -> Container {
    let text = |name: &str| value.get(name).and_then(quoted).unwrap_or_default();
    let words = |name: &str| {
        let list = value.get(name).and_then(Value::as_array);
        list.into_iter().flatten().filter_map(quoted).collect::<Vec<String>>()
    };
    let mut container = Container {
        name: text("name"),
        image: Image::parse(&text("image")),
        command: [words("command"), words("args")].concat(),
        environment: BTreeMap::new(),
        secrets: Vec::new(),
        versions: BTreeMap::new(),
    };
    let variables = value.get("env").and_then(Value::as_array);
    for (position, variable) in variables.into_iter().flatten().enumerate() {
        let Some(name) = variable.get("name").and_then(quoted) else { continue };
        if let Some(secret) = at(variable, "value_source.0.secret_key_ref.0") {
            let version = secret.get("version").and_then(quoted);
            container.versions.extend(version.map(|version| (name.clone(), version)));
            container.secrets.push(name);
            continue;
        }
        let later = at(unknown, &format!("env.{position}.value")) == Some(&Value::Bool(true));
        let value = match variable.get("value").and_then(quoted) {
            _ if later => "(known after apply)".to_owned(),
            // Somebody may have written it by hand: no release has a secret here.
            Some(_) if is_secret_name(&name) => "(sensitive)".to_owned(),
            value => value.unwrap_or_default(),
        };
        container.environment.insert(name, value);
    }
    container.secrets.sort_unstable();
    container
}

/// A tag as it was before Google's rules for labels: `v1-2-3` was `v1.2.3`. One that is no version
/// stays as it is.
fn tag_of_label(label: &str) -> String {
    let mut parts = label.splitn(3, '-');
    let (major, minor, rest) = (parts.next(), parts.next(), parts.next());
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match (major, minor, rest) {
        (Some(major), Some(minor), Some(rest))
            if number(major.trim_start_matches('v'))
                && number(minor)
                && rest.split('-').next().is_some_and(number) =>
        {
            format!("{major}.{minor}.{rest}")
        }
        _ => label.to_owned(),
    }
}

/// A tag as a label of Google's can hold it.
pub(in crate::plan) fn label_of_tag(tag: &str) -> String {
    let allowed = |letter: char| match letter.to_ascii_lowercase() {
        letter @ ('a'..='z' | '0'..='9' | '_' | '-') => letter,
        _ => '-',
    };
    tag.chars().take(63).map(allowed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_back_from_a_label() {
        for (tag, back) in [
            ("v1.2.3", "v1.2.3"),
            ("1.2.3-rc1", "1.2.3-rc1"),
            ("main-2024", "main-2024"),
            ("2024-05-01-abc", "2024.05.01-abc"),
            ("v1", "v1"),
        ] {
            assert_eq!(tag_of_label(&label_of_tag(tag)), back);
        }
    }
}
