//! Production: in git, committed, and as strict about failures as the rest.

use std::process::Command;

use super::{approved_install, first_install, install};
use crate::support::Root;

const NAME: &str = "acme-production";

fn git(root: &Root, arguments: &[&str]) {
    let mut command = Command::new("git");
    root.clean(&mut command);
    command.args(["-c", "user.name=Test", "-c", "user.email=test@acme.example"]);
    let output = command.args(arguments).current_dir(root.path()).output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {output:?}");
}

#[test]
fn g5_production_needs_a_repository_and_what_a_person_wrote_committed() {
    let root = Root::fixture("production");
    root.landfall(&install(NAME, &[])).ends_with(2).says(&[
        "production needs a git repository, and there is none",
        "next: cd ",
        "git init",
    ]);
    assert!(!root.rehearsal(NAME).exists(), "nothing was touched");

    git(&root, &["init", "--quiet"]);
    git(&root, &["add", "."]);
    let uncommitted = ["environments/acme-production/environment.hcl", "next: git add"];
    root.landfall(&install(NAME, &[])).ends_with(2).says(&uncommitted);
    git(&root, &["commit", "--quiet", "--message", "acme-production"]);

    root.edit("environments/acme-production/environment.hcl", "ledger@acme", "other@acme");
    root.landfall(&install(NAME, &[])).ends_with(2).says(&uncommitted);
    git(&root, &["checkout", "--quiet", "--", "."]);

    // Committed, a failure is the same as elsewhere, and what the run wrote does not block the
    // next one.
    first_install(&root, NAME, &["--fault", "job=migrate:exit=1"])
        .ends_with(1)
        .stops_at("migrate")
        .says(&["job migrate ended with exit code 1"]);
    assert!(!root.resources(NAME).contains_key("aws_ecs_service"));
    approved_install(&root, NAME, &[]).ends_with(0).says(&["installed and verified"]);
    root.landfall(&install(NAME, &[])).ends_with(0).says(&["nothing to change"]);
}
