//! What the cloud changes by itself: a closed table, each rule with a name and a reason. What is
//! not in it, and is set by the configuration, is somebody's change.

use super::Rule;
use crate::plan::{Attribute, Shown};

/// A rule: about these attributes of this type.
struct Noise {
    name: &'static str,
    /// Resource type.
    kind: &'static str,
    /// Beginnings of dotted paths.
    attributes: &'static [&'static str],
    why: &'static str,
    /// Only where a number grew.
    grows: bool,
}

const fn noise(
    name: &'static str,
    kind: &'static str,
    attributes: &'static [&'static str],
    why: &'static str,
) -> Noise {
    Noise { name, kind, attributes, why, grows: false }
}

static TABLE: &[Noise] = &[
    noise(
        "autoscaling",
        "aws_ecs_service",
        &["desired_count"],
        "the number of tasks belongs to the scaling target",
    ),
    Noise {
        grows: true,
        ..noise(
            "storage-growth",
            "aws_db_instance",
            &["allocated_storage"],
            "RDS adds storage before it runs out",
        )
    },
    noise(
        "minor-version",
        "aws_db_instance",
        &["engine_version_actual"],
        "RDS takes minor versions in the maintenance window",
    ),
    noise(
        "backup-progress",
        "aws_db_instance",
        &["latest_restorable_time", "status"],
        "it moves with every backup",
    ),
    noise(
        "master-rotation",
        "aws_db_instance",
        &["master_user_secret"],
        "RDS rotates the master's password itself",
    ),
    noise(
        "address-association",
        "aws_eip",
        &["association_id", "instance", "network_interface", "private_ip", "private_dns"],
        "it is told once the NAT gateway uses the address",
    ),
    noise(
        "address-association",
        "aws_nat_gateway",
        &["association_id", "network_interface_id", "private_ip", "public_ip"],
        "it is told once the gateway has its address",
    ),
    noise(
        "rules-beside",
        "aws_security_group",
        &["ingress", "egress"],
        "rules are resources of their own; the group only repeats them",
    ),
    noise(
        "routes-beside",
        "aws_route_table",
        &["route"],
        "routes are resources of their own; the table only repeats them",
    ),
    noise(
        "policies-beside",
        "aws_iam_role",
        &["inline_policy", "managed_policy_arns"],
        "policies are resources of their own; the role only repeats them",
    ),
    noise(
        "settings-beside",
        "aws_s3_bucket",
        &[
            "acl",
            "grant",
            "lifecycle_rule",
            "policy",
            "server_side_encryption_configuration",
            "versioning",
        ],
        "settings are resources of their own; the bucket only repeats them",
    ),
    noise(
        "use-beside",
        "aws_lb_target_group",
        &["load_balancer_arns"],
        "it repeats who uses the target group",
    ),
    noise(
        "confirmation",
        "aws_sns_topic_subscription",
        &["pending_confirmation", "confirmation_was_authenticated"],
        "the receiver confirmed it by e-mail",
    ),
    noise(
        "secret-use",
        "aws_secretsmanager_secret",
        &["last_changed_date", "last_accessed_date", "replica"],
        "it moves with every new value",
    ),
    Noise {
        grows: true,
        ..noise(
            "storage-growth",
            "google_sql_database_instance",
            &["settings.0.disk_size"],
            "Cloud SQL adds storage before it runs out",
        )
    },
    noise(
        "minor-version",
        "google_sql_database_instance",
        &["maintenance_version"],
        "Cloud SQL takes minor versions in the maintenance window",
    ),
    noise(
        "failover",
        "google_sql_database_instance",
        &["settings.0.location_preference"],
        "a standby took over: the instance runs in its other zone",
    ),
    noise(
        "certificate-rotation",
        "google_sql_database_instance",
        &["server_ca_cert"],
        "Google renews the certificates of its own authority",
    ),
    noise(
        "secret-versions",
        "google_secret_manager_secret",
        &["version_aliases"],
        "Landfall names the versions of a value, as in a rotation",
    ),
    noise(
        "key-rotation",
        "google_kms_crypto_key",
        &["primary"],
        "the key gets a new version every rotation period",
    ),
    noise(
        "key-rotation",
        "google_logging_project_bucket_config",
        &["cmek_settings.0.kms_key_version_name"],
        "the key gets a new version every rotation period",
    ),
    noise(
        "caller",
        "google_cloud_run_v2_service",
        &["client", "client_version"],
        "it names the program that called last",
    ),
    noise(
        "caller",
        "google_cloud_run_v2_worker_pool",
        &["client", "client_version"],
        "it names the program that called last",
    ),
    noise(
        "caller",
        "google_cloud_run_v2_job",
        &["client", "client_version"],
        "it names the program that called last",
    ),
    noise("use-beside", "google_compute_address", &["users"], "it repeats who uses the address"),
    noise(
        "use-beside",
        "google_compute_router_nat",
        &["auto_network_tier"],
        "it is told once the gateway has its addresses",
    ),
    noise(
        "endpoint-status",
        "google_compute_forwarding_rule",
        &["psc_connection_id", "psc_connection_status"],
        "it moves while the endpoint connects",
    ),
    noise(
        "certificate-renewal",
        "google_certificate_manager_certificate",
        &[
            "managed.0.state",
            "managed.0.authorization_attempt_info",
            "managed.0.provisioning_issue",
        ],
        "Google issues and renews the certificate",
    ),
    noise(
        "certificate-renewal",
        "google_compute_managed_ssl_certificate",
        &["expire_time", "subject_alternative_names"],
        "Google issues and renews the certificate",
    ),
];

