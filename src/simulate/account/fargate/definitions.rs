//! Task definitions as applied, what their tasks need to start, and the start of one-off tasks.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::super::content::Content;
use super::super::jobs::Prepared;
use super::super::workloads::{digest, main};
use super::DEFINITION;
use crate::cloud::{JobHandle, JobRequest, TaskContainer, TaskDefinition};
use crate::simulate::faults::{Faults, Operation};
use crate::simulate::synthesise::{hash, hex};

/// The containers in an applied task definition.
fn containers(definition: &Json) -> Vec<TaskContainer> {
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

/// The container that the product runs in.
pub(super) fn main_container(definition: &Json) -> Option<TaskContainer> {
    main(containers(definition))
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
        let active = self.states(DEFINITION).filter(named);
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
        if self.secret_key(&arn).is_none() {
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

    /// A task definition as it was applied.
    pub(in super::super) fn task_definition(&self, reference: &str) -> Option<TaskDefinition> {
        let definition = self.definition(reference)?;
        let arn = definition["arn"].as_str().unwrap_or_default().to_owned();
        Some(TaskDefinition { arn, containers: containers(definition) })
    }

    /// A one-off task that is about to start; fails with what the platform says.
    pub(in super::super) fn prepare_task(
        &self,
        request: &JobRequest,
        faults: &Faults,
    ) -> Result<Prepared, String> {
        let cluster = request.cluster.rsplit('/').next().unwrap_or_default();
        if !self.states("aws_ecs_cluster").any(|state| state["name"] == cluster) {
            return Err("ClusterNotFoundException: Cluster not found".to_owned());
        }
        let reference = &request.task_definition;
        let definition = self
            .definition(reference)
            .ok_or_else(|| format!("ClientException: TaskDefinition not found: {reference}"))?;
        let main = main_container(definition)
            .ok_or_else(|| "ClientException: no container definitions".to_owned())?;
        let identity = &self.identity;
        let id = hex(hash(&[request.token.as_bytes(), self.salt.as_bytes()]), 32);
        let handle = JobHandle {
            cluster: request.cluster.clone(),
            task: format!(
                "arn:{}:ecs:{}:{}:task/{cluster}/{id}",
                identity.partition, identity.region, identity.account
            ),
            log_group: request.log_group.clone(),
            log_stream: format!("{}/{}/{id}", request.log_stream_prefix, main.name),
        };
        Ok(Prepared {
            handle,
            definition: definition["arn"].as_str().unwrap_or_default().to_owned(),
            digest: digest(&main.image),
            cannot_start: self.cannot_start(definition, faults),
        })
    }
}
