//! The little that Landfall asks git: whether there is a repository, and what a person changed.
//! It commits only where a person asked for it, and never switches a work tree. `objects` reads kits
//! out of repositories.

mod command;
pub mod objects;
pub mod signature;

use std::path::Path;

use crate::failure::{Failure, Result};

pub use command::Repo;

/// What git says about a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Repository {
    /// There is none, or no git.
    None,
    /// The files that differ from the last commit, new ones included, relative to the folder.
    Here {
        /// Changed files.
        changed: Vec<String>,
    },
}

/// Asks git what differs from the last commit in a folder, as far as these paths are concerned
/// (relative to it); new files one by one.
pub async fn repository(folder: &Path, paths: &[&str]) -> Result<Repository> {
    let Some(prefix) = ask(folder, &["rev-parse", "--show-prefix"]).await? else {
        return Ok(Repository::None);
    };
    let status = ["status", "--porcelain=v1", "-z", "--untracked-files=all", "--no-renames", "--"];
    let Some(text) = ask(folder, &[&status, paths].concat()).await? else {
        return Ok(Repository::None);
    };
    // Git tells paths from the top of the repository.
    let prefix = prefix.trim_end_matches('\n');
    let entries = text.split('\0').filter_map(|entry| entry.get(3..));
    let changed = entries.map(|path| path.strip_prefix(prefix).unwrap_or(path).to_owned());
    Ok(Repository::Here { changed: changed.collect() })
}

/// Commits what lies under these paths of a folder, and nothing else: only where a person asked
/// for it.
pub async fn commit(folder: &Path, paths: &[&str], message: &str) -> Result<()> {
    let add = [&["add", "--"], paths].concat();
    let commit = [&["commit", "--quiet", "--message", message, "--"], paths].concat();
    for arguments in [add, commit] {
        let output = git(folder, &arguments).await?;
        if !output.as_ref().is_some_and(|output| output.status.success()) {
            let errors = output.map(|output| String::from_utf8_lossy(&output.stderr).into_owned());
            return Err(Failure::failed(format!("git {} failed", arguments[0]))
                .because(errors.as_deref().map_or("there is no git", str::trim))
                .next("commit it yourself, then run the same command again"));
        }
    }
    Ok(())
}

/// What git answers; `None` if it refuses, or is not there.
async fn ask(folder: &Path, arguments: &[&str]) -> Result<Option<String>> {
    let output = git(folder, arguments).await?.filter(|output| output.status.success());
    Ok(output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()))
}

async fn git(folder: &Path, arguments: &[&str]) -> Result<Option<std::process::Output>> {
    #[expect(clippy::disallowed_methods, reason = "this is the room that spawns git")]
    let mut command = tokio::process::Command::new("git");
    command.arg("-C").arg(folder).args(arguments).stdin(std::process::Stdio::null());
    match command.output().await {
        Ok(output) => Ok(Some(output)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::failed("cannot ask git").caused_by(error)),
    }
}
