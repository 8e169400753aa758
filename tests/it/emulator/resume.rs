//! Another folder, another person: what an install needs to go on lies in the bucket.

use serde_json::json;

use super::account::{BEAT, Emulated};
use crate::support::{Root, Terminal};

#[test]
fn an_install_goes_on_from_its_bucket_when_the_folder_is_gone() {
    let mut aws = Emulated::beat();
    aws.control("task", &json!({ "family": "check", "exit": 3 }));
    aws.approved("install").ends_with(1).stops_at("migrate").says(&["exit code 3"]);

    // Another laptop: the kit is there, of the environment nothing.
    let empty = Root::fixture("beat");
    std::fs::remove_dir_all(empty.path().join("environments").join(BEAT)).unwrap();
    let _lost = aws.move_to(empty);
    let bucket = aws.bucket();
    let from = ["init", BEAT, "--from", &bucket, "--engine", "emulator"];
    aws.root
        .landfall(&["init", BEAT, "--from", "my-bucket", "--engine", "emulator"])
        .ends_with(2)
        .says(&["my-bucket is not the name of a state bucket"]);
    aws.root.landfall(&from).ends_with(0).says(&[
        "wrote environments/beat-preview/environment.hcl",
        "next  landfall install beat-preview",
    ]);
    aws.root.landfall(&from).ends_with(2).says(&["is there already"]);
    let vpcs = aws.asked("ec2", "CreateVpc");
    aws.approved("install").ends_with(0).says(&["installed and verified"]);
    assert_eq!(aws.asked("ec2", "CreateVpc"), vpcs, "it went on, it did not begin again");
}

#[test]
fn g14_two_installs_at_once_and_a_lock_of_another_machine() {
    let aws = Emulated::beat();
    aws.hold("ec2", "CreateVpc");
    let mut first = aws.at_terminal("install", &[]);
    aws.until_held();
    aws.landfall("install", &[]).ends_with(1).stops_at("preflight").says(&[
        "another run is at work on beat-preview",
        "`landfall install beat-preview` by arn:aws:",
        " since 20",
        "`landfall unlock beat-preview`",
    ]);
    first.interrupts();
    aws.release();
    first.end().ends_with(130);

    let elsewhere = json!({
        "format": 1, "run": "20260101-000000-0000", "command": "install beat-preview",
        "caller": "arn:aws:iam::111122223333:user/colleague", "host": "other-laptop",
        "boot": "b", "pid": 4242, "started": 1, "since": "2026-01-01T00:00:00Z",
    });
    aws.put_object("run.lock", &elsewhere);
    aws.landfall("install", &[]).ends_with(1).says(&["user/colleague on other-laptop"]);
    let mut terminal = Terminal::landfall(&aws.root, &aws.arguments("unlock", &[]));
    terminal.until("other-laptop").until("to take the locks over").types("beat");
    terminal.end().ends_with(4);
    assert!(aws.object("run.lock").is_some(), "only the name takes it over");
    let mut terminal = Terminal::landfall(&aws.root, &aws.arguments("unlock", &[]));
    terminal.until("to take the locks over").types(BEAT);
    terminal.end().ends_with(0);
    assert_eq!(aws.object("run.lock"), None);
}
