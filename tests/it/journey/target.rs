//! G1: an environment is pinned to an account or a project, and to a region.

use super::install;
use crate::support::{Demo, on_both_clouds};

on_both_clouds!(g1_an_account_or_region_that_is_not_the_target_is_not_touched);

fn g1_an_account_or_region_that_is_not_the_target_is_not_touched(on: &'static Demo) {
    let root = on.installed();
    let before = root.account(on.name);
    let edits = on.either(
        [("\"111122223333\"", "\"999900001111\""), ("\"eu-central-1\"", "\"eu-west-1\"")],
        [("\"acme-ledger\"", "\"acme-other\""), ("\"europe-west3\"", "\"europe-west1\"")],
    );
    for (from, to) in edits {
        root.edit(&on.file(), from, to);
        let (found, wanted) = (from.trim_matches('"'), to.trim_matches('"'));
        for arguments in [
            install(on.name, &[]),
            vec!["plan", on.name, "--engine", "simulated"],
            vec!["status", on.name, "--engine", "simulated"],
            vec!["secrets", on.name, "list", "--engine", "simulated"],
        ] {
            root.landfall(&arguments).ends_with(2).says(&[found, wanted]);
        }
        root.edit(&on.file(), to, from);
    }
    assert_eq!(root.account(on.name), before);
}
