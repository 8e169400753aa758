//! `landfall update`: what was changed in environment.hcl, applied to what is installed.

use super::Global;
use super::install::Journey;
use crate::failure::{Exit, Result};
use crate::run::Verb;

/// Apply changed values of environment.hcl to what is installed
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Nothing is changed before you have seen the plan and approved it. What runs goes on running until
what replaces it is healthy.")]
pub(super) struct Update {
    #[command(flatten)]
    journey: Journey,
}

impl Update {
    pub(super) fn run(self, global: &Global) -> Result<Exit> {
        self.journey.run(global, Verb::Update)
    }
}
