//! The same bootstrap as Cloud SQL sees it: users are made by the platform, the job's own may act as
//! `cloudsqlsuperuser`, and the password is a token from the metadata server.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::Output;

use landfall::database::bootstrap::user_variable;
use landfall::environment::model::{Database, Login};
use landfall::kit::model::{CloudName, Roles};

use super::server::Server;
use super::{TOKEN, denied, fails, stranger_is_kept_out, succeeds};

/// What the metadata server gives; it must never be printed.
const ACCESS_TOKEN: &str = "ya29.token-canary";

/// The user of the job's service account. The name would end a quoted one.
const JOB: &str = "cloud-\"boot@acme.iam";

fn user(workload: &str) -> String {
    format!("{}'\"@acme.iam", workload.replace('_', "-"))
}

fn quoted(user: &str) -> String {
    format!("\"{}\"", user.replace('"', "\"\""))
}

/// What the foundation hands over: the users, and databases that belong to the platform's role.
fn prepare(server: &Server, database: &Database) {
    for role in ["cloudsqlsuperuser", "cloudsqliamserviceaccount"] {
        let sql = format!(
            "DO $$ BEGIN CREATE ROLE {role} CREATEROLE CREATEDB;
             EXCEPTION WHEN duplicate_object THEN NULL; END $$"
        );
        server.admin("postgres", &sql);
    }
    server.admin("postgres", "ALTER ROLE cloudsqliamserviceaccount NOCREATEROLE NOCREATEDB");
    let users = database.logins.keys().map(|workload| user(workload)).chain([JOB.to_owned()]);
    for name in users.map(|user| quoted(&user)) {
        server.admin(
            "postgres",
            &format!(
                "DO $do$ BEGIN CREATE ROLE {name} LOGIN PASSWORD '{ACCESS_TOKEN}';
                 EXCEPTION WHEN duplicate_object THEN NULL; END $do$"
            ),
        );
        // As on RDS, `trust` for a role stands for the token that the platform would check.
        server.admin("postgres", &format!("GRANT cloudsqliamserviceaccount TO {name}"));
    }
    server.admin("postgres", &format!("GRANT cloudsqlsuperuser TO {}", quoted(JOB)));
    for name in &database.databases {
        server.admin("postgres", &format!("CREATE DATABASE {name} OWNER cloudsqlsuperuser"));
    }
}

/// Answers one request for a token as the metadata server does.
fn metadata(answer: &'static str) -> (String, std::thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let served = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            request.push(byte[0]);
        }
        write!(
            stream,
            "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{answer}",
            answer.len()
        )
        .unwrap();
        String::from_utf8(request).unwrap()
    });
    (address, served)
}

