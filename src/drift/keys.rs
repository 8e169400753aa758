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
];

/// Where the value of an attribute can be written; `None` if only the release decides it.
pub(super) fn key(change: &Change, path: &str) -> Option<String> {
    if is_within(path, "tags") {
        return Some("`tags`".to_owned());
    }
    let (.., block, key) = TABLE
        .iter()
        .find(|(kind, attribute, ..)| *kind == change.kind && is_within(path, attribute))?;
    let name = change.module.as_deref().and_then(|module| {
        let call = module.rsplit("module.").next()?;
        let call = call.split('[').next()?;
        call.split_once('_').map(|(kind, name)| (kind, name.to_owned()))
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
}
