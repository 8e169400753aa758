//! Another release of the kit in a root, pinned as `landfall release pin` would.

use landfall::release::tree::{of_kit, sha256};
use landfall::workspace::Assets;

use super::Root;

impl Root {
    /// Makes the kit another release whose product has new images and nothing else, and pins it.
    /// Returns the digest of the image `app`. Whoever changed `kit.hcl` before gets that pinned as
    /// well.
    #[track_caller]
    pub(crate) fn releases(&self, version: &str) -> String {
        let digest = sha256(format!("the index of {version}").as_bytes());
        self.replace("kit.hcl", r#"(release \{\s+version += )"[^"]*""#, version);
        self.replace("kit.lock", r#"(kit \{\s+version += )"[^"]*""#, version);
        self.replace("kit.lock", r#"(image "app" \{[^}]*?tag += )"[^"]*""#, &format!("v{version}"));
        self.replace("kit.lock", r#"(image "app" \{[^}]*?digest += )"[^"]*""#, &digest);
        for platform in ["linux/amd64", "linux/arm64"] {
            let manifest = sha256(format!("{platform} of {version}").as_bytes());
            let place = format!(r#"(image "app" \{{[^}}]*?"{platform}" = )"[^"]*""#);
            self.replace("kit.lock", &place, &manifest);
        }
        self.pins_tree();
        digest
    }

    /// As [`Root::releases`], with edits in `kit.hcl`, from → to.
    #[track_caller]
    pub(crate) fn release(&self, version: &str, edits: &[(&str, &str)]) {
        self.releases(version);
        for (from, to) in edits {
            self.edit("kit.hcl", from, to);
        }
        self.pins_tree();
    }

    /// Writes the hash of the kit's tree into `kit.lock`.
    #[track_caller]
    pub(crate) fn pins_tree(&self) {
        let folder = self.path();
        let kit = std::fs::read_to_string(folder.join("kit.hcl")).unwrap();
        let tree = of_kit(&folder, &kit, &Assets::of_kit(&folder).unwrap()).unwrap();
        self.replace("kit.lock", r#"(kit \{[^}]*?tree += )"[^"]*""#, &tree);
    }

    /// Puts a value after what the pattern's first group finds.
    #[track_caller]
    fn replace(&self, file: &str, pattern: &str, value: &str) {
        let path = self.path().join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        let place = regex::Regex::new(pattern).unwrap();
        assert!(place.is_match(&text), "{file} has no place like {pattern}");
        let changed = place.replace(&text, format!("${{1}}\"{value}\""));
        std::fs::write(path, changed.as_bytes()).unwrap();
    }
}
