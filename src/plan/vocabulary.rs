//! What resources are called, what is lost with them, and which of their values matter: one table
//! for every type that our modules use. Its order is the order in which creations are told.

/// How to speak about one resource type.
pub(super) struct Entry {
    kind: &'static str,
    /// One of them.
    pub(super) one: &'static str,
    /// Several of them.
    pub(super) many: &'static str,
    /// What is lost when one is deleted or replaced; only for what holds something.
    pub(super) loss: Option<&'static str>,
    /// What happens to others when it is replaced, though it holds nothing itself.
    pub(super) effect: Option<&'static str>,
    /// Attributes that are told when it is made, in this order.
    facts: &'static [&'static str],
}

const fn plain(kind: &'static str, one: &'static str, many: &'static str) -> Entry {
    Entry { kind, one, many, loss: None, effect: None, facts: &[] }
}

const fn stateful(
    kind: &'static str,
    one: &'static str,
    many: &'static str,
    loss: &'static str,
) -> Entry {
    Entry { loss: Some(loss), ..plain(kind, one, many) }
}

const DATA: &str = "all data in it is lost unless restored";
const KEY: &str = "what is encrypted with it can never be read again";
const SECRET: &str = "its value is lost and must be set again";
const LOGS: &str = "the logs in it are lost";
const MESSAGES: &str = "the messages in it are lost";
const EVERYTHING: &str = "everything in it has to go with it";

/// Facts of a database instance; `apply_immediately` decides when a change happens.
const DATABASE_FACTS: &[&str] =
    &["engine", "engine_version", "instance_class", "allocated_storage", "apply_immediately"];

