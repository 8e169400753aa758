//! What the fixtures come to.

use crate::environment::model::{
    Environment, Login, Output, SecretValue, Wiring, Workload, WorkloadKind,
};

use super::Root;

fn workload<'e>(environment: &'e Environment, key: &str) -> &'e Workload {
    environment.workloads.iter().find(|workload| workload.key == key).unwrap()
}

fn value<'e>(environment: &'e Environment, key: &str, name: &str) -> Option<&'e Wiring> {
    workload(environment, key).variables.get(name).map(|variable| &variable.value)
}

fn plain<'e>(environment: &'e Environment, key: &str, name: &str) -> Option<&'e str> {
    match value(environment, key, name)? {
        Wiring::Plain(text) => Some(text),
        other => panic!("{name} is {other:?}"),
    }
}

#[test]
fn every_fixture_resolves() {
    let roots = [
        Root::demo(),
        Root::production(),
        Root::password(),
        Root::deal_brain(),
        Root::projection(),
    ];
    for root in roots {
        let environment = root.resolve().unwrap();
        assert_eq!(environment.name, root.name);
        assert!(environment.workloads.iter().any(|it| it.key == "job_bootstrap_main"));
    }
}

#[test]
fn a_variable_reaches_those_who_use_its_source() {
    let demo = Root::demo().resolve().unwrap();
    let names =
        |key| -> Vec<&str> { workload(&demo, key).variables.keys().map(String::as_str).collect() };
    assert_eq!(
        names("service_web"),
        [
            "DATABASE_CA",
            "DATABASE_HOST",
            "DATABASE_NAME",
            "DATABASE_PORT",
            "DATABASE_USER",
            "LANDFALL_CLASS",
            "LANDFALL_ENVIRONMENT",
            "LICENCE",
            "LOG_LEVEL",
            "MAIL_FROM",
            "PUBLIC_URL",
            "SESSION_KEY",
        ]
    );
    // A worker that does not use the licence does not get it.
    assert!(!names("service_worker").contains(&"LICENCE"));
    assert_eq!(names("job_bootstrap_main"), ["LANDFALL_CLASS", "LANDFALL_ENVIRONMENT"]);
    assert_eq!(plain(&demo, "service_web", "DATABASE_USER"), Some("main_web"));
    assert_eq!(plain(&demo, "job_migrate", "DATABASE_USER"), Some("main_migrator"));
    assert_eq!(plain(&demo, "service_web", "PUBLIC_URL"), Some("http://ledger.acme.example"));
    let host = Wiring::Output(Output::DatabaseHost("main".to_owned()));
    assert_eq!(value(&demo, "service_web", "DATABASE_HOST"), Some(&host));
    let licence = Wiring::Secret("licence".to_owned());
    assert_eq!(value(&demo, "service_web", "LICENCE"), Some(&licence));
    let owner = Login { owner: true, password_secret: None };
    assert_eq!(demo.databases["main"].logins["main_migrator"], owner);
    assert_eq!(demo.secrets["licence"].name, "landfall/demo-aws/licence");
}

#[test]
fn the_class_decides_what_nobody_said() {
    let preview = Root::demo().resolve().unwrap();
    let production = Root::production().resolve().unwrap();
    let database = |environment: &Environment| {
        let database = &environment.databases["main"];
        (database.multi_az, database.protected, database.backup_days)
    };
    assert_eq!(database(&preview), (false, false, 1));
    assert_eq!(database(&production), (true, true, 30));
    assert_eq!(preview.databases["main"].instance_class, "db.t4g.small");
    assert_eq!(preview.databases["main"].engine_version, "17");
    assert_eq!(preview.network.zones, ["eu-central-1a", "eu-central-1b"]);
    assert!(!preview.network.nat_per_zone && production.network.nat_per_zone);
    assert_eq!(preview.target.bucket, "landfall-111122223333-eu-central-1-demo-aws");
    assert_eq!(production.target.bucket, "acme-landfall-state");
    assert_eq!(production.drift.customer_owned, ["ingress.public.firewall"]);
    let WorkloadKind::Service(web) = &workload(&production, "service_web").kind else { panic!() };
    assert_eq!((web.replicas, web.min, web.max), (4, 4, 4));
}

