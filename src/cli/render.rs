//! `landfall render`: writes the workspaces, or checks that they are as they would be written.

use super::Global;
use crate::failure::{Exit, Failure, Result};
use crate::report::plural;
use crate::site::Site;
use crate::workspace::Workspace;

/// Write the Terraform of environments
#[derive(Debug, clap::Args)]
pub(super) struct Render {
    /// Environments (default: the only one)
    #[arg(value_name = "NAME", conflicts_with = "all")]
    names: Vec<String>,
    /// Every environment under the root
    #[arg(long)]
    all: bool,
    /// Write nothing; show what differs and exit with 3
    #[arg(long, conflicts_with = "overwrite")]
    check: bool,
    /// Discard what a person changed in rendered files
    #[arg(long)]
    overwrite: bool,
}

impl Render {
    pub(super) fn run(self, global: &Global) -> Result<Exit> {
        let site = global.site()?;
        let names = if self.all {
            site.names()?
        } else if self.names.is_empty() {
            vec![site.choose(None)?]
        } else {
            self.names.iter().map(|name| site.choose(Some(name))).collect::<Result<_>>()?
        };
        // Everything is rendered in memory before the first file is written.
        let mut failures = Vec::new();
        let mut workspaces = Vec::new();
        for name in &names {
            match render(&site, name) {
                Ok(workspace) => workspaces.push(workspace),
                Err(failure) => failures.push(failure),
            }
        }
        if let Some(last) = failures.pop() {
            for failure in &failures {
                super::say(&format!("{failure}\n"));
            }
            return Err(last);
        }
        if self.check { check(&site, &workspaces) } else { self.write(&site, &workspaces) }
    }

    fn write(&self, site: &Site, workspaces: &[Workspace]) -> Result<Exit> {
        let folder = site.environments();
        let intended: Vec<_> = workspaces
            .iter()
            .map(|workspace| workspace.intended(&folder, self.overwrite))
            .collect::<Result<_>>()?;
        for (workspace, differences) in workspaces.iter().zip(intended) {
            let files = plural(workspace.files.len(), "file");
            let written = workspace.carry_out(&folder, differences)?;
            if let Some(text) = written.text() {
                super::say(&format!("{text}\n"));
            }
            super::say(&match written.count {
                0 => format!("{}: {files}, nothing changed", workspace.name),
                count => format!("{}: {files}, {count} written", workspace.name),
            });
        }
        Ok(Exit::Done)
    }
}

fn render(site: &Site, name: &str) -> Result<Workspace> {
    let loaded = site.load(name)?;
    if let Some(note) = &loaded.kit.note {
        super::say(&format!("{name}: {note}"));
    }
    Workspace::render(&loaded.environment, &loaded.assets)
}

fn check(site: &Site, workspaces: &[Workspace]) -> Result<Exit> {
    let mut count = 0;
    for workspace in workspaces {
        for difference in workspace.differences(&site.environments())? {
            count += 1;
            let words = difference.words();
            super::print(&format!("{}: {words}\n{}", difference.path, difference.diff));
        }
    }
    if count == 0 {
        super::say("everything is as it would be rendered");
        return Ok(Exit::Done);
    }
    Err(Failure::new(
        Exit::Differs,
        format!("{} would be rendered differently", plural(count, "file")),
    )
    .next("run `landfall render --all` and commit the result"))
}
