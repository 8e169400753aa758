//! Updates and ways back: what an operator's Friday and Monday look like.

use serde_json::Value;

use super::{LICENCE, update};
use crate::support::{AWS, DEMO, Demo, Root, Said, Terminal, on_both_clouds, redacted};

on_both_clouds!(
    the_life_of_an_installation_is_rehearsed_act_by_act,
    a_failed_update_goes_back_and_an_update_without_a_tag_does_not_try_it_again,
    g3_a_tag_that_was_verified_and_moved_is_refused_with_both_hashes,
    g6_a_failed_migration_of_an_update_leaves_everything_that_runs_what_it_needs,
    g7_an_older_release_that_cannot_serve_the_schema_is_refused_before_anything_is_touched,
    g13_an_approval_of_another_machine_holds_unless_something_moved,
    a_rollback_takes_what_was_proved_good_from_the_bucket,
);

/// A migration to schema 2, which serves schema 1 as well.
const MIGRATES: (&str, &str) = ("version = 1\n  accepts = [1]", "version = 2\n  accepts = [1, 2]");

/// `update` to a release, approved by the digest that `plan` printed.
fn to(on: &Demo, root: &Root, tag: &str, more: &[&str]) -> Said {
    let digest = planned(on, root, tag);
    let approved = ["update", on.name, tag, "--engine", "simulated", "--approve", &digest];
    root.landfall(&[&approved, more].concat())
}

/// The digest of a plan.
fn planned(on: &Demo, root: &Root, tag: &str) -> String {
    let plan = root.landfall(&["plan", on.name, tag, "--engine", "simulated"]).ends_with(0);
    plan.out.trim().to_owned()
}

/// The states of a layer's resources, without what names a version of the state.
fn layer(on: &Demo, root: &Root, layer: &str) -> Value {
    let state = std::fs::read(on.state(root, layer)).unwrap();
    let mut state: Value = serde_json::from_slice(&state).unwrap();
    state["resources"].take()
}

