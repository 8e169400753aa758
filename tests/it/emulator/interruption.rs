//! Ctrl-C while the real provider works: one SIGINT, everything in order, and the same command
//! goes on.

use serde_json::json;

use super::account::Emulated;
use crate::support::wait_until;

#[test]
fn one_interrupt_ends_an_apply_in_order_and_the_same_command_goes_on() {
    let aws = Emulated::beat();
    let mut terminal = aws.at_terminal("install", &["-v"]);
    // The provider waits for the tasks of a service; nothing else is in flight then.
    wait_until("a service", || aws.asked("ecs", "CreateService") == 1);
    let seen = aws.asked("ecs", "DescribeServices");
    wait_until("its tasks", || aws.asked("ecs", "DescribeServices") >= seen + 3);
    terminal.interrupts();
    terminal.until("asked terraform to stop");
    terminal.end().ends_with(130).stops_at("services").says(&["in the state"]);

    let stream = aws.stream("services", "apply");
    assert_eq!(stream.matches("Interrupt received").count(), 1, "one SIGINT");
    assert!(!stream.contains("Two interrupts received"), "and no second one");
    let receipt = aws.receipt();
    assert_eq!((&receipt["result"], &receipt["step"]), (&json!("interrupted"), &json!("services")));
    assert!(aws.object("services.tfstate").is_some(), "the state is saved");
    assert_eq!(aws.object("services.tfstate.tflock"), None, "its lock is free");
    assert_eq!(aws.object("run.lock"), None, "and so is the run's");

    aws.approved("install").ends_with(0).says(&["installed and verified"]);
    assert_eq!(aws.asked("ec2", "CreateVpc"), 1, "what was done was not done again");
}

#[test]
fn a_second_interrupt_is_told_what_would_be_lost_and_changes_nothing() {
    let aws = Emulated::beat();
    aws.hold("ec2", "CreateVpc");
    let mut terminal = aws.at_terminal("install", &["-v"]);
    aws.until_held();
    // However soon the provider gives up, terraform has a state to store before it ends.
    let state =
        json!({ "service": "s3", "operation": "PutObject", "resource": "foundation.tfstate" });
    aws.control("hold", &state);
    terminal.interrupts();
    terminal.until("asked terraform to stop");
    terminal.interrupts();
    terminal.until("still waiting for terraform: what it makes now would be lost");
    aws.release();
    terminal.end().ends_with(130).stops_at("foundation");
    assert!(!aws.stream("foundation", "apply").contains("Two interrupts received"));
    assert_eq!(aws.object("foundation.tfstate.tflock"), None);
}
