//! G12: an install that was killed, or asked to stop, is completed by the same command.

use super::{LICENCE, install};
use crate::support::{AWS, Demo, Root, Terminal, on_both_clouds};

on_both_clouds!(g12_an_install_that_is_killed_is_completed_by_the_same_command);

/// An install in the middle of its foundation: some of it is made, the network is on its way.
fn under_way(on: &Demo, root: &Root) -> Terminal {
    // Far longer than a machine under load needs to see it, far shorter than anybody waits.
    let slow = format!("create={}:delay=10s", on.network);
    let mut terminal = Terminal::landfall(root, &install(on.name, &["-v", "--fault", &slow]));
    terminal.until("licence").types_hidden(LICENCE).approves();
    terminal.until("   create module.");
    terminal
}

#[track_caller]
fn completes(on: &Demo, root: &Root) {
    assert_eq!(root.lock(on.name), None);
    let mut terminal = Terminal::landfall(root, &install(on.name, &[]));
    terminal.until("licence").types_hidden(LICENCE).approves();
    terminal.end().ends_with(0).says(&["installed and verified"]);
    assert_eq!(root.resources(on.name), on.installed().resources(on.name), "as after one go");
    root.landfall(&install(on.name, &[])).ends_with(0).says(&["nothing to change"]);
}

fn g12_an_install_that_is_killed_is_completed_by_the_same_command(on: &'static Demo) {
    let root = on.root();
    let terminal = under_way(on, &root);
    let process = rustix::process::Pid::from_raw(terminal.id()).unwrap();
    rustix::process::kill_process(process, rustix::process::Signal::KILL).unwrap();
    assert_eq!(terminal.end().exit, None, "a signal ended it");
    assert!(!root.resources(on.name).contains_key(on.network), "it was in the middle");
    completes(on, &root);
}

#[test]
fn g12_an_install_that_is_asked_to_stop_keeps_its_state_and_is_completed() {
    let root = Root::demo();
    let mut terminal = under_way(&AWS, &root);
    terminal.interrupts();
    terminal.end().ends_with(130).stops_at("foundation").says(&[
        "asked to stop: apply the layer foundation",
        // One or several: that depends on how far it got.
        " done before that, and ",
        " in the state",
        "next: run the same command again",
    ]);
    assert!(AWS.state(&root, "foundation").exists());
    assert!(!AWS.state_lock(&root, "foundation").exists(), "it is free");
    completes(&AWS, &root);
}
