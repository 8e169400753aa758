//! Certificates (`compute.v1#SslCertificate`, `certificatemanager.v1#Certificate`,
//! `certificatemanager.v1#CertificateMapEntry`).

use serde_json::json;

use super::{Stand, not_found};
use crate::cloud::{Certificate, Cloud};

const COMPUTE: &str = "/compute/v1/projects/acme-ledger/global/sslCertificates/web";
const MANAGER: &str = "projects/acme-ledger/locations/global/certificates/web";
const MAP: &str = "projects/acme-ledger/locations/global/certificateMaps/web";

fn certificate(issued: bool, status: &str, names: &[&str]) -> Certificate {
    let names = names.iter().map(|name| (*name).to_owned()).collect();
    Certificate { issued, status: status.to_owned(), names }
}

#[tokio::test]
async fn one_of_compute_engine_is_issued_when_google_says_so() {
    let stand = Stand::new().await;
    let managed = |status: &str| {
        json!({ "type": "MANAGED",
            "managed": { "domains": ["ledger.acme.example."], "status": status } })
    };
    stand.get(COMPUTE, managed("ACTIVE")).await;
    let link =
        "https://www.googleapis.com/compute/v1/projects/acme-ledger/global/sslCertificates/web";
    let found = stand.gcp.certificate(link).await.unwrap();
    assert_eq!(found, certificate(true, "ACTIVE", &["ledger.acme.example"]));
    stand.get(COMPUTE, managed("PROVISIONING")).await;
    let found = stand.gcp.certificate("web").await.unwrap();
    assert_eq!(found, certificate(false, "PROVISIONING", &["ledger.acme.example"]));
}

#[tokio::test]
async fn ones_own_is_issued_until_it_expires() {
    let stand = Stand::new().await;
    let own = |until: &str| {
        json!({ "type": "SELF_MANAGED", "expireTime": until,
            "subjectAlternativeNames": ["b.acme.example", "a.acme.example"] })
    };
    stand.get(COMPUTE, own("2999-01-01T00:00:00.000-08:00")).await;
    let names = ["a.acme.example", "b.acme.example"];
    let found = stand.gcp.certificate("web").await.unwrap();
    assert_eq!(found, certificate(true, "SELF_MANAGED", &names));
    stand.get(COMPUTE, own("2020-01-01T00:00:00.000-08:00")).await;
    let found = stand.gcp.certificate("web").await.unwrap();
    assert_eq!(found, certificate(false, "EXPIRED", &names));
}

#[tokio::test]
async fn a_map_is_issued_when_all_of_it_is() {
    let stand = Stand::new().await;
    let entries = json!({ "certificateMapEntries": [
        { "hostname": "*.acme.example", "certificates": [MANAGER] },
        { "matcher": "PRIMARY", "certificates": [MANAGER] }] });
    stand.get(&format!("/v1/{MAP}/certificateMapEntries"), entries).await;
    let one = json!({ "managed": { "domains": ["ledger.acme.example"], "state": "ACTIVE" } });
    stand.get(&format!("/v1/{MANAGER}"), one).await;
    let other = json!({ "managed": { "domains": ["x.acme.example"], "state": "PROVISIONING" } });
    stand.get(&format!("/v1/{MANAGER}"), other).await;
    let id = format!("//certificatemanager.googleapis.com/{MAP}");
    let found = stand.gcp.certificate(&id).await.unwrap();
    assert_eq!(found, certificate(false, "PROVISIONING", &["*.acme.example", "x.acme.example"]));
    stand.get(&format!("/v1/{MAP}/certificateMapEntries"), json!({})).await;
    assert_eq!(stand.gcp.certificate(MAP).await.unwrap(), certificate(false, "EMPTY", &[]));
}

#[tokio::test]
async fn one_of_certificate_manager_is_read_and_an_absent_one_says_where_to_look() {
    let stand = Stand::new().await;
    let own = json!({ "selfManaged": {}, "sanDnsnames": ["ledger.acme.example"],
        "expireTime": "2999-01-01T00:00:00Z" });
    stand.get(&format!("/v1/{MANAGER}"), own).await;
    let found = stand.gcp.certificate(MANAGER).await.unwrap();
    assert_eq!(found, certificate(true, "SELF_MANAGED", &["ledger.acme.example"]));
    stand.get_refused(&format!("/v1/{MANAGER}"), not_found()).await;
    let text = stand.gcp.certificate(MANAGER).await.unwrap_err().to_string();
    assert!(text.contains("certificates list --project=acme-ledger"), "{text}");
}
