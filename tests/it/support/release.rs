//! A release of the kit in a root, as a vendor would make it.

use landfall::release::tree;
use landfall::workspace::Assets;

use super::Root;

impl Root {
    /// Makes the kit another version: the edits in `kit.hcl`, from → to, an image of its own, and a
    /// lock that fits. `environment.hcl` stays as it is.
    #[track_caller]
    pub(crate) fn release(&self, version: &str, edits: &[(&str, &str)]) {
        let before = self.value("kit.lock", "version = ");
        self.edit(
            "kit.hcl",
            &format!("version = \"{before}\""),
            &format!("version = \"{version}\""),
        );
        for (from, to) in edits {
            self.edit("kit.hcl", from, to);
        }
        let kit = std::fs::read_to_string(self.path().join("kit.hcl")).unwrap();
        let tree = tree::of_kit(&self.path(), &kit, &Assets::embedded()).unwrap();
        let digest = tree::sha256(format!("the image of {version}").as_bytes());
        for (key, to) in [
            ("version = ", version),
            ("tag        = ", &format!("v{version}")),
            ("tree    = ", &tree),
            ("digest     = ", &digest),
        ] {
            let from = self.value("kit.lock", key);
            self.edit("kit.lock", &format!("{key}\"{from}\""), &format!("{key}\"{to}\""));
        }
    }

    /// The first value of a key in a file.
    #[track_caller]
    fn value(&self, file: &str, key: &str) -> String {
        let text = std::fs::read_to_string(self.path().join(file)).unwrap();
        let value = text.split_once(&format!("{key}\"")).expect(key).1;
        value.split_once('"').expect(key).0.to_owned()
    }
}