#[test]
fn passwords_urls_and_verifiers_have_containers_of_their_own() {
    let wiki = Root::password().resolve().unwrap();
    let url = Wiring::Secret("database_main_app_url_main".to_owned());
    assert_eq!(value(&wiki, "service_web", "DATABASE_URL"), Some(&url));
    let expected = SecretValue::DatabaseUrl {
        database: "main".to_owned(),
        login: "main_app".to_owned(),
        scheme: "postgres".to_owned(),
        dbname: "wiki".to_owned(),
        query: "application_name=wiki%20%26%20co&sslmode=verify-full".to_owned(),
    };
    assert_eq!(wiki.secrets["database_main_app_url_main"].value, expected);
    let database = &wiki.databases["main"];
    assert_eq!(
        database.logins["main_app"].password_secret.as_deref(),
        Some("database_main_app_password")
    );
    assert_eq!(database.verifiers.as_deref(), Some("database_main_verifiers"));
    assert_eq!(database.engine_version, "16");
    // An optional secret is not required of the process either.
    assert!(!workload(&wiki, "service_web").variables["SMTP_SECRET"].required);
    assert_eq!(workload(&wiki, "service_web").pull_secret.as_deref(), Some("registry"));
}

#[test]
fn types_features_sizes_and_overrides() {
    let wiki = Root::password().resolve().unwrap();
    let web = |name| plain(&wiki, "service_web", name);
    assert_eq!(web("TELEMETRY"), Some("1"));
    assert_eq!(web("SESSION_TTL"), Some("1800"));
    assert_eq!(web("ALLOWED_DOMAINS"), Some("acme.example,acme-labs.example"));
    assert_eq!(web("POOL_SIZE"), Some("20"));
    assert_eq!(web("THEME"), Some("{\"colour\":\"teal\"}"));
    assert_eq!(web("GREETING"), Some("Acme Wiki 2.3.1 on ap-northeast-1"));
    assert_eq!(web("SOCKET_URL"), Some("ws://wiki.staging.acme.example"));
    assert_eq!(web("PORT"), Some("3000"));
    assert_eq!(web("DB_AUTH"), Some("password"));
    assert_eq!(web("DB_MIGRATE_AT_START"), Some("false"));
    // A feature that is off: its variable and its service are left out.
    assert_eq!(web("CHAT_URL"), None);
    assert!(wiki.workloads.iter().all(|workload| workload.key != "service_chat"));
    let workload = workload(&wiki, "service_web");
    assert_eq!(
        (workload.cpu_units, workload.memory_mib, workload.architecture),
        (2048, 8192, "ARM64")
    );
    let args = ["serve", "--title", "Acme Wiki"].map(|text| Wiring::Plain(text.to_owned()));
    assert_eq!(workload.args, args);
    let WorkloadKind::Service(service) = &workload.kind else { panic!() };
    assert_eq!((service.replicas, service.min, service.max), (3, 3, 6));
    let routes = &service.http.as_ref().unwrap().routes;
    assert!(routes.iter().all(|route| route.paths.len() + route.hosts.len() <= 5));
    assert!(routes.is_sorted_by_key(|route| route.priority));
    assert_eq!(wiki.ingresses["public"].idle_timeout_seconds, 300);
    assert_eq!(wiki.network.zones, ["ap-northeast-1a", "ap-northeast-1c"]);
    assert_eq!(wiki.contact.as_deref(), Some("wiki@acme.example"));
}

