//! The commands of one layer's folder.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::applied::{Applied, Progress, conclude, not_saved};
use super::apply::{Followed, Record, Running, follow};
use super::arguments::{self, Init, Plan, Refresh};
use super::binary::Terraform;
use super::command::{Command, complaint, whole};
use super::diagnostics::{Lookup, failure};
use super::events::{Event, Output};
use super::lock_info::LockInfo;
use super::state::{Contents, StateSummary, is_same};
use super::tail::Tail;
use crate::cancel::Cancel;
use crate::failure::{Failure, Result};
use crate::fs;
use crate::plan::LayerPlan;

/// Where terraform puts a state that it could not store, in the layer's folder.
const ERRORED: &str = "errored.tfstate";

/// One Terraform root: its folder, where its streams are kept, and its name in messages.
#[derive(Clone)]
pub struct Layer {
    terraform: Terraform,
    folder: PathBuf,
    logs: PathBuf,
    name: String,
    lookup: Option<Arc<Lookup>>,
}

impl Layer {
    pub(super) fn new(terraform: Terraform, folder: &Path, logs: &Path, name: &str) -> Self {
        let (folder, logs) = (folder.to_owned(), logs.to_owned());
        Self { terraform, folder, logs, name: name.to_owned(), lookup: None }
    }

    /// Lets errors name the key of `environment.hcl` that produced a variable.
    #[must_use]
    pub fn with_lookup(mut self, lookup: Arc<Lookup>) -> Self {
        self.lookup = Some(lookup);
        self
    }

    /// The layer's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Installs providers and opens the backend.
    pub async fn init(&self) -> Result<()> {
        self.init_with(Init::default()).await
    }

    /// `init` with choices.
    pub async fn init_with(&self, options: Init) -> Result<()> {
        self.command("initialise", arguments::init(options)).capture().await.map(drop)
    }

    /// Checks the configuration without a plan.
    pub async fn validate(&self) -> Result<()> {
        self.command("validate", arguments::validate()).capture().await.map(drop)
    }

    /// Saves a plan to `out` (mode 0600); `true` if it changes anything. Dropping the future asks
    /// terraform to stop, so that the state lock is freed.
    pub async fn plan(&self, out: &Path, on: &mut (dyn FnMut(Event) + Send)) -> Result<bool> {
        self.plan_with(out, &Plan::default(), on).await
    }

    /// `plan` with choices.
    pub async fn plan_with(
        &self,
        out: &Path,
        options: &Plan,
        on: &mut (dyn FnMut(Event) + Send),
    ) -> Result<bool> {
        let out = absolute(out)?;
        let record = self.record("plan")?;
        // Terraform makes it readable for all, but keeps the mode of a file that is there.
        fs::write_private(&out, b"")?;
        let Some((stdout, stderr)) = record.open()? else {
            return Err(self.busy("plan", &record));
        };
        let tail = Tail::from_end(&record.stream)?;
        record.forget()?;
        let process = self.command("plan", arguments::plan(&out, options));
        let process = process.spawn_into(stdout, stderr)?;
        record.remember(&process);
        let running = Running::Ours(Box::new(process));
        let mut unsupported = None;
        let mut watch = |event: Event| {
            unsupported = event.unsupported_ui().map(str::to_owned).or(unsupported.take());
            on(event);
        };
        let followed = follow(running, tail, None, &mut watch).await?;
        let Followed { status, mut progress, .. } = followed;
        if let Some(ui) = unsupported {
            return Err(self
                .failed("plan")
                .because(format!("this terraform speaks version {ui} of its stream, not 1"))
                .next("use a newer Landfall, or an older terraform with `--terraform PATH`"));
        }
        match status.and_then(|status| status.code()) {
            Some(0) => Ok(false),
            Some(2) => Ok(true),
            _ => {
                record.add_evidence(&mut progress);
                Err(failure(&self.purpose("plan"), &progress.diagnostics, self.lookup.as_deref()))
            }
        }
    }

    /// Plans and reads what was planned; of a plan that changes nothing, `drift` is not read.
    ///
    /// To print a plan, terraform starts the provider and reads its whole schema: seconds for each
    /// layer. Where nothing changes, its exit code and the state say the same.
    pub async fn plan_and_read(
        &self,
        out: &Path,
        options: &Plan,
        on: &mut (dyn FnMut(Event) + Send),
    ) -> Result<LayerPlan> {
        let changes = self.plan_with(out, options, on).await?;
        if changes || !options.targets.is_empty() {
            return self.show(out).await;
        }
        if options.refresh == Refresh::Only {
            return Ok(LayerPlan { layer: self.name.clone(), ..LayerPlan::default() });
        }
        self.unchanged().await
    }

    /// The plan of a layer that stays as it is.
    async fn unchanged(&self) -> Result<LayerPlan> {
        let contents = self.contents().await?;
        Ok(LayerPlan {
            layer: self.name.clone(),
            unchanged: contents.managed(),
            outputs: contents.outputs(),
            ..LayerPlan::default()
        })
    }

