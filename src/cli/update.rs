//! `landfall update`: another release, or changed values of environment.hcl, on what is installed.

use super::Global;
use super::install::Journey;
use crate::failure::{Exit, Result};
use crate::run::Verb;

/// Move to another release, or apply changed values of environment.hcl
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Nothing is changed before you have seen the plan and approved it. What runs goes on running until
what replaces it is healthy; if it does not get healthy, the update goes back.")]
pub(super) struct Update {
    /// Environment (default: the only one)
    name: Option<String>,
    /// Release to go to (default: the one in environment.hcl)
    #[arg(value_name = "TAG")]
    release: Option<String>,
    #[command(flatten)]
    journey: Journey,
}

impl Update {
    pub(super) fn run(self, global: &Global) -> Result<Exit> {
        let site = global.site()?;
        let name = site.choose(self.name.as_deref())?;
        let release = self.release.as_deref();
        let loaded = site.load_at(&name, release)?;
        self.journey.run(global, &site, loaded, Verb::Update, release)
    }
}
