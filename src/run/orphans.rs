//! What is in the account but not in terraform's state: made by a terraform that was killed before
//! it could write that down. Applying again would make it a second time, or fail on its name; so
//! each is named with the `import` that takes it over.

use super::context::Run;
use crate::approval::ProposedLayer;
use crate::cloud::TaggedResource;
use crate::failure::{Failure, Result};
use crate::kit::model::CloudName;
use crate::plan::{Action, LayerPlan};
use crate::report::plural;
use crate::workspace::Layer;

/// How one cloud marks and names what belongs to an environment.
struct Marks {
    /// The tag, or label, that every resource of an environment carries.
    tag: &'static str,
    /// The one type that is looked for by its name.
    account: &'static str,
    /// Takes a full name apart.
    import: fn(&str) -> Option<(&'static str, String)>,
    /// Whether a name is the resource's own for ever: only what has the planned name is in its way.
    by_name: bool,
    /// What would happen if nobody looked.
    otherwise: &'static str,
}

const AWS: Marks = Marks {
    tag: "landfall:environment",
    account: "aws_iam_role",
    import: import_on_aws,
    by_name: false,
    otherwise: "going on would make it a second time",
};

const GOOGLE: Marks = Marks {
    tag: "landfall-environment",
    account: "google_service_account",
    import: import_on_google,
    by_name: true,
    otherwise: "going on would fail, because its name is taken",
};

/// The marks of an environment's cloud.
fn marks(run: &Run) -> &'static Marks {
    match run.environment.target.cloud {
        CloudName::Aws => &AWS,
        CloudName::Gcp => &GOOGLE,
    }
}

/// A resource that a layer would make again.
#[derive(Debug, PartialEq, Eq)]
struct Orphan {
    kind: &'static str,
    id: String,
    name: Option<String>,
    /// The resource in the configuration that it was made for; `None` if several could be it.
    address: Option<String>,
}

/// Fails if a layer would make what is there already, by its tags.
pub(super) async fn look_for(run: &Run, layers: &[ProposedLayer]) -> Result<()> {
    let creates = |plan: &LayerPlan| plan.changes.iter().any(|it| it.action == Action::Create);
    let growing: Vec<(Layer, &LayerPlan)> = Layer::ALL
        .into_iter()
        .zip(layers)
        .map(|(layer, proposed)| (layer, &proposed.plan))
        .filter(|(_, plan)| creates(plan))
        .collect();
    // The simulated account gives such a resource to whoever makes it again.
    if growing.is_empty() || run.is_simulated() {
        return Ok(());
    }
    let (name, marks) = (&run.environment.name, marks(run));
    let tagged = run.cloud.tagged(marks.tag, name).await?;
    let mut found = Vec::new();
    for (layer, plan) in &growing {
        found.extend(accounts(run, marks, plan).await?.into_iter().map(|it| (*layer, it)));
    }
    if tagged.is_empty() && found.is_empty() {
        return Ok(());
    }
    let known = known_ids(run).await?;
    for (layer, plan) in growing {
        found.extend(orphans(marks, &tagged, &known, plan).into_iter().map(|it| (layer, it)));
    }
    if found.is_empty() {
        return Ok(());
    }
    let what = format!("{} in the account, but not in terraform's state", is(found.len()));
    let failure = found
        .iter()
        .fold(Failure::failed(what), |failure, (layer, orphan)| tell(run, *layer, orphan, failure));
    Err(failure
        .because("a terraform that was killed made it and could not write it down")
        .because(format!("nothing was changed by this run: {}", marks.otherwise))
        .next("then run the same command again"))
}

/// Roles, or service accounts, that a plan would make and that are there, made for this
/// environment.
async fn accounts(run: &Run, marks: &Marks, plan: &LayerPlan) -> Result<Vec<Orphan>> {
    let mut found = Vec::new();
    for change in plan.changes.iter().filter(|it| it.action == Action::Create) {
        if change.kind != marks.account {
            continue;
        }
        let Some(name) = &change.given_name else { continue };
        if run.cloud.has_role(name, marks.tag, &run.environment.name).await? {
            let id = match run.environment.target.cloud {
                CloudName::Aws => name.clone(),
                CloudName::Gcp => service_account(&run.environment.target.account_id, name),
            };
            let address = Some(change.address.clone());
            found.push(Orphan { kind: marks.account, id, name: None, address });
        }
    }
    Ok(found)
}

/// What `terraform import` wants to know of a service account.
fn service_account(project: &str, name: &str) -> String {
    format!("projects/{project}/serviceAccounts/{name}@{project}.iam.gserviceaccount.com")
}

fn is(count: usize) -> String {
    let verb = if count == 1 { "is" } else { "are" };
    format!("{} {verb}", plural(count, "resource"))
}

fn tell(run: &Run, layer: Layer, orphan: &Orphan, failure: Failure) -> Failure {
    let Orphan { kind, id, name, address } = orphan;
    let name = name.as_ref().map(|name| format!(", named {name}")).unwrap_or_default();
    let failure = failure.because(format!("layer {layer}: {kind} {id}{name}"));
    let Some(address) = address else {
        return failure.next(format!("delete {kind} {id}: nothing uses it yet"));
    };
    let folder = run.layer_folder(layer);
    let folder = folder.display();
    failure.next(format!("terraform -chdir={folder} import '{address}' '{id}'"))
}

