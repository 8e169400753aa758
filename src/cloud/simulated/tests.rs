//! What only this side adds: rights and certificates by fault.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use super::*;

fn cloud(faults: &[&str]) -> Simulated {
    let identity = Identity {
        project_number: None,
        account: "123456789012".to_owned(),
        arn: "arn:aws:iam::123456789012:user/admin".to_owned(),
        partition: "aws".to_owned(),
        region: "eu-central-1".to_owned(),
    };
    let faults: Vec<String> = faults.iter().map(|fault| (*fault).to_owned()).collect();
    let account = Account::ephemeral(identity).unwrap();
    Simulated::new(Arc::new(account), Arc::new(Faults::parse(&faults).unwrap()))
}

#[tokio::test]
async fn a_missing_right_is_named() {
    let cloud = cloud(&["deny=s3:CreateBucket"]);
    let refused = cloud.ensure_state_store("state", None).await.unwrap_err();
    assert_eq!(refused.what(), "access denied: s3:CreateBucket");
    assert!(refused.reasons().iter().any(|reason| reason.starts_with("simulated fault:")));
    assert_eq!(cloud.state_store("state").await.unwrap(), None);
    assert_eq!(cloud.ensure_service_linked_roles().await.unwrap().len(), 4);
    assert_eq!(cloud.ensure_service_linked_roles().await.unwrap().len(), 0);
}

#[tokio::test]
async fn a_certificate_is_issued_unless_it_is_pending_or_elsewhere() {
    let id = "arn:aws:acm:eu-central-1:123456789012:certificate/0b9d6bd3";
    assert!(cloud(&[]).certificate(id).await.unwrap().issued);
    let pending = cloud(&["certificate=pending"]).certificate(id).await.unwrap();
    assert_eq!((pending.issued, pending.status.as_str()), (false, "PENDING_VALIDATION"));
    assert!(cloud(&[]).certificate(&id.replace("central", "west")).await.is_err());
}
