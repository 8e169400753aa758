//! The client itself: what is repeated, what never is, and what is said when nothing answers.

use serde_json::json;
use wiremock::ResponseTemplate;

use super::{PLACE, Stand, Token, asked, gcp, ok};
use crate::cloud::Cloud;

const SERVICE: &str = "/v2/projects/acme-ledger/locations/europe-west3/services/web";

#[tokio::test]
async fn a_read_is_repeated_and_gives_up() {
    let stand = Stand::new().await;
    for status in [503, 429, 500] {
        stand.once(asked("GET", SERVICE), ResponseTemplate::new(status)).await;
    }
    stand
        .once(asked("GET", SERVICE), ok(&json!({ "name": format!("{PLACE}/services/web") })))
        .await;
    let found = stand.gcp.service(PLACE, "web").await.unwrap().unwrap();
    assert_eq!((&*found.name, &*found.rollout, found.running), ("web", "IN_PROGRESS", 0));
    for _ in 0..4 {
        stand.once(asked("GET", SERVICE), ResponseTemplate::new(503)).await;
    }
    let text = stand.gcp.service(PLACE, "web").await.unwrap_err().to_string();
    assert!(text.contains("https://status.cloud.google.com"), "{text}");
}

#[tokio::test]
async fn an_answer_that_is_not_json_is_a_proxys() {
    let stand = Stand::new().await;
    let page = ResponseTemplate::new(200).set_body_string("<html>log in to the network</html>");
    stand.once(asked("GET", SERVICE), page).await;
    let text = stand.gcp.service(PLACE, "web").await.unwrap_err().to_string();
    assert!(text.contains("no proxy answers in its place"), "{text}");
}

#[tokio::test]
async fn nobody_there_is_the_network() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("it is bound").port();
    drop(listener);
    let gcp = gcp(&format!("http://127.0.0.1:{port}"), Token(Ok("token-1")).into());
    let text = gcp.service(PLACE, "web").await.unwrap_err().to_string();
    assert!(text.contains("no answer from Google Cloud"), "{text}");
    assert!(text.contains("next: check the network, HTTPS_PROXY and NO_PROXY"), "{text}");
    assert!(!text.contains("token-1"), "{text}");
}

#[tokio::test]
async fn without_credentials_nothing_is_sent() {
    let stand = Stand::new().await;
    let said = |words: &'static str| {
        let gcp = gcp(&stand.server.uri(), Token(Err(words)).into());
        async move { gcp.service(PLACE, "web").await.unwrap_err().to_string() }
    };
    let text = said("you are not running in a Google Cloud Environment and ...").await;
    assert!(text.contains("because: no Google Cloud credentials were found"), "{text}");
    assert!(text.contains("next: log in: `gcloud auth application-default login`"), "{text}");
    let text = said("invalid_grant: reauthentication is needed").await;
    assert!(text.contains("gave no token: "), "{text}");
    assert!(text.contains("GOOGLE_APPLICATION_CREDENTIALS"), "{text}");
    let text = said("cannot impersonate installer@acme-ledger.iam.gserviceaccount.com").await;
    assert!(text.contains("`iam.serviceAccounts.getAccessToken`"), "{text}");
    assert!(stand.asked_for().await.is_empty());
}
