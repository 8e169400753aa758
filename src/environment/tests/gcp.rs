//! The same kits on Google Cloud: what they come to, and what is refused there.

use std::collections::BTreeSet;

use super::bad::refused;
use super::{Root, file};
use crate::environment::model::{
    Environment, Output, SecretValue, SqlProxy, Wiring, Workload, WorkloadKind,
};
use crate::kit::model::{CloudName, Function};

/// `aws { ... }` of an environment, replaced by the demo's `gcp { ... }`.
fn moved(root: &Root) -> Root {
    let block = |text: &str, name: &str| {
        let start = text.find(&format!("\n{name} {{")).unwrap();
        let end = start + text[start..].find("\n}\n").unwrap() + 3;
        text[start..end].to_owned()
    };
    let gcp = block(&Root::demo_gcp().environment, "gcp");
    let mut moved = root.clone();
    moved.environment = root.environment.replace(&block(&root.environment, "aws"), &gcp);
    if !moved.lock.contains("hashicorp/google") {
        moved.lock.push_str(
            "\nprovider \"registry.terraform.io/hashicorp/google\" {\n  version = \"7.45.0\"\n  \
             constraints = \">= 7.42.0, < 8.0.0\"\n  hashes = []\n}\n",
        );
    }
    moved
}

fn fixture(name: &'static str, environment: &str, kit: &str, lock: &str) -> Root {
    let own = |text: &str| text.to_owned();
    Root { name, environment: own(environment), kit: own(kit), lock: own(lock), ..Root::demo() }
        .pinned()
}

fn beat() -> Root {
    fixture(
        "beat-preview",
        file!("tests/fixtures/beat/environments/beat-preview/environment.hcl"),
        file!("tests/fixtures/beat/kit.hcl"),
        file!("tests/fixtures/beat/kit.lock"),
    )
}

fn turns() -> Root {
    fixture(
        "turns-preview",
        file!("tests/fixtures/turns/environments/turns-preview/environment.hcl"),
        file!("tests/fixtures/turns/kit.hcl"),
        file!("tests/fixtures/turns/kit.lock"),
    )
}

/// The environment of the production fixture on Google Cloud.
pub(super) fn production() -> Root {
    let file = file!("tests/fixtures/production/environments/acme-prod-gcp/environment.hcl");
    Root { name: "acme-prod-gcp", environment: file.to_owned(), ..Root::production() }
}

pub(super) fn workload<'e>(environment: &'e Environment, key: &str) -> &'e Workload {
    environment.workloads.iter().find(|workload| workload.key == key).unwrap()
}

fn value<'e>(environment: &'e Environment, key: &str, name: &str) -> Option<&'e Wiring> {
    workload(environment, key).variables.get(name).map(|variable| &variable.value)
}

fn user(workload: &str) -> Wiring {
    let (database, workload) = ("main".to_owned(), workload.to_owned());
    Wiring::Output(Output::DatabaseUser { database, workload })
}

#[test]
fn a_key_of_the_state_bucket() {
    let key = "projects/acme-keys/locations/europe-west3/keyRings/state/cryptoKeys/state";
    let root = Root::demo_gcp().and(&format!("state {{ key = \"{key}\" }}\n"));
    let target = root.resolve().unwrap().target;
    assert_eq!(target.bucket_key.as_deref(), Some(key));
    assert_eq!(target.bucket, "landfall-acme-ledger-europe-west3-demo-gcp");
}

