//! Step `release`: the release that is wanted, held against the one that runs. What both need is
//! rendered until the new one is verified, and what was there before is kept at hand: nothing of
//! the way back has to be looked for when it is needed.

use std::sync::Arc;

use super::context::{Finished, Run, Verb};
use super::history;
use super::schema::{self, LiveSchema};
use crate::cloud::Cloud;
use crate::environment::model::Environment;
use crate::environment::union;
use crate::failure::{Failure, Result};
use crate::receipt::{Candidate, Lock, ReleaseRecord};
use crate::release::{Bundle, moved, path, signer};
use crate::site::{Loaded, Site, Written};
use crate::workspace::{Layer, Workspace};

/// What runs, as it was verified last.
#[derive(Debug)]
pub struct Before {
    /// `landfall.lock`.
    pub lock: Lock,
    /// The environment that was verified.
    pub environment: Environment,
    /// Everything that one of the two releases needs: what the foundation is rendered from.
    pub both: Environment,
    /// What going back writes: the verified jobs and services on the foundation of both.
    pub workspace: Workspace,
    /// What the new release renders to by itself, if that is less than what both need.
    pub exact: Option<Workspace>,
    /// Whether an earlier run verified the new release, and began to tidy up.
    pub verified: bool,
}

/// What a run becomes by it.
pub(super) struct Transition {
    before: Before,
    /// The new jobs and services on the foundation of both.
    workspace: Workspace,
}

impl Run {
    /// Takes over what the step `release` found.
    pub(super) fn enter(&mut self, transition: Transition) {
        self.before = Some(Arc::new(transition.before));
        self.workspace = transition.workspace;
    }
}

/// Holds the wanted release against the locked one, before anything is touched.
pub(super) async fn prepare(run: &Run, site: &Site) -> Result<Finished<Transition>> {
    run.check_identity().await?;
    let lock = installed(run)?;
    let wanted = run.release();
    moved::check(&lock.release.pinned(), &wanted.pinned())?;
    let candidate = Candidate::read(&run.folder())?;
    if let Some(candidate) = &candidate {
        moved::check(&candidate.release.pinned(), &wanted.pinned())?;
    }
    let verified = run.verb == Verb::Update
        && candidate.is_some_and(|it| it.verified && it.release.pinned() == wanted.pinned());
    let signers = [&lock.release.signer, &wanted.signer, &run.accepted_signer];
    let [locked, now, accepted] = signers.map(Option::as_deref);
    signer::changed(locked, now, accepted)?;
    history::unchanged(run, &lock).await?;
    let old = as_verified(run, site, &lock).await?;
    fits(run, &lock, &old.environment).await?;
    // What was tidied up must not come back, empty.
    let both =
        if verified { run.environment.clone() } else { union(&old.environment, &run.environment) };
    let foundation = Workspace::render(&both, &run.bundle.assets())?;
    let workspace = run.workspace.with_layer(Layer::Foundation, &foundation);
    let back = Workspace::render(&old.environment, &old.assets)?;
    let exact = (workspace != run.workspace).then(|| run.workspace.clone());
    let before = Before {
        workspace: back.with_layer(Layer::Foundation, &foundation),
        environment: old.environment,
        lock,
        both,
        exact,
        verified,
    };
    let (from, to) = (&before.lock.release.tag, &wanted.tag);
    let finished = if from == to {
        Finished::unchanged(format!("{to}, as it is locked"), ())
    } else {
        Finished::done(format!("{from} → {to}"), ())
    };
    let Finished { outcome, summary, .. } = finished;
    Ok(Finished { outcome, summary, value: Transition { before, workspace } })
}

/// An update needs something to update.
fn installed(run: &Run) -> Result<Lock> {
    let name = &run.environment.name;
    Lock::read(&run.folder().join("landfall.lock"))?.ok_or_else(|| {
        Failure::input(format!("{name} is not installed yet"))
            .because("no install was ever verified here: there is no landfall.lock")
            .next(format!("`landfall install {name}`: it goes on where the last one stopped"))
    })
}

