//! Services, jobs and the bootstrap job of each database.

use std::collections::BTreeMap;

use super::database_wiring::{self, login};
use super::header::kit_origin;
use super::proxy::{proxies_of, sql_proxy};
use super::resolver::Resolver;
use super::secrets::{Secrets, container_name, key as secret_key};
use super::service;
use super::variables;
use super::wiring::{Consumer, Evaluator, Facts, Value};
use super::{cloud_run, cloud_run_rules, fargate};
use super::{routes, schemas};
use crate::environment::draft::Override;
use crate::environment::model::{
    Database, Job, Registry, Schedule, SecretContainer, SecretValue, SqlProxy, Variable, Wiring,
    Workload, WorkloadKind,
};
use crate::kit::cron;
use crate::kit::model::{Job as KitJob, Process, Service as KitService, ServiceSize};
use crate::name::name;
use crate::release::lock::LockedImage;

/// Longest id of a service account.
const LONGEST_ACCOUNT: usize = 30;

/// What the bootstrap job gets: the least that Fargate has, it runs `psql`.
const BOOTSTRAP: (u32, u32) = (256, 512);

/// All workloads; logins and their containers are added to `databases` and `secrets`.
pub(super) fn workloads(
    resolver: &mut Resolver<'_>,
    facts: &Facts<'_>,
    databases: &mut BTreeMap<String, Database>,
    secrets: &mut Secrets,
) -> Vec<Workload> {
    let kit = resolver.kit;
    unknown_overrides(resolver);
    let mut routes = routes::routes(resolver, facts);
    let mut builder = Builder { resolver, facts, databases, secrets };
    let mut workloads = Vec::new();
    for service in &kit.services {
        let routes = routes.remove(&service.process.name).unwrap_or_default();
        workloads.extend(builder.service(service, routes));
    }
    for job in &kit.jobs {
        workloads.extend(builder.job(job));
    }
    for database in kit.databases.keys() {
        builder.verifiers(database);
        workloads.extend(builder.bootstrap(database));
    }
    workloads
}

fn unknown_overrides(resolver: &mut Resolver<'_>) {
    let (kit, draft) = (resolver.kit, resolver.draft);
    for ((kind, name), given) in &draft.overrides {
        let names: Vec<&str> = match kind.as_str() {
            "service" => kit.services.iter().map(|it| it.process.name.as_str()).collect(),
            "job" => kit.jobs.iter().map(|it| it.process.name.as_str()).collect(),
            _ => {
                resolver.problem(
                    given.place.clone(),
                    format!("`override \"{kind}\" \"{name}\"`"),
                    "only services and jobs can be overridden, with a closed list of values",
                    "write `override \"service\" \"web\" { replicas = 4 }`",
                );
                continue;
            }
        };
        if !names.contains(&name.as_str()) {
            resolver.unknown(given.place.as_ref(), kind, &format!("{kind}s"), name, names);
        }
    }
}

/// What is the same for all workloads while they are built.
struct Builder<'r, 'a> {
    resolver: &'r mut Resolver<'a>,
    facts: &'r Facts<'r>,
    databases: &'r mut BTreeMap<String, Database>,
    secrets: &'r mut Secrets,
}