#[test]
fn the_demo_resolves_on_google_cloud() {
    let demo = Root::demo_gcp().resolve().unwrap();
    let target = &demo.target;
    assert_eq!(target.cloud, CloudName::Gcp);
    assert_eq!((&*target.account_id, &*target.region), ("acme-ledger", "europe-west3"));
    assert_eq!(target.project_number.as_deref(), Some("123456789012"));
    assert_eq!(target.partition, "gcp");
    assert_eq!(target.bucket, "landfall-acme-ledger-europe-west3-demo-gcp");
    assert!(demo.network.zones.is_empty() && !demo.network.nat_per_zone);
    assert_eq!(demo.tags["landfall-environment"], "demo-gcp");
    assert_eq!(demo.secrets["session_key"].name, "landfall-demo-gcp-session_key");
    assert_eq!(demo.ingresses["public"].log_bucket, None);

    let database = &demo.databases["main"];
    assert_eq!(database.instance_class, "db-custom-1-3840");
    assert!(!database.password && !database.proxy);
    let logins: Vec<_> = database.logins.iter().map(|(name, it)| (&**name, it.owner)).collect();
    let expected = [
        ("job_migrate", true),
        ("job_nightly", false),
        ("service_web", false),
        ("service_worker", false),
    ];
    assert_eq!(logins, expected);

    let web = workload(&demo, "service_web");
    assert_eq!((web.cpu_units, web.memory_mib), (1024, 1024));
    assert_eq!(web.log_group, "demo-gcp-web");
    let registry = web.registry.as_ref().unwrap();
    assert_eq!(registry.key, "registry-ledger-example");
    assert_eq!((&*registry.uri, &*registry.path), ("https://registry.ledger.example", "ledger"));
    assert_eq!(value(&demo, "service_web", "DATABASE_USER"), Some(&user("service_web")));
    let ca = Wiring::Output(Output::DatabaseServerCa("main".to_owned()));
    assert_eq!(value(&demo, "service_web", "DATABASE_CA"), Some(&ca));
    let options = Wiring::Plain("-c role=main_owner".to_owned());
    assert_eq!(value(&demo, "job_migrate", "PGOPTIONS"), Some(&options));
    assert_eq!(value(&demo, "service_web", "PGOPTIONS"), None);
    let WorkloadKind::Service(service) = &web.kind else { panic!() };
    let http = service.http.as_ref().unwrap();
    assert_eq!((http.live.as_deref(), &*http.ready), (Some("/live"), "/ready"));
    assert_eq!(http.timeout_seconds, 60);

    let WorkloadKind::Job(nightly) = &workload(&demo, "job_nightly").kind else { panic!() };
    let schedule = nightly.schedule.as_ref().unwrap();
    assert_eq!((&*schedule.expression, &*schedule.timezone), ("17 3 * * *", "UTC"));
    assert_eq!(schedule.account.as_deref(), Some("demo-gcp-nightly-schedule"));
    // The same bytes, where Cloud Run can pull them.
    let bootstrap = workload(&demo, "job_bootstrap_main");
    assert_eq!(bootstrap.image.repository, "docker.io/library/postgres");
    assert_eq!(bootstrap.image.digest, demo.lock.postgres_client.digest);
}

/// Names that a process finds in its environment do not depend on the cloud, but for these.
const DIFFERENT: [&str; 2] = [
    // Who acts as the owner says so when it connects: see `database_wiring::options`.
    "PGOPTIONS",
    // Users of Cloud SQL have none.
    "DATABASE_PASSWORD",
];

#[test]
fn kits_give_the_same_variables_on_both_clouds() {
    for root in [Root::demo(), Root::production(), beat(), turns()] {
        let there = if root.name == "acme-production" { production() } else { moved(&root) };
        let (aws, gcp) = (root.resolve().unwrap(), there.resolve().unwrap());
        let keys = |it: &Environment| -> Vec<String> {
            it.workloads.iter().map(|workload| workload.key.clone()).collect()
        };
        assert_eq!(keys(&aws), keys(&gcp), "{}", root.name);
        for workload in &aws.workloads {
            let names = |of: &Workload| -> BTreeSet<String> {
                let names = of.variables.keys().filter(|name| !DIFFERENT.contains(&name.as_str()));
                names.cloned().collect()
            };
            let there = self::workload(&gcp, &workload.key);
            assert_eq!(names(workload), names(there), "{} {}", root.name, workload.key);
        }
        let other = |it: &SecretValue| {
            !matches!(
                it,
                SecretValue::DatabasePassword { .. } | SecretValue::DatabaseVerifiers { .. }
            )
        };
        let secrets = |it: &Environment| -> Vec<String> {
            let kept = it.secrets.values().filter(|secret| other(&secret.value));
            kept.map(|secret| secret.key.clone()).collect()
        };
        assert_eq!(secrets(&aws), secrets(&gcp), "{}", root.name);
    }
}

