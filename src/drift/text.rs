//! A report as people read it, and as machines do.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{Finding, Owner, Report};
use crate::report::plural;

impl Report {
    /// Several lines, readable without colour: what must not differ, the two ways out, whose the
    /// rest is. `all` names everything that was filtered, with its rule.
    pub fn text(&self, all: bool) -> String {
        let drifted: Vec<&Finding> = self.of(Owner::Vendor).collect();
        let mut out = match drifted.len() {
            0 => format!("{} is as it was installed", self.environment),
            count => format!("{} differs: {}", self.environment, plural(count, "finding")),
        };
        let _ = writeln!(out, "  ({}, receipt {})", self.release, self.since);
        for finding in &drifted {
            let _ = writeln!(out, "  ! {}: {}", finding.layer, finding.text);
            let _ = writeln!(out, "      {}", finding.address);
        }
        self.tell(&mut out, Owner::FailedUpdate, "no drift, but an update that failed", true);
        self.tell(&mut out, Owner::Customer, "the customer's", true);
        self.tell(&mut out, Owner::Cloud, "changes by itself", all);
        if !drifted.is_empty() {
            out.push_str("\ntwo ways out\n");
            let _ =
                writeln!(out, "  take it back      landfall drift {} --revert", self.environment);
            let _ = writeln!(out, "  or want it so     {}", self.wanting());
        }
        out.truncate(out.trim_end().len());
        out
    }

    fn tell(&self, out: &mut String, owner: Owner, title: &str, whole: bool) {
        let count = self.of(owner).count();
        if count == 0 {
            return;
        }
        if !whole {
            let _ = writeln!(out, "  {title}: {}; -v names them", plural(count, "difference"));
            return;
        }
        let _ = writeln!(out, "  {title}");
        for finding in self.of(owner) {
            let rule = finding.rule.as_ref();
            let rule = rule.map_or(String::new(), |rule| format!(" [{}: {}]", rule.name, rule.why));
            let _ = writeln!(out, "    {}: {}{rule}", finding.layer, finding.text);
        }
    }

    /// The second way out, in a few words.
    pub fn wanting(&self) -> String {
        let mut keys: Vec<&str> =
            self.of(Owner::Vendor).filter_map(|finding| finding.key.as_deref()).collect();
        keys.sort_unstable();
        keys.dedup();
        let update = format!("landfall update {}", self.environment);
        if keys.is_empty() {
            return "not by environment.hcl: only a release decides this".to_owned();
        }
        format!("write {} in environment.hcl, then {update}", keys.join(" and "))
    }

    /// One object: everything, the filtered ones with their rule.
    pub fn json(&self) -> Value {
        json!({
            "type": "drift",
            "environment": self.environment,
            "release": self.release,
            "since": self.since,
            "drift": self.is_drift(),
            "findings": self.findings.iter().map(Finding::json).collect::<Vec<_>>(),
        })
    }
}

impl Finding {
    fn json(&self) -> Value {
        let attributes: Vec<Value> = self
            .attributes
            .iter()
            .map(|it| {
                json!({
                    "path": it.path,
                    "before": it.before.to_string(),
                    "after": it.after.to_string(),
                })
            })
            .collect();
        json!({
            "layer": self.layer.name(),
            "address": self.address,
            "owner": self.owner,
            "gone": self.gone,
            "text": self.text,
            "attributes": attributes,
            "rule": self.rule,
            "key": self.key,
        })
    }
}
