//! `landfall history`: every run that left a receipt: who, when, from where to where, how it ended;
//! and whether the receipts are the ones that were written.

use std::path::Path;

use super::setup::{EngineArguments, block_on};
use super::{Format, Global};
use crate::approval::Approver;
use crate::engine::EngineName;
use crate::failure::{Exit, Failure, Result};
use crate::receipt::Lock;
use crate::receipt::history::{self, Entry};
use crate::report::{duration, plural};
use crate::run::same_target;

/// Show past runs: when, who, from where to where, how long, how they ended
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Every receipt holds the hash of the one before it, and landfall.lock that of the last verified one:
one that was changed or taken away is told, and the exit code is 1.")]
pub(super) struct History {
    /// Environment
    name: String,
    /// One run in detail: its id, or the beginning of it
    run: Option<String>,
    #[command(flatten)]
    engine: EngineArguments,
}

impl History {
    pub(super) fn run(self, global: &Global) -> Result<Exit> {
        let site = global.site()?;
        let name = site.choose(Some(&self.name))?;
        // The kit is not looked at: what happened here does not depend on where it is now.
        let target = site.target(&name)?;
        let (engine, rehearsal) = (self.engine.engine, site.rehearsal(&name));
        let folder = match engine {
            EngineName::Simulated => rehearsal.join("environments").join(&name),
            _ => site.folder(&name),
        };
        block_on(async {
            let cloud = engine.cloud(&target, &rehearsal).await?;
            same_target(&name, &target, cloud.identity().await?)?;
            let entries = match cloud.state_store(&target.bucket).await? {
                Some(_) => history::read(&*cloud, &target.bucket).await?,
                None => Vec::new(),
            };
            match &self.run {
                Some(prefix) => one(global, find(&entries, prefix, &name)?),
                None => all(global, &entries),
            }
            whole(global, &folder, &entries)
        })
    }
}

/// The one run whose id begins like this.
fn find<'a>(entries: &'a [Entry], prefix: &str, name: &str) -> Result<&'a Entry> {
    let found: Vec<&Entry> = entries.iter().filter(|it| it.run.starts_with(prefix)).collect();
    let next = format!("`landfall history {name}` lists all of them");
    match found.as_slice() {
        [one] => Ok(one),
        [] => Err(Failure::input(format!("no receipt of a run {prefix}")).next(next)),
        many => {
            let runs: Vec<&str> = many.iter().map(|entry| entry.run.as_str()).collect();
            Err(Failure::input(format!("{} begin with {prefix}", plural(many.len(), "run")))
                .because(runs.join(", "))
                .next(next))
        }
    }
}

fn all(global: &Global, entries: &[Entry]) {
    if global.format == Format::Json {
        for entry in entries {
            if let Ok(line) = serde_json::to_string(entry) {
                super::print(&line);
            }
        }
        return;
    }
    if entries.is_empty() {
        super::say("no run left a receipt yet");
    }
    let width = entries.iter().map(|it| it.record.command.len()).max().unwrap_or(0);
    for entry in entries {
        let record = &entry.record;
        super::print(&format!(
            "{}  {}  {:width$}  {:<20}  {:<11}  {:>11}  {}",
            entry.run,
            minute(&record.at),
            record.command,
            way(entry),
            record.result,
            record.seconds.map(duration).unwrap_or_default(),
            record.caller.as_ref().map_or("", |caller| caller.arn.as_str()),
        ));
    }
}

fn one(global: &Global, entry: &Entry) {
    if global.format == Format::Json {
        super::print(&entry.document.to_string());
        return;
    }
    let record = &entry.record;
    let mut lines = vec![format!("{}  {}", entry.run, record.command)];
    let mut line = |label: &str, text: &str| lines.push(format!("  {label:<9} {text}"));
    line("when", &record.at);
    if let Some(caller) = &record.caller {
        line("who", &format!("{}, account {}", caller.arn, caller.account));
    }
    line("release", &way(entry));
    line("result", &record.result);
    if let Some(what) = &record.what {
        let step = record.step.as_deref().map(|step| format!("in step {step}: "));
        line("why", &format!("{}{what}", step.unwrap_or_default()));
    }
    for because in &record.because {
        because.lines().for_each(|because| line("", because));
    }
    if let Some(seconds) = record.seconds {
        line("took", &duration(seconds));
    }
    if let Some(approval) = &record.approval {
        line("approved", &format!("{}, {}", approved_by(&approval.by), approval.digest));
    }
    for proof in entry.document["services"].as_array().into_iter().flatten() {
        let text = |key: &str| proof[key].as_str().unwrap_or_default().to_owned();
        line("runs", &format!("{}  {}, {}", text("service"), text("digest"), text("health")));
    }
    line("receipt", &entry.hash);
    if let Some(previous) = &record.previous {
        line("after", &format!("{}, {}", previous.run, previous.hash));
    }
    super::print(&lines.join("\n"));
}

/// Tells whether the receipts are the ones that were written.
fn whole(global: &Global, folder: &Path, entries: &[Entry]) -> Result<Exit> {
    let lock = Lock::read(&folder.join("landfall.lock"))?;
    if let Some(failure) = history::broken(&history::breaks(entries, lock.as_ref())) {
        return Err(failure);
    }
    if global.format == Format::Human && !global.quiet && !entries.is_empty() {
        super::say(&format!("\n{}, none changed, none missing", plural(entries.len(), "receipt")));
    }
    Ok(Exit::Done)
}

/// `v1.0.0 → v1.1.0`; of a first install only where it went.
fn way(entry: &Entry) -> String {
    let to = entry.to().unwrap_or("not known");
    match entry.record.from.as_deref() {
        Some(from) if from != to => format!("{from} → {to}"),
        _ => to.to_owned(),
    }
}

/// `2026-11-21 15:04 UTC`.
fn minute(at: &str) -> String {
    at.parse::<jiff::Timestamp>()
        .map_or_else(|_| at.to_owned(), |at| at.strftime("%Y-%m-%d %H:%M UTC").to_string())
}

fn approved_by(approver: &Approver) -> &'static str {
    match approver {
        Approver::Person => "by a person who saw it",
        Approver::Digest => "by its digest",
        Approver::Rehearsal => "by a rehearsal",
        Approver::NothingToApprove => "nothing was changed",
    }
}
