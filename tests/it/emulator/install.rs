//! The whole way with the real provider: install, nothing left to plan, the database as it was
//! promised, a change, and the way out.

use std::path::{Path, PathBuf};
use std::process::Command;

use landfall::cloud::Cloud as _;
use serde_json::{Value, json};

use super::account::{Emulated, LICENCE};

/// One installed environment serves all of this: the real provider takes its time.
#[test]
fn an_install_on_an_emulated_aws_is_whole_from_the_first_plan_to_the_last_destroy() {
    let aws = Emulated::demo();
    let root = aws.root.path();
    let installed = aws.approved_by_digest("install").ends_with(0).says(&[
        "emulated account 111122223333",
        "bootstrap_main | landfall: done",
        "migrate | ledger: table entries belongs to main_owner",
        "installed and verified",
        "web     sha256:713258153c3a  2 tasks, 2 of 2 targets healthy",
    ]);
    assert_eq!(aws.receipt()["result"], "verified");
    the_bucket_is_closed(&aws);
    the_database_has_its_roles(&aws);

    let again = aws.landfall("install", &[]).ends_with(0).says(&["nothing to change"]);
    let clone = committed_and_cloned(&aws);
    for layer in ["foundation", "jobs", "services"] {
        plans_nothing_by_hand(&aws, &clone, layer);
    }

    a_changed_size_is_planned_in_words_and_applied(&aws);
    a_restored_database_is_made_ready_again(&aws);
    for text in [installed.all(), again.all()] {
        assert!(!text.contains(LICENCE), "G2: a secret was said");
    }
    no_secret_lies_in(aws.root.path().parent().unwrap());

    for layer in ["services", "jobs", "foundation"] {
        let gone = aws.terraform(&root, layer, &["destroy", "-auto-approve", "-input=false"]);
        let text = String::from_utf8_lossy(&gone.stdout).into_owned();
        assert!(gone.status.success(), "{layer}\n{text}{}", String::from_utf8_lossy(&gone.stderr));
        assert!(text.contains("Destroy complete!"), "{layer}: {text}");
    }
    let left = aws.terraform(&root, "foundation", &["state", "list"]);
    assert_eq!(String::from_utf8_lossy(&left.stdout), "");
}

/// Line by line what a state bucket must be, read back from the API.
fn the_bucket_is_closed(aws: &Emulated) {
    let bucket = aws.bucket();
    let store = aws.cloud(async |cloud| cloud.state_store(&bucket).await);
    let store = store.unwrap().expect("the bucket is there");
    assert!(store.versioned && store.encrypted && store.private, "{store:?}");
    let policy = aws.cloud(async |_| {
        let s3 = aws_sdk_s3::Client::new(&aws.sdk_config());
        s3.get_bucket_policy().bucket(&bucket).send().await.unwrap().policy.unwrap_or_default()
    });
    assert!(policy.contains("aws:SecureTransport"), "TLS only: {policy}");
    let keys = aws.cloud(async |cloud| cloud.list_objects(&bucket, "").await).unwrap();
    for key in ["foundation.tfstate", "jobs.tfstate", "services.tfstate"] {
        assert!(keys.iter().any(|it| it == key), "{keys:?}");
    }
    assert!(!keys.iter().any(|it| it == "run.lock" || it.ends_with(".tflock")), "{keys:?}");
}

/// Runs SQL as the superuser, or as another role.
fn sql(
    aws: &Emulated,
    database: &str,
    role: Option<&str>,
    statement: &str,
) -> Result<String, String> {
    let databases = aws.look("databases");
    let (_, server) = databases.as_object().unwrap().iter().next().expect("a database");
    let text = |name: &str| server[name].as_str().unwrap().to_owned();
    let mut command = Command::new("psql");
    command.args(["-X", "-q", "-A", "-t", "-w", "-v", "ON_ERROR_STOP=1", "-d", database, "-c"]);
    command.arg(statement);
    match role {
        None => command.args(["-h", &text("socket"), "-U", "postgres"]),
        // A member of rds_iam comes in as it would with a token.
        Some(role) => command.args(["-h", &text("host"), "-U", role]).env("PGSSLMODE", "require"),
    };
    let output = command.output().unwrap();
    let read = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    if output.status.success() { Ok(read(&output.stdout)) } else { Err(read(&output.stderr)) }
}

