//! `landfall status`: where am I. For every environment what is wanted and locked, for one also
//! what is running; and the next command to type.

use super::interview::Interview;
use super::setup::{EngineArguments, block_on, start};
use super::{Format, Global};
use crate::engine::{EngineName, Weight};
use crate::environment::model::WorkloadKind;
use crate::failure::{Exit, Result};
use crate::receipt::Lock;
use crate::run::Run;
use crate::site::Site;

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
        let lock = Lock::read(&self.lock_folder(site, name).join("landfall.lock"))?;
        block_on(async {
            let quiet = Global { quiet: true, ..global.clone() };
            let (run, _engine) = start(
                &quiet,
                site,
                loaded,
                &self.engine,
                Weight::Read,
                Interview::default(),
                format!("status {name}"),
            )
            .await?;
            tell(global, &run, lock.as_ref()).await
        })
    }
}

async fn tell(global: &Global, run: &Run, lock: Option<&Lock>) -> Result<Exit> {
    let identity = run.cloud.identity().await?;
    let locked = lock.map_or("nothing yet", |lock| lock.release.tag.as_str());
    let name = &run.environment.name;
    let mut services = Vec::new();
    for workload in &run.environment.workloads {
        if !matches!(workload.kind, WorkloadKind::Service(_)) {
            continue;
        }
        let found = run.cloud.service(name, &workload.resource_name).await?;
        let tasks = match &found {
            Some(_) => run.cloud.running_tasks(name, &workload.resource_name).await?,
            None => Vec::new(),
        };
        let locked = tasks.iter().all(|task| workload.image.is(&task.digest));
        let words = match &found {
            None => "not there".to_owned(),
            Some(service) if tasks.is_empty() => format!("0 of {} tasks", service.desired),
            Some(service) => {
                let digest: String = tasks[0].digest.chars().take(19).collect();
                let image = if locked { "as locked" } else { "NOT the locked image" };
                format!("{} of {} tasks, {digest}, {image}", tasks.len(), service.desired)
            }
        };
        services.push((workload.name.clone(), words, found.is_some() && locked));
    }
    let all = services.iter().all(|(_, _, right)| *right);
    let next = if all && lock.is_some() {
        format!("landfall plan {name}")
    } else {
        format!("landfall install {name}")
    };
    match global.format {
        Format::Human => {
            let mut lines = vec![
                format!("{name}  account {}, {}", identity.account, identity.region),
                format!("  wanted   {}", run.environment.release),
                format!("  locked   {locked}"),
                "  running".to_owned(),
            ];
            lines.extend(services.iter().map(|(name, words, _)| format!("    {name:<18} {words}")));
            lines.push(format!("  next     {next}"));
            super::print(&lines.join("\n"));
        }
        Format::Json => super::print(
            &serde_json::json!({
                "environment": name,
                "wanted": run.environment.release,
                "locked": locked,
                "services": services.iter().map(|(name, words, right)| {
                    serde_json::json!({ "service": name, "running": words, "as_locked": right })
                }).collect::<Vec<_>>(),
                "next": next,
            })
            .to_string(),
        ),
    }
    Ok(Exit::Done)
}
