//! Starting git for a kit's repository: an environment of our own, no hooks, no questions.

use std::ffi::OsString;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use crate::failure::{Failure, Result};

/// Which repository a command is about.
#[derive(Clone, Debug)]
pub enum Repo {
    /// A bare one of ours.
    Bare(PathBuf),
    /// The one that a folder lies in.
    Around(PathBuf),
}

/// `GIT_*` variables that a person may set: how to reach a host and who one is. Every other one
/// would point git at another repository, run a program or change what a file is.
const KEPT: [&str; 9] = [
    "GIT_ASKPASS",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_NOSYSTEM",
    "GIT_CONFIG_SYSTEM",
    "GIT_EXEC_PATH",
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "GIT_SSL_CAINFO",
    "GIT_SSL_CAPATH",
];

/// Settings that no configuration of the machine overrides: nothing of a fetched repository runs,
/// and a host that says nothing ends the command.
const SETTINGS: [&str; 9] = [
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.quotePath=false",
    "fetch.recurseSubmodules=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "transfer.fsckObjects=true",
    "http.lowSpeedLimit=1000",
    "http.lowSpeedTime=30",
];

/// How ssh is started unless the person says otherwise: it must not ask, nor wait for ever.
const SSH: &str = "ssh -oBatchMode=yes -oConnectTimeout=20";

/// Runs git to its end with something on its standard input; `None` if it ended with an error,
/// with what it said. A git that cannot be started is a failure.
pub(super) fn run(
    repo: Option<&Repo>,
    arguments: &[&str],
    input: &[u8],
) -> Result<std::result::Result<Vec<u8>, String>> {
    let output = start(repo, arguments, input).map_err(|error| {
        let missing = error.kind() == std::io::ErrorKind::NotFound;
        let failure = Failure::failed("cannot start git").caused_by(error);
        if missing { failure.next("install git, or name a kit by its path") } else { failure }
    })?;
    Ok(if output.status.success() { Ok(output.stdout) } else { Err(said(&output.stderr)) })
}

fn start(repo: Option<&Repo>, arguments: &[&str], input: &[u8]) -> std::io::Result<Output> {
    #[expect(clippy::disallowed_methods, reason = "this is the room that spawns git")]
    let mut command = std::process::Command::new("git");
    for setting in SETTINGS {
        command.args(["-c", setting]);
    }
    match repo {
        Some(Repo::Bare(folder)) => {
            command.arg(git_dir(folder));
        }
        Some(Repo::Around(folder)) => {
            command.arg("-C").arg(folder);
        }
        None => {}
    }
    command.args(arguments).env_clear().envs(environment());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let stdin = child.stdin.take();
    // Written from beside, or both would wait: git for its reader, we for git's.
    std::thread::scope(|scope| {
        scope.spawn(move || stdin.map(|mut pipe| pipe.write_all(input)));
        child.wait_with_output()
    })
}

fn git_dir(folder: &Path) -> OsString {
    let mut argument = OsString::from("--git-dir=");
    argument.push(folder);
    argument
}

fn environment() -> Vec<(OsString, OsString)> {
    #[expect(clippy::disallowed_methods, reason = "the child's environment is made from ours")]
    let process = std::env::vars_os();
    owned(process)
}

/// What git sees of the person's environment.
fn owned(process: impl Iterator<Item = (OsString, OsString)>) -> Vec<(OsString, OsString)> {
    let kept = |name: &OsString| {
        name.to_str().is_none_or(|name| {
            (!name.starts_with("GIT_") || KEPT.contains(&name))
                && !name.starts_with("LC_")
                && name != "LANGUAGE"
        })
    };
    let mut variables: Vec<_> = process.filter(|(name, _)| kept(name)).collect();
    let set = |name: &str| variables.iter().any(|(known, _)| known == name);
    let ssh = !set("GIT_SSH_COMMAND") && !set("GIT_SSH");
    let own = [
        ("GIT_TERMINAL_PROMPT", "0"),
        ("GIT_ALLOW_PROTOCOL", "https:ssh:file"),
        ("GIT_OPTIONAL_LOCKS", "0"),
        ("LC_ALL", "C"),
    ];
    variables.extend(own.map(|(name, value)| (name.into(), value.into())));
    if ssh {
        variables.push(("GIT_SSH_COMMAND".into(), SSH.into()));
    }
    variables
}

/// The last lines of what git said, without its own word for an error.
fn said(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let lines: Vec<&str> = text
        .lines()
        .map(|line| line.trim_start_matches("fatal: ").trim())
        .filter(|line| !line.is_empty())
        .collect();
    lines[lines.len().saturating_sub(4)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_points_git_elsewhere_is_dropped() {
        let process = [
            ("PATH", "/bin"),
            ("GIT_DIR", "/elsewhere"),
            ("GIT_WORK_TREE", "/elsewhere"),
            ("GIT_INDEX_FILE", "/elsewhere"),
            ("GIT_CONFIG_PARAMETERS", "'core.hooksPath=/x'"),
            ("GIT_TERMINAL_PROMPT", "1"),
            ("GIT_ALLOW_PROTOCOL", "ext"),
            ("GIT_SSH_COMMAND", "ssh -i key"),
            ("LC_MESSAGES", "de_DE"),
        ];
        let process = process.into_iter().map(|(name, value)| (name.into(), value.into()));
        let mut variables: Vec<String> = owned(process)
            .into_iter()
            .map(|(name, value)| format!("{}={}", name.display(), value.display()))
            .collect();
        variables.sort();
        let expected = [
            "GIT_ALLOW_PROTOCOL=https:ssh:file",
            "GIT_OPTIONAL_LOCKS=0",
            "GIT_SSH_COMMAND=ssh -i key",
            "GIT_TERMINAL_PROMPT=0",
            "LC_ALL=C",
            "PATH=/bin",
        ];
        assert_eq!(variables, expected);
    }
}
