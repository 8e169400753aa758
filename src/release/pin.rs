//! `release pin`: binds a tag to exact bytes.
//!
//! ```text
//! standard templates and modules ─► into the kit, where it has none of its own
//! image tags ─► registry ─► digests of index and platforms
//! providers  ─► terraform ─► hashes for every platform
//! kit.hcl, templates/, modules/ ─► hash of the tree
//!                                  └─► kit.lock, written last
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use semver::Version;

use super::lock::{KitLock, LockedImage, LockedProvider};
use super::registry::{Client, Credentials};
use super::vendor::{VendorKit, merged, standard_lock};
use super::{foreign, provider, vendor_modified, write};
use crate::failure::{Exit, Failure, Result};
use crate::fs;
use crate::kit::model::{CloudName, DatabaseAuth, Kit};
use crate::terraform::{Engine, Terraform};
use crate::workspace::{Assets, quote};

/// Where people run terraform.
const PLATFORMS: [&str; 4] = ["linux_amd64", "linux_arm64", "darwin_amd64", "darwin_arm64"];

/// The image of the Cloud SQL Auth Proxy that a kit starts with.
const SQL_PROXY: (&str, &str) = ("gcr.io/cloud-sql-connectors/cloud-sql-proxy", "2.14.1");

/// What is to be pinned, and from where.
#[derive(Debug)]
pub struct Request {
    /// The kit's repository.
    pub folder: PathBuf,
    /// Must be the kit's own tag.
    pub tag: String,
    /// Whether standard files replace the kit's own.
    pub refresh: bool,
    /// Repository and tag of another image with `psql`.
    pub postgres_client: Option<(String, String)>,
    /// Another version of the AWS provider.
    pub aws_provider: Option<Version>,
    /// Folder with an unpacked or packed provider mirror, instead of the registry.
    pub mirror: Option<PathBuf>,
    /// Path of terraform.
    pub terraform: Option<PathBuf>,
}

/// What was pinned.
#[derive(Debug)]
pub struct Pinned {
    /// As it stands in `kit.lock`.
    pub lock: KitLock,
    /// Files that were written beside `kit.lock`.
    pub written: Vec<String>,
    /// Templates and modules that are not the standard ones.
    pub modified: Vec<String>,
    /// What the vendor should know.
    pub notes: Vec<String>,
}

/// Pins a release. Nothing is written unless all of it can be.
pub async fn pin(request: &Request) -> Result<Pinned> {
    let vendor = VendorKit::read(&request.folder)?;
    let own = &vendor.kit.release.tag;
    if request.tag != *own {
        return Err(Failure::input(format!("the kit is {own}, not {}", request.tag))
            .at("kit.hcl")
            .because("a release is pinned under its own tag; nothing was written")
            .next(format!(
                "set `version` in `release` of kit.hcl, or pin what is there: `landfall release pin {own}`"
            )));
    }
    let base = with_standard_providers(vendor.base()?)?;
    let assets = merged(&request.folder, request.refresh)?;
    refuse_foreign(&assets, &base)?;
    let mut notes = Vec::new();
    let (images, postgres_client) = images(request, &vendor, &base, &mut notes).await?;
    let sql_proxy = sql_proxy(&vendor, &base, &mut notes).await?;
    let providers = providers(request, &vendor.kit, &base, &mut notes).await?;
    let written = copy(&request.folder, &assets)?;
    let tree = vendor.tree(&assets)?;
    let version = vendor.kit.release.version.clone();
    let hash = String::new();
    let mut lock = KitLock { version, tree, images, postgres_client, sql_proxy, providers, hash };
    let text = write::text(&lock);
    lock.hash = super::tree::sha256(text.as_bytes());
    fs::write(&request.folder.join("kit.lock"), text.as_bytes())?;
    Ok(Pinned { lock, written, modified: vendor_modified(&assets), notes })
}

/// A lock from before Landfall knew a cloud gets the provider that everybody starts with.
fn with_standard_providers(mut base: KitLock) -> Result<KitLock> {
    for (source, provider) in standard_lock()?.providers {
        base.providers.entry(source).or_insert(provider);
    }
    Ok(base)
}

