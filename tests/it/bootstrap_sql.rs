//! The bootstrap job's own script and SQL, run on real PostgreSQL servers: before and after
//! version 16, which changed what a role with CREATEROLE may do with the roles it makes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods, reason = "tests")]

mod cloud_sql;
mod rotation;
mod server;

use std::collections::BTreeMap;
use std::process::Output;

use landfall::database::bootstrap::{quote_identifier, quote_literal};
use landfall::database::{password, verifiers};
use landfall::environment::model::{Database, Login};
use landfall::kit::model::{CloudName, Roles};
use landfall::secret::Secret;
use server::{MASTER, MASTER_PASSWORD, Server, other_authority};

/// Members of `rds_iam` need none.
const TOKEN: &str = "";

#[test]
fn bootstrap_on_postgresql_15() {
    all_scenarios(15);
}

#[test]
fn bootstrap_on_postgresql_17() {
    all_scenarios(17);
}

fn all_scenarios(major: u32) {
    let server = Server::start(major);
    split_roles_with_iam(&server);
    single_role_with_iam(&server);
    split_roles_with_passwords(&server);
    single_role_with_a_password(&server);
    from_iam_to_passwords(&server);
    refuses_an_unproved_server(&server);
    fails_whole_and_heals(&server);
    quoting_survives_the_server(&server);
    rotation::split_logins_in_turn(&server);
    rotation::a_single_login_in_turn(&server);
    cloud_sql::split_roles(&server);
    cloud_sql::everybody_acts_as_the_owner(&server);
    cloud_sql::says_what_is_missing(&server);
}

fn split_roles_with_iam(server: &Server) {
    let mut database = split("main", &["ledger", "ledger_audit"], &["web", "worker"]);
    database.extensions = BTreeMap::from([("citext".into(), true), ("pg_trgm".into(), false)]);
    prepare(server, &database);
    succeeds(&server.bootstrap(&database, None));
    succeeds(&server.bootstrap(&database, None));

    for name in ["ledger", "ledger_audit"] {
        let migrator = |sql: &str| server.login("main_migrator", TOKEN, name, sql);
        let web = |sql: &str| server.login("main_web", TOKEN, name, sql);
        let worker = |sql: &str| server.login("main_worker", TOKEN, name, sql);

        migrator("CREATE TABLE orders (id bigserial PRIMARY KEY, name citext)").unwrap();
        migrator("CREATE SCHEMA reports CREATE TABLE daily (total int)").unwrap();
        assert_eq!(
            server.admin(
                name,
                "SELECT DISTINCT tableowner FROM pg_tables WHERE tablename IN ('orders', 'daily')"
            ),
            "main_owner"
        );
        assert_eq!(web("INSERT INTO orders (name) VALUES ('a') RETURNING id").unwrap(), "1");
        assert_eq!(worker("SELECT name FROM orders WHERE name = 'A'").unwrap(), "a");
        web("UPDATE orders SET name = 'b'; SELECT setval('orders_id_seq', 7)").unwrap();
        web("INSERT INTO reports.daily VALUES (1); DELETE FROM reports.daily").unwrap();
        for forbidden in [
            "CREATE TABLE mine (id int)",
            "CREATE TABLE reports.mine (id int)",
            "CREATE SCHEMA mine",
            "CREATE EXTENSION hstore",
        ] {
            denied(web(forbidden), "permission denied");
        }
        for forbidden in ["DROP TABLE orders", "ALTER TABLE orders ADD COLUMN more int"] {
            denied(web(forbidden), "must be owner");
        }
        denied(web("TRUNCATE orders"), "permission denied");
        denied(web("SET ROLE main_owner"), "permission denied");
        migrator("ALTER EXTENSION citext UPDATE").unwrap();
        assert_eq!(extension_owner(server, name, "citext"), "main_owner");
        assert_eq!(extension_owner(server, name, "pg_trgm"), MASTER);
        stranger_is_kept_out(server, name);
    }
    master_keeps_its_password(server, "ledger");

    // As after a restore from a snapshot: grants are made again for what is there.
    server.admin("ledger", "REVOKE ALL ON orders, reports.daily FROM main_rw; REVOKE ALL ON SEQUENCE orders_id_seq FROM main_rw");
    denied(server.login("main_web", TOKEN, "ledger", "TABLE orders"), "permission denied");
    // A product that defines functions of its own cannot make the master run them.
    let hijack = "CREATE FUNCTION public.format(text, text) RETURNS text LANGUAGE plpgsql
        AS 'BEGIN RAISE EXCEPTION ''hijacked by %'', current_user; END';
        GRANT USAGE ON SCHEMA public TO PUBLIC";
    server.login("main_migrator", TOKEN, "ledger", hijack).unwrap();
    database.databases.push("ledger_more".into());
    // A consumer that a release no longer has keeps working: the old release may still run.
    database.logins.remove("main_worker");
    succeeds(&server.bootstrap(&database, None));
    server.login("main_web", TOKEN, "ledger", "INSERT INTO orders (name) VALUES ('c')").unwrap();
    server.login("main_worker", TOKEN, "ledger", "TABLE orders; TABLE reports.daily").unwrap();
}

