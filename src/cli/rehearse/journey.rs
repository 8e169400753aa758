//! `landfall rehearse --journey`: the life of an installation in a minute. Install, update with a
//! migration, drift that blocks and is taken back, a release that never gets healthy, the way back,
//! a refused rollback, the mended release; each act must end as it should.
//!
//! A preview waives every gate, so it is rehearsed as staging: a journey shows what blocks.

use super::releases::{self, Releases};
use crate::cli::interview::Interview;
use crate::cli::setup::{EngineArguments, start};
use crate::cli::{Format, Global};
use crate::engine::{EngineName, Weight};
use crate::environment::model::{Class, Environment, WorkloadKind};
use crate::failure::{Exit, Failure, Result};
use crate::kit::model::CloudName;
use crate::release::Bundle;
use crate::report::Step;
use crate::run::{self, Verb};
use crate::site::{ENVIRONMENT_FILE, Loaded, Site, Written};

/// How an act must end.
#[derive(Clone, Copy)]
enum End {
    /// Everything is as it was to be.
    Well,
    /// It fails, and what ran before runs again.
    Returned,
    /// It is refused before anything is looked at in the cloud.
    Refused,
    /// A gate stops it before anything is changed.
    Blocked(Step),
}

/// What somebody does.
#[derive(Clone, Copy)]
enum Deed {
    Run(Verb),
    /// Takes drift back.
    Revert,
}

/// One act.
struct Act<'a> {
    title: String,
    deed: Deed,
    release: &'a Bundle,
    faults: Vec<String>,
    end: End,
}

/// Goes through all acts; fails at the first that does not end as it must.
pub(super) async fn journey(global: &Global, site: &Site, loaded: Loaded) -> Result<Exit> {
    let name = loaded.environment.name.clone();
    let releases = Releases::after(&loaded)?;
    let written = with_gates(loaded.written, loaded.environment.class)?;
    let acts = acts(&loaded.environment, &releases);
    let mut told = Vec::new();
    for (number, act) in acts.iter().enumerate() {
        let title = format!("{}  {}", number + 1, act.title);
        crate::cli::say(&format!("\n=== {title}\n"));
        play(global, site, &name, &written, act).await?;
        told.push(title);
    }
    let verdict = format!("{} acts, each ended as it must", acts.len());
    match global.format {
        Format::Human => crate::cli::print(&format!("\n{}\n\n{verdict}", told.join("\n"))),
        Format::Json => crate::cli::print(
            &serde_json::json!({ "type": "journey", "acts": told, "verdict": verdict }).to_string(),
        ),
    }
    Ok(Exit::Done)
}

/// The same environment in a class whose gates stop something.
fn with_gates(written: Written, class: Class) -> Result<Written> {
    if class != Class::Preview {
        return Ok(written);
    }
    let mut body = releases::parse(ENVIRONMENT_FILE, &written.environment)?;
    releases::set(&mut body, "environment", "class", Class::Staging.word().into());
    Ok(Written { environment: body.to_string(), ..written })
}

/// What somebody changes in the console, in words and as a fault: every product has logs.
fn behind_our_back(environment: &Environment) -> Option<(String, String)> {
    let service = environment.workloads.first()?;
    let log = &service.log_group;
    let (whose, fault) = match environment.target.cloud {
        CloudName::Aws => {
            (&*service.name, format!("drift=aws_cloudwatch_log_group[{log}].retention_in_days=1"))
        }
        CloudName::Gcp => (
            "all services",
            "drift=google_logging_project_bucket_config.retention_days=1".to_owned(),
        ),
    };
    Some((format!("somebody shortened the logs of {whose}"), fault))
}

