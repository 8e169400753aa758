//! G14: two runs are never at work on one environment at once.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::{LICENCE, first_install, install};
use crate::support::{DEMO, Root, Terminal};

const BUCKET: &str = "landfall-111122223333-eu-central-1-demo-aws";

/// Makes a run last until somebody interrupts it.
const SLOW: [&str; 3] = ["-v", "--fault", "create=aws_vpc:delay=60s"];

fn object(root: &Root, key: &str) -> PathBuf {
    root.rehearsal(DEMO).join("account/bucket").join(BUCKET).join(key)
}

/// The lock of a run on another machine.
fn somebody_elses() -> Value {
    json!({
        "format": 1, "run": "20260101-000000-0000", "command": "install demo-aws",
        "caller": "arn:aws:iam::111122223333:user/colleague", "host": "other-laptop",
        "boot": "b", "pid": 4242, "started": 1, "since": "2026-01-01T00:00:00Z",
    })
}

fn unlock<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["unlock", DEMO, "--engine", "simulated"], more].concat()
}

#[test]
fn g14_of_two_installs_at_once_one_runs_and_the_other_says_who() {
    let root = Root::demo();
    let mut first = Terminal::landfall(&root, &install(DEMO, &SLOW));
    first.until("licence").types_hidden(LICENCE).approves();
    first.until("   create module.");
    root.landfall(&install(DEMO, &[])).ends_with(1).stops_at("preflight").says(&[
        "another run is at work on demo-aws",
        "`landfall install demo-aws` by arn:aws:iam::111122223333:user/rehearsal on ",
        "nothing was touched",
        "`landfall unlock demo-aws`",
    ]);
    // Reading is for everybody.
    root.landfall(&unlock(&[])).ends_with(4).says(&["held by `landfall install demo-aws`"]);
    first.interrupts();
    first.end().ends_with(130);
    assert!(!object(&root, "run.lock").exists(), "the lock ends with its run");
    root.landfall(&unlock(&[])).ends_with(0).says(&["nobody holds it"]);
    first_install(&root, DEMO, &[]).ends_with(0);
}

#[test]
fn g14_a_lock_of_another_machine_is_taken_over_only_by_typing_the_name() {
    let root = Root::installed();
    let lock = object(&root, "run.lock");
    std::fs::write(&lock, somebody_elses().to_string()).unwrap();
    let who = "by arn:aws:iam::111122223333:user/colleague on other-laptop (process 4242)";
    root.landfall(&install(DEMO, &[])).ends_with(1).says(&[who, "since 2026-01-01 00:00 UTC"]);
    let set = ["secrets", DEMO, "set", "licence", "--from", "-", "--engine", "simulated"];
    root.piped(&set, "another\n").ends_with(1).says(&[who]);
    root.landfall(&unlock(&[])).ends_with(4).says(&[who, "nobody to ask"]);
    root.landfall(&unlock(&["--confirm", "demo"])).ends_with(4).says(&["is not demo-aws"]);
    let mut terminal = Terminal::landfall(&root, &unlock(&[]));
    terminal.until("to take the locks over").types("no");
    terminal.end().ends_with(4);
    assert!(lock.exists(), "whoever did not type the name changed nothing");
    let mut terminal = Terminal::landfall(&root, &unlock(&[]));
    terminal.until("to take the locks over").types(DEMO);
    terminal.end().ends_with(0).says(&[who, "demo-aws is free"]);
    root.landfall(&install(DEMO, &[])).ends_with(0).says(&["nothing to change"]);
    assert!(!lock.exists());
}

#[test]
fn g14_a_state_lock_that_is_not_ours_is_told_and_unlock_frees_it() {
    let root = Root::installed();
    let lock = object(&root, "services.tfstate.tflock");
    let info = json!({
        "ID": "7c2d", "Operation": "OperationTypeApply", "Who": "ana@build-1", "Version": "1.11.4",
        "Created": "2026-01-01T00:00:00Z", "Path": "services.tfstate",
    });
    std::fs::write(&lock, info.to_string()).unwrap();
    root.landfall(&install(DEMO, &[])).ends_with(1).stops_at("preflight").says(&[
        "the state of layer services is locked",
        "ana@build-1 has locked the state since 2026-01-01T00:00:00Z to apply (lock 7c2d)",
        "nothing was touched",
    ]);
    root.landfall(&unlock(&["--confirm", DEMO]))
        .ends_with(0)
        .says(&["layer services: ana@build-1 has locked the state"]);
    assert!(!lock.exists());
    root.landfall(&install(DEMO, &[])).ends_with(0).says(&["nothing to change"]);
}