fn the_database_has_its_roles(aws: &Emulated) {
    let ask = |statement: &str| sql(aws, "ledger", None, statement).unwrap();
    let roles =
        ask("SELECT rolname || CASE WHEN rolcanlogin THEN ' login' ELSE '' END FROM pg_roles \
         WHERE rolname LIKE 'main%' ORDER BY 1");
    let expected = ["main_migrator login", "main_nightly login", "main_owner", "main_rw"];
    for role in expected.iter().chain(&["main_web login", "main_worker login"]) {
        assert!(roles.lines().any(|line| line == *role), "{role} is not among\n{roles}");
    }
    assert_eq!(roles.lines().count(), 6, "these and no others:\n{roles}");
    assert_eq!(ask("SELECT tableowner FROM pg_tables WHERE tablename = 'entries'"), "main_owner");
    let web = |statement: &str| sql(aws, "ledger", Some("main_web"), statement);
    web("INSERT INTO entries (who) VALUES ('a visitor')").expect("a service writes rows");
    let refused = web("CREATE TABLE mine (id int)").unwrap_err();
    assert!(refused.contains("permission denied"), "a service makes no tables: {refused}");
}

/// The customer's repository as it is committed, in a folder that Landfall never saw.
fn committed_and_cloned(aws: &Emulated) -> PathBuf {
    let git = |folder: &Path, arguments: &[&str]| {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=o", "-c", "user.email=o@acme.example"]).args(arguments);
        aws.root.clean(command.current_dir(folder));
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    let root = aws.root.path();
    git(&root, &["init", "-q"]);
    git(&root, &["add", "."]);
    git(&root, &["commit", "-q", "-m", "installed"]);
    let clone = aws.root.kept("clone");
    git(&clone, &["clone", "-q", root.to_str().unwrap(), "."]);
    clone
}

#[track_caller]
pub(super) fn plans_nothing_by_hand(aws: &Emulated, clone: &Path, layer: &str) {
    let initialised = aws.terraform(clone, layer, &["init", "-input=false", "-lockfile=readonly"]);
    let error = String::from_utf8_lossy(&initialised.stderr).into_owned();
    assert!(initialised.status.success(), "{layer}: {error}");
    let planned =
        aws.terraform(clone, layer, &["plan", "-input=false", "-detailed-exitcode", "-lock=false"]);
    let text = String::from_utf8_lossy(&planned.stdout).into_owned();
    let code = planned.status.code();
    assert_eq!(code, Some(0), "{layer}: {text}{}", String::from_utf8_lossy(&planned.stderr));
    let allowed: Value =
        serde_json::from_str(include_str!("../../emulator/allowed_differences.json")).unwrap();
    assert_eq!(allowed, serde_json::json!([]), "what may differ has to be looked for here");
}

fn a_changed_size_is_planned_in_words_and_applied(aws: &Emulated) {
    let file = format!("environments/{}/environment.hcl", aws.name);
    aws.root.edit(
        &file,
        "inputs =",
        "override \"service\" \"web\" {\n  memory = \"2Gi\"\n}\n\ninputs =",
    );
    let plan = aws.landfall("plan", &[]).ends_with(0);
    plan.says(&["foundation\n  no changes", "  ~  service web: memory 1024 → 2048\n"]);
    aws.landfall("install", &[]).ends_with(3).says(&["`landfall update demo-aws`"]);
    aws.approved("update").ends_with(0).says(&["updated and verified"]);
    aws.landfall("plan", &["--detailed-exit-code"]).ends_with(0);
}

/// The bootstrap and the migration on a database that lost everything but its roles.
fn a_restored_database_is_made_ready_again(aws: &Emulated) {
    let owner = "SELECT tableowner FROM pg_tables WHERE tablename = 'entries'";
    // Who is connected would keep it; the services come back by themselves.
    sql(aws, "postgres", None, "DROP DATABASE ledger WITH (FORCE)").unwrap();
    sql(aws, "postgres", None, "CREATE DATABASE ledger OWNER main_owner").unwrap();
    // Another resource id is what tells a restored instance from the one that was.
    let restored = json!({ "instance": "demo-aws-main", "resource": "db-RESTORED" });
    aws.control("restore", &restored);
    aws.approved("update").ends_with(0).says(&[
        "bootstrap_main | landfall: done",
        "bootstrap_main: exit code 0",
        "migrate: exit code 0",
    ]);
    assert_eq!(sql(aws, "ledger", None, owner).unwrap(), "main_owner");
    the_database_has_its_roles(aws);
}

/// G2 with the real provider: no file of the run holds what was typed.
fn no_secret_lies_in(folder: &Path) {
    let mut folders = vec![folder.to_owned()];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.ends_with("emulator") || path.is_symlink() {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            files += 1;
            let bytes = std::fs::read(&path).unwrap_or_default();
            let found = bytes.windows(LICENCE.len()).any(|window| window == LICENCE.as_bytes());
            assert!(!found, "a secret lies in {}", path.display());
        }
    }
    assert!(files > 100, "only {files} files were looked at");
}