fn acts<'a>(environment: &Environment, releases: &'a Releases) -> Vec<Act<'a>> {
    let act = |title: String, verb, release, end| Act {
        title,
        deed: Deed::Run(verb),
        release,
        faults: Vec::new(),
        end,
    };
    let Releases { first, migrating, broken, mended } = releases;
    let mut acts = vec![
        act(format!("install {}", first.tag), Verb::Install, first, End::Well),
        act(
            format!("update to {}, with a migration", migrating.tag),
            Verb::Update,
            migrating,
            End::Well,
        ),
    ];
    if let Some((what, fault)) = behind_our_back(environment) {
        let title = format!("update to {}: blocked, {what} behind its back", broken.tag);
        let blocked = act(title, Verb::Update, broken, End::Blocked(Step::Drift));
        acts.push(Act { faults: vec![fault], ..blocked });
        let back = act("take that back".to_owned(), Verb::Update, migrating, End::Well);
        acts.push(Act { deed: Deed::Revert, ..back });
    }
    let services = environment.workloads.iter();
    let service =
        services.filter(|it| matches!(it.kind, WorkloadKind::Service(_))).map(|it| &it.name);
    acts.extend(service.take(1).map(|service| Act {
        title: format!(
            "update to {}, whose {service} never gets healthy: it goes back",
            broken.tag
        ),
        deed: Deed::Run(Verb::Update),
        release: broken,
        faults: vec![format!("unhealthy={service}")],
        end: End::Returned,
    }));
    if !environment.kit.schemas.is_empty() {
        acts.push(act(
            format!("rollback to {}: refused, the schema has moved on", first.tag),
            Verb::Rollback,
            first,
            End::Refused,
        ));
    }
    acts.push(act(format!("update to {}", mended.tag), Verb::Update, mended, End::Well));
    acts
}

async fn play(
    global: &Global,
    site: &Site,
    name: &str,
    written: &Written,
    act: &Act<'_>,
) -> Result<()> {
    let tag = &act.release.tag;
    let loaded = site.load_kept(name, written, act.release, tag)?;
    let engine = EngineArguments { engine: EngineName::Simulated, faults: act.faults.clone() };
    let interview = Interview { rehearsal: true, ..Interview::default() };
    let command = match act.deed {
        Deed::Run(verb) => format!("{} {name} {tag}", verb.word()),
        Deed::Revert => format!("drift {name} --revert"),
    };
    let (mut run, _engine) =
        start(global, site, loaded, &engine, Weight::Install, interview, command).await?;
    let ended = match act.deed {
        Deed::Revert => match run::revert(&run).await {
            Ok(Some(_)) => None,
            Ok(None) => Some(Failure::failed("there was nothing to take back")),
            Err(failure) => Some(failure),
        },
        Deed::Run(verb) => {
            run.verb = verb;
            run.retagged = true;
            let ended = match verb {
                Verb::Install | Verb::Rotate => run::install(&run).await,
                Verb::Update | Verb::Rollback => run::update(&mut run, site).await,
            };
            ended.err()
        }
    };
    judge(act, &run, ended)
}

/// Whether an act ended as it must; what it said is shown either way.
fn judge(act: &Act<'_>, run: &run::Run, failure: Option<Failure>) -> Result<()> {
    let returned = run.before.as_ref().is_some_and(|before| {
        let to = format!("went back to {}", before.lock.release.tag);
        failure.iter().flat_map(Failure::reasons).any(|reason| reason.starts_with(&to))
    });
    let touched = run.before.is_some();
    match (act.end, failure) {
        (End::Well, None) => Ok(()),
        (End::Well, Some(failure)) => Err(failure),
        (End::Returned, Some(failure)) if returned && failure.exit() == Exit::Failed => {
            crate::cli::say(&format!("\n{failure}"));
            Ok(())
        }
        (End::Refused, Some(failure)) if !touched => {
            crate::cli::say(&format!("\n{failure}"));
            Ok(())
        }
        (End::Blocked(step), Some(failure)) if run.failed_step() == Some(step) => {
            crate::cli::say(&format!("\n{failure}"));
            Ok(())
        }
        (_, Some(failure)) => Err(failure.because(format!("in the act \"{}\"", act.title))),
        (_, None) => Err(Failure::failed(format!("the act \"{}\" must not end well", act.title))),
    }
}
