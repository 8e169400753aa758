//! Objects of the state bucket: `storage.v1#Object`, `storage.v1#Objects`, and the preconditions
//! of `storage.objects.insert`.

use serde_json::{Value, json};
use wiremock::ResponseTemplate;
use wiremock::matchers::{body_string, header, query_param, query_param_is_missing};

use super::{NUMBER, Stand, asked, denied, ok};
use crate::cloud::{Cloud, Versioned};

const OBJECT: &str = "/storage/v1/b/states/o/demo%2Frun.lock";
const UPLOAD: &str = "/upload/storage/v1/b/states/o";

/// An upload: the object's name, then its body.
fn parts(boundary: &str, body: &str) -> String {
    format!(
        "--{boundary}\r\nContent-Type: application/json\r\n\r\n{{\"name\":\"demo/run.lock\"}}\r\n\
         --{boundary}\r\nContent-Type: application/octet-stream\r\n\r\n{body}\r\n\
         --{boundary}--\r\n"
    )
}

fn ours() -> Value {
    json!({ "projectNumber": NUMBER, "location": "EUROPE-WEST3" })
}

/// As Cloud Storage refuses: no `status`, the reason in `errors`.
fn refused(code: u16, reason: &str) -> ResponseTemplate {
    let message = format!("{reason} in words");
    ResponseTemplate::new(code).set_body_json(json!({ "error": { "code": code,
        "message": message, "errors": [{ "message": message, "domain": "global",
            "reason": reason }] } }))
}

impl Stand {
    async fn with_bucket() -> Self {
        let stand = Self::new().await;
        stand.get("/storage/v1/b/states", ours()).await;
        stand
    }

    async fn reads(&self, body: &str, generation: &str) {
        let answer = ResponseTemplate::new(200)
            .set_body_string(body)
            .insert_header("x-goog-generation", generation);
        self.once(asked("GET", OBJECT).and(query_param("alt", "media")), answer).await;
    }

    async fn takes_if_absent(&self, answer: ResponseTemplate) {
        let request = asked("POST", UPLOAD)
            .and(query_param("uploadType", "multipart"))
            .and(query_param("ifGenerationMatch", "0"))
            .and(body_string(parts("landfall", "mine")));
        self.once(request, answer).await;
    }
}

#[tokio::test]
async fn an_object_is_read_with_its_generation_and_the_owner_is_looked_up_once() {
    let stand = Stand::with_bucket().await;
    stand.reads("one", "17").await;
    let found = stand.gcp.get_object("states", "demo/run.lock").await.unwrap();
    assert_eq!(found, Some(Versioned { body: b"one".to_vec(), tag: "17".to_owned() }));
    stand.once(asked("GET", OBJECT), refused(404, "notFound")).await;
    assert_eq!(stand.gcp.get_object("states", "demo/run.lock").await.unwrap(), None);
}

#[tokio::test]
async fn an_object_is_written_whole() {
    let stand = Stand::with_bucket().await;
    let request = asked("POST", UPLOAD)
        .and(query_param("uploadType", "multipart"))
        .and(query_param_is_missing("ifGenerationMatch"))
        .and(header("content-type", "multipart/related; boundary=landfall"))
        .and(body_string(parts("landfall", "mine")));
    stand.once(request, ok(&json!({ "name": "demo/run.lock", "generation": "1" }))).await;
    stand.gcp.put_object("states", "demo/run.lock", b"mine".to_vec()).await.unwrap();
}

#[tokio::test]
async fn a_body_that_holds_the_boundary_gets_another() {
    let stand = Stand::with_bucket().await;
    let request = asked("POST", UPLOAD)
        .and(header("content-type", "multipart/related; boundary=landfallx"))
        .and(body_string(parts("landfallx", "--landfall--")));
    stand.once(request, ok(&json!({ "name": "demo/run.lock" }))).await;
    let body = b"--landfall--".to_vec();
    stand.gcp.put_object("states", "demo/run.lock", body).await.unwrap();
}

