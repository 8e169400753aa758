//! G13 and G11: what is approved is exactly what is shown, and a loss is approved by its name.

use super::{LICENCE, install, update};
use crate::support::{DEMO, Root, Terminal};

fn plan(root: &Root) -> String {
    root.landfall(&["plan", DEMO, "--engine", "simulated"]).ends_with(0).digest()
}

#[test]
fn g13_a_plan_is_approved_by_its_digest_and_by_no_other() {
    let root = Root::demo();
    let secrets = format!("licence={LICENCE}\n");
    let run =
        |more: &[&str]| root.piped(&install(DEMO, &[&["--secrets", "-"], more].concat()), &secrets);
    let digest = plan(&root);
    assert_eq!(plan(&root), digest, "the same plan has the same digest");

    let next = format!("next: read it, then run the same command with `--approve {digest}`");
    run(&[]).ends_with(4).says(&["the plan is not approved", &next]);
    let other = format!("sha256:{}", "0".repeat(64));
    run(&["--approve", &other]).ends_with(4).stops_at("approval").says(&[
        &format!("the approval {other} is not for this plan"),
        &format!("this plan has the digest {digest}"),
    ]);
    assert!(root.resources(DEMO).is_empty(), "nothing was touched");

    run(&["--approve", &digest, "--fault", "job=migrate"]).ends_with(1).stops_at("migrate");
    // Most of it is done, so what is left is another plan: the old approval is not for it.
    run(&["--approve", &digest]).ends_with(4).stops_at("approval");
    let rest = plan(&root);
    assert_ne!(rest, digest);
    run(&["--approve", &rest]).ends_with(0).says(&["by its digest"]);
}

#[test]
fn g13_a_person_who_does_not_say_yes_has_approved_nothing() {
    let root = Root::demo();
    let mut terminal = Terminal::landfall(&root, &install(DEMO, &[]));
    terminal.until("licence").types_hidden(LICENCE).until("Type yes").types("y");
    terminal.end().ends_with(4).stops_at("approval").says(&["not approved", "nothing was changed"]);
    assert!(root.resources(DEMO).is_empty());
}

#[test]
fn g11_a_database_is_replaced_only_with_an_approval_that_names_it() {
    let root = Root::installed();
    let database = |root: &Root| root.account(DEMO)["resources"]["aws_db_instance"].clone();
    let before = database(&root);
    // A kit under development, whose database is named anew: RDS cannot rename it in place.
    root.edit("environments/demo-aws/environment.hcl", "\"v1.0.0\"", "\"dev\"");
    root.edit("kit.hcl", "version = \">= 16\"", "version = \">= 16\"\n  databases = [\"other\"]");
    let address = "module.database_main.aws_db_instance.this";

    let digest = plan(&root);
    let accept = format!("--accept-loss '{address}'");
    root.landfall(&update(DEMO, &["--approve", &digest])).ends_with(4).stops_at("approval").says(
        &[
            "1 resource that holds data will be lost:",
            "the plan destroys what holds data, and the approval does not name it",
            &accept,
        ],
    );
    root.landfall(&update(DEMO, &["--approve", &digest, "--accept-loss", "module.other"]))
        .ends_with(4)
        .says(&[&accept]);
    let mut terminal = Terminal::landfall(&root, &update(DEMO, &[]));
    terminal.until("Type its address").types("yes");
    terminal.end().ends_with(4).says(&["not approved"]);
    assert_eq!(database(&root), before, "nothing was touched");

    let accepted = ["--approve", &digest, "--accept-loss", address];
    root.landfall(&update(DEMO, &accepted)).ends_with(0).says(&["updated and verified"]);
    assert_ne!(database(&root), before);
}
