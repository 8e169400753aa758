//! Spawning: every command carries its purpose, so that a failure reads `failed to <purpose>`.
//!
//! Terraform runs in its own process group. A Ctrl-C at the terminal reaches every process of
//! the foreground group, and terraform takes a second interrupt as "give up at once": in its own
//! group it hears only what we decide to send.

use std::ffi::OsString;
use std::fs::File;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::Child;

use super::binary::Terraform;
use super::diagnostics::{Diagnostic, failure};
use crate::failure::{Failure, Result};

/// How much of a command's text is kept as evidence.
const LONGEST_EVIDENCE: u64 = 64 * 1024;

/// A terraform command that was not started yet.
pub(super) struct Command {
    pub(super) purpose: String,
    command: std::process::Command,
}

impl Command {
    /// `purpose` fits behind "failed to": `plan layer foundation`.
    pub(super) fn new(
        terraform: &Terraform,
        folder: &Path,
        purpose: impl Into<String>,
        arguments: Vec<OsString>,
    ) -> Self {
        Self::bare(terraform.path(), purpose, arguments).within(terraform, folder)
    }

    /// A command before the program is known to be terraform.
    #[expect(clippy::disallowed_methods, reason = "the one place that spawns terraform")]
    pub(super) fn bare(
        program: &Path,
        purpose: impl Into<String>,
        arguments: Vec<OsString>,
    ) -> Self {
        let mut command = std::process::Command::new(program);
        command.args(arguments).stdin(Stdio::null()).process_group(0);
        Self { purpose: purpose.into(), command }
    }

    fn within(mut self, terraform: &Terraform, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self.environment(terraform.variables())
    }

    /// Replaces the whole environment.
    pub(super) fn environment(mut self, variables: &[(OsString, OsString)]) -> Self {
        self.command.env_clear();
        self.command.envs(variables.iter().map(|(name, value)| (name, value)));
        self
    }

    /// Starts with both streams going to files; the child outlives us if it must.
    pub(super) fn spawn_into(mut self, stdout: File, stderr: File) -> Result<Process> {
        self.command.stdout(stdout).stderr(stderr);
        self.spawn()
    }

    /// Starts with both streams going to us: for commands that change nothing.
    pub(super) fn spawn_piped(mut self) -> Result<Process> {
        self.command.stdout(Stdio::piped()).stderr(Stdio::piped());
        self.spawn()
    }

    fn spawn(self) -> Result<Process> {
        let program = self.command.get_program().to_string_lossy().into_owned();
        let child = tokio::process::Command::from(self.command).spawn().map_err(|error| {
            Failure::failed(format!("failed to {}", self.purpose))
                .because(format!("cannot start {program}"))
                .caused_by(error)
        })?;
        Ok(Process { child, purpose: self.purpose, ask_on_drop: true })
    }

    /// Runs to the end and gives what it printed; exit codes other than 0 are failures.
    pub(super) async fn capture(self) -> Result<Vec<u8>> {
        let mut process = self.spawn_piped()?;
        let (stdout, stderr) = (process.child.stdout.take(), process.child.stderr.take());
        let (out, err, status) = tokio::join!(
            whole(stdout, u64::MAX),
            whole(stderr, LONGEST_EVIDENCE),
            process.exited()
        );
        let (status, out) = (status?, out.map_err(|error| process.failed(error))?);
        if status.success() {
            return Ok(out);
        }
        Err(complaint(&process.purpose, status, &out, &err.unwrap_or_default()))
    }
}

/// A terraform that runs. Dropping it asks it to stop, so that an abandoned plan frees its lock;
/// an apply is never dropped that way.
pub(super) struct Process {
    pub(super) child: Child,
    pub(super) purpose: String,
    ask_on_drop: bool,
}

impl Process {
    /// Leaves it running when we are dropped.
    pub(super) fn outlives_us(mut self) -> Self {
        self.ask_on_drop = false;
        self
    }

    /// Its process id while it runs.
    pub(super) fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Waits for its end; may be dropped and called again.
    pub(super) async fn exited(&mut self) -> Result<ExitStatus> {
        let waited = self.child.wait().await;
        waited.map_err(|error| self.failed(error))
    }

    fn failed(&self, error: std::io::Error) -> Failure {
        Failure::failed(format!("failed to {}", self.purpose)).caused_by(error)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.ask_on_drop
            && let Some(id) = self.id()
        {
            interrupt(id);
        }
    }
}

/// One SIGINT to terraform alone: its providers hear from it.
pub(super) fn interrupt(id: u32) {
    if let Some(pid) = i32::try_from(id).ok().and_then(Pid::from_raw) {
        // It may have ended meanwhile; then there is nothing to stop.
        let _ = kill_process(pid, Signal::INT);
    }
}

/// Reads to the end, keeping at most `cap` bytes but never leaving the writer stuck.
pub(super) async fn whole(
    stream: Option<impl AsyncRead + Unpin>,
    cap: u64,
) -> std::io::Result<Vec<u8>> {
    let mut kept = Vec::new();
    if let Some(mut stream) = stream {
        (&mut stream).take(cap).read_to_end(&mut kept).await?;
        tokio::io::copy(&mut stream, &mut tokio::io::sink()).await?;
    }
    Ok(kept)
}

/// A failure from what a command printed: diagnostics of its JSON where there are any, else
/// what it said on stderr.
pub(super) fn complaint(purpose: &str, status: ExitStatus, out: &[u8], err: &[u8]) -> Failure {
    let parsed: Value = serde_json::from_slice(out).unwrap_or_default();
    let diagnostics: Vec<Diagnostic> =
        serde_json::from_value(parsed["diagnostics"].clone()).unwrap_or_default();
    if !diagnostics.is_empty() {
        return failure(purpose, &diagnostics, None);
    }
    let text = plain(if err.iter().all(u8::is_ascii_whitespace) { out } else { err });
    if text.is_empty() {
        return Failure::failed(format!("failed to {purpose}")).because(format!("{status}"));
    }
    let (summary, detail) = text.split_once('\n').unwrap_or((text.as_str(), ""));
    let summary = summary.strip_prefix("Error: ").unwrap_or(summary);
    failure(purpose, &[Diagnostic::error(summary, detail)], None)
}

/// Terraform's framed text without its frame, as it prints errors of commands without `-json`.
fn plain(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let lines = text.lines().map(|line| line.trim_matches(['│', '╷', '╵', ' ']));
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;

    use super::*;

    #[test]
    fn framed_text_becomes_a_reason() {
        let text = "╷\n│ Error: Inconsistent dependency lock file\n│ \n│ The following\n╵\n";
        let failure = complaint("initialise", ExitStatus::from_raw(256), b"", text.as_bytes());
        assert_eq!(
            failure.reasons(),
            ["Inconsistent dependency lock file: The following"],
            "{failure}"
        );
    }

    #[test]
    fn diagnostics_on_stdout_win() {
        let out = br#"{"valid":false,"diagnostics":[{"severity":"error","summary":"bad"}]}"#;
        let failure = complaint("check", ExitStatus::from_raw(256), out, b"noise");
        assert_eq!(failure.reasons(), ["bad"]);
    }

    #[test]
    fn silence_gives_the_exit_status() {
        let failure = complaint("check", ExitStatus::from_raw(256), b"", b" \n");
        assert_eq!(failure.reasons(), ["exit status: 1"]);
    }
}