static ENTRIES: &[Entry] = &[
    // AWS: what holds something.
    Entry { facts: DATABASE_FACTS, ..stateful("aws_db_instance", "database", "databases", DATA) },
    Entry {
        facts: DATABASE_FACTS,
        ..stateful("aws_rds_cluster", "database cluster", "database clusters", DATA)
    },
    stateful("aws_rds_cluster_instance", "database instance", "database instances", DATA),
    stateful("aws_s3_bucket", "bucket", "buckets", "all objects in it are lost"),
    Entry {
        facts: &["node_type"],
        ..stateful("aws_elasticache_replication_group", "cache", "caches", DATA)
    },
    stateful("aws_elasticache_serverless_cache", "cache", "caches", DATA),
    stateful("aws_efs_file_system", "file system", "file systems", DATA),
    stateful("aws_dynamodb_table", "table", "tables", DATA),
    stateful("aws_sqs_queue", "queue", "queues", MESSAGES),
    stateful("aws_secretsmanager_secret", "secret", "secrets", SECRET),
    stateful("aws_ssm_parameter", "parameter", "parameters", SECRET),
    stateful("aws_kms_key", "encryption key", "encryption keys", KEY),
    stateful(
        "aws_ecr_repository",
        "image repository",
        "image repositories",
        "the images in it are lost",
    ),
    stateful("aws_cloudwatch_log_group", "log group", "log groups", LOGS),
    stateful("aws_backup_vault", "backup vault", "backup vaults", "the backups in it are lost"),
    // AWS: the network. Its parts hold nothing, but what stands on them goes with them.
    Entry { facts: &["cidr_block"], ..stateful("aws_vpc", "network", "networks", EVERYTHING) },
    Entry {
        effect: Some("what runs in it is moved or stopped"),
        ..plain("aws_subnet", "subnet", "subnets")
    },
    plain("aws_internet_gateway", "internet gateway", "internet gateways"),
    plain("aws_nat_gateway", "NAT gateway", "NAT gateways"),
    Entry {
        effect: Some("outgoing traffic comes from a new address; allow-lists must follow"),
        ..plain("aws_eip", "public address", "public addresses")
    },
    plain("aws_route_table", "route table", "route tables"),
    plain("aws_route_table_association", "route table association", "route table associations"),
    plain("aws_route", "route", "routes"),
    plain("aws_vpc_endpoint", "private endpoint", "private endpoints"),
    plain("aws_flow_log", "flow log", "flow logs"),
    plain("aws_default_security_group", "default security group", "default security groups"),
    plain("aws_security_group", "security group", "security groups"),
    plain("aws_vpc_security_group_ingress_rule", "incoming rule", "incoming rules"),
    plain("aws_vpc_security_group_egress_rule", "outgoing rule", "outgoing rules"),
    // AWS: what serves.
    plain("aws_ecs_cluster", "cluster", "clusters"),
    plain("aws_ecs_cluster_capacity_providers", "capacity setting", "capacity settings"),
    Entry {
        facts: &["desired_count"],
        effect: Some("it is down until the new one is steady"),
        ..plain("aws_ecs_service", "service", "services")
    },
    plain("aws_ecs_task_definition", "task definition", "task definitions"),
    Entry {
        effect: Some("its host name changes, so the DNS records must follow"),
        ..plain("aws_lb", "load balancer", "load balancers")
    },
    Entry {
        effect: Some("nothing answers until the new one is there"),
        ..plain("aws_lb_listener", "listener", "listeners")
    },
    plain("aws_lb_listener_certificate", "listener certificate", "listener certificates"),
    plain("aws_lb_listener_rule", "route rule", "route rules"),
    plain("aws_lb_target_group", "target group", "target groups"),
    plain("aws_scheduler_schedule", "schedule", "schedules"),
    plain("aws_scheduler_schedule_group", "schedule group", "schedule groups"),
    plain("aws_appautoscaling_target", "scaling target", "scaling targets"),
    plain("aws_appautoscaling_policy", "scaling rule", "scaling rules"),
    plain("aws_wafv2_web_acl", "web firewall", "web firewalls"),
    plain("aws_wafv2_web_acl_association", "web firewall association", "web firewall associations"),
    // AWS: rights, keys, notices.
    plain("aws_iam_role", "role", "roles"),
    plain("aws_iam_role_policy", "role policy", "role policies"),
    plain("aws_iam_role_policy_attachment", "policy attachment", "policy attachments"),
    plain("aws_iam_policy", "policy", "policies"),
    plain("aws_kms_alias", "key alias", "key aliases"),
    plain("aws_secretsmanager_secret_policy", "secret policy", "secret policies"),
    plain("aws_secretsmanager_secret_rotation", "secret rotation", "secret rotations"),
    plain("aws_db_subnet_group", "database subnet group", "database subnet groups"),
    plain("aws_db_parameter_group", "parameter group", "parameter groups"),
    plain("aws_elasticache_subnet_group", "cache subnet group", "cache subnet groups"),
    plain("aws_elasticache_parameter_group", "cache parameter group", "cache parameter groups"),
    plain("aws_s3_bucket_policy", "bucket policy", "bucket policies"),
    plain("aws_s3_bucket_versioning", "bucket versioning", "bucket versionings"),
    plain("aws_s3_bucket_public_access_block", "bucket access block", "bucket access blocks"),
    plain("aws_sqs_queue_policy", "queue policy", "queue policies"),
    plain("aws_sns_topic", "notification topic", "notification topics"),
    plain("aws_sns_topic_policy", "topic policy", "topic policies"),
    plain("aws_sns_topic_subscription", "subscription", "subscriptions"),
    plain("aws_cloudwatch_metric_alarm", "alarm", "alarms"),
    plain("aws_cloudwatch_dashboard", "dashboard", "dashboards"),
    // Google: what holds something.
    stateful("google_sql_database_instance", "database", "databases", DATA),
    stateful("google_sql_database", "database", "databases", DATA),
    stateful("google_storage_bucket", "bucket", "buckets", "all objects in it are lost"),
    stateful("google_redis_instance", "cache", "caches", DATA),
    stateful("google_pubsub_topic", "topic", "topics", MESSAGES),
    stateful("google_pubsub_subscription", "queue", "queues", MESSAGES),
    stateful("google_secret_manager_secret", "secret", "secrets", SECRET),
    stateful("google_kms_key_ring", "key ring", "key rings", KEY),
    stateful("google_kms_crypto_key", "encryption key", "encryption keys", KEY),
    stateful(
        "google_artifact_registry_repository",
        "image repository",
        "image repositories",
        "the images in it are lost",
    ),
    stateful("google_compute_network", "network", "networks", EVERYTHING),
    plain("google_compute_subnetwork", "subnet", "subnets"),
    plain("google_cloud_run_v2_service", "service", "services"),
    plain("google_cloud_run_v2_job", "job", "jobs"),
    plain("google_cloud_scheduler_job", "schedule", "schedules"),
    plain("google_service_account", "service account", "service accounts"),
    plain("google_project_iam_member", "right", "rights"),
    Entry {
        effect: Some("the address changes, so the DNS records must follow"),
        ..plain("google_compute_global_address", "public address", "public addresses")
    },
];

/// Position in the table, which orders creations, and the entry.
pub(super) fn entry(kind: &str) -> Option<(usize, &'static Entry)> {
    ENTRIES.iter().enumerate().find(|(_, entry)| entry.kind == kind)
}

