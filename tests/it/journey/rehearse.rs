//! The first thing that anybody types, and the same way once more.

use super::install;
use crate::support::{DEMO, Demo, Root, Said, on_both_clouds, redacted};

on_both_clouds!(a_rehearsal_goes_all_the_way_and_an_install_after_it_changes_nothing);

fn a_rehearsal_goes_all_the_way_and_an_install_after_it_changes_nothing(on: &'static Demo) {
    let root = on.root();
    let snapshot = |name: &str, said: &Said| {
        let name = format!("{name}-{}", on.name);
        redacted(&root).bind(|| insta::assert_snapshot!(name, told(said)));
    };
    let rehearsed = root.landfall(&["rehearse", on.name]).ends_with(0);
    snapshot("rehearse", &rehearsed);
    let runs = root.rehearsal(on.name).join("account/bucket");
    let (before, lock) = (root.states(on.name), root.lock(on.name).unwrap());
    let receipts = receipts(&runs);
    assert_eq!(receipts.len(), 1);

    let again = root.landfall(&install(on.name, &[])).ends_with(0);
    snapshot("unchanged", &again);
    assert_eq!(root.states(on.name), before, "the account is as it was");
    assert_eq!(root.jobs(on.name), ["bootstrap_main", "migrate"], "no job ran again");
    assert_eq!(root.lock(on.name).unwrap(), lock);
    assert_eq!(self::receipts(&runs), receipts, "what changes nothing has no receipt");

    root.landfall(&["plan", on.name, "--engine", "simulated"]).ends_with(0);
    let runs = root.rehearsal(on.name).join("environments").join(on.name).join("runs");
    let mut files = Vec::new();
    for run in std::fs::read_dir(runs).unwrap() {
        let run = std::fs::read_dir(run.unwrap().path()).unwrap();
        files.extend(run.map(|file| file.unwrap().file_name().into_string().unwrap()));
    }
    assert!(files.iter().any(|file| file == "journal.jsonl"), "{files:?}");
    let plans = files.iter().filter(|file| file.ends_with(".tfplan")).count();
    assert_eq!(plans, 0, "a plan holds values of the state: {files:?}");
}

#[test]
fn a_plan_of_what_is_installed_says_so_in_its_exit_code() {
    let root = Root::installed();
    let plan = ["plan", DEMO, "--engine", "simulated", "--detailed-exit-code"];
    root.landfall(&plan).ends_with(0);
    root.edit("environments/demo-aws/environment.hcl", "ledger@acme.example", "other@acme.example");
    root.landfall(&plan).ends_with(3).says(&[
        "service web: variable MAIL_FROM ledger@acme.example → other@acme.example",
        "> migrate: migration",
    ]);
}

/// Passwords, verifiers and URLs are made once, together with the roles that have them.
#[test]
fn a_database_with_passwords_is_installed_once_as_well() {
    let root = Root::fixture("password");
    root.landfall(&["rehearse"]).ends_with(0);
    let before = root.account("wiki-staging")["secrets"].clone();
    root.landfall(&install("wiki-staging", &[])).ends_with(0).says(&["nothing to change"]);
    assert_eq!(root.account("wiki-staging")["secrets"], before);
}

/// What a person sees, and what a pipe gets.
fn told(said: &Said) -> String {
    format!("{}--- stdout\n{}", said.err, said.out)
}

/// Keys of all receipts in the bucket.
fn receipts(bucket: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![bucket.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.parent().unwrap().ends_with("receipts") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