#[tokio::test]
async fn a_lock_is_taken_once() {
    let stand = Stand::with_bucket().await;
    stand.takes_if_absent(ok(&json!({ "name": "demo/run.lock" }))).await;
    let put = || stand.gcp.put_object_if_absent("states", "demo/run.lock", b"mine".to_vec());
    assert!(put().await.unwrap());
    stand.takes_if_absent(refused(412, "conditionNotMet")).await;
    stand.reads("somebody else's", "18").await;
    assert!(!put().await.unwrap());
}

#[tokio::test]
async fn our_own_write_whose_answer_got_lost_is_ours() {
    let stand = Stand::with_bucket().await;
    stand.takes_if_absent(refused(503, "backendError")).await;
    stand.takes_if_absent(refused(412, "conditionNotMet")).await;
    stand.reads("mine", "19").await;
    let put = stand.gcp.put_object_if_absent("states", "demo/run.lock", b"mine".to_vec());
    assert!(put.await.unwrap());
}

#[tokio::test]
async fn a_policy_is_not_mistaken_for_an_object_that_is_there() {
    let stand = Stand::with_bucket().await;
    let message = "'us' violates constraint 'constraints/gcp.resourceLocations'";
    let policy = ResponseTemplate::new(412).set_body_json(json!({ "error": { "code": 412,
        "message": message, "errors": [{ "reason": "conditionNotMet" }] } }));
    stand.takes_if_absent(policy).await;
    let put = stand.gcp.put_object_if_absent("states", "demo/run.lock", b"mine".to_vec());
    let text = put.await.unwrap_err().to_string();
    assert!(text.contains("gcloud org-policies describe gcp.resourceLocations"), "{text}");
}

#[tokio::test]
async fn deleting_twice_is_no_error() {
    let stand = Stand::with_bucket().await;
    stand.once(asked("DELETE", OBJECT), ResponseTemplate::new(204)).await;
    stand.once(asked("DELETE", OBJECT), refused(404, "notFound")).await;
    stand.gcp.delete_object("states", "demo/run.lock").await.unwrap();
    stand.gcp.delete_object("states", "demo/run.lock").await.unwrap();
}

#[tokio::test]
async fn keys_come_from_every_page_sorted() {
    let stand = Stand::with_bucket().await;
    let at = "/storage/v1/b/states/o";
    let first = asked("GET", at)
        .and(query_param("prefix", "demo/"))
        .and(query_param_is_missing("pageToken"));
    let page = json!({ "items": [{ "name": "demo/b" }], "nextPageToken": "more" });
    stand.once(first, ok(&page)).await;
    let second = asked("GET", at).and(query_param("pageToken", "more"));
    stand.once(second, ok(&json!({ "items": [{ "name": "demo/a" }] }))).await;
    assert_eq!(stand.gcp.list_objects("states", "demo/").await.unwrap(), ["demo/a", "demo/b"]);
}

#[tokio::test]
async fn nothing_is_asked_of_a_bucket_of_another_project() {
    let stand = Stand::new().await;
    let other = json!({ "projectNumber": "666", "location": "EUROPE-WEST3" });
    stand.get("/storage/v1/b/states", other).await;
    let put = stand.gcp.put_object("states", "demo/run.lock", b"mine".to_vec());
    let text = put.await.unwrap_err().to_string();
    assert!(text.contains("`states` belongs to another project"), "{text}");
}

#[tokio::test]
async fn a_denial_names_permission_and_bucket() {
    let stand = Stand::with_bucket().await;
    let (code, body) = denied("storage.objects.delete");
    let answer = ResponseTemplate::new(code).set_body_json(body);
    stand.once(asked("POST", UPLOAD), answer).await;
    let put = stand.gcp.put_object("states", "demo/run.lock", b"mine".to_vec());
    let text = put.await.unwrap_err().to_string();
    // Writing over an object needs the right to delete it: Google's word goes before ours.
    assert!(text.contains("for `storage.objects.delete` on bucket `states`"), "{text}");
}
