//! `landfall rollback`: back to a release that was proved good here, by the digests of then.

use std::sync::Arc;

use super::Global;
use super::install::Journey;
use super::setup::block_on;
use crate::cloud::Cloud;
use crate::engine::EngineName;
use crate::failure::{Exit, Failure, Result};
use crate::receipt::history::{self, Entry};
use crate::receipt::{Candidate, Lock, ReleaseRecord};
use crate::release::Bundle;
use crate::run::{Verb, same_target, written_by};
use crate::site::{Loaded, Site};

/// Go back to a release that was proved good here
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Digests, files and values are those of then, from the state bucket: neither the vendor's repository
nor the machine that installed it is needed. Refused before any change if the older release cannot
serve the database as it is.")]
pub(super) struct Rollback {
    /// Environment (default: the only one)
    name: Option<String>,
    /// Release to go back to (default: the last one that was proved good)
    #[arg(value_name = "TAG")]
    release: Option<String>,
    #[command(flatten)]
    journey: Journey,
}

impl Rollback {
    pub(super) fn run(self, global: &Global) -> Result<Exit> {
        let site = global.site()?;
        let name = site.choose(self.name.as_deref())?;
        let loaded = block_on(self.find(&site, &name))?;
        let tag = loaded.environment.release.clone();
        self.journey.run(global, &site, loaded, Verb::Rollback, Some(&tag))
    }

    /// The release to go back to, as it was kept.
    async fn find(&self, site: &Site, name: &str) -> Result<Loaded> {
        let target = site.target(name)?;
        let engine = self.journey.engine();
        let rehearsal = site.rehearsal(name);
        let cloud = engine.cloud(&target, &rehearsal).await?;
        same_target(name, &target, cloud.identity().await?)?;
        let folder = match engine {
            EngineName::Simulated => rehearsal.join("environments").join(name),
            _ => site.folder(name),
        };
        let lock = Lock::read(&folder.join("landfall.lock"))?.ok_or_else(|| {
            Failure::input(format!("{name} is not installed yet"))
                .because("there is nothing to go back to: no install was ever verified here")
        })?;
        let under_way = Candidate::read(&folder)?.is_some();
        let entries = history::read(&*cloud, &target.bucket).await?;
        let (release, run) = choose(name, &lock, under_way, &entries, self.release.as_deref())?;
        let bundle = Bundle::find(&*cloud, &target.bucket, &release.tree, &release.lock).await?;
        let bundle = bundle.ok_or_else(|| {
            Failure::failed(format!("the files of release {} are not kept", release.tag))
                .at(cloud.object_address(&target.bucket, "releases/"))
                .next("restore the deleted object: the bucket keeps all versions")
        })?;
        load(site, name, &cloud, &target.bucket, &bundle, &release, &run).await
    }
}

/// The release, with what people write now; if it cannot know some of that, with what they wrote
/// then.
async fn load(
    site: &Site,
    name: &str,
    cloud: &Arc<dyn Cloud>,
    bucket: &str,
    bundle: &Bundle,
    release: &ReleaseRecord,
    run: &str,
) -> Result<Loaded> {
    let now = site.load_kept(name, &site.written(name)?, bundle, &release.tag);
    let Err(failure) = now else { return now };
    let Some(then) = written_by(&**cloud, bucket, run).await? else { return Err(failure) };
    super::say(&format!(
        "{} does not know all of environment.hcl as it is: it is taken as run {run} had it",
        release.tag
    ));
    site.load_kept(name, &then, bundle, &release.tag)
}

/// Which release, and the run that verified it.
fn choose(
    name: &str,
    lock: &Lock,
    under_way: bool,
    entries: &[Entry],
    tag: Option<&str>,
) -> Result<(ReleaseRecord, String)> {
    let verified: Vec<&Entry> = entries.iter().rev().filter(|it| it.is_verified()).collect();
    let of = |entry: &&Entry| Some((entry.record.release.clone()?, entry.run.clone()));
    let is = |entry: &&&Entry, tag: &str| entry.to() == Some(tag);
    let found = match tag {
        Some(tag) => verified.iter().find(|entry| is(entry, tag)).and_then(of),
        // An update that did not end: what is locked was proved good last.
        None if under_way => Some((lock.release.clone(), lock.receipt_run.clone())),
        None => verified.iter().find(|entry| !is(entry, &lock.release.tag)).and_then(of),
    };
    found.ok_or_else(|| {
        let mut known: Vec<&str> = verified.iter().filter_map(|entry| entry.to()).collect();
        known.dedup();
        let what = match tag {
            Some(tag) => format!("{tag} was never proved good in {name}"),
            None => format!("{} is the only release that was proved good here", lock.release.tag),
        };
        Failure::input(what)
            .because(format!("proved good by a receipt: {}", known.join(", ")))
            .next(format!("to go to a release that never ran here: `landfall update {name} TAG`"))
    })
}
