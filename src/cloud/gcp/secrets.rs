//! Values of secrets: writing a new version, and which one is handed out. Nothing here can read a
//! value: the one method of the API that does is not called anywhere in Landfall.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::Method;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::Gcp;
use super::names::short;
use super::rest::Request;
use super::secret_state::{self, Container, absent, alias, secret_call};
use crate::cloud::{CURRENT, NEXT, SecretState};
use crate::failure::Result;
use crate::secret::Secret;

/// Begins the alias that remembers which write made a version: Secret Manager knows no idempotency
/// token.
const WRITE: &str = "landfall-write-";
/// Characters of an alias (`secretmanager.v1#Secret.versionAliases`).
const ALIAS_LIMIT: usize = 63;

/// `secretmanager.v1#SecretVersion`.
#[derive(Debug, Deserialize)]
struct Version {
    /// `projects/P/secrets/NAME/versions/3`.
    name: String,
}

pub(super) async fn describe(gcp: &Gcp, id: &str) -> Result<SecretState> {
    let name = gcp.secret_name(id);
    let Some(found) = secret_state::read(gcp, &name).await? else {
        return Ok(SecretState { upcoming: Some("1".to_owned()), ..SecretState::default() });
    };
    let next = found.version(alias(NEXT)).map(str::to_owned);
    if let Some(current) = found.version(alias(CURRENT)) {
        let version = Some(current.to_owned());
        return Ok(SecretState { exists: true, version, next, upcoming: None });
    }
    let listed = secret_state::list(gcp, &name).await?;
    let upcoming = listed.enabled.is_none().then_some(listed.upcoming);
    Ok(SecretState { exists: true, version: listed.enabled, next, upcoming })
}

/// The number that the next version gets.
pub(super) async fn upcoming(gcp: &Gcp, id: &str) -> Result<String> {
    secret_state::upcoming(gcp, &gcp.secret_name(id)).await
}

pub(super) async fn put(gcp: &Gcp, id: &str, value: &Secret, token: &str) -> Result<String> {
    write(gcp, id, value, token, CURRENT).await
}

pub(super) async fn stage(gcp: &Gcp, id: &str, value: &Secret, token: &str) -> Result<String> {
    write(gcp, id, value, token, NEXT).await
}

/// Writes a version under a label.
///
/// A version and its label are two calls. Between them the newest version may be another than the
/// current one, so what is current is pinned first; a write that was stopped in between leaves a
/// version without a label, and the next one writes its own.
async fn write(gcp: &Gcp, id: &str, value: &Secret, token: &str, label: &str) -> Result<String> {
    let name = gcp.secret_name(id);
    let call = secret_call(gcp, "write", "secretmanager.versions.add", &name).confidential();
    if value.is_empty() {
        return Err(call.refused("its value is empty"));
    }
    let Some(found) = secret_state::read(gcp, &name).await? else { return Err(absent(&call)) };
    let remembered = write_alias(token);
    if let Some(version) = found.version(&remembered) {
        if found.version(alias(label)) == Some(version) {
            return Ok(version.to_owned());
        }
        return Err(call
            .refused("this value was written before, and another version has become current since")
            .next("set the secret again: a new run writes a new version"));
    }
    pin_current(gcp, &name, &found).await?;
    let version = add(gcp, &name, value).await?;
    let call = secret_call(gcp, "label the new version of", "secretmanager.secrets.update", &name);
    secret_state::change(gcp, &call, &name, |container| {
        container.set(alias(label), Some(&version));
        container.forget(WRITE);
        container.set(&remembered, Some(&version));
    })
    .await?;
    Ok(version)
}

/// Gives the current version its label if it is current only for being the newest.
async fn pin_current(gcp: &Gcp, name: &str, found: &Container) -> Result<()> {
    if found.version(alias(CURRENT)).is_some() {
        return Ok(());
    }
    let Some(version) = secret_state::list(gcp, name).await?.enabled else { return Ok(()) };
    let call =
        secret_call(gcp, "label the current version of", "secretmanager.secrets.update", name);
    secret_state::change(gcp, &call, name, |container| {
        if container.version(alias(CURRENT)).is_none() {
            container.set(alias(CURRENT), Some(&version));
        }
    })
    .await
}

/// Adds a version; its number. What Google says about a payload that it does not take is not shown:
/// it could repeat it.
async fn add(gcp: &Gcp, name: &str, value: &Secret) -> Result<String> {
    let call = secret_call(gcp, "write", "secretmanager.versions.add", name).confidential();
    let request = Request::new(
        Method::POST,
        &gcp.endpoints.secret_manager,
        &format!("v1/{name}:addVersion"),
    )?
    .body("application/json", payload(value));
    let added: Version = gcp.rest.json(request).await.map_err(|trouble| call.failed(&trouble))?;
    Ok(short(&added.name).to_owned())
}

/// `secretmanager.v1#AddSecretVersionRequest` in memory that is wiped when it was sent.
fn payload(value: &Secret) -> Bytes {
    struct Wiped(Zeroizing<String>);
    impl AsRef<[u8]> for Wiped {
        fn as_ref(&self) -> &[u8] {
            self.0.as_bytes()
        }
    }
    let data = Zeroizing::new(STANDARD.encode(value.expose()));
    // Sized beforehand: a buffer that grows leaves copies behind.
    let mut body = Zeroizing::new(String::with_capacity(data.len() + 32));
    body.push_str(r#"{"payload":{"data":""#);
    body.push_str(&data);
    body.push_str(r#""}}"#);
    Bytes::from_owner(Wiped(body))
}

/// The alias of a write: letters, digits, `-` and `_`.
fn write_alias(token: &str) -> String {
    let fits = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' };
    WRITE.chars().chain(token.chars().map(fits)).take(ALIAS_LIMIT).collect()
}

pub(super) async fn label(gcp: &Gcp, id: &str, label: &str, version: Option<&str>) -> Result<()> {
    let name = gcp.secret_name(id);
    let aim = format!("move the label {label} of");
    let call = secret_call(gcp, &aim, "secretmanager.secrets.update", &name);
    secret_state::change(gcp, &call, &name, |container| container.set(alias(label), version)).await
}