fn single_role_with_iam(server: &Server) {
    let mut database = single("solo-db", "solo");
    database.schema = "app".into();
    database.extensions = BTreeMap::from([("citext".into(), true)]);
    prepare(server, &database);
    succeeds(&server.bootstrap(&database, None));
    succeeds(&server.bootstrap(&database, None));

    let app = |sql: &str| server.login("solo_db_app", TOKEN, "solo", sql);
    app("CREATE TABLE notes (body citext); INSERT INTO notes VALUES ('x'); CREATE SCHEMA more")
        .unwrap();
    assert_eq!(
        server.admin(
            "solo",
            "SELECT schemaname, tableowner FROM pg_tables WHERE tablename = 'notes'"
        ),
        "app|solo_db_app"
    );
    denied(app("CREATE TABLE public.notes ()"), "permission denied");
    denied(server.login("main_web", TOKEN, "solo", "SELECT 1"), "permission denied for database");
    stranger_is_kept_out(server, "solo");
    master_keeps_its_password(server, "solo");
}

fn split_roles_with_passwords(server: &Server) {
    let mut database = split("paid", &["paid"], &["web"]);
    database.password = true;
    database.schema = "shop".into();
    prepare(server, &database);
    let (migrator, web) = (password().unwrap(), password().unwrap());
    let first = verifiers([("paid_migrator", &migrator), ("paid_web", &web)]).unwrap();
    succeeds(&server.bootstrap(&database, Some(first.expose())));
    succeeds(&server.bootstrap(&database, Some(first.expose())));

    let login = |user, secret: &Secret, sql| server.login(user, secret.expose(), "paid", sql);
    login("paid_migrator", &migrator, "CREATE TABLE carts (id serial)").unwrap();
    login("paid_web", &web, "INSERT INTO shop.carts DEFAULT VALUES; TABLE carts").unwrap();
    denied(login("paid_web", &web, "CREATE TABLE mine ()"), "permission denied");
    denied(login("paid_web", &migrator, "SELECT 1"), "password authentication failed");

    let rotated = password().unwrap();
    let second = verifiers([("paid_migrator", &migrator), ("paid_web", &rotated)]).unwrap();
    succeeds(&server.bootstrap(&database, Some(second.expose())));
    denied(login("paid_web", &web, "SELECT 1"), "password authentication failed");
    login("paid_web", &rotated, "TABLE carts").unwrap();

    // Without a usable verifier nothing is cleared, and the message names the login.
    let half = verifiers([("paid_migrator", &migrator)]).unwrap();
    fails(&server.bootstrap(&database, Some(half.expose())), "no SCRAM verifier of login paid_web");
    let clear = r#"{"paid_migrator":"clear-canary","paid_web":"clear-canary"}"#;
    fails(&server.bootstrap(&database, Some(clear)), "no SCRAM verifier of login paid_migrator");
    fails(
        &server.bootstrap(&database, Some("{clear-canary")),
        "LANDFALL_VERIFIERS is not a JSON object",
    );
    fails(&server.bootstrap(&database, None), "LANDFALL_VERIFIERS is not a JSON object");
    login("paid_web", &rotated, "TABLE carts").unwrap();
    nothing_secret_is_logged(server, &[&migrator, &web, &rotated]);
}

