//! What resources of Google Cloud are called.

use super::{DATA, EVERYTHING, Entry, KEY, LOGS, MESSAGES, SECRET, plain, stateful};

/// Where a service says how many instances it has, fewest and most; a worker pool has one number.
pub(in crate::plan) const FEWEST: &str = "template.0.scaling.0.min_instance_count";
pub(in crate::plan) const MOST: &str = "template.0.scaling.0.max_instance_count";
pub(in crate::plan) const FIXED: &str = "scaling.0.manual_instance_count";

const DOWN: &str = "it is down until the new one is ready";

pub(super) static ENTRIES: &[Entry] = &[
    // What holds something.
    Entry {
        facts: &["database_version", "settings.0.tier", "settings.0.disk_size"],
        ..stateful("google_sql_database_instance", "database", "databases", DATA)
    },
    stateful("google_sql_database", "logical database", "logical databases", DATA),
    stateful("google_storage_bucket", "bucket", "buckets", "all objects in it are lost"),
    stateful("google_storage_bucket_object", "object", "objects", "it is lost"),
    stateful("google_redis_instance", "cache", "caches", DATA),
    stateful("google_redis_cluster", "cache", "caches", DATA),
    stateful("google_memorystore_instance", "cache", "caches", DATA),
    stateful("google_filestore_instance", "file system", "file systems", DATA),
    stateful("google_pubsub_topic", "topic", "topics", MESSAGES),
    stateful("google_pubsub_subscription", "queue", "queues", MESSAGES),
    stateful("google_cloud_tasks_queue", "task queue", "task queues", MESSAGES),
    stateful("google_secret_manager_secret", "secret", "secrets", SECRET),
    stateful("google_secret_manager_secret_version", "secret value", "secret values", SECRET),
    stateful("google_kms_key_ring", "key ring", "key rings", KEY),
    stateful("google_kms_crypto_key", "encryption key", "encryption keys", KEY),
    stateful(
        "google_artifact_registry_repository",
        "image repository",
        "image repositories",
        "the images in it are lost",
    ),
    stateful("google_logging_project_bucket_config", "log bucket", "log buckets", LOGS),
    // The network. Its parts hold nothing, but what stands on them goes with them.
    stateful("google_compute_network", "network", "networks", EVERYTHING),
    Entry {
        facts: &["ip_cidr_range"],
        effect: Some("what runs in it is moved or stopped"),
        ..plain("google_compute_subnetwork", "subnet", "subnets")
    },
    plain("google_compute_router", "router", "routers"),
    plain("google_compute_router_nat", "NAT gateway", "NAT gateways"),
    Entry {
        effect: Some("allow-lists that name the old one must follow"),
        ..plain("google_compute_address", "address", "addresses")
    },
    plain("google_compute_route", "route", "routes"),
    plain("google_compute_firewall", "firewall rule", "firewall rules"),
    plain("google_compute_network_firewall_policy", "firewall policy", "firewall policies"),
    plain(
        "google_compute_network_firewall_policy_association",
        "firewall policy association",
        "firewall policy associations",
    ),
    plain("google_compute_network_firewall_policy_rule", "firewall rule", "firewall rules"),
    Entry {
        effect: Some("what is behind it cannot be reached until the new one is there"),
        ..plain("google_compute_forwarding_rule", "private endpoint", "private endpoints")
    },
    plain(
        "google_network_connectivity_service_connection_policy",
        "connection policy",
        "connection policies",
    ),
    plain("google_service_networking_connection", "peering", "peerings"),
    plain("google_vpc_access_connector", "network connector", "network connectors"),
    Entry {
        effect: Some("its names lead nowhere until the new one is there"),
        ..plain("google_dns_managed_zone", "DNS zone", "DNS zones")
    },
    plain("google_dns_record_set", "DNS record", "DNS records"),
    // What serves.
    Entry { effect: Some(DOWN), ..plain("google_cloud_run_v2_service", "service", "services") },
    Entry {
        effect: Some(DOWN),
        ..plain("google_cloud_run_v2_worker_pool", "worker pool", "worker pools")
    },
    plain("google_cloud_run_v2_job", "job", "jobs"),
    Entry {
        effect: Some("the address changes, so the DNS records must follow"),
        ..plain("google_compute_global_address", "public address", "public addresses")
    },
    Entry {
        effect: Some("nothing answers until the new one is there"),
        ..plain("google_compute_global_forwarding_rule", "listener", "listeners")
    },
    plain("google_compute_target_https_proxy", "HTTPS proxy", "HTTPS proxies"),
    plain("google_compute_target_http_proxy", "HTTP proxy", "HTTP proxies"),
    plain("google_compute_url_map", "URL map", "URL maps"),
    plain("google_compute_backend_service", "backend", "backends"),
    plain("google_compute_backend_bucket", "bucket backend", "bucket backends"),
    plain("google_compute_region_network_endpoint_group", "endpoint group", "endpoint groups"),
    plain("google_compute_ssl_policy", "TLS policy", "TLS policies"),
    plain("google_compute_security_policy", "web firewall", "web firewalls"),
    Entry {
        effect: Some("nothing answers over TLS until the new one is issued"),
        ..plain("google_compute_managed_ssl_certificate", "certificate", "certificates")
    },
    Entry {
        effect: Some("nothing answers over TLS until the new one is issued"),
        ..plain("google_certificate_manager_certificate", "certificate", "certificates")
    },
    plain("google_certificate_manager_certificate_map", "certificate map", "certificate maps"),
    plain(
        "google_certificate_manager_certificate_map_entry",
        "certificate map entry",
        "certificate map entries",
    ),
    plain(
        "google_certificate_manager_dns_authorization",
        "DNS authorization",
        "DNS authorizations",
    ),
    plain("google_cloud_scheduler_job", "schedule", "schedules"),
    // Rights, logins, APIs.
    plain("google_service_account", "service account", "service accounts"),
    plain("google_sql_user", "database login", "database logins"),
    plain("google_project_service", "API", "APIs"),
    plain("google_project_iam_custom_role", "role", "roles"),
    plain("google_project_iam_audit_config", "audit log", "audit logs"),
    plain("google_project_iam_member", "right", "rights"),
    plain("google_service_account_iam_member", "right", "rights"),
    plain("google_secret_manager_secret_iam_member", "right", "rights"),
    plain("google_kms_crypto_key_iam_member", "right", "rights"),
    plain("google_storage_bucket_iam_member", "right", "rights"),
    plain("google_artifact_registry_repository_iam_member", "right", "rights"),
    plain("google_cloud_run_v2_service_iam_member", "right", "rights"),
    plain("google_cloud_run_v2_job_iam_member", "right", "rights"),
    plain("google_cloud_tasks_queue_iam_member", "right", "rights"),
    plain("google_pubsub_topic_iam_member", "right", "rights"),
    plain("google_pubsub_subscription_iam_member", "right", "rights"),
    // Notices and logs.
    plain("google_logging_project_sink", "log sink", "log sinks"),
    plain("google_logging_metric", "log metric", "log metrics"),
    plain(
        "google_monitoring_notification_channel",
        "notification channel",
        "notification channels",
    ),
    plain("google_monitoring_alert_policy", "alarm", "alarms"),
    plain("google_monitoring_dashboard", "dashboard", "dashboards"),
    plain("google_monitoring_uptime_check_config", "uptime check", "uptime checks"),
];