    /// A saved plan, read while terraform prints it: it needs a second for 2.5 MB.
    pub async fn show(&self, plan: &Path) -> Result<LayerPlan> {
        let arguments = arguments::show(&absolute(plan)?);
        let mut process = self.command("read the plan of", arguments).spawn_piped()?;
        let (stdout, stderr) = (process.child.stdout.take(), process.child.stderr.take());
        let purpose = process.purpose.clone();
        let unreadable =
            |error: anyhow::Error| Failure::failed(format!("failed to {purpose}")).caused_by(error);
        let pipe = stdout.ok_or_else(|| unreadable(anyhow::anyhow!("terraform has no stdout")))?;
        let pipe = std::fs::File::from(pipe.into_owned_fd().map_err(|it| unreadable(it.into()))?);
        let layer = self.name.clone();
        let reading = tokio::task::spawn_blocking(move || crate::plan::read(pipe, &layer));
        let (read, errors, status) =
            tokio::join!(reading, whole(stderr, 64 * 1024), process.exited());
        let (status, errors) = (status?, errors.unwrap_or_default());
        // A reader that gave up early breaks terraform's pipe: then the reader knows why.
        if status.code().is_some_and(|code| code != 0) {
            return Err(complaint(&purpose, status, b"", &errors));
        }
        read.map_err(|error| unreadable(error.into()))?
    }

    /// Applies exactly a saved plan. It survives our death; `cancel` asks it to stop, once. Fails
    /// if nothing was touched. Do not drop the future: terraform would go on unseen.
    pub async fn apply(
        &self,
        plan: &Path,
        cancel: &Cancel,
        on: &mut (dyn FnMut(Event) + Send),
    ) -> Result<Applied> {
        if let Some(errored) = self.errored() {
            return Err(not_saved(&errored));
        }
        if cancel.is_requested() {
            return Ok(Applied::Interrupted(Progress::default()));
        }
        let arguments = arguments::apply(&absolute(plan)?);
        let record = self.record("apply")?;
        let Some((stdout, stderr)) = record.open()? else {
            return Err(self.busy("apply", &record));
        };
        let tail = Tail::from_end(&record.stream)?;
        record.forget()?;
        let process = self.command("apply", arguments).spawn_into(stdout, stderr)?.outlives_us();
        record.remember(&process);
        let followed = follow(Running::Ours(Box::new(process)), tail, Some(cancel), on).await?;
        self.conclude(&record, followed)
    }

    /// Joins an apply of this run that outlived the process that started it: replays its events,
    /// waits for its end. `None` if none is running.
    pub async fn attach(
        &self,
        cancel: &Cancel,
        on: &mut (dyn FnMut(Event) + Send),
    ) -> Result<Option<Applied>> {
        let record = self.record("apply")?;
        let Some(running) = record.still_running()? else { return Ok(None) };
        let tail = Tail::from_start(&record.stream)?;
        let followed = follow(running, tail, Some(cancel), on).await?;
        self.conclude(&record, followed).map(Some)
    }

    /// Whether an apply of this run, by whatever process, is still at work.
    pub fn is_applying(&self) -> Result<bool> {
        Ok(self.record_of("apply")?.still_running()?.is_some())
    }

    /// Asks a plan of this run that outlived the process that started it to stop, and waits for its
    /// end: it may hold the state lock, and nobody will read what it finds. `false` if there is none.
    pub async fn stop_plan(&self) -> Result<bool> {
        let Some(mut running) = self.record_of("plan")?.still_running()? else { return Ok(false) };
        running.interrupt();
        running.exited().await?;
        Ok(true)
    }

    /// Whether a state lock was made while a terraform of this run was at work that is gone now.
    pub fn has_left(&self, lock: &LockInfo) -> bool {
        let Ok(created) = lock.created.parse::<jiff::Timestamp>() else { return false };
        let Ok(logs) = absolute(&self.logs) else { return false };
        let records = ["plan", "apply"].map(|command| Record::new(&logs, &self.name, command));
        records.iter().any(|record| record.was_at_work(created))
    }

    /// The layer's outputs. Sensitive ones are left out: nothing of ours needs them.
    pub async fn outputs(&self) -> Result<Map<String, Value>> {
        let printed = self.command("read the outputs of", arguments::outputs()).capture().await?;
        serde_json::from_slice(&printed)
            .map(Output::open)
            .map_err(|error| self.failed("read the outputs of").caused_by(error))
    }

    /// The stored state, without its values; `None` before the first apply.
    pub async fn state(&self) -> Result<Option<StateSummary>> {
        self.pull().await?.map(|state| self.parsed(&state)).transpose()
    }

    /// The stored state as terraform prints it; `None` before the first apply.
    async fn pull(&self) -> Result<Option<Vec<u8>>> {
        let printed = self.command("read the state of", arguments::state_pull()).capture().await?;
        Ok(Some(printed).filter(|state| !state.trim_ascii().is_empty()))
    }

