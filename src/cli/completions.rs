//! `landfall completions`: a script for the shell.

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::Cli;
use crate::failure::Exit;

/// Print a completion script for a shell
#[derive(Debug, clap::Args)]
pub(super) struct Completions {
    /// Shell
    shell: Shell,
}

impl Completions {
    pub(super) fn run(self) -> Exit {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "landfall", &mut script);
        super::print(&String::from_utf8_lossy(&script));
        Exit::Done
    }
}
