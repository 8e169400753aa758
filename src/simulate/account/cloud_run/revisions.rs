//! Revisions of Cloud Run: each change of a template makes one; the last one that became ready is
//! what serves. One that failed is never started again, and terraform sees no difference any more:
//! only another change of the template makes the next.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::super::content::Content;
use super::super::workloads::{last, text};
use super::super::{Account, now};
use super::templates::essence;
use super::{JOB, SERVICE};
use crate::failure::Result;
use crate::simulate::faults::{Faults, Operation};
use crate::simulate::synthesise::{hash, lower};

/// Revisions that are remembered; Cloud Run keeps a thousand.
const REMEMBERED: usize = 50;

/// The revisions of one service or worker pool.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(in super::super) struct Revisions {
    /// Newest last.
    all: Vec<Revision>,
    /// How many there have been: no number is given twice.
    made: u32,
    /// Full name of the last one that became ready.
    ready: Option<String>,
}

/// A template as it was once applied.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in super::super) struct Revision {
    /// `projects/P/locations/R/services/NAME/revisions/NAME-00001-abc`.
    pub(super) name: String,
    pub(super) template: Json,
    /// Why it did not become ready.
    pub(super) failed: Option<String>,
    /// Milliseconds since 1970.
    pub(super) at: i64,
}

impl Revisions {
    pub(super) fn newest(&self) -> Option<&Revision> {
        self.all.last()
    }

    /// Newest first.
    pub(super) fn newest_first(&self) -> impl Iterator<Item = &Revision> {
        self.all.iter().rev()
    }

    /// By its full or its short name.
    pub(super) fn find(&self, name: &str) -> Option<&Revision> {
        let is_named = |revision: &&Revision| {
            revision.name == name || !name.contains('/') && last(&revision.name) == name
        };
        self.all.iter().find(is_named)
    }

    /// The one that a service in this state sends all requests to: the one that it pins, else the
    /// last that became ready.
    pub(super) fn serving(&self, state: &Json) -> Option<&Revision> {
        let splits =
            if state["traffic"].is_array() { &state["traffic"] } else { &state["instance_splits"] };
        let all = splits.as_array().into_iter().flatten().find(|it| it["percent"] == 100);
        let pinned = all.map(|it| text(it, "revision")).filter(|name| !name.is_empty());
        match pinned {
            Some(name) => self.find(name),
            None => self.find(self.ready.as_deref()?),
        }
    }

    fn is_new(&self, template: &Json) -> bool {
        self.newest().is_none_or(|newest| essence(&newest.template) != essence(template))
    }
}

/// The name of the next revision. The first one may have been foreseen in a plan.
fn name(state: &Json, number: u32) -> String {
    let (id, short) = (text(state, "id"), text(state, "name"));
    let start = format!("{id}/revisions/{short}-{number:05}-");
    let foreseen = text(state, "latest_created_revision");
    if foreseen.starts_with(&start) {
        return foreseen.to_owned();
    }
    let seed = hash(&[id.as_bytes(), text(state, "uid").as_bytes(), &number.to_le_bytes()]);
    format!("{start}{}", lower(seed, 3))
}

/// What an injected fault does to a new revision.
fn struck(kind: &str, state: &Json, faults: &Faults) -> Option<String> {
    let name = text(state, "name");
    if let Some(effect) = faults.strike(Operation::Unhealthy, name) {
        return Some(format!(
            "The user-provided container failed the configured startup probe checks. Logs for \
             this revision might contain more information. ({})",
            effect.label
        ));
    }
    let effect = faults.strike(Operation::Crash, name)?;
    let code = effect.exit.unwrap_or(1);
    let what = if kind == SERVICE {
        let port = &state["template"][0]["containers"][0]["ports"][0]["container_port"];
        let port = port.as_u64().unwrap_or(8080);
        format!(
            "The user-provided container failed to start and listen on the port defined provided \
             by the PORT={port} environment variable within the allocated timeout"
        )
    } else {
        "The user-provided container failed to start".to_owned()
    };
    Some(format!("{what}: container called exit({code}). ({})", effect.label))
}

impl Content {
    /// Makes a revision of a service or worker pool if its template is new, and writes into its
    /// state what the platform says of it. Returns why the revision that was made failed.
    pub(super) fn revise(
        &mut self,
        kind: &str,
        state: &mut Json,
        faults: Option<&Faults>,
    ) -> Option<String> {
        let id = text(state, "id").to_owned();
        let template = state["template"].clone();
        let known = self.cloud_run.get(&id);
        if known.is_some_and(|known| !known.is_new(&template)) {
            known.cloned().unwrap_or_default().show_in(state);
            return None;
        }
        let missing = self.missing_secret(&template, faults);
        let why = missing.or_else(|| faults.and_then(|faults| struck(kind, state, faults)));
        let revisions = self.cloud_run.entry(id).or_default();
        revisions.made += 1;
        let name = name(state, revisions.made);
        let failed = why.map(|why| {
            let short = last(&name);
            format!("Revision '{short}' is not ready and cannot serve traffic. {why}")
        });
        if failed.is_none() {
            revisions.ready = Some(name.clone());
        }
        revisions.all.push(Revision { name, template, failed: failed.clone(), at: now() });
        let surplus = revisions.all.len().saturating_sub(REMEMBERED);
        revisions.all.drain(..surplus);
        revisions.show_in(state);
        failed
    }

    /// A job has no revisions, but its template is checked as well.
    fn check_job(&self, state: &mut Json, faults: &Faults) -> Option<String> {
        let failed = self.missing_secret(&state["template"], Some(faults));
        show_condition(state, failed.as_deref());
        failed
    }
}

impl Revisions {
    /// Writes into a state what is read back of it.
    fn show_in(&self, state: &mut Json) {
        let Some(newest) = self.newest() else { return };
        state["latest_created_revision"] = newest.name.as_str().into();
        state["latest_ready_revision"] = self.ready.clone().unwrap_or_default().into();
        show_condition(state, newest.failed.as_deref());
    }
}

fn show_condition(state: &mut Json, failed: Option<&str>) {
    let condition = |field: &str, value: &str| json!({ field: value });
    let Some(first) = state["terminal_condition"].get_mut(0) else { return };
    let (now, message, reason) = match failed {
        Some(why) => ("CONDITION_FAILED", why, "HEALTH_CHECK_CONTAINER_ERROR"),
        None => ("CONDITION_SUCCEEDED", "", ""),
    };
    for part in [
        condition("state", now),
        condition("message", message),
        condition("revision_reason", reason),
    ] {
        if let (Json::Object(first), Json::Object(part)) = (&mut *first, part) {
            first.extend(part);
        }
    }
}

/// For terraform's provider.
impl Account {
    /// Keeps a service, worker pool or job as it is applied. Returns its state, and why it did not
    /// become ready.
    pub(crate) fn roll_out(
        &self,
        kind: &str,
        made_from: Option<&str>,
        mut state: Json,
        faults: &Faults,
    ) -> Result<(Json, Option<String>)> {
        self.change(|content| {
            let failed = if kind == JOB {
                content.check_job(&mut state, faults)
            } else {
                content.revise(kind, &mut state, Some(faults))
            };
            content.keep(kind, made_from, state.clone());
            (state, failed)
        })
    }
}
