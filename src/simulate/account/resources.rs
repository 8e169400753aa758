//! The resource store: what terraform made through the provider.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::Account;
use super::content::Content;
use super::document::Document;
use super::workloads::{last, text};
use super::{fargate, secrets};
use crate::cloud::TaggedResource;
use crate::failure::Result;
use crate::simulate::platform::Platform;

/// A resource that exists.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Resource {
    /// All its attributes, as terraform's state has them.
    pub(crate) state: Document,
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
        self.resources.get(kind).into_iter().flatten().map(|(_, resource)| &*resource.state)
    }

    /// Keeps a resource as it is now.
    pub(super) fn keep(&mut self, kind: &str, made_from: Option<&str>, state: Json) {
        if kind == fargate::DEFINITION && made_from.is_some() {
            let family = text(&state, "family").to_owned();
            *self.revisions.entry(family).or_default() += 1;
        }
        if kind == secrets::GOOGLE_VERSION && made_from.is_some() {
            self.version_by_terraform(&state);
        }
        let resources = self.resources.entry(kind.to_owned()).or_default();
        let seed = made_from.unwrap_or_default().to_owned();
        let state = Document::from(state);
        let resource = Resource { state, seed, known: made_from.is_none(), fresh: true };
        resources.insert(key(&resource.state), resource);
    }

    /// An instance of Cloud SQL takes with it what is in it, also what terraform left behind.
    fn empty_instance(&mut self, instance: &str) {
        for kind in ["google_sql_database", "google_sql_ssl_cert", "google_sql_user"] {
            if let Some(resources) = self.resources.get_mut(kind) {
                resources.retain(|_, resource| resource.state["instance"] != instance);
            }
        }
    }
}

/// The types whose resources are looked for by a label on Google Cloud, and where they have it.
const LABELLED: [(&str, &str); 5] = [
    ("google_cloud_run_v2_job", "/effective_labels"),
    ("google_cloud_run_v2_service", "/effective_labels"),
    ("google_cloud_run_v2_worker_pool", "/effective_labels"),
    ("google_secret_manager_secret", "/effective_labels"),
    ("google_sql_database_instance", "/settings/0/user_labels"),
];

/// The resources with a label, by their full names. A tag's name is a label's without what Google
/// does not allow in it.
fn labelled(content: &Content, name: &str, value: &str) -> Vec<TaggedResource> {
    let allowed = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || "_-".contains(it);
    let label: String = name.chars().map(|it| if allowed(it) { it } else { '-' }).collect();
    let mut found = Vec::new();
    for (kind, path) in LABELLED {
        let carries = |state: &&Json| state.pointer(path).is_some_and(|it| it[&label] == value);
        let resource = |state: &Json| {
            let arn = text(state, "id").to_owned();
            TaggedResource { name: Some(last(&arn).to_owned()), arn }
        };
        found.extend(content.states(kind).filter(carries).map(resource));
    }
    found.sort();
    found
}

impl Account {
    /// Whether a load balancer answers at an address: on Google Cloud one that a forwarding rule
    /// uses.
    pub(crate) fn answers(&self, address: &str) -> bool {
        let content = self.content();
        if content.platform() == Platform::Aws {
            return content.states("aws_lb").any(|state| state["dns_name"] == address);
        }
        let addresses = content.states("google_compute_global_address");
        let known = addresses.filter(|state| state["address"] == address);
        let mut names: Vec<&str> =
            known.flat_map(|state| [text(state, "id"), text(state, "self_link")]).collect();
        names.push(address);
        let mut rules = content.states("google_compute_global_forwarding_rule");
        rules.any(|rule| names.contains(&text(rule, "ip_address")))
    }

    /// Whether there is a role of this name that carries a tag; on Google Cloud a service account,
    /// which carries none.
    pub(crate) fn has_role(&self, name: &str, tag: &str, value: &str) -> bool {
        if self.platform() == Platform::Aws {
            let end = format!(":role/{name}");
            return self.tagged(tag, value).iter().any(|it| it.arn.ends_with(&end));
        }
        self.content().states("google_service_account").any(|it| it["account_id"] == name)
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

    /// The resources that carry a tag: with an ARN on AWS, of the types that can be listed on
    /// Google Cloud.
    pub(crate) fn tagged(&self, name: &str, value: &str) -> Vec<TaggedResource> {
        let content = self.content();
        if content.platform() == Platform::Google {
            return labelled(&content, name, value);
        }
        let all = content.resources.values().flatten().map(|(_, resource)| &*resource.state);
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
        let mut state = Json::clone(&resource.state);
        if kind == secrets::GOOGLE {
            state["version_aliases"] = content.aliases(&key(&state));
        }
        content.run_refreshed(kind, &mut state);
        Some(state)
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
        Some(Json::clone(&found.state))
    }

    /// The same, while planning: it is not taken yet.
    pub(crate) fn unanswered(&self, kind: &str, made_from: &str) -> Option<Json> {
        let content = self.content();
        let mut resources = content.resources.get(kind)?.values();
        resources.find(|it| it.is_unanswered(made_from)).map(|found| Json::clone(&found.state))
    }

    /// Keeps a resource as it is now; `made_from` is the seed of one that was just made.
    pub(crate) fn keep(&self, kind: &str, made_from: Option<&str>, state: Json) -> Result<()> {
        self.change(|content| content.keep(kind, made_from, state))
    }

    /// Leaves a resource to itself: terraform forgets it, the account does not.
    pub(crate) fn abandon(&self, kind: &str, state: &Json) -> Result<()> {
        self.change(|content| {
            let resources = content.resources.get_mut(kind);
            if let Some(left) = resources.and_then(|resources| resources.get_mut(&key(state))) {
                left.known = true;
            }
        })
    }

    /// Removes a resource and what belongs to it alone.
    pub(crate) fn remove(&self, kind: &str, state: &Json) -> Result<()> {
        let key = key(state);
        self.change(|content| {
            let resources = content.resources.get_mut(kind);
            let removed = resources.and_then(|resources| resources.remove(&key));
            if let Some(removed) = removed.filter(|_| kind == fargate::DEFINITION) {
                content.inactive.insert(key.clone(), removed.state.into_value());
            }
            content.secrets.remove(&key);
            content.rollouts.remove(&key);
            content.cloud_run.remove(&key);
            match kind {
                secrets::GOOGLE_VERSION => content.forget_version(state),
                "google_sql_database_instance" => content.empty_instance(text(state, "name")),
                _ => {}
            }
        })
    }

    /// Changes the state of a resource behind terraform's back, as a person in the console
    /// would. `false` if there is none with that ARN or id.
    pub fn tamper(&self, kind: &str, arn: &str, change: impl FnOnce(&mut Json)) -> Result<bool> {
        self.change(|content| {
            let resource = content.resources.get_mut(kind).and_then(|found| found.get_mut(arn));
            resource.map(|resource| change(resource.state.edit())).is_some()
        })
    }

    /// Changes the container definitions of an applied task definition (a JSON array) behind
    /// terraform's back: what runs then is not what was applied, and every proof must say so.
    pub fn tamper_containers(&self, arn: &str, change: impl FnOnce(&mut Json)) -> Result<bool> {
        self.tamper(fargate::DEFINITION, arn, |state| {
            let containers = state["container_definitions"].as_str().unwrap_or("[]");
            let mut containers = serde_json::from_str(containers).unwrap_or(Json::Null);
            change(&mut containers);
            state["container_definitions"] = containers.to_string().into();
        })
    }
}
