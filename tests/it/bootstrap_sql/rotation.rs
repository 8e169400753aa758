//! Passwords are changed on a real server: connections that are open live and work, new ones come
//! with the new password, and at the end the old one is refused.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use landfall::database::{password, twin, verifiers};
use landfall::environment::model::Database;
use landfall::secret::Secret;

use super::server::Server;
use super::{denied, nothing_secret_is_logged, prepare, single, split, succeeds};

/// A connection that stays open over several statements.
struct Connection {
    psql: Child,
    statements: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Connection {
    fn open(server: &Server, user: &str, password: &Secret, database: &str) -> Self {
        let mut psql = Command::new("psql")
            .args(["-X", "-q", "-A", "-t", "-w", "-v", "ON_ERROR_STOP=1", "-d", database])
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .envs(server.login_variables(user, password.expose()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let statements = psql.stdin.take().unwrap();
        let answers = BufReader::new(psql.stdout.take().unwrap());
        let mut connection = Self { psql, statements, answers };
        assert_eq!(connection.ask("SELECT session_user"), user);
        connection
    }

    /// Runs a statement that answers one row.
    fn ask(&mut self, statement: &str) -> String {
        writeln!(self.statements, "{statement};").unwrap();
        let mut row = String::new();
        self.answers.read_line(&mut row).unwrap();
        assert!(!row.is_empty(), "the connection is gone: {statement}");
        row.trim_end().to_owned()
    }

    fn close(mut self) {
        drop(self.statements);
        assert!(self.psql.wait().unwrap().success());
    }
}

/// The names of the logins of a turn with a password for each, and their verifiers.
fn turn(logins: &[&str]) -> (Vec<Secret>, Secret) {
    let passwords: Vec<Secret> = logins.iter().map(|_| password().unwrap()).collect();
    let verifiers = verifiers(logins.iter().copied().zip(&passwords)).unwrap();
    (passwords, verifiers)
}

fn refused(server: &Server, user: &str, password: &Secret, database: &str) {
    denied(
        server.login(user, password.expose(), database, "SELECT 1"),
        "password authentication failed",
    );
}

pub(super) fn split_logins_in_turn(server: &Server) {
    let mut database = split("turn", &["turn"], &["web"]);
    database.password = true;
    prepare(server, &database);
    let first = ["turn_migrator", "turn_web"];
    let second = ["turn_2_migrator", "turn_2_web"];
    let login = |user, secret: &Secret, sql| server.login(user, secret.expose(), "turn", sql);

    let (one, verifiers) = turn(&first);
    succeeds(&server.bootstrap(&database, Some(verifiers.expose())));
    login("turn_migrator", &one[0], "CREATE TABLE orders (id serial)").unwrap();
    let asleep = "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'turn_2_%' AND rolcanlogin";
    assert_eq!(server.admin("turn", asleep), "0");
    let mut open = Connection::open(server, "turn_web", &one[1], "turn");

    // Both while services move: nobody notices.
    let (two, verifiers) = turn(&second);
    succeeds(&server.bootstrap_for_both(&database, &verifiers));
    login("turn_web", &one[1], "INSERT INTO orders DEFAULT VALUES").unwrap();
    login("turn_2_web", &two[1], "INSERT INTO orders DEFAULT VALUES").unwrap();
    refused(server, "turn_2_web", &one[1], "turn");

    // Then the old one is refused, and whoever is in stays in.
    for _ in 0..2 {
        succeeds(&server.bootstrap(&database, Some(verifiers.expose())));
    }
    for (user, secret) in first.iter().zip(&one) {
        refused(server, user, secret, "turn");
    }
    assert_eq!(open.ask("INSERT INTO orders DEFAULT VALUES RETURNING id"), "3");
    login("turn_2_migrator", &two[0], "ALTER TABLE orders ADD COLUMN name text").unwrap();
    login("turn_2_migrator", &two[0], "CREATE TABLE more (id serial)").unwrap();
    login("turn_2_web", &two[1], "INSERT INTO more DEFAULT VALUES").unwrap();
    denied(login("turn_2_web", &two[1], "DROP TABLE orders"), "must be owner");
    assert_eq!(open.ask("SELECT count(*) FROM more"), "1");
    let owners = "SELECT DISTINCT tableowner FROM pg_tables WHERE tablename IN ('orders', 'more')";
    assert_eq!(server.admin("turn", owners), "turn_owner");

    // And back to the first login, with a third password.
    let (three, verifiers) = turn(&first);
    succeeds(&server.bootstrap_for_both(&database, &verifiers));
    succeeds(&server.bootstrap(&database, Some(verifiers.expose())));
    login("turn_web", &three[1], "TABLE orders; TABLE more").unwrap();
    refused(server, "turn_web", &one[1], "turn");
    refused(server, "turn_2_web", &two[1], "turn");
    open.close();
    let all: Vec<&Secret> = [&one, &two, &three].into_iter().flatten().collect();
    nothing_secret_is_logged(server, &all);
}

pub(super) fn a_single_login_in_turn(server: &Server) {
    let mut database: Database = single("alone-db", "alone");
    database.password = true;
    database.schema = "app".into();
    prepare(server, &database);
    let (first, second) = ("alone_db_app", twin("alone-db", "alone_db_app"));
    let (one, verifiers) = turn(&[first]);
    succeeds(&server.bootstrap(&database, Some(verifiers.expose())));
    let mut open = Connection::open(server, first, &one[0], "alone");
    assert_eq!(open.ask("CREATE TABLE notes (id int); SELECT current_user"), first);

    let (two, verifiers) = turn(&[&second]);
    succeeds(&server.bootstrap_for_both(&database, &verifiers));
    succeeds(&server.bootstrap(&database, Some(verifiers.expose())));
    refused(server, first, &one[0], "alone");
    // It migrates at every start, as the owner of all that is there.
    let app = |sql: &str| server.login(&second, two[0].expose(), "alone", sql);
    app("ALTER TABLE notes ADD COLUMN body text; CREATE TABLE more (id int); CREATE SCHEMA other")
        .unwrap();
    assert_eq!(app("SELECT current_user, session_user").unwrap(), format!("{first}|{second}"));
    let owner = "SELECT schemaname, tableowner FROM pg_tables WHERE tablename = 'more'";
    assert_eq!(server.admin("alone", owner), format!("app|{first}"));
    assert_eq!(open.ask("INSERT INTO more VALUES (7) RETURNING id"), "7");
    open.close();
}
