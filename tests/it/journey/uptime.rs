//! What Google asks from outside, and that it is gone where Google would not get in.

use super::approved_update;
use crate::support::GOOGLE;

const CHECK: &str = "google_monitoring_uptime_check_config";

#[test]
fn an_ingress_that_everyone_may_reach_is_asked_from_outside() {
    let root = GOOGLE.root();
    let plain = root.landfall(&["rehearse", GOOGLE.name]).ends_with(0);
    assert!(!plain.err.contains("uptime"), "nothing is encrypted there:\n{}", plain.err);

    root.edit(&GOOGLE.file(), "certificate = \"none\"", "certificate = \"managed\"");
    approved_update(&root, GOOGLE.name, &[])
        .ends_with(0)
        .says(&["creates uptime check of ingress public"]);
    let states = root.states(GOOGLE.name);
    let [check] =
        states.values().filter(|it| it.get("monitored_resource").is_some()).collect::<Vec<_>>()[..]
    else {
        panic!("not one check: {:?}", root.resources(GOOGLE.name));
    };
    assert_eq!(check["monitored_resource"][0]["labels"]["host"], "ledger.acme.example");
    assert_eq!(check["http_check"][0]["path"], "/ready");
    root.landfall(&["drift", GOOGLE.name, "--engine", "simulated"]).ends_with(0);

    root.edit(&GOOGLE.file(), "allow       = []", "allow       = [\"198.51.100.0/24\"]");
    approved_update(&root, GOOGLE.name, &[]).ends_with(0);
    assert_eq!(root.resources(GOOGLE.name).get(CHECK), None, "Google is not among them");
}