/// The environment as it was verified: what was written then, at the release that was kept then.
async fn as_verified(run: &Run, site: &Site, lock: &Lock) -> Result<Loaded> {
    let release = &lock.release;
    let bundle = kept(run, release).await?;
    let written = written_by(&*run.cloud, run.bucket(), &lock.receipt_run).await?;
    let written = written.unwrap_or_else(|| run.written.clone());
    site.load_kept(&run.environment.name, &written, &bundle, &release.tag).map_err(|failure| {
        failure.next("the release that runs must be readable: without it there is no way back")
    })
}

/// A release that a run kept; it may be the one of this run.
async fn kept(run: &Run, release: &ReleaseRecord) -> Result<Bundle> {
    if run.kit_tree == release.tree && run.environment.lock.hash == release.lock {
        return Ok(run.bundle.clone());
    }
    let found = Bundle::find(&*run.cloud, run.bucket(), &release.tree, &release.lock).await?;
    found.ok_or_else(|| {
        Failure::failed(format!("the files of release {} are not kept", release.tag))
            .at(run.cloud.object_address(run.bucket(), "releases/"))
            .because("every run keeps the release that it installs; somebody deleted it")
            .next("restore the deleted object: the bucket keeps all versions")
    })
}

/// What people had written when a run was made; `None` if it kept nothing.
pub async fn written_by(cloud: &dyn Cloud, bucket: &str, run: &str) -> Result<Option<Written>> {
    let text = async |file: &str| -> Result<Option<String>> {
        let object = cloud.get_object(bucket, &format!("runs/{run}/{file}")).await?;
        Ok(object.map(|object| String::from_utf8_lossy(&object.body).into_owned()))
    };
    let Some(environment) = text("environment.hcl").await? else { return Ok(None) };
    Ok(Some(Written { environment, defaults: text("defaults.hcl").await? }))
}

/// Whether the way from one release to the other is open.
async fn fits(run: &Run, lock: &Lock, old: &Environment) -> Result<()> {
    let (from, to) = (&old.kit.release, &run.environment.kit.release);
    let live = run.live_schemas().await?;
    match run.verb {
        Verb::Install | Verb::Rotate => Ok(()),
        Verb::Update => {
            path::check(&run.environment.name, &from.version, to)?;
            for refusal in ahead(old, &run.environment) {
                run.reporter.note(refusal);
            }
            Ok(())
        }
        Verb::Rollback => {
            if !from.rollback && lock.release.tag != run.environment.release {
                return Err(Failure::input(format!("{} cannot be taken back", from.tag))
                    .because("its kit says `rollback = none`: data that it wrote needs its code")
                    .because("nothing was touched"));
            }
            can_serve(run, lock, &live).await
        }
    }
}

/// G7: refused before any change if the older code cannot serve the live schema.
async fn can_serve(run: &Run, lock: &Lock, live: &[LiveSchema]) -> Result<()> {
    let refusals = schema::refusals(live, &run.environment.kit);
    if refusals.is_empty() {
        return Ok(());
    }
    let to = &run.environment.release;
    let name = &run.environment.name;
    let mut failure = Failure::failed(format!("{to} cannot serve the database as it is"));
    for refusal in refusals {
        failure = failure.because(refusal);
    }
    failure = failure.because("nothing was touched");
    let possible = history::serving(run, live).await?;
    if possible.is_empty() {
        failure = failure.because("no release that was verified here accepts it");
    }
    for tag in possible {
        failure = if tag == lock.release.tag {
            failure.because(format!("{tag}, which is locked, accepts it"))
        } else {
            failure.next(format!("{tag} accepts it: `landfall rollback {name} {tag}`"))
        };
    }
    Err(failure.next(
        "to go back further, restore the snapshot that was taken before the migration, and lose \
         what was written since: docs/rollback.md",
    ))
}

/// Between the migration and the rollout the running code meets the new schema.
fn ahead(old: &Environment, new: &Environment) -> Vec<String> {
    let mut notes = Vec::new();
    for (database, schema) in &new.kit.schemas {
        let Some(version) = &schema.version else { continue };
        let Some(running) = old.kit.schemas.get(database) else { continue };
        let accepted =
            running.version.as_ref() == Some(version) || running.accepts.contains(version);
        if !accepted && !running.ahead_serves {
            notes.push(format!(
                "{} does not serve schema {version} of database {database}: from the migration \
                 until {} is healthy it may fail",
                old.release, new.release
            ));
        }
    }
    notes
}
