//! gRPC over HTTP/2 on a unix socket, as far as terraform needs it: unary calls, no TLS. The
//! socket is in a folder that only this user may enter.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::{BufMut as _, Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body_util::BodyExt as _;
use hyper_util::rt::{TokioExecutor, TokioIo};
use prost::Message as _;
use tokio::net::UnixListener;

use super::protocol::Health;
use super::provider::{Connection, Refusal, Served};

/// gRPC's status code for what is not offered.
const UNIMPLEMENTED: u32 = 12;

/// Accepts connections until it is dropped. Every connection is one configured provider:
/// terraform opens one for each `provider` block that a command uses.
pub(super) async fn serve(listener: UnixListener, served: Arc<Served>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let connection = Arc::new(Connection::new(Arc::clone(&served)));
        tokio::spawn(async move {
            let service = hyper::service::service_fn(move |request| {
                let connection = Arc::clone(&connection);
                async move { Ok::<_, Infallible>(answer(&connection, request).await) }
            });
            let mut builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
            builder.initial_stream_window_size(4 << 20).initial_connection_window_size(16 << 20);
            builder.max_send_buf_size(4 << 20);
            // An error here is terraform going away in the middle of a call.
            let _ = builder.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn answer(
    connection: &Connection,
    request: Request<hyper::body::Incoming>,
) -> Response<Reply> {
    let path = request.uri().path().trim_start_matches('/').to_owned();
    let (service, method) = path.split_once('/').unwrap_or((&path, ""));
    let refuse = |message: &str| Err(Refusal { code: UNIMPLEMENTED, message: message.to_owned() });
    let reply = match (service, method) {
        // Streams that never end: refused without waiting for the end of the request.
        ("plugin.GRPCStdio" | "plugin.GRPCBroker", _) => refuse("not offered"),
        ("grpc.health.v1.Health", "Check") => Ok(Health { status: 1 }.encode_to_vec()),
        ("plugin.GRPCController", "Shutdown") => Ok(Vec::new()),
        ("tfplugin6.Provider", "GetProviderSchema") => {
            return response(Ok(connection.schema()));
        }
        ("tfplugin6.Provider", method) => match request.into_body().collect().await {
            Ok(body) => match message(&body.to_bytes()) {
                Some(message) => connection.call(method, message).await,
                None => refuse("the message is compressed or cut short"),
            },
            Err(error) => refuse(&error.to_string()),
        },
        _ => refuse("unknown service"),
    };
    response(reply.map(|message| frame(&message)))
}

/// The message in a frame: a flag for compression, its length in four bytes, the message.
fn message(body: &[u8]) -> Option<&[u8]> {
    match body {
        [0, _, _, _, _, message @ ..] => Some(message),
        _ => None,
    }
}

/// A message in its frame.
pub(super) fn frame(message: &[u8]) -> Bytes {
    let mut framed = BytesMut::with_capacity(5 + message.len());
    framed.put_u8(0);
    framed.put_u32(u32::try_from(message.len()).unwrap_or(u32::MAX));
    framed.put_slice(message);
    framed.freeze()
}

/// Success is a body and trailers; a refusal is headers alone ("trailers only"), else terraform
/// logs an error.
fn response(reply: Result<Bytes, Refusal>) -> Response<Reply> {
    let mut status = HeaderMap::new();
    let reply = match reply {
        Ok(frame) => {
            status.insert("grpc-status", HeaderValue::from_static("0"));
            let mut response = Response::new(Reply { data: Some(frame), trailers: Some(status) });
            content_type(response.headers_mut());
            return response;
        }
        Err(refusal) => refusal,
    };
    status.insert("grpc-status", HeaderValue::from(reply.code));
    if let Ok(message) = HeaderValue::from_str(&percent_encoded(&reply.message)) {
        status.insert("grpc-message", message);
    }
    content_type(&mut status);
    let mut response = Response::new(Reply { data: None, trailers: None });
    *response.headers_mut() = status;
    response
}

fn content_type(headers: &mut HeaderMap) {
    headers.insert("content-type", HeaderValue::from_static("application/grpc"));
}

fn percent_encoded(message: &str) -> String {
    use std::fmt::Write as _;
    message.bytes().fold(String::new(), |mut text, byte| {
        match byte {
            b' '..=b'~' if byte != b'%' => text.push(char::from(byte)),
            _ => {
                let _ = write!(text, "%{byte:02X}");
            }
        }
        text
    })
}

/// One frame of data, then trailers.
struct Reply {
    data: Option<Bytes>,
    trailers: Option<HeaderMap>,
}

impl http_body::Body for Reply {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Infallible>>> {
        if let Some(data) = self.data.take() {
            return Poll::Ready(Some(Ok(http_body::Frame::data(data))));
        }
        Poll::Ready(self.trailers.take().map(|trailers| Ok(http_body::Frame::trailers(trailers))))
    }

    fn is_end_stream(&self) -> bool {
        self.data.is_none() && self.trailers.is_none()
    }
}
