//! `landfall rehearse`: the whole journey on a simulated cloud, with the real terraform.

mod journey;
mod releases;

use super::interview::Interview;
use super::setup::{EngineArguments, block_on, current_folder, start};
use super::{Global, install};
use crate::demo;
use crate::engine::{EngineName, Weight};
use crate::environment::model::{Environment, MANAGED_CERTIFICATE, SecretValue};
use crate::failure::{Exit, Result};
use crate::fs;
use crate::kit::model::CloudName;
use crate::run;
use crate::site::Site;

/// Rehearse a whole install on a simulated cloud
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Nothing real is read or changed: no account, no credentials, no network. A green rehearsal shows
wiring, order and argument rules, not that the cloud accepts every value.")]
pub(super) struct Rehearse {
    /// Environment (default: the first; outside of a repository, the demo)
    name: Option<String>,
    /// Let something go wrong, such as `create=aws_nat_gateway`, `job=migrate:exit=1` or
    /// `unhealthy=web`; may be given more than once
    #[arg(long = "fault", value_name = "FAULT", conflicts_with = "journey")]
    faults: Vec<String>,
    /// Go on after the install: updates to made-up releases, one that fails, the way back
    #[arg(long)]
    journey: bool,
}

impl Rehearse {
    pub(super) fn run(self, global: &Global) -> Result<Exit> {
        let site = match global.site() {
            Err(_) if global.root.is_none() && self.name.is_none() => demo_site()?,
            site => site?,
        };
        let name = choose(&site, self.name.as_deref())?;
        let loaded = site.load(&name)?;
        // A rehearsal begins at the beginning; `install --engine simulated` goes on from it.
        fs::remove_folder(&site.rehearsal(&name))?;
        if self.journey {
            return block_on(journey::journey(global, &site, loaded));
        }
        let engine = EngineArguments { engine: EngineName::Simulated, faults: self.faults };
        block_on(async {
            let interview = Interview { rehearsal: true, ..Interview::default() };
            let command = format!("rehearse {name}");
            let weight = Weight::Install;
            let (run, _engine) =
                start(global, &site, loaded, &engine, weight, interview, command).await?;
            let installed = run::install(&run).await?;
            install::finish(global, &run, &installed);
            if global.format == super::Format::Human {
                super::say(&format!("\n{}", real_install(&run.environment)));
            }
            Ok(Exit::Done)
        })
    }
}

/// The environment that is meant. A rehearsal harms nobody, so of several the first is taken, aloud.
fn choose(site: &Site, given: Option<&str>) -> Result<String> {
    let names = site.names()?;
    match (given, names.as_slice()) {
        (None, [first, others @ ..]) if !others.is_empty() => {
            super::say(&format!("rehearsing {first}; name another: {}", others.join(", ")));
            Ok(first.clone())
        }
        _ => site.choose(given),
    }
}

/// What a real install would ask for that the rehearsal made up.
fn real_install(environment: &Environment) -> String {
    let mut lines = vec!["a real install would ask for".to_owned()];
    let target = &environment.target;
    let cloud = match target.cloud {
        CloudName::Aws => "AWS account",
        CloudName::Gcp => "Google Cloud project",
    };
    lines.push(format!("  a login to {cloud} {} in {}", target.account_id, target.region));
    for ingress in environment.ingresses.values() {
        match &ingress.certificate {
            Some(managed) if managed == MANAGED_CERTIFICATE => {
                lines.push(format!(
                    "  a DNS record for {}, so that Google issues its certificate",
                    ingress.host
                ));
            }
            Some(_) => lines.push(format!("  the issued certificate of {}", ingress.host)),
            None => lines.push(format!(
                "  nothing for {}: plain HTTP, outside production only",
                ingress.host
            )),
        }
    }
    for secret in environment.secrets.values() {
        if let SecretValue::Supplied { .. } = secret.value {
            lines.push(format!("  the secret {}: {}", secret.key, secret.description));
        }
    }
    lines.push("  your approval of the plan".to_owned());
    lines.push(format!("\nnext  landfall install {}", environment.name));
    lines.join("\n")
}

/// The demo, outside of any repository: in `landfall-demo` under the current folder.
fn demo_site() -> Result<Site> {
    let current = current_folder()?;
    let root = current.join("landfall-demo");
    demo::write(&root)?;
    super::say(&format!("no environments here: rehearsing the demo in {}", root.display()));
    Site::find(Some(&root), &current)
}