fn bootstrap(server: &Server, database: &Database) -> Output {
    let (address, answering) =
        metadata(r#"{"access_token":"ya29.token-canary","expires_in":3599,"token_type":"Bearer"}"#);
    let output = Server::run_job_on(CloudName::Gcp, &variables(server, database, &address));
    let request = answering.join().unwrap();
    assert!(
        request.starts_with("GET /computeMetadata/v1/instance/service-accounts/default/token "),
        "{request}"
    );
    assert!(request.to_lowercase().contains("metadata-flavor: google"), "{request}");
    assert!(!said(&output).contains(ACCESS_TOKEN), "the job printed its token");
    output
}

/// What the job's container has.
fn variables(server: &Server, database: &Database, metadata: &str) -> BTreeMap<String, String> {
    let common = server.job_environment(database);
    let mut variables: BTreeMap<String, String> =
        common.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    variables.remove("PGPASSWORD");
    variables.insert("PGUSER".to_owned(), JOB.to_owned());
    variables.insert("GCE_METADATA_HOST".to_owned(), metadata.to_owned());
    for workload in database.logins.keys() {
        variables.insert(user_variable(workload), user(workload));
    }
    variables
}

fn said(output: &Output) -> String {
    String::from_utf8([output.stdout.as_slice(), &output.stderr].concat()).unwrap()
}

fn database(name: &str, databases: &[&str], roles: Roles, logins: &[(&str, bool)]) -> Database {
    let login = |(name, owner): &(&str, bool)| {
        ((*name).to_owned(), Login { owner: *owner, password_secret: None })
    };
    Database {
        cloud: CloudName::Gcp,
        ..super::database(name, databases, roles, logins.iter().map(login).collect())
    }
}

/// A login that says by `PGOPTIONS` that it acts as the owner, as its container does.
fn as_owner(
    server: &Server,
    workload: &str,
    owner: &str,
    database: &str,
    sql: &str,
) -> Result<String, String> {
    server.login_with(&user(workload), ACCESS_TOKEN, database, sql, &format!("-c role={owner}"))
}

pub(super) fn split_roles(server: &Server) {
    let mut database = database(
        "store",
        &["store", "store_audit"],
        Roles::Split,
        &[("job_migrate", true), ("service_web", false)],
    );
    database.extensions = BTreeMap::from([("citext".into(), true), ("pg_trgm".into(), false)]);
    prepare(server, &database);
    succeeds(&bootstrap(server, &database));
    succeeds(&bootstrap(server, &database));

    for name in ["store", "store_audit"] {
        let migrate = |sql: &str| as_owner(server, "job_migrate", "store_owner", name, sql);
        let web = |sql: &str| server.login(&user("service_web"), ACCESS_TOKEN, name, sql);
        migrate("CREATE TABLE orders (id bigserial PRIMARY KEY, name citext)").unwrap();
        let owner =
            server.admin(name, "SELECT tableowner FROM pg_tables WHERE tablename = 'orders'");
        assert_eq!(owner, "store_owner");
        assert_eq!(web("INSERT INTO orders (name) VALUES ('a') RETURNING id").unwrap(), "1");
        denied(web("DROP TABLE orders"), "must be owner");
        denied(web("CREATE TABLE mine (id int)"), "permission denied");
        denied(web("SET ROLE store_owner"), "permission denied");
        denied(web("SET ROLE cloudsqlsuperuser"), "permission denied");
        stranger_is_kept_out(server, name);
    }
    // No user can act as the platform's role through the owner, and the job's no longer as the owner.
    let member = "SELECT pg_has_role('cloudsqlsuperuser', 'store_owner', 'USAGE')";
    assert_eq!(server.admin("store", member), "f");
    // Before 16 it is written down for the migration as well.
    let written =
        "SELECT count(*) FROM pg_db_role_setting AS s JOIN pg_roles AS r ON r.oid = s.setrole
         WHERE r.rolname LIKE 'job-migrate%' AND 'role=store_owner' = ANY (s.setconfig)";
    assert_eq!(server.admin("store", written), if server.major < 16 { "1" } else { "0" });
}

pub(super) fn everybody_acts_as_the_owner(server: &Server) {
    let mut database = database(
        "solo-shop",
        &["shop"],
        Roles::Single,
        &[("service_a", true), ("service_b", true)],
    );
    database.schema = "app".into();
    prepare(server, &database);
    succeeds(&bootstrap(server, &database));
    succeeds(&bootstrap(server, &database));
    let a = |sql: &str| as_owner(server, "service_a", "solo_shop_owner", "shop", sql);
    let b = |sql: &str| as_owner(server, "service_b", "solo_shop_owner", "shop", sql);
    a("CREATE TABLE notes (body text); INSERT INTO notes VALUES ('x')").unwrap();
    assert_eq!(b("ALTER TABLE notes ADD COLUMN more int; SELECT body FROM notes").unwrap(), "x");
    assert_eq!(
        server.admin(
            "shop",
            "SELECT schemaname, tableowner FROM pg_tables WHERE tablename = 'notes'"
        ),
        "app|solo_shop_owner"
    );
}

pub(super) fn says_what_is_missing(server: &Server) {
    let known = database("store", &["store"], Roles::Split, &[("service_web", false)]);
    let more = database(
        "store",
        &["store"],
        Roles::Split,
        &[("service_web", false), ("service_new", false)],
    );
    fails(&bootstrap(server, &more), "the server has no user service-new");

    let (address, answering) = metadata(r#"{"error":"no account"}"#);
    let output = Server::run_job_on(CloudName::Gcp, &variables(server, &known, &address));
    answering.join().unwrap();
    fails(&output, "gave no token");
    let mut nowhere = variables(server, &known, "127.0.0.1:1");
    nowhere.insert("PGPASSWORD".to_owned(), TOKEN.to_owned());
    fails(&Server::run_job_on(CloudName::Gcp, &nowhere), "metadata server does not answer");
}
