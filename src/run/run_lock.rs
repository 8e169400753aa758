//! G14: one run at a time on an environment. The lock is an object of the state bucket, written
//! only if there is none; it says who holds it, so that whoever waits knows whom to ask.

use serde::{Deserialize, Serialize};

use super::context::Run;
use crate::cloud::Cloud;
use crate::failure::{Failure, Result};
use crate::host::HostProcess;

/// Name of the lock's object in the state bucket.
const KEY: &str = "run.lock";

/// How often the lock is tried for: between two tries somebody may have freed it.
const TRIES: usize = 5;

/// The format that this version writes.
const FORMAT: u32 = 1;

/// Who runs on an environment, and since when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunLock {
    /// Version of this format.
    pub format: u32,
    /// Id of the run: no two locks are equal.
    pub run: String,
    /// What was typed: `install acme`.
    pub command: String,
    /// ARN of the caller.
    pub caller: String,
    /// Where it runs.
    #[serde(flatten)]
    pub process: HostProcess,
    /// When it began, UTC.
    pub since: jiff::Timestamp,
}

impl RunLock {
    /// The lock of an environment as it is; `None` if nobody holds it.
    pub async fn read(cloud: &dyn Cloud, bucket: &str) -> Result<Option<Self>> {
        let Some(object) = cloud.get_object(bucket, KEY).await? else { return Ok(None) };
        let lock = serde_json::from_slice(&object.body).map_err(|error| {
            Failure::failed("the run lock cannot be read")
                .at(cloud.object_address(bucket, KEY))
                .caused_by(error)
                .next("if nobody wrote it by hand, a newer Landfall did: update this one")
        })?;
        Ok(Some(lock))
    }

    /// Takes a lock away from whoever holds it, if it is still the same.
    pub async fn remove(&self, cloud: &dyn Cloud, bucket: &str) -> Result<()> {
        match Self::read(cloud, bucket).await? {
            Some(lock) if lock == *self => cloud.delete_object(bucket, KEY).await,
            Some(other) => Err(Failure::failed("the run lock has changed hands")
                .because(other.to_string())
                .next("look again who runs, and whether it is alive")),
            None => Ok(()),
        }
    }
}

impl std::fmt::Display for RunLock {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let HostProcess { host, pid, .. } = &self.process;
        write!(formatter, "`landfall {}` by {}", self.command, self.caller)?;
        write!(formatter, " on {host} (process {pid}) since {}", minute(self.since))
    }
}

fn minute(time: jiff::Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

impl Run {
    /// Takes the run lock, once. A lock of a process of this machine that is gone is taken over,
    /// aloud; any other ends the run before it touches anything.
    pub(super) async fn hold(&self, caller: &str) -> Result<()> {
        if self.held().is_some() {
            return Ok(());
        }
        let lock = RunLock {
            format: FORMAT,
            run: self.id.clone(),
            command: self.command.clone(),
            caller: caller.to_owned(),
            process: HostProcess::this(),
            since: jiff::Timestamp::now(),
        };
        let body = serde_json::to_vec_pretty(&lock)
            .map_err(|error| Failure::failed("cannot write the run lock").caused_by(error))?;
        for _ in 0..TRIES {
            if self.cloud.put_object_if_absent(self.bucket(), KEY, body.clone()).await? {
                self.set_held(Some(lock));
                return Ok(());
            }
            let Some(holder) = RunLock::read(&*self.cloud, self.bucket()).await? else { continue };
            if !holder.process.is_dead_here() {
                return Err(self.is_held(&holder));
            }
            self.reporter.note(format!("the run before this one was killed: {holder}"));
            self.reporter.note("its lock is taken over");
            holder.remove(&*self.cloud, self.bucket()).await?;
        }
        Err(Failure::failed("the run lock is taken and freed again and again")
            .at(self.cloud.object_address(self.bucket(), KEY))
            .because("somebody else runs on this environment at this very moment")
            .next("wait a minute, and run the same command again"))
    }

    /// Frees the run lock, if this run holds it. That it could not be freed is said and ends
    /// nothing.
    pub(super) async fn let_go(&self) {
        let Some(lock) = self.held() else { return };
        self.set_held(None);
        if let Err(failure) = lock.remove(&*self.cloud, self.bucket()).await {
            self.reporter.note(format!("the run lock was not freed: {}", failure.what()));
        }
    }

    fn is_held(&self, holder: &RunLock) -> Failure {
        let name = &self.environment.name;
        Failure::failed(format!("another run is at work on {name}"))
            .at(self.cloud.object_address(self.bucket(), KEY))
            .because(holder.to_string())
            .because("nothing was touched")
            .next("wait for its end, and run the same command again")
            .next(format!("if it is dead, and only then: `landfall unlock {name}`"))
    }
}
