//! Whole plans on Google Cloud and what an operator reads.
#![allow(clippy::unwrap_used, reason = "tests")]

use serde_json::{Value, json};

use super::tests::{change, create, told, told_with};
use super::*;

const WEB: &str = "module.service_web.google_cloud_run_v2_service.this[0]";
const WORKER: &str = "module.service_worker.google_cloud_run_v2_worker_pool.this[0]";
const SQL: &str = "module.database_main.google_sql_database_instance.this";

const OLD: &str = "v.example/web@sha256:ab12ab12ab12";
const NEW: &str = "v.example/web@sha256:cd34cd34cd34";

/// A service as the provider shows it: variables are a set, which terraform writes as a list.
fn service(image: &str, tag: &str, variables: &[(&str, &str)], secrets: &[(&str, &str)]) -> Value {
    let plain = variables.iter().map(|(name, value)| json!({"name": name, "value": value}));
    let secret = secrets.iter().map(|(name, version)| {
        let reference = json!([{"secret": "acme-session", "version": version}]);
        json!({"name": name, "value_source": [{"secret_key_ref": reference}]})
    });
    let env: Vec<Value> = plain.chain(secret).collect();
    json!({
        "name": "acme-web", "ingress": "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER",
        "invoker_iam_disabled": true,
        "etag": image, "generation": image, "latest_created_revision": image,
        "terminal_condition": [{"last_transition_time": image}],
        "template": [{
            "labels": {"landfall-image-tag": tag},
            "scaling": [{"min_instance_count": 2, "max_instance_count": 2}],
            "containers": [{
                "name": "main", "image": image, "env": env,
                "resources": [{"limits": {"cpu": "1", "memory": "512Mi"}}],
            }],
        }],
    })
}

fn update(address: &str, before: Value, after: Value) -> Value {
    change(address, &["update"], [before, after], &json!({}))
}

/// A copy with something else at a JSON pointer.
fn with(value: &Value, pointer: &str, other: Value) -> Value {
    let mut value = value.clone();
    *value.pointer_mut(pointer).unwrap() = other;
    value
}

#[test]
fn a_new_release_is_one_sentence_of_the_service_itself() {
    let image = |image, tag| service(image, tag, &[("LOG_LEVEL", "info")], &[("SESSION", "1")]);
    let (old, new) = (image(OLD, "v1-0-0"), image(NEW, "v1-1-0"));
    assert_eq!(told(&[update(WEB, old.clone(), new.clone())]), ["web: v1.0.0 → v1.1.0"]);
    // A label has no dots: the release knows the tag as it is.
    let tag_of = |digest: &str| {
        Some(if digest.contains("ab12") { "v1.0.0-rc.1" } else { "v1.0.0" }.to_owned())
    };
    let (old, new) = (image(OLD, "v1-0-0-rc-1"), image(NEW, "v1-0-0"));
    let words = Words { tag_of: &tag_of, digests: true };
    assert_eq!(
        told_with(&[update(WEB, old, new)], words),
        ["web: v1.0.0-rc.1 → v1.0.0 (sha256:ab12ab12… → sha256:cd34cd34…)"]
    );
}

#[test]
fn variables_and_secrets_are_told_by_name_whatever_their_order() {
    let old = service(
        OLD,
        "v1-0-0",
        &[("LOG_LEVEL", "info"), ("OLD", "1"), ("SAME", "1")],
        &[("SESSION", "1")],
    );
    let new = service(
        NEW,
        "v1-1-0",
        &[("SAME", "1"), ("NEW", "1"), ("LOG_LEVEL", "debug")],
        &[("LICENCE", "1"), ("SESSION", "2")],
    );
    assert_eq!(
        told(&[update(WEB, old, new)]),
        ["web: v1.0.0 → v1.1.0; variable LOG_LEVEL info → debug; new variable NEW; variable OLD \
          goes; secret SESSION version 1 → 2; new secret LICENCE"]
    );
}

#[test]
fn a_proxy_beside_the_product_is_told_by_its_name() {
    let proxied = |image: &str, tag: &str, proxy: &str| {
        let mut it = service(image, tag, &[], &[]);
        let containers = it.pointer_mut("/template/0/containers").unwrap();
        containers.as_array_mut().unwrap().push(json!({"name": "proxy-5432", "image": proxy}));
        it
    };
    let (one, two) = ("p.example/proxy@sha256:11111111", "p.example/proxy@sha256:22222222");
    let released = update(WEB, proxied(OLD, "v1-0-0", one), proxied(NEW, "v1-1-0", one));
    assert_eq!(told(&[released]), ["web: v1.0.0 → v1.1.0"]);
    let both = update(WEB, proxied(OLD, "v1-0-0", one), proxied(NEW, "v1-1-0", two));
    assert_eq!(
        told(&[both]),
        ["web: v1.0.0 → v1.1.0; proxy-5432 image sha256:11111111… → sha256:22222222…"]
    );
    let plain = service(OLD, "v1-0-0", &[], &[]);
    assert_eq!(
        told(&[update(WEB, plain, proxied(OLD, "v1-0-0", one))]),
        ["service web: new container proxy-5432"]
    );
}

