//! Who is calling, the roles that a fresh account lacks, and certificates.

use serde_json::json;

use super::super::connection;
use super::{ACCOUNT, Stand, aws, config};
use crate::cloud::Cloud;
use crate::cloud::aws::{Aws, Connection};
use crate::failure::Exit;

const CERTIFICATE: &str = "arn:aws:acm:eu-central-1:111122223333:certificate/1b2c";

fn caller(arn: &str) -> String {
    format!(
        "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>{arn}</Arn>\
         <UserId>AIDAEXAMPLE</UserId><Account>{ACCOUNT}</Account></GetCallerIdentityResult>\
         </GetCallerIdentityResponse>"
    )
}

#[tokio::test]
async fn the_caller_is_named_with_partition_and_region() {
    let stand = Stand::in_region("us-gov-west-1").await;
    let arn = "arn:aws-us-gov:sts::111122223333:assumed-role/installer/ada";
    stand.query("GetCallerIdentity", "", 200, &caller(arn)).await;
    let identity = stand.aws.identity().await.unwrap();
    assert_eq!(identity.account, ACCOUNT);
    assert_eq!(identity.arn, arn);
    assert_eq!((&*identity.partition, &*identity.region), ("aws-us-gov", "us-gov-west-1"));
}

#[tokio::test]
async fn a_role_is_assumed_and_its_credentials_sign_the_call() {
    let stand = Stand::new().await;
    let role = "arn:aws:iam::111122223333:role/installer";
    let assumed = "<AssumeRoleResponse><AssumeRoleResult><Credentials>\
                   <AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>s</SecretAccessKey>\
                   <SessionToken>t</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration>\
                   </Credentials></AssumeRoleResult></AssumeRoleResponse>";
    stand.query("AssumeRole", "RoleSessionName=landfall", 200, assumed).await;
    stand.query("GetCallerIdentity", "", 200, &caller(role)).await;
    let config = config_with_client(&stand);
    let by_role = aws(&connection::assuming(config, role).await);
    assert_eq!(by_role.identity().await.unwrap().arn, role);
    let requests = stand.server.received_requests().await.unwrap();
    let signature = requests[1].headers["authorization"].to_str().unwrap();
    assert!(signature.contains("Credential=ASIAROLE/"), "{signature}");
}

#[tokio::test]
async fn a_role_that_cannot_be_assumed_names_the_right_and_the_trust_policy() {
    let stand = Stand::new().await;
    let denied = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>User: \
                  arn:aws:iam::111122223333:user/ada is not authorized to perform: sts:AssumeRole \
                  on resource: arn:aws:iam::111122223333:role/installer</Message></Error>\
                  </ErrorResponse>";
    stand.query("AssumeRole", "", 403, denied).await;
    let config = config_with_client(&stand);
    let role = "arn:aws:iam::111122223333:role/installer";
    let text =
        aws(&connection::assuming(config, role).await).identity().await.unwrap_err().to_string();
    assert!(text.contains("cannot assume the role of the target"), "{text}");
    assert!(text.contains("`sts:AssumeRole` on the role"), "{text}");
    assert!(text.contains("trust policy"), "{text}");
}

fn config_with_client(stand: &Stand) -> aws_config::SdkConfig {
    let config = config(&stand.server.uri(), super::REGION).into_builder();
    config.http_client(connection::direct_http_client()).build()
}

#[tokio::test]
async fn a_role_of_another_account_is_refused_before_any_call() {
    let connection = |role: &str| Connection {
        region: super::REGION.to_owned(),
        expected_account: ACCOUNT.to_owned(),
        role: Some(role.to_owned()),
    };
    let other = connection("arn:aws:iam::444455556666:role/installer");
    let failure = Aws::connect(&other).await.unwrap_err();
    assert_eq!(failure.exit(), Exit::Input);
    assert!(failure.to_string().contains("it belongs to account 444455556666"));
    let failure = Aws::connect(&connection("installer")).await.unwrap_err();
    assert!(failure.to_string().contains("`installer` is not the ARN of a role"));
}

fn made() -> &'static str {
    "<CreateServiceLinkedRoleResponse><CreateServiceLinkedRoleResult/>\
     </CreateServiceLinkedRoleResponse>"
}

fn iam_error(code: &str, message: &str) -> String {
    format!(
        "<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
    )
}

