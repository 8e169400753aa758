//! The resource store: what terraform made through the provider.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::Account;
use super::content::Content;
use crate::cloud::TaggedResource;
use crate::failure::Result;

/// A resource that exists.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Resource {
    /// All its attributes, as terraform's state has them.
    pub(crate) state: Json,
    /// What it was made from.
    pub(crate) seed: String,
    /// Whether terraform has asked about it since it was made.
    known: bool,
    /// Whether this process made it.
    #[serde(skip)]
    fresh: bool,
}

impl Resource {
    /// Made from this plan by a process that was killed before terraform heard of it.
    fn is_unanswered(&self, made_from: &str) -> bool {
        !self.fresh && !self.known && self.seed == made_from
    }
}

/// What tells resources of one type apart: the ARN where there is one, for several task
/// definitions share an id.
pub(crate) fn key(state: &Json) -> String {
    let named = |name: &str| state[name].as_str().filter(|text| !text.is_empty());
    named("arn").or_else(|| named("id")).or_else(|| named("role_name")).unwrap_or("-").to_owned()
}

impl Content {
    /// The states of all resources of a type.
    pub(super) fn states(&self, kind: &str) -> impl Iterator<Item = &Json> {
        self.resources.get(kind).into_iter().flatten().map(|(_, resource)| &resource.state)
    }
}

impl Account {
    /// Whether a load balancer of this name exists.
    pub(crate) fn answers(&self, dns_name: &str) -> bool {
        self.content().states("aws_lb").any(|state| state["dns_name"] == dns_name)
    }

    /// The resources that exist, as (type, ARN or id), sorted.
    pub fn resources(&self) -> Vec<(String, String)> {
        let content = self.content();
        let all = content
            .resources
            .iter()
            .flat_map(|(kind, resources)| resources.keys().map(|key| (kind.clone(), key.clone())));
        all.collect()
    }

    /// The resources with an ARN that carry a tag.
    pub(crate) fn tagged(&self, name: &str, value: &str) -> Vec<TaggedResource> {
        let content = self.content();
        let all = content.resources.values().flatten().map(|(_, resource)| &resource.state);
        let tagged = all.filter(|state| state["tags_all"][name] == value);
        let mut found: Vec<TaggedResource> = tagged
            .filter_map(|state| {
                let name = state["tags_all"]["Name"].as_str().map(str::to_owned);
                Some(TaggedResource { arn: state["arn"].as_str()?.to_owned(), name })
            })
            .collect();
        found.sort();
        found
    }

    /// Another identity for one more resource made from the same plan, from 0.
    pub(crate) fn occurrence(&self, seed: &str) -> u32 {
        let mut content = self.content();
        let made = content.made.entry(seed.to_owned()).or_default();
        *made += 1;
        *made - 1
    }

    /// How many resources were made from each plan.
    pub(crate) fn made(&self) -> BTreeMap<String, u32> {
        self.content().made.clone()
    }

    /// The highest revision of a task definition family; 0 before the first.
    pub(crate) fn last_revision(&self, family: &str) -> u32 {
        self.content().revisions.get(family).copied().unwrap_or_default()
    }

    /// A resource, for terraform: from now on it is known.
    pub(crate) fn find(&self, kind: &str, state: &Json) -> Option<Json> {
        let mut content = self.content();
        let resource = content.resources.get_mut(kind)?.get_mut(&key(state))?;
        resource.known = true;
        Some(resource.state.clone())
    }

    /// Whether a resource has the values already which must be unique in its type.
    pub(crate) fn conflicts(&self, kind: &str, unique: &[String], state: &Json) -> bool {
        if unique.is_empty() {
            return false;
        }
        let content = self.content();
        let same = |other: &Resource| unique.iter().all(|name| other.state[name] == state[name]);
        content.resources.get(kind).is_some_and(|resources| resources.values().any(same))
    }

    /// A resource that was made from the same plan, and whose maker was killed before terraform
    /// heard of it: found instead of made twice. It is taken once.
    pub(crate) fn take_unanswered(&self, kind: &str, made_from: &str) -> Option<Json> {
        let mut content = self.content();
        let mut resources = content.resources.get_mut(kind)?.values_mut();
        let found = resources.find(|it| it.is_unanswered(made_from))?;
        found.fresh = true;
        Some(found.state.clone())
    }

    /// The same, while planning: it is not taken yet.
    pub(crate) fn unanswered(&self, kind: &str, made_from: &str) -> Option<Json> {
        let content = self.content();
        let mut resources = content.resources.get(kind)?.values();
        resources.find(|it| it.is_unanswered(made_from)).map(|found| found.state.clone())
    }

    /// Keeps a resource as it is now; `made_from` is the seed of one that was just made.
    pub(crate) fn keep(&self, kind: &str, made_from: Option<&str>, state: Json) -> Result<()> {
        self.change(|content| {
            if kind == "aws_ecs_task_definition" && made_from.is_some() {
                let family = state["family"].as_str().unwrap_or_default().to_owned();
                *content.revisions.entry(family).or_default() += 1;
            }
            let resources = content.resources.entry(kind.to_owned()).or_default();
            let seed = made_from.unwrap_or_default().to_owned();
            let resource = Resource { state, seed, known: made_from.is_none(), fresh: true };
            resources.insert(key(&resource.state), resource);
        })
    }

    /// Removes a resource and what belongs to it alone.
    pub(crate) fn remove(&self, kind: &str, state: &Json) -> Result<()> {
        let key = key(state);
        self.change(|content| {
            let resources = content.resources.get_mut(kind);
            let removed = resources.and_then(|resources| resources.remove(&key));
            if let Some(removed) = removed.filter(|_| kind == "aws_ecs_task_definition") {
                content.inactive.insert(key.clone(), removed.state);
            }
            content.secrets.remove(&key);
            content.rollouts.remove(&key);
        })
    }

    /// Changes the state of a resource behind terraform's back, as a person in the console
    /// would. `false` if there is none with that ARN or id.
    pub fn tamper(&self, kind: &str, arn: &str, change: impl FnOnce(&mut Json)) -> Result<bool> {
        self.change(|content| {
            let resource = content.resources.get_mut(kind).and_then(|found| found.get_mut(arn));
            resource.map(|resource| change(&mut resource.state)).is_some()
        })
    }

    /// Changes the container definitions of an applied task definition (a JSON array) behind
    /// terraform's back: what runs then is not what was applied, and every proof must say so.
    pub fn tamper_containers(&self, arn: &str, change: impl FnOnce(&mut Json)) -> Result<bool> {
        self.tamper("aws_ecs_task_definition", arn, |state| {
            let containers = state["container_definitions"].as_str().unwrap_or("[]");
            let mut containers = serde_json::from_str(containers).unwrap_or(Json::Null);
            change(&mut containers);
            state["container_definitions"] = containers.to_string().into();
        })
    }
}
