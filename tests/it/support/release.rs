//! A release of the kit in a root, as a vendor would make it.

use landfall::release::tree;
use landfall::workspace::Assets;

use super::Root;

impl Root {
    /// Makes the kit v1.0.0 another version: the edits in `kit.hcl`, from → to, an image of its own,
    /// and a lock that fits. `environment.hcl` stays as it is.
    #[track_caller]
    pub(crate) fn release(&self, version: &str, edits: &[(&str, &str)]) {
        self.edit("kit.hcl", "version = \"1.0.0\"", &format!("version = \"{version}\""));
        for (from, to) in edits {
            self.edit("kit.hcl", from, to);
        }
        let kit = std::fs::read_to_string(self.path().join("kit.hcl")).unwrap();
        let assets = Assets::embedded();
        let tree = tree::of_kit(&self.path(), &kit, &assets).unwrap();
        let digest = tree::sha256(format!("the image of {version}").as_bytes());
        for (key, from, to) in [
            ("version = ", "1.0.0", version),
            ("tag        = ", "v1.0.0", &format!("v{version}")),
            ("tree    = ", &self.locked("tree    = "), &tree),
            ("digest     = ", &self.locked("digest     = "), &digest),
        ] {
            self.edit("kit.lock", &format!("{key}\"{from}\""), &format!("{key}\"{to}\""));
        }
    }

    /// The first value of a key of `kit.lock`.
    fn locked(&self, key: &str) -> String {
        let lock = std::fs::read_to_string(self.path().join("kit.lock")).unwrap();
        let value = lock.split_once(&format!("{key}\"")).expect(key).1;
        value.split_once('"').expect(key).0.to_owned()
    }
}
