//! Terraform's state in the simulated bucket: what the `http` backend asks for, answered from the
//! account's objects, lock included.
//!
//! On AWS state lies in the bucket as well, and terraform stores it now and then instead of after
//! every resource, which a local file would cost it.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use super::account::Account;
use crate::failure::Result;

/// Accepts connections until it is dropped. Requests whose path does not begin with the token are
/// refused: other users of the machine can reach a loopback port.
pub(super) async fn serve(listener: TcpListener, account: Arc<Account>, token: String) {
    let token: Arc<str> = token.into();
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let (account, token) = (Arc::clone(&account), Arc::clone(&token));
        tokio::spawn(async move {
            let service = hyper::service::service_fn(move |request| {
                let (account, token) = (Arc::clone(&account), Arc::clone(&token));
                async move { Ok::<_, Infallible>(answer(&account, &token, request).await) }
            });
            let server = hyper::server::conn::http1::Builder::new();
            // An error here is terraform going away in the middle of a call.
            let _ = server.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn answer(
    account: &Account,
    token: &str,
    request: Request<hyper::body::Incoming>,
) -> Response<Full<Bytes>> {
    let path = request.uri().path().trim_start_matches('/').to_owned();
    let object = path.strip_prefix(token).and_then(|rest| rest.strip_prefix('/'));
    let Some((bucket, key)) = object.and_then(|object| object.split_once('/')) else {
        return response(StatusCode::FORBIDDEN, Bytes::new());
    };
    let method = request.method().clone();
    let Ok(body) = request.into_body().collect().await else {
        return response(StatusCode::BAD_REQUEST, Bytes::new());
    };
    act(account, &method, (bucket, key), &body.to_bytes()).unwrap_or_else(|failure| {
        response(StatusCode::INTERNAL_SERVER_ERROR, failure.to_string().into())
    })
}

/// One request. Before the bucket exists there is no state, and nothing that a lock would guard.
fn act(
    account: &Account,
    method: &Method,
    (bucket, key): (&str, &str),
    body: &[u8],
) -> Result<Response<Full<Bytes>>> {
    let lock = account.platform().backend().lock_of(key);
    let exists = account.bucket(bucket).is_some();
    let ok = || response(StatusCode::OK, Bytes::new());
    Ok(match method.as_str() {
        "GET" if !exists => response(StatusCode::NOT_FOUND, Bytes::new()),
        "LOCK" | "UNLOCK" if !exists => ok(),
        "GET" => match account.get_object(bucket, key)? {
            Some(state) => response(StatusCode::OK, state.body.into()),
            None => response(StatusCode::NOT_FOUND, Bytes::new()),
        },
        "POST" => {
            account.put_object(bucket, key, body.to_vec())?;
            ok()
        }
        "LOCK" if account.put_object_if_absent(bucket, &lock, body.to_vec())? => ok(),
        "LOCK" => {
            let holder = account.get_object(bucket, &lock)?.map(|it| it.body).unwrap_or_default();
            response(StatusCode::LOCKED, holder.into())
        }
        "UNLOCK" => {
            account.delete_object(bucket, &lock)?;
            ok()
        }
        _ => response(StatusCode::METHOD_NOT_ALLOWED, Bytes::new()),
    })
}

fn response(status: StatusCode, body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    response
}
