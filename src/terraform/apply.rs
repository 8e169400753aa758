//! The long command: an apply that survives our death, hears exactly one interrupt, and can be
//! joined by a later process.
//!
//! Its stdout is `terraform-<layer>-apply.jsonl`, which we tail. The file carries an advisory
//! lock that terraform inherits with the descriptor: while the lock is held, terraform lives,
//! whoever started it and whatever became of them. No process table is asked, so no pid that was
//! given to somebody else can fool us.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::applied::Progress;
use super::command::{Process, interrupt};
use super::diagnostics::Diagnostic;
use super::events::Event;
use super::tail::Tail;
use crate::cancel::{Answer, Cancel, Policy};
use crate::failure::{Failure, Result};
use crate::fs;

/// How soon the stream is read again after something came.
const QUICK: Duration = Duration::from_millis(5);
/// How long the pause grows while nothing comes.
const SLOW: Duration = Duration::from_millis(100);

/// The files of one apply in a run's folder.
pub(super) struct Record {
    /// Terraform's JSON stream.
    pub(super) stream: PathBuf,
    /// Its stderr: empty unless terraform itself crashes.
    evidence: PathBuf,
    /// The process id, for the one SIGINT of a later process.
    pid: PathBuf,
}

impl Record {
    /// `command` is `plan` or `apply`.
    pub(super) fn new(logs: &Path, layer: &str, command: &str) -> Self {
        let file = |ending| logs.join(format!("terraform-{layer}-{command}.{ending}"));
        Self { stream: file("jsonl"), evidence: file("stderr"), pid: file("pid") }
    }

    /// Opens both streams for a new command, locked; `None` if a terraform still writes there.
    pub(super) fn open(&self) -> Result<Option<(File, File)>> {
        let stream = fs::append_private(&self.stream)?;
        if !try_lock(&stream, &self.stream)? {
            return Ok(None);
        }
        fs::write_private(&self.evidence, b"")?;
        Ok(Some((stream, fs::append_private(&self.evidence)?)))
    }

    /// Makes an error of what terraform said on stderr, if its stream tells of none.
    pub(super) fn add_evidence(&self, progress: &mut Progress) {
        if progress.has_errors() {
            return;
        }
        let text = fs::read(&self.evidence).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let (first, rest) = text.trim().split_once('\n').unwrap_or((text.trim(), ""));
        if first.is_empty() {
            let place = format!("its stream is {}", self.stream.display());
            progress
                .diagnostics
                .push(Diagnostic::error("terraform ended without a reason", &place));
        } else {
            progress.diagnostics.push(Diagnostic::error(first, rest));
        }
    }

    /// Remembers the process for a later one. Best effort: without it a later process can wait,
    /// but not interrupt.
    pub(super) fn remember(&self, process: &Process) {
        if let Some(id) = process.id() {
            let _ = fs::write_private(&self.pid, id.to_string().as_bytes());
        }
    }

    /// Forgets a process of an earlier command.
    pub(super) fn forget(&self) -> Result<()> {
        fs::remove_file(&self.pid)
    }

    /// Whether a terraform that is gone was at work at that time, as its stream tells: from its
    /// first line to a moment after its last.
    pub(super) fn was_at_work(&self, time: Timestamp) -> bool {
        /// Between a lock and the line after it.
        const MOMENT: SignedDuration = SignedDuration::from_secs(2);
        /// Between its start and its first line, at most.
        const FIRST_WORD: SignedDuration = SignedDuration::from_secs(20);
        #[derive(Deserialize)]
        struct Line {
            #[serde(rename = "@timestamp")]
            timestamp: Timestamp,
        }
        let Ok(Some(stream)) = fs::read_if_present(&self.stream) else { return false };
        if !matches!(self.still_running(), Ok(None)) {
            return false;
        }
        // It takes the lock before it says its first word; its stderr was emptied when it began.
        let began = fs::modified(&self.evidence);
        if began.is_some_and(|began| began - MOMENT <= time && time <= began + FIRST_WORD) {
            return true;
        }
        let mut times = stream
            .split(|byte| *byte == b'\n')
            .filter_map(|line| serde_json::from_slice::<Line>(line).ok())
            .map(|line| line.timestamp);
        let Some(first) = times.next() else { return false };
        let last = times.next_back().unwrap_or(first);
        first - MOMENT <= time && time <= last + MOMENT
    }