#[test]
fn a_scale_is_told_in_instances() {
    let plain = service(OLD, "v1-0-0", &[], &[]);
    let scaled = |least: u64, most: u64| {
        let scaling = json!([{"min_instance_count": least, "max_instance_count": most}]);
        with(&plain, "/template/0/scaling", scaling)
    };
    let web = |after| told(&[update(WEB, plain.clone(), after)]);
    assert_eq!(web(scaled(3, 3)), ["service web: 2 → 3 instances"]);
    assert_eq!(web(scaled(0, 6)), ["service web: 2 → 0 to 6 instances"]);
    let pool = |count: u64| json!({"scaling": [{"manual_instance_count": count}]});
    assert_eq!(told(&[update(WORKER, pool(1), pool(4))]), ["service worker: 1 → 4 instances"]);
    // The alarm that counts with the number only follows.
    let alarm = |count: u64| {
        json!({"conditions": [{"display_name": format!("Fewer than {count} instances run."),
            "condition_threshold": [{"threshold_value": count}]}]})
    };
    let follows = "module.service_web.google_monitoring_alert_policy.this[\"instances\"]";
    assert_eq!(
        told(&[update(WEB, plain.clone(), scaled(3, 3)), update(follows, alarm(2), alarm(3)),]),
        ["service web: 2 → 3 instances"]
    );
}

#[test]
fn sizes_and_probes_are_told_without_the_blocks_around_them() {
    let plain = service(OLD, "v1-0-0", &[], &[]);
    let limits = "/template/0/containers/0/resources/0/limits";
    let larger = with(&plain, limits, json!({"cpu": "2", "memory": "1024Mi"}));
    assert_eq!(
        told(&[update(WEB, plain, larger)]),
        ["service web: cpu 1 → 2, memory 512Mi → 1024Mi"]
    );
}

#[test]
fn a_job_is_told_like_a_service() {
    let job = |image: &str, tag: &str| {
        json!({"template": [{"labels": {}, "template": [{"labels": {"landfall-image-tag": tag},
            "containers": [{"name": "main", "image": image}]}]}]})
    };
    let migrate = "module.job_migrate.google_cloud_run_v2_job.this";
    assert_eq!(
        told(&[update(migrate, job(OLD, "v1-0-0"), job(NEW, "v1-1-0"))]),
        ["migrate: v1.0.0 → v1.1.0"]
    );
}

fn right(address: &str, role: &str, member: &str) -> Value {
    let after = json!({"role": role, "member": member});
    change(address, &["create"], [Value::Null, after], &json!({}))
}

#[test]
fn a_new_service_comes_with_its_rights() {
    let web = change(WEB, &["create"], [Value::Null, service(NEW, "v1-1-0", &[], &[])], &json!({}));
    let account = "serviceAccount:acme-web@acme.iam.gserviceaccount.com";
    let identity = "module.identity_service_web";
    assert_eq!(
        told(&[
            web,
            create(&format!("{identity}.google_service_account.this")),
            right(
                &format!("{identity}.google_project_iam_member.client[\"main\"]"),
                "roles/cloudsql.client",
                account,
            ),
            change(
                &format!("{identity}.google_project_iam_member.database[\"main:user\"]"),
                &["create"],
                [
                    Value::Null,
                    json!({"role": "roles/cloudsql.instanceUser", "member": account,
                        "condition": [{"title": "only-main"}]}),
                ],
                &json!({}),
            ),
            create("module.service_web.google_compute_backend_service.this[0]"),
            change(
                "module.cluster.google_project_service.this[\"run.googleapis.com\"]",
                &["create"],
                [Value::Null, json!({"service": "run.googleapis.com"})],
                &json!({}),
            ),
        ]),
        [
            "creates service web (2 instances)",
            "creates backend of service web",
            "creates service account of service web",
            "enables API run.googleapis.com of cluster",
            "service web may now roles/cloudsql.client, roles/cloudsql.instanceUser (only-main)",
        ]
    );
}