/// The proxy's image, for kits that log in through it.
async fn sql_proxy(
    vendor: &VendorKit,
    base: &KitLock,
    notes: &mut Vec<String>,
) -> Result<Option<LockedImage>> {
    let clouds = &vendor.kit.clouds;
    let mut databases = vendor.kit.databases.values();
    let wanted = databases.any(|database| database.gcp_auth == DatabaseAuth::Proxy);
    // A kit that names no cloud may have been written for AWS alone: it is not held up by this one.
    if !wanted || !clouds.contains(&CloudName::Gcp) {
        return Ok(base.sql_proxy.clone().filter(|_| wanted));
    }
    let own = base.sql_proxy.as_ref().map(|image| (image.repository.as_str(), image.tag.as_str()));
    let (repository, tag) = own.unwrap_or(SQL_PROXY);
    let client = Client::new(Credentials::load()?);
    image(&client, repository, tag, notes).await.map(Some)
}

/// Refuses modules that run programs, ask the network or need providers that are not locked. Modules
/// of a cloud whose provider is not locked are never rendered.
pub fn refuse_foreign(assets: &Assets, lock: &KitLock) -> Result<()> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let rendered = |path: &str| {
        let clouds = [("aws/", CloudName::Aws), ("gcp/", CloudName::Gcp)];
        let own = clouds.into_iter().find(|(folder, _)| path.starts_with(folder));
        own.is_none_or(|(_, cloud)| lock.providers.contains_key(provider(cloud)))
    };
    let files: Vec<(String, String)> = assets
        .modules
        .iter()
        .filter(|(path, _)| rendered(path))
        .map(|(path, bytes)| (format!("modules/{path}"), text(bytes)))
        .collect();
    let files = files.iter().map(|(path, text)| (path.as_str(), text.as_str()));
    foreign::refuse(files, lock.providers.keys().map(String::as_str))
}

/// Every image of the kit, and the client's, at its registry; all that fail at once.
async fn images(
    request: &Request,
    vendor: &VendorKit,
    base: &KitLock,
    notes: &mut Vec<String>,
) -> Result<(BTreeMap<String, LockedImage>, LockedImage)> {
    let client = Client::new(Credentials::load()?);
    let own = (base.postgres_client.repository.clone(), base.postgres_client.tag.clone());
    let (repository, tag) = request.postgres_client.clone().unwrap_or(own);
    let postgres = image(&client, &repository, &tag, notes).await;
    let (mut images, mut failures) = (BTreeMap::new(), Vec::new());
    for (name, wanted) in &vendor.kit.images {
        match image(&client, &wanted.repository, &wanted.tag, notes).await {
            Ok(image) => {
                images.insert(name.clone(), image);
            }
            Err(failure) => failures.push(failure),
        }
    }
    let postgres = match postgres {
        Ok(image) => Some(image),
        Err(failure) => {
            failures.push(
                failure.next("or take another image with psql: `--postgres-client REPOSITORY:TAG`"),
            );
            None
        }
    };
    match (failures.len(), postgres) {
        (0, Some(postgres)) => Ok((images, postgres)),
        (1, _) => Err(failures.remove(0).because("nothing was written")),
        (count, _) => {
            let blocks = failures.iter().map(ToString::to_string).collect();
            let what = format!("{count} images cannot be pinned, nothing was written");
            Err(Failure::report(Exit::Failed, what, blocks))
        }
    }
}

async fn image(
    client: &Client,
    repository: &str,
    tag: &str,
    notes: &mut Vec<String>,
) -> Result<LockedImage> {
    let shown = format!("{repository}:{tag}");
    let resolved =
        client.resolve(repository, tag).await.map_err(|trouble| trouble.failure(&shown))?;
    if resolved.platforms.is_empty() {
        return Err(Failure::input(format!("the image {shown} runs on no platform of the cloud"))
            .because("it has neither linux/amd64 nor linux/arm64")
            .next("build it for one of them"));
    }
    if resolved.platforms.len() == 1 {
        let only = resolved.platforms.keys().next().map_or("", String::as_str);
        notes.push(format!("{shown} is for {only} only"));
    }
    Ok(LockedImage {
        repository: repository.to_owned(),
        tag: tag.to_owned(),
        digest: resolved.digest,
        platforms: resolved.platforms,
    })
}

