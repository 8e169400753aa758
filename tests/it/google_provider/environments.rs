//! Every environment on Google Cloud that the repository brings: the demo, and a twin there of
//! every fixture whose kit can run there.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::render::support::repository;
use crate::support::{GCP, Root};

/// In the order in which they are applied.
pub(super) const LAYERS: [&str; 3] = ["foundation", "jobs", "services"];

/// Fixtures whose kits stay on AWS, and what Landfall says when they are taken to Google Cloud.
const ELSEWHERE: [(&str, &str); 3] = [
    ("deal-brain", "the kit \"deal-brain\" does not run on Google Cloud"),
    ("password", "the kit \"wiki\" does not run on Google Cloud"),
    ("projection", "job.migrate logs in to database.main through a proxy"),
];

/// A rendered environment, with what a rehearsal found out for its later layers.
pub(super) struct Environment {
    pub(super) title: String,
    root: Root,
    name: String,
}

impl Environment {
    fn new(title: &str, root: Root, name: &str) -> Self {
        root.landfall(&["render", name]).ends_with(0);
        root.landfall(&["rehearse", name]).ends_with(0);
        let environment = Self { title: title.to_owned(), root, name: name.to_owned() };
        let rehearsed = environment.root.rehearsal(name).join("environments").join(name);
        for layer in LAYERS.iter().skip(1) {
            for file in ["foundation.auto.tfvars.json", "secrets.auto.tfvars.json"] {
                let from = rehearsed.join("terraform").join(layer).join(file);
                std::fs::copy(&from, environment.layer(layer).join(file)).unwrap();
            }
        }
        environment
    }

    pub(super) fn layer(&self, layer: &str) -> PathBuf {
        self.root.path().join("environments").join(&self.name).join("terraform").join(layer)
    }
}

pub(super) fn all() -> Vec<Environment> {
    let fixtures = std::fs::read_dir(repository().join("tests/fixtures")).unwrap();
    let mut fixtures: BTreeSet<String> =
        fixtures.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    for (fixture, why) in ELSEWHERE {
        assert!(fixtures.remove(fixture), "there is no fixture {fixture}");
        let (root, name) = twin(fixture);
        root.landfall(&["render", &name]).ends_with(2).says(&[why]);
    }
    let mut all = vec![
        Environment::new(GCP, Root::demo_gcp(), GCP),
        Environment::new("demo-gcp through a proxy", through_a_proxy(), GCP),
        Environment::new("projection with its own login", with_its_own_login(), "forecast"),
    ];
    for fixture in fixtures {
        let (root, name) = twin(&fixture);
        if fixture == "production" {
            only_what_google_has(&root, &name);
        }
        all.push(Environment::new(&name, root, &name));
    }
    all
}

/// The version of Google's provider that this repository pins.
pub(super) fn pinned_version() -> String {
    let lock = std::fs::read_to_string(repository().join("kit.lock")).unwrap();
    let block = provider(&lock);
    block.split('"').nth(3).unwrap().to_owned()
}

/// `provider "registry.terraform.io/hashicorp/google" { ... }`.
fn provider(lock: &str) -> &str {
    let start = lock.find("provider \"registry.terraform.io/hashicorp/google\"").unwrap();
    let end = start + lock[start..].find("\n}\n").unwrap() + 3;
    &lock[start..end]
}

/// A fixture in a project of Google Cloud, the demo's.
fn twin(fixture: &str) -> (Root, String) {
    let root = Root::fixture(fixture);
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
        add_to_lock(&root, provider(&read("kit.lock")));
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

fn add_to_lock(root: &Root, block: &str) {
    let file = root.path().join("kit.lock");
    let lock = std::fs::read_to_string(&file).unwrap();
    std::fs::write(file, format!("{lock}\n{block}")).unwrap();
}

/// The production fixture says things that only AWS has.
fn only_what_google_has(root: &Root, name: &str) {
    let file = root.path().join(format!("environments/{name}/environment.hcl"));
    let text = std::fs::read_to_string(&file).unwrap();
    let lines = text.lines().map(|line| match line.trim_start() {
        line if line.starts_with("certificate") => "  certificate = \"managed\"",
        line if line.starts_with("zones") || line.starts_with("instance") => "",
        _ => line,
    });
    let text = lines.collect::<Vec<_>>().join("\n") + "\n";
    std::fs::write(file, text.replace("Finance platform", "finance-platform")).unwrap();
}

/// The demo without jobs, whose services log in through the Cloud SQL Auth Proxy.
fn through_a_proxy() -> Root {
    let root = Root::demo_gcp();
    let kit = root.path().join("kit.hcl");
    let text = std::fs::read_to_string(&kit).unwrap();
    let (start, end) =
        (text.find("job \"migrate\"").unwrap(), text.find("ingress \"public\"").unwrap());
    let text = format!("{}{}", &text[..start], &text[end..]);
    let version = "version = \">= 16\"";
    assert!(text.contains(version), "{text}");
    let text = text.replace(version, &format!("{version}\n  iam     = {{ gcp = \"proxy\" }}"));
    std::fs::write(kit, text).unwrap();
    // The tree is another than the one that kit.lock pins.
    root.edit(&format!("environments/{GCP}/environment.hcl"), "\"v1.0.0\"", "\"dev\"");
    let digest = "0".repeat(64);
    let proxy = format!(
        "client \"cloud-sql-proxy\" {{\n  repository = \"gcr.io/cloud-sql-connectors/cloud-sql-proxy\"\n  \
         tag        = \"2.14.1\"\n  digest     = \"sha256:{digest}\"\n}}\n"
    );
    add_to_lock(&root, &proxy);
    root
}

/// A kit that cannot run on Google Cloud as it is, as Landfall says that it can.
fn with_its_own_login() -> Root {
    let (root, _) = twin("projection");
    root.edit("kit.hcl", "gcp = \"proxy\"", "gcp = \"native\"");
    root
}
