//! The one HTTP client of Google's JSON APIs: the token on every request, timeouts, and a few
//! repetitions of what may be repeated.

use std::time::Duration;

use bytes::Bytes;
use google_cloud_auth::credentials::{CacheableResource, Credentials};
use http::{Extensions, HeaderMap, Method};
use reqwest::Url;
use serde::de::DeserializeOwned;

use super::refusal::Refusal;
use crate::failure::{Failure, Result};

/// How long a connection may take to open: what takes longer is a firewall that drops packets.
const CONNECT: Duration = Duration::from_secs(5);
/// How long one attempt of a call may take; the largest bodies are records of a few megabytes.
const ATTEMPT: Duration = Duration::from_secs(30);
/// How long a token may take: outside of Google's machines its metadata server never answers.
const TOKEN: Duration = Duration::from_secs(30);
/// Attempts of a call: throttling while a rollout is polled is common and passes.
const ATTEMPTS: u32 = 4;

/// Why there is no answer to work with.
#[derive(Debug)]
pub(super) enum Trouble {
    /// Google answered, and said no.
    Refused(Box<Refusal>),
    /// There is no token; why.
    NoCredentials(String),
    /// No answer in time.
    TimedOut,
    /// No answer; the texts of the error chain.
    NotReached(String),
    /// The answer is not what the API documents.
    Unreadable(String),
}

impl Trouble {
    /// The HTTP status of an answer that is an error.
    pub(super) fn status(&self) -> Option<u16> {
        self.refusal().map(|refusal| refusal.status)
    }

    /// The answer, if Google said no.
    pub(super) fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// Whether the API is not switched on in the project: then nothing of it exists.
    pub(super) fn is_api_disabled(&self) -> bool {
        self.refusal().is_some_and(Refusal::is_api_disabled)
    }

    /// Whether there is no such thing.
    pub(super) fn is_not_found(&self) -> bool {
        self.status() == Some(404)
    }
}

/// What is sent.
#[derive(Clone, Debug)]
pub(super) struct Request {
    method: Method,
    url: Url,
    body: Option<(String, Bytes)>,
    /// Whether a second time does no harm if the answer to the first got lost.
    repeatable: bool,
}

impl Request {
    /// A request to a path that is made of names of resources, as they are.
    pub(super) fn new(method: Method, endpoint: &str, path: &str) -> Result<Self> {
        let url = Url::parse(&format!("{endpoint}/{path}")).map_err(|error| {
            Failure::failed(format!("`{path}` is not part of an address")).caused_by(error)
        })?;
        let repeatable = matches!(method, Method::GET | Method::DELETE);
        Ok(Self { method, url, body: None, repeatable })
    }

    /// A request that reads.
    pub(super) fn get(endpoint: &str, path: &str) -> Result<Self> {
        Self::new(Method::GET, endpoint, path)
    }

    /// A request that sends JSON.
    pub(super) fn json(
        method: Method,
        endpoint: &str,
        path: &str,
        body: &serde_json::Value,
    ) -> Result<Self> {
        Ok(Self::new(method, endpoint, path)?.body("application/json", body.to_string().into()))
    }

    /// Adds parts to the path, each escaped whole: the key of an object may hold anything.
    pub(super) fn parts(mut self, parts: &[&str]) -> Self {
        if let Ok(mut path) = self.url.path_segments_mut() {
            path.pop_if_empty().extend(parts);
        }
        self
    }

    /// Adds a parameter.
    pub(super) fn query(mut self, name: &str, value: &str) -> Self {
        self.url.query_pairs_mut().append_pair(name, value);
        self
    }

    /// Sets what is sent.
    pub(super) fn body(mut self, kind: impl Into<String>, body: Bytes) -> Self {
        self.body = Some((kind.into(), body));
        self
    }

    /// Says that a second time does no harm.
    pub(super) fn repeatable(mut self) -> Self {
        self.repeatable = true;
        self
    }
}

/// An answer that is not an error.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// The client.
#[derive(Clone, Debug)]
pub(super) struct Rest {
    http: reqwest::Client,
    credentials: Credentials,
    /// Pause before the second attempt; it doubles.
    pub(super) pause: Duration,
}