/// Attributes that are told when one is made, in this order.
pub(super) fn facts(kind: &str) -> &'static [&'static str] {
    entry(kind).map_or(&[], |(_, entry)| entry.facts)
}

/// Attributes that are kept of a type: those that are told, and those that a summary needs.
pub(super) fn kept(kind: &str) -> impl Iterator<Item = &'static str> {
    let more: &[&str] = match kind {
        "aws_vpc_security_group_ingress_rule" | "aws_vpc_security_group_egress_rule" => {
            &["cidr_ipv4", "cidr_ipv6", "prefix_list_id", "ip_protocol", "from_port", "to_port"]
        }
        "aws_ecs_task_definition" => &["cpu", "memory"],
        "aws_ecs_service" => &["deployment_minimum_healthy_percent"],
        "aws_appautoscaling_target" => &["min_capacity", "max_capacity"],
        "aws_secretsmanager_secret" => &["recovery_window_in_days"],
        "aws_db_instance" | "aws_rds_cluster" => &["skip_final_snapshot", "multi_az"],
        _ => &[],
    };
    facts(kind).iter().chain(more).copied()
}

/// Whether a resource of this type holds something that is lost with it. Replacing or deleting
/// one needs an approval that names it.
pub fn is_stateful(kind: &str) -> bool {
    entry(kind).is_some_and(|(_, entry)| entry.loss.is_some())
}

/// The type that a module of this kind is about: `module.database_main.aws_db_instance.this` is
/// "database main", all else in it is "… of database main".
pub(super) fn is_principal(module_kind: &str, kind: &str) -> bool {
    matches!(
        (module_kind, kind),
        ("database", "aws_db_instance" | "aws_rds_cluster" | "google_sql_database_instance")
            | ("service", "aws_ecs_service" | "google_cloud_run_v2_service")
            | ("job", "aws_ecs_task_definition" | "google_cloud_run_v2_job")
            | ("bucket", "aws_s3_bucket" | "google_storage_bucket")
            | ("queue", "aws_sqs_queue" | "google_pubsub_subscription")
            | ("cache", "aws_elasticache_replication_group" | "google_redis_instance")
    )
}

/// What only wires or sets others: told as a count of its family, not one by one.
pub(super) fn family(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "aws_vpc_security_group_ingress_rule" | "aws_vpc_security_group_egress_rule" => {
            "security rules"
        }
        "aws_route" | "aws_route_table" | "aws_route_table_association" => "routes",
        "aws_iam_role_policy" | "aws_iam_role_policy_attachment" => "role policies",
        "aws_kms_alias"
        | "aws_sns_topic_policy"
        | "aws_db_subnet_group"
        | "aws_db_parameter_group"
        | "aws_default_security_group"
        | "aws_appautoscaling_target" => "settings",
        // Each part of a bucket's configuration is a resource of its own.
        kind if kind.starts_with("aws_s3_bucket_") => "settings",
        _ => return None,
    })
}

/// Kinds of modules that carry a name after an underscore: `service_web`.
pub(super) const NAMED_MODULES: [&str; 9] =
    ["database", "service", "job", "identity", "ingress", "bucket", "queue", "cache", "schedule"];

/// Names in the configuration that say nothing.
pub(super) fn is_generic(name: &str) -> bool {
    matches!(name, "this" | "main" | "default" | "self")
}

/// Attributes that follow from others and would only repeat them.
pub(super) fn is_derived(path: &str) -> bool {
    let top = path.split('.').next().unwrap_or(path);
    matches!(top, "tags_all" | "terraform_labels" | "effective_labels" | "effective_annotations")
        || matches!(top, "id" | "arn" | "etag" | "revision" | "version_id" | "output")
        // A choice of how to change, told with the change itself.
        || top == "apply_immediately"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_is_described_once() {
        let mut kinds: Vec<&str> = ENTRIES.iter().map(|entry| entry.kind).collect();
        kinds.sort_unstable();
        let count = kinds.len();
        kinds.dedup();
        assert_eq!(kinds.len(), count);
    }

    #[test]
    fn what_the_safeguard_lists_is_stateful() {
        for kind in [
            "aws_db_instance",
            "aws_secretsmanager_secret",
            "aws_kms_key",
            "aws_s3_bucket",
            "aws_vpc",
            "google_sql_database_instance",
        ] {
            assert!(is_stateful(kind), "{kind}");
        }
        assert!(!is_stateful("aws_ecs_task_definition"), "a new revision loses nothing");
    }
}
