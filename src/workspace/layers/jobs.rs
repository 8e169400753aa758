//! The layer of the one-off jobs: bootstrap of every database, migrations, first-install and
//! post jobs. Task definitions only; nothing here fires by itself.

use std::collections::BTreeMap;

use serde_json::json;

use super::{Content, tags, target, workload};
use crate::database;
use crate::environment::model::{Database, Environment, Workload, WorkloadKind};
use crate::failure::{Failure, Result};
use crate::kit::model::{CloudName, Phase};
use crate::workspace::expression::CERTIFICATES_FILE;
use crate::workspace::value::{Value, quote};

/// The script that a bootstrap job runs; the same for every database.
pub(super) const SCRIPT_FILE: &str = "bootstrap.sh";

pub(super) fn content(environment: &Environment, sql: &str) -> Result<Content> {
    let jobs: Vec<&Workload> =
        environment.workloads.iter().filter(|workload| is_one_off(workload)).collect();
    let mut files = BTreeMap::new();
    let mut contexts = Vec::new();
    let mut variables = vec![
        ("target".to_owned(), target(&environment.target)),
        ("tags".to_owned(), tags(environment)),
    ];
    for &job in &jobs {
        let mut context = workload::context(environment, job);
        if let WorkloadKind::DatabaseBootstrap { database: name } = &job.kind {
            let database = environment.databases.get(name).ok_or_else(|| {
                Failure::failed(format!("the bootstrap job names no database: {name}"))
            })?;
            bootstrap(&mut context, database);
            files.insert(sql_file(name), database::bootstrap_sql_from(sql, database)?.into_bytes());
            files.insert(SCRIPT_FILE.to_owned(), database::bootstrap_script(CloudName::Aws).into());
        }
        contexts.push(context);
        variables.push((job.key.clone(), Value::object(workload::values(job))));
    }
    if workload::uses_certificates(jobs.iter().copied()) {
        files.insert(CERTIFICATES_FILE.to_owned(), certificates(environment)?);
    }
    let context = json!({
        "workloads": contexts,
        "secrets": workload::secret_versions(environment),
    });
    Ok(Content { context, variables, files })
}

/// Whether Landfall runs it: everything but services and schedules.
pub(super) fn is_one_off(workload: &Workload) -> bool {
    match &workload.kind {
        WorkloadKind::Service(_) => false,
        WorkloadKind::Job(job) => job.phase != Phase::Schedule,
        WorkloadKind::DatabaseBootstrap { .. } => true,
    }
}

/// The file beside the layer that a database's bootstrap job runs.
pub(crate) fn sql_file(database: &str) -> String {
    format!("bootstrap-{database}.sql")
}

/// The certificates of the region's database servers.
pub(super) fn certificates(environment: &Environment) -> Result<Vec<u8>> {
    let region = &environment.target.region;
    database::rds_ca_bundle(region).map(String::into_bytes).ok_or_else(|| {
        Failure::input(format!("no database certificates are known for the region {region}"))
            .because("this version of Landfall carries them for the commercial regions of 2024")
            .next("use another region, or a Landfall that knows this one")
    })
}

/// A bootstrap job is wired to the managed master and to the files beside the layer.
fn bootstrap(context: &mut serde_json::Value, database: &Database) {
    let name = &database.name;
    let master = format!("var.foundation.databases.{name}.master_secret_arn");
    let from_master = |name: &str, key: &str| json!({ "name": name, "arn": master, "version": null, "required": true, "json_key": key });
    let mut secrets = Vec::new();
    if let Some(key) = &database.verifiers {
        secrets.push(json!({
            "name": "LANDFALL_VERIFIERS",
            "arn": format!("var.foundation.secrets.{key}.arn"),
            "version": format!("var.secret_versions.{key}"),
            "required": true,
            "json_key": null,
        }));
    }
    secrets.push(from_master("PGPASSWORD", "password"));
    secrets.push(from_master("PGUSER", "username"));
    let file = |name: &str| format!("file(\"${{path.module}}/{name}\")");
    context["secrets"] = secrets.into();
    context["arguments"] = json!([file(SCRIPT_FILE)]);
    context["wired"] = json!([
        { "name": "LANDFALL_DATABASE_CA", "expression": file(CERTIFICATES_FILE) },
        { "name": "LANDFALL_SQL", "expression": file(&sql_file(name)) },
        { "name": "PGDATABASE", "expression": quote(database.databases.first().unwrap_or(name)) },
        { "name": "PGHOST", "expression": format!("var.foundation.databases.{name}.host") },
        { "name": "PGPORT", "expression": quote("5432") },
    ]);
}
