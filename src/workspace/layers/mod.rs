//! The three layers of a workspace: for each, what the templates are given (structure) and what
//! goes into `terraform.tfvars` (values).

mod foundation;
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
    let own = match layer {
        Layer::Foundation => foundation::content(environment),
        Layer::Jobs => jobs::content(environment, sql)?,
        Layer::Services => services::content(environment)?,
    };
    let header = header(environment);
    let target = &environment.target;
    let mut context = json!({
        "header": header,
        "modules": modules,
        "layer": layer.name(),
        "bucket": target.bucket,
        "region": target.region,
        "account_id": target.account_id,
        "role": target.roles.install,
        "aws_constraints": environment.lock.providers.get(AWS).map(|aws| &aws.constraints),
    });
    if let (Some(all), Some(more)) = (context.as_object_mut(), own.context.as_object()) {
        all.extend(more.clone());
    }
    let mut files = own.files;
    for (file, template) in [
        ("main.tf", format!("aws/{layer}/main.tf.tera")),
        ("variables.tf", format!("aws/{layer}/variables.tf.tera")),
        ("outputs.tf", format!("aws/{layer}/outputs.tf.tera")),
        ("versions.tf", "aws/shared/versions.tf.tera".to_owned()),
        ("backend.tf", "aws/shared/backend.tf.tera".to_owned()),
    ] {
        files.insert(file.to_owned(), engine.terraform(&template, &context)?.into_bytes());
    }
    let values = tfvars(&format!("{header}\n"), &own.variables);
    files.insert("terraform.tfvars".to_owned(), values.into_bytes());
    files
        .insert(".terraform.lock.hcl".to_owned(), super::lock_file::text(&environment.lock).into());
    Ok(files)
}

/// The provider that every layer uses.
pub(super) const AWS: &str = "registry.terraform.io/hashicorp/aws";

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
