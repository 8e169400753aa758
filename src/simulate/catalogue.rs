//! What is known of the providers: the embedded data of `data/`, read once per process.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::io::Read as _;
use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::Value as Json;

use super::platform::Platform;
use super::schema::Schema;
use crate::failure::{Failure, Result};
use crate::kit::model::CloudName;

/// The embedded data of one provider.
struct Data {
    schema: &'static [u8],
    behaviour: &'static [u8],
    values: &'static str,
}

const AWS: Data = Data {
    schema: include_bytes!("../../data/aws-5.100.0.schema.json.gz"),
    behaviour: include_bytes!("../../data/aws-5.100.0.behaviour.json.gz"),
    values: include_str!("../../data/aws-values.json"),
};

const GOOGLE: Data = Data {
    schema: include_bytes!("../../data/google-7.45.0.schema.json.gz"),
    behaviour: include_bytes!("../../data/google-7.45.0.behaviour.json.gz"),
    values: include_str!("../../data/google-values.json"),
};

/// Everything that is known; cut down to a configuration, everything that is served.
#[derive(Clone, Debug)]
pub(super) struct Catalogue {
    /// Schema of the provider block.
    pub(super) provider: Schema,
    pub(super) resources: BTreeMap<String, ResourceType>,
    pub(super) data_sources: BTreeMap<String, Schema>,
}

/// A resource type.
#[derive(Clone, Debug)]
pub(super) struct ResourceType {
    pub(super) schema: Schema,
    pub(super) behaviour: Behaviour,
    pub(super) answers: Answers,
}

/// What the provider does while planning that its schema does not say. `data/README.md` explains
/// each key.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Behaviour {
    pub(super) legacy: bool,
    pub(super) force_new: Vec<String>,
    pub(super) defaults: HashMap<String, Json>,
    pub(super) computed_blocks: HashSet<String>,
    pub(super) null_at_plan: HashSet<String>,
    pub(super) json: HashSet<String>,
    pub(super) json_compact: HashSet<String>,
    pub(super) lower: HashSet<String>,
    pub(super) upper: HashSet<String>,
    pub(super) one_of: BTreeMap<String, Vec<String>>,
    pub(super) conflicts_with: BTreeMap<String, Vec<String>>,
    pub(super) exactly_one_of: Vec<Vec<String>>,
    pub(super) at_least_one_of: Vec<Vec<String>>,
    pub(super) required_with: BTreeMap<String, Vec<String>>,
    /// Attribute → template: known while planning a create.
    pub(super) planned: BTreeMap<String, Json>,
    /// Whether a create adds the label of Google's provider.
    pub(super) attribution_label: bool,
}

/// What the service would answer.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Answers {
    /// Path → template.
    pub(super) values: HashMap<String, Json>,
    /// What the harvest of the behaviour missed; goes into [`Behaviour::force_new`].
    pub(super) force_new: Vec<String>,
    /// No two resources of the type may agree in all of these attributes.
    pub(super) unique: Vec<String>,
}

impl Catalogue {
    /// Only the resource types that a configuration (all of its text) declares, and of these only
    /// the nested blocks that it names: every terraform command becomes several times faster.
    pub(super) fn cut_to(&self, configuration: &str) -> Self {
        let separator = |character: char| !(character.is_ascii_alphanumeric() || character == '_');
        let named: BTreeSet<&str> = configuration.split(separator).collect();
        let resources = self.resources.iter().filter(|(name, _)| named.contains(name.as_str()));
        let resources = resources.map(|(name, kind)| {
            let mut kind = kind.clone();
            kind.schema.block = kind.schema.block.without_unnamed_blocks(&named);
            (name.clone(), kind)
        });
        Self {
            provider: self.provider.clone(),
            resources: resources.collect(),
            data_sources: self.data_sources.clone(),
        }
    }
}

