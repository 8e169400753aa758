//! What plans on Google Cloud mean; what AWS's mean is in the snapshots of approvals.
#![allow(clippy::unwrap_used, reason = "tests")]

use serde_json::{Value, json};

use super::{Summary, summary};

const SQL: &str = "module.database_main.google_sql_database_instance.this";

#[expect(clippy::needless_pass_by_value, reason = "literals are written where it is called")]
fn change(address: &str, action: &str, before: Value, after: Value) -> Value {
    let mut parts: Vec<&str> = address.split('[').next().unwrap().split('.').collect();
    let (name, kind) = (parts.pop().unwrap(), parts.pop().unwrap());
    let index = address.split_once("[\"").map(|(_, rest)| rest.trim_end_matches("\"]"));
    let actions: Vec<&str> = action.split('+').collect();
    json!({"address": address, "mode": "managed", "type": kind, "name": name, "index": index,
        "module_address": parts.join("."),
        "change": {"actions": actions, "before": before, "after": after}})
}

fn of(changes: &[Value]) -> Summary {
    let json = json!({"format_version": "1.2", "resource_changes": changes}).to_string();
    summary([&crate::plan::read(json.as_bytes(), "foundation").unwrap()])
}

fn sql(tier: &str, availability: &str, disk: u64) -> Value {
    json!({"settings": [{"tier": tier, "availability_type": availability, "disk_size": disk,
        "final_backup_config": [{"enabled": true, "retention_days": 30}]}]})
}

#[test]
fn a_larger_database_restarts_and_costs_more() {
    let (small, large) =
        (sql("db-custom-1-3840", "ZONAL", 20), sql("db-custom-2-7680", "REGIONAL", 40));
    let found = of(&[change(SQL, "update", small, large)]);
    assert_eq!(found.downtime, ["database main restarts during the update"]);
    assert_eq!(
        found.cost_drivers,
        ["database main: db-custom-1-3840 → db-custom-2-7680, 20 → 40 GB, with a standby"]
    );
}

#[test]
fn what_is_lost_says_what_can_be_had_back() {
    let gone = |address: &str, before: Value| change(address, "delete", before, Value::Null);
    let key = json!({"destroy_scheduled_duration": "2592000s", "deletion_policy": "DELETE"});
    let found = of(&[
        gone(SQL, sql("db-custom-1-3840", "ZONAL", 20)),
        gone("module.secrets.google_secret_manager_secret.this[\"session\"]", json!({})),
        gone("module.keys.google_kms_crypto_key.this", key),
        gone("module.bucket_uploads.google_storage_bucket.this", json!({})),
        gone(
            "module.database_main.google_sql_database.this[\"ledger\"]",
            json!({"deletion_policy": "ABANDON"}),
        ),
    ]);
    assert_eq!(
        found.data,
        [
            "database main is lost, a final backup of it is kept for 30 days",
            "secret session is lost at once, with every version of it",
            "encryption key of keys is scheduled for destruction, it can be restored for 30 days",
            "bucket uploads is lost",
            "logical database ledger of database main stays in the cloud, unmanaged",
        ]
    );
    assert_eq!(found.downtime, ["database main goes"]);
}

#[test]
fn instances_and_addresses_drive_costs() {
    let service = |count: u64, cpu: &str| {
        json!({"template": [{"scaling": [{"min_instance_count": count, "max_instance_count": 6}],
            "containers": [{"resources": [{"limits": {"cpu": cpu, "memory": "512Mi"}}]}]}]})
    };
    let address = |kind: &str| json!({"address_type": kind});
    let web = "module.service_web.google_cloud_run_v2_service.this[0]";
    let found = of(&[
        change(web, "update", service(1, "1"), service(2, "1")),
        change(
            "module.service_worker.google_cloud_run_v2_worker_pool.this[0]",
            "create",
            Value::Null,
            json!({"scaling": [{"manual_instance_count": 1}]}),
        ),
        change(
            "module.network.google_compute_address.nat[\"2\"]",
            "create",
            Value::Null,
            address("EXTERNAL"),
        ),
        change(
            "module.database_main.google_compute_address.this",
            "create",
            Value::Null,
            address("INTERNAL"),
        ),
    ]);
    assert_eq!(
        found.cost_drivers,
        [
            "service web: 1 to 6 → 2 to 6 instances of 1 vCPU and 0.5 GiB",
            "service worker: 1 instance, new",
            "+1 address",
        ]
    );
}

#[test]
fn rights_of_what_was_there_are_told_and_those_of_what_is_new_are_its_own() {
    let right = |address: &str, role: &str, member: &str| {
        change(address, "create", Value::Null, json!({"role": role, "member": member}))
    };
    let account = |name: &str| format!("serviceAccount:acme-{name}@acme.iam.gserviceaccount.com");
    let found = of(&[
        right(
            "module.identity_service_web.google_project_iam_member.this",
            "roles/cloudsql.client",
            &account("web"),
        ),
        right(
            "module.identity_service_new.google_project_iam_member.this",
            "roles/cloudsql.client",
            &account("new"),
        ),
        change(
            "module.identity_service_new.google_service_account.this",
            "create",
            Value::Null,
            json!({}),
        ),
        right(
            "module.keys.google_kms_crypto_key_iam_member.this[\"cloud_sql\"]",
            "roles/cloudkms.cryptoKeyEncrypterDecrypter",
            "serviceAccount:service-1@gcp-sa-cloud-sql.iam.gserviceaccount.com",
        ),
        right(
            "module.service_web.google_cloud_run_v2_service_iam_member.this",
            "roles/run.invoker",
            "allUsers",
        ),
    ]);
    assert_eq!(
        found.rights,
        [
            "opens service web to the whole internet (roles/run.invoker)",
            "service web may now roles/cloudsql.client",
            "Cloud SQL may now roles/cloudkms.cryptoKeyEncrypterDecrypter",
            "new service accounts for service new",
        ]
    );
}