fn single_role_with_a_password(server: &Server) {
    let mut database = single("lone", "lone");
    database.password = true;
    prepare(server, &database);
    let secret = password().unwrap();
    let verifiers = verifiers([("lone_app", &secret)]).unwrap();
    succeeds(&server.bootstrap(&database, Some(verifiers.expose())));
    succeeds(&server.bootstrap(&database, Some(verifiers.expose())));
    let app = |sql: &str| server.login("lone_app", secret.expose(), "lone", sql);
    app("CREATE TABLE things (id int); DROP TABLE things; CREATE SCHEMA more").unwrap();
    stranger_is_kept_out(server, "lone");
}

fn from_iam_to_passwords(server: &Server) {
    let mut database = split("main", &["ledger"], &["web"]);
    database.password = true;
    let secret = password().unwrap();
    let verifiers = verifiers([("main_migrator", &secret), ("main_web", &secret)]).unwrap();
    succeeds(&server.bootstrap(&database, Some(verifiers.expose())));
    denied(
        server.login("main_web", "wrong", "ledger", "SELECT 1"),
        "password authentication failed",
    );
    server.login("main_web", secret.expose(), "ledger", "TABLE orders").unwrap();
}

fn refuses_an_unproved_server(server: &Server) {
    let database = split("main", &["ledger"], &["web"]);
    let mut variables = server.job_environment(&database);
    variables.insert("LANDFALL_DATABASE_CA", other_authority(server));
    fails(&Server::run_job(&variables), "certificate verify failed");

    let mut variables = server.job_environment(&database);
    variables.insert("PGHOST", "127.0.0.1".to_owned());
    fails(&Server::run_job(&variables), "does not match host name");

    let mut variables = server.job_environment(&database);
    variables.remove("LANDFALL_DATABASE_CA");
    fails(&Server::run_job(&variables), "LANDFALL_DATABASE_CA");
}

fn fails_whole_and_heals(server: &Server) {
    let mut database = split("late", &["late"], &["web"]);
    prepare(server, &database);
    // Not trusted: only a superuser (on RDS: a member of rds_superuser) may make it.
    database.extensions = BTreeMap::from([("pg_buffercache".into(), true)]);
    fails(&server.bootstrap(&database, None), "permission denied to create extension");
    let memberships = "SELECT pg_has_role('landfall_master', 'late_owner', 'USAGE')";
    assert_eq!(server.admin("late", memberships), "f");
    database.extensions.clear();
    succeeds(&server.bootstrap(&database, None));
    server.login("late_migrator", TOKEN, "late", "CREATE TABLE fine ()").unwrap();
}

fn quoting_survives_the_server(server: &Server) {
    for text in ["it's", r"\", r"\'", "\"", ":name", "$$", "a\nb", "ü", "'; SELECT 1; --"] {
        let sql = format!("SELECT {} = {}", quote_literal(text), escaped(text));
        assert_eq!(server.admin("postgres", &sql), "t", "{text}");
        let name = quote_identifier(text);
        let sql = format!("SELECT {name} FROM (SELECT 1 AS {name}) AS row");
        assert_eq!(server.admin("postgres", &sql), "1", "{text}");
    }
}

/// The same text, written for the server in a way that needs no quoting rules.
fn escaped(text: &str) -> String {
    let letters: Vec<_> =
        text.chars().map(|letter| format!("chr({})", u32::from(letter))).collect();
    letters.join(" || ")
}

/// RDS makes the first database and gives it to the master.
fn prepare(server: &Server, database: &Database) {
    server.admin("postgres", &format!("CREATE DATABASE {} OWNER {MASTER}", database.databases[0]));
}

fn extension_owner(server: &Server, database: &str, extension: &str) -> String {
    let sql = format!("SELECT extowner::regrole FROM pg_extension WHERE extname = '{extension}'");
    server.admin(database, &sql)
}

