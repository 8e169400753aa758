//! `release verify`: whether a git tag, the kit's bytes, the images at their registries and the
//! providers are what `kit.lock` says.

use std::collections::BTreeMap;
use std::path::Path;

use super::lock::{KitLock, LockedImage};
use super::registry::{Client, Credentials};
use super::vendor::read_texts;
use super::{fetch, pin, tree};
use crate::failure::{Exit, Failure, Result};
use crate::git::Repo;
use crate::git::objects;
use crate::kit::model::Kit;
use crate::report::plural;
use crate::workspace::Assets;

/// A release as its tag holds it in a vendor's repository.
#[derive(Debug)]
pub struct Tagged {
    /// The commit that the tag names.
    pub commit: String,
    /// The kit at that commit.
    pub kit: Kit,
    /// Its lock.
    pub lock: KitLock,
    /// Hash of its tree.
    pub tree: String,
    /// What it renders with.
    pub assets: Assets,
}

/// Reads what a tag of the repository around a folder holds.
pub fn tagged(folder: &Path, tag: &str) -> Result<Tagged> {
    let repo = Repo::Around(folder.to_path_buf());
    let Some((commit, _)) = objects::tag(&repo, tag)? else {
        return Err(Failure::input(format!("there is no git tag {tag} here"))
            .at(folder.display().to_string())
            .next(format!("pin, commit, then tag: `git tag --annotate {tag}`")));
    };
    let files: BTreeMap<String, Vec<u8>> = fetch::files(&repo, &commit)?.into_iter().collect();
    let kit = files.get("kit.hcl").cloned().unwrap_or_default();
    let (kit, text, lock) = read_texts(kit, files.get("kit.lock").cloned())?;
    let lock = lock.ok_or_else(|| {
        Failure::input(format!("the tag {tag} has no kit.lock"))
            .because(format!("commit {commit}"))
            .next(format!("`landfall release pin {tag}`, commit kit.lock, tag again"))
    })?;
    let assets = Assets::of_files(&files);
    let named = tree::named(&text);
    let tree = tree::hash(assets.rooted().chain(files), &named);
    Ok(Tagged { commit, kit, lock, tree, assets })
}

/// What was proved, in lines; a failure names every value that moved, old and new.
pub async fn verify(folder: &Path, tag: &str) -> Result<Vec<String>> {
    let tagged = tagged(folder, tag)?;
    let mut moved = Vec::new();
    if tagged.kit.release.tag != tag {
        moved.push(format!("the tag is {tag}, the kit in it is {}", tagged.kit.release.tag));
    }
    if tagged.lock.version != tagged.kit.release.version {
        let (lock, kit) = (&tagged.lock.version, &tagged.kit.release.version);
        moved.push(format!("kit.lock locks {lock}, kit.hcl is {kit}"));
    }
    if tagged.lock.tree != tagged.tree {
        moved.push(format!(
            "kit.lock says tree {}, the files are {}",
            tagged.lock.tree, tagged.tree
        ));
    }
    pin::refuse_foreign(&tagged.assets, &tagged.lock)?;
    let mut lines =
        vec![format!("git tag {tag} is commit {}", tagged.commit), format!("tree {}", tagged.tree)];
    let mut failures = unlocked_images(&tagged);
    let client = Client::new(Credentials::load()?);
    let locked = tagged.lock.images.values().chain([&tagged.lock.postgres_client]);
    for image in locked {
        match held(&client, image).await {
            Ok(differences) => moved.extend(differences),
            Err(failure) => failures.push(failure),
        }
        lines.push(format!("{}:{} is {}", image.repository, image.tag, image.digest));
    }
    for (source, provider) in &tagged.lock.providers {
        if provider.hashes.is_empty() && pin::needs_hashes(source, &tagged.kit) {
            failures.push(Failure::failed(format!("{source} has no hashes in kit.lock")));
        }
        let hashes = provider.hashes.len();
        lines.push(format!("{source} {} with {hashes} hashes", provider.version));
    }
    if moved.is_empty() && failures.is_empty() {
        return Ok(lines);
    }
    Err(refusal(tag, &moved, failures))
}

/// Images that the kit names and the lock does not.
fn unlocked_images(tagged: &Tagged) -> Vec<Failure> {
    let absent = |name: &&String| !tagged.lock.images.contains_key(*name);
    let names = tagged.kit.images.keys().filter(absent);
    names.map(|name| Failure::failed(format!("image \"{name}\" is not in kit.lock"))).collect()
}

/// What an image's tag stands for now, held against the lock: every difference, both values.
async fn held(client: &Client, image: &LockedImage) -> Result<Vec<String>> {
    let shown = format!("{}:{}", image.repository, image.tag);
    let found = client
        .resolve(&image.repository, &image.tag)
        .await
        .map_err(|trouble| trouble.failure(&shown))?;
    let mut differences = Vec::new();
    if found.digest != image.digest {
        differences.push(format!("{shown} was {}, is now {}", image.digest, found.digest));
        client
            .reach(&image.repository, &image.digest)
            .await
            .map_err(|trouble| trouble.failure(&image.reference()))?;
    } else if found.platforms != image.platforms {
        let text = |platforms: &BTreeMap<String, String>| {
            platforms.iter().map(|(name, digest)| format!("{name} {digest}")).collect::<Vec<_>>()
        };
        let (locked, found) = (text(&image.platforms), text(&found.platforms));
        differences.push(format!("{shown} was {}, is now {}", locked.join(", "), found.join(", ")));
    }
    Ok(differences)
}

fn refusal(tag: &str, moved: &[String], mut failures: Vec<Failure>) -> Failure {
    if moved.is_empty() && failures.len() == 1 {
        return failures.remove(0);
    }
    let exit = if moved.is_empty() { Exit::Failed } else { Exit::Input };
    let count = plural(moved.len() + failures.len(), "value");
    let blocks = failures.iter().map(ToString::to_string).collect();
    let failure = Failure::report(exit, format!("{tag} does not hold: {count} differ"), blocks);
    let failure = moved.iter().fold(failure, |failure, line| failure.because(line.clone()));
    failure.next("what was released stays as it was: put it back, or release it under a new tag")
}
