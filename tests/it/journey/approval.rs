//! G13 and G11: what is approved is exactly what is shown, and a loss is approved by its name.

use super::{LICENCE, install, update};
use crate::support::{AWS, Demo, Root, Terminal, on_both_clouds};

on_both_clouds!(
    g13_a_plan_is_approved_by_its_digest_and_by_no_other,
    g11_what_holds_data_is_replaced_only_with_an_approval_that_names_it,
);

/// A kit that has no supplied secret any more.
const WITHOUT_LICENCE: [(&str, &str); 3] = [
    ("secret \"licence\" { supplied = true }\n", ""),
    ("  LICENCE       = secret.licence\n", ""),
    ("secret.session_key, secret.licence]", "secret.session_key]"),
];

fn plan(on: &Demo, root: &Root) -> String {
    root.landfall(&["plan", on.name, "--engine", "simulated"]).ends_with(0).digest()
}

fn g13_a_plan_is_approved_by_its_digest_and_by_no_other(on: &'static Demo) {
    let root = on.root();
    let secrets = format!("licence={LICENCE}\n");
    let run = |more: &[&str]| {
        root.piped(&install(on.name, &[&["--secrets", "-"], more].concat()), &secrets)
    };
    let digest = plan(on, &root);
    assert_eq!(plan(on, &root), digest, "the same plan has the same digest");

    let next = format!("next: read it, then run the same command with `--approve {digest}`");
    run(&[]).ends_with(4).says(&["the plan is not approved", &next]);
    let other = format!("sha256:{}", "0".repeat(64));
    run(&["--approve", &other]).ends_with(4).stops_at("approval").says(&[
        &format!("the approval {other} is not for this plan"),
        &format!("this plan has the digest {digest}"),
    ]);
    assert!(root.resources(on.name).is_empty(), "nothing was touched");

    run(&["--approve", &digest, "--fault", "job=migrate"]).ends_with(1).stops_at("migrate");
    // Most of it is done, so what is left is another plan: the old approval is not for it.
    run(&["--approve", &digest]).ends_with(4).stops_at("approval");
    let rest = plan(on, &root);
    assert_ne!(rest, digest);
    run(&["--approve", &rest]).ends_with(0).says(&["by its digest"]);
}

#[test]
fn g13_a_person_who_does_not_say_yes_has_approved_nothing() {
    let root = Root::demo();
    let mut terminal = Terminal::landfall(&root, &install(AWS.name, &[]));
    terminal.until("licence").types_hidden(LICENCE).until("Type yes").types("y");
    terminal.end().ends_with(4).stops_at("approval").says(&["not approved", "nothing was changed"]);
    assert!(root.resources(AWS.name).is_empty());
}

/// A database on AWS, which cannot be renamed in place; a secret on Google Cloud, whose logical
/// databases are let go of instead of dropped.
fn g11_what_holds_data_is_replaced_only_with_an_approval_that_names_it(on: &'static Demo) {
    let root = on.installed();
    let (kind, address) = on.either(
        (on.database, "module.database_main.aws_db_instance.this"),
        ("google_secret_manager_secret", on.licence),
    );
    let held = |root: &Root| root.account(on.name)["resources"][kind].clone();
    let before = held(&root);
    // A kit under development.
    root.edit(&on.file(), "\"v1.0.0\"", "\"dev\"");
    let renamed: &[_] =
        &[("version = \">= 16\"", "version = \">= 16\"\n  databases = [\"other\"]")];
    for (from, to) in on.either(renamed, &WITHOUT_LICENCE) {
        root.edit("kit.hcl", from, to);
    }

    let digest = plan(on, &root);
    let accept = format!("--accept-loss '{address}'");
    root.landfall(&update(on.name, &["--approve", &digest]))
        .ends_with(4)
        .stops_at("approval")
        .says(&[
            "1 resource that holds data will be lost:",
            "the plan destroys what holds data, and the approval does not name it",
            &accept,
        ]);
    root.landfall(&update(on.name, &["--approve", &digest, "--accept-loss", "module.other"]))
        .ends_with(4)
        .says(&[&accept]);
    let mut terminal = Terminal::landfall(&root, &update(on.name, &[]));
    terminal.until("Type its address").types("yes");
    terminal.end().ends_with(4).says(&["not approved"]);
    assert_eq!(held(&root), before, "nothing was touched");

    let accepted = ["--approve", &digest, "--accept-loss", address];
    root.landfall(&update(on.name, &accepted)).ends_with(0).says(&["updated and verified"]);
    assert_ne!(held(&root), before);
}
