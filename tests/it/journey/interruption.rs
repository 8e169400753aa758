//! G12: an install that was killed, or asked to stop, is completed by the same command.

use super::{LICENCE, install};
use crate::support::{DEMO, Root, Terminal};

/// Far longer than a machine under load needs to see it, far shorter than anybody waits.
const SLOW_NETWORK: [&str; 3] = ["-v", "--fault", "create=aws_vpc:delay=10s"];

/// An install in the middle of its foundation: some of it is made, the network is on its way.
fn under_way(root: &Root) -> Terminal {
    let mut terminal = Terminal::landfall(root, &install(DEMO, &SLOW_NETWORK));
    terminal.until("licence").types_hidden(LICENCE).approves();
    terminal.until("   create module.");
    terminal
}

#[track_caller]
fn completes(root: &Root) {
    assert_eq!(root.lock(DEMO), None);
    let mut terminal = Terminal::landfall(root, &install(DEMO, &[]));
    terminal.until("licence").types_hidden(LICENCE).approves();
    terminal.end().ends_with(0).says(&["installed and verified"]);
    assert_eq!(root.resources(DEMO), Root::installed().resources(DEMO), "as after one go");
    root.landfall(&install(DEMO, &[])).ends_with(0).says(&["nothing to change"]);
}

#[test]
fn g12_an_install_that_is_killed_is_completed_by_the_same_command() {
    let root = Root::demo();
    let terminal = under_way(&root);
    let process = rustix::process::Pid::from_raw(terminal.id()).unwrap();
    rustix::process::kill_process(process, rustix::process::Signal::KILL).unwrap();
    assert_eq!(terminal.end().exit, None, "a signal ended it");
    assert!(!root.resources(DEMO).contains_key("aws_vpc"), "it was in the middle");
    completes(&root);
}

#[test]
fn g12_an_install_that_is_asked_to_stop_keeps_its_state_and_is_completed() {
    let root = Root::demo();
    let mut terminal = under_way(&root);
    terminal.interrupts();
    terminal.end().ends_with(130).stops_at("foundation").says(&[
        "asked to stop: apply the layer foundation",
        "and are in the state",
        "next: run the same command again",
    ]);
    assert!(root.state(DEMO, "foundation").exists());
    assert!(
        !root.state(DEMO, "foundation").with_extension("tfstate.tflock").exists(),
        "it is free"
    );
    completes(&root);
}
