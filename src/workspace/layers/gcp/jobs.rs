//! The layer of the one-off jobs on Google Cloud: Cloud Run jobs, and nothing that fires by itself.

use std::collections::BTreeMap;

use serde_json::json;

use super::super::jobs::{SCRIPT_FILE, is_one_off, sql_file};
use super::super::workload::{secret_versions, values as common};
use super::{Content, tags, target, workload};
use crate::database;
use crate::environment::model::{Database, Environment, Workload, WorkloadKind};
use crate::failure::{Failure, Result};
use crate::kit::model::CloudName;
use crate::workspace::value::{Value, quote};

/// What the layer's templates are given, its `terraform.tfvars`, and the files of the bootstrap.
pub(in super::super) fn content(environment: &Environment, sql: &str) -> Result<Content> {
    let mut files = BTreeMap::new();
    let mut contexts = Vec::new();
    let mut variables = vec![
        ("target".to_owned(), target(&environment.target)),
        ("tags".to_owned(), tags(environment)),
    ];
    for job in environment.workloads.iter().filter(|workload| is_one_off(workload)) {
        let mut context = workload::context(environment, job);
        if let WorkloadKind::DatabaseBootstrap { database: name } = &job.kind {
            let database = environment.databases.get(name).ok_or_else(|| {
                Failure::failed(format!("the bootstrap job names no database: {name}"))
            })?;
            bootstrap(&mut context, job, database);
            files.insert(sql_file(name), database::bootstrap_sql_from(sql, database)?.into_bytes());
            let script = database::bootstrap_script(CloudName::Gcp);
            files.insert(SCRIPT_FILE.to_owned(), script.into_bytes());
        }
        contexts.push(context);
        let mut values = workload::values(job, common(job));
        values.extend(workload::limits(job));
        variables.push((job.key.clone(), Value::object(values)));
    }
    let context = json!({ "workloads": contexts, "secrets": secret_versions(environment) });
    Ok(Content { context, variables, files })
}

/// A bootstrap job logs in as the user of its own service account, and is told who else there is.
fn bootstrap(context: &mut serde_json::Value, job: &Workload, database: &Database) {
    let name = &database.name;
    let file = |name: &str| format!("file(\"${{path.module}}/{name}\")");
    let user =
        |workload: &str| format!("var.foundation.workloads.{workload}.database_users.{name}");
    let server = |field: &str| format!("var.foundation.databases.{name}.{field}");
    let mut wired = vec![("LANDFALL_DATABASE_CA".to_owned(), server("server_ca"))];
    wired.push(("LANDFALL_SQL".to_owned(), file(&sql_file(name))));
    for workload in database.logins.keys() {
        wired.push((database::user_variable(workload), user(workload)));
    }
    wired.extend([
        ("PGDATABASE".to_owned(), quote(database.databases.first().unwrap_or(name))),
        ("PGHOST".to_owned(), server("host")),
        ("PGPORT".to_owned(), quote("5432")),
        ("PGUSER".to_owned(), user(&job.key)),
    ]);
    let wired = wired.into_iter().map(|(name, value)| json!({ "name": name, "expression": value }));
    context["arguments"] = json!([file(SCRIPT_FILE)]);
    context["wired"] = wired.collect();
}