#[test]
fn a_removed_service_goes_with_what_it_needed() {
    let gone = |address: &str| change(address, &["delete"], [json!({}), Value::Null], &json!({}));
    let identity = "module.identity_service_web";
    assert_eq!(
        told(&[
            gone(WEB),
            gone("module.service_web.google_compute_backend_service.this[0]"),
            gone("module.service_web.google_compute_region_network_endpoint_group.this[0]"),
            gone(&format!("{identity}.google_service_account.this")),
            gone(&format!("{identity}.google_project_iam_member.client[\"main\"]")),
            gone("module.secrets.google_secret_manager_secret.this[\"session\"]"),
        ]),
        [
            "deletes secret session: its value is lost and must be set again",
            "deletes service web",
            "deletes what service web needed: 1 backend, 1 endpoint group, 1 service account, 1 right",
        ]
    );
}

#[test]
fn a_new_secret_is_told_with_who_may_read_it() {
    let member = right(
        "module.identity_service_web.google_secret_manager_secret_iam_member.this[\"licence\"]",
        "roles/secretmanager.secretAccessor",
        "serviceAccount:acme-web@acme.iam.gserviceaccount.com",
    );
    let rights = with(&member, "/change/after", {
        let mut after = member["change"]["after"].clone();
        after["secret_id"] = json!("projects/acme/secrets/acme-licence");
        after
    });
    assert_eq!(
        told(&[create("module.secrets.google_secret_manager_secret.this[\"licence\"]"), rights]),
        [
            "creates secret licence",
            "service web may now roles/secretmanager.secretAccessor on acme-licence",
        ]
    );
}

fn firewall(direction: &str, ranges: &str, action: &str, port: &str) -> Value {
    let side = if direction == "EGRESS" { "destination_ranges" } else { "source_ranges" };
    json!({"direction": direction, side: [ranges],
        action: [{"protocol": "tcp", "ports": [port]}]})
}

fn web_firewall(ranges: &[&str], everyone: bool) -> Value {
    let rule = |priority: u64, action: &str, ranges: &[&str]| {
        json!({"priority": priority, "action": action, "match": [{"versioned_expr": "SRC_IPS_V1",
            "config": [{"src_ip_ranges": ranges}]}]})
    };
    let last = rule(2_147_483_647, if everyone { "allow" } else { "deny(403)" }, &["*"]);
    json!({"rule": [last, rule(1000, "allow", ranges)]})
}

#[test]
fn what_opens_to_everyone_is_told_first() {
    let armor = "module.ingress_public.google_compute_security_policy.this";
    let plain = service(OLD, "v1-0-0", &[], &[]);
    let exposed = with(&plain, "/ingress", json!("INGRESS_TRAFFIC_ALL"));
    assert_eq!(
        told(&[
            create("module.network.google_compute_network.this"),
            change(
                "module.network.google_compute_firewall.allow_ssh",
                &["create"],
                [Value::Null, firewall("INGRESS", "0.0.0.0/0", "allow", "22")],
                &json!({}),
            ),
            change(
                "module.network.google_compute_firewall.allow_https",
                &["create"],
                [Value::Null, firewall("EGRESS", "0.0.0.0/0", "allow", "443")],
                &json!({}),
            ),
            change(
                "module.network.google_compute_firewall.deny_ingress",
                &["create"],
                [Value::Null, firewall("INGRESS", "0.0.0.0/0", "deny", "1-65535")],
                &json!({}),
            ),
            update(
                armor,
                web_firewall(&["203.0.113.0/24"], false),
                web_firewall(&["203.0.113.0/24"], true),
            ),
            update(WEB, plain, exposed),
            right(
                "module.service_web.google_cloud_run_v2_service_iam_member.this",
                "roles/run.invoker",
                "allUsers",
            ),
        ]),
        [
            "opens load balancer public to the whole internet",
            "opens service web to the whole internet past its load balancer",
            "opens network to the whole internet on tcp 22",
            "opens service web to the whole internet (roles/run.invoker)",
            "lets network reach the whole internet on tcp 443",
            "creates network",
            "creates deny ingress firewall rule of network",
        ]
    );
}

#[test]
fn a_list_of_those_allowed_is_told_by_what_changes_in_it() {
    let armor = "module.ingress_public.google_compute_security_policy.this";
    let (before, after) =
        (web_firewall(&["198.51.100.0/24"], false), web_firewall(&["203.0.113.0/24"], false));
    assert_eq!(
        told(&[update(armor, before, after)]),
        [
            "opens load balancer public to 203.0.113.0/24",
            "closes load balancer public to 198.51.100.0/24",
        ]
    );
    let backend = "module.service_web.google_compute_backend_service.this[0]";
    let guarded = json!({"load_balancing_scheme": "EXTERNAL_MANAGED", "security_policy": "p"});
    let bare = with(&guarded, "/security_policy", Value::Null);
    assert_eq!(
        told(&[update(backend, guarded, bare)]),
        ["opens service web to the whole internet without a web firewall"]
    );
}

