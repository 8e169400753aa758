//! G14: two runs are never at work on one environment at once.

use serde_json::{Value, json};

use super::{LICENCE, first_install, install};
use crate::support::{Demo, Terminal, on_both_clouds};

on_both_clouds!(
    g14_of_two_installs_at_once_one_runs_and_the_other_says_who,
    g14_a_lock_of_another_machine_is_taken_over_only_by_typing_the_name,
    g14_a_state_lock_that_is_not_ours_is_told_and_unlock_frees_it,
);

/// The lock of a run on another machine.
fn somebody_elses(on: &Demo) -> Value {
    json!({
        "format": 1, "run": "20260101-000000-0000", "command": format!("install {}", on.name),
        "caller": on.caller.replace("rehearsal", "colleague"), "host": "other-laptop",
        "boot": "b", "pid": 4242, "started": 1, "since": "2026-01-01T00:00:00Z",
    })
}

fn unlock<'a>(on: &Demo, more: &[&'a str]) -> Vec<&'a str> {
    [&["unlock", on.name, "--engine", "simulated"], more].concat()
}

fn g14_of_two_installs_at_once_one_runs_and_the_other_says_who(on: &'static Demo) {
    let (name, root) = (on.name, on.root());
    // Until somebody interrupts it.
    let slow = format!("create={}:delay=60s", on.network);
    let mut first = Terminal::landfall(&root, &install(name, &["-v", "--fault", &slow]));
    first.until("licence").types_hidden(LICENCE).approves();
    first.until("   create module.");
    root.landfall(&install(name, &[])).ends_with(1).stops_at("preflight").says(&[
        &format!("another run is at work on {name}"),
        &format!("`landfall install {name}` by {} on ", on.caller),
        "nothing was touched",
        &format!("`landfall unlock {name}`"),
    ]);
    // Reading is for everybody.
    root.landfall(&unlock(on, &[]))
        .ends_with(4)
        .says(&[&format!("held by `landfall install {name}`")]);
    first.interrupts();
    first.end().ends_with(130);
    assert!(!on.object(&root, "run.lock").exists(), "the lock ends with its run");
    root.landfall(&unlock(on, &[])).ends_with(0).says(&["nobody holds it"]);
    first_install(&root, name, &[]).ends_with(0);
}

fn g14_a_lock_of_another_machine_is_taken_over_only_by_typing_the_name(on: &'static Demo) {
    let (name, root) = (on.name, on.installed());
    let lock = on.object(&root, "run.lock");
    std::fs::write(&lock, somebody_elses(on).to_string()).unwrap();
    let colleague = on.caller.replace("rehearsal", "colleague");
    let who = format!("by {colleague} on other-laptop (process 4242)");
    let who = who.as_str();
    root.landfall(&install(name, &[])).ends_with(1).says(&[who, "since 2026-01-01 00:00 UTC"]);
    let set = ["secrets", name, "set", "licence", "--from", "-", "--engine", "simulated"];
    root.piped(&set, "another\n").ends_with(1).says(&[who]);
    root.landfall(&unlock(on, &[])).ends_with(4).says(&[who, "nobody to ask"]);
    root.landfall(&unlock(on, &["--confirm", "demo"]))
        .ends_with(4)
        .says(&[&format!("is not {name}")]);
    let mut terminal = Terminal::landfall(&root, &unlock(on, &[]));
    terminal.until("to take the locks over").types("no");
    terminal.end().ends_with(4);
    assert!(lock.exists(), "whoever did not type the name changed nothing");
    let mut terminal = Terminal::landfall(&root, &unlock(on, &[]));
    terminal.until("to take the locks over").types(name);
    terminal.end().ends_with(0).says(&[who, &format!("{name} is free")]);
    root.landfall(&install(name, &[])).ends_with(0).says(&["nothing to change"]);
    assert!(!lock.exists());
}

fn g14_a_state_lock_that_is_not_ours_is_told_and_unlock_frees_it(on: &'static Demo) {
    let (name, root) = (on.name, on.installed());
    let lock = on.state_lock(&root, "services");
    let info = json!({
        "ID": "7c2d", "Operation": "OperationTypeApply", "Who": "ana@build-1", "Version": "1.11.4",
        "Created": "2026-01-01T00:00:00Z", "Path": "services",
    });
    std::fs::write(&lock, info.to_string()).unwrap();
    root.landfall(&install(name, &[])).ends_with(1).stops_at("preflight").says(&[
        "the state of layer services is locked",
        "ana@build-1 has locked the state since 2026-01-01T00:00:00Z to apply (lock ",
        "nothing was touched",
    ]);
    root.landfall(&unlock(on, &["--confirm", name]))
        .ends_with(0)
        .says(&["layer services: ana@build-1 has locked the state"]);
    assert!(!lock.exists());
    root.landfall(&install(name, &[])).ends_with(0).says(&["nothing to change"]);
}
