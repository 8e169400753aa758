//! `landfall status`: where am I. For every environment what is wanted and locked, for one also
//! what is running; and the next command to type.

use super::interview::Interview;
use super::setup::{EngineArguments, block_on, start};
use super::{Format, Global};
use crate::engine::{EngineName, Weight};
use crate::failure::{Exit, Result};
use crate::receipt::Lock;
use crate::site::Site;
use crate::status::{self, Origin, ServiceStatus};

/// Show what is wanted, locked and running
#[derive(Debug, Default, clap::Args)]
pub(super) struct Status {
    /// Environment: also asks the cloud what is running there
    name: Option<String>,
    #[command(flatten)]
    engine: EngineArguments,
}

impl Status {
    pub(super) fn run(self, global: &Global) -> Result<Exit> {
        let site = global.site()?;
        match &self.name {
            None => self.overview(global, &site),
            Some(name) => {
                let name = site.choose(Some(name))?;
                self.one(global, &site, &name)
            }
        }
    }

    fn overview(&self, global: &Global, site: &Site) -> Result<Exit> {
        let mut rows = Vec::new();
        for name in site.names()? {
            let lock = Lock::read(&self.lock_folder(site, &name).join("landfall.lock"))?;
            let locked = lock.map(|lock| lock.release.tag);
            let wanted = site.load(&name).map(|loaded| loaded.environment.release);
            rows.push((name, wanted, locked));
        }
        if rows.is_empty() {
            super::say("no environments yet; to make one: `landfall init NAME --kit PATH`");
            return Ok(Exit::Done);
        }
        for (name, wanted, locked) in rows {
            let next = match (&wanted, &locked) {
                (Err(_), _) => format!("landfall show {name}"),
                (Ok(_), None) => format!("landfall install {name}"),
                (Ok(_), Some(_)) => format!("landfall status {name}"),
            };
            let wanted = wanted.unwrap_or_else(|_| "(has problems)".to_owned());
            let locked = locked.unwrap_or_else(|| "nothing yet".to_owned());
            match global.format {
                Format::Human => super::print(&format!(
                    "{name:<20}  wanted {wanted:<14}  locked {locked:<14}  next  {next}"
                )),
                Format::Json => super::print(
                    &serde_json::json!({
                        "environment": name, "wanted": wanted, "locked": locked, "next": next,
                    })
                    .to_string(),
                ),
            }
        }
        Ok(Exit::Done)
    }

    fn lock_folder(&self, site: &Site, name: &str) -> std::path::PathBuf {
        if self.engine.engine == EngineName::Simulated {
            site.rehearsal(name).join("environments").join(name)
        } else {
            site.folder(name)
        }
    }

    fn one(&self, global: &Global, site: &Site, name: &str) -> Result<Exit> {
        let loaded = site.load(name)?;
        block_on(async {
            let quiet = Global { quiet: true, ..global.clone() };
            let (weight, interview) = (Weight::Read, Interview::default());
            let command = format!("status {name}");
            let (run, _engine) =
                start(&quiet, site, loaded, &self.engine, weight, interview, command).await?;
            let status = status::look(&run).await?;
            match global.format {
                Format::Human => super::print(&text(&status)),
                Format::Json => {
                    if let Ok(line) = serde_json::to_string(&status) {
                        super::print(&line);
                    }
                }
            }
            Ok(Exit::Done)
        })
    }
}

/// Where an environment stands, for a person.
fn text(status: &status::Status) -> String {
    let mut lines = vec![format!(
        "{}  {} {}, {}",
        status.environment, status.pinned_to, status.account, status.region
    )];
    let mut line = |label: &str, text: &str| {
        lines.push(format!("  {label:<9} {text}").trim_end().to_owned());
    };
    line("wanted", &status.wanted);
    line("locked", status.locked.as_deref().unwrap_or("nothing yet"));
    if let Some(candidate) = &status.candidate {
        line("candidate", &format!("{candidate}: an update to it is under way, or did not end"));
    }
    line("running", "");
    for service in &status.services {
        line("", &format!("{:<18} {}", service.service, running(service)));
        for reason in &service.reasons {
            reason.lines().for_each(|reason| line("", &format!("{:<18} {reason}", "")));
        }
    }
    if let Some(last) = &status.last_run {
        let to = last.to.as_ref().map(|to| format!(" to {to}")).unwrap_or_default();
        let step = last.step.as_ref().map(|step| format!(" in step {step}")).unwrap_or_default();
        line("last run", &format!("{}{to}: {}{step}", last.command, last.result));
        let who = last.who.as_ref().map(|who| format!(" by {who}")).unwrap_or_default();
        line("", &format!("{}{who}", last.at));
        last.why.iter().flat_map(|why| why.lines()).for_each(|why| line("", why));
    }
    line("next", &status.next);
    lines.join("\n")
}

fn running(service: &ServiceStatus) -> String {
    if !service.exists {
        return "not there".to_owned();
    }
    let mut parts = vec![format!("{} of {} tasks", service.tasks, service.desired)];
    let tag = service.tag.as_deref().unwrap_or_default();
    parts.extend(service.origin.map(|origin| match origin {
        Origin::Locked => format!("{tag}, as locked"),
        Origin::Candidate => format!("{tag}, the candidate"),
        Origin::Wanted => format!("{tag}, as wanted, which was never verified"),
        Origin::Unknown => "NOT the locked image".to_owned(),
    }));
    parts.extend(service.digests.iter().map(|it| it.chars().take(19).collect()));
    if service.rollout != "COMPLETED" && !service.rollout.is_empty() {
        parts.push(format!("rollout {}", service.rollout));
    }
    parts.extend(service.targets.iter().cloned());
    parts.join(", ")
}
