//! `landfall release`: the vendor's side of a tag. Pinned, shown, verified.

use std::path::PathBuf;

use semver::Version;

use super::setup::{block_on, current_folder};
use super::{Format, Global};
use crate::failure::{Exit, Failure, Result};
use crate::fs;
use crate::release::lock::{KitLock, LockedImage};
use crate::release::vendor::VendorKit;
use crate::release::{pin, vendor_modified, verify};
use crate::report::plural;

/// Bind a kit's tag to exact bytes, in the vendor's repository
#[derive(Debug, clap::Args)]
pub(super) struct Release {
    #[command(subcommand)]
    verb: Verb,
    /// The kit's repository (default: the current folder)
    #[arg(long, global = true, value_name = "DIR")]
    kit: Option<PathBuf>,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Resolve images, providers and files to their hashes and write kit.lock
    Pin(Pin),
    /// Print what a tag is bound to
    Show {
        /// The tag, such as v1.0.0
        tag: String,
    },
    /// Prove that a git tag, its files, its images and its providers are what kit.lock says
    Verify {
        /// The tag, such as v1.0.0
        tag: String,
    },
}

#[derive(Debug, clap::Args)]
struct Pin {
    /// The tag, which must be the kit's own: v1.0.0
    tag: String,
    /// Take the standard templates and modules of this Landfall instead of the kit's own
    #[arg(long)]
    refresh: bool,
    /// Another image with psql for the database bootstrap
    #[arg(long, value_name = "REPOSITORY:TAG")]
    postgres_client: Option<String>,
    /// Another version of the AWS provider
    #[arg(long, value_name = "VERSION")]
    aws_provider: Option<Version>,
    /// Find the providers' hashes in a mirror instead of their registry
    #[arg(long, value_name = "DIR")]
    provider_mirror: Option<PathBuf>,
}

impl Release {
    pub(super) fn run(self, global: &Global) -> Result<Exit> {
        let folder = match self.kit {
            Some(folder) => fs::canonical(&folder)?,
            None => current_folder()?,
        };
        match self.verb {
            Verb::Pin(pin) => pin.run(folder, global),
            Verb::Show { tag } => {
                // What git holds under the tag, else what lies here.
                let (lock, commit, modified) = match verify::tagged(&folder, &tag) {
                    Ok(tagged) => {
                        let modified = vendor_modified(&tagged.assets);
                        (tagged.lock, Some(tagged.commit), modified)
                    }
                    Err(failure) => (untagged(&folder, &tag).ok_or(failure)?, None, Vec::new()),
                };
                show(global, &tag, &lock, commit.as_deref(), &modified);
                Ok(Exit::Done)
            }
            Verb::Verify { tag } => {
                for line in block_on(verify::verify(&folder, &tag))? {
                    super::print(&line);
                }
                super::say(&format!("{tag} holds"));
                Ok(Exit::Done)
            }
        }
    }
}

/// The lock of a release that is pinned here and has no tag yet.
fn untagged(folder: &std::path::Path, tag: &str) -> Option<KitLock> {
    let vendor = VendorKit::read(folder).ok()?;
    let lock = vendor.lock?;
    let pinned = vendor.kit.release.tag == tag && vendor.kit.release.version == lock.version;
    pinned.then_some(lock)
}

impl Pin {
    fn run(self, folder: PathBuf, global: &Global) -> Result<Exit> {
        let postgres_client = self.postgres_client.as_deref().map(image).transpose()?;
        let request = pin::Request {
            folder,
            tag: self.tag,
            refresh: self.refresh,
            postgres_client,
            aws_provider: self.aws_provider,
            mirror: self.provider_mirror,
            terraform: global.terraform.clone(),
        };
        let pinned = block_on(pin::pin(&request))?;
        let tag = &request.tag;
        for note in &pinned.notes {
            super::say(&format!("note: {note}"));
        }
        for path in &pinned.modified {
            super::say(&format!("vendor-modified: {path}"));
        }
        if !pinned.written.is_empty() {
            let count = plural(pinned.written.len(), "file");
            super::say(&format!("wrote {count} in templates/ and modules/"));
        }
        super::say(&format!("wrote kit.lock: {tag} is {}", pinned.lock.tree));
        super::say(&format!("\nnext  git add --all && git commit --message \"Release {tag}\""));
        super::say(&format!("      git tag --sign --message {tag} {tag}"));
        super::say(&format!("      landfall release verify {tag}"));
        Ok(Exit::Done)
    }
}

/// `REPOSITORY:TAG`; a colon before the last slash is a port.
fn image(text: &str) -> Result<(String, String)> {
    let parts = text.rsplit_once(':').filter(|(repository, tag)| {
        !repository.is_empty() && !tag.is_empty() && !tag.contains('/')
    });
    let (repository, tag) = parts.ok_or_else(|| {
        Failure::input(format!("{text:?} is not an image with a tag"))
            .next("write it like registry.ledger.example/postgres:17.6")
    })?;
    Ok((repository.to_owned(), tag.to_owned()))
}

fn show(global: &Global, tag: &str, lock: &KitLock, commit: Option<&str>, modified: &[String]) {
    let image = |image: &LockedImage| {
        serde_json::json!({
            "image": format!("{}:{}", image.repository, image.tag),
            "digest": image.digest,
            "platforms": image.platforms,
        })
    };
    if global.format == Format::Json {
        let images: serde_json::Map<_, _> =
            lock.images.iter().map(|(name, it)| (name.clone(), image(it))).collect();
        let providers: serde_json::Map<_, _> = lock
            .providers
            .iter()
            .map(|(source, it)| (source.clone(), it.version.to_string().into()))
            .collect();
        super::print(
            &serde_json::json!({
                "tag": tag, "commit": commit, "tree": lock.tree, "kit_lock": lock.hash,
                "images": images, "postgres_client": image(&lock.postgres_client),
                "providers": providers, "vendor_modified": modified,
            })
            .to_string(),
        );
        return;
    }
    super::print(&format!("release   {tag}"));
    super::print(&format!("commit    {}", commit.unwrap_or("not tagged yet")));
    super::print(&format!("tree      {}", lock.tree));
    super::print(&format!("kit.lock  {}", lock.hash));
    let images = lock.images.iter().map(|(name, image)| (name.as_str(), image));
    for (name, image) in images.chain([("postgres client", &lock.postgres_client)]) {
        super::print(&format!("image     {name}: {}:{}", image.repository, image.tag));
        super::print(&format!("          {}", image.digest));
        for (platform, digest) in &image.platforms {
            super::print(&format!("          {platform} {digest}"));
        }
    }
    for (source, provider) in &lock.providers {
        let count = provider.hashes.len();
        super::print(&format!("provider  {source} {} ({count} hashes)", provider.version));
    }
    for path in modified {
        super::print(&format!("vendor-modified  {path}"));
    }
}