    /// Ids and ARNs of all that is in the stored state; nothing else of it is kept.
    pub async fn ids(&self) -> Result<Vec<String>> {
        Ok(self.contents().await?.ids())
    }

    /// What the stored state holds; nothing before the first apply.
    async fn contents(&self) -> Result<Contents> {
        let Some(state) = self.pull().await? else { return Ok(Contents::default()) };
        self.parsed(&state)
    }

    /// The state that terraform could not store, if it left one.
    pub fn errored(&self) -> Option<PathBuf> {
        Some(self.folder.join(ERRORED)).filter(|path| fs::exists(path))
    }

    /// Stores the state that terraform could not, and moves its file into the run's folder.
    /// Only if it continues the stored one: same lineage, higher serial. One that is stored already
    /// is not stored again: the answer got lost, and terraform kept the file all the same.
    pub async fn push_errored(&self) -> Result<()> {
        let Some(path) = self.errored() else { return Ok(()) };
        let bytes = fs::read(&path)?;
        let stored = self.pull().await?;
        if stored.as_ref().is_some_and(|stored| is_same(&bytes, stored)) {
            return self.keep_pushed(&path, &bytes);
        }
        let stored = stored.map(|state| self.parsed::<StateSummary>(&state)).transpose()?;
        let ours: StateSummary = self.parsed(&bytes)?;
        // Before the first apply that was stored, there is nothing that it could contradict.
        if let Some(stored) = stored.filter(|stored| !stored.lineage.is_empty())
            && (stored.lineage != ours.lineage || stored.serial >= ours.serial)
        {
            return Err(not_saved(&path)
                .because(format!(
                    "stored state: lineage {}, serial {}",
                    stored.lineage, stored.serial
                ))
                .because(format!("that file: lineage {}, serial {}", ours.lineage, ours.serial))
                .next(
                    "somebody changed the stored state since: compare both before anything else",
                ));
        }
        self.command("store the state of", arguments::state_push(&path)).capture().await?;
        self.keep_pushed(&path, &bytes)
    }

    fn keep_pushed(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        fs::create_private_folder(&self.logs)?;
        fs::write_private(&self.logs.join(format!("pushed-{}-{ERRORED}", self.name)), bytes)?;
        fs::remove_file(path)
    }

    /// Frees a state lock by its id; a wrong id is refused by the backend.
    pub async fn force_unlock(&self, id: &str) -> Result<()> {
        self.command("unlock the state of", arguments::force_unlock(id)).capture().await.map(drop)
    }

    /// Who holds the lock of a local state. For a bucket, read its object and use
    /// [`LockInfo::read`].
    pub fn local_lock(&self) -> Result<Option<LockInfo>> {
        let path = self.folder.join(".terraform.tfstate.lock.info");
        fs::read_if_present(&path)?.map(|json| LockInfo::read(&json)).transpose()
    }

    fn command(&self, verb: &str, arguments: Vec<std::ffi::OsString>) -> Command {
        Command::new(&self.terraform, &self.folder, self.purpose(verb), arguments)
    }

    /// Fits behind "failed to".
    fn purpose(&self, verb: &str) -> String {
        format!("{verb} layer {}", self.name)
    }

    fn failed(&self, verb: &str) -> Failure {
        Failure::failed(format!("failed to {}", self.purpose(verb)))
    }

    fn record(&self, command: &str) -> Result<Record> {
        fs::create_private_folder(&self.logs)?;
        self.record_of(command)
    }

    /// The record of a command that may never have run.
    fn record_of(&self, command: &str) -> Result<Record> {
        Ok(Record::new(&absolute(&self.logs)?, &self.name, command))
    }

    fn busy(&self, verb: &str, record: &Record) -> Failure {
        self.failed(verb)
            .at(record.stream.display().to_string())
            .because("a terraform of this run is still writing there")
            .next("run the same command again: it attaches to it and waits")
    }

    fn conclude(&self, record: &Record, followed: Followed) -> Result<Applied> {
        let Followed { status, mut progress, interrupted } = followed;
        let success = match status {
            Some(status) => status.success(),
            None => progress.tells_success(),
        };
        if !success && !interrupted {
            record.add_evidence(&mut progress);
        }
        let (purpose, lookup) = (self.purpose("apply"), self.lookup.as_deref());
        conclude(&purpose, success, interrupted, self.errored(), progress, lookup)
    }

    /// What is read of a state.
    fn parsed<T: DeserializeOwned>(&self, state: &[u8]) -> Result<T> {
        serde_json::from_slice(state)
            .map_err(|error| self.failed("read the state of").caused_by(error))
    }
}

/// Terraform runs in the layer's folder, so every path it gets is absolute.
fn absolute(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path).map_err(|error| {
        Failure::failed(format!("cannot find {}", path.display())).caused_by(error)
    })
}
