//! What resources are called, what is lost with them, and which of their values matter: a table for
//! each cloud, of every type that our modules use. Its order is the order in which creations are
//! told.

mod aws;
mod google;

use super::model::{Action, Change};

pub(super) use google::{FEWEST, FIXED, MOST};

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

/// Every entry of every cloud.
fn entries() -> impl Iterator<Item = &'static Entry> {
    aws::ENTRIES.iter().chain(google::ENTRIES)
}

/// Position in the table, which orders creations, and the entry.
pub(super) fn entry(kind: &str) -> Option<(usize, &'static Entry)> {
    entries().enumerate().find(|(_, entry)| entry.kind == kind)
}

/// Whether a type is Google's.
pub(super) fn is_google(kind: &str) -> bool {
    kind.starts_with("google_")
}

/// Attributes that are told when one is made, in this order.
pub(super) fn facts(kind: &str) -> &'static [&'static str] {
    entry(kind).map_or(&[], |(_, entry)| entry.facts)
}

/// Attributes that are kept of a type: those that are told, and those that a summary needs.
pub(super) fn kept(kind: &str) -> impl Iterator<Item = &'static str> {
    let more = if is_google(kind) { google::kept(kind) } else { aws::kept(kind) };
    facts(kind).iter().chain(more).copied()
}

/// What is compared and not shown, and so kept however long it is: an account of Google's own has
/// more letters than a line has room for.
pub(super) fn is_name(attribute: &str) -> bool {
    matches!(attribute, "member" | "latest_created_revision" | "latest_ready_revision")
}

/// By what the elements of a block that repeats are told apart; `None` if by their position.
pub(super) fn key(kind: &str, block: &str) -> Option<&'static str> {
    if is_google(kind) { google::key(kind, block) } else { None }
}

/// What a cloud reports and nobody decides: not even looked at.
pub(super) fn is_status(kind: &str, path: &str) -> bool {
    is_google(kind) && google::is_status(kind, path)
}

/// What rolls out by a change of itself: it has no task definition beside it.
pub(super) fn rolls_itself(kind: &str) -> bool {
    matches!(
        kind,
        "google_cloud_run_v2_service"
            | "google_cloud_run_v2_worker_pool"
            | "google_cloud_run_v2_job"
    )
}

/// What answers or works all the time.
pub(super) fn is_service(kind: &str) -> bool {
    matches!(
        kind,
        "aws_ecs_service" | "google_cloud_run_v2_service" | "google_cloud_run_v2_worker_pool"
    )
}

/// A database server.
pub(super) fn is_database(kind: &str) -> bool {
    matches!(kind, "aws_db_instance" | "aws_rds_cluster" | "google_sql_database_instance")
}

/// Whether a resource that terraform deletes is there afterwards: the provider only forgets it.
pub(super) fn stays(change: &Change) -> bool {
    if change.action != Action::Delete || !is_google(&change.kind) {
        return false;
    }
    match change.kind.as_str() {
        // Google has no way to delete one.
        "google_kms_key_ring" => true,
        "google_project_service" => change.fact("disable_on_destroy") != Some("true"),
        _ => change.fact("deletion_policy") == Some("ABANDON"),
    }
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
            | (
                "service",
                "aws_ecs_service"
                    | "google_cloud_run_v2_service"
                    | "google_cloud_run_v2_worker_pool"
            )
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
        kind if is_google(kind) => return google::family(kind),
        _ => return None,
    })
}

/// Kinds of modules that carry a name after an underscore: `service_web`.
pub(super) const NAMED_MODULES: [&str; 10] = [
    "database", "service", "job", "identity", "ingress", "routes", "bucket", "queue", "cache",
    "schedule",
];

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
        || is_derived_of_google(path)
}

/// What Cloud Run makes of a template, and what repeats the labels of an environment in it.
fn is_derived_of_google(path: &str) -> bool {
    let labels = ["template.0.labels", "template.0.template.0.labels"];
    matches!(path, "latest_created_revision" | "latest_ready_revision")
        || matches!(path, "run_execution_token" | "start_execution_token")
        || matches!(path, "client" | "client_version")
        || labels.iter().any(|above| {
            path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_is_described_once() {
        let mut kinds: Vec<&str> = entries().map(|entry| entry.kind).collect();
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
            "google_secret_manager_secret",
            "google_kms_crypto_key",
            "google_storage_bucket",
            "google_compute_network",
        ] {
            assert!(is_stateful(kind), "{kind}");
        }
        assert!(!is_stateful("aws_ecs_task_definition"), "a new revision loses nothing");
        assert!(!is_stateful("google_cloud_run_v2_service"), "a new revision loses nothing");
    }
}