/// The catalogue of a platform's provider; reading it takes a few milliseconds, the first time.
pub(super) fn catalogue(platform: Platform) -> Result<&'static Catalogue> {
    type Read = OnceLock<std::result::Result<Catalogue, String>>;
    static READ: [Read; 2] = [Read::new(), Read::new()];
    let (cell, data) = match platform {
        Platform::Aws => (&READ[0], &AWS),
        Platform::Google => (&READ[1], &GOOGLE),
    };
    let read = cell.get_or_init(|| read(data).map_err(|error| format!("{error:#}")));
    read.as_ref().map_err(|error| {
        Failure::failed("the embedded provider data cannot be read").because(error.as_str())
    })
}

/// The resource types that are served in a cloud.
pub fn served_types(cloud: CloudName) -> Result<BTreeSet<&'static str>> {
    Ok(catalogue(cloud.into())?.resources.keys().map(String::as_str).collect())
}

fn unpack(bytes: &[u8]) -> anyhow::Result<Json> {
    let mut text = Vec::new();
    flate2::read::GzDecoder::new(bytes).read_to_end(&mut text)?;
    Ok(serde_json::from_slice(&text)?)
}

fn read(data: &Data) -> anyhow::Result<Catalogue> {
    let schema = unpack(data.schema)?;
    let behaviour = unpack(data.behaviour)?;
    let mut behaviour: BTreeMap<String, Behaviour> = serde_json::from_value(behaviour)?;
    let mut answers: BTreeMap<String, Answers> = serde_json::from_str(data.values)?;
    let schemas = |section: &str| -> anyhow::Result<BTreeMap<String, Schema>> {
        let entries = schema[section].as_object().into_iter().flatten();
        let read = entries.map(|(name, json)| {
            let schema = Schema::from_json(json);
            Ok((name.clone(), schema.map_err(|error| anyhow::anyhow!("{name}.{error}"))?))
        });
        read.collect()
    };
    let provider = Schema::from_json(&schema["provider"]).map_err(anyhow::Error::msg)?;
    let resources = schemas("resource_schemas")?.into_iter().map(|(name, schema)| {
        let mut behaviour = behaviour.remove(&name).unwrap_or_default();
        let answers = answers.remove(&name).unwrap_or_default();
        behaviour.force_new.extend(answers.force_new.iter().cloned());
        (name, ResourceType { schema, behaviour, answers })
    });
    let resources = resources.collect();
    Ok(Catalogue { provider, resources, data_sources: schemas("data_source_schemas")? })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

    use super::*;

    /// Whether a dotted path leads to an attribute, or into one.
    fn is_in(block: &crate::simulate::schema::Block, path: &str) -> bool {
        let (step, rest) = path.split_once('.').unwrap_or((path, ""));
        let nested = block.blocks.iter().find(|nested| nested.name == step);
        block.attribute(step).is_some() || nested.is_some_and(|nested| is_in(&nested.block, rest))
    }

    #[test]
    fn everything_the_data_names_is_in_the_schemas() {
        for (platform, data) in [(Platform::Aws, &AWS), (Platform::Google, &GOOGLE)] {
            let catalogue = catalogue(platform).unwrap();
            let answers: BTreeMap<String, Answers> = serde_json::from_str(data.values).unwrap();
            for (name, answers) in &answers {
                let block = &catalogue.resources[name].schema.block;
                for path in answers.values.keys().chain(&answers.unique).chain(&answers.force_new) {
                    assert!(is_in(block, path), "{name} has no attribute {path}");
                }
            }
        }
        let aws = catalogue(Platform::Aws).unwrap();
        assert!(aws.data_sources.contains_key("aws_iam_policy_document"));
        assert!(aws.resources["aws_ecs_service"].behaviour.legacy);
        assert!(!aws.resources["aws_vpc_security_group_egress_rule"].behaviour.legacy);
        let google = catalogue(Platform::Google).unwrap();
        assert!(google.data_sources.is_empty());
        assert!(google.resources["google_cloud_run_v2_service"].behaviour.attribution_label);
        assert!(!google.resources["google_compute_forwarding_rule"].behaviour.attribution_label);
    }
}