#[test]
fn an_iam_url_has_no_password_and_keeps_the_kits_tls() {
    let deals = Root::deal_brain().resolve().unwrap();
    let url = |user: &str, scheme: &str, query: &str| {
        Wiring::Template(vec![
            Wiring::Plain(format!("{scheme}://{user}@")),
            Wiring::Output(Output::DatabaseHost("main".to_owned())),
            Wiring::Plain(format!(":5432/deal_brain?{query}")),
        ])
    };
    let own = url("main_api", "postgresql+asyncpg", "ssl=verify-full");
    assert_eq!(value(&deals, "service_api", "DATABASE_URL"), Some(&own));
    let owner = url("main_migrator", "postgresql+psycopg", "sslmode=verify-full");
    assert_eq!(value(&deals, "job_migrate", "ALEMBIC_URL"), Some(&owner));
    assert_eq!(value(&deals, "service_api", "ALEMBIC_URL"), None);
    assert_eq!(value(&deals, "service_web", "DATABASE_URL"), None);
}

#[test]
fn values_of_the_environment_are_literal_text() {
    for text in ["${file(\"/etc/passwd\")}", "%{ for x in y }", "${input.sender}"] {
        let written = text.replace('"', "\\\"");
        let root = Root::demo().and(&format!("drift {{ ignore_tags = [\"{written}\"] }}\n"));
        assert_eq!(root.resolve().unwrap().drift.ignore_tags, [text]);
    }
    let wiki = Root::password()
        .with_kit("pattern = \"[A-Za-z0-9 ]{3,40}\"", "pattern = \".*\"")
        .with("\"Acme Wiki\"", "\"%{ for x in y }${file(\\\"/etc/passwd\\\")}\"")
        .resolve()
        .unwrap();
    let expected = "%{ for x in y }${file(\"/etc/passwd\")} 2.3.1 on ap-northeast-1";
    assert_eq!(plain(&wiki, "service_web", "GREETING"), Some(expected));
}

#[test]
fn everything_has_an_origin() {
    let wiki = Root::password().resolve().unwrap();
    let origin = |key: &str| {
        let found = wiki.origins.iter().find(|origin| origin.key == key);
        found.map(|origin| (origin.value.as_str(), origin.origin.as_str())).unwrap()
    };
    assert_eq!(origin("contact"), ("wiki@acme.example", "environments/defaults.hcl:4:13"));
    assert_eq!(origin("class"), ("staging", "environments/wiki-staging/environment.hcl:3:13"));
    assert_eq!(origin("database.main.protected"), ("true", "class staging"));
    assert_eq!(origin("network.cidr"), ("10.40.0.0/16", "default"));
    assert_eq!(origin("service.web.env.LANDFALL_CLASS"), ("staging", "derived"));
    let (value, place) = origin("service.web.env.DATABASE_URL");
    assert_eq!(value, "<secret landfall/wiki-staging/database_main_app_url_main>");
    assert!(place.starts_with("kit.hcl:"), "{place}");
    let (value, place) = origin("service.web.env.POOL_SIZE");
    assert_eq!(value, "20");
    assert!(place.starts_with("environments/wiki-staging/environment.hcl:"), "{place}");
}

#[test]
fn the_hash_is_waived_for_dev_only() {
    let demo = Root::demo();
    let other = format!("sha256:{}", "0".repeat(64));
    let root = demo.clone().with_lock(&demo.tree(), &other);
    let text = root.failure().to_string();
    for part in ["kit.lock:8:", &demo.tree(), &format!("kit.lock says {other}"), "release pin"] {
        assert!(text.contains(part), "no {part} in {text}");
    }
    let dev = root.with("release = \"v1.0.0\"", "release = \"dev\"");
    assert_eq!(dev.resolve().unwrap().release, "dev");
}

#[test]
fn only_parts_of_the_table_can_be_the_customers() {
    let given = |part: &str| Root::demo().and(&format!("drift {{ customer_owned = [{part}] }}\n"));
    for part in ["network.routes", "ingress.public.certificate", "database.main.backups"] {
        assert_eq!(given(part).resolve().unwrap().drift.customer_owned, [part]);
    }
    let text = given("network.everything").failure().to_string();
    for said in ["`everything` is not a part of network", "there are routes", "network.routes"] {
        assert!(text.contains(said), "{text}");
    }
}