fn stranger_is_kept_out(server: &Server, database: &str) {
    server
        .admin("postgres", "DROP ROLE IF EXISTS stranger; CREATE ROLE stranger LOGIN PASSWORD 'x'");
    denied(server.login("stranger", "x", database, "SELECT 1"), "permission denied for database");
}

/// A master that has the rights of `rds_iam` could not use its managed password any more.
fn master_keeps_its_password(server: &Server, database: &str) {
    let rights = format!("SELECT pg_has_role('{MASTER}', 'rds_iam', 'USAGE')");
    // The test's master holds rds_iam itself from 16 on; what matters is a way through a login.
    let through = format!(
        "SELECT count(*) FROM pg_roles AS login WHERE pg_has_role(login.oid, 'rds_iam', 'MEMBER')
         AND login.rolname NOT IN ('{MASTER}', 'rds_iam') AND NOT login.rolsuper
         AND pg_has_role('{MASTER}', login.oid, 'USAGE')"
    );
    assert_eq!(server.admin(database, &through), "0");
    if server.major < 16 {
        assert_eq!(server.admin(database, &rights), "f");
        denied(
            server.login(MASTER, "wrong", database, "SELECT 1"),
            "password authentication failed",
        );
    }
    server.login(MASTER, MASTER_PASSWORD, database, "SELECT 1").unwrap();
}

fn nothing_secret_is_logged(server: &Server, passwords: &[&Secret]) {
    let log = server.log();
    assert!(log.contains("CREATE ROLE"), "the log must hold what the job did");
    assert!(!log.contains("SCRAM-SHA-256$4096"), "a verifier is in the server's log");
    assert!(!log.contains("clear-canary"));
    for password in passwords {
        assert!(!log.contains(password.expose()));
    }
}

fn said(output: &Output) -> String {
    let text = [output.stdout.as_slice(), &output.stderr].concat();
    let text = String::from_utf8(text).unwrap();
    for secret in ["SCRAM-SHA-256$4096", "clear-canary", MASTER_PASSWORD] {
        assert!(!text.contains(secret), "the job printed a secret");
    }
    text
}

fn succeeds(output: &Output) {
    let text = said(output);
    assert!(output.status.success(), "{text}");
    assert!(text.ends_with("landfall: done\n"), "{text}");
    assert!(output.stderr.is_empty(), "{text}");
}

fn fails(output: &Output, because: &str) {
    let text = said(output);
    assert!(!output.status.success() && text.contains(because), "expected `{because}`:\n{text}");
}

fn denied(answer: Result<String, String>, because: &str) {
    let error = answer.expect_err(because);
    assert!(error.contains(because), "expected `{because}`: {error}");
}

fn split(name: &str, databases: &[&str], consumers: &[&str]) -> Database {
    let login = |owner| Login { owner, password_secret: None };
    let mut logins = BTreeMap::from([(format!("{name}_migrator"), login(true))]);
    logins.extend(consumers.iter().map(|consumer| (format!("{name}_{consumer}"), login(false))));
    database(name, databases, Roles::Split, logins)
}

fn single(name: &str, inside: &str) -> Database {
    let app = format!("{}_app", name.replace('-', "_"));
    let logins = BTreeMap::from([(app, Login { owner: true, password_secret: None })]);
    database(name, &[inside], Roles::Single, logins)
}

fn database(
    name: &str,
    databases: &[&str],
    roles: Roles,
    logins: BTreeMap<String, Login>,
) -> Database {
    Database {
        name: name.to_owned(),
        cloud: CloudName::Aws,
        identifier: name.to_owned(),
        engine_version: "17".to_owned(),
        instance_class: "db.t4g.small".to_owned(),
        storage_gib: 20,
        max_storage_gib: 100,
        backup_days: 7,
        maintenance: "sun:02:00-sun:03:00".to_owned(),
        multi_az: false,
        protected: false,
        databases: databases.iter().map(ToString::to_string).collect(),
        schema: "public".to_owned(),
        roles,
        password: false,
        proxy: false,
        extensions: BTreeMap::new(),
        parameters: BTreeMap::new(),
        logins,
        verifiers: None,
    }
}
