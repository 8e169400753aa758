//! Which templates and modules of a kit are not the standard ones: a vendor may change them, and
//! whoever approves a plan is told.

use std::collections::BTreeMap;

use crate::workspace::Assets;

/// Paths of files that differ from the standard ones of this Landfall, are not among them, or are
/// missing, sorted: `modules/aws/service/main.tf`.
pub fn vendor_modified(assets: &Assets) -> Vec<String> {
    let standard = Assets::embedded();
    let mut paths = differing("modules", &assets.modules, &standard.modules);
    paths.extend(differing("templates", &assets.templates, &standard.templates));
    paths
}

fn differing(
    root: &str,
    own: &BTreeMap<String, Vec<u8>>,
    standard: &BTreeMap<String, Vec<u8>>,
) -> Vec<String> {
    let changed = own.iter().filter(|(path, bytes)| standard.get(*path) != Some(*bytes));
    let missing = standard.iter().filter(|(path, _)| !own.contains_key(*path));
    let mut paths: Vec<String> =
        changed.chain(missing).map(|(path, _)| format!("{root}/{path}")).collect();
    paths.sort();
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changed_added_and_missing_files_are_named() {
        let mut assets = Assets::embedded();
        assert_eq!(vendor_modified(&assets), [""; 0]);
        assets.modules.insert("aws/own/main.tf".to_owned(), Vec::new());
        assets.modules.insert("aws/service/main.tf".to_owned(), b"# ours".to_vec());
        assets.templates.remove("aws/README.md.tera");
        assert_eq!(
            vendor_modified(&assets),
            [
                "modules/aws/own/main.tf",
                "modules/aws/service/main.tf",
                "templates/aws/README.md.tera"
            ]
        );
    }
}
