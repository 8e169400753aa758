//! A proposal as a person reads it before saying yes: where, what, risk first, and what it means.

use std::fmt::Write as _;

use super::{Meaning, Proposal, Rotates};
use crate::plan::{Image, LayerPlan, Risk, Sentence, Words, sentences};
use crate::report::plural;

/// How many things one line of the summary lists.
const MOST_LISTED: usize = 6;

impl std::fmt::Display for Rotates {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let who = match self.consumers.as_slice() {
            [] => "nothing that runs is pinned to it".to_owned(),
            [one] => format!("{one} rolls over"),
            [start @ .., last] => format!("{} and {last} roll over", start.join(", ")),
        };
        write!(formatter, "rotates {}: {who}", self.what)
    }
}

impl Proposal {
    /// Several lines, readable without colour.
    pub fn text(&self) -> String {
        let mut out = self.header();
        self.losses_first(&mut out);
        if let Some(rotates) = &self.rotates {
            let _ = writeln!(out, "\nrotation\n  ~  {rotates}");
        }
        if self.makes_state_store {
            let bucket = &self.target.bucket;
            let _ = writeln!(out, "\nstate store");
            let encrypted = match &self.target.bucket_key {
                Some(key) => format!("encrypted with {key}"),
                None => "encrypted".to_owned(),
            };
            let _ =
                writeln!(out, "  + makes the bucket {bucket} (versioned, {encrypted}, private)");
        }
        for layer in &self.layers {
            let heading = if layer.forecast { " (forecast)" } else { "" };
            let _ = writeln!(out, "\n{}{heading}", layer.plan.layer);
            self.told(&mut out, &layer.plan);
        }
        if !self.jobs.is_empty() {
            let _ = writeln!(out, "\njobs, before the services move");
            for job in &self.jobs {
                let _ = writeln!(out, "  > {}: {}, {}", job.name, job.purpose, job.image);
            }
        }
        if let Some(tidy) = self.tidy.as_ref().filter(|tidy| !tidy.is_empty()) {
            let _ = writeln!(out, "\ntidy, after the new release is verified");
            self.told(&mut out, tidy);
        }
        meaning(&mut out, &self.meaning());
        let _ = write!(out, "\ndigest {}", self.digest());
        out
    }

    /// What only who asks for more is shown: the digests of images that change. Empty if none do.
    pub fn detail(&self) -> String {
        let mut lines = Vec::new();
        for image in self.plans().flat_map(crate::plan::images) {
            let short = |reference: &str| {
                Image::parse(reference).short_digest().unwrap_or_else(|| reference.to_owned())
            };
            let (before, after) = (short(&image.before), short(&image.after));
            lines.push(format!("{}: {before} → {after}", image.owner));
        }
        lines.join("\n")
    }

    /// `acme v1.0.0 → v1.1.0 in account ...`.
    fn header(&self) -> String {
        let way = match &self.from {
            None => format!("to {}", self.release),
            Some(from) if *from == self.release => from.clone(),
            Some(from) => format!("{from} → {}", self.release),
        };
        let target = &self.target;
        format!(
            "{} {way} in {} {}, region {}\n",
            self.environment,
            target.cloud.account(),
            target.account_id,
            target.region
        )
    }

    /// What a plan does, in sentences.
    pub(super) fn sentences(&self, plan: &LayerPlan) -> Vec<Sentence> {
        let tag_of = |digest: &str| self.tags.get(digest).cloned();
        sentences(plan, Words { tag_of: &tag_of, digests: false })
    }

    /// What would be lost stands above everything else, with the address that accepts it.
    fn losses_first(&self, out: &mut String) {
        let losses = self.losses();
        if losses.is_empty() {
            return;
        }
        let verb = if losses.len() == 1 { "holds" } else { "hold" };
        let count = plural(losses.len(), "resource");
        let _ = writeln!(out, "\n{count} that {verb} data will be lost:");
        for sentence in self.plans().flat_map(|plan| self.sentences(plan)).filter(is_loss) {
            let _ = writeln!(out, "  !  {}", sentence.text);
            for address in &sentence.addresses {
                let _ = writeln!(out, "     {address}");
            }
        }
    }

    fn told(&self, out: &mut String, plan: &LayerPlan) {
        let (losses, said): (Vec<_>, Vec<_>) = self.sentences(plan).into_iter().partition(is_loss);
        if !losses.is_empty() {
            let _ = writeln!(out, "  !  {} lost, as above", plural(losses.len(), "resource"));
        } else if said.is_empty() {
            let _ = writeln!(out, "  no changes");
        }
        for sentence in said {
            let mark = match sentence.risk {
                Risk::LosesData | Risk::Opens => "!",
                Risk::Deletes => "-",
                Risk::Replaces => "-+",
                Risk::Changes => "~",
                Risk::Creates => "+",
                Risk::Quiet => " ",
            };
            let _ = writeln!(out, "  {mark:<2} {}", sentence.text);
        }
    }
}

/// A sentence about resources that are lost; that a plan has no end speaks about none.
fn is_loss(sentence: &Sentence) -> bool {
    sentence.risk == Risk::LosesData && !sentence.addresses.is_empty()
}

/// The summary: a line for each part that has something to say.
fn meaning(out: &mut String, meaning: &Meaning) {
    let lines = [
        ("rights", &meaning.summary.rights),
        ("downtime", &meaning.summary.downtime),
        ("data", &meaning.summary.data),
        ("cost drivers", &meaning.summary.cost_drivers),
        ("touches", &meaning.touches),
    ];
    if lines.iter().all(|(_, items)| items.is_empty()) {
        return;
    }
    let _ = writeln!(out, "\nin short");
    for (label, items) in lines {
        if items.is_empty() {
            continue;
        }
        let shown = items.iter().take(MOST_LISTED).map(String::as_str).collect::<Vec<_>>();
        let more = match items.len().saturating_sub(MOST_LISTED) {
            0 => String::new(),
            count => format!("; and {count} more"),
        };
        let _ = writeln!(out, "  {label:<13} {}{more}", shown.join("; "));
    }
}
