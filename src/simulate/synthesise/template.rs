//! Templates of `data/*-values.json`; their language is in `data/README.md`.

use serde_json::Value as Json;

use super::random::{digits, hash, hex, letters, lower, upper, uuid};
use crate::cloud::Identity;
use crate::simulate::platform::Platform;
use crate::simulate::value::{Map, Value};

/// What the values of one resource follow from.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    /// The simulated account.
    pub(crate) identity: &'a Identity,
    /// The provider block, for its region.
    pub(crate) provider: &'a Value,
    /// `aws_lb`.
    pub(crate) type_name: &'a str,
    /// The resource's own.
    pub(crate) seed: u64,
}

/// Makes so many characters from a seed.
type Characters = fn(u64, usize) -> String;

/// A template names an attribute whose value is not known yet.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotYet;

impl Context<'_> {
    pub(super) fn region(&self) -> &str {
        self.provider.at("region").as_str().unwrap_or(&self.identity.region)
    }

    /// The project of Google Cloud that resources without one are in.
    pub(super) fn project(&self) -> &str {
        self.provider.at("project").as_str().unwrap_or(&self.identity.account)
    }

    pub(super) fn platform(&self) -> Platform {
        Platform::of(self.identity)
    }

    /// The seed of what stands at a path: the same everywhere in the resource, but different in
    /// every element of a list.
    pub(super) fn seed_at(&self, path: &str) -> u64 {
        let indices = path.split('.').filter(|step| step.parse::<usize>().is_ok());
        let indices = indices.collect::<Vec<_>>().join(".");
        if indices.is_empty() {
            self.seed
        } else {
            hash(&[&self.seed.to_le_bytes(), indices.as_bytes()])
        }
    }

    /// Expands every text in a template.
    pub(crate) fn expand(&self, template: &Json, path: &str, own: &Map) -> Result<Json, NotYet> {
        match template {
            Json::String(text) => self.text(text, path, own).map(Json::String),
            Json::Array(elements) => elements
                .iter()
                .enumerate()
                .map(|(at, element)| self.expand(element, &format!("{path}.{at}"), own))
                .collect(),
            Json::Object(entries) => entries
                .iter()
                .map(|(name, inner)| Ok((name.clone(), self.expand(inner, path, own)?)))
                .collect::<Result<_, _>>()
                .map(Json::Object),
            plain => Ok(plain.clone()),
        }
    }

    /// A brace that starts no known name stays as it is: policies are full of them.
    pub(super) fn text(&self, template: &str, path: &str, own: &Map) -> Result<String, NotYet> {
        let mut text = String::new();
        let mut rest = template;
        while let Some(start) = rest.find('{') {
            let (before, tail) = rest.split_at(start);
            text.push_str(before);
            let name = tail[1..].split(['}', '{']).next().unwrap_or_default();
            match self.name(name, path, own)? {
                Some(value) if tail[1 + name.len()..].starts_with('}') => {
                    text.push_str(&value);
                    rest = &tail[name.len() + 2..];
                }
                _ => {
                    text.push('{');
                    rest = &tail[1..];
                }
            }
        }
        Ok(text + rest)
    }

    fn name(&self, name: &str, path: &str, own: &Map) -> Result<Option<String>, NotYet> {
        if let Some(attribute) = name.strip_prefix("self.") {
            let (attribute, filter) =
                attribute.split_once('~').map_or((attribute, None), |(a, f)| (a, Some(f)));
            let text = match own.get(attribute) {
                Some(Value::Unknown(_)) => return Err(NotYet),
                Some(Value::Text(text)) => text.clone(),
                None | Some(Value::Null) => String::new(),
                Some(value) => value.to_json().to_string(),
            };
            return Ok(Some(filter.map_or(text.clone(), |filter| filtered(&text, filter))));
        }
        if let Some(attribute) = name.strip_prefix("provider.") {
            let value = self.provider.at(attribute).as_str();
            return value.map(|value| Some(value.to_owned())).ok_or(NotYet);
        }
        let seed = self.seed_at(path);
        let kinds: [(&str, Characters); 5] = [
            ("hex", hex),
            ("digits", digits),
            ("upper", upper),
            ("lower", lower),
            ("letters", letters),
        ];
        for (kind, make) in kinds {
            if let Some(count) = name.strip_prefix(kind).and_then(|count| count.parse().ok()) {
                return Ok(Some(make(seed, count)));
            }
        }
        Ok(match name {
            "uuid" => Some(uuid(seed)),
            "octet" => Some((seed % 250 + 4).to_string()),
            "region" => Some(self.region().to_owned()),
            "account" => Some(self.identity.account.clone()),
            "project" => Some(self.project().to_owned()),
            "number" => Some(self.identity.project_number.clone().unwrap_or_default()),
            "condition" => Some(condition(own)),
            "partition" => Some(self.identity.partition.clone()),
            _ => None,
        })
    }
}

/// Behind the id of a binding on Google Cloud: the title of its condition, if it has one.
fn condition(own: &Map) -> String {
    let block = own.get("condition").and_then(Value::as_list).and_then(<[Value]>::first);
    let title = block.and_then(|block| block.at("title").as_str());
    title.map_or(String::new(), |title| format!("/{title}"))
}

fn filtered(text: &str, filter: &str) -> String {
    if let Some((word, choice)) = filter.split_once('?') {
        let (then, otherwise) = choice.split_once(':').unwrap_or((choice, ""));
        return if text == word { then } else { otherwise }.to_owned();
    }
    if let Some((from, to)) = filter.split_once('=') {
        return text.replacen(&format!(":{from}/"), &format!(":{to}/"), 1);
    }
    match filter {
        "last" => text.rsplit('/').next().unwrap_or(text).to_owned(),
        "log-group" => {
            let name = text.split(":log-group:").nth(1).unwrap_or_default();
            name.trim_end_matches(":*").to_owned()
        }
        "project" => format!("projects/{}", text.trim_start_matches("projects/")),
        "gateway" => {
            let start = text.rsplit_once('.').map_or(text, |(start, _)| start);
            format!("{start}.1")
        }
        _ => text.to_owned(),
    }
}
