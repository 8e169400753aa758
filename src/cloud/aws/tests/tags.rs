//! Resources found by a tag.

use serde_json::json;

use super::Stand;
use crate::cloud::{Cloud, TaggedResource};

const GET: &str = "ResourceGroupsTaggingAPI_20170126.GetResources";
const VPC: &str = "arn:aws:ec2:eu-central-1:111122223333:vpc/vpc-1";

#[tokio::test]
async fn what_carries_the_tag_is_told_with_its_name() {
    let stand = Stand::new().await;
    let filter = json!({ "TagFilters": [{ "Key": "landfall:environment", "Values": ["acme"] }] });
    let answer = json!({ "ResourceTagMappingList": [{
        "ResourceARN": VPC,
        "Tags": [{ "Key": "landfall:environment", "Value": "acme" }, { "Key": "Name", "Value": "n" }],
    }]});
    stand.json(GET, filter, 200, answer).await;
    let found = stand.aws.tagged("landfall:environment", "acme").await.unwrap();
    assert_eq!(found, [TaggedResource { arn: VPC.to_owned(), name: Some("n".to_owned()) }]);
}

#[tokio::test]
async fn a_missing_right_is_named() {
    let stand = Stand::new().await;
    let filter = json!({ "TagFilters": [{ "Key": "a", "Values": ["b"] }] });
    let answer = json!({ "__type": "AccessDeniedException", "Message": "not authorized" });
    stand.json(GET, filter, 400, answer).await;
    let text = stand.aws.tagged("a", "b").await.unwrap_err().to_string();
    assert!(text.contains("tag:GetResources"), "{text}");
}

const ROLE: &str = r#"<GetRoleResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GetRoleResult>
<Role><Path>/</Path><RoleName>acme-web</RoleName><RoleId>AROA1</RoleId>
<Arn>arn:aws:iam::111122223333:role/acme-web</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate>
<Tags><member><Key>landfall:environment</Key><Value>acme</Value></member></Tags></Role>
</GetRoleResult></GetRoleResponse>"#;
const NO_ROLE: &str = r#"<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error>
<Type>Sender</Type><Code>NoSuchEntity</Code><Message>not found</Message></Error></ErrorResponse>"#;

#[tokio::test]
async fn a_role_is_ours_if_it_carries_the_tag() {
    for (value, ours) in [("acme", true), ("other", false)] {
        let stand = Stand::new().await;
        stand.query("GetRole", "RoleName=acme-web", 200, ROLE).await;
        let found = stand.aws.has_role("acme-web", "landfall:environment", value).await;
        assert_eq!(found.unwrap(), ours);
    }
    let stand = Stand::new().await;
    stand.query("GetRole", "RoleName=acme-web", 404, NO_ROLE).await;
    assert!(!stand.aws.has_role("acme-web", "landfall:environment", "acme").await.unwrap());
}
