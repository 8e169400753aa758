//! `landfall update`: another release, or changed values of environment.hcl, on what is installed.

use super::install::Journey;
use super::{Global, interview};
use crate::engine::EngineName;
use crate::failure::{Exit, Result};
use crate::receipt::Lock;
use crate::release::path;
use crate::run::Verb;
use crate::site::{Loaded, Site};

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
    /// Go through the releases that must be verified on the way, each with its own approval
    #[arg(long, requires = "release", conflicts_with = "approve")]
    stops: bool,
    #[command(flatten)]
    journey: Journey,
}

impl Update {
    pub(super) fn run(self, global: &Global) -> Result<Exit> {
        let site = global.site()?;
        let name = site.choose(self.name.as_deref())?;
        let release = self.release.as_deref();
        let loaded = site.load_at(&name, release)?;
        for tag in self.on_the_way(global, &site, &loaded)? {
            super::say(&format!("\n{tag}, on the way to {}\n", loaded.environment.release));
            let stop = site.load_at(&name, Some(&tag))?;
            self.journey.clone().run(global, &site, stop, Verb::Update, Some(&tag))?;
        }
        self.journey.run(global, &site, loaded, Verb::Update, release)
    }

    /// Releases to go to first: those that must be verified on the way, if that is wanted. Without
    /// an answer the run itself refuses, and names them.
    fn on_the_way(&self, global: &Global, site: &Site, loaded: &Loaded) -> Result<Vec<String>> {
        let folder = match self.journey.engine() {
            EngineName::Simulated => {
                let name = &loaded.environment.name;
                site.rehearsal(name).join("environments").join(name)
            }
            _ => site.folder(&loaded.environment.name),
        };
        let Some(lock) = Lock::read(&folder.join("landfall.lock"))? else { return Ok(Vec::new()) };
        let to = &loaded.environment.kit.release;
        let from = path::version_of(&lock.release.tag, to);
        let stops = from.map(|from| path::stops(&from, to)).unwrap_or_default();
        let tags: Vec<String> = stops.iter().map(|stop| path::tag_of(stop, to)).collect();
        if tags.is_empty() || self.stops {
            return Ok(tags);
        }
        if self.journey.is_approved() || !global.can_ask() {
            return Ok(Vec::new());
        }
        let question =
            format!("{} must be verified first. Go step by step? Type yes", tags.join(", then "));
        Ok(if interview::line(&question)? == "yes" { tags } else { Vec::new() })
    }
}
