//! Registries, by the OCI distribution API: which bytes a tag stands for, and whether they can be
//! had.
//!
//! ```text
//! name         which host answers for a repository
//! credentials  Docker's configuration and its helpers
//! challenge    401 → basic authentication or a token
//! manifest     index and image manifests
//! ```
//!
//! Only reads; nothing is ever pulled but manifests and an image's configuration. Whatever comes
//! is held against its digest.

mod challenge;
mod credentials;
mod http;
mod manifest;
mod name;
mod trouble;

use std::collections::BTreeMap;

use ::http::Method;
use ::http::header::{ACCEPT, WWW_AUTHENTICATE};
use tokio::sync::Mutex;

pub use self::credentials::{Credential, Credentials};
pub use self::trouble::Trouble;

use self::challenge::Challenge;
use self::http::{Request, Response, send};
use self::manifest::{ACCEPTED, Content};
use self::name::Name;
use super::tree::sha256;
use crate::secret::Secret;

/// What a tag stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// `sha256:...` of the index, or of the only manifest.
    pub digest: String,
    /// `linux/amd64` → `sha256:...`.
    pub platforms: BTreeMap<String, String>,
}

/// Asks registries.
#[derive(Debug)]
pub struct Client {
    credentials: Credentials,
    /// Values of `Authorization` that worked, by repository.
    granted: Mutex<BTreeMap<String, Secret>>,
}

/// Whether the registry of a repository is this machine.
pub fn is_loopback(repository: &str) -> bool {
    Name::parse(repository).is_loopback()
}

impl Client {
    /// Asks with these credentials.
    pub fn new(credentials: Credentials) -> Self {
        Self { credentials, granted: Mutex::default() }
    }

    /// What a tag, or a digest, of a repository stands for.
    pub async fn resolve(&self, repository: &str, reference: &str) -> Result<Resolved, Trouble> {
        let name = Name::parse(repository);
        let (digest, bytes) = self.manifest(&name, reference).await?;
        let platforms = match manifest::read(&bytes).map_err(Trouble::Odd)? {
            Content::Index(platforms) => platforms,
            Content::Image { configuration } => {
                let blob = self.blob(&name, &configuration).await?;
                let platform = manifest::platform(&blob);
                platform.map(|platform| (platform, digest.clone())).into_iter().collect()
            }
        };
        Ok(Resolved { digest, platforms })
    }

    /// Proves that a manifest can be had by its digest.
    pub async fn reach(&self, repository: &str, digest: &str) -> Result<(), Trouble> {
        self.manifest(&Name::parse(repository), digest).await.map(drop)
    }

    /// The digest that a tag points to now.
    pub async fn digest(&self, repository: &str, tag: &str) -> Result<String, Trouble> {
        let name = Name::parse(repository);
        // A HEAD does not count as a pull; registries that do not say the digest are asked again.
        let response = self.ask(&name, Method::HEAD, &format!("manifests/{tag}")).await?;
        match response.header("docker-content-digest") {
            Some(digest) if manifest::is_digest(digest) => Ok(digest.to_owned()),
            _ => Ok(self.manifest(&name, tag).await?.0),
        }
    }

    /// A manifest and the digest of its bytes, held against what the registry says and, where it
    /// was asked for by digest, against that.
    async fn manifest(&self, name: &Name, reference: &str) -> Result<(String, Vec<u8>), Trouble> {
        let response = self.ask(name, Method::GET, &format!("manifests/{reference}")).await?;
        let found = sha256(&response.body);
        let said = response.header("docker-content-digest");
        for wanted in said.into_iter().chain(Some(reference)) {
            if wanted.starts_with("sha256:") && wanted != found {
                return Err(Trouble::WrongDigest { wanted: wanted.to_owned(), found });
            }
        }
        Ok((found, response.body.to_vec()))
    }

    async fn blob(&self, name: &Name, digest: &str) -> Result<Vec<u8>, Trouble> {
        let response = self.ask(name, Method::GET, &format!("blobs/{digest}")).await?;
        let found = sha256(&response.body);
        if found != digest {
            return Err(Trouble::WrongDigest { wanted: digest.to_owned(), found });
        }
        Ok(response.body.to_vec())
    }

    /// Asks about something below a repository, and once more with what the registry wants to be
    /// shown.
    async fn ask(&self, name: &Name, method: Method, what: &str) -> Result<Response, Trouble> {
        let mut request = Request::new(method, name.url(what));
        request.headers = ACCEPTED.map(|kind| (ACCEPT, kind.to_owned())).to_vec();
        let repository = name.to_string();
        request.authorization = self.granted.lock().await.get(&repository).cloned();
        let mut response = send(&request).await.map_err(Trouble::Unreachable)?;
        let mut shown = None;
        if response.status == 401 {
            let credential = self.credentials.of(&name.key).await.map_err(Trouble::Credentials)?;
            shown = credential.as_ref().map(Credential::shown);
            let authorization = authorize(name, &response, credential.as_ref()).await?;
            if let Some(authorization) = authorization {
                request.authorization = Some(authorization.clone());
                response = send(&request).await.map_err(Trouble::Unreachable)?;
                self.granted.lock().await.insert(repository, authorization);
            }
        }
        match response.status {
            200 => Ok(response),
            404 => Err(Trouble::Absent),
            401 | 403 => Err(Trouble::Denied {
                credentials: shown,
                looked: self.credentials.place(),
                host: name.host.clone(),
            }),
            429 => Err(Trouble::Odd("it was asked too often (429); wait, or log in".to_owned())),
            status => Err(Trouble::Odd(format!("it answers {status}"))),
        }
    }
}

/// The value of `Authorization` that answers a challenge; `None` if there is nothing to answer
/// with.
async fn authorize(
    name: &Name,
    response: &Response,
    credential: Option<&Credential>,
) -> Result<Option<Secret>, Trouble> {
    let headers = response.headers.get_all(WWW_AUTHENTICATE);
    let challenge = headers
        .iter()
        .find_map(|header| Challenge::parse(header.to_str().ok()?))
        .ok_or_else(|| Trouble::Odd("it answers 401 and not how to log in".to_owned()))?;
    match (challenge, credential) {
        (Challenge::Basic, Some(Credential::Password { user, password })) => {
            Ok(Some(challenge::basic(user, password)))
        }
        (Challenge::Basic, _) => Ok(None),
        (Challenge::Bearer { realm, service, scope }, credential) => {
            let scope = scope.unwrap_or_else(|| format!("repository:{}:pull", name.path));
            challenge::token(&realm, service.as_deref(), &scope, credential)
                .await
                .map_err(Trouble::Unreachable)
        }
    }
}
