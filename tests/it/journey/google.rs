//! The same ways on Google Cloud: the same kit, the same commands, the same safeguards and proof.

use serde_json::Value as Json;

use super::{first_install, install, update};
use crate::support::{GCP, Root, Said, redacted};

fn told(said: &Said) -> String {
    format!("{}--- stdout\n{}", said.err, said.out)
}

#[test]
fn a_rehearsal_on_google_cloud_goes_all_the_way_and_an_install_after_it_changes_nothing() {
    let root = Root::demo_gcp();
    let rehearsed = root.landfall(&["rehearse", GCP]).ends_with(0);
    redacted(&root).bind(|| insta::assert_snapshot!("rehearse-gcp", told(&rehearsed)));
    let lock = root.lock(GCP).unwrap();
    root.landfall(&install(GCP, &[])).ends_with(0).says(&["nothing to change"]);
    assert_eq!(root.lock(GCP).unwrap(), lock);
    assert_eq!(root.jobs(GCP), ["bootstrap_main", "migrate"], "no job ran again");
    root.landfall(&["status", GCP, "--engine", "simulated"]).ends_with(0).says(&["project"]);
}

#[test]
fn the_life_of_an_installation_on_google_cloud_is_rehearsed_act_by_act() {
    let root = Root::demo_gcp();
    let said = root.landfall(&["rehearse", GCP, "--journey"]).ends_with(0).says(&[
        "v1.0.0 → v1.1.0",
        "demo-gcp was changed behind Landfall's back: 1 difference",
        "taken back and verified",
        "going back to v1.1.0",
        "went back to v1.1.0: 2 services, verified",
        "v1.0.0 cannot serve the database as it is",
        "each ended as it must",
    ]);
    redacted(&root).bind(|| insta::assert_snapshot!("journey-gcp", said.err));
    let history = root.landfall(&["history", GCP, "--engine", "simulated"]).ends_with(0);
    for result in ["verified", "returned"] {
        assert!(history.out.contains(result), "{}", history.out);
    }
}

/// G2 and G6: what a person types goes into the secret manager and nowhere else, and a migration
/// that fails stops before any service.
#[test]
fn g6_a_failed_migration_on_google_cloud_touches_no_service() {
    let root = Root::demo_gcp();
    let said = first_install(&root, GCP, &["--fault", "job=migrate:exit=1"]);
    said.ends_with(1).stops_at("migrate").says(&["job migrate ended with exit code 1"]);
    assert!(!root.resources(GCP).contains_key("google_cloud_run_v2_service"));
    let digest = root.landfall(&["plan", GCP, "--engine", "simulated"]).ends_with(0).digest();
    let again = install(GCP, &["--approve", &digest]);
    root.landfall(&again).ends_with(0).says(&["installed and verified"]);
}

/// G10: what terraform took for done is read back from what serves.
#[test]
fn g10_another_image_behind_terraforms_back_is_no_proof_on_google_cloud() {
    let root = Root::demo_gcp();
    root.landfall(&["rehearse", GCP]).ends_with(0);
    let lock = root.lock(GCP);
    root.tamper(GCP, |account| {
        let services = account["resources"]["google_cloud_run_v2_service"].as_object_mut().unwrap();
        for service in services.values_mut() {
            let container = &mut service["state"]["template"][0]["containers"][0];
            let image = container["image"].as_str().unwrap().split('@').next().unwrap().to_owned();
            container["image"] = Json::from(format!("{image}@sha256:{}", "0".repeat(64)));
        }
    });
    let said = root.landfall(&update(GCP, &[]));
    assert_ne!(said.exit, Some(0), "{}", said.all());
    assert_eq!(root.lock(GCP), lock);
}
