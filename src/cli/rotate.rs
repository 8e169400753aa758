//! `landfall secrets NAME rotate KEY`: a new value, to everybody who is pinned to it.

use super::answers;
use super::install::summary;
use super::interview::Interview;
use super::setup::{EngineArguments, block_on, start};
use super::{Format, Global};
use crate::engine::Weight;
use crate::failure::{Exit, Result};
use crate::run::gates::{self, Waivers, WorkTree};
use crate::run::{self, Rotated, Run, Verb};

/// What a rotation is told.
#[derive(Debug, clap::Args)]
pub(super) struct Rotate {
    /// Key, as in `list`; one of a database's passwords stands for all of its logins
    key: String,
    /// The new value of a supplied secret: a file of mode 0600, or `-` for standard input;
    /// a line KEY=VALUE, or a JSON object
    #[arg(long, value_name = "FILE|-")]
    secrets: Option<String>,
    /// Approve the plan with this digest, as the same command printed it
    #[arg(long, value_name = "DIGEST")]
    approve: Option<String>,
}

impl Rotate {
    /// Asks, goes the whole way, says what is in use at its end.
    pub(super) fn run(self, global: &Global, name: &str, engine: &EngineArguments) -> Result<Exit> {
        let site = global.site()?;
        let name = site.choose(Some(name))?;
        let loaded = site.load(&name)?;
        let interview = Interview {
            can_ask: global.can_ask(),
            secrets: answers::secrets(self.secrets.as_deref())?,
            approve: self.approve,
            ..Interview::default()
        };
        block_on(async {
            let waivers = Waivers::default();
            let tree = WorkTree {
                root: site.root(),
                name: &name,
                class: loaded.environment.class,
                waivers: &waivers,
                commit: false,
            };
            let passed = gates::work_tree(&tree).await?;
            let command = format!("secrets {name} rotate {}", self.key);
            let weight = Weight::Install;
            let (mut run, _engine) =
                start(global, &site, loaded, engine, weight, interview, command).await?;
            run.verb = Verb::Rotate;
            run.passes(passed);
            let rotated = run::rotate(&run, &self.key).await?;
            finish(global, &run, &rotated);
            Ok(Exit::Done)
        })
    }
}

fn finish(global: &Global, run: &Run, rotated: &Rotated) {
    if global.format == Format::Json {
        if let Ok(line) = serde_json::to_string(&rotated.receipt) {
            super::print(&line);
        }
        return;
    }
    super::print(&summary(&rotated.receipt));
    super::say(&format!("\n{}: version {} is in use", rotated.what, rotated.version));
    super::say(&rotated.old);
    super::say(&format!("\nreceipt  {}", run.run_folder().join("receipt.json").display()));
    if !run.is_simulated() {
        let name = &run.environment.name;
        super::say("\nnow");
        super::say(&format!("  git add environments/{name}"));
        super::say(&format!("  git commit -m \"{name}: rotate {}\"", rotated.what));
    }
}
