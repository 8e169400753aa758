//! What resources of AWS are called.

use super::{DATA, EVERYTHING, Entry, KEY, LOGS, MESSAGES, SECRET, plain, stateful};

/// Facts of a database instance; `apply_immediately` decides when a change happens.
const DATABASE_FACTS: &[&str] =
    &["engine", "engine_version", "instance_class", "allocated_storage", "apply_immediately"];

pub(super) static ENTRIES: &[Entry] = &[
    // What holds something.
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
    // The network. Its parts hold nothing, but what stands on them goes with them.
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
    // What serves.
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
    // Rights, keys, notices.
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
];

/// Attributes that a summary needs beside those that are told.
pub(super) fn kept(kind: &str) -> &'static [&'static str] {
    match kind {
        "aws_vpc_security_group_ingress_rule" | "aws_vpc_security_group_egress_rule" => {
            &["cidr_ipv4", "cidr_ipv6", "prefix_list_id", "ip_protocol", "from_port", "to_port"]
        }
        "aws_ecs_task_definition" => &["cpu", "memory"],
        "aws_ecs_service" => &["deployment_minimum_healthy_percent"],
        "aws_appautoscaling_target" => &["min_capacity", "max_capacity"],
        "aws_secretsmanager_secret" => &["recovery_window_in_days"],
        "aws_db_instance" | "aws_rds_cluster" => &["skip_final_snapshot", "multi_az"],
        _ => &[],
    }
}