impl<'a> Builder<'_, 'a> {
    fn service(&mut self, kit: &'a KitService, routes: routes::Routes) -> Option<Workload> {
        let process = &kit.process;
        let key = format!("service.{}", process.name);
        let consumer =
            Consumer { key: &key, name: &process.name, owner: false, uses: &process.uses };
        if !self.wanted(process, consumer) {
            return None;
        }
        let sized = kit.sizes.get(&self.resolver.size);
        let mut variables = self.variables(process, consumer);
        let over = self.resolver.draft.overrides.get(&("service".to_owned(), process.name.clone()));
        let scaling = service::scaling(self.resolver, &key, kit, sized, over);
        schemas::at_start(self.resolver, kit, scaling.max);
        cloud_run_rules::service(self.resolver, kit, &routes);
        for port in kit.ports.values() {
            if let Some(name) = &port.number_env {
                let number = port.number.to_string();
                variables::reserve(self.resolver, name, &process.place);
                variables::fixed(
                    self.resolver,
                    &key,
                    name,
                    number,
                    Some(&process.place),
                    &mut variables,
                );
            }
        }
        let kind = service::service(self.resolver, self.facts, kit, scaling, routes);
        let size = self.size(process, &key, sized, over);
        let image = self.image(process, kit.arm64.then_some("linux/arm64"));
        let kind = WorkloadKind::Service(Box::new(kind?));
        self.workload(process, consumer, kind, image?, size?, variables)
    }

    fn job(&mut self, kit: &'a KitJob) -> Option<Workload> {
        let process = &kit.process;
        let key = format!("job.{}", process.name);
        let consumer =
            Consumer { key: &key, name: &process.name, owner: kit.db_owner, uses: &process.uses };
        if !self.wanted(process, consumer) {
            return None;
        }
        let variables = self.variables(process, consumer);
        let over = self.resolver.draft.overrides.get(&("job".to_owned(), process.name.clone()));
        if let Some(given) = over.and_then(|over| over.replicas.as_ref().or(over.max.as_ref())) {
            self.resolver.problem(
                given.place.clone(),
                format!("{key} has no number of replicas"),
                "a job runs once, or by its schedule",
                "write `cpu` and `memory` only",
            );
        }
        cloud_run_rules::job(self.resolver, kit);
        let schedule = kit.schedule.as_ref().map(|expression| self.schedule(kit, &key, expression));
        let kind = WorkloadKind::Job(Job {
            phase: kit.phase,
            order: kit.order,
            timeout: kit.timeout,
            retries: kit.retries,
            schedule,
        });
        let size = self.size(process, &key, None, over);
        let image = self.image(process, None);
        self.workload(process, consumer, kind, image?, size?, variables)
    }

    fn schedule(&mut self, kit: &KitJob, key: &str, expression: &str) -> Schedule {
        let part = &kit.process.name;
        let resolver = &mut *self.resolver;
        let account = resolver.gcp().then(|| {
            let account = name(resolver.name, &format!("{part}-schedule"), LONGEST_ACCOUNT);
            let owner = format!("the schedule of {key}");
            resolver.claim("service account", account, &owner, Some(&kit.process.place))
        });
        let expression = if resolver.gcp() {
            cron::to_unix(expression)
        } else {
            cron::to_eventbridge(expression)
        };
        Schedule {
            name: name(resolver.name, part, 64),
            expression: expression.unwrap_or_default(),
            timezone: kit.timezone.clone(),
            account,
        }
    }

    /// Landfall's own job: it makes roles, grants and extensions as the managed master.
    fn bootstrap(&mut self, database: &str) -> Option<Workload> {
        let resolver = &mut *self.resolver;
        let (lock, places) = resolver.lock?;
        let name = format!("bootstrap_{database}");
        let owner = format!("the bootstrap job of database.{database}");
        let what = "the image of the PostgreSQL client";
        let (image, registry) = cloud_run_rules::image(
            resolver,
            places.get("client.postgres"),
            what,
            &lock.postgres_client,
        )?;
        let (cpu_units, memory_mib) = if resolver.gcp() { cloud_run::LEAST } else { BOOTSTRAP };
        let (resource_name, role_name, log_group) = names(resolver, &name, &owner, None);
        let mut variables = BTreeMap::new();
        identity(resolver, &format!("job.{name}"), &mut variables);
        Some(Workload {
            key: format!("job_{}", name.replace('-', "_")),
            name,
            resource_name,
            role_name,
            log_group,
            kind: WorkloadKind::DatabaseBootstrap { database: database.to_owned() },
            image,
            registry,
            pull_secret: None,
            command: Vec::new(),
            args: Vec::new(),
            cpu_units,
            memory_mib,
            architecture: architecture(&lock.postgres_client, false),
            uid: None,
            writable_root: false,
            writable_paths: Vec::new(),
            variables,
            databases: BTreeMap::new(),
            proxies: Vec::new(),
            place: None,
        })
    }

    /// The container of the SCRAM verifiers, for a database with password logins.
    fn verifiers(&mut self, database: &str) {
        let Some(resolved) = self.databases.get_mut(database) else { return };
        if !resolved.password || resolved.logins.is_empty() {
            return;
        }
        let key = format!("database_{}_verifiers", database.replace('-', "_"));
        resolved.verifiers = Some(key.clone());
        let container = SecretContainer {
            name: container_name(self.resolver, &key),
            key: key.clone(),
            description: format!("SCRAM verifiers of the logins of database {database}"),
            value: SecretValue::DatabaseVerifiers { database: database.to_owned() },
            required: true,
            immutable: false,
            show_once: false,
        };
        self.secrets.insert(key, container);
    }

    /// An evaluator for one consumer.
    fn evaluator<'s>(
        &'s mut self,
        process: &'s Process,
        consumer: Consumer<'s>,
    ) -> Evaluator<'s, 'a> {
        Evaluator {
            resolver: self.resolver,
            facts: self.facts,
            consumer: Some(consumer),
            databases: self.databases,
            secrets: self.secrets,
            at: &process.place,
        }
    }

    /// Whether its `when` holds.
    fn wanted(&mut self, process: &'a Process, consumer: Consumer<'_>) -> bool {
        let mut evaluator = self.evaluator(process, consumer);
        process.when.as_ref().is_none_or(|when| evaluator.condition(when) == Some(true))
    }

    /// Everything that the process finds in its environment.
    fn variables(
        &mut self,
        process: &'a Process,
        consumer: Consumer<'_>,
    ) -> BTreeMap<String, Variable> {
        let mut variables = BTreeMap::new();
        let mut evaluator = self.evaluator(process, consumer);
        variables::received(&mut evaluator, consumer, &mut variables);
        schemas::off(self.resolver, consumer, &mut variables);
        let mut evaluator = self.evaluator(process, consumer);
        variables::set(&mut evaluator, consumer, &process.set, &mut variables);
        database_wiring::options(self.resolver, consumer, self.databases, &mut variables);
        identity(self.resolver, consumer.key, &mut variables);
        variables
    }

    fn args(&mut self, process: &'a Process, consumer: Consumer<'_>) -> Vec<Wiring> {
        let mut evaluator = self.evaluator(process, consumer);
        let mut args = Vec::new();
        for expression in &process.args {
            match evaluator.evaluate(expression) {
                Some(Value::Known(json)) => args.push(Wiring::Plain(super::formats::plain(&json))),
                Some(Value::Later(Wiring::Secret(_))) => {
                    let key = consumer.key;
                    let _: Option<()> = evaluator.refuse(
                        format!("an argument of {key} is a secret"),
                        "arguments are shown by every console and process list",
                        "give it to the process as a variable",
                    );
                }
                Some(Value::Later(wiring)) => args.push(wiring),
                Some(Value::Absent) | None => {}
            }
        }
        args
    }

    /// CPU units and memory that Fargate or Cloud Run has.
    fn size(
        &mut self,
        process: &Process,
        key: &str,
        sized: Option<&ServiceSize>,
        over: Option<&Override>,
    ) -> Option<(u32, u32)> {
        let (mut cpu, mut memory) = (process.cpu, process.memory_mib);
        let mut origin = (format!("{key}.cpu"), format!("{key}.memory"));
        if let Some(sized) = sized {
            (cpu, memory) = (sized.cpu, sized.memory_mib);
            origin = (format!("{key}.sizes"), format!("{key}.sizes"));
        }
        let given_cpu = over.and_then(|over| over.cpu.as_ref());
        let given_memory = over.and_then(|over| over.memory_mib.as_ref());
        cpu = given_cpu.map_or(cpu, |given| given.value);
        memory = given_memory.map_or(memory, |given| given.value);
        let resolver = &mut *self.resolver;
        let origin = (kit_origin(resolver, &origin.0), kit_origin(resolver, &origin.1));
        let fit =
            if resolver.gcp() { cloud_run::fit(cpu, memory) } else { fargate::fit(cpu, memory) };
        // Cloud Run may give more than was asked for.
        let got = fit.as_ref().ok().filter(|_| resolver.gcp()).copied();
        let got_cpu = got.map_or(cpu, |(units, _)| f64::from(units) / 1024.0);
        let got_memory = got.map_or(memory, |(_, mib)| mib.into());
        let at = given_cpu.map(|given| &given.place);
        resolver.origins.written_or(format!("{key}.cpu"), got_cpu, at, &origin.0);
        let at = given_memory.map(|given| &given.place);
        let shown = fargate::shown(got_memory);
        resolver.origins.written_or(format!("{key}.memory"), shown, at, &origin.1);
        match fit {
            Ok(size) => Some(size),
            Err((why, help)) => {
                let at =
                    given_cpu.map(|given| &given.place).or(given_memory.map(|given| &given.place));
                let at = at.or_else(|| resolver.in_kit(&format!("{key}.memory"))).cloned();
                let shown = fargate::shown(memory);
                resolver.problem(at, format!("{key} has {cpu} vCPU and {shown}"), why, help);
                None
            }
        }
    }

    /// The locked image, if it is locked for the platform that is needed.
    fn image(
        &mut self,
        process: &Process,
        platform: Option<&str>,
    ) -> Option<(LockedImage, Option<Registry>)> {
        let (lock, places) = self.resolver.lock?;
        let image = lock.images.get(&process.image)?;
        let gcp = self.resolver.gcp();
        let platform = platform.unwrap_or(match architecture(image, false) {
            "ARM64" if !gcp => "linux/arm64",
            _ => "linux/amd64",
        });
        if !image.platforms.is_empty() && !image.platforms.contains_key(platform) {
            let known: Vec<&str> = image.platforms.keys().map(String::as_str).collect();
            self.resolver.problem(
                places.get(&format!("image.{}", process.image)).cloned(),
                format!("image \"{}\" is not locked for {platform}", process.image),
                format!("{} runs there; the lock has {}", process.name, known.join(", ")),
                "build the image for it and run `landfall release pin`, or change `arch`",
            );
        }
        let at = self.resolver.in_kit(&format!("image.{}", process.image));
        let what = format!("image \"{}\"", process.image);
        cloud_run_rules::image(self.resolver, at, &what, image)
    }

    fn workload(
        &mut self,
        process: &'a Process,
        consumer: Consumer<'_>,
        kind: WorkloadKind,
        (image, registry): (LockedImage, Option<Registry>),
        (cpu_units, memory_mib): (u32, u32),
        variables: BTreeMap<String, Variable>,
    ) -> Option<Workload> {
        let args = self.args(process, consumer);
        let databases = self.logins(process, consumer);
        let proxies = self.proxies(process, consumer)?;
        let (resource_name, role_name, log_group) =
            names(self.resolver, &process.name, consumer.key, Some(&process.place));
        let spec = self.resolver.kit.images.get(&process.image)?;
        cloud_run_rules::pull_secret(self.resolver, process, spec);
        let arm64 = matches!(consumer.key.split_once('.'), Some(("service", _)))
            && self
                .resolver
                .kit
                .services
                .iter()
                .any(|it| it.process.name == process.name && it.arm64);
        Some(Workload {
            name: process.name.clone(),
            key: consumer.key.replace(['.', '-'], "_"),
            resource_name,
            role_name,
            log_group,
            kind,
            architecture: architecture(&image, arm64),
            image,
            registry,
            pull_secret: spec.pull_secret.as_deref().map(secret_key),
            command: process.command.clone(),
            args,
            cpu_units,
            memory_mib,
            uid: spec.uid,
            writable_root: spec.writable_root,
            writable_paths: spec.writable.keys().cloned().collect(),
            variables,
            databases,
            proxies,
            place: Some(process.place.clone()),
        })
    }

    /// The proxies beside it, one for each database that it reaches through one.
    fn proxies(&mut self, process: &'a Process, consumer: Consumer<'_>) -> Option<Vec<SqlProxy>> {
        let mut proxies = Vec::new();
        for (database, port) in proxies_of(self.databases, consumer) {
            let image = sql_proxy(self.resolver, process, consumer, &database)?;
            proxies.push(SqlProxy { database, port, image });
        }
        Some(proxies)
    }

    /// One login for each database that it uses.
    fn logins(&mut self, process: &'a Process, consumer: Consumer<'_>) -> BTreeMap<String, String> {
        let mut evaluator = self.evaluator(process, consumer);
        let used = process.uses.iter().filter_map(|used| match used.as_slice() {
            [kind, name, ..] if kind == "database" => Some(name),
            _ => None,
        });
        used.filter_map(|name| Some((name.clone(), login(&mut evaluator, name, false)?))).collect()
    }
}