#[tokio::test]
async fn missing_roles_are_made_and_existing_ones_are_fine() {
    let stand = Stand::new().await;
    let taken = iam_error(
        "InvalidInput",
        "Service role name AWSServiceRoleForRDS has been taken in this account, please try a \
         different suffix.",
    );
    let create = "CreateServiceLinkedRole";
    stand.query(create, "AWSServiceName=ecs.amazonaws.com", 200, made()).await;
    stand.query(create, "AWSServiceName=elasticloadbalancing.amazonaws.com", 200, made()).await;
    stand.query(create, "AWSServiceName=rds.amazonaws.com", 400, &taken).await;
    let autoscaling = "AWSServiceName=ecs.application-autoscaling.amazonaws.com";
    stand.query(create, autoscaling, 400, &taken).await;
    let roles = stand.aws.ensure_service_linked_roles().await.unwrap();
    assert_eq!(roles, ["AWSServiceRoleForECS", "AWSServiceRoleForElasticLoadBalancing"]);
}

#[tokio::test]
async fn other_invalid_input_is_not_mistaken_for_taken() {
    let stand = Stand::new().await;
    let invalid = iam_error("InvalidInput", "The service does not exist.");
    stand.query("CreateServiceLinkedRole", "ecs.amazonaws.com", 400, &invalid).await;
    let failure = stand.aws.ensure_service_linked_roles().await.unwrap_err();
    assert!(failure.to_string().contains("InvalidInput: The service does not exist"));
}

#[tokio::test]
async fn a_role_that_only_the_admin_may_make_is_looked_for() {
    let stand = Stand::new().await;
    let denied = iam_error("AccessDenied", "not today");
    let role = "<GetRoleResponse><GetRoleResult><Role><Path>/</Path><RoleName>r</RoleName>\
                <RoleId>i</RoleId><Arn>a</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate></Role>\
                </GetRoleResult></GetRoleResponse>";
    stand.query("CreateServiceLinkedRole", "ecs.amazonaws.com", 403, &denied).await;
    stand.query("GetRole", "RoleName=AWSServiceRoleForECS", 200, role).await;
    stand.query("CreateServiceLinkedRole", "elasticloadbalancing", 403, &denied).await;
    let absent = iam_error("NoSuchEntity", "no such role");
    stand.query("GetRole", "RoleName=AWSServiceRoleForElasticLoadBalancing", 404, &absent).await;
    let text = stand.aws.ensure_service_linked_roles().await.unwrap_err().to_string();
    assert!(
        text.contains(
            "for `iam:CreateServiceLinkedRole` on role `AWSServiceRoleForElasticLoadBalancing`"
        ),
        "{text}"
    );
}

async fn certificate(status: &str, not_after: i64) -> crate::cloud::Certificate {
    let stand = Stand::new().await;
    let answer = json!({ "Certificate": { "CertificateArn": CERTIFICATE, "Status": status,
        "DomainName": "example.com", "NotAfter": not_after,
        "SubjectAlternativeNames": ["example.com", "*.example.com"] } });
    let asked = json!({ "CertificateArn": CERTIFICATE });
    stand.json("CertificateManager.DescribeCertificate", asked, 200, answer).await;
    stand.aws.certificate(CERTIFICATE).await.unwrap()
}

#[tokio::test]
async fn a_certificate_counts_while_it_is_issued_and_valid() {
    let valid = certificate("ISSUED", 32_503_680_000).await;
    assert!(valid.issued);
    assert_eq!(valid.names, ["*.example.com", "example.com"]);
    let pending = certificate("PENDING_VALIDATION", 32_503_680_000).await;
    assert!(!pending.issued);
    assert_eq!(pending.status, "PENDING_VALIDATION");
    assert!(!certificate("ISSUED", 1_000_000).await.issued, "it ran out");
}

#[tokio::test]
async fn a_certificate_that_is_not_there_gets_the_command_that_lists_them() {
    let stand = Stand::new().await;
    let answer = json!({ "__type": "ResourceNotFoundException", "message": "Could not find it." });
    stand.json("CertificateManager.DescribeCertificate", json!({}), 400, answer).await;
    let text = stand.aws.certificate(CERTIFICATE).await.unwrap_err().to_string();
    assert!(text.contains("ResourceNotFoundException: Could not find it"), "{text}");
    assert!(text.contains("aws acm list-certificates --region eu-central-1"), "{text}");
}

#[tokio::test]
async fn a_certificate_of_another_region_is_refused_without_a_call() {
    let stand = Stand::new().await;
    let elsewhere = CERTIFICATE.replace("eu-central-1", "us-east-1");
    let text = stand.aws.certificate(&elsewhere).await.unwrap_err().to_string();
    assert!(text.contains("it is in region us-east-1"), "{text}");
    assert!(text.contains("in ACM in eu-central-1"), "{text}");
}
