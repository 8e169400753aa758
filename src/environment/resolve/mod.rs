//! Deciding everything: drafts, kit and lock become the complete [`Environment`].
//!
//! Each family of values has its file. A family that cannot decide pushes its problems and
//! returns what it can, so that the others still report theirs; nothing is returned to the caller
//! unless nothing at all is wrong.

mod checks;
mod cloud_run;
mod cloud_run_rules;
mod cloud_sql;
mod database;
mod database_wiring;
mod fargate;
mod formats;
mod guards;
mod header;
mod ingress;
mod labels;
mod network;
mod proxy;
mod resolver;
mod routes;
mod schemas;
mod secrets;
mod service;
mod target;
mod target_gcp;
mod variables;
mod wiring;
mod workloads;

use std::sync::Arc;

pub(crate) use cloud_run_rules::needs_remote_images;
pub use guards::{Neighbour, neighbour};
pub(crate) use target_gcp::place_of_bucket;

use self::resolver::Resolver;
use super::draft::Draft;
use super::model::{Environment, Target};
use super::read;
use crate::failure::Failure;
use crate::kit;
use crate::release::read as lock;
use crate::source::{Problems, Source};

/// Everything that an environment is made from.
#[derive(Debug)]
pub struct Inputs<'a> {
    /// `environment.hcl`.
    pub environment: Arc<Source>,
    /// `defaults.hcl`, where there is one.
    pub defaults: Option<Arc<Source>>,
    /// `kit.hcl`.
    pub kit: Arc<Source>,
    /// `kit.lock`.
    pub lock: Arc<Source>,
    /// The actual hash of the kit's tree: [`crate::release::tree::hash`].
    pub tree: String,
    /// The name of the environment's folder.
    pub name: &'a str,
    /// The other environments under the root (G8).
    pub others: Vec<Neighbour>,
}

/// Decides everything. A failure has exit code 2 and shows every problem of all four files.
#[expect(clippy::needless_pass_by_value, reason = "nothing else is decided from them later")]
pub fn resolve(inputs: Inputs<'_>) -> Result<Environment, Failure> {
    let mut problems = Problems::new();
    let draft = read::read(&inputs.environment, inputs.defaults.as_ref(), &mut problems);
    let kit = kit::parse(&inputs.kit, &mut problems);
    let lock = lock::parse_with_places(&inputs.lock, &mut problems);
    if let (Some((lock, places)), Some(kit)) = (&lock, &kit) {
        lock::compare(lock, places, kit, &mut problems);
    }
    let Some(draft) = draft else { return Err(problems.into()) };
    let Some(kit) = kit else { return Err(without_kit(&inputs, &draft, problems).into()) };
    let mut resolver = Resolver::new(&inputs, &draft, &kit, lock.as_ref(), problems);
    let complete = everything(&mut resolver);
    let (problems, origins) = resolver.finish();
    let mut environment = problems.check(complete)?.ok_or_else(|| {
        Failure::failed("the environment could not be resolved, and no problem was found")
            .because("this is a mistake in Landfall")
    })?;
    environment.origins = origins;
    Ok(environment)
}

/// What an environment is pinned to, whatever its kit says: enough to read its bucket.
pub fn pinned_to(
    name: &str,
    environment: &Arc<Source>,
    defaults: Option<&Arc<Source>>,
) -> Result<Target, Failure> {
    let mut problems = Problems::new();
    let draft = read::read(environment, defaults, &mut problems);
    let nothing = Source::new("kit.hcl", NO_KIT);
    let inputs = Inputs {
        environment: Arc::clone(environment),
        defaults: defaults.cloned(),
        kit: Arc::clone(&nothing),
        lock: Arc::clone(&nothing),
        tree: String::new(),
        name,
        others: Vec::new(),
    };
    let kit = kit::parse(&nothing, &mut Problems::new());
    let (Some(draft), Some(kit)) = (draft, kit) else { return Err(problems.into()) };
    let mut resolver = Resolver::new(&inputs, &draft, &kit, None, problems);
    let target = target::target(&mut resolver);
    let (problems, _) = resolver.finish();
    problems.check(target)?.ok_or_else(|| {
        Failure::input(format!("{name} does not say where it is"))
            .next("add the block `aws` or `gcp`")
    })
}

/// The least that is a kit: for what does not depend on one.
const NO_KIT: &str =
    "kit \"kit\" {\n  format = 1\n  title  = \"Kit\"\n}\nrelease { version = \"0.0.0\" }\n";

/// The problems of an environment whose kit cannot be read: of what does not depend on the kit.
fn without_kit(inputs: &Inputs<'_>, draft: &Draft, mut problems: Problems) -> Problems {
    let Some(kit) = kit::parse(&Source::new("kit.hcl", NO_KIT), &mut Problems::new()) else {
        return problems;
    };
    let mut resolver = Resolver::new(inputs, draft, &kit, None, std::mem::take(&mut problems));
    header::identity(&mut resolver);
    let target = target::target(&mut resolver);
    let _ = network::network(&mut resolver, target.as_ref());
    let _ = header::tags(&mut resolver);
    guards::separate(&mut resolver, target.as_ref());
    resolver.finish().0
}

/// A lock that was made before its kit knew this cloud has no provider for it.
fn provider(resolver: &mut Resolver<'_>) {
    let Some((locked, places)) = resolver.lock.filter(|_| resolver.gcp()) else { return };
    let named = resolver.kit.clouds.contains(&resolver.cloud);
    let missing = lock::without_provider(locked, places, resolver.cloud).filter(|_| !named);
    if let Some(problem) = missing {
        resolver.problems.push(problem);
    }
}

/// All families, in the order in which `show` lists their values.
fn everything(resolver: &mut Resolver<'_>) -> Option<Environment> {
    let header = header::header(resolver);
    let target = target::target(resolver);
    provider(resolver);
    let network = network::network(resolver, target.as_ref());
    let ingresses = ingress::ingresses(resolver, target.as_ref());
    let mut databases = database::databases(resolver);
    let mut secrets = secrets::secrets(resolver);
    let facts = wiring::Facts {
        target: target.as_ref(),
        ingresses: &ingresses,
        inputs: variables::inputs(resolver),
    };
    variables::operator_values(resolver);
    let workloads = workloads::workloads(resolver, &facts, &mut databases, &mut secrets);
    let checks = checks::checks(resolver, &facts);
    let tags = header::tags(resolver);
    let drift = header::drift(resolver);
    guards::separate(resolver, target.as_ref());
    Some(Environment {
        name: resolver.name.to_owned(),
        class: resolver.class,
        release: header.release?,
        contact: header.contact,
        size: resolver.size.clone(),
        target: target?,
        network: network?,
        ingresses,
        databases,
        secrets,
        workloads,
        tags,
        checks,
        drift,
        kit: resolver.kit.clone(),
        lock: resolver.lock.map(|(lock, _)| lock.clone())?,
        origins: Vec::new(),
    })
}
