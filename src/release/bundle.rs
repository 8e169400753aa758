//! A release as one object: every file that it renders with, so that an environment can be
//! rendered at it again from anywhere. Kept in the state bucket by every run, under the hashes
//! that `landfall.lock` and the receipts name: going back needs neither the vendor's repository
//! nor the machine that installed it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::tree;
use crate::cloud::Cloud;
use crate::failure::{Failure, Result};
use crate::hash::sha256;
use crate::workspace::Assets;

/// Version of the object's format.
const FORMAT: u32 = 1;

const KIT: &str = "kit.hcl";
const LOCK: &str = "kit.lock";
const TEMPLATES: &str = "templates/";
const MODULES: &str = "modules/";

/// All files of a release, as text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bundle {
    /// Version of this format.
    format: u32,
    /// `v1.0.0`, as the kit names itself.
    pub tag: String,
    /// The git commit it was fetched from; `None` for a kit in a folder.
    pub commit: Option<String>,
    /// `kit.hcl`, `kit.lock`, `templates/...`, `modules/...`.
    files: BTreeMap<String, String>,
}

/// What a release is taken from.
#[derive(Debug)]
pub struct Files<'a> {
    /// `kit.hcl`.
    pub kit: &'a str,
    /// `kit.lock`.
    pub lock: &'a str,
    /// The files that `source` attributes of the kit name.
    pub named: &'a BTreeMap<String, Vec<u8>>,
    /// Templates and modules.
    pub assets: &'a Assets,
}

impl Bundle {
    /// Takes a release together. Fails if one of its files is not text.
    pub fn new(tag: &str, commit: Option<&str>, from: &Files<'_>) -> Result<Self> {
        let text = |path: &str, bytes: &[u8]| {
            String::from_utf8(bytes.to_vec()).map_err(|error| {
                Failure::input(format!("{path} of the kit is not UTF-8"))
                    .caused_by(error)
                    .next("what a kit renders with is text: save the file as UTF-8")
            })
        };
        let mut files = BTreeMap::from([
            (KIT.to_owned(), from.kit.to_owned()),
            (LOCK.to_owned(), from.lock.to_owned()),
        ]);
        for (path, bytes) in from.named {
            files.insert(path.clone(), text(path, bytes)?);
        }
        for (root, folder) in [(TEMPLATES, &from.assets.templates), (MODULES, &from.assets.modules)]
        {
            for (path, bytes) in folder {
                let path = format!("{root}{path}");
                let text = text(&path, bytes)?;
                files.insert(path, text);
            }
        }
        Ok(Self { format: FORMAT, tag: tag.to_owned(), commit: commit.map(str::to_owned), files })
    }

    /// The release with another `kit.hcl` and `kit.lock`: a made-up one, for a rehearsal.
    #[must_use]
    pub fn with(&self, tag: &str, kit: String, lock: String) -> Self {
        let mut bundle = Self { tag: tag.to_owned(), ..self.clone() };
        bundle.files.insert(KIT.to_owned(), kit);
        bundle.files.insert(LOCK.to_owned(), lock);
        bundle
    }

    /// The text of `kit.hcl`.
    pub fn kit(&self) -> &str {
        self.files.get(KIT).map_or("", String::as_str)
    }

    /// The text of `kit.lock`.
    pub fn lock(&self) -> &str {
        self.files.get(LOCK).map_or("", String::as_str)
    }

    /// The files that `source` attributes of the kit name.
    pub fn named(&self) -> BTreeMap<String, Vec<u8>> {
        let named = tree::named(self.kit());
        let files = self.files.iter().filter(|(path, _)| named.contains(*path));
        files.map(|(path, text)| (path.clone(), text.clone().into_bytes())).collect()
    }

    /// What it renders with.
    pub fn assets(&self) -> Assets {
        let under = |root: &str| -> BTreeMap<String, Vec<u8>> {
            let files = self.files.iter();
            let files = files.filter_map(|(path, text)| Some((path.strip_prefix(root)?, text)));
            files.map(|(path, text)| (path.to_owned(), text.clone().into_bytes())).collect()
        };
        Assets { templates: under(TEMPLATES), modules: under(MODULES) }
    }

    /// The hash of the kit's tree.
    pub fn tree(&self) -> String {
        tree::hash(&self.files, &tree::named(self.kit()))
    }

    /// The hash of `kit.lock`.
    pub fn lock_hash(&self) -> String {
        tree::sha256(self.lock().as_bytes())
    }

    /// Keeps it in the state bucket, if it is not there.
    pub async fn keep(&self, cloud: &dyn Cloud, bucket: &str) -> Result<()> {
        let body = serde_json::to_vec(self)
            .map_err(|error| Failure::failed("cannot write the release").caused_by(error))?;
        let key = key(&self.tree(), &self.lock_hash());
        cloud.put_object_if_absent(bucket, &key, body).await.map(drop)
    }

    /// The release with these hashes; `None` if no run kept it. Fails if what is there was changed.
    pub async fn find(
        cloud: &dyn Cloud,
        bucket: &str,
        tree: &str,
        lock: &str,
    ) -> Result<Option<Self>> {
        let key = key(tree, lock);
        let Some(object) = cloud.get_object(bucket, &key).await? else { return Ok(None) };
        let place = cloud.object_address(bucket, &key);
        let bundle: Self = serde_json::from_slice(&object.body).map_err(|error| {
            Failure::failed("a kept release cannot be read")
                .at(&place)
                .caused_by(error)
                .next("if nobody wrote it by hand, a newer Landfall did: update this one")
        })?;
        for (what, wanted, found) in
            [("files", tree, bundle.tree()), ("kit.lock", lock, bundle.lock_hash())]
        {
            if wanted != found {
                return Err(Failure::failed(format!("the kept release was changed: its {what}"))
                    .at(&place)
                    .because(format!("it should be {wanted}, it is {found}"))
                    .next("restore the object's first version: the bucket keeps all of them"));
            }
        }
        Ok(Some(bundle))
    }
}

/// One object for each content.
fn key(tree: &str, lock: &str) -> String {
    format!("releases/{}.json", &sha256(format!("{tree} {lock}").as_bytes())[..32])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_went_in_comes_out_with_the_same_hash() -> Result<()> {
        let assets = Assets::embedded();
        let named = BTreeMap::new();
        let files = Files { kit: "kit", lock: "lock", named: &named, assets: &assets };
        let bundle = Bundle::new("v1.0.0", None, &files)?;
        assert_eq!(bundle.assets().templates, assets.templates);
        assert_eq!(bundle.assets().modules, assets.modules);
        assert_eq!((bundle.kit(), bundle.lock()), ("kit", "lock"));
        let mut other = bundle.clone();
        other.files.insert(LOCK.to_owned(), "another".to_owned());
        assert_eq!(other.tree(), bundle.tree(), "kit.lock lies outside of the tree");
        assert_ne!(other.lock_hash(), bundle.lock_hash());
        Ok(())
    }
}
