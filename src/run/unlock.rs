//! What `unlock` shows and takes away: the run lock, and the locks of the layers' states.

use std::collections::BTreeMap;

use serde::Serialize;

use super::context::Run;
use super::run_lock::RunLock;
use crate::failure::Result;
use crate::report::duration;
use crate::terraform::{Backend, LockInfo};
use crate::workspace::Layer;

/// Everything that keeps others from running on an environment.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Locks {
    /// A run of Landfall.
    pub run: Option<RunLock>,
    /// Layer → terraform's lock on its state.
    pub states: BTreeMap<&'static str, LockInfo>,
}

impl Locks {
    /// Whether nobody holds anything.
    pub fn is_empty(&self) -> bool {
        self.run.is_none() && self.states.is_empty()
    }

    /// How long ago something was, in words.
    pub fn age(&self, since: jiff::Timestamp) -> String {
        let seconds = (jiff::Timestamp::now() - since).total(jiff::Unit::Second);
        duration(seconds.unwrap_or_default())
    }
}

impl Run {
    /// Key of the object that locks a layer's state.
    pub(super) fn state_lock_key(&self, layer: Layer) -> String {
        self.backend().lock_key(layer.name())
    }

    /// Terraform's lock on a layer's state; `None` if nobody holds it.
    pub(super) async fn state_lock(&self, layer: Layer) -> Result<Option<LockInfo>> {
        let object = self.cloud.get_object(self.bucket(), &self.state_lock_key(layer)).await?;
        object.map(|object| self.backend().read_lock(&object.body, &object.tag)).transpose()
    }

    fn backend(&self) -> Backend {
        Backend::of(self.environment.target.cloud)
    }
}

/// The locks of an environment; none before it has a bucket.
pub async fn locks(run: &Run) -> Result<Locks> {
    let mut locks = Locks::default();
    if run.cloud.state_store(run.bucket()).await?.is_none() {
        return Ok(locks);
    }
    locks.run = RunLock::read(&*run.cloud, run.bucket()).await?;
    for layer in Layer::ALL {
        if let Some(lock) = run.state_lock(layer).await? {
            locks.states.insert(layer.name(), lock);
        }
    }
    Ok(locks)
}

/// Takes away exactly the locks that were shown.
pub async fn unlock(run: &Run, shown: &Locks) -> Result<()> {
    let now = locks(run).await?;
    if let Some(lock) = &shown.run {
        lock.remove(&*run.cloud, run.bucket()).await?;
    }
    for layer in Layer::ALL {
        let (shown, now) = (shown.states.get(layer.name()), now.states.get(layer.name()));
        if shown.is_some() && shown == now {
            run.cloud.delete_object(run.bucket(), &run.state_lock_key(layer)).await?;
        }
    }
    Ok(())
}