#[test]
fn the_class_decides_on_google_cloud_too() {
    let production = production().resolve().unwrap();
    let database = &production.databases["main"];
    assert_eq!(database.instance_class, "db-custom-4-16384");
    assert!(database.multi_az && database.protected && production.network.nat_per_zone);
    assert_eq!(production.ingresses["public"].certificate.as_deref(), Some("managed"));
    assert!(production.ingresses["public"].url.starts_with("https://"));
}

#[test]
fn a_proxy_is_beside_services_and_no_password_exists() {
    let root = proxied();
    let environment = root.resolve().unwrap();
    let web = workload(&environment, "service_web");
    let [SqlProxy { database, port, image }] = web.proxies.as_slice() else { panic!() };
    assert_eq!((&**database, *port), ("main", 5432));
    assert!(image.reference().starts_with("gcr.io/cloud-sql-connectors/cloud-sql-proxy@sha256:"));
    let plain = |name| value(&environment, "service_web", name);
    assert_eq!(plain("DATABASE_HOST"), Some(&Wiring::Plain("127.0.0.1".to_owned())));
    assert_eq!(plain("DATABASE_PORT"), Some(&Wiring::Plain("5432".to_owned())));
    assert_eq!(plain("DATABASE_CA"), None);
    assert_eq!(plain("DATABASE_AUTH"), Some(&Wiring::Plain("proxy".to_owned())));
    let Some(Wiring::Template(parts)) = plain("DATABASE_URL") else { panic!() };
    let encoded = Wiring::Call(Function::Urlencode, Box::new(user("service_web")));
    let rest = Wiring::Plain("@127.0.0.1:5432/ledger?sslmode=disable".to_owned());
    assert_eq!(parts, &[Wiring::Plain("postgres://".to_owned()), encoded, rest]);
    assert!(environment.databases["main"].proxy);

    refused(
        &proxied().with_lock("client \"cloud-sql-proxy\"", "image \"proxy\""),
        ["kit.lock", "no `client \"cloud-sql-proxy\"", "by its digest", "release pin"],
    );
    refused(
        &proxied().with_kit("service \"worker\" {", "job \"once\" {\n  phase = \"post\"\n  image = image.app\n  uses = [database.main]\n}\nservice \"worker\" {"),
        ["kit.hcl", "job.once logs in to database.main through a proxy", "does not end", "\"native\""],
    );
}

/// The demo without jobs, through a proxy.
fn proxied() -> Root {
    let mut root = Root::demo_gcp()
        .with_kit("version = \">= 16\"", "version = \">= 16\"\n  iam = { gcp = \"proxy\" }\n  url \"app\" { scheme = \"postgres\" }")
        .with_kit("  DATABASE_CA   =", "  DATABASE_AUTH = database.main.auth\n  DATABASE_URL  = database.main.url.app\n  DATABASE_CA   =");
    let start = root.kit.find("job \"migrate\"").unwrap();
    let end = root.kit.find("ingress \"public\"").unwrap();
    root.kit.replace_range(start..end, "");
    let digest = "0".repeat(64);
    let proxy = format!(
        "\nclient \"cloud-sql-proxy\" {{\n  repository = \"gcr.io/cloud-sql-connectors/cloud-sql-proxy\"\n  \
         tag = \"2.14.1\"\n  digest = \"sha256:{digest}\"\n}}\n"
    );
    root.lock.push_str(&proxy);
    root.pinned()
}
