//! The three layers of a workspace: for each, what the templates are given (structure) and what
//! goes into `terraform.tfvars` (values).

mod foundation;
mod gcp;
mod jobs;
mod services;
mod workload;

pub(super) use jobs::sql_file;

use std::collections::BTreeMap;

use serde_json::json;

use super::engine::Engine;
use super::value::{Value, tfvars};
use crate::environment::model::{Environment, Target, Workload};
use crate::failure::Result;
use crate::kit::model::CloudName;
use crate::release::provider;

/// A Terraform root with its own state. The order is the order of an install.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// Network, keys, identities, database, secret containers, load balancers.
    Foundation,
    /// Task definitions of the one-off jobs.
    Jobs,
    /// Services, schedules, routes, alarms.
    Services,
}

impl Layer {
    /// All three, in the order of an install.
    pub const ALL: [Self; 3] = [Self::Foundation, Self::Jobs, Self::Services];

    /// Its folder, state key and word in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Foundation => "foundation",
            Self::Jobs => "jobs",
            Self::Services => "services",
        }
    }
}

impl std::fmt::Display for Layer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name())
    }
}

/// What a layer adds to the files that all of them have.
struct Content {
    /// For the layer's templates, beside what every template gets.
    context: serde_json::Value,
    /// In the order of `terraform.tfvars`.
    variables: Vec<(String, Value)>,
    /// Further files beside the Terraform ones.
    files: BTreeMap<String, Vec<u8>>,
}

/// The files of a layer, by name.
pub(super) fn render(
    layer: Layer,
    environment: &Environment,
    engine: &Engine,
    sql: &str,
    modules: &str,
) -> Result<BTreeMap<String, Vec<u8>>> {
    let target = &environment.target;
    let own = match (target.cloud, layer) {
        (CloudName::Aws, Layer::Foundation) => foundation::content(environment),
        (CloudName::Aws, Layer::Jobs) => jobs::content(environment, sql)?,
        (CloudName::Aws, Layer::Services) => services::content(environment)?,
        (CloudName::Gcp, Layer::Foundation) => gcp::foundation(environment),
        (CloudName::Gcp, Layer::Jobs) => gcp::jobs(environment, sql)?,
        (CloudName::Gcp, Layer::Services) => gcp::services(environment),
    };
    let header = header(environment);
    let folder = folder(target.cloud);
    let provider = environment.lock.providers.get(provider(target.cloud));
    let mut context = json!({
        "header": header,
        "modules": modules,
        "layer": layer.name(),
        "bucket": target.bucket,
        "region": target.region,
        "account_id": target.account_id,
        "role": target.roles.install,
        "aws_constraints": provider.map(|provider| &provider.constraints),
        "constraints": provider.map(|provider| &provider.constraints),
    });
    if let (Some(all), Some(more)) = (context.as_object_mut(), own.context.as_object()) {
        all.extend(more.clone());
    }
    let mut files = own.files;
    for (file, template) in [
        ("main.tf", format!("{folder}/{layer}/main.tf.tera")),
        ("variables.tf", format!("{folder}/{layer}/variables.tf.tera")),
        ("outputs.tf", format!("{folder}/{layer}/outputs.tf.tera")),
        ("versions.tf", format!("{folder}/shared/versions.tf.tera")),
        ("backend.tf", format!("{folder}/shared/backend.tf.tera")),
    ] {
        files.insert(file.to_owned(), engine.terraform(&template, &context)?.into_bytes());
    }
    let values = tfvars(&format!("{header}\n"), &own.variables);
    files.insert("terraform.tfvars".to_owned(), values.into_bytes());
    let locked = super::lock_file::text(&environment.lock, target.cloud);
    files.insert(".terraform.lock.hcl".to_owned(), locked.into());
    Ok(files)
}

/// The folder of a cloud's templates and modules.
pub(super) fn folder(cloud: CloudName) -> &'static str {
    match cloud {
        CloudName::Aws => "aws",
        CloudName::Gcp => "gcp",
    }
}

/// The first line of every rendered file. It names the release, not this program: a newer
/// Landfall renders the same bytes.
pub(super) fn header(environment: &Environment) -> String {
    format!(
        "# Rendered by Landfall from {} {} for {}. Do not edit: change environment.hcl, then run `landfall render {}`.",
        environment.kit.name, environment.release, environment.name, environment.name
    )
}

fn target(target: &Target) -> Value {
    Value::object([
        ("account_id", Value::from(&target.account_id)),
        ("partition", Value::from(&target.partition)),
        ("region", Value::from(&target.region)),
    ])
}

fn tags(environment: &Environment) -> Value {
    Value::object(environment.tags.iter().map(|(key, value)| (key.clone(), Value::from(value))))
}

/// `service web`, `job migrate`, as the descriptions say it.
fn title(workload: &Workload) -> String {
    workload.key.replacen('_', " ", 1)
}
