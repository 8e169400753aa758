//! `landfall unlock`: who holds an environment, and since when; taken over by typing its name.

use super::interview::{self, Interview};
use super::setup::{EngineArguments, block_on, start};
use super::{Format, Global};
use crate::engine::Weight;
use crate::failure::{Exit, Failure, Result};
use crate::run::{self, Locks, Run};

/// Show who holds an environment, and take its locks over when that run is dead
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A lock whose process died on this machine is taken over by the next run without this command. Take
over another one only when you know that its run is dead: two at once damage the state.")]
pub(super) struct Unlock {
    /// Environment
    name: String,
    /// Take over without a question: the environment's name once more
    #[arg(long, value_name = "NAME")]
    confirm: Option<String>,
    #[command(flatten)]
    engine: EngineArguments,
}

impl Unlock {
    pub(super) fn run(self, global: &Global) -> Result<Exit> {
        let site = global.site()?;
        let name = site.choose(Some(&self.name))?;
        let loaded = site.load(&name)?;
        block_on(async {
            let quiet = Global { quiet: true, ..global.clone() };
            let command = format!("unlock {name}");
            let weight = Weight::Install;
            let (run, _engine) =
                start(&quiet, &site, loaded, &self.engine, weight, Interview::default(), command)
                    .await?;
            run.check_identity().await?;
            let locks = run::locks(&run).await?;
            tell(global, &locks);
            if locks.is_empty() {
                return Ok(Exit::Done);
            }
            self.confirmed(global, &run)?;
            run::unlock(&run, &locks).await?;
            super::say(&format!("{name} is free"));
            Ok(Exit::Done)
        })
    }

    /// Taking over is for who typed the name, and for nobody else.
    fn confirmed(&self, global: &Global, run: &Run) -> Result<()> {
        let name = &run.environment.name;
        let typed = match &self.confirm {
            Some(typed) => typed.clone(),
            None if global.can_ask() => {
                interview::line(&format!("Type {name} to take the locks over"))?
            }
            None => {
                return Err(Failure::new(Exit::NotApproved, "not taken over: nobody to ask")
                    .because("nothing was touched")
                    .next(format!(
                        "if that run is dead: `landfall unlock {name} --confirm {name}`"
                    )));
            }
        };
        if typed == *name {
            return Ok(());
        }
        Err(Failure::new(Exit::NotApproved, format!("not taken over: {typed:?} is not {name}"))
            .because("nothing was touched"))
    }
}

fn tell(global: &Global, locks: &Locks) {
    if global.format == Format::Json {
        if let Ok(line) = serde_json::to_string(locks) {
            super::print(&line);
        }
        return;
    }
    if locks.is_empty() {
        super::print("nobody holds it");
    }
    if let Some(run) = &locks.run {
        super::print(&format!("held by {run}, for {}", locks.age(run.since)));
    }
    for (layer, lock) in &locks.states {
        super::print(&format!("layer {layer}: {lock}"));
    }
}
