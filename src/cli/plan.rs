//! `landfall plan`: what an install or update would change, in words, with the digest to approve.

use super::interview::Interview;
use super::setup::{EngineArguments, block_on, start};
use super::{Format, Global};
use crate::engine::Weight;
use crate::failure::{Exit, Result};
use crate::run;

/// Show what an install or update would change, in words
#[derive(Debug, clap::Args)]
pub(super) struct Plan {
    /// Environment (default: the only one)
    name: Option<String>,
    /// Release to update to (default: the one in environment.hcl)
    #[arg(value_name = "TAG")]
    release: Option<String>,
    /// Exit with 3 if anything would change
    #[arg(long)]
    detailed_exit_code: bool,
    #[command(flatten)]
    engine: EngineArguments,
}

impl Plan {
    pub(super) fn run(self, global: &Global) -> Result<Exit> {
        let site = global.site()?;
        let name = site.choose(self.name.as_deref())?;
        let loaded = site.load_at(&name, self.release.as_deref())?;
        block_on(async {
            let interview = Interview { can_ask: global.can_ask(), ..Interview::default() };
            let command = format!("plan {name}");
            let weight = Weight::Read;
            let (mut run, _engine) =
                start(global, &site, loaded, &self.engine, weight, interview, command).await?;
            let proposal = run::plan(&mut run, &site).await?;
            let digest = proposal.digest();
            match global.format {
                Format::Human => super::print(&digest),
                Format::Json => super::print(
                    &serde_json::json!({
                        "type": "proposal", "digest": digest, "changes": !proposal.is_empty(),
                    })
                    .to_string(),
                ),
            }
            let differs = self.detailed_exit_code && !proposal.is_empty();
            Ok(if differs { Exit::Differs } else { Exit::Done })
        })
    }
}
