//! The images of a release, before anything is touched (G3): each can be had by its digest, and
//! its tag still stands for that digest.

use super::context::Run;
use crate::engine::EngineName;
use crate::failure::{Failure, Result};
use crate::release::lock::{KitLock, LockedImage};
use crate::release::registry::{self, Client, Credentials};
use crate::report::plural;

/// Asks the registry of every image of the lock, and says what came of it in a few words. Outside
/// the real cloud only registries on this machine are asked.
pub(super) async fn check(run: &Run) -> Result<String> {
    let everywhere = run.engine == EngineName::Real;
    let (asked, others): (Vec<_>, Vec<_>) = images(&run.environment.lock)
        .into_iter()
        .partition(|image| everywhere || registry::is_loopback(&image.repository));
    let mut reached = 0;
    if !asked.is_empty() {
        let client = Client::new(Credentials::load()?);
        for image in &asked {
            match one(&client, image).await? {
                None => reached += 1,
                Some(note) => run.reporter.note(note),
            }
        }
    }
    let mut words = Vec::new();
    if reached > 0 {
        words.push(format!("{} reachable", plural(reached, "image")));
    }
    if asked.len() > reached {
        words.push(format!("{} not known", plural(asked.len() - reached, "image")));
    }
    if !others.is_empty() {
        words.push(format!("{} not asked", plural(others.len(), "image")));
    }
    Ok(words.join(", "))
}

/// Every image of a lock once: two names may stand for the same.
fn images(lock: &KitLock) -> Vec<&LockedImage> {
    let mut images: Vec<&LockedImage> = Vec::new();
    for image in lock.images.values().chain([&lock.postgres_client]) {
        let same = |known: &&LockedImage| {
            known.repository == image.repository
                && known.tag == image.tag
                && known.digest == image.digest
        };
        if !images.iter().any(same) {
            images.push(image);
        }
    }
    images
}

/// One image; a note if it could not be proved and that is no reason to stop.
async fn one(client: &Client, image: &LockedImage) -> Result<Option<String>> {
    let by_digest = image.reference();
    let by_tag = format!("{}:{}", image.repository, image.tag);
    match client.reach(&image.repository, &image.digest).await {
        Ok(()) => {}
        Err(trouble) if trouble.lacks_credentials() => {
            return Ok(Some(format!(
                "whether {by_tag} can be pulled is not known: its registry wants credentials that \
                 are not here"
            )));
        }
        Err(trouble) => return Err(trouble.failure(&by_digest).because("nothing was touched")),
    }
    match client.digest(&image.repository, &image.tag).await {
        Ok(found) if found == image.digest => Ok(None),
        Ok(found) => Err(moved(&by_tag, &image.digest, &found)),
        // The digest is what runs; a tag that is gone misleads nobody.
        Err(registry::Trouble::Absent) => {
            Ok(Some(format!("the tag {by_tag} is gone; {} is still there", image.digest)))
        }
        Err(trouble) => Err(trouble.failure(&by_tag).because("nothing was touched")),
    }
}

fn moved(image: &str, locked: &str, found: &str) -> Failure {
    Failure::input(format!("the image tag {image} moved"))
        .because(format!("kit.lock says {locked}"))
        .because(format!("the tag is now {found}"))
        .because("a pinned tag is the same bytes for ever (G3); nothing was touched")
        .next("ask the vendor why it moved; what is changed is released under a new tag")
}