    /// The terraform that still writes here, if one does.
    pub(super) fn still_running(&self) -> Result<Option<Running>> {
        if !fs::exists(&self.stream) {
            return Ok(None);
        }
        let stream = fs::append_private(&self.stream)?;
        if try_lock(&stream, &self.stream)? {
            return Ok(None);
        }
        let id = fs::read_if_present(&self.pid)?;
        let id = id.and_then(|text| String::from_utf8_lossy(&text).trim().parse().ok());
        Ok(Some(Running::Found { stream, id }))
    }
}

fn try_lock(stream: &File, path: &Path) -> Result<bool> {
    match stream.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => {
            Err(Failure::failed(format!("cannot lock {}", path.display())).caused_by(error))
        }
    }
}

/// A terraform that we wait for.
pub(super) enum Running {
    /// Our child.
    Ours(Box<Process>),
    /// Started by a process that is gone.
    Found {
        /// Its stream; the lock on it is terraform's.
        stream: File,
        /// Its process id, where it was remembered.
        id: Option<u32>,
    },
}

impl Running {
    /// Waits for the end; may be dropped and called again. A terraform that is not our child
    /// leaves no exit status.
    pub(super) async fn exited(&mut self) -> Result<Option<ExitStatus>> {
        match self {
            Self::Ours(process) => process.exited().await.map(Some),
            Self::Found { stream, .. } => {
                while matches!(stream.try_lock(), Err(TryLockError::WouldBlock)) {
                    tokio::time::sleep(SLOW).await;
                }
                Ok(None)
            }
        }
    }

    /// Sends the one SIGINT; `false` if nobody remembered whom to send it to.
    pub(super) fn interrupt(&self) -> bool {
        let id = match self {
            Self::Ours(process) => process.id(),
            Self::Found { id, .. } => *id,
        };
        id.map(interrupt).is_some()
    }
}

/// How a followed command ended.
pub(super) struct Followed {
    /// Absent if it was not our child.
    pub(super) status: Option<ExitStatus>,
    pub(super) progress: Progress,
    /// Whether it was asked to stop.
    pub(super) interrupted: bool,
}

/// Passes on events until terraform is gone and its file is read to the end. Trouble with
/// reading the file is told once and does not end the wait: terraform's work goes on either way.
pub(super) async fn follow(
    mut running: Running,
    mut tail: Tail,
    cancel: Option<&Cancel>,
    on: &mut (dyn FnMut(Event) + Send),
) -> Result<Followed> {
    let (mut progress, mut policy) = (Progress::default(), Policy::default());
    let (mut pause, mut readable) = (QUICK, true);
    loop {
        if readable {
            match tail.read(&mut |event| pass(event, &mut progress, on)) {
                Ok(grown) => pause = if grown { QUICK } else { (pause * 2).min(SLOW) },
                Err(error) => {
                    readable = false;
                    on(unreadable(&error));
                }
            }
        }
        tokio::select! {
            // An interrupt is answered before an end is noticed, whichever came first.
            biased;
            count = asked(cancel, policy.answered()) => match policy.answer(count) {
                Some(Answer::AskToStop) if running.interrupt() => on(Event::AskedToStop),
                Some(_) => on(Event::StillWaiting { running: progress.running.clone() }),
                None => {}
            },
            status = running.exited() => {
                if readable && let Err(error) = tail.drain(&mut |event| pass(event, &mut progress, on)) {
                    on(unreadable(&error));
                }
                let interrupted = policy.answered() > 0;
                return Ok(Followed { status: status?, progress, interrupted });
            }
            () = tokio::time::sleep(pause) => {}
        }
    }
}

fn pass(event: Event, progress: &mut Progress, on: &mut (dyn FnMut(Event) + Send)) {
    progress.take(&event);
    on(event);
}

fn unreadable(error: &std::io::Error) -> Event {
    let message = format!("cannot read terraform's stream any more, still waiting: {error}");
    Event::Message { kind: String::new(), message }
}

/// The next interrupt; never, for a command that is not to be interrupted.
async fn asked(cancel: Option<&Cancel>, answered: u32) -> u32 {
    match cancel {
        Some(cancel) => cancel.more_than(answered).await,
        None => std::future::pending().await,
    }
}
