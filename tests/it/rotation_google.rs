//! A rotation on Google Cloud, where versions are numbers that the platform counts: the number is
//! planned and pinned before the value is written, and is no token that makes the write repeatable.

use crate::render::support::Root;

#[test]
fn a_generated_secret_is_rotated_on_google_cloud_and_again() {
    let root = Root::demo_gcp();
    root.landfall(&["rehearse", "demo-gcp"]).exits(0);
    for version in ["version 2", "version 3"] {
        let rotate = ["secrets", "demo-gcp", "rotate", "session_key", "--engine", "simulated"];
        let planned = root.landfall(&rotate).exits(4);
        let mut lines = planned.err.lines().chain(planned.out.lines());
        let digest = lines.find_map(|line| line.strip_prefix("digest ")).unwrap();
        let approved = [&rotate[..], &["--approve", digest]].concat();
        root.landfall(&approved)
            .exits(0)
            .says(&["rotated and verified", &format!("secret session_key: {version} is in use")]);
    }
}