fn the_life_of_an_installation_is_rehearsed_act_by_act(on: &'static Demo) {
    let root = on.root();
    let said = root.landfall(&["rehearse", on.name, "--journey"]).ends_with(0).says(&[
        "v1.0.0 → v1.1.0",
        &format!("{} was changed behind Landfall's back: 1 difference", on.name),
        "taken back and verified",
        "going back to v1.1.0",
        "went back to v1.1.0: 2 services, verified",
        "v1.0.0 cannot serve the database as it is",
        "the schema of database main is 2, v1.0.0 accepts 1",
        "v1.1.0, which is locked, accepts it",
        "each ended as it must",
    ]);
    redacted(&root).bind(|| insta::assert_snapshot!(format!("journey-{}", on.name), said.err));
    let history = root.landfall(&["history", on.name, "--engine", "simulated"]).ends_with(0);
    for result in ["verified", "returned"] {
        assert!(history.out.contains(result), "{}", history.out);
    }

    // A receipt that somebody changed is found, by the one that comes after it.
    let mut receipts: Vec<_> = std::fs::read_dir(on.object(&root, "receipts"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    receipts.sort();
    let text = std::fs::read_to_string(&receipts[1]).unwrap();
    std::fs::write(&receipts[1], text.replace("v1.1.0", "v9.9.9")).unwrap();
    root.landfall(&["history", on.name, "--engine", "simulated"])
        .ends_with(1)
        .says(&["was changed"]);
}

/// Friday: the new release does not get healthy. Monday: what is wanted is what runs.
fn a_failed_update_goes_back_and_an_update_without_a_tag_does_not_try_it_again(on: &'static Demo) {
    let root = on.installed();
    root.release("1.1.0", &[]);
    let services = layer(on, &root, "services");
    let unhealthy = ["--fault", "unhealthy=web"];
    to(on, &root, "v1.1.0", &unhealthy).ends_with(1).says(&[
        "!! services",
        "ok return",
        "error: service web does not become healthy",
        "went back to v1.0.0: 2 services, verified",
    ]);
    let digests = |services: &Value| {
        let text = services.to_string();
        let digest = regex::Regex::new("ledger@sha256:[0-9a-f]{64}").unwrap();
        let mut all: Vec<String> = digest.find_iter(&text).map(|it| it.as_str().into()).collect();
        all.sort();
        all.dedup();
        all
    };
    assert_eq!(digests(&layer(on, &root, "services")), digests(&services));
    let folder = root.rehearsal(on.name).join("environments").join(on.name);
    assert!(!folder.join("landfall.next.lock").exists());
    assert!(root.lock(on.name).unwrap().contains("\"v1.0.0\""));
    let receipt = newest_receipt(on, &root);
    assert_eq!(receipt["result"], "returned");
    assert_eq!(receipt["candidate"]["tag"], "v1.1.0");
    assert_eq!(receipt["returned_to"]["tag"], "v1.0.0");

    // The vendor's folder is at v1.1.0; the customer's file says v1.0.0, and so does the kit again.
    root.release("1.0.0", &[]);
    restore_lock(&root);
    root.landfall(&["status", on.name, "--engine", "simulated"])
        .says(&["wanted", "v1.0.0", "locked", "returned"]);
    root.landfall(&update(on.name, &[])).ends_with(0).says(&["nothing to change"]);
}

/// The lock of the repository's own kit, exactly as it was.
fn restore_lock(root: &Root) {
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for file in ["kit.hcl", "kit.lock"] {
        std::fs::copy(here.join(file), root.path().join(file)).unwrap();
    }
}

fn newest_receipt(on: &Demo, root: &Root) -> Value {
    let runs = root.rehearsal(on.name).join("environments").join(on.name).join("runs");
    let mut receipts: Vec<_> = std::fs::read_dir(runs)
        .unwrap()
        .map(|run| run.unwrap().path().join("receipt.json"))
        .filter(|path| path.exists())
        .collect();
    receipts.sort();
    serde_json::from_slice(&std::fs::read(receipts.last().unwrap()).unwrap()).unwrap()
}

/// G6 for updates: nothing that the running release needs is gone before the new one is verified.
fn g6_a_failed_migration_of_an_update_leaves_everything_that_runs_what_it_needs(on: &'static Demo) {
    let root = on.installed();
    root.release(
        "1.1.0",
        &[
            MIGRATES,
            ("secret \"licence\" { supplied = true }\n", ""),
            ("  LICENCE       = secret.licence\n", ""),
            ("secret.session_key, secret.licence]", "secret.session_key]"),
            ("17 3 * * *", "30 4 * * *"),
            // The nightly job loses its way to the database.
            ("args     = [\"nightly\"]\n  uses     = [database.main]", "args     = [\"nightly\"]"),
        ],
    );
    let (services, foundation) = (layer(on, &root, "services"), layer(on, &root, "foundation"));
    let loss = on.licence;
    let fault = ["--accept-loss", loss, "--fault", "job=migrate:exit=1"];
    let said = to(on, &root, "v1.1.0", &fault).ends_with(1).stops_at("migrate").says(&[
        "job migrate ended with exit code 1",
        "the end of its log:",
        "what was serving before still serves",
        "tidy, after the new release is verified",
    ]);
    assert!(!said.all().contains(LICENCE));
    assert_eq!(layer(on, &root, "services"), services, "services and schedule are as they were");
    let after = layer(on, &root, "foundation");
    assert!(holds_licence(on, &after), "the secret is still there");
    // Grants of the running release are what they were: none of them lost anything.
    let (granted, kept) = (grants(on, &foundation), grants(on, &after));
    assert!(granted.len() >= 5, "{granted:?}");
    for grant in granted {
        assert!(kept.contains(&grant), "a grant is gone: {grant}");
    }
    let receipt = newest_receipt(on, &root);
    assert_eq!((&receipt["result"], &receipt["step"]), (&"failed".into(), &"migrate".into()));

    // The same command after the fix goes on, to the end.
    to(on, &root, "v1.1.0", &["--accept-loss", loss]).ends_with(0).says(&["updated and verified"]);
    assert!(!holds_licence(on, &layer(on, &root, "foundation")), "tidied up");
}

/// Whether the container of the supplied secret is in a state.
fn holds_licence(on: &Demo, state: &Value) -> bool {
    state
        .to_string()
        .contains(on.either("landfall/demo-aws/licence", "secrets/landfall-demo-gcp-licence"))
}

/// What a state grants: policies of roles, or members of roles.
fn grants(on: &Demo, state: &Value) -> Vec<String> {
    let (kind, field) = on.either(("_role_policy", "policy"), ("_iam_member", "member"));
    let grants = |it: &&Value| it["type"].as_str().unwrap().ends_with(kind);
    let resources = state.as_array().unwrap().iter().filter(grants);
    let instances = resources.flat_map(|it| it["instances"].as_array().unwrap().clone());
    let told = |it: Value| {
        let attributes = &it["attributes"];
        format!("{} {}", attributes["id"], attributes[field])
    };
    instances.map(told).collect()
}

fn g7_an_older_release_that_cannot_serve_the_schema_is_refused_before_anything_is_touched(
    on: &'static Demo,
) {
    let root = on.installed();
    root.release("1.1.0", &[MIGRATES]);
    to(on, &root, "v1.1.0", &[]).ends_with(0);
    let before = root.states(on.name);
    root.landfall(&["rollback", on.name, "v1.0.0", "--engine", "simulated"]).ends_with(1).says(&[
        "v1.0.0 cannot serve the database as it is",
        "the schema of database main is 2, v1.0.0 accepts 1",
        "nothing was touched",
        "docs/rollback.md",
    ]);
    assert_eq!(root.states(on.name), before);
}

fn a_rollback_takes_what_was_proved_good_from_the_bucket(on: &'static Demo) {
    let root = on.installed();
    let first = layer(on, &root, "services");
    root.release("1.1.0", &[]);
    to(on, &root, "v1.1.0", &[]).ends_with(0);
    // The vendor's folder has moved on: nothing of it is needed.
    let rollback = ["rollback", on.name, "--engine", "simulated"];
    let mut terminal = Terminal::landfall(&root, &rollback);
    terminal.approves();
    terminal.end().ends_with(0).says(&["v1.1.0 → v1.0.0", "rolled back and verified"]);
    let image = |state: &Value| state.to_string().matches("713258153c3a").count();
    assert_eq!(image(&layer(on, &root, "services")), image(&first));
    root.landfall(&["rollback", on.name, "v0.9.0", "--engine", "simulated"])
        .ends_with(2)
        .says(&["v0.9.0 was never proved good in ", "v1.0.0"]);
}

#[test]
fn a_release_that_must_be_passed_is_named_with_the_way_through() {
    let root = Root::installed();
    let release = "release { version = \"1.2.0\" }";
    let stops = "release {\n  version = \"1.2.0\"\n  stops   = [\"1.1.0\"]\n}";
    root.release("1.2.0", &[(release, stops)]);
    let before = root.states(DEMO);
    root.landfall(&["update", DEMO, "v1.2.0", "--engine", "simulated"]).ends_with(2).says(&[
        "error: v1.1.0 must be verified first",
        "demo-aws runs 1.0.0, v1.2.0 was asked for",
        "next: landfall update demo-aws v1.1.0",
        "next: landfall update demo-aws v1.2.0",
        "--stops",
    ]);
    assert_eq!(root.states(DEMO), before);
    let mut terminal =
        Terminal::landfall(&root, &["update", DEMO, "v1.2.0", "--engine", "simulated"]);
    terminal.until("v1.1.0 must be verified first. Go step by step? Type yes").types("no");
    terminal.end().ends_with(2).says(&["v1.1.0 must be verified first"]);
}

fn g3_a_tag_that_was_verified_and_moved_is_refused_with_both_hashes(on: &'static Demo) {
    let root = on.installed();
    root.release("1.1.0", &[]);
    root.release("1.0.0", &[("replicas = 2", "replicas = 3")]);
    root.landfall(&update(on.name, &[])).ends_with(2).says(&[
        "the release v1.0.0 moved: it is no longer what was verified",
        "the kit's tree was sha256:",
        "kit.lock was sha256:",
    ]);
}

/// A plan is read and approved on one machine, and applied on another.
fn g13_an_approval_of_another_machine_holds_unless_something_moved(on: &'static Demo) {
    let root = on.installed();
    root.release("1.1.0", &[]);
    let digest = planned(on, &root, "v1.1.0");
    let other = root.copied();
    other.edit(&on.file(), "ledger@acme.example", "other@acme.example");
    let approved = ["update", on.name, "v1.1.0", "--engine", "simulated", "--approve", &digest];
    other
        .landfall(&approved)
        .ends_with(4)
        .says(&["is not for this plan", "the rendered files: approved was sha256:"]);
    other.edit(&on.file(), "other@acme.example", "ledger@acme.example");
    other.landfall(&approved).ends_with(0).says(&["updated and verified"]);
}

#[test]
fn a_plan_of_another_release_leaves_no_trace() {
    let root = Root::installed();
    root.release("1.1.0", &[]);
    let folder = root.rehearsal(DEMO).join("environments").join(DEMO).join("terraform");
    let read = || std::fs::read(folder.join("services/terraform.tfvars")).unwrap();
    let before = read();
    planned(&AWS, &root, "v1.1.0");
    assert_eq!(read(), before);
}
