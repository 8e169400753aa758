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
