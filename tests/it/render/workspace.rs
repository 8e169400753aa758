//! The whole workspaces of the demo, so that a reviewer sees what a change of a template or a
//! decision does to them. `INSTA_UPDATE=always cargo test --test it workspace` writes them anew.

use super::support::{Answer, Root, snapshots, terraform};

/// Long, and decided elsewhere: their hash says when they change.
const BY_HASH: [&str; 3] = [".pem", ".sql", "bootstrap.sh"];

#[test]
fn the_workspace_of_the_demo() {
    workspace(&Root::demo());
}

#[test]
fn the_workspace_of_the_demo_on_google_cloud() {
    let root = Root::demo_gcp();
    workspace(&root);
    let mut format = terraform(root.path());
    Answer::of(format.args(["fmt", "-check", "-diff", "-recursive", "environments"])).exits(0);
    // Modules of the other cloud are nobody's business here.
    let tree = root.tree();
    assert!(tree.keys().any(|file| file.contains("/gcp/service/")));
    assert!(!tree.keys().any(|file| file.contains("/aws/")));
}

fn workspace(root: &Root) {
    root.render();
    let environment = &root.name;
    let prefix = format!("environments/{environment}/");
    let mut listing = String::new();
    for (file, bytes) in root.tree() {
        let Some(name) =
            file.strip_prefix(&prefix).filter(|name| !name.is_empty() && !name.ends_with('/'))
        else {
            continue;
        };
        listing.push_str(name);
        listing.push('\n');
        // The manifest names every file of every module with its hash; environment.hcl is ours.
        if name.ends_with("manifest.json") || name == "environment.hcl" {
            continue;
        }
        let text = if BY_HASH.iter().any(|end| name.ends_with(end)) {
            format!("{} bytes, SHA-256 {}", bytes.len(), landfall::hash::sha256(&bytes))
        } else {
            String::from_utf8(bytes).expect("rendered text is UTF-8")
        };
        let mut settings = snapshots();
        settings.set_description(format!("environments/{environment}/{name}"));
        // A changed module shows in its own file.
        settings.add_filter(r"\.modules/[0-9a-f]{12}", ".modules/[hash]");
        settings.bind(|| {
            insta::assert_snapshot!(format!("{environment}/{}", name.replace('/', "__")), text);
        });
    }
    let files = format!("{environment}/files");
    snapshots().bind(|| insta::assert_snapshot!(files, listing));
}
