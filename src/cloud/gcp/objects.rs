//! The objects of the state bucket. Cloud Storage cannot be told who must own a bucket, so that is
//! looked up before the first object: a bucket that changed hands gets an error instead of our
//! records.

use http::Method;
use serde::Deserialize;

use super::Gcp;
use super::call::Call;
use super::rest::{Request, Trouble};
use super::state_store;
use crate::cloud::Versioned;
use crate::failure::Result;

/// Changes with every write of an object
/// (<https://cloud.google.com/storage/docs/xml-api/reference-headers#xgooggeneration>).
const GENERATION: &str = "x-goog-generation";

/// `storage.v1#Objects`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Page {
    items: Vec<Object>,
    next_page_token: Option<String>,
}

/// `storage.v1#Object`.
#[derive(Debug, Deserialize)]
struct Object {
    name: String,
}

pub(super) async fn get(gcp: &Gcp, bucket: &str, key: &str) -> Result<Option<Versioned>> {
    let call = object_call(gcp, "read", "storage.objects.get", bucket, key);
    state_store::check_owner(gcp, bucket).await?;
    let request = object_request(gcp, Method::GET, bucket, key)?.query("alt", "media");
    let answer = match gcp.rest.send(request).await {
        Ok(answer) => answer,
        Err(trouble) if trouble.is_not_found() => return Ok(None),
        Err(trouble) => return Err(call.failed(&trouble)),
    };
    let generation = answer.headers.get(GENERATION).and_then(|value| value.to_str().ok());
    let Some(tag) = generation.map(str::to_owned) else {
        return Err(call.refused("the answer names no generation"));
    };
    Ok(Some(Versioned { body: answer.body.to_vec(), tag }))
}

pub(super) async fn put(gcp: &Gcp, bucket: &str, key: &str, body: Vec<u8>) -> Result<()> {
    let call = object_call(gcp, "write", "storage.objects.create", bucket, key);
    state_store::check_owner(gcp, bucket).await?;
    let request = upload(gcp, bucket, key, &body)?;
    gcp.rest.send(request).await.map(drop).map_err(|trouble| call.failed(&trouble))
}

/// Writes unless there is an object.
///
/// A write that Google carried out although its answer got lost is repeated and refused then,
/// because of ourselves. So a refusal is followed by a look at what is there: our own body means
/// that we wrote it.
pub(super) async fn put_if_absent(
    gcp: &Gcp,
    bucket: &str,
    key: &str,
    body: Vec<u8>,
) -> Result<bool> {
    let call = object_call(gcp, "write", "storage.objects.create", bucket, key);
    state_store::check_owner(gcp, bucket).await?;
    let request = upload(gcp, bucket, key, &body)?.query("ifGenerationMatch", "0");
    match gcp.rest.send(request).await {
        Ok(_) => Ok(true),
        Err(trouble) if is_there_already(&trouble) => match get(gcp, bucket, key).await? {
            Some(found) => Ok(found.body == body),
            None => Err(call
                .refused("another one wrote and deleted it at the same moment")
                .next("run the same command again")),
        },
        Err(trouble) => Err(call.failed(&trouble)),
    }
}

/// 412: there is one. The same status with a constraint is an organization's policy.
fn is_there_already(trouble: &Trouble) -> bool {
    trouble.refusal().is_some_and(|it| it.status == 412 && !it.says("constraints/"))
}

pub(super) async fn delete(gcp: &Gcp, bucket: &str, key: &str) -> Result<()> {
    let call = object_call(gcp, "delete", "storage.objects.delete", bucket, key);
    state_store::check_owner(gcp, bucket).await?;
    match gcp.rest.send(object_request(gcp, Method::DELETE, bucket, key)?).await {
        Ok(_) => Ok(()),
        Err(trouble) if trouble.is_not_found() => Ok(()),
        Err(trouble) => Err(call.failed(&trouble)),
    }
}

pub(super) async fn list(gcp: &Gcp, bucket: &str, prefix: &str) -> Result<Vec<String>> {
    let call = gcp.call(
        format!("list `{prefix}` in the state bucket `{bucket}`"),
        "storage.objects.list",
        format!("bucket `{bucket}`"),
    );
    state_store::check_owner(gcp, bucket).await?;
    let mut keys = Vec::new();
    let mut token: Option<String> = None;
    loop {
        let mut request = Request::get(&gcp.endpoints.storage, "storage/v1")?
            .parts(&["b", bucket, "o"])
            .query("prefix", prefix)
            .query("fields", "items(name),nextPageToken");
        if let Some(token) = &token {
            request = request.query("pageToken", token);
        }
        let page: Page = gcp.rest.json(request).await.map_err(|trouble| call.failed(&trouble))?;
        keys.extend(page.items.into_iter().map(|object| object.name));
        token = page.next_page_token.filter(|token| !token.is_empty());
        if token.is_none() {
            keys.sort_unstable();
            return Ok(keys);
        }
    }
}

fn object_request(gcp: &Gcp, method: Method, bucket: &str, key: &str) -> Result<Request> {
    let request = Request::new(method, &gcp.endpoints.storage, "storage/v1")?;
    Ok(request.parts(&["b", bucket, "o", key]))
}

/// A whole object in one request, its name before it (`multipart/related`,
/// <https://cloud.google.com/storage/docs/uploading-objects#rest-upload-objects>): the form that
/// terraform's backend uses, and the one whose precondition emulators keep. A second one writes the
/// same again.
fn upload(gcp: &Gcp, bucket: &str, key: &str, body: &[u8]) -> Result<Request> {
    let boundary = boundary(body);
    let name = serde_json::json!({ "name": key });
    let mut parts = format!(
        "--{boundary}\r\nContent-Type: application/json\r\n\r\n{name}\r\n\
         --{boundary}\r\nContent-Type: application/octet-stream\r\n\r\n"
    )
    .into_bytes();
    parts.extend_from_slice(body);
    parts.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    let request = Request::new(Method::POST, &gcp.endpoints.storage, "upload/storage/v1")?
        .parts(&["b", bucket, "o"])
        .query("uploadType", "multipart");
    let kind = format!("multipart/related; boundary={boundary}");
    Ok(request.body(kind, parts.into()).repeatable())
}

/// A line that the body does not hold.
fn boundary(body: &[u8]) -> String {
    let mut boundary = "landfall".to_owned();
    while body.windows(boundary.len()).any(|window| window == boundary.as_bytes()) {
        boundary.push('x');
    }
    boundary
}

fn object_call(gcp: &Gcp, verb: &str, right: &'static str, bucket: &str, key: &str) -> Call {
    let aim = format!("{verb} `{key}` in the state bucket `{bucket}`");
    gcp.call(aim, right, format!("bucket `{bucket}`"))
}
