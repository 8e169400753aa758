//! Task definitions as applied, and what their tasks need to start.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::Account;
use super::content::Content;
use crate::cloud::{TaskContainer, TaskDefinition};
use crate::failure::{Failure, Result};
use crate::simulate::faults::{Faults, Operation};

/// The containers in an applied task definition.
pub(super) fn containers(definition: &Json) -> Vec<TaskContainer> {
    let text = definition["container_definitions"].as_str().unwrap_or_default();
    let list: Json = serde_json::from_str(text).unwrap_or_default();
    let pairs = |list: &Json, value: &str| -> BTreeMap<String, String> {
        let entries = list.as_array().into_iter().flatten();
        let pair = |entry: &Json| {
            Some((entry["name"].as_str()?.to_owned(), entry[value].as_str()?.to_owned()))
        };
        entries.filter_map(pair).collect()
    };
    let container = |container: &Json| TaskContainer {
        name: container["name"].as_str().unwrap_or_default().to_owned(),
        image: container["image"].as_str().unwrap_or_default().to_owned(),
        environment: pairs(&container["environment"], "value"),
        secrets: pairs(&container["secrets"], "valueFrom"),
    };
    list.as_array().into_iter().flatten().map(container).collect()
}

/// The container that the product runs in: `main`, or the first.
pub(super) fn main_container(definition: &Json) -> Option<TaskContainer> {
    let mut all = containers(definition);
    let at = all.iter().position(|container| container.name == "main").unwrap_or_default();
    (at < all.len()).then(|| all.swap_remove(at))
}

/// The digest that an image reference names; empty if it names none: then nothing is proved.
pub(super) fn digest(image: &str) -> String {
    image.split_once('@').map_or(String::new(), |(_, digest)| digest.to_owned())
}

impl Content {
    /// A task definition by ARN, `family:revision`, or family (its latest); by ARN also one that
    /// was deregistered.
    pub(super) fn definition(&self, reference: &str) -> Option<&Json> {
        let revision = |state: &Json| state["revision"].as_u64().unwrap_or_default();
        let named = |state: &&Json| {
            let family = state["family"].as_str().unwrap_or_default();
            state["arn"] == reference
                || family == reference
                || format!("{family}:{}", revision(state)) == reference
        };
        let active = self.states("aws_ecs_task_definition").filter(named);
        active.max_by_key(|state| revision(state)).or_else(|| self.inactive.get(reference))
    }

    /// Why tasks of a definition cannot start, in the platform's words; `None` if they can.
    pub(super) fn cannot_start(&self, definition: &Json, faults: &Faults) -> Option<String> {
        let containers = containers(definition);
        let mut sources = containers.iter().flat_map(|container| container.secrets.values());
        sources.find_map(|source| self.secret_problem(source, faults))
    }

    /// `source` is `arn[:json-key:stage:version]`, as in `valueFrom`.
    fn secret_problem(&self, source: &str, faults: &Faults) -> Option<String> {
        let mut parts = source.split(':');
        let arn = parts.by_ref().take(7).collect::<Vec<_>>().join(":");
        let version = parts.nth(2).filter(|version| !version.is_empty());
        let problem = |why: &str| {
            Some(format!(
                "ResourceInitializationError: unable to pull secrets or registry auth: execution \
                 resource retrieval failed: unable to retrieve secret from asm: failed to fetch \
                 secret {arn} from secrets manager: ResourceNotFoundException: Secrets Manager \
                 can't find the specified secret{why}"
            ))
        };
        let managed = self.states("aws_db_instance").any(|database| {
            let secrets = database["master_user_secret"].as_array();
            secrets.into_iter().flatten().any(|secret| secret["secret_arn"] == arn.as_str())
        });
        let name = arn.rsplit_once('-').map_or(arn.as_str(), |(start, _)| start);
        if let Some(effect) = faults.strike(Operation::MissingSecret, name) {
            return problem(&format!(" value for staging label: AWSCURRENT ({})", effect.label));
        }
        if managed {
            return None;
        }
        if self.secret_arn(&arn).is_none() {
            return problem("");
        }
        let versions = self.secrets.get(&arn);
        match (versions, version) {
            (None, _) => problem(" value for staging label: AWSCURRENT"),
            (Some(versions), Some(version)) if !versions.has(version) => {
                problem(&format!(" value for VersionId: {version}"))
            }
            _ => None,
        }
    }
}

impl Account {
    /// A task definition as it was applied.
    pub(crate) fn task_definition(&self, reference: &str) -> Result<TaskDefinition> {
        let content = self.content();
        let definition = content.definition(reference).ok_or_else(|| {
            Failure::failed(format!("there is no task definition {reference}"))
                .because("ClientException: Unable to describe task definition")
        })?;
        let arn = definition["arn"].as_str().unwrap_or_default().to_owned();
        Ok(TaskDefinition { arn, containers: containers(definition) })
    }
}
