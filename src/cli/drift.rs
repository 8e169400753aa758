//! `landfall drift`: what somebody changed in the cloud, whose it is, and the two ways out.

use super::install;
use super::interview::Interview;
use super::setup::{EngineArguments, block_on, start};
use super::{Format, Global};
use crate::drift::Report;
use crate::engine::Weight;
use crate::failure::{Exit, Failure, Result};
use crate::run;
use crate::site::Site;

/// Show what was changed in the cloud behind Landfall's back, and take it back
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Without --revert nothing is changed, and the right to read is enough. Exit code 3 means that
something differs which the vendor's release decides; what the cloud or the customer changes is
told and is no drift.")]
pub(super) struct Drift {
    /// Environment (default: the only one)
    name: Option<String>,
    /// All environments that are installed
    #[arg(long, conflicts_with_all = ["name", "revert"])]
    all: bool,
    /// Take it back: the locked release, the drifted resources, nothing else
    #[arg(long)]
    revert: bool,
    /// Approve the plan with this digest, as `--revert` printed it
    #[arg(long, value_name = "DIGEST", requires = "revert")]
    approve: Option<String>,
    /// Accept that this resource, which holds data, is destroyed; once for each
    #[arg(long = "accept-loss", value_name = "ADDRESS", requires = "approve")]
    losses: Vec<String>,
    #[command(flatten)]
    engine: EngineArguments,
}

impl Drift {
    pub(super) fn run(self, global: &Global) -> Result<Exit> {
        let site = global.site()?;
        if self.all {
            return self.look_at_all(global, &site);
        }
        let name = site.choose(self.name.as_deref())?;
        if self.revert {
            return self.take_back(global, &site, &name);
        }
        let report = self.look(global, &site, &name)?;
        tell(global, &name, report.as_ref());
        Ok(exit(report.as_ref()))
    }

    fn look(&self, global: &Global, site: &Site, name: &str) -> Result<Option<Report>> {
        let loaded = site.load(name)?;
        block_on(async {
            let command = format!("drift {name}");
            let interview = Interview::default();
            let weight = Weight::Read;
            let (run, _engine) =
                start(global, site, loaded, &self.engine, weight, interview, command).await?;
            run::look_for_drift(&run).await
        })
    }

    /// One that cannot be looked at does not hide the others.
    fn look_at_all(&self, global: &Global, site: &Site) -> Result<Exit> {
        let mut differs = false;
        let mut failed = Vec::new();
        for name in site.names()? {
            match self.look(global, site, &name) {
                Ok(report) => {
                    differs |= exit(report.as_ref()) == Exit::Differs;
                    tell(global, &name, report.as_ref());
                }
                Err(failure) => failed.push((name, failure)),
            }
        }
        if failed.is_empty() {
            return Ok(if differs { Exit::Differs } else { Exit::Done });
        }
        let names: Vec<&str> = failed.iter().map(|(name, _)| name.as_str()).collect();
        let what = format!("not everything was looked at: {}", names.join(", "));
        let blocks = failed.iter().map(|(_, failure)| failure.to_string()).collect();
        Err(Failure::report(Exit::Failed, what, blocks))
    }

    fn take_back(self, global: &Global, site: &Site, name: &str) -> Result<Exit> {
        let loaded = site.load(name)?;
        block_on(async {
            let interview = Interview {
                can_ask: global.can_ask(),
                approve: self.approve,
                losses: self.losses,
                ..Interview::default()
            };
            let command = format!("drift {name} --revert");
            let weight = Weight::Install;
            let (run, _engine) =
                start(global, site, loaded, &self.engine, weight, interview, command).await?;
            if let Some(reverted) = run::revert(&run).await? {
                install::finish(global, &run, &reverted);
            }
            Ok(Exit::Done)
        })
    }
}

fn exit(report: Option<&Report>) -> Exit {
    if report.is_some_and(Report::is_drift) { Exit::Differs } else { Exit::Done }
}

fn tell(global: &Global, name: &str, report: Option<&Report>) {
    let text = match (global.format, report) {
        (Format::Human, Some(report)) => report.text(global.verbose),
        (Format::Human, None) => {
            format!("{name} is not installed: there is nothing that it could differ from")
        }
        (Format::Json, Some(report)) => report.json().to_string(),
        (Format::Json, None) => serde_json::json!({
            "type": "drift", "environment": name, "installed": false, "drift": false,
        })
        .to_string(),
    };
    super::print(&text);
}
