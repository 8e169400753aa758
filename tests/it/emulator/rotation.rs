//! Secrets are rotated with the real provider, real tasks and a real PostgreSQL: what is open stays
//! open, what is new has the new value, and the old one is refused afterwards.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use landfall::cloud::Cloud as _;

use super::account::{Emulated, LICENCE, TURNS};
use crate::support::{Said, Terminal};

/// One installed environment serves all of this: the real provider takes its time.
#[test]
fn secrets_are_rotated_on_an_emulated_aws() {
    let aws = Emulated::turns();
    aws.approved_by_digest("install").ends_with(0).says(&["installed and verified"]);

    let before = pinned(&aws);
    rotate(&aws, "session_key", None)
        .says(&["rotates secret session_key: service worker rolls over", "rotated and verified"]);
    let licence = "another-licence-of-no-value";
    let said = rotate(&aws, "licence", Some(licence));
    assert!(!said.all().contains(licence), "G2: a secret was said");
    let after = pinned(&aws);
    for variable in ["SESSION_KEY", "LICENCE"] {
        assert_ne!(before[variable], after[variable], "{variable} has another version");
    }
    assert_eq!(before["DATABASE_PASSWORD"], after["DATABASE_PASSWORD"]);
    assert_eq!(value(&aws, "licence", "AWSCURRENT").unwrap(), licence);
    assert_eq!(value(&aws, "licence", "landfall-previous").unwrap(), LICENCE);
    assert_eq!(value(&aws, "licence", "landfall-next"), None);

    a_database_password_is_rotated(&aws);
    aws.landfall("install", &[]).ends_with(0).says(&["nothing to change"]);
}

fn a_database_password_is_rotated(aws: &Emulated) {
    let key = "database_main_worker_password";
    let old = value(aws, key, "AWSCURRENT").unwrap();
    let mut open = Connection::open(aws, "main_worker", &old);
    let entries = "SELECT count(*) FROM entries";
    let before: u64 = open.ask(entries).parse().unwrap();
    rotate(aws, key, None).says(&[
        "bootstrap_main | landfall: done",
        "the first logins of database main are refused from now on",
    ]);

    assert!(open.ask(entries).parse::<u64>().unwrap() > before, "it was served all the time");
    assert_eq!(
        open.ask("INSERT INTO entries (who) VALUES ('still here') RETURNING who"),
        "still here"
    );
    refused(aws, "main_worker", &old);
    let new = value(aws, key, "AWSCURRENT").unwrap();
    assert_ne!(old, new);
    refused(aws, "main_worker", &new);
    let mut fresh = Connection::open(aws, "main_2_worker", &new);
    assert_eq!(fresh.ask("INSERT INTO entries (who) VALUES ('new') RETURNING who"), "new");
    let serving = "SELECT count(*) > 0 FROM pg_stat_activity WHERE usename = 'main_worker' \
                   AND application_name LIKE 'ledger-%'";
    assert_eq!(fresh.ask(serving), "f", "no task uses the old login");

    // And back again: the second login's turn is over.
    let mut second = Connection::open(aws, "main_2_worker", &new);
    rotate(aws, "database_main_verifiers", None)
        .says(&["the second logins of database main are refused from now on"]);
    assert_eq!(second.ask("SELECT 1"), "1");
    refused(aws, "main_2_worker", &new);
    refused(aws, "main_worker", &old);
    let third = value(aws, key, "AWSCURRENT").unwrap();
    Connection::open(aws, "main_worker", &third);
}

/// Rotates at a terminal, where a supplied value is typed.
#[track_caller]
fn rotate(aws: &Emulated, key: &str, value: Option<&str>) -> Said {
    let arguments = aws.arguments("secrets", &["rotate", key]);
    let mut terminal = Terminal::landfall(&aws.root, &arguments);
    if let Some(value) = value {
        terminal.until("New value of").types_hidden(value);
    }
    terminal.approves();
    terminal.end().ends_with(0)
}

/// What the worker's task definition pins its secrets to.
fn pinned(aws: &Emulated) -> BTreeMap<String, String> {
    aws.cloud(async |cloud| {
        let service = cloud.service(TURNS, &format!("{TURNS}-worker")).await.unwrap().unwrap();
        let definition = cloud.task_definition(&service.task_definition).await.unwrap();
        definition.containers[0].secrets.clone()
    })
}

/// What Landfall never reads: the value of a version.
fn value(aws: &Emulated, key: &str, label: &str) -> Option<String> {
    aws.cloud(async |_| {
        let manager = aws_sdk_secretsmanager::Client::new(&aws.sdk_config());
        let get = manager.get_secret_value().secret_id(format!("landfall/{TURNS}/{key}"));
        get.version_stage(label).send().await.ok()?.secret_string
    })
}

/// `psql` over TLS as a login with a password.
fn psql(aws: &Emulated, user: &str, password: &str) -> Command {
    let databases = aws.look("databases");
    let (_, server) = databases.as_object().unwrap().iter().next().expect("a database");
    let mut command = Command::new("psql");
    command.args(["-X", "-q", "-A", "-t", "-w", "-v", "ON_ERROR_STOP=1", "-d", "ledger"]);
    command.args(["-h", server["host"].as_str().unwrap(), "-U", user]);
    command.env("PGPASSWORD", password).env("PGSSLMODE", "require");
    command
}

#[track_caller]
fn refused(aws: &Emulated, user: &str, password: &str) {
    let output = psql(aws, user, password).args(["-c", "SELECT 1"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("password authentication failed"), "{user}: {said}");
}

/// A connection that stays open over several statements; closed when dropped.
struct Connection {
    psql: Child,
    statements: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Connection {
    #[track_caller]
    fn open(aws: &Emulated, user: &str, password: &str) -> Self {
        let mut command = psql(aws, user, password);
        let mut psql = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let statements = psql.stdin.take().unwrap();
        let answers = BufReader::new(psql.stdout.take().unwrap());
        let mut connection = Self { psql, statements, answers };
        assert_eq!(connection.ask("SELECT session_user"), user);
        connection
    }

    /// Runs a statement that answers one row.
    #[track_caller]
    fn ask(&mut self, statement: &str) -> String {
        writeln!(self.statements, "{statement};").unwrap();
        let mut row = String::new();
        self.answers.read_line(&mut row).unwrap();
        assert!(!row.is_empty(), "the connection is gone: {statement}");
        row.trim_end().to_owned()
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let _ = self.psql.kill();
        let _ = self.psql.wait();
    }
}
