//! The whole workspace of the demo, so that a reviewer sees what a change of a template or a
//! decision does to it. `INSTA_UPDATE=always cargo test --test it workspace` writes it anew.

use super::support::{Root, snapshots};

/// Long, and decided elsewhere: their hash says when they change.
const BY_HASH: [&str; 3] = [".pem", ".sql", "bootstrap.sh"];

#[test]
fn the_workspace_of_the_demo() {
    let root = Root::demo();
    root.render();
    let prefix = "environments/demo-aws/";
    let mut listing = String::new();
    for (file, bytes) in root.tree() {
        let Some(name) =
            file.strip_prefix(prefix).filter(|name| !name.is_empty() && !name.ends_with('/'))
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
        settings.set_description(format!("environments/demo-aws/{name}"));
        // A changed module shows in its own file.
        settings.add_filter(r"\.modules/[0-9a-f]{12}", ".modules/[hash]");
        settings.bind(|| {
            insta::assert_snapshot!(format!("demo-aws/{}", name.replace('/', "__")), text);
        });
    }
    snapshots().bind(|| insta::assert_snapshot!("demo-aws/files", listing));
}
