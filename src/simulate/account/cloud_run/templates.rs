//! Templates of Cloud Run as applied: their containers, and the secrets that these need to start.

use serde_json::Value as Json;

use super::super::content::Content;
use super::super::workloads::{last, text};
use crate::cloud::TaskContainer;
use crate::simulate::faults::{Faults, Operation};

fn list(json: &Json) -> impl Iterator<Item = &Json> {
    json.as_array().into_iter().flatten()
}

/// The blocks of a template's containers. `template` is the list that terraform's state has; a
/// job's has another one within.
fn blocks(template: &Json) -> &Json {
    let outer = &template[0];
    if outer["template"].is_array() {
        &outer["template"][0]["containers"]
    } else {
        &outer["containers"]
    }
}

/// The containers of a template.
pub(super) fn containers(template: &Json) -> Vec<TaskContainer> {
    list(blocks(template)).map(container).collect()
}

fn container(block: &Json) -> TaskContainer {
    let variables = || list(&block["env"]);
    let plain = variables().filter(|it| secret_of(it).is_none());
    let secret = |it: &Json| {
        let (secret, version) = secret_of(it)?;
        Some((text(it, "name").to_owned(), format!("{secret}:{version}")))
    };
    let plain = plain.map(|it| (text(it, "name").to_owned(), text(it, "value").to_owned()));
    let port = block["ports"][0]["container_port"].as_u64();
    TaskContainer {
        name: text(block, "name").to_owned(),
        image: text(block, "image").to_owned(),
        environment: port
            .map(|it| ("PORT".to_owned(), it.to_string()))
            .into_iter()
            .chain(plain)
            .collect(),
        secrets: variables().filter_map(secret).collect(),
    }
}

/// The secret and the version that a variable takes its value from.
fn secret_of(variable: &Json) -> Option<(&str, &str)> {
    let reference = &variable["value_source"][0]["secret_key_ref"][0];
    let secret = Some(text(reference, "secret")).filter(|secret| !secret.is_empty())?;
    Some((secret, Some(text(reference, "version")).filter(|it| !it.is_empty()).unwrap_or("latest")))
}

/// The template without what is null or empty: a block that a later configuration names for the
/// first time is there, and says nothing.
pub(super) fn essence(json: &Json) -> Json {
    let says = |json: &Json| match json {
        Json::Null => false,
        Json::Array(items) => !items.is_empty(),
        Json::Object(fields) => !fields.is_empty(),
        _ => true,
    };
    match json {
        Json::Array(items) => items.iter().map(essence).collect(),
        Json::Object(fields) => {
            let kept = fields.iter().map(|(name, field)| (name.clone(), essence(field)));
            Json::Object(kept.filter(|(_, field)| says(field)).collect())
        }
        plain => plain.clone(),
    }
}

impl Content {
    /// Why containers of a template cannot start, in the platform's words; `None` if they can.
    pub(super) fn missing_secret(
        &self,
        template: &Json,
        faults: Option<&Faults>,
    ) -> Option<String> {
        for (at, block) in list(blocks(template)).enumerate() {
            for (number, variable) in list(&block["env"]).enumerate() {
                let Some((secret, version)) = secret_of(variable) else { continue };
                if let Some(why) = self.no_value(secret, version, faults) {
                    return Some(format!(
                        "spec.template.spec.containers[{at}].env[{number}].value_from.\
                         secret_key_ref.name: {why}"
                    ));
                }
            }
        }
        let template = &template[0];
        let volumes =
            if template["template"].is_array() { &template["template"][0] } else { template };
        list(&volumes["volumes"]).find_map(|volume| {
            let mount = &volume["secret"][0];
            let secret = Some(text(mount, "secret")).filter(|secret| !secret.is_empty())?;
            let items: Vec<&Json> = list(&mount["items"]).collect();
            let version = |item: &&Json| text(item, "version").to_owned();
            let versions: Vec<String> = items.iter().map(version).collect();
            let latest = [String::new()];
            let wanted = if versions.is_empty() { &latest[..] } else { &versions[..] };
            wanted.iter().find_map(|version| {
                let version = if version.is_empty() { "latest" } else { version.as_str() };
                self.no_value(secret, version, faults)
            })
        })
    }

    /// Why a version of a secret cannot be read.
    fn no_value(&self, secret: &str, version: &str, faults: Option<&Faults>) -> Option<String> {
        let name = last(secret);
        let number = self.identity.project_number.as_deref().unwrap_or(&self.identity.account);
        let path = format!("projects/{number}/secrets/{name}/versions/{version}");
        let fault = faults.and_then(|faults| faults.strike(Operation::MissingSecret, name));
        if let Some(effect) = fault {
            return Some(format!("Secret {path} was not found ({})", effect.label));
        }
        let versions = self.secret_key(secret).and_then(|key| self.secrets.get(key));
        let there = versions.is_some_and(|versions| versions.answers(version));
        (!there).then(|| format!("Secret {path} was not found"))
    }
}
