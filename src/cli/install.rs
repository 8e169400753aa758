//! `landfall install`: the whole way, or on from where the last run stopped.

use super::answers;
use super::interview::Interview;
use super::setup::{EngineArguments, block_on, start};
use super::{Format, Global};
use crate::engine::{EngineName, Weight};
use crate::failure::{Exit, Result};
use crate::receipt::Receipt;
use crate::report::plural;
use crate::run::gates::{self, Waivers, WorkTree};
use crate::run::{self, Installed, Run, Verb};
use crate::site::{Loaded, Site};

/// Install an environment, or go on where the last run stopped
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Resume is running the same command again: what holds is proved and skipped, the rest is done.")]
pub(super) struct Install {
    /// Environment (default: the only one)
    name: Option<String>,
    #[command(flatten)]
    journey: Journey,
}

/// What commands have in common that change an environment.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Journey {
    /// Values of supplied secrets: a file of mode 0600, or `-` for standard input;
    /// lines KEY=VALUE, or one JSON object
    #[arg(long, value_name = "FILE|-")]
    secrets: Option<String>,
    /// Approve the plan with this digest, as `landfall plan` printed it
    #[arg(long, value_name = "DIGEST")]
    approve: Option<String>,
    /// Accept that this resource, which holds data, is destroyed; once for each
    #[arg(long = "accept-loss", value_name = "ADDRESS", requires = "approve")]
    losses: Vec<String>,
    /// Go on all the same, in staging: `drift=REASON` or `uncommitted=REASON`; the receipt keeps it
    #[arg(long = "waive", value_name = "WHAT=REASON")]
    waivers: Vec<String>,
    /// Commit what you changed of this environment, except in production
    #[arg(long)]
    commit: bool,
    /// Accept that releases are signed by another key from now on, or by `none`
    #[arg(long, value_name = "FINGERPRINT")]
    accept_signer: Option<String>,
    #[command(flatten)]
    engine: EngineArguments,
}

impl Install {
    pub(super) fn run(self, global: &Global) -> Result<Exit> {
        let site = global.site()?;
        let name = site.choose(self.name.as_deref())?;
        let loaded = site.load(&name)?;
        self.journey.run(global, &site, loaded, Verb::Install, None)
    }
}

impl Journey {
    /// Which cloud it goes to.
    pub(super) fn engine(&self) -> EngineName {
        self.engine.engine
    }

    /// Whether the plan was approved on another day, by its digest.
    pub(super) fn is_approved(&self) -> bool {
        self.approve.is_some()
    }

    /// Asks, goes the whole way, says what runs at its end. `release` is the one that was named on
    /// the command line.
    pub(super) fn run(
        self,
        global: &Global,
        site: &Site,
        loaded: Loaded,
        verb: Verb,
        release: Option<&str>,
    ) -> Result<Exit> {
        let name = loaded.environment.name.clone();
        let waivers = Waivers::parse(&self.waivers)?;
        let interview = Interview {
            can_ask: global.can_ask(),
            rehearsal: false,
            secrets: answers::secrets(self.secrets.as_deref())?,
            approve: self.approve,
            losses: self.losses,
        };
        block_on(async {
            let tree = WorkTree {
                root: site.root(),
                name: &name,
                class: loaded.environment.class,
                waivers: &waivers,
                commit: self.commit,
            };
            let passed = gates::work_tree(&tree).await?;
            let release = release.map(|tag| format!(" {tag}")).unwrap_or_default();
            let command = format!("{} {name}{release}", verb.word());
            let weight = Weight::Install;
            let (mut run, _engine) =
                start(global, site, loaded, &self.engine, weight, interview, command).await?;
            run.verb = verb;
            run.retagged = !release.is_empty();
            run.accepted_signer = self.accept_signer;
            run.waivers = waivers;
            run.passes(passed);
            let installed = match verb {
                Verb::Install | Verb::Rotate => run::install(&run).await?,
                Verb::Update | Verb::Rollback => run::update(&mut run, site).await?,
            };
            finish(global, &run, &installed);
            Ok(Exit::Done)
        })
    }
}

/// What a person sees at the end: what runs, where the receipt is, what to do now.
pub(super) fn finish(global: &Global, run: &Run, installed: &Installed) {
    if global.format == Format::Json {
        if let Ok(line) = serde_json::to_string(&installed.receipt) {
            super::print(&line);
        }
        return;
    }
    super::print(&summary(&installed.receipt));
    if installed.changed {
        super::say(&format!("\nreceipt  {}", run.run_folder().join("receipt.json").display()));
    }
    if !run.is_simulated() {
        let name = &run.environment.name;
        super::say("\nnow");
        for record in &installed.receipt.dns_records {
            super::say(&format!("  make the DNS record {} CNAME {}", record.host, record.target));
        }
        if installed.changed {
            super::say(&format!("  git add environments/{name} environments/.modules"));
            super::say(&format!("  git commit -m \"{name}: {}\"", installed.receipt.release.tag));
        }
    }
}

/// A line for each service: name, digest, health.
pub(super) fn summary(receipt: &Receipt) -> String {
    let width = receipt.services.iter().map(|proof| proof.service.len()).max().unwrap_or(0);
    let mut lines = vec![format!(
        "{} {} runs in {}, {}",
        receipt.release.kit, receipt.release.tag, receipt.caller.account, receipt.caller.region
    )];
    for proof in &receipt.services {
        let digest: String = proof.digest.chars().take(19).collect();
        lines.push(format!(
            "  {:width$}  {digest}  {}, {}",
            proof.service,
            plural(proof.tasks, "task"),
            proof.health
        ));
    }
    lines.join("\n")
}
