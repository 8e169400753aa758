//! A registry on this machine, by the OCI distribution API: manifests, blobs, and the three ways to
//! let somebody in.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use landfall::release::tree::sha256;

/// Who is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    /// Everybody.
    Open,
    /// Whoever shows kim's password.
    Basic,
    /// Whoever shows a token, which everybody gets.
    Token,
    /// Whoever shows a token, which kim gets.
    PrivateToken,
}

/// The only one who is known.
pub(crate) const KIM: (&str, &str) = ("kim", "canary-password-8b1f");
const TOKEN: &str = "canary-token-77aa";

#[derive(Default)]
struct Kept {
    /// Repository and tag or digest → bytes of a manifest.
    manifests: BTreeMap<(String, String), Vec<u8>>,
    /// Digest → bytes.
    blobs: BTreeMap<String, Vec<u8>>,
    /// Method and path of every request.
    asked: Vec<String>,
}

/// A registry that serves as long as it lives.
pub(crate) struct Registry {
    address: SocketAddr,
    kept: Arc<Mutex<Kept>>,
    _runtime: tokio::runtime::Runtime,
}

impl Registry {
    pub(crate) fn start(door: Door) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let kept = Arc::new(Mutex::new(Kept::default()));
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::clone(&kept);
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = Arc::clone(&state);
                tokio::spawn(async move {
                    let answer = service_fn(move |request: Request<Incoming>| {
                        let response = answer(&request, door, &mut state.lock().unwrap());
                        std::future::ready(Ok::<_, std::convert::Infallible>(response))
                    });
                    let http = hyper::server::conn::http1::Builder::new();
                    let _ = http.serve_connection(TokioIo::new(stream), answer).await;
                });
            }
        });
        Self { address, kept, _runtime: runtime }
    }

    /// A repository of it, as an image names it.
    pub(crate) fn repository(&self, name: &str) -> String {
        format!("{}/{name}", self.address)
    }

    /// Keeps an image for two platforms under a tag and gives the digest of its index; another
    /// `content` is another image.
    pub(crate) fn push(&self, name: &str, tag: &str, content: &str) -> String {
        let platforms = ["amd64", "arm64"].map(|architecture| {
            let digest =
                self.push_image(name, &format!("{tag}-{architecture}"), architecture, content);
            serde_json::json!({
                "mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": digest,
                "size": 1, "platform": {"os": "linux", "architecture": architecture},
            })
        });
        let media = "application/vnd.oci.image.index.v1+json";
        let index = serde_json::json!({
            "schemaVersion": 2, "mediaType": media, "manifests": platforms,
        });
        self.keep(name, tag, index.to_string().as_bytes())
    }

    /// Keeps an image for one platform.
    pub(crate) fn push_image(
        &self,
        name: &str,
        tag: &str,
        architecture: &str,
        content: &str,
    ) -> String {
        let configuration = serde_json::json!({
            "os": "linux", "architecture": architecture, "author": content,
        });
        let configuration = configuration.to_string().into_bytes();
        let digest = sha256(&configuration);
        self.kept.lock().unwrap().blobs.insert(digest.clone(), configuration);
        let manifest = serde_json::json!({
            "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": {"digest": digest, "size": 1}, "layers": [],
        });
        self.keep(name, tag, manifest.to_string().as_bytes())
    }

    fn keep(&self, name: &str, tag: &str, bytes: &[u8]) -> String {
        let digest = sha256(bytes);
        let mut kept = self.kept.lock().unwrap();
        for reference in [tag, &digest] {
            kept.manifests.insert((name.to_owned(), reference.to_owned()), bytes.to_vec());
        }
        digest
    }

    /// Forgets a tag or a digest.
    pub(crate) fn remove(&self, name: &str, reference: &str) {
        let key = (name.to_owned(), reference.to_owned());
        assert!(self.kept.lock().unwrap().manifests.remove(&key).is_some(), "{key:?}");
    }

    /// Gives other bytes under a digest than it says.
    pub(crate) fn corrupt(&self, name: &str, digest: &str) {
        let mut kept = self.kept.lock().unwrap();
        let bytes = kept.manifests.get_mut(&(name.to_owned(), digest.to_owned())).unwrap();
        bytes.push(b' ');
    }

    /// Every request so far.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.kept.lock().unwrap().asked.clone()
    }
}

fn answer(request: &Request<Incoming>, door: Door, kept: &mut Kept) -> Response<Full<Bytes>> {
    let path = request.uri().path().to_owned();
    kept.asked.push(format!("{} {path}", request.method()));
    let authorization = request.headers().get(http::header::AUTHORIZATION);
    let shown = authorization.map_or("", |value| value.to_str().unwrap());
    let pair = base64::engine::general_purpose::STANDARD.encode(format!("{}:{}", KIM.0, KIM.1));
    let is_kim = shown == format!("Basic {pair}");
    if path == "/token" {
        if door == Door::PrivateToken && !is_kim {
            return reply(StatusCode::UNAUTHORIZED, &[], Vec::new());
        }
        return reply(StatusCode::OK, &[], format!("{{\"token\": \"{TOKEN}\"}}").into_bytes());
    }
    let inside = match door {
        Door::Open => true,
        Door::Basic => is_kim,
        Door::Token | Door::PrivateToken => shown == format!("Bearer {TOKEN}"),
    };
    if !inside {
        let host = request.headers()[http::header::HOST].to_str().unwrap();
        let challenge = match door {
            Door::Basic => "Basic realm=\"test\"".to_owned(),
            _ => format!("Bearer realm=\"http://{host}/token\",service=\"test\""),
        };
        let headers = [("www-authenticate", challenge.as_str())];
        return reply(StatusCode::UNAUTHORIZED, &headers, Vec::new());
    }
    let rest = path.strip_prefix("/v2/").unwrap_or_default();
    if let Some((name, reference)) = rest.split_once("/manifests/") {
        let accepted = request.headers().get_all(http::header::ACCEPT).iter().count();
        assert_eq!(accepted, 4, "a registry may refuse to show what nobody accepts");
        let Some(bytes) = kept.manifests.get(&(name.to_owned(), reference.to_owned())) else {
            return reply(StatusCode::NOT_FOUND, &[], Vec::new());
        };
        let body = if request.method() == http::Method::HEAD { Vec::new() } else { bytes.clone() };
        let said =
            if reference.starts_with("sha256:") { reference.to_owned() } else { sha256(bytes) };
        return reply(StatusCode::OK, &[("docker-content-digest", &said)], body);
    }
    let blob = rest.split_once("/blobs/").and_then(|(_, digest)| kept.blobs.get(digest));
    blob.map_or_else(
        || reply(StatusCode::NOT_FOUND, &[], Vec::new()),
        |bytes| reply(StatusCode::OK, &[], bytes.clone()),
    )
}

fn reply(status: StatusCode, headers: &[(&str, &str)], body: Vec<u8>) -> Response<Full<Bytes>> {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    response.body(Full::new(Bytes::from(body))).unwrap()
}
