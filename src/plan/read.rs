//! Reading `terraform show -json` while it comes: every resource is looked at once, unchanged
//! ones are skipped unread, and of the others only what words and safeguards need is kept.

use std::fmt;
use std::io::{BufReader, Read};

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::containers;
use super::model::{Action, Change, LayerPlan};
use super::openings;
use super::policies;
use super::values::Values;
use super::vocabulary;
use crate::failure::{Failure, Result};

/// The major of terraform's plan format that this was written for.
const FORMAT_MAJOR: &str = "1";

/// How much is read from terraform at once.
const BUFFER: usize = 64 * 1024;

/// Reads the plan of `layer`.
pub fn read(json: impl Read, layer: &str) -> Result<LayerPlan> {
    let unreadable = |error: serde_json::Error| {
        Failure::failed(format!("cannot read terraform's plan of layer {layer}")).caused_by(error)
    };
    let mut deserializer =
        serde_json::Deserializer::from_reader(BufReader::with_capacity(BUFFER, json));
    let mut plan = deserializer.deserialize_map(PlanVisitor).map_err(unreadable)?;
    deserializer.end().map_err(unreadable)?;
    layer.clone_into(&mut plan.layer);
    Ok(plan)
}

struct PlanVisitor;

impl<'de> Visitor<'de> for PlanVisitor {
    type Value = LayerPlan;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("terraform's JSON form of a plan")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<LayerPlan, A::Error> {
        let mut plan = LayerPlan::default();
        let mut version = None;
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "format_version" => version = Some(map.next_value::<String>()?),
                "resource_changes" => {
                    let changes = map.next_value_seed(Changes(Keep::Changes))?;
                    (plan.changes, plan.unchanged) = changes;
                }
                "resource_drift" => {
                    plan.drift = map.next_value_seed(Changes(Keep::Drift))?.0;
                }
                "planned_values" => plan.outputs = map.next_value::<PlannedValues>()?.outputs(),
                "output_changes" => plan.outputs_changed = map.next_value::<Outputs>()?.0,
                "errored" => plan.errored = map.next_value()?,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        let version = version.ok_or_else(|| error("format_version is missing"))?;
        if version.split('.').next() != Some(FORMAT_MAJOR) {
            return Err(error(format!("format version {version} is not known, only 1")));
        }
        Ok(plan)
    }
}

fn error<E: serde::de::Error>(message: impl fmt::Display) -> E {
    E::custom(message)
}

/// Whether no-ops are counted (changes) or cannot be (drift).
#[derive(Clone, Copy)]
enum Keep {
    Changes,
    Drift,
}

/// A list of changes that keeps those that change something.
struct Changes(Keep);

impl<'de> DeserializeSeed<'de> for Changes {
    type Value = (Vec<Change>, usize);

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Changes {
    type Value = (Vec<Change>, usize);

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of resource changes")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok((Vec::new(), 0))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let (mut kept, mut unchanged) = (Vec::new(), 0);
        while let Some(raw) = list.next_element::<Raw>()? {
            let is_data = raw.mode == "data";
            match (self.0, raw.into_change()?) {
                (_, Some(change)) => kept.push(change),
                (Keep::Changes, None) if !is_data => unchanged += 1,
                (Keep::Changes | Keep::Drift, None) => {}
            }
        }
        Ok((kept, unchanged))
    }
}

/// One entry as terraform writes it.
#[derive(Deserialize)]
struct Raw {
    address: String,
    #[serde(default)]
    previous_address: Option<String>,
    #[serde(default)]
    module_address: Option<String>,
    #[serde(default)]
    mode: String,
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    index: Value,
    /// Set where only one of several objects under an address is meant: a leftover of a
    /// replacement that could not be finished.
    #[serde(default)]
    deposed: Option<String>,
    change: RawChange,
    #[serde(default)]
    action_reason: String,
}

/// Both sides of a change; empty for a no-op.
struct RawChange {
    actions: Vec<String>,
    sides: Option<Box<Sides>>,
}

#[derive(Default)]
struct Sides {
    before: Value,
    after: Value,
    after_unknown: Value,
    before_sensitive: Value,
    after_sensitive: Value,
    replace_paths: Value,
    importing: bool,
}

impl<'de> Deserialize<'de> for RawChange {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ChangeVisitor)
    }
}

struct ChangeVisitor;

