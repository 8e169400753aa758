//! `landfall init`: asks what a default install needs and writes `environment.hcl`.

mod questions;
mod restore;
mod text;

use std::path::{Path, PathBuf};

use super::Global;
use super::answers;
use super::kit_source;
use super::setup::{block_on, current_folder};
use crate::engine::EngineName;
use crate::environment::read_source;
use crate::failure::{Exit, Failure, Result};
use crate::fs;
use crate::kit;
use crate::kit::model::Kit;
use crate::site::{ENVIRONMENT_FILE, Site};
use crate::source::Problems;

/// Make an environment: asks a few questions and writes environment.hcl
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Answers by file, one a line, as `key = \"value\"`: region, class, contact, host, certificate, and
input_NAME for every input of the kit; for AWS account_id, for Google Cloud project and
project_number. These tell which cloud it is; so does `cloud = \"aws\"` or `cloud = \"gcp\"`.")]
pub(super) struct Init {
    /// Name of the environment: 3 to 20 letters, digits and dashes
    name: String,
    /// Where the kit is: a git address with a tag, such as `https://HOST/kit.git@v1.0.0`, or a
    /// folder
    #[arg(long, value_name = "URL@TAG|DIR", required_unless_present = "from")]
    kit: Option<String>,
    /// State bucket of an environment whose folder is lost or lies elsewhere: rebuilds it
    #[arg(long, value_name = "BUCKET", conflicts_with_all = ["kit", "answers"])]
    from: Option<String>,
    /// Answers instead of questions; what is missing is asked, or listed
    #[arg(long, value_name = "FILE")]
    answers: Option<PathBuf>,
    /// Where the bucket is: `real`, or the `emulator` at `AWS_ENDPOINT_URL`
    #[arg(long, value_enum, default_value_t, hide_possible_values = true, requires = "from")]
    engine: EngineName,
}

impl Init {
    pub(super) fn run(self, global: &Global) -> Result<Exit> {
        let current = current_folder()?;
        let site = match global.site() {
            Ok(site) => site,
            Err(_) => Site::create(global.root.as_deref().unwrap_or(&current), &current)?,
        };
        let path = site.folder(&self.name).join(ENVIRONMENT_FILE);
        if fs::exists(&path) {
            return Err(Failure::input(format!("the environment {} is there already", self.name))
                .at(site.shown(&path).display().to_string())
                .next("edit that file, or choose another name"));
        }
        if let Some(bucket) = &self.from {
            block_on(restore::restore(&site, &self.name, bucket, self.engine))?;
            site.load(&self.name)?;
            super::say(&format!("\nnext  landfall install {}", self.name));
            return Ok(Exit::Done);
        }
        let given = self.kit.as_deref().unwrap_or(".");
        let found = kit_source::find(&site, given, &site.folder(&self.name))?;
        let kit = read_kit(&found.folder)?;
        let given = answers::answers(self.answers.as_deref())?;
        let answers = questions::ask(global, &kit, given)?;
        let release = found.tag.as_ref().unwrap_or(&kit.release.tag);
        let text = text::text(&self.name, &kit, (&found.written, release), &answers);
        fs::write(&path, text.as_bytes())?;
        // The file is checked as every later command will; if it has problems they are told now,
        // and the answers are not lost.
        let loaded = site.load(&self.name);
        super::say(&format!("wrote {}", site.shown(&path).display()));
        let environment = loaded?.environment;
        super::say(&format!("\nnext  landfall rehearse {}", environment.name));
        super::say(&format!("      landfall install {}", environment.name));
        Ok(Exit::Done)
    }
}

fn read_kit(folder: &Path) -> Result<Kit> {
    let path = folder.join("kit.hcl");
    let mut problems = Problems::new();
    let source = match read_source(&path, fs::read(&path)?) {
        Ok(source) => source,
        Err(problem) => {
            problems.push(problem);
            return Err(problems.into());
        }
    };
    match kit::parse(&source, &mut problems) {
        Some(kit) if problems.is_empty() => Ok(kit),
        _ => Err(problems.into()),
    }
}
