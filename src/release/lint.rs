//! What a kit lacks to be a release: what `release pin` would still do.

use super::vendor::VendorKit;
use super::{pin, vendor::merged};
use crate::failure::Result;
use crate::workspace::Assets;

/// What is not pinned as it stands, in sentences; empty if kit.lock locks exactly this kit.
/// Fails where modules hold what a release must not have.
pub fn unpinned(vendor: &VendorKit) -> Result<Vec<String>> {
    pin::refuse_foreign(&merged(&vendor.folder, false)?, &vendor.base()?)?;
    let Some(lock) = &vendor.lock else {
        return Ok(vec!["there is no kit.lock: nothing is bound to exact bytes".to_owned()]);
    };
    let mut needs = Vec::new();
    let version = &vendor.kit.release.version;
    if lock.version != *version {
        needs.push(format!("kit.lock locks {}, kit.hcl is {version}", lock.version));
    }
    for (name, image) in &vendor.kit.images {
        match lock.images.get(name) {
            None => needs.push(format!("image \"{name}\" is not in kit.lock")),
            Some(locked) if locked.repository != image.repository || locked.tag != image.tag => {
                needs.push(format!(
                    "image \"{name}\" is locked as {}:{}, kit.hcl says {}:{}",
                    locked.repository, locked.tag, image.repository, image.tag
                ));
            }
            Some(_) => {}
        }
    }
    for name in lock.images.keys().filter(|name| !vendor.kit.images.contains_key(*name)) {
        needs.push(format!("kit.lock has an image \"{name}\" that kit.hcl does not have"));
    }
    let tree = vendor.tree(&Assets::of_kit(&vendor.folder)?)?;
    if tree != lock.tree {
        needs.push(format!("the kit's files are {tree}, kit.lock says {}", lock.tree));
    }
    Ok(needs)
}