/// Hashes stay while the version stays; otherwise terraform finds them, one platform at a time, so
/// that a platform without any can be named.
async fn providers(
    request: &Request,
    kit: &Kit,
    base: &KitLock,
    notes: &mut Vec<String>,
) -> Result<BTreeMap<String, LockedProvider>> {
    let mut providers = BTreeMap::new();
    for (source, locked) in &base.providers {
        let chosen = request.aws_provider.as_ref().filter(|_| source == provider(CloudName::Aws));
        let version = chosen.unwrap_or(&locked.version).clone();
        let same = version == locked.version;
        let mut locked = LockedProvider { version, ..locked.clone() };
        if !same {
            locked.hashes.clear();
        }
        if locked.hashes.is_empty() && !needs_hashes(source, kit) {
            providers.insert(source.clone(), locked);
            continue;
        }
        if locked.hashes.is_empty() || request.mirror.is_some() {
            let terraform = Terraform::find(request.terraform.as_deref(), Engine::Real).await?;
            let found = hashes(request, &terraform, source, &locked.version, notes).await?;
            let all: BTreeSet<String> = locked.hashes.into_iter().chain(found).collect();
            locked.hashes = all.into_iter().collect();
        }
        if locked.hashes.is_empty() {
            return Err(Failure::failed(format!(
                "no hash of {source} {} was found for any platform",
                locked.version
            ))
            .because(notes.join("\n"))
            .next("check the version and the mirror; nothing was written"));
        }
        providers.insert(source.clone(), locked);
    }
    Ok(providers)
}

/// Whether a provider must have hashes: not one of a cloud that the kit does not name.
pub(super) fn needs_hashes(source: &str, kit: &Kit) -> bool {
    source != provider(CloudName::Gcp) || kit.clouds.contains(&CloudName::Gcp)
}

async fn hashes(
    request: &Request,
    terraform: &Terraform,
    source: &str,
    version: &Version,
    notes: &mut Vec<String>,
) -> Result<BTreeSet<String>> {
    let mirror = request.mirror.as_deref().map(fs::canonical).transpose()?;
    let private = request.folder.join(".landfall");
    fs::create_private_folder(&private)?;
    fs::write(&private.join(".gitignore"), b"*\n")?;
    let scratch = private.join(format!("pin-{}", crate::run::new_run_id()));
    let configuration = format!(
        "terraform {{\n  required_providers {{\n    this = {{ source = {}, version = {} }}\n  }}\n}}\n",
        quote(source),
        quote(&format!("= {version}")),
    );
    let mut found = BTreeSet::new();
    for platform in PLATFORMS {
        let folder = scratch.join(platform);
        fs::write(&folder.join("main.tf"), configuration.as_bytes())?;
        match terraform.lock_providers(&folder, platform, mirror.as_deref()).await {
            Ok(()) => found.extend(locked_hashes(&folder, source)?),
            Err(_) => notes.push(format!("{source} {version} has no hash for {platform}")),
        }
    }
    fs::remove_folder(&scratch)?;
    Ok(found)
}

/// The hashes in the `.terraform.lock.hcl` of a folder.
fn locked_hashes(folder: &Path, source: &str) -> Result<Vec<String>> {
    let bytes = fs::read(&folder.join(".terraform.lock.hcl"))?;
    let body = hcl_edit::parser::parse_body(&String::from_utf8_lossy(&bytes))
        .map_err(|error| Failure::failed("terraform's lock cannot be read").caused_by(error))?;
    let of_source = |block: &&hcl_edit::structure::Block| {
        block.labels.first().is_some_and(|label| label.as_str() == source)
    };
    let block = body.blocks().find(of_source);
    let hashes = block.and_then(|block| block.body.get_attribute("hashes")?.value.as_array());
    let texts = hashes.into_iter().flat_map(hcl_edit::expr::Array::iter);
    Ok(texts.filter_map(|hash| hash.as_str().map(str::to_owned)).collect())
}

/// Writes templates and modules that are not there as they should be; returns their paths.
fn copy(folder: &Path, assets: &Assets) -> Result<Vec<String>> {
    let templates =
        assets.templates.iter().map(|(path, bytes)| (format!("templates/{path}"), bytes));
    let modules = assets.modules.iter().map(|(path, bytes)| (format!("modules/{path}"), bytes));
    let mut written = Vec::new();
    for (path, bytes) in templates.chain(modules) {
        let file = folder.join(&path);
        if fs::read_if_present(&file)?.as_ref() != Some(bytes) {
            fs::write(&file, bytes)?;
            written.push(path);
        }
    }
    Ok(written)
}
