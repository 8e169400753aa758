//! What `drift { customer_owned = [...] }` can name, and which resources that is: a closed table.

use super::Rule;
use super::rules::is_within;
use crate::plan::Change;

/// A part of an environment that can be the customer's.
struct Part {
    /// Block in environment.hcl.
    block: &'static str,
    /// What it is called in it.
    name: &'static str,
    /// Resource type and the attributes of it; none is the whole resource.
    resources: &'static [(&'static str, &'static [&'static str])],
}

static TABLE: &[Part] = &[
    Part {
        block: "ingress",
        name: "firewall",
        resources: &[
            ("aws_wafv2_web_acl", &[]),
            ("aws_wafv2_web_acl_association", &[]),
            ("aws_lb", &["enable_waf_fail_open"]),
            ("google_compute_security_policy", &[]),
        ],
    },
    Part {
        block: "ingress",
        name: "certificate",
        resources: &[
            ("aws_lb_listener", &["certificate_arn", "ssl_policy"]),
            ("aws_lb_listener_certificate", &[]),
            ("google_certificate_manager_certificate", &[]),
            ("google_certificate_manager_certificate_map", &[]),
            ("google_certificate_manager_certificate_map_entry", &[]),
            ("google_compute_managed_ssl_certificate", &[]),
            ("google_compute_ssl_policy", &[]),
            (
                "google_compute_target_https_proxy",
                &["certificate_map", "ssl_certificates", "ssl_policy"],
            ),
        ],
    },
    Part {
        block: "ingress",
        name: "logs",
        resources: &[
            ("aws_lb", &["access_logs", "connection_logs"]),
            ("aws_s3_bucket_lifecycle_configuration", &[]),
        ],
    },
    Part {
        block: "database",
        name: "parameters",
        resources: &[
            ("aws_db_parameter_group", &["parameter"]),
            ("google_sql_database_instance", &["settings.0.database_flags"]),
        ],
    },
    Part {
        block: "database",
        name: "backups",
        resources: &[
            ("aws_db_instance", &["backup_retention_period", "backup_window"]),
            ("google_sql_database_instance", &["settings.0.backup_configuration"]),
        ],
    },
    Part {
        block: "database",
        name: "maintenance",
        resources: &[
            ("aws_db_instance", &["maintenance_window"]),
            (
                "google_sql_database_instance",
                &["settings.0.maintenance_window", "settings.0.deny_maintenance_period"],
            ),
        ],
    },
    Part {
        block: "network",
        name: "routes",
        resources: &[
            ("aws_route", &[]),
            ("aws_route_table", &["route"]),
            ("google_compute_route", &[]),
            ("google_compute_router", &["bgp"]),
        ],
    },
    Part {
        block: "network",
        name: "endpoints",
        resources: &[
            ("aws_vpc_endpoint", &[]),
            ("google_network_connectivity_service_connection_policy", &[]),
        ],
    },
    Part {
        block: "network",
        name: "flow_logs",
        resources: &[
            ("aws_flow_log", &[]),
            ("google_compute_subnetwork", &["log_config"]),
            ("google_compute_firewall", &["log_config"]),
        ],
    },
];

/// The parts of a block that can be the customer's.
pub fn parts(block: &str) -> Vec<&'static str> {
    TABLE.iter().filter(|it| it.block == block).map(|it| it.name).collect()
}

/// The rule by which a difference is the customer's; `None` as an attribute is the whole resource.
pub(super) fn owned(owned: &[String], change: &Change, attribute: Option<&str>) -> Option<Rule> {
    let named = owned.iter().find(|path| {
        let steps: Vec<&str> = path.split('.').collect();
        let (block, module, part) = match steps.as_slice() {
            [block, name, part] => (*block, format!("{block}_{name}"), *part),
            [block, part] => (*block, (*block).to_owned(), *part),
            _ => return false,
        };
        // Where a load balancer leads is a module of its own on Google Cloud, and the same block.
        let led = || module.strip_prefix("ingress").map(|rest| format!("routes{rest}"));
        (is_in(change, &module) || led().is_some_and(|routes| is_in(change, &routes)))
            && holds(block, part, &change.kind, attribute)
    })?;
    Some(Rule {
        name: "customer-owned".to_owned(),
        why: format!("environment.hcl gives {named} to the customer"),
    })
}

fn is_in(change: &Change, module: &str) -> bool {
    let prefix = format!("module.{module}");
    change.module.as_deref().is_some_and(|it| {
        it.strip_prefix(&prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    })
}

fn holds(block: &str, part: &str, kind: &str, attribute: Option<&str>) -> bool {
    let entries = TABLE.iter().filter(|it| it.block == block && it.name == part);
    let mut resources = entries.flat_map(|it| it.resources);
    resources.any(|(known, attributes)| {
        *known == kind
            && (attributes.is_empty()
                || attribute.is_some_and(|path| attributes.iter().any(|it| is_within(path, it))))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(module: &str, kind: &str) -> Change {
        Change { module: Some(module.to_owned()), kind: kind.to_owned(), ..Change::default() }
    }

    #[test]
    fn a_part_is_the_customers_in_its_own_block_only() {
        let given = ["ingress.public.firewall".to_owned(), "network.routes".to_owned()];
        let is_owned = |module: &str, kind: &str, attribute: Option<&str>| {
            owned(&given, &change(module, kind), attribute).is_some()
        };
        assert!(is_owned("module.ingress_public", "aws_wafv2_web_acl_association", None));
        assert!(is_owned("module.ingress_public", "aws_lb", Some("enable_waf_fail_open")));
        assert!(!is_owned("module.ingress_public", "aws_lb", Some("idle_timeout")));
        assert!(!is_owned("module.ingress_public", "aws_lb", None), "the load balancer itself");
        assert!(!is_owned("module.ingress_public2", "aws_wafv2_web_acl_association", None));
        assert!(is_owned("module.network", "aws_route", Some("gateway_id")));
        assert!(!is_owned("module.network", "aws_subnet", Some("cidr_block")));
    }

    #[test]
    fn googles_parts_are_the_same_parts() {
        let given =
            ["ingress.public.firewall", "ingress.public.certificate", "database.main.backups"];
        let given = given.map(str::to_owned);
        let is_owned = |module: &str, kind: &str, attribute: Option<&str>| {
            owned(&given, &change(module, kind), attribute).is_some()
        };
        let sql = "google_sql_database_instance";
        assert!(is_owned(
            "module.ingress_public",
            "google_compute_security_policy",
            Some("rule.1")
        ));
        let proxy = "google_compute_target_https_proxy";
        assert!(is_owned("module.routes_public", proxy, Some("certificate_map")));
        assert!(!is_owned("module.routes_public", proxy, Some("url_map")));
        let backups = "settings.0.backup_configuration.0.start_time";
        assert!(is_owned("module.database_main", sql, Some(backups)));
        assert!(!is_owned("module.database_main", sql, Some("settings.0.tier")));
    }

    #[test]
    fn nothing_is_given_away_by_a_part_that_is_not_in_the_table() {
        let given = ["ingress.public.everything".to_owned()];
        assert_eq!(owned(&given, &change("module.ingress_public", "aws_lb"), None), None);
        assert_eq!(parts("ingress"), ["firewall", "certificate", "logs"]);
        assert!(parts("service").is_empty());
    }
}
