//! One HTTP exchange with a registry: TLS but on this machine, bounded in time and size, redirects
//! followed without handing credentials to another host.

use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, HOST, LOCATION, USER_AGENT};
use http::{HeaderMap, HeaderName, Method, Uri};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use super::name::is_loopback;
use crate::cloud::probe::connector;
use crate::secret::Secret;

/// How long an exchange may take, redirects included.
const PATIENCE: Duration = Duration::from_secs(20);

/// Most of an answer that is read; registries allow manifests of four megabytes.
const LARGEST: usize = 4 << 20;

/// A manifest may be kept elsewhere, and that place may have moved.
const MOST_REDIRECTS: usize = 5;

/// A question to a registry.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) url: String,
    pub(super) headers: Vec<(HeaderName, String)>,
    /// Value of `Authorization`.
    pub(super) authorization: Option<Secret>,
    pub(super) body: Secret,
}

impl Request {
    pub(super) fn new(method: Method, url: impl Into<String>) -> Self {
        let (url, body) = (url.into(), Secret::new(String::new()));
        Self { method, url, headers: Vec::new(), authorization: None, body }
    }
}

/// What came back.
#[derive(Debug)]
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Response {
    /// The value of a header that is text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Sends a request and follows where it leads; the error says what went wrong on the way.
pub(super) async fn send(request: &Request) -> anyhow::Result<Response> {
    tokio::time::timeout(PATIENCE, follow(request))
        .await
        .map_err(|_| anyhow::anyhow!("no answer within {} s", PATIENCE.as_secs()))?
}

async fn follow(request: &Request) -> anyhow::Result<Response> {
    let mut request = request.clone();
    for _ in 0..MOST_REDIRECTS {
        let uri: Uri = request.url.parse()?;
        let response = once(&request, &uri).await?;
        let location = response.headers.get(LOCATION).and_then(|it| it.to_str().ok());
        let Some(location) = location.filter(|_| (301..=308).contains(&response.status)) else {
            return Ok(response);
        };
        let authority = uri.authority().map(ToString::to_string).unwrap_or_default();
        if location.starts_with('/') {
            request.url =
                format!("{}://{authority}{location}", uri.scheme_str().unwrap_or("https"));
            continue;
        }
        let next: Uri = location.parse()?;
        if next.authority() != uri.authority() || next.scheme() != uri.scheme() {
            request.authorization = None;
        }
        location.clone_into(&mut request.url);
    }
    anyhow::bail!("it redirects more than {MOST_REDIRECTS} times")
}

async fn once(request: &Request, uri: &Uri) -> anyhow::Result<Response> {
    let host = uri.host().unwrap_or_default();
    let bare = host.trim_matches(['[', ']']).to_owned();
    match uri.scheme_str() {
        Some("https") => {
            let stream = TcpStream::connect((bare.as_str(), uri.port_u16().unwrap_or(443))).await?;
            let name = ServerName::try_from(bare)?;
            exchange(connector()?.connect(name, stream).await?, request, uri).await
        }
        Some("http") if is_loopback(host) => {
            let stream = TcpStream::connect((bare.as_str(), uri.port_u16().unwrap_or(80))).await?;
            exchange(stream, request, uri).await
        }
        _ => anyhow::bail!("{} would go over the network unencrypted", request.url),
    }
}

async fn exchange<S>(stream: S, request: &Request, uri: &Uri) -> anyhow::Result<Response>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let driver = tokio::spawn(connection);
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let mut builder = http::Request::builder()
        .method(request.method.clone())
        .uri(path)
        .header(HOST, uri.authority().map_or("", |authority| authority.as_str()))
        .header(USER_AGENT, concat!("landfall/", env!("CARGO_PKG_VERSION")));
    for (name, value) in &request.headers {
        builder = builder.header(name, value);
    }
    if let Some(authorization) = &request.authorization {
        let mut value = http::HeaderValue::from_str(authorization.expose())?;
        value.set_sensitive(true);
        builder = builder.header(AUTHORIZATION, value);
    }
    let body = Bytes::copy_from_slice(request.body.expose().as_bytes());
    if !body.is_empty() {
        builder = builder.header(CONTENT_LENGTH, body.len());
    }
    let response = sender.send_request(builder.body(Full::new(body))?).await?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = Limited::new(response.into_body(), LARGEST).collect().await;
    driver.abort();
    let body = body.map_err(|error| anyhow::anyhow!("the answer cannot be read: {error}"))?;
    Ok(Response { status, headers, body: body.to_bytes() })
}
