//! A secret's container: the labels of its versions, and which one is current. Labels are version
//! aliases; they move by a change that names the version of the container that was read, so that
//! nobody's alias is lost.

use std::collections::BTreeMap;

use http::Method;
use serde::Deserialize;
use serde_json::json;

use super::Gcp;
use super::call::Call;
use super::names::short;
use super::rest::{Request, Trouble};
use crate::cloud::CURRENT;
use crate::failure::{Failure, Result};

/// The alias of the version that is current: the name of AWS's own label would mislead.
const CURRENT_ALIAS: &str = "landfall-current";

/// How many versions are listed at once.
const PAGE: &str = "100";

/// How often a change is tried while others change the container, too.
const TRIES: u32 = 3;

/// `secretmanager.v1#Secret`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Container {
    etag: String,
    /// Alias → number of the version.
    version_aliases: BTreeMap<String, String>,
}

/// `secretmanager.v1#ListSecretVersionsResponse`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Versions {
    /// Newest first.
    versions: Vec<Version>,
    next_page_token: String,
}

/// `secretmanager.v1#SecretVersion`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Version {
    /// `projects/P/secrets/NAME/versions/3`.
    name: String,
    /// `ENABLED`, `DISABLED`, `DESTROYED`.
    state: String,
}

/// The alias of a label.
pub(super) fn alias(label: &str) -> &str {
    if label == CURRENT { CURRENT_ALIAS } else { label }
}

impl Container {
    /// The version under an alias.
    pub(super) fn version(&self, alias: &str) -> Option<&str> {
        self.version_aliases.get(alias).map(String::as_str)
    }

    /// Moves or removes an alias.
    pub(super) fn set(&mut self, alias: &str, version: Option<&str>) {
        match version {
            Some(version) => self.version_aliases.insert(alias.to_owned(), version.to_owned()),
            None => self.version_aliases.remove(alias),
        };
    }

    /// Removes the aliases that begin like this, except those of versions that carry another one:
    /// a container has fifty at most.
    pub(super) fn forget(&mut self, prefix: &str) {
        let named: Vec<String> = self
            .version_aliases
            .iter()
            .filter(|(alias, _)| !alias.starts_with(prefix))
            .map(|(_, version)| version.clone())
            .collect();
        self.version_aliases
            .retain(|alias, version| !alias.starts_with(prefix) || named.contains(version));
    }
}

/// The container; `None` if there is none.
pub(super) async fn read(gcp: &Gcp, name: &str) -> Result<Option<Container>> {
    let call = secret_call(gcp, "look at", "secretmanager.secrets.get", name);
    let request = Request::get(&gcp.endpoints.secret_manager, &format!("v1/{name}"))?;
    match gcp.rest.json(request).await {
        Ok(found) => Ok(Some(found)),
        Err(trouble) if trouble.is_not_found() => Ok(None),
        Err(trouble) => Err(call.failed(&trouble)),
    }
}

/// What the list of a secret's versions says.
pub(super) struct Listed {
    /// The newest version that is enabled: the one that is handed out where no label was ever set.
    pub(super) enabled: Option<String>,
    /// The number that the next version gets.
    pub(super) upcoming: String,
}

/// Lists the versions once for both, as far as the newest that is enabled.
pub(super) async fn list(gcp: &Gcp, name: &str) -> Result<Listed> {
    let mut upcoming = None;
    let mut token = String::new();
    loop {
        let page = page(gcp, name, PAGE, &token).await?;
        let number = upcoming.map_or_else(|| after(page.versions.first()), Ok)?;
        let enabled = page.versions.iter().find(|version| version.state == "ENABLED");
        if enabled.is_some() || page.next_page_token.is_empty() {
            let enabled = enabled.map(|version| short(&version.name).to_owned());
            return Ok(Listed { enabled, upcoming: number });
        }
        (upcoming, token) = (Some(number), page.next_page_token);
    }
}

/// The number that the next version gets.
pub(super) async fn upcoming(gcp: &Gcp, name: &str) -> Result<String> {
    after(page(gcp, name, "1", "").await?.versions.first())
}

/// Versions count up, those that were destroyed included.
fn after(newest: Option<&Version>) -> Result<String> {
    let Some(newest) = newest else { return Ok("1".to_owned()) };
    let number = short(&newest.name).parse::<u64>().map_err(|error| {
        Failure::failed(format!("`{}` is not a numbered version", newest.name)).caused_by(error)
    })?;
    Ok((number + 1).to_string())
}

/// A page of the versions in any state, newest first.
async fn page(gcp: &Gcp, name: &str, size: &str, token: &str) -> Result<Versions> {
    let call = secret_call(gcp, "list the versions of", "secretmanager.versions.list", name);
    let mut request = Request::get(&gcp.endpoints.secret_manager, &format!("v1/{name}/versions"))?
        .query("pageSize", size);
    if !token.is_empty() {
        request = request.query("pageToken", token);
    }
    gcp.rest.json(request).await.map_err(|trouble| call.failed(&trouble))
}

/// Changes the aliases by `edit`, again on what is there then if another one was faster.
pub(super) async fn change(
    gcp: &Gcp,
    call: &Call,
    name: &str,
    mut edit: impl FnMut(&mut Container),
) -> Result<()> {
    for _ in 0..TRIES {
        let Some(before) = read(gcp, name).await? else { return Err(absent(call)) };
        let mut after = before.clone();
        edit(&mut after);
        if after.version_aliases == before.version_aliases {
            return Ok(());
        }
        let body = json!({
            "name": name, "etag": before.etag, "versionAliases": after.version_aliases });
        let endpoint = &gcp.endpoints.secret_manager;
        let request = Request::json(Method::PATCH, endpoint, &format!("v1/{name}"), &body)?
            .query("updateMask", "versionAliases");
        match gcp.rest.send(request).await {
            Ok(_) => return Ok(()),
            Err(trouble) if is_outdated(&trouble) => {}
            Err(trouble) => return Err(call.failed(&trouble)),
        }
    }
    Err(call
        .refused("somebody else changes the secret at the same time")
        .next("run the same command again"))
}

/// The etag is not that of the container any more
/// (<https://cloud.google.com/secret-manager/docs/etags>).
fn is_outdated(trouble: &Trouble) -> bool {
    let Some(refusal) = trouble.refusal() else { return false };
    match refusal.word.as_deref() {
        Some("ABORTED") => true,
        Some("FAILED_PRECONDITION" | "INVALID_ARGUMENT") => {
            refusal.message.as_deref().is_some_and(|text| text.to_lowercase().contains("etag"))
        }
        _ => refusal.status == 409 || refusal.status == 412,
    }
}

/// There is no container: it is terraform's to make.
pub(super) fn absent(call: &Call) -> Failure {
    call.refused("there is no such secret")
        .next("its container is made by layer `foundation`: run `landfall install` first")
}

/// A call about a secret.
pub(super) fn secret_call(gcp: &Gcp, verb: &str, right: &'static str, name: &str) -> Call {
    gcp.call(format!("{verb} secret `{name}`"), right, format!("secret `{name}`"))
}
