//! One HTTP request to a product, through its load balancer: the address of the balancer, the
//! product's own name in SNI and `Host`. It works before the DNS records are made, and it proves
//! that the certificate is for the host.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// How long connecting and answering may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// Most of an answer that is read.
const LARGEST_ANSWER: usize = 1 << 20;

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// `https://ledger.acme.example/version` or `http://...`.
    pub url: String,
    /// Name of the load balancer to connect to instead of the host.
    pub connect_to: String,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The answer's body, at most a megabyte.
    pub body: Vec<u8>,
}

/// Sends a probe over the network; the error says what went wrong on the way.
pub async fn send(probe: &Probe) -> anyhow::Result<Answer> {
    let uri: http::Uri = probe.url.parse()?;
    let host = uri.host().unwrap_or_default().to_owned();
    let tls = uri.scheme_str() == Some("https");
    let port = uri.port_u16().unwrap_or(if tls { 443 } else { 80 });
    let work = async {
        let stream = TcpStream::connect((probe.connect_to.as_str(), port)).await?;
        if tls {
            let name = ServerName::try_from(host.clone())?;
            request(connector()?.connect(name, stream).await?, &uri, &host).await
        } else {
            request(stream, &uri, &host).await
        }
    };
    tokio::time::timeout(PATIENCE, work).await?
}

/// TLS with the system's certificate authorities.
pub(crate) fn connector() -> anyhow::Result<TlsConnector> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

async fn request<S>(stream: S, uri: &http::Uri, host: &str) -> anyhow::Result<Answer>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let driver = tokio::spawn(connection);
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let request = http::Request::get(path)
        .header(http::header::HOST, host)
        .header(http::header::USER_AGENT, concat!("landfall/", env!("CARGO_PKG_VERSION")))
        .body(Empty::<Bytes>::new())?;
    let response = sender.send_request(request).await?;
    let status = response.status().as_u16();
    let body = Limited::new(response.into_body(), LARGEST_ANSWER).collect().await;
    driver.abort();
    let body = body.map_err(|error| anyhow::anyhow!("the answer cannot be read: {error}"))?;
    Ok(Answer { status, body: body.to_bytes().to_vec() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use wiremock::matchers::{header, method, path};
    use wiremock::{Mock, MockServer, ResponseTemplate};

    #[tokio::test]
    async fn the_host_is_the_products_and_the_address_the_balancers() {
        let server = MockServer::start().await;
        let port = server.address().port();
        Mock::given(method("GET"))
            .and(path("/version"))
            .and(header("host", "ledger.acme.example"))
            .respond_with(ResponseTemplate::new(200).set_body_string("1.0.0"))
            .expect(1)
            .mount(&server)
            .await;
        let probe = Probe {
            url: format!("http://ledger.acme.example:{port}/version"),
            connect_to: "127.0.0.1".to_owned(),
        };
        let answer = send(&probe).await.expect("the server answers");
        assert_eq!(answer, Answer { status: 200, body: b"1.0.0".to_vec() });
    }

    #[tokio::test]
    async fn a_closed_port_is_an_error() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("it is bound").port();
        drop(listener);
        let url = format!("http://ledger.acme.example:{port}/");
        assert!(send(&Probe { url, connect_to: "127.0.0.1".to_owned() }).await.is_err());
    }
}
