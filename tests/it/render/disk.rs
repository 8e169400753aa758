//! Rendered files on disk: written once, compared, never overwritten unseen.

use super::support::{Answer, Root, fixtures, terraform};

#[test]
fn every_fixture_renders_formatted_and_the_same_everywhere() {
    for root in fixtures() {
        let name = &root.name;
        let answer = root.render();
        assert!(answer.err.starts_with(&format!("{name}: ")), "{}", answer.err);
        assert!(root.own("terraform/foundation/main.tf").is_file(), "{name}");
        let mut format = terraform(root.path());
        Answer::of(format.args(["fmt", "-check", "-diff", "-recursive", "environments"])).exits(0);

        let elsewhere = fixtures().into_iter().find(|other| other.name == *name).unwrap();
        elsewhere.render();
        let (here, there) = (root.tree(), elsewhere.tree());
        let names = |tree: &std::collections::BTreeMap<String, Vec<u8>>| {
            tree.keys().cloned().collect::<Vec<_>>()
        };
        assert_eq!(names(&here), names(&there));
        for (file, bytes) in &here {
            assert!(there[file] == *bytes, "{name}: {file} differs from one rendering to the next");
        }
    }
}

#[test]
fn rendering_again_writes_nothing() {
    let root = Root::fixture("password");
    root.render();
    let before = root.stamps();
    root.render().says(&["nothing changed"]);
    assert_eq!(root.stamps(), before);
}

#[test]
fn check_tells_what_a_changed_environment_would_change() {
    let root = Root::demo();
    let before = root.tree();
    root.landfall(&["render", "--check"]).exits(3).says(&[
        "demo-aws/terraform/foundation/terraform.tfvars: missing",
        "would be rendered differently",
    ]);
    assert_eq!(root.tree(), before, "--check wrote");

    root.render();
    root.landfall(&["render", "--check"]).exits(0).says(&["everything is as it would be rendered"]);

    root.replace(root.own("environment.hcl"), "platform@acme.example", "oncall@acme.example");
    let before = root.stamps();
    let answer = root.landfall(&["render", "--check"]).exits(3);
    let answer = answer.says(&[
        "demo-aws/terraform/foundation/terraform.tfvars: outdated",
        "\"platform@acme.example\"",
        "\"oncall@acme.example\"",
        "landfall render",
    ]);
    let marked = |sign: char, text: &str| {
        answer.out.lines().any(|line| line.starts_with(sign) && line.contains(text))
    };
    assert!(marked('-', "platform@acme.example"), "{}", answer.out);
    assert!(marked('+', "oncall@acme.example"), "{}", answer.out);
    assert_eq!(root.stamps(), before, "--check wrote");

    root.render().says(&["2 written"]); // terraform.tfvars of the foundation, README.md
    root.landfall(&["render", "--check"]).exits(0);
}

const TFVARS: &str = "terraform/foundation/terraform.tfvars";

#[test]
fn a_file_edited_by_hand_is_shown_and_kept() {
    let root = Root::demo();
    root.render();
    root.replace(root.own(TFVARS), "\"one\"", "\"zone\"");
    let before = root.tree();

    root.landfall(&["render", "--check"]).exits(3).says(&["edited by hand", "-  nat"]);
    let refused = root.landfall(&["render"]).exits(3);
    let refused = refused.says(&[
        "1 rendered file was edited by hand, nothing was written",
        "nat                     = \"zone\"",
        "nat                     = \"one\"",
        "landfall render demo-aws --overwrite",
        "environment.hcl",
    ]);
    assert!(refused.err.contains("(on disk)"), "{}", refused.err);
    assert_eq!(root.tree(), before, "a refused render wrote");

    // A change of the environment at the same time does not get it through.
    root.replace(root.own("environment.hcl"), "platform@acme.example", "oncall@acme.example");
    let before = root.tree();
    root.landfall(&["render"]).exits(3);
    assert_eq!(root.tree(), before, "a refused render wrote");

    root.landfall(&["render", "--overwrite"]).exits(0);
    assert!(root.read(root.own(TFVARS)).contains("nat                     = \"one\""));
    root.landfall(&["render", "--check"]).exits(0);
}

#[test]
fn an_edited_module_is_noticed_too() {
    let root = Root::demo();
    root.render();
    let tree = root.tree();
    let module = tree.keys().find(|file| file.ends_with("aws/network/main.tf")).unwrap();
    root.append(module, "# mine");
    root.landfall(&["render"]).exits(3).says(&["-# mine", "nothing was written"]);
}

/// All or nothing, over all environments that are named.
#[test]
fn nothing_is_written_when_one_environment_is_wrong() {
    let two = || {
        let root = Root::demo();
        let text = root.read(root.own("environment.hcl"));
        let text = text.replace("demo-aws", "second").replace("ledger.acme", "second.acme");
        root.write("environments/second/environment.hcl", text);
        root
    };
    let root = two();
    root.landfall(&["render", "--all"]).exits(0);
    root.landfall(&["render", "--all", "--check"]).exits(0);
    root.landfall(&["render"]).exits(2).says(&["which environment is meant?", "demo-aws, second"]);

    let root = two();
    root.replace("environments/second/environment.hcl", "\"111122223333\"", "\"1\"");
    let before = root.tree();
    root.landfall(&["render", "--all"])
        .exits(2)
        .says(&["environments/second/environment.hcl:15:16"]);
    assert_eq!(root.tree(), before);

    let root = two();
    root.landfall(&["render", "second"]).exits(0);
    root.append("environments/second/README.md", "mine");
    let before = root.tree();
    root.landfall(&["render", "--all"]).exits(3).says(&["nothing was written"]);
    assert_eq!(root.tree(), before);
}

/// What is no longer rendered goes away, what people put beside it stays.
#[test]
fn files_that_are_no_longer_rendered_are_removed() {
    let root = Root::fixture("projection");
    root.render();
    let sql = root.own("terraform/jobs/bootstrap-main.sql");
    assert!(sql.is_file());
    root.write(root.own("terraform/jobs/mine.txt"), "mine");
    let kit = root.read("kit.hcl").replace("database.main", "database.store");
    let kit = kit.replace("database \"main\"", "database \"store\"");
    root.write("kit.hcl", kit.replace("schema \"main\"", "schema \"store\""));
    root.landfall(&["render", "--check"])
        .exits(3)
        .says(&["forecast/terraform/jobs/bootstrap-main.sql: no longer rendered"]);
    root.render();
    assert!(!sql.exists());
    assert!(root.own("terraform/jobs/bootstrap-store.sql").is_file());
    assert!(root.own("terraform/jobs/mine.txt").is_file());
}
