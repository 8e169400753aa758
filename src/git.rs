//! The little that Landfall asks git: whether there is a repository, and what a person changed.
//! It never commits and never switches a work tree. `objects` reads kits out of repositories.

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

/// Asks git about the files of a folder that people write.
pub async fn repository(folder: &Path, written_by_people: &[&str]) -> Result<Repository> {
    #[expect(clippy::disallowed_methods, reason = "this is the room that spawns git")]
    let mut command = tokio::process::Command::new("git");
    command.arg("-C").arg(folder).args(["status", "--porcelain=v1", "-z", "--"]);
    command.args(written_by_people).stdin(std::process::Stdio::null());
    let output = match command.output().await {
        Ok(output) => output,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Repository::None),
        Err(error) => return Err(Failure::failed("cannot ask git").caused_by(error)),
    };
    if !output.status.success() {
        return Ok(Repository::None);
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let changed = text.split('\0').filter_map(|entry| entry.get(3..)).map(str::to_owned).collect();
    Ok(Repository::Here { changed })
}
