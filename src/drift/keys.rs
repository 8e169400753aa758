//! What a person can write in environment.hcl to want what somebody changed: the second way out.

use super::rules::is_within;
use crate::plan::Change;

/// (resource type, attribute, block of environment.hcl, key in it).
static TABLE: &[(&str, &str, &str, &str)] = &[
    ("aws_db_instance", "instance_class", "database", "instance"),
    ("aws_db_instance", "backup_retention_period", "database", "backup_days"),
    ("aws_db_instance", "maintenance_window", "database", "maintenance"),
    ("aws_lb_listener", "certificate_arn", "ingress", "certificate"),
    ("aws_lb", "internal", "ingress", "reach"),
    ("aws_vpc_security_group_ingress_rule", "cidr_ipv4", "ingress", "allow"),
    ("aws_appautoscaling_target", "min_capacity", "service", "replicas"),
    ("aws_appautoscaling_target", "max_capacity", "service", "max"),
    ("aws_ecs_task_definition", "cpu", "service", "cpu"),
    ("aws_ecs_task_definition", "memory", "service", "memory"),
    ("aws_sns_topic_subscription", "endpoint", "environment", "contact"),
    ("aws_vpc", "cidr_block", "network", "cidr"),
    ("google_sql_database_instance", "settings.0.tier", "database", "instance"),
    (
        "google_sql_database_instance",
        "settings.0.backup_configuration.0.backup_retention_settings.0.retained_backups",
        "database",
        "backup_days",
    ),
    ("google_sql_database_instance", "settings.0.maintenance_window", "database", "maintenance"),
    ("google_sql_database_instance", "settings.0.database_flags", "database", "parameters"),
    ("google_compute_target_https_proxy", "certificate_map", "ingress", "certificate"),
    ("google_compute_security_policy", "rule", "ingress", "allow"),
    ("google_cloud_run_v2_service", FEWEST, "service", "replicas"),
    ("google_cloud_run_v2_service", MOST, "service", "max"),
    ("google_cloud_run_v2_service", CPU, "service", "cpu"),
    ("google_cloud_run_v2_service", MEMORY, "service", "memory"),
    ("google_cloud_run_v2_worker_pool", "scaling.0.manual_instance_count", "service", "replicas"),
    ("google_cloud_run_v2_worker_pool", CPU, "service", "cpu"),
    ("google_cloud_run_v2_worker_pool", MEMORY, "service", "memory"),
    ("google_cloud_run_v2_job", JOB_CPU, "service", "cpu"),
    ("google_cloud_run_v2_job", JOB_MEMORY, "service", "memory"),
    ("google_monitoring_notification_channel", "labels.email_address", "environment", "contact"),
    ("google_compute_subnetwork", "ip_cidr_range", "network", "cidr"),
];

/// Where Cloud Run has what an environment can override.
const FEWEST: &str = "template.0.scaling.0.min_instance_count";
const MOST: &str = "template.0.scaling.0.max_instance_count";
const CPU: &str = "template.0.containers.0.resources.0.limits.cpu";
const MEMORY: &str = "template.0.containers.0.resources.0.limits.memory";
const JOB_CPU: &str = "template.0.template.0.containers.0.resources.0.limits.cpu";
const JOB_MEMORY: &str = "template.0.template.0.containers.0.resources.0.limits.memory";

/// Where the value of an attribute can be written; `None` if only the release decides it.
pub(super) fn key(change: &Change, path: &str) -> Option<String> {
    let known = TABLE
        .iter()
        .find(|(kind, attribute, ..)| *kind == change.kind && is_within(path, attribute));
    let Some((.., block, key)) = known else {
        let tags = is_within(path, "tags") || is_within(path, "labels");
        return tags.then(|| "`tags`".to_owned());
    };
    let name = change.module.as_deref().and_then(|module| {
        let call = module.rsplit("module.").next()?;
        let call = call.split('[').next()?;
        // Where a load balancer leads is the load balancer's.
        let kind = |kind| if kind == "routes" { "ingress" } else { kind };
        call.split_once('_').map(|(it, name)| (kind(it), name.to_owned()))
    });
    Some(match (*block, name) {
        ("environment" | "network", _) => format!("`{key}` in `{block}`"),
        ("service", Some((kind @ ("service" | "job"), name))) => {
            format!("`{key}` in `override \"{kind}\" \"{name}\"`")
        }
        ("service", _) => return None,
        (block, Some((kind, name))) if kind == block => format!("`{key}` in `{block} \"{name}\"`"),
        (block, _) => format!("`{key}` in `{block}`"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key_of(module: &str, kind: &str, path: &str) -> Option<String> {
        let change =
            Change { module: Some(module.to_owned()), kind: kind.to_owned(), ..Change::default() };
        key(&change, path)
    }

    #[test]
    fn what_environment_hcl_can_say_is_named_with_its_block() {
        let database = key_of("module.database_main", "aws_db_instance", "instance_class");
        assert_eq!(database.as_deref(), Some("`instance` in `database \"main\"`"));
        let service = key_of("module.service_web", "aws_appautoscaling_target", "max_capacity");
        assert_eq!(service.as_deref(), Some("`max` in `override \"service\" \"web\"`"));
        let tag = key_of("module.keys", "aws_kms_key", "tags.owner");
        assert_eq!(tag.as_deref(), Some("`tags`"));
        assert_eq!(key_of("module.keys", "aws_kms_key", "enable_key_rotation"), None);
    }

    #[test]
    fn googles_attributes_lead_to_the_same_keys() {
        let is = |module: &str, kind: &str, path: &str, key: &str| {
            assert_eq!(key_of(module, kind, path).as_deref(), Some(key));
        };
        let sql = "google_sql_database_instance";
        is("module.database_main", sql, "settings.0.tier", "`instance` in `database \"main\"`");
        is(
            "module.database_main",
            sql,
            "settings.0.maintenance_window.0.hour",
            "`maintenance` in `database \"main\"`",
        );
        is(
            "module.service_web",
            "google_cloud_run_v2_service",
            FEWEST,
            "`replicas` in `override \"service\" \"web\"`",
        );
        is(
            "module.job_nightly",
            "google_cloud_run_v2_job",
            JOB_MEMORY,
            "`memory` in `override \"job\" \"nightly\"`",
        );
        is(
            "module.routes_public",
            "google_compute_target_https_proxy",
            "certificate_map",
            "`certificate` in `ingress \"public\"`",
        );
        let channel = "google_monitoring_notification_channel";
        is("module.observability", channel, "labels.email_address", "`contact` in `environment`");
        is("module.secrets", "google_secret_manager_secret", "labels.owner", "`tags`");
    }
}
