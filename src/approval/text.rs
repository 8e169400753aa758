//! A proposal as a person reads it before saying yes: where, what, risk first.

use std::fmt::Write as _;

use super::Proposal;
use crate::plan::{Risk, Words, sentences};
use crate::report::plural;

fn mark(risk: Risk) -> &'static str {
    match risk {
        Risk::LosesData => "!",
        Risk::Deletes => "-",
        Risk::Replaces => "-+",
        Risk::Changes => "~",
        Risk::Creates => "+",
        Risk::Quiet => " ",
    }
}

impl Proposal {
    /// Several lines, readable without colour.
    pub fn text(&self) -> String {
        let target = &self.target;
        let way = match &self.from {
            Some(from) if *from != self.release => format!("{from} → {}", self.release),
            _ => format!("to {}", self.release),
        };
        let mut out = format!(
            "{} {way} in account {}, region {}\n",
            self.environment, target.account_id, target.region
        );
        if self.makes_state_store {
            let _ = writeln!(out, "\nstate store");
            let _ = writeln!(
                out,
                "  + makes the bucket {} (versioned, encrypted, private)",
                target.bucket
            );
        }
        for layer in &self.layers {
            let heading = if layer.forecast { " (forecast)" } else { "" };
            let _ = writeln!(out, "\n{}{heading}", layer.plan.layer);
            let said = sentences(&layer.plan, Words::default());
            if said.is_empty() {
                let _ = writeln!(out, "  no changes");
            }
            for sentence in said {
                let _ = writeln!(out, "  {:<2} {}", mark(sentence.risk), sentence.text);
            }
        }
        if !self.jobs.is_empty() {
            let _ = writeln!(out, "\njobs, before the services move");
            for job in &self.jobs {
                let _ = writeln!(out, "  > {}: {}, {}", job.name, job.purpose, job.image);
            }
        }
        if let Some(tidy) = self.tidy.as_ref().filter(|tidy| !tidy.is_empty()) {
            let _ = writeln!(out, "\ntidy, after the new release is verified");
            for sentence in sentences(tidy, Words::default()) {
                let _ = writeln!(out, "  {:<2} {}", mark(sentence.risk), sentence.text);
            }
        }
        let losses = self.losses();
        if !losses.is_empty() {
            let _ = writeln!(
                out,
                "\n{} that holds data will be lost:",
                plural(losses.len(), "resource")
            );
            for address in losses {
                let _ = writeln!(out, "  ! {address}");
            }
        }
        let _ = write!(out, "\ndigest {}", self.digest());
        out
    }
}