impl<'de> Visitor<'de> for ChangeVisitor {
    type Value = RawChange;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a change with its actions")
    }

    /// Terraform writes `actions` first, so the values of a no-op are skipped without a copy.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawChange, A::Error> {
        let mut actions: Option<Vec<String>> = None;
        let mut sides = Sides::default();
        while let Some(key) = map.next_key::<String>()? {
            let is_no_op = actions.as_deref().is_some_and(|actions| actions == ["no-op"]);
            let slot = match key.as_str() {
                "actions" => {
                    actions = Some(map.next_value()?);
                    continue;
                }
                "importing" => {
                    sides.importing = !map.next_value::<Value>()?.is_null();
                    continue;
                }
                "before" => &mut sides.before,
                "after" => &mut sides.after,
                "after_unknown" => &mut sides.after_unknown,
                "before_sensitive" => &mut sides.before_sensitive,
                "after_sensitive" => &mut sides.after_sensitive,
                "replace_paths" => &mut sides.replace_paths,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            if is_no_op {
                map.next_value::<IgnoredAny>()?;
            } else {
                *slot = map.next_value()?;
            }
        }
        let actions = actions.ok_or_else(|| error("a change without actions"))?;
        let is_no_op = actions == ["no-op"] && !sides.importing;
        Ok(RawChange { actions, sides: (!is_no_op).then(|| Box::new(sides)) })
    }
}

impl Raw {
    /// The change to keep; `None` for a no-op that moves nothing.
    fn into_change<E: serde::de::Error>(self) -> Result<Option<Change>, E> {
        let action = Action::from_steps(&self.change.actions).ok_or_else(|| {
            let steps = self.change.actions.join(", ");
            error(format!("{}: the actions {steps} are not known", self.address))
        })?;
        let moves = self.previous_address.as_ref().is_some_and(|from| *from != self.address);
        if action == Action::NoOp && self.change.sides.is_none() && !moves {
            return Ok(None);
        }
        let sides = self.change.sides.map(|sides| *sides).unwrap_or_default();
        let replace_paths = paths(&sides.replace_paths);
        let values = Values::masked(
            sides.before,
            sides.after,
            sides.after_unknown,
            &sides.before_sensitive,
            &sides.after_sensitive,
        );
        let facts = vocabulary::kept(&self.kind);
        let fact = |name: &str| {
            if vocabulary::is_name(name) { values.name(name) } else { values.fact(name) }
        };
        let facts = facts.filter_map(|name| Some((name, fact(name)?))).collect();
        let attributes = match action {
            Action::Update | Action::Replace { .. } => values.differences(&self.kind),
            _ => Vec::new(),
        };
        let address = match self.deposed {
            Some(key) => format!("{} (leftover {key})", self.address),
            None => self.address,
        };
        Ok(Some(Change {
            address,
            previous_address: self.previous_address.filter(|_| moves),
            module: self.module_address,
            index: match self.index {
                Value::Null => None,
                Value::String(key) => Some(key),
                other => Some(other.to_string()),
            },
            tag: values.name_tag(),
            given_name: ["name", "secret_id", "account_id"].iter().find_map(|it| values.name(it)),
            action,
            tainted: self.action_reason == "replace_because_tainted",
            replace_paths,
            attributes,
            facts,
            containers: containers::both(&self.kind, &values),
            task_definition: revision(&self.kind)
                .and_then(|attribute| values.texts(attribute)[1].map(str::to_owned)),
            permissions: policies::changed(&self.kind, &values),
            openings: openings::both(&self.kind, &values),
            kind: self.kind,
            name: self.name,
        }))
    }
}

/// The attribute of a service that says what it runs.
fn revision(kind: &str) -> Option<&'static str> {
    match kind {
        "aws_ecs_service" => Some("task_definition"),
        "google_cloud_run_v2_service" | "google_cloud_run_v2_worker_pool" => {
            Some("latest_ready_revision")
        }
        _ => None,
    }
}

/// Paths as dotted text, sorted; a path is a list of names and positions.
fn paths(paths: &Value) -> Vec<String> {
    let step = |step: &Value| match step {
        Value::String(name) => name.clone(),
        other => other.to_string(),
    };
    let dotted = |path: &Value| {
        let steps = path.as_array().map(Vec::as_slice).unwrap_or_default();
        steps.iter().map(step).collect::<Vec<_>>().join(".")
    };
    let mut all: Vec<String> = paths.as_array().into_iter().flatten().map(dotted).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// What will be; of its resources nothing is read.
#[derive(Deserialize)]
struct PlannedValues {
    #[serde(default)]
    outputs: std::collections::BTreeMap<String, PlannedOutput>,
}

#[derive(Deserialize)]
struct PlannedOutput {
    #[serde(default)]
    sensitive: bool,
    /// Absent while a part of it is unknown.
    value: Option<Value>,
}

impl PlannedValues {
    fn outputs(self) -> serde_json::Map<String, Value> {
        let open = self.outputs.into_iter().filter(|(_, output)| !output.sensitive);
        open.filter_map(|(name, output)| Some((name, output.value?))).collect()
    }
}

/// Names of outputs that change; their values are skipped.
struct Outputs(Vec<String>);

#[derive(Deserialize)]
struct OutputActions {
    #[serde(default)]
    actions: Vec<String>,
}

impl<'de> Deserialize<'de> for Outputs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let outputs: Option<std::collections::BTreeMap<String, OutputActions>> =
            Option::deserialize(deserializer)?;
        let changed = outputs.unwrap_or_default().into_iter();
        let changed = changed.filter(|(_, output)| output.actions != ["no-op"]);
        Ok(Self(changed.map(|(name, _)| name).collect()))
    }
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