/// Name in the cloud, prefix of the roles, log group.
///
/// On Google Cloud a service account's id has 6 to 30 characters, and what a service, a job or a
/// worker pool writes is found by the name it has.
fn names(
    resolver: &mut Resolver<'_>,
    part: &str,
    owner: &str,
    place: Option<&crate::source::Place>,
) -> (String, String, String) {
    let resource = resolver.claim("name", name(resolver.name, part, 48), owner, place);
    if resolver.gcp() {
        let account = name(resolver.name, part, LONGEST_ACCOUNT);
        let account = resolver.claim("service account", account, owner, place);
        return (resource.clone(), account, resource);
    }
    let log_group = format!("/landfall/{}/{}", resolver.name, part.replace('_', "-"));
    (resource, name(resolver.name, part, 50), log_group)
}

/// `ARM64` if asked for, or if the image has nothing else.
fn architecture(image: &LockedImage, arm64: bool) -> &'static str {
    let has = |platform| image.platforms.contains_key(platform);
    if arm64 || (has("linux/arm64") && !has("linux/amd64")) { "ARM64" } else { "X86_64" }
}

/// The product can assert at its start where it is (G8, A7).
fn identity(resolver: &mut Resolver<'_>, key: &str, variables: &mut BTreeMap<String, Variable>) {
    let (name, class) = (resolver.name, resolver.class.word());
    variables::fixed(resolver, key, "LANDFALL_ENVIRONMENT", name, None, variables);
    variables::fixed(resolver, key, "LANDFALL_CLASS", class, None, variables);
}
