//! What terraform would make again, and how it is taken over.

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
    let found = orphans(&AWS, &tagged, &["subnet-known".to_owned()], &plan);
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
    assert_eq!(orphans(&AWS, &tagged, &[], &plan)[0].address, None);
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
        assert_eq!(import_on_aws(arn), Some((kind, id.to_owned())), "{arn}");
    }
    assert_eq!(import_on_aws("not an arn"), None);
}

#[test]
fn on_google_only_what_has_the_planned_name_is_in_the_way() {
    let planned = |kind: &str, name: &str| Change {
        address: format!("module.service_web.{kind}.this[0]"),
        kind: kind.to_owned(),
        action: Action::Create,
        given_name: Some(name.to_owned()),
        ..Change::default()
    };
    let changes = vec![
        planned("google_cloud_run_v2_service", "acme-web"),
        planned("google_secret_manager_secret", "acme-session"),
    ];
    let plan = LayerPlan { changes, ..LayerPlan::default() };
    let run = "projects/acme-ledger/locations/europe-west3";
    let tagged = [
        resource(&format!("//run.googleapis.com/{run}/services/acme-web"), "acme-web"),
        resource(&format!("{run}/services/acme-old"), "acme-old"),
        resource("projects/acme-ledger/secrets/acme-session", "acme-session"),
        resource("projects/acme-ledger/instances/acme-main", "acme-main"),
    ];
    let known = ["projects/acme-ledger/secrets/acme-session".to_owned()];
    let found = orphans(&GOOGLE, &tagged, &known, &plan);
    let ids: Vec<&str> = found.iter().map(|it| it.id.as_str()).collect();
    assert_eq!(ids, [format!("{run}/services/acme-web")]);
    assert_eq!(
        found[0].address.as_deref(),
        Some("module.service_web.google_cloud_run_v2_service.this[0]")
    );
    assert_eq!(
        service_account("acme-ledger", "acme-web"),
        "projects/acme-ledger/serviceAccounts/acme-web@acme-ledger.iam.gserviceaccount.com"
    );
}

#[test]
fn an_import_takes_googles_full_names() {
    for (name, kind) in [
        ("projects/p/locations/r/services/n", "google_cloud_run_v2_service"),
        ("projects/p/locations/r/workerPools/n", "google_cloud_run_v2_worker_pool"),
        ("projects/p/locations/r/jobs/n", "google_cloud_run_v2_job"),
        ("projects/p/instances/n", "google_sql_database_instance"),
        ("projects/p/secrets/n", "google_secret_manager_secret"),
    ] {
        assert_eq!(import_on_google(name), Some((kind, name.to_owned())));
    }
    assert_eq!(import_on_google("projects/p/topics/n"), None);
    assert_eq!(import_on_google("arn:aws:s3:::acme"), None);
}
