//! The first thing that anybody types, and the same way once more.

use super::install;
use crate::support::{DEMO, Root, Said, redacted};

#[test]
fn a_rehearsal_goes_all_the_way_and_an_install_after_it_changes_nothing() {
    let root = Root::demo();
    let rehearsed = root.landfall(&["rehearse", DEMO]).ends_with(0);
    redacted(&root).bind(|| insta::assert_snapshot!("rehearse", told(&rehearsed)));
    let runs = root.rehearsal(DEMO).join("account/bucket");
    let (before, lock) = (root.states(DEMO), root.lock(DEMO).unwrap());
    let receipts = receipts(&runs);
    assert_eq!(receipts.len(), 1);

    let again = root.landfall(&install(DEMO, &[])).ends_with(0);
    redacted(&root).bind(|| insta::assert_snapshot!("unchanged", told(&again)));
    assert_eq!(root.states(DEMO), before, "the account is as it was");
    assert_eq!(root.jobs(DEMO), ["bootstrap_main", "migrate"], "no job ran again");
    assert_eq!(root.lock(DEMO).unwrap(), lock);
    assert_eq!(self::receipts(&runs), receipts, "what changes nothing has no receipt");

    root.landfall(&["plan", DEMO, "--engine", "simulated"]).ends_with(0);
    let runs = root.rehearsal(DEMO).join("environments").join(DEMO).join("runs");
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
