//! What is in the account but not in terraform's state: made by a terraform that was killed before
//! it could write that down. Applying again would make it a second time, or fail on its name; so
//! each is named with the `import` that takes it over.

use super::context::Run;
use crate::approval::ProposedLayer;
use crate::cloud::TaggedResource;
use crate::failure::{Failure, Result};
use crate::plan::{Action, LayerPlan};
use crate::report::plural;
use crate::workspace::Layer;

/// The tag that every resource of an environment carries.
const TAG: &str = "landfall:environment";

/// The one type that is looked for by its name.
const ROLE: &str = "aws_iam_role";

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
    let name = &run.environment.name;
    let tagged = run.cloud.tagged(TAG, name).await?;
    let mut found = Vec::new();
    for (layer, plan) in &growing {
        found.extend(roles(run, plan).await?.into_iter().map(|role| (*layer, role)));
    }
    if tagged.is_empty() && found.is_empty() {
        return Ok(());
    }
    let known = known_ids(run).await?;
    for (layer, plan) in growing {
        found.extend(orphans(&tagged, &known, plan).into_iter().map(|it| (layer, it)));
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
        .because("nothing was changed by this run: going on would make it a second time")
        .next("then run the same command again"))
}

/// Roles that a plan would make and that are there, made for this environment.
async fn roles(run: &Run, plan: &LayerPlan) -> Result<Vec<Orphan>> {
    let mut found = Vec::new();
    for change in plan.changes.iter().filter(|it| it.action == Action::Create) {
        if change.kind != ROLE {
            continue;
        }
        let Some(name) = &change.given_name else { continue };
        if run.cloud.has_role(name, TAG, &run.environment.name).await? {
            let (id, address) = (name.clone(), Some(change.address.clone()));
            found.push(Orphan { kind: ROLE, id, name: None, address });
        }
    }
    Ok(found)
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
fn orphans(tagged: &[TaggedResource], known: &[String], plan: &LayerPlan) -> Vec<Orphan> {
    let is_known = |id: &str| known.binary_search_by(|it| it.as_str().cmp(id)).is_ok();
    let mut found = Vec::new();
    for resource in tagged {
        let Some((kind, id)) = import(&resource.arn) else { continue };
        if is_known(&resource.arn) || is_known(&id) {
            continue;
        }
        let planned: Vec<_> = plan
            .changes
            .iter()
            .filter(|it| it.action == Action::Create && it.kind == kind)
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
fn import(arn: &str) -> Option<(&'static str, String)> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Change;

    fn change(address: &str, kind: &str, tag: &str) -> Change {
        Change {
            address: address.to_owned(),
            kind: kind.to_owned(),
            action: Action::Create,
            tag: Some(tag.to_owned()),
            ..Change::default()
        }
    }

    fn resource(arn: &str, name: &str) -> TaggedResource {
        TaggedResource { arn: arn.to_owned(), name: Some(name.to_owned()) }
    }

    #[test]
    fn what_no_state_knows_and_a_plan_would_make_is_an_orphan() {
        let plan = LayerPlan {
            changes: vec![
                change("module.network.aws_vpc.this", "aws_vpc", "acme"),
                change("module.network.aws_subnet.private[\"a\"]", "aws_subnet", "acme-private-a"),
                change("module.network.aws_subnet.private[\"b\"]", "aws_subnet", "acme-private-b"),
            ],
            ..LayerPlan::default()
        };
        let ec2 = "arn:aws:ec2:eu-central-1:111122223333";
        let tagged = [
            resource(&format!("{ec2}:vpc/vpc-1"), "acme"),
            resource(&format!("{ec2}:subnet/subnet-b"), "acme-private-b"),
            resource(&format!("{ec2}:subnet/subnet-known"), "acme-private-a"),
            resource(&format!("{ec2}:natgateway/nat-1"), "acme"),
            resource("arn:aws:fsx:eu-central-1:111122223333:file-system/fs-1", "acme"),
        ];
        let found = orphans(&tagged, &["subnet-known".to_owned()], &plan);
        let addresses: Vec<_> =
            found.iter().map(|it| (it.id.as_str(), it.address.as_deref())).collect();
        assert_eq!(
            addresses,
            [
                ("vpc-1", Some("module.network.aws_vpc.this")),
                ("subnet-b", Some("module.network.aws_subnet.private[\"b\"]")),
            ],
            "known, not planned and of unknown kind are none"
        );
    }

    #[test]
    fn one_that_could_be_several_has_no_address() {
        let twins = ["aws_eip.a", "aws_eip.b"].map(|address| change(address, "aws_eip", "same"));
        let plan = LayerPlan { changes: twins.to_vec(), ..LayerPlan::default() };
        let tagged = [resource("arn:aws:ec2:r:1:elastic-ip/eipalloc-1", "same")];
        assert_eq!(orphans(&tagged, &[], &plan)[0].address, None);
    }

    #[test]
    fn an_import_takes_what_the_provider_documents() {
        for (arn, kind, id) in [
            ("arn:aws:rds:r:1:db:acme-main", "aws_db_instance", "acme-main"),
            (
                "arn:aws:logs:r:1:log-group:/landfall/acme/web",
                "aws_cloudwatch_log_group",
                "/landfall/acme/web",
            ),
            ("arn:aws:s3:::acme-logs", "aws_s3_bucket", "acme-logs"),
            ("arn:aws:ecs:r:1:service/acme/acme-web", "aws_ecs_service", "acme/acme-web"),
            ("arn:aws:sns:r:1:acme-alarms", "aws_sns_topic", "arn:aws:sns:r:1:acme-alarms"),
        ] {
            assert_eq!(import(arn), Some((kind, id.to_owned())), "{arn}");
        }
        assert_eq!(import("not an arn"), None);
    }
}
