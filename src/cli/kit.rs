//! `landfall kit`: a vendor's repository. Begun, and checked.

use std::path::PathBuf;

use super::Global;
use super::setup::current_folder;
use crate::failure::{Exit, Failure, Result};
use crate::fs;
use crate::release::vendor::VendorKit;
use crate::release::{lint, skeleton};

/// Begin or check a kit, in the vendor's repository
#[derive(Debug, clap::Args)]
pub(super) struct Kit {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Write a kit to start from, with the working order in its README
    New {
        /// Folder of the new repository
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
    /// Find everything that is wrong with kit.hcl and kit.lock, and what `release pin` still needs
    Lint {
        /// The kit's repository (default: the current folder)
        #[arg(long, value_name = "DIR")]
        kit: Option<PathBuf>,
    },
}

impl Kit {
    pub(super) fn run(self, _global: &Global) -> Result<Exit> {
        match self.verb {
            Verb::New { folder } => {
                for name in skeleton::write(&folder)? {
                    super::say(&format!("wrote {}", folder.join(name).display()));
                }
                let folder = folder.display();
                super::say(&format!("\nnext  git init {folder}"));
                super::say(&format!("      edit {folder}/kit.hcl, push its images"));
                super::say(&format!("      landfall release pin v1.0.0 --kit {folder}"));
                Ok(Exit::Done)
            }
            Verb::Lint { kit } => {
                let folder = match kit {
                    Some(folder) => fs::canonical(&folder)?,
                    None => current_folder()?,
                };
                lint_folder(&folder)
            }
        }
    }
}

fn lint_folder(folder: &std::path::Path) -> Result<Exit> {
    let vendor = VendorKit::read(folder)?;
    let needs = lint::unpinned(&vendor)?;
    let tag = &vendor.kit.release.tag;
    if needs.is_empty() {
        super::say(&format!("{} {tag}: kit.hcl and kit.lock are right", vendor.kit.name));
        return Ok(Exit::Done);
    }
    let what = format!("{} {tag} is right, and not pinned", vendor.kit.name);
    let failure = needs.into_iter().fold(Failure::new(Exit::Differs, what), Failure::because);
    Err(failure.next(format!("landfall release pin {tag}")))
}
