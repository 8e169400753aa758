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

    let kept = "demo-aws/terraform/foundation/terraform.tfvars: edited by hand, and kept";
    let edit = ["-  nat                     = \"one\"", "+  nat                     = \"zone\""];
    root.landfall(&["render", "--check"]).exits(3).says(&[kept]).says(&edit);
    root.landfall(&["render"]).exits(0).says(&[kept, "nothing changed"]).says(&edit);
    assert_eq!(root.tree(), before, "a kept edit is as it was");

    root.landfall(&["render", "--overwrite"]).exits(0);
    assert!(root.read(root.own(TFVARS)).contains("nat                     = \"one\""));
    root.landfall(&["render", "--check"]).exits(0);
}

#[test]
fn an_edit_and_a_change_are_merged_or_both_are_shown() {
    let root = Root::demo();
    root.render();
    root.replace(root.own(TFVARS), "\"one\"", "\"zone\"");
    root.replace(root.own("environment.hcl"), "platform@acme.example", "oncall@acme.example");
    root.landfall(&["render"]).exits(0).says(&["edited by hand, and merged with", "2 written"]);
    let both = root.read(root.own(TFVARS));
    assert!(both.contains("= \"zone\"") && both.contains("oncall@acme.example"), "{both}");
    let mut format = terraform(root.path());
    Answer::of(format.args(["fmt", "-check", "-diff", "-recursive", "environments"])).exits(0);
    // What was merged is an edit like any other from then on.
    root.landfall(&["render"]).exits(0).says(&["edited by hand, and kept", "nothing changed"]);

    root.replace(root.own(TFVARS), "oncall@acme.example", "me@acme.example");
    root.replace(root.own("environment.hcl"), "oncall@acme.example", "other@acme.example");
    let before = root.tree();
    root.landfall(&["render", "--check"]).exits(3);
    let refused = root.landfall(&["render"]).exits(3).says(&[
        "edited by hand where it is rendered differently now",
        "1 rendered file was edited by hand, nothing was written",
        "landfall render demo-aws --overwrite",
        "environment.hcl",
    ]);
    assert_eq!(root.tree(), before, "a refused render wrote");
    for (sign, text) in [('+', "me@acme.example"), ('+', "other@acme.example"), ('+', "zone")] {
        let shown = refused.err.lines().any(|line| line.starts_with(sign) && line.contains(text));
        assert!(shown, "{sign}{text}: {}", refused.err);
    }
}

#[test]
fn what_a_person_deleted_or_is_no_longer_rendered_is_not_lost() {
    let root = Root::demo();
    root.render();
    std::fs::remove_file(root.own("README.md")).unwrap();
    let before = root.tree();
    root.landfall(&["render"]).exits(3).says(&["demo-aws/README.md: deleted by hand"]);
    assert_eq!(root.tree(), before, "a refused render wrote");
    root.landfall(&["render", "--overwrite"]).exits(0);
    assert!(root.own("README.md").is_file());

    let root = Root::fixture("projection");
    root.render();
    root.append(root.own("terraform/jobs/bootstrap-main.sql"), "-- mine");
    let kit = root.read("kit.hcl").replace("database.main", "database.store");
    let kit = kit.replace("database \"main\"", "database \"store\"");
    root.write("kit.hcl", kit.replace("schema \"main\"", "schema \"store\""));
    let before = root.tree();
    root.landfall(&["render"]).exits(3).says(&["and no longer rendered", "-- mine"]);
    assert_eq!(root.tree(), before, "a refused render wrote");
}

/// A kit whose provider has no hashes yet: terraform writes those that it finds into the lock file.
#[test]
fn what_terraform_completes_is_no_edit_and_gives_way_to_the_hashes_of_a_release() {
    let root = Root::demo_gcp();
    root.render();
    let lock = root.own("terraform/jobs/.terraform.lock.hcl");
    let completed = "# This file is maintained automatically by \"terraform init\".\n";
    root.write(&lock, completed);
    root.landfall(&["render", "--check"]).exits(0);
    let said = root.landfall(&["render"]).exits(0).says(&["nothing changed"]);
    assert!(!said.err.contains("edited by hand"), "{}", said.err);
    assert_eq!(root.read(&lock), completed);

    let hashes = "hashes = [\n    \"h1:+X3t1uVrM0z4K/lAYUV1SYmO7UBd9/Y4XC11zI9wcQQ=\",\n  ]";
    root.replace("kit.lock", "hashes      = []", hashes);
    root.landfall(&["render"]).exits(0);
    assert!(root.read(&lock).contains("h1:+X3t1uVrM0z4K"), "{}", root.read(&lock));
    // From now on it is Landfall's.
    root.append(&lock, "# mine");
    root.landfall(&["render"]).exits(0).says(&["edited by hand, and kept"]);
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
    std::fs::remove_file(root.path().join("environments/second/README.md")).unwrap();
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
