//! `docs/clouds.md` says what each cloud gets: it is held to the modules and templates, so that it
//! cannot rot.

use std::collections::BTreeSet;
use std::path::Path;

use regex::Regex;

use crate::render::support::repository;
use crate::support::{AWS_ALONE, BOTH_CLOUDS, on_google_cloud};

/// All text of the modules of a cloud.
fn modules(cloud: &str) -> (BTreeSet<String>, String) {
    let folder = repository().join("modules").join(cloud);
    let (mut names, mut text) = (BTreeSet::new(), String::new());
    for module in std::fs::read_dir(folder).unwrap() {
        let module = module.unwrap().path();
        names.insert(module.file_name().unwrap().to_str().unwrap().to_owned());
        for file in std::fs::read_dir(&module).unwrap() {
            let file = file.unwrap().path();
            if file.extension().is_some_and(|end| end == "tf") {
                text += &std::fs::read_to_string(file).unwrap();
            }
        }
    }
    (names, text)
}

fn page() -> String {
    std::fs::read_to_string(repository().join("docs/clouds.md")).unwrap()
}

/// The texts between back-quotes.
fn quoted(page: &str) -> BTreeSet<String> {
    let quoted = Regex::new("`([^`]+)`").unwrap();
    quoted.captures_iter(page).map(|found| found[1].to_owned()).collect()
}

#[test]
fn every_resource_type_on_the_page_is_in_the_modules() {
    let quoted = quoted(&page());
    for (cloud, prefix) in [("aws", "aws_"), ("gcp", "google_")] {
        let (_, text) = modules(cloud);
        let named: Vec<&String> = quoted.iter().filter(|it| it.starts_with(prefix)).collect();
        assert!(named.len() >= 10, "{cloud}: {named:?}");
        for kind in named {
            assert!(text.contains(&format!("resource \"{kind}\"")), "{cloud} makes no {kind}");
        }
    }
}

#[test]
fn every_module_is_on_the_page_and_both_clouds_have_it_unless_it_says_why() {
    let quoted = quoted(&page());
    let (aws, gcp) = (modules("aws").0, modules("gcp").0);
    for module in aws.union(&gcp) {
        assert!(quoted.contains(module), "docs/clouds.md says nothing of the module {module}");
    }
    let differing: Vec<&String> = aws.symmetric_difference(&gcp).collect();
    assert_eq!(differing, ["routes"], "a URL map names its backends: Google Cloud only");
}

/// The keys of the foundation's output, by part: `network.vpc_id`.
fn outputs(cloud: &str) -> BTreeSet<String> {
    let file = format!("templates/{cloud}/foundation/outputs.tf.tera");
    let text = std::fs::read_to_string(Path::new(repository()).join(file)).unwrap();
    let (mut part, mut keys) = (String::new(), BTreeSet::new());
    let line = Regex::new(r"^( +)(\{\{ [a-z.]+ \| hcl_key \}\}|[a-z_]+) = (.*)$").unwrap();
    for found in text.lines().filter_map(|it| line.captures(it)) {
        let (depth, name) = (found[1].len(), &found[2]);
        match depth {
            4 if &found[3] == "{" => part = format!("{name}."),
            4 => {
                part.clear();
                keys.insert(name.to_owned());
            }
            6 | 8 if !name.starts_with("{{") => {
                keys.insert(format!("{part}{name}"));
            }
            _ => {}
        }
    }
    // `{{ secret | hcl_key }} = { arn = ... }` is on one line.
    let inline = Regex::new(r"\| hcl_key \}\} = \{ ([a-z_]+) = ").unwrap();
    keys.extend(inline.captures_iter(&text).map(|found| format!("secrets.{}", &found[1])));
    keys
}

/// What is an ARN on AWS is an id on Google Cloud; all else has the same name, except what one
/// cloud does not have.
#[test]
fn the_foundation_says_the_same_on_both_clouds() {
    let renamed = |key: String| match key.strip_suffix("arn") {
        Some(start) if start.is_empty() || start.ends_with(['.', '_']) => format!("{start}id"),
        _ => key,
    };
    let aws: BTreeSet<String> = outputs("aws").into_iter().map(renamed).collect();
    let gcp = outputs("gcp");
    let only = |one: &BTreeSet<String>, other: &BTreeSet<String>| -> Vec<String> {
        one.difference(other).cloned().collect()
    };
    assert_eq!(
        only(&aws, &gcp),
        [
            // A managed password; Cloud SQL has none.
            "databases.master_secret_id",
            // The listener that rules hang from, what metrics call the balancer, its DNS zone.
            "ingresses.listener_id",
            "ingresses.load_balancer_arn_suffix",
            "ingresses.zone_id",
            // Two roles and a group, where Google has one account.
            "workloads.execution_role_id",
            "workloads.scheduler_role_id",
            "workloads.security_group_id",
            "workloads.task_role_id",
        ]
    );
    assert_eq!(
        only(&gcp, &aws),
        [
            // Where images are pulled from.
            "cluster.image_repository",
            "cluster.remote_repositories",
            // What the proxy dials, what a backup is made of, what proves the server.
            "databases.connection_name",
            "databases.instance_id",
            "databases.server_ca",
            // What a URL map in the layer services needs.
            "ingresses.address_id",
            "ingresses.certificate_ids",
            "ingresses.certificate_map_id",
            "ingresses.security_policy_id",
            "ingresses.ssl_policy_id",
            // A user is a service account: its name is known to the foundation only.
            "workloads.database_users",
            "workloads.scheduler_email",
            "workloads.service_account_email",
        ]
    );
}

/// The demo's rehearsal on either cloud, and those of the fixtures on AWS, are tests of their own.
#[test]
fn a_kit_installs_on_google_cloud_as_it_is_or_says_what_keeps_it_on_aws() {
    let fixtures = std::fs::read_dir(repository().join("tests/fixtures")).unwrap();
    let fixtures: BTreeSet<String> =
        fixtures.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    let alone = AWS_ALONE.iter().map(|(fixture, _)| *fixture);
    let known: BTreeSet<String> = BOTH_CLOUDS.into_iter().chain(alone).map(str::to_owned).collect();
    assert_eq!(fixtures, known);
    for fixture in BOTH_CLOUDS {
        let (root, name) = on_google_cloud(fixture);
        let said = root.landfall(&["rehearse", &name]).ends_with(0);
        said.says(&["installed and verified", "project acme-ledger"]);
    }
    for (fixture, why) in AWS_ALONE {
        let (root, name) = on_google_cloud(fixture);
        root.landfall(&["rehearse", &name]).ends_with(2).says(&[why]);
        assert!(!root.rehearsal(&name).exists(), "{fixture}: nothing was touched");
    }
}