fn sql(tier: &str, availability: &str) -> Value {
    json!({"database_version": "POSTGRES_17", "settings": [{"tier": tier, "disk_size": 20,
        "availability_type": availability, "version": tier,
        "database_flags": [{"name": "log_connections", "value": "on"}],
        "final_backup_config": [{"enabled": true, "retention_days": 30}]}]})
}

#[test]
fn a_change_of_tier_restarts_at_once() {
    let (small, large) = (sql("db-custom-1-3840", "ZONAL"), sql("db-custom-2-7680", "ZONAL"));
    assert_eq!(
        told(&[update(SQL, small.clone(), large)]),
        ["changes database main: tier db-custom-1-3840 → db-custom-2-7680, at once: it restarts, \
          Cloud SQL waits for no maintenance window"]
    );
    let flags = json!([{"name": "log_connections", "value": "off"},
        {"name": "cloudsql.enable_pgaudit", "value": "on"}]);
    let flagged = with(&small, "/settings/0/database_flags", flags);
    assert_eq!(
        told(&[update(SQL, small, flagged)]),
        ["changes database main: flag cloudsql.enable_pgaudit on, was not set, flag \
          log_connections on → off"]
    );
}

#[test]
fn losses_on_google_come_first_and_what_stays_is_no_loss() {
    let replaced = change(
        SQL,
        &["delete", "create"],
        [json!({"region": "europe-west3"}), json!({"region": "europe-west1"})],
        &json!({"replace_paths": [["region"]]}),
    );
    let gone = |address: &str, before: Value| {
        change(address, &["delete"], [before, Value::Null], &json!({}))
    };
    let abandoned = json!({"deletion_policy": "ABANDON"});
    let changes = [
        gone("module.bucket_uploads.google_storage_bucket.this", json!({})),
        gone("module.secrets.google_secret_manager_secret.this[\"session\"]", json!({})),
        gone("module.keys.google_kms_crypto_key.this", abandoned.clone()),
        gone("module.database_main.google_sql_database.this[\"ledger\"]", abandoned),
        gone(
            "module.cluster.google_project_service.this[\"run.googleapis.com\"]",
            json!({"disable_on_destroy": false}),
        ),
        replaced,
    ];
    assert_eq!(
        told(&changes),
        [
            "deletes bucket uploads: all objects in it are lost",
            "deletes secret session: its value is lost and must be set again",
            "replaces database main: all data in it is lost unless restored (region europe-west3 \
             → europe-west1)",
            "lets go of encryption key of keys: it stays in the cloud, unmanaged",
            "lets go of logical database ledger of database main: it stays in the cloud, unmanaged",
            "lets go of API run.googleapis.com of cluster: it stays in the cloud, unmanaged",
        ]
    );
    let json = json!({"format_version": "1.2", "resource_changes": changes}).to_string();
    let plan = super::super::read(json.as_bytes(), "foundation").unwrap();
    let lost: Vec<&str> = plan.losses().map(|change| change.kind.as_str()).collect();
    assert_eq!(
        lost,
        ["google_storage_bucket", "google_secret_manager_secret", "google_sql_database_instance"]
    );
}

#[test]
fn what_a_person_wrote_into_a_variable_is_not_shown() {
    let (old, new) = (
        service(OLD, "v1-0-0", &[("API_TOKEN", "canary-one")], &[]),
        service(OLD, "v1-0-0", &[("API_TOKEN", "canary-two")], &[]),
    );
    let texts = told(&[update(WEB, old, new)]);
    assert_eq!(texts, ["service web: variable API_TOKEN (sensitive)"]);
}

#[test]
fn drift_of_a_service_is_told_by_variable_and_not_by_position() {
    let (before, after) = (
        service(OLD, "v1-0-0", &[("A", "1"), ("LOG_LEVEL", "info")], &[]),
        service(OLD, "v1-0-0", &[("LOG_LEVEL", "debug")], &[]),
    );
    let json = json!({"format_version": "1.2", "resource_drift": [update(WEB, before, after)]});
    let plan = super::super::read(json.to_string().as_bytes(), "services").unwrap();
    let texts: Vec<String> = drifted(&plan).into_iter().map(|sentence| sentence.text).collect();
    assert_eq!(
        texts,
        ["service web was changed: variable A no longer set, was 1, variable LOG_LEVEL info → \
          debug"]
    );
}
