//! Fixtures taken to Google Cloud: the kit as it is, another block that says where.

use super::{GCP, Root};
use crate::render::support::repository;

/// The environment on Google Cloud that the fixture `production` brings itself: production says
/// things that only one cloud has.
const PRODUCTION: &str = "acme-prod-gcp";

/// Fixtures whose kits install on both clouds without a change.
pub(crate) const BOTH_CLOUDS: [&str; 3] = ["beat", "production", "turns"];

/// Fixtures whose kits stay on AWS, and what Landfall says when they are taken to Google Cloud.
pub(crate) const AWS_ALONE: [(&str, &str); 3] = [
    ("deal-brain", "the kit \"deal-brain\" does not run on Google Cloud"),
    ("password", "the kit \"wiki\" does not run on Google Cloud"),
    ("projection", "job.migrate logs in to database.main through a proxy"),
];

/// A fixture in a project of Google Cloud, the demo's, and the name of its environment there. The
/// kit stays as it is.
pub(crate) fn on_google_cloud(fixture: &str) -> (Root, String) {
    let root = Root::fixture(fixture);
    if fixture == "production" {
        return (root, PRODUCTION.to_owned());
    }
    let folder = std::fs::read_dir(root.path().join("environments")).unwrap();
    let folders = folder.map(|it| it.unwrap().path()).filter(|it| it.is_dir());
    let [folder] = folders.collect::<Vec<_>>().try_into().expect("a fixture has one environment");
    let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
    let demo = read(&format!("environments/{GCP}/environment.hcl"));
    let gcp = block(&demo, "gcp").unwrap();
    // One fixture says it in what its environments share.
    for file in
        [format!("environments/{name}/environment.hcl"), "environments/defaults.hcl".to_owned()]
    {
        let Ok(text) = std::fs::read_to_string(root.path().join(&file)) else { continue };
        if let Some(aws) = block(&text, "aws") {
            root.edit(&file, aws, gcp);
        }
    }
    let lock = std::fs::read_to_string(root.path().join("kit.lock")).unwrap();
    if !lock.contains("hashicorp/google") {
        add_to_lock(&root, &google_in_lock());
    }
    (root, name)
}

fn read(file: &str) -> String {
    std::fs::read_to_string(repository().join(file)).unwrap()
}

fn block<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let start = text.find(&format!("\n{name} {{"))?;
    let end = start + text[start..].find("\n}\n")? + 3;
    Some(&text[start..end])
}

/// Adds a block to `kit.lock`.
pub(crate) fn add_to_lock(root: &Root, block: &str) {
    let file = root.path().join("kit.lock");
    let lock = std::fs::read_to_string(&file).unwrap();
    std::fs::write(file, format!("{lock}\n{block}")).unwrap();
}

/// `provider "registry.terraform.io/hashicorp/google" { ... }` of this repository's `kit.lock`.
pub(crate) fn google_in_lock() -> String {
    let lock = read("kit.lock");
    let start = lock.find("provider \"registry.terraform.io/hashicorp/google\"").unwrap();
    let end = start + lock[start..].find("\n}\n").unwrap() + 3;
    lock[start..end].to_owned()
}
