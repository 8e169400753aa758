//! What a proposal means as a whole, computed from its plans, and all of it for a program to read.

use serde::Serialize;
use serde_json::{Value, json};

use super::Proposal;
use crate::plan::{LayerPlan, Summary, images, summary};

/// What changes beyond resources. Every part is empty if there is nothing to say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Meaning {
    /// Rights, downtime, data, cost drivers.
    #[serde(flatten)]
    pub summary: Summary,
    /// Which layers are touched, and the role whose rights that needs.
    pub touches: Vec<String>,
}

impl Proposal {
    /// What the proposal means.
    pub fn meaning(&self) -> Meaning {
        if self.is_empty() {
            return Meaning::default();
        }
        let mut summary = summary(self.plans());
        // A first install takes nothing down.
        if self.from.is_some() && summary.downtime.is_empty() {
            summary.downtime.push("none expected".to_owned());
        }
        for job in self.jobs.iter().filter(|job| job.purpose == "migration") {
            summary.data.push(format!("migrated by job {} before the services move", job.name));
        }
        Meaning { summary, touches: self.touches() }
    }

    /// "only jobs and services: needs the rights of the role update". An environment that is not
    /// there yet needs all rights, which nobody has to be told.
    fn touches(&self) -> Vec<String> {
        if self.from.is_none() {
            return Vec::new();
        }
        let layers = self.layers.iter().map(|layer| &layer.plan);
        let mut touched: Vec<&str> =
            layers.filter(|plan| !plan.is_empty()).map(|plan| plan.layer.as_str()).collect();
        if self.tidy.as_ref().is_some_and(|plan| !plan.is_empty()) && !touched.contains(&FOUNDATION)
        {
            touched.insert(0, FOUNDATION);
        }
        let role = if touched.contains(&FOUNDATION) || self.makes_state_store {
            "install"
        } else {
            "update"
        };
        let named = match touched.as_slice() {
            [] => "only jobs that run once".to_owned(),
            [one] => format!("only {one}"),
            [one, other] => format!("only {one} and {other}"),
            all => all.join(", "),
        };
        vec![format!("{named}: needs the rights of the role {role}")]
    }

    /// All of it, for a program: sentences with their risk and addresses, images in full, what it
    /// means.
    pub fn document(&self) -> Value {
        let layer = |plan: &LayerPlan, forecast: bool| {
            json!({
                "layer": plan.layer,
                "forecast": forecast,
                "sentences": self.sentences(plan),
                "images": images(plan),
            })
        };
        let layers = self.layers.iter().map(|it| layer(&it.plan, it.forecast));
        json!({
            "type": "proposal",
            "digest": self.digest(),
            "changes": !self.is_empty(),
            "environment": self.environment,
            "from": self.from,
            "to": self.release,
            "makes_state_store": self.makes_state_store,
            "layers": layers.collect::<Vec<_>>(),
            "jobs": self.jobs,
            "tidy": self.tidy.as_ref().map(|plan| layer(plan, false)),
            "losses": self.losses(),
            "meaning": self.meaning(),
        })
    }
}

/// The layer that only an install may change.
const FOUNDATION: &str = "foundation";

#[cfg(test)]
#[path = "meaning_tests.rs"]
mod tests;