/// Ids and ARNs of everything in the states of all layers.
async fn known_ids(run: &Run) -> Result<Vec<String>> {
    let mut known = Vec::new();
    for layer in Layer::ALL {
        known.extend(run.driver(layer).ids().await?);
    }
    known.sort_unstable();
    Ok(known)
}

/// Tagged resources that no state knows and that this plan would make.
fn orphans(
    marks: &Marks,
    tagged: &[TaggedResource],
    known: &[String],
    plan: &LayerPlan,
) -> Vec<Orphan> {
    let is_known = |id: &str| known.binary_search_by(|it| it.as_str().cmp(id)).is_ok();
    let mut found = Vec::new();
    for resource in tagged {
        let Some((kind, id)) = (marks.import)(&resource.arn) else { continue };
        if is_known(&resource.arn) || is_known(&id) {
            continue;
        }
        let own = id.rsplit('/').next();
        let planned: Vec<_> = plan
            .changes
            .iter()
            .filter(|it| it.action == Action::Create && it.kind == kind)
            .filter(|it| !marks.by_name || it.given_name.as_deref() == own)
            .collect();
        let named = planned.iter().filter(|it| it.tag.is_some() && it.tag == resource.name);
        let named: Vec<_> = named.copied().collect();
        let address = match (planned.as_slice(), named.as_slice()) {
            ([], _) => continue,
            ([only], _) | (_, [only]) => Some(only.address.clone()),
            _ => None,
        };
        found.push(Orphan { kind, id, name: resource.name.clone(), address });
    }
    found
}

/// The type of a resource and what `terraform import` wants to know of it, from its ARN. The forms
/// are those of the provider's documentation, one section "Import" a resource.
fn import_on_aws(arn: &str) -> Option<(&'static str, String)> {
    let mut parts = arn.splitn(6, ':').skip(2);
    let service = parts.next()?;
    let resource = parts.nth(2)?;
    let (kind, name) = resource.split_once(['/', ':']).unwrap_or(("", resource));
    let by_name = |terraform| Some((terraform, name.to_owned()));
    let by_arn = |terraform| Some((terraform, arn.to_owned()));
    match (service, kind) {
        ("ec2", "vpc") => by_name("aws_vpc"),
        ("ec2", "subnet") => by_name("aws_subnet"),
        ("ec2", "internet-gateway") => by_name("aws_internet_gateway"),
        ("ec2", "natgateway") => by_name("aws_nat_gateway"),
        ("ec2", "elastic-ip") => by_name("aws_eip"),
        ("ec2", "route-table") => by_name("aws_route_table"),
        ("ec2", "security-group") => by_name("aws_security_group"),
        ("ec2", "vpc-endpoint") => by_name("aws_vpc_endpoint"),
        ("ec2", "vpc-flow-log") => by_name("aws_flow_log"),
        ("rds", "db") => by_name("aws_db_instance"),
        ("rds", "subgrp") => by_name("aws_db_subnet_group"),
        ("rds", "pg") => by_name("aws_db_parameter_group"),
        ("kms", "key") => by_name("aws_kms_key"),
        ("logs", "log-group") => {
            Some(("aws_cloudwatch_log_group", name.trim_end_matches(":*").to_owned()))
        }
        ("cloudwatch", "alarm") => by_name("aws_cloudwatch_metric_alarm"),
        ("ecs", "cluster") => by_name("aws_ecs_cluster"),
        ("ecs", "service") => by_name("aws_ecs_service"),
        ("ecs", "task-definition") => by_arn("aws_ecs_task_definition"),
        ("elasticloadbalancing", "loadbalancer") => by_arn("aws_lb"),
        ("elasticloadbalancing", "targetgroup") => by_arn("aws_lb_target_group"),
        ("elasticloadbalancing", "listener") => by_arn("aws_lb_listener"),
        ("elasticloadbalancing", "listener-rule") => by_arn("aws_lb_listener_rule"),
        ("secretsmanager", "secret") => by_arn("aws_secretsmanager_secret"),
        ("sns", "") => by_arn("aws_sns_topic"),
        ("s3", "") => by_name("aws_s3_bucket"),
        _ => None,
    }
}

/// The same from a full name of Google's, `projects/P/locations/R/services/NAME`, with or without
/// the host of the API before it.
fn import_on_google(name: &str) -> Option<(&'static str, String)> {
    let from = name.find("projects/")?;
    let id = &name[from..];
    let steps: Vec<&str> = id.split('/').collect();
    let kind = match steps.as_slice() {
        ["projects", _, "locations", _, "services", _] => "google_cloud_run_v2_service",
        ["projects", _, "locations", _, "workerPools", _] => "google_cloud_run_v2_worker_pool",
        ["projects", _, "locations", _, "jobs", _] => "google_cloud_run_v2_job",
        ["projects", _, "instances", _] => "google_sql_database_instance",
        ["projects", _, "secrets", _] => "google_secret_manager_secret",
        _ => return None,
    };
    Some((kind, id.to_owned()))
}

#[cfg(test)]
#[path = "orphans_tests.rs"]
mod tests;
