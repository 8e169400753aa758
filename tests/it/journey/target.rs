//! G1: an environment is pinned to an account and a region.

use super::install;
use crate::support::{DEMO, Root};

#[test]
fn g1_an_account_or_region_that_is_not_the_target_is_not_touched() {
    let root = Root::installed();
    let before = root.account(DEMO);
    for (from, to, found) in [
        ("\"111122223333\"", "\"999900001111\"", "111122223333"),
        ("\"eu-central-1\"", "\"eu-west-1\"", "eu-central-1"),
    ] {
        let file = "environments/demo-aws/environment.hcl";
        root.edit(file, from, to);
        let wanted = to.trim_matches('"');
        for arguments in [
            install(DEMO, &[]),
            vec!["plan", DEMO, "--engine", "simulated"],
            vec!["status", DEMO, "--engine", "simulated"],
            vec!["secrets", DEMO, "list", "--engine", "simulated"],
        ] {
            root.landfall(&arguments).ends_with(2).says(&[found, wanted]);
        }
        root.edit(file, to, from);
    }
    assert_eq!(root.account(DEMO), before);
}
