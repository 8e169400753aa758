//! The hash of a kit's tree: everything that decides a rendered byte, and nothing else.
//!
//! It is `sha256sum`'s own format, so that a reviewer can compute it without Landfall:
//!
//! ```text
//! git ls-files -z kit.hcl templates modules | LC_ALL=C sort -z | xargs -0 sha256sum -z | sha256sum
//! ```
//!
//! (without the dotfiles and the `tests` folders of modules, and with the files that `source`
//! names in `kit.hcl`).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use crate::failure::Result;
use crate::fs;
use crate::hash;
use crate::workspace::Assets;

/// Whether a file belongs to the tree. `path` is relative to the kit's folder, with `/`; `named`
/// holds the paths that `source` attributes of `kit.hcl` name.
pub fn belongs(path: &str, named: &BTreeSet<String>) -> bool {
    if path == "kit.hcl" || named.contains(path) {
        return true;
    }
    let mut parts = path.split('/');
    let root = parts.next().unwrap_or_default();
    let rest: Vec<&str> = parts.collect();
    let hidden = rest.iter().any(|part| part.starts_with('.'));
    // The last part is the file itself: only folders named `tests` are left out.
    let folders = rest.split_last().map_or(&[][..], |(_, folders)| folders);
    match root {
        "templates" => !rest.is_empty() && !hidden,
        "modules" => !rest.is_empty() && !hidden && !folders.contains(&"tests"),
        _ => false,
    }
}

/// The files that `source` attributes of a `kit.hcl` name: paths below the kit's folder. What
/// cannot be read names nothing; reading the kit says why.
pub fn named(kit: &str) -> BTreeSet<String> {
    let Ok(body) = hcl_edit::parser::parse_body(kit) else { return BTreeSet::new() };
    let files = body.blocks().filter(|block| block.ident.as_str() == "file");
    let sources = files.filter_map(|block| block.body.get_attribute("source")?.value.as_str());
    let inside = |path: &&str| !path.split('/').any(|part| ["", ".", ".."].contains(&part));
    sources.filter(inside).map(str::to_owned).collect()
}

/// The hash over the files that [`belong`](belongs), whatever their order: `sha256:` and 64 hex
/// digits. Takes bytes, so that it works for files on disk and for embedded ones.
pub fn hash<P, B>(files: impl IntoIterator<Item = (P, B)>, named: &BTreeSet<String>) -> String
where
    P: AsRef<str>,
    B: AsRef<[u8]>,
{
    let files: BTreeMap<String, String> = files
        .into_iter()
        .filter(|(path, _)| belongs(path.as_ref(), named))
        .map(|(path, bytes)| (path.as_ref().to_owned(), hash::sha256(bytes.as_ref())))
        .collect();
    // A path may hold a line break, so entries end with NUL (`sha256sum -z`).
    let listing = files.iter().fold(String::new(), |mut listing, (path, content)| {
        let _ = write!(listing, "{content}  {path}\0");
        listing
    });
    sha256(listing.as_bytes())
}

/// The hash of a kit in a folder with these templates and modules, which may be the standard ones
/// where it has none of its own.
pub fn of_kit(folder: &Path, kit: &str, assets: &Assets) -> Result<String> {
    let others = named_files(folder, kit)?;
    let own = [("kit.hcl".to_owned(), kit.as_bytes().to_vec())];
    Ok(hash(own.into_iter().chain(others).chain(assets.rooted()), &named(kit)))
}

/// What is in the files that a `kit.hcl` [`named`], as far as they are there.
pub fn named_files(folder: &Path, kit: &str) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    for path in named(kit) {
        if let Some(bytes) = fs::read_if_present(&folder.join(&path))? {
            files.insert(path, bytes);
        }
    }
    Ok(files)
}

/// `sha256:` and 64 hex digits.
pub fn sha256(bytes: &[u8]) -> String {
    format!("sha256:{}", hash::sha256(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_renders_belongs_and_nothing_else() {
        let named = BTreeSet::from(["nginx.conf".to_owned()]);
        let belonging = [
            "kit.hcl",
            "templates/main.tf",
            "modules/aws/job/main.tf",
            "nginx.conf",
            "modules/aws/tests",
        ];
        let others = [
            "kit.lock",
            "README.md",
            "modules/aws/job/tests/job.tftest.hcl",
            "modules/aws/job/.terraform/modules.json",
            "modules/aws/job/.terraform.lock.hcl",
            "src/main.rs",
            "environments/acme/environment.hcl",
            "templates",
        ];
        for path in belonging {
            assert!(belongs(path, &named), "{path}");
        }
        for path in others {
            assert!(!belongs(path, &named), "{path}");
        }
    }

    #[test]
    fn named_files_lie_below_the_kit() {
        let kit = "file \"a\" { source = \"conf/nginx.conf\" }\nfile \"b\" { source = \"../x\" }\n\
                   file \"c\" { source = \"/etc/passwd\" }\nservice \"d\" { source = \"e\" }\n";
        assert_eq!(named(kit), BTreeSet::from(["conf/nginx.conf".to_owned()]));
        assert_eq!(named("{{{"), BTreeSet::new());
    }

    #[test]
    fn the_hash_depends_on_paths_and_contents_and_not_on_order() {
        let none = BTreeSet::new();
        let files = [("kit.hcl", "a"), ("templates/x", "b"), ("README.md", "c")];
        let expected = hash(files, &none);
        let mut turned = files;
        turned.reverse();
        assert_eq!(hash(turned, &none), expected);
        assert_eq!(hash([("kit.hcl", "a"), ("templates/x", "b")], &none), expected);
        assert_ne!(hash([("kit.hcl", "b"), ("templates/x", "a")], &none), expected);
        assert_ne!(hash([("kit.hcl", "a"), ("templates/y", "b")], &none), expected);
        assert!(expected.starts_with("sha256:") && expected.len() == 71);
    }
}
