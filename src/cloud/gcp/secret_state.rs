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

/// The version that is handed out as the current one: the one with the alias; where no label was
/// ever set, the newest that is enabled.
pub(super) async fn current(
    gcp: &Gcp,
    name: &str,
    container: &Container,
) -> Result<Option<String>> {
    if let Some(version) = container.version(CURRENT_ALIAS) {
        return Ok(Some(version.to_owned()));
    }
    newest_enabled(gcp, name).await
}

/// The number that the next version gets: they count up, those that were destroyed included.
pub(super) async fn upcoming(gcp: &Gcp, name: &str) -> Result<Option<String>> {
    let call = secret_call(gcp, "list the versions of", "secretmanager.versions.list", name);
    let request = Request::get(&gcp.endpoints.secret_manager, &format!("v1/{name}/versions"))?
        .query("pageSize", "1");
    let page: Versions = gcp.rest.json(request).await.map_err(|trouble| call.failed(&trouble))?;
    let newest = page.versions.first().map_or(Some(0), |it| short(&it.name).parse::<u64>().ok());
    Ok(newest.map(|newest| (newest + 1).to_string()))
}

async fn newest_enabled(gcp: &Gcp, name: &str) -> Result<Option<String>> {
    let call = secret_call(gcp, "list the versions of", "secretmanager.versions.list", name);
    let path = format!("v1/{name}/versions");
    let mut token = String::new();
    loop {
        let mut request = Request::get(&gcp.endpoints.secret_manager, &path)?
            .query("filter", "state:ENABLED")
            .query("pageSize", "10");
        if !token.is_empty() {
            request = request.query("pageToken", &token);
        }
        let page: Versions =
            gcp.rest.json(request).await.map_err(|trouble| call.failed(&trouble))?;
        // A filter may leave a page empty that is not the last one.
        if let Some(newest) = page.versions.first() {
            return Ok(Some(short(&newest.name).to_owned()));
        }
        if page.next_page_token.is_empty() {
            return Ok(None);
        }
        token = page.next_page_token;
    }
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
