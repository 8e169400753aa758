//! Every environment on Google Cloud that the repository brings: the demo, and a twin there of
//! every fixture whose kit can run there.

use std::path::PathBuf;

use crate::support::{BOTH_CLOUDS, GCP, Root, add_to_lock, google_in_lock, on_google_cloud};

/// In the order in which they are applied.
pub(super) const LAYERS: [&str; 3] = ["foundation", "jobs", "services"];

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
    let mut all = vec![
        Environment::new(GCP, Root::demo_gcp(), GCP),
        Environment::new("demo-gcp through a proxy", through_a_proxy(), GCP),
        Environment::new("demo-gcp asked from outside", asked_from_outside(), GCP),
        Environment::new("projection with its own login", with_its_own_login(), "forecast"),
    ];
    for fixture in BOTH_CLOUDS {
        let (root, name) = on_google_cloud(fixture);
        all.push(Environment::new(&name, root, &name));
    }
    all
}

/// The version of Google's provider that this repository pins.
pub(super) fn pinned_version() -> String {
    google_in_lock().split('"').nth(3).unwrap().to_owned()
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

/// The demo with a certificate, open to everyone.
fn asked_from_outside() -> Root {
    let root = Root::demo_gcp();
    let file = format!("environments/{GCP}/environment.hcl");
    root.edit(&file, "certificate = \"none\"", "certificate = \"managed\"");
    root
}

/// A kit that cannot run on Google Cloud as it is, as Landfall says that it can.
fn with_its_own_login() -> Root {
    let (root, _) = on_google_cloud("projection");
    root.edit("kit.hcl", "gcp = \"proxy\"", "gcp = \"native\"");
    root
}
