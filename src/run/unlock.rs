//! What `unlock` shows and takes away: the run lock, and the locks of the layers' states.

use std::collections::BTreeMap;

use serde::Serialize;

use super::context::Run;
use super::run_lock::RunLock;
use crate::failure::Result;
use crate::report::duration;
use crate::terraform::LockInfo;
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

/// Name of the object that locks a layer's state.
pub(super) fn state_lock_key(layer: Layer) -> String {
    format!("{layer}.tfstate.tflock")
}

/// The locks of an environment; none before it has a bucket.
pub async fn locks(run: &Run) -> Result<Locks> {
    let mut locks = Locks::default();
    if run.cloud.state_store(run.bucket()).await?.is_none() {
        return Ok(locks);
    }
    locks.run = RunLock::read(&*run.cloud, run.bucket()).await?;
    for layer in Layer::ALL {
        let object = run.cloud.get_object(run.bucket(), &state_lock_key(layer)).await?;
        if let Some(object) = object {
            locks.states.insert(layer.name(), LockInfo::read(&object.body)?);
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
            run.cloud.delete_object(run.bucket(), &state_lock_key(layer)).await?;
        }
    }
    Ok(())
}