/// The rule by which a difference is the cloud's own.
pub(super) fn noise_of(kind: &str, attribute: &Attribute) -> Option<Rule> {
    let rule = TABLE.iter().find(|rule| {
        rule.kind == kind
            && rule.attributes.iter().any(|path| is_within(&attribute.path, path))
            && (!rule.grows || grew(attribute))
    })?;
    Some(Rule { name: rule.name.to_owned(), why: rule.why.to_owned() })
}

/// The rule by which a tag is somebody else's: `drift { ignore_tags }`.
pub(super) fn ignored_tag(attribute: &Attribute, ignored: &[String]) -> Option<Rule> {
    let key = ["tags.", "labels."].iter().find_map(|it| attribute.path.strip_prefix(it))?;
    ignored.iter().any(|tag| tag == key).then(|| Rule {
        name: "ignored-tag".to_owned(),
        why: format!("environment.hcl ignores the tag {key}"),
    })
}

/// The rule by which a label is somebody else's: terraform takes only those back that it put there,
/// and a label that came was not there.
pub(super) fn foreign_label(kind: &str, attribute: &Attribute) -> Option<Rule> {
    let foreign = kind.starts_with("google_")
        && attribute.path.starts_with("labels.")
        && attribute.before == Shown::Absent;
    foreign.then(|| Rule {
        name: "labels-beside".to_owned(),
        why: "labels that others put beside ours stay".to_owned(),
    })
}

/// Whether a path is another one or lies below it.
pub(super) fn is_within(path: &str, above: &str) -> bool {
    path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn grew(attribute: &Attribute) -> bool {
    let number = |shown: &Shown| match shown {
        Shown::Text(text) => text.parse::<f64>().ok(),
        _ => None,
    };
    matches!((number(&attribute.before), number(&attribute.after)), (Some(old), Some(new)) if new > old)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attribute(path: &str, before: &str, after: &str) -> Attribute {
        let shown = |text: &str| Shown::Text(text.to_owned());
        Attribute { path: path.to_owned(), before: shown(before), after: shown(after) }
    }

    fn rule(kind: &str, attribute: &Attribute) -> Option<String> {
        noise_of(kind, attribute).map(|rule| rule.name)
    }

    #[test]
    fn every_rule_is_named_and_gives_its_reason() {
        for rule in TABLE {
            let known = ["aws_", "google_"].iter().any(|cloud| rule.kind.starts_with(cloud));
            assert!(known, "{}", rule.name);
            assert!(!rule.attributes.is_empty() && !rule.why.is_empty(), "{}", rule.name);
            assert!(
                rule.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'),
                "{}",
                rule.name
            );
        }
    }

    #[test]
    fn storage_that_grew_is_noise_and_storage_that_shrank_is_not() {
        let grown = attribute("allocated_storage", "20", "40");
        assert_eq!(rule("aws_db_instance", &grown).as_deref(), Some("storage-growth"));
        assert_eq!(rule("aws_db_instance", &attribute("allocated_storage", "40", "20")), None);
        assert_eq!(rule("aws_rds_cluster", &grown), None, "another type");
        let sql = |before, after| {
            let disk = attribute("settings.0.disk_size", before, after);
            rule("google_sql_database_instance", &disk)
        };
        assert_eq!(sql("10", "20").as_deref(), Some("storage-growth"));
        assert_eq!(sql("20", "10"), None);
    }

    #[test]
    fn a_rule_is_about_what_lies_below_and_not_about_longer_names() {
        assert!(rule("aws_security_group", &attribute("ingress.0.from_port", "1", "2")).is_some());
        assert_eq!(rule("aws_security_group", &attribute("ingress_rule", "1", "2")), None);
    }

    #[test]
    fn only_a_tag_that_is_named_is_ignored() {
        let ignored = ["cost-robot".to_owned()];
        assert!(ignored_tag(&attribute("tags.cost-robot", "a", "b"), &ignored).is_some());
        assert_eq!(ignored_tag(&attribute("tags.cost", "a", "b"), &ignored), None);
        assert_eq!(ignored_tag(&attribute("name", "a", "b"), &ignored), None);
    }
}
