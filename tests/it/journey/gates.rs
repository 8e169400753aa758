//! G4, G5 and G11 by class, end to end: what stops production, what staging can waive, and that
//! production has a snapshot before anything is changed.

use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value as Json;

use super::update;
use crate::support::{DEMO, Demo, Root, Said, Terminal, on_both_clouds};

on_both_clouds!(
    g4_production_stops_at_drift_and_no_flag_waives_it,
    g4_and_g5_staging_waives_with_a_reason_that_the_receipt_keeps,
    g5_production_stops_at_what_is_not_committed_and_no_flag_waives_it,
    g5_staging_commits_what_a_person_wrote_where_asked,
    g11_production_never_loses_its_database,
    production_has_a_snapshot_before_anything_is_changed,
);

const PRODUCTION: &str = "acme-production";
const DEMO_FILE: &str = "environments/demo-aws/environment.hcl";

/// The production environments of the fixture, on AWS and on Google Cloud.
const BOTH: [&str; 2] = [PRODUCTION, "acme-prod-gcp"];

fn git(root: &Root, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    root.clean(&mut command);
    let output = command.args(arguments).current_dir(root.path()).output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// A repository whose person has a name, with everything committed.
fn committed(root: &Root) {
    git(root, &["config", "--global", "user.name", "Test"]);
    git(root, &["config", "--global", "user.email", "test@acme.example"]);
    git(root, &["init", "--quiet"]);
    commit(root);
}

fn commit(root: &Root) {
    git(root, &["add", "."]);
    git(root, &["commit", "--quiet", "--message", "as wanted"]);
}

/// Production, rehearsed and committed. One rehearsal serves every test; each gets a copy.
fn production_on(name: &str) -> Root {
    static REHEARSED: [OnceLock<Root>; 2] = [OnceLock::new(), OnceLock::new()];
    let rehearse = || {
        let root = Root::fixture("production");
        root.landfall(&["rehearse", name]).ends_with(0);
        root
    };
    let root = REHEARSED[usize::from(name == BOTH[1])].get_or_init(rehearse).copied();
    committed(&root);
    root
}

fn production() -> Root {
    production_on(PRODUCTION)
}

/// The demo as staging, rehearsed and committed.
fn staging(on: &'static Demo) -> Root {
    static REHEARSED: [OnceLock<Root>; 2] = [OnceLock::new(), OnceLock::new()];
    let rehearse = || {
        let root = on.root();
        root.edit(&on.file(), "\"preview\" #", "\"staging\" #");
        root.landfall(&["rehearse", on.name]).ends_with(0);
        root
    };
    let root = on.either(&REHEARSED[0], &REHEARSED[1]).get_or_init(rehearse).copied();
    committed(&root);
    root
}

/// Changes every place of these files.
fn edit_all(root: &Root, files: &[&str], from: &str, to: &str) {
    for file in files {
        let path = root.path().join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(path, text.replace(from, to)).unwrap();
    }
}

fn last_receipt(root: &Root, name: &str) -> Json {
    let lock: Json = serde_json::from_str(&root.lock(name).unwrap()).unwrap();
    root.receipt(name, lock["receipt_run"].as_str().unwrap())
}

fn digest(said: &Said) -> String {
    let pattern = regex::Regex::new("sha256:[0-9a-f]{64}").unwrap();
    pattern.find_iter(&said.err).last().unwrap().as_str().to_owned()
}

fn g4_production_stops_at_drift_and_no_flag_waives_it(on: &'static Demo) {
    let name = on.either(BOTH[0], BOTH[1]);
    let root = production_on(name);
    let said = root.landfall(&update(name, &["--fault", on.shorter_backups])).ends_with(3);
    said.stops_at("drift").says(&[
        &format!("{name} was changed behind Landfall's back: 1 difference"),
        "database main was changed: ",
        "30 → 1",
        "no flag waives this for production",
        &format!("`landfall drift {name} --revert`"),
        "write `backup_days` in `database \"main\"` in environment.hcl",
    ]);
    let waived = ["--waive", "drift=we know"];
    root.landfall(&update(name, &waived)).ends_with(3).stops_at("drift");
    // The first way out.
    let back = ["drift", name, "--engine", "simulated", "--revert"];
    let mut terminal = Terminal::landfall(&root, &back);
    terminal.approves();
    terminal.end().ends_with(0);
    root.landfall(&update(name, &[])).ends_with(0).says(&["nothing to change"]);
}

fn g5_production_stops_at_what_is_not_committed_and_no_flag_waives_it(on: &'static Demo) {
    let name = on.either(BOTH[0], BOTH[1]);
    let root = production_on(name);
    let file = format!("environments/{name}/environment.hcl");
    root.edit(&file, "ledger@acme", "other@acme");
    for more in [&[][..], &["--waive", "uncommitted=we know"]] {
        let said = root.landfall(&update(name, more)).ends_with(2);
        said.says(&["a file is not committed", &file, "no flag waives this", "next: git add"]);
    }
    let said = root.landfall(&update(name, &["--commit"])).ends_with(2);
    said.says(&["`--commit` is not for production"]);
}

#[test]
fn g5_a_rendered_file_that_a_person_changed_counts_and_our_own_output_does_not() {
    let root = production();
    root.landfall(&["render", PRODUCTION]).ends_with(0);
    root.landfall(&update(PRODUCTION, &[])).ends_with(0).says(&["nothing to change"]);
    let file = "environments/acme-production/terraform/foundation/main.tf";
    root.edit(file, "module \"keys\"", "# by hand\nmodule \"keys\"");
    let said = root.landfall(&update(PRODUCTION, &[])).ends_with(2);
    said.says(&["a file is not committed", file]);
}

/// A database that is named anew, which RDS cannot do in place; on Google Cloud databases are let go
/// of instead of dropped, so there it is their server.
fn g11_production_never_loses_its_database(on: &'static Demo) {
    let name = on.either(BOTH[0], BOTH[1]);
    let root = production_on(name);
    let file = format!("environments/{name}/environment.hcl");
    let one = &[("version = \">= 16\"", "version = \">= 16\"\n  databases = [\"other\"]")][..];
    let server = &[("\"main\"", "\"store\""), ("database.main", "database.store")];
    for (from, to) in on.either(one, server) {
        edit_all(&root, &["kit.hcl", &file], from, to);
    }
    edit_all(&root, &["kit.hcl", "kit.lock"], "version = \"1.0.0\"", "version = \"1.1.0\"");
    edit_all(&root, &["kit.lock", &file], "\"v1.0.0\"", "\"v1.1.0\"");
    let said = root.landfall(&update(name, &[])).ends_with(2);
    let lock = std::fs::read_to_string(root.path().join("kit.lock")).unwrap();
    let hash = regex::Regex::new("sha256:[0-9a-f]{64}").unwrap();
    let all = said.all();
    let tree = hash.find_iter(&all).map(|it| it.as_str()).find(|it| !lock.contains(it));
    let pinned = regex::Regex::new("tree    = \"(sha256:[0-9a-f]{64})").unwrap();
    root.edit("kit.lock", &pinned.captures(&lock).unwrap()[1], tree.expect("the hash that it has"));
    commit(&root);

    let held = |root: &Root| root.account(name)["resources"][on.database].clone();
    let before = held(&root);
    let address = format!("module.database_main.{}.this", on.database);
    let said = root.landfall(&update(name, &[])).ends_with(4).stops_at("plan");
    let lost = on.either("delete, then create, because of db_name", "delete");
    let refused = [
        "the plan destroys what holds data in production",
        &format!("{address}: {lost}"),
        "no flag waives this for production",
    ];
    said.says(&refused);
    let digest = root.landfall(&["plan", name, "--engine", "simulated"]).digest();
    let accepted = ["--approve", &digest, "--accept-loss", &address];
    root.landfall(&update(name, &accepted)).ends_with(4).says(&refused);
    assert_eq!(held(&root), before);
}

fn g4_and_g5_staging_waives_with_a_reason_that_the_receipt_keeps(on: &'static Demo) {
    let root = staging(on);
    root.edit(&on.file(), "ledger@acme", "other@acme");
    let said = root.landfall(&update(on.name, &["--fault", on.shorter_backups])).ends_with(2);
    said.says(&["a file is not committed", "`--waive uncommitted=REASON`", "`--commit`"]);
    let said = root.landfall(&update(on.name, &["--waive", "uncommitted="])).ends_with(2);
    said.says(&["it has no reason"]);
    let uncommitted = ["--waive", "uncommitted=trying it out"];
    let said = root
        .landfall(&update(on.name, &[&uncommitted[..], &["--fault", on.shorter_backups]].concat()));
    said.ends_with(3).stops_at("drift").says(&["`--waive drift=REASON`"]);

    let both = [&uncommitted[..], &["--waive", "drift=a test of backups"]].concat();
    let mut terminal = Terminal::landfall(&root, &update(on.name, &both));
    terminal.approves();
    terminal.end().ends_with(0).says(&["waived: a test of backups", "trying it out"]);
    let waived = &last_receipt(&root, on.name)["waived"];
    assert_eq!(waived["drift"], "a test of backups");
    assert_eq!(waived["uncommitted"], "trying it out");
}

fn g5_staging_commits_what_a_person_wrote_where_asked(on: &'static Demo) {
    let root = staging(on);
    root.edit(&on.file(), "ledger@acme", "other@acme");
    let mut terminal = Terminal::landfall(&root, &update(on.name, &["--commit"]));
    terminal.approves();
    terminal.end().ends_with(0).says(&[&format!("committed {}", on.file())]);
    assert_eq!(git(&root, &["status", "--porcelain", "--", "environments"]), "");
    assert!(git(&root, &["log", "-1", "--format=%s"]).starts_with(&format!("{}: ", on.name)));
    assert!(last_receipt(&root, on.name)["waived"].is_null());
}

#[test]
fn a_preview_goes_on_with_a_note() {
    let root = Root::installed();
    committed(&root);
    root.edit(DEMO_FILE, "ledger@acme", "other@acme");
    let longer = "drift=aws_db_instance.backup_retention_period=30";
    let said = root.landfall(&update(DEMO, &["--fault", longer])).ends_with(4);
    said.stops_at("approval").says(&[
        "a file is not committed: environments/demo-aws/environment.hcl",
        "database main was changed: backup retention period",
    ]);
}

fn production_has_a_snapshot_before_anything_is_changed(on: &'static Demo) {
    let name = on.either(BOTH[0], BOTH[1]);
    let root = production_on(name);
    root.edit(&format!("environments/{name}/environment.hcl"), "ledger@acme", "other@acme");
    commit(&root);
    let failing = ["--fault", "snapshot=failed"];
    let said = root.landfall(&update(name, &[])).ends_with(4);
    let digest = digest(&said);
    let approved = ["--approve", &digest];
    let said = root.landfall(&update(name, &[&approved[..], &failing].concat())).ends_with(1);
    said.stops_at("snapshot").says(&[
        "the snapshot of database main is failed",
        on.either(
            "aws rds delete-db-snapshot --db-snapshot-identifier landfall-",
            "remove the backup described as landfall-",
        ),
    ]);
    root.tamper(name, |account| account["snapshots"] = serde_json::json!({}));

    let stop = [&approved[..], &["--fault", "job=migrate:exit=1"]].concat();
    root.landfall(&update(name, &stop)).ends_with(1).stops_at("migrate");
    let made = |root: &Root| -> Vec<String> {
        root.account(name)["snapshots"].as_object().unwrap().keys().cloned().collect()
    };
    let first = made(&root);
    assert_eq!(first.len(), 1, "{first:?}");

    let mut terminal = Terminal::landfall(&root, &update(name, &[]));
    terminal.approves();
    terminal.end().ends_with(0).says(&["1 snapshot, there already"]);
    assert_eq!(made(&root), first, "the resumed run finds the one of the first attempt");
    assert_eq!(last_receipt(&root, name)["snapshots"][0], first[0].as_str());
}
