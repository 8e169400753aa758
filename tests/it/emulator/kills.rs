//! G12: SIGKILL of Landfall, of terraform, of both, with the real provider at work.

use rustix::process::{Pid, Signal, kill_process};

use super::account::Emulated;
use crate::support::{Said, Terminal, wait_until};

fn kill(id: i32) {
    kill_process(Pid::from_raw(id).unwrap(), Signal::KILL).unwrap();
}

/// An install whose terraform has made the network and has not heard of it yet.
fn making_a_network(aws: &Emulated) -> Terminal {
    aws.hold("ec2", "CreateVpc");
    let terminal = aws.at_terminal("install", &["-v"]);
    aws.until_held();
    terminal
}

/// The terraform that applies, with the provider that it started.
fn terraform(aws: &Emulated) -> i32 {
    let record = aws.newest_run().join("terraform-foundation-apply.pid");
    std::fs::read_to_string(record).unwrap().trim().parse().unwrap()
}

#[track_caller]
fn completes(aws: &Emulated) -> Said {
    let said = aws.approved("install").ends_with(0).says(&["installed and verified"]);
    aws.landfall("install", &[]).ends_with(0).says(&["nothing to change"]);
    assert_eq!(aws.object("run.lock"), None);
    said
}

#[test]
fn g12_terraform_outlives_landfall_and_the_same_command_waits_for_it() {
    let aws = Emulated::beat();
    let terminal = making_a_network(&aws);
    kill(terminal.id());
    assert_eq!(terminal.end().exit, None, "a signal ended it");
    assert!(aws.object("foundation.tfstate.tflock").is_some(), "terraform is at work");

    let mut again = Terminal::landfall(&aws.root, &aws.arguments("install", &["-v"]));
    again.until("the run before this one was killed").until("still applies layer foundation");
    aws.release();
    again.until("it has ended").approves();
    again.end().ends_with(0).says(&["installed and verified"]);
    assert_eq!(aws.asked("ec2", "CreateVpc"), 1, "nothing was made twice");
}

#[test]
fn g12_what_a_killed_terraform_made_is_named_with_its_import() {
    let aws = Emulated::beat();
    let terminal = making_a_network(&aws);
    kill(terraform(&aws));
    terminal.end().ends_with(1).stops_at("foundation").says(&["next: run the same command again"]);
    let explained = is_explained(&aws);
    is_taken_over(&aws, &explained);
}

#[test]
fn g12_both_are_killed_and_the_same_command_explains() {
    let aws = Emulated::beat();
    let terminal = making_a_network(&aws);
    let terraform = terraform(&aws);
    kill(terminal.id());
    kill(terraform);
    terminal.end();
    wait_until("the end of terraform", || {
        !std::path::Path::new(&format!("/proc/{terraform}")).exists()
    });
    is_explained(&aws);
}

/// The lock of the dead is freed aloud; what is in the account but in no state is named.
#[track_caller]
fn is_explained(aws: &Emulated) -> String {
    aws.release();
    let said = aws.landfall("install", &[]).ends_with(1).stops_at("plan").says(&[
        "layer foundation: the lock ",
        " of a terraform that was killed is freed",
        "in the account, but not in terraform's state",
        "aws_vpc vpc-",
    ]);
    said.all()
}

/// With the imports that were told, the same command completes.
fn is_taken_over(aws: &Emulated, all: &str) {
    let imports: Vec<(&str, &str)> = all
        .lines()
        .filter_map(|line| line.split_once(" import '")?.1.strip_suffix('\'')?.split_once("' '"))
        .collect();
    assert!(imports.iter().any(|(address, _)| *address == "module.network.aws_vpc.this"), "{all}");
    for (address, id) in imports {
        let root = aws.root.path();
        let done = aws.terraform(&root, "foundation", &["import", "-input=false", address, id]);
        let error = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(done.status.success(), "{address} {id}: {error}");
    }
    completes(aws);
    assert_eq!(aws.asked("ec2", "CreateVpc"), 1, "nothing was made twice");
}