/// Attributes that a summary needs beside those that are told.
pub(super) fn kept(kind: &str) -> &'static [&'static str] {
    match kind {
        "google_cloud_run_v2_service" => &[
            FEWEST,
            MOST,
            "template.0.containers.0.resources.0.limits.cpu",
            "template.0.containers.0.resources.0.limits.memory",
            "latest_created_revision",
            "latest_ready_revision",
        ],
        "google_cloud_run_v2_worker_pool" => &[
            FIXED,
            "template.0.containers.0.resources.0.limits.cpu",
            "template.0.containers.0.resources.0.limits.memory",
            "latest_created_revision",
            "latest_ready_revision",
        ],
        "google_sql_database_instance" => &[
            "deletion_policy",
            "settings.0.availability_type",
            "settings.0.retain_backups_on_delete",
            "settings.0.final_backup_config.0.enabled",
            "settings.0.final_backup_config.0.retention_days",
        ],
        "google_kms_crypto_key" => &["deletion_policy", "destroy_scheduled_duration"],
        "google_compute_address" => &["deletion_policy", "address_type"],
        "google_project_service" => &["disable_on_destroy", "service"],
        kind if kind.ends_with("_iam_member") => &["role", "member"],
        _ => &["deletion_policy"],
    }
}

/// What only wires or sets others: told as a count of its family.
pub(super) fn family(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "google_compute_firewall" => "security rules",
        "google_compute_route" => "routes",
        "google_project_service" => "APIs",
        "google_sql_user" => "database logins",
        "google_compute_target_http_proxy"
        | "google_compute_target_https_proxy"
        | "google_compute_backend_service"
        | "google_compute_region_network_endpoint_group" => "parts of load balancers",
        "google_compute_ssl_policy"
        | "google_compute_forwarding_rule"
        | "google_certificate_manager_certificate_map"
        | "google_certificate_manager_certificate_map_entry"
        | "google_certificate_manager_dns_authorization"
        | "google_dns_managed_zone"
        | "google_dns_record_set"
        | "google_logging_project_sink" => "settings",
        kind if kind.ends_with("_iam_member") => "rights",
        _ => return None,
    })
}

/// By what the elements of a set are told apart; terraform shows a set as a list, in which one
/// element more moves all others.
pub(super) fn key(kind: &str, block: &str) -> Option<&'static str> {
    match (kind, block) {
        (_, "env" | "database_flags") => Some("name"),
        ("google_compute_security_policy", "rule") => Some("priority"),
        ("google_sql_database_instance", "authorized_networks") => Some("value"),
        _ => None,
    }
}

/// What Google reports and nobody decides: it moves with every change and with many a day.
pub(super) fn is_status(kind: &str, path: &str) -> bool {
    let run = kind.starts_with("google_cloud_run_v2_");
    match path {
        "etag"
        | "fingerprint"
        | "label_fingerprint"
        | "generation"
        | "observed_generation"
        | "uid"
        | "self_link"
        | "creation_timestamp"
        | "create_time"
        | "update_time"
        | "generated_id" => true,
        "conditions"
        | "terminal_condition"
        | "traffic_statuses"
        | "instance_split_statuses"
        | "reconciling"
        | "uri"
        | "urls"
        | "creator"
        | "last_modifier"
        | "delete_time"
        | "expire_time"
        | "execution_count"
        | "latest_created_execution" => run,
        "settings.0.version"
        | "settings.0.effective_availability_type"
        | "settings.0.backup_configuration.0.backup_tier"
        | "available_maintenance_versions" => kind == "google_sql_database_instance",
        "creation_record" => kind == "google_monitoring_alert_policy",
        _ => false,
    }
}