impl Rest {
    /// A client that goes through `HTTPS_PROXY` unless `NO_PROXY` says otherwise, as terraform
    /// does; `direct` reads nothing from the environment.
    pub(super) fn new(credentials: Credentials, direct: bool) -> Result<Self> {
        let builder = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .timeout(ATTEMPT)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("landfall/", env!("CARGO_PKG_VERSION")));
        let builder = if direct { builder.no_proxy() } else { builder };
        let http = builder.build().map_err(|error| {
            Failure::failed("cannot prepare to talk to Google Cloud").because(texts(&error))
        })?;
        Ok(Self { http, credentials, pause: Duration::from_millis(500) })
    }

    /// Sends a request; an answer is read as JSON.
    pub(super) async fn json<T: DeserializeOwned>(&self, request: Request) -> Result<T, Trouble> {
        let answer = self.send(request).await?;
        serde_json::from_slice(&answer.body).map_err(|error| Trouble::Unreadable(error.to_string()))
    }

    /// Sends a request, again if that may help and does no harm.
    pub(super) async fn send(&self, request: Request) -> Result<Answer, Trouble> {
        let mut pause = self.pause;
        for _ in 1..ATTEMPTS {
            match self.attempt(&request).await {
                Err(trouble) if is_worth_repeating(&trouble, request.repeatable) => {
                    tokio::time::sleep(pause).await;
                    pause *= 2;
                }
                outcome => return outcome,
            }
        }
        self.attempt(&request).await
    }

    async fn attempt(&self, request: &Request) -> Result<Answer, Trouble> {
        let mut builder = self
            .http
            .request(request.method.clone(), request.url.clone())
            .headers(self.token().await?);
        if let Some((kind, body)) = &request.body {
            builder = builder.header(http::header::CONTENT_TYPE, kind).body(body.clone());
        } else if request.method == Method::POST {
            // Google's front end refuses a POST without a length (411).
            builder = builder.header(http::header::CONTENT_LENGTH, 0);
        }
        let response = builder.send().await.map_err(|error| not_answered(&error))?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().await.map_err(|error| not_answered(&error))?;
        if (200..300).contains(&status) {
            return Ok(Answer { headers, body });
        }
        Err(Trouble::Refused(Box::new(Refusal::read(status, &body))))
    }

    /// The headers that say who calls; the library renews the token before it expires.
    async fn token(&self) -> Result<HeaderMap, Trouble> {
        let headers = tokio::time::timeout(TOKEN, self.credentials.headers(Extensions::new()));
        match headers.await {
            Ok(Ok(CacheableResource::New { data, .. })) => Ok(data),
            Ok(Ok(CacheableResource::NotModified)) => {
                Err(Trouble::NoCredentials("the library gave no token".to_owned()))
            }
            Ok(Err(error)) => Err(Trouble::NoCredentials(texts(&error))),
            Err(_) => Err(Trouble::NoCredentials(format!(
                "no token came within {} seconds",
                TOKEN.as_secs()
            ))),
        }
    }
}

/// Throttled calls were not carried out; of others that is known of those alone that may be
/// carried out twice.
fn is_worth_repeating(trouble: &Trouble, repeatable: bool) -> bool {
    match trouble {
        Trouble::Refused(refusal) => match refusal.status {
            429 => true,
            408 | 500 | 502 | 503 | 504 => repeatable,
            _ => false,
        },
        Trouble::TimedOut | Trouble::NotReached(_) => repeatable,
        Trouble::NoCredentials(_) | Trouble::Unreadable(_) => false,
    }
}

fn not_answered(error: &reqwest::Error) -> Trouble {
    if error.is_timeout() {
        return Trouble::TimedOut;
    }
    Trouble::NotReached(texts(error))
}

/// The texts of a chain, outermost first, each once.
pub(super) fn texts(error: &dyn std::error::Error) -> String {
    let mut texts: Vec<String> = Vec::new();
    for error in std::iter::successors(Some(error), |&error| error.source()) {
        let text = error.to_string();
        if !texts.iter().any(|known| known.contains(&text)) {
            texts.push(text);
        }
    }
    texts.join(": ")
}
