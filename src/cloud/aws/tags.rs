//! What carries a tag: the only way to find a resource of which terraform knows nothing.

use aws_sdk_iam::operation::get_role::GetRoleError;
use aws_sdk_resourcegroupstagging::types::TagFilter;
use aws_sdk_s3::error::SdkError;

use super::Aws;
use crate::cloud::TaggedResource;
use crate::failure::Result;

/// Every resource of the region with this tag, sorted by ARN. Not every kind of resource is known
/// to the tagging service: IAM roles are not.
pub(super) async fn tagged(aws: &Aws, name: &str, value: &str) -> Result<Vec<TaggedResource>> {
    let call = aws.call(
        format!("look for resources tagged `{name}` = `{value}`"),
        "tag:GetResources",
        "`*`",
    );
    let filter = TagFilter::builder().key(name).values(value).build();
    let mut pages = aws.tagging.get_resources().tag_filters(filter).into_paginator().send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| call.failed(&error))?;
        for resource in page.resource_tag_mapping_list.unwrap_or_default() {
            let tags = resource.tags.unwrap_or_default();
            found.push(TaggedResource {
                arn: resource.resource_arn.unwrap_or_default(),
                name: tags.into_iter().find(|tag| tag.key == "Name").map(|tag| tag.value),
            });
        }
    }
    found.sort();
    Ok(found)
}

/// Whether a role exists and carries a tag.
pub(super) async fn has_role(aws: &Aws, name: &str, tag: &str, value: &str) -> Result<bool> {
    let arn = format!("`arn:{}:iam::{}:role/{name}`", aws.partition(), aws.account);
    let call = aws.call(format!("look for the role `{name}`"), "iam:GetRole", arn);
    let found = aws.iam.get_role().role_name(name).send().await;
    match found {
        Ok(found) => {
            let tags = found.role.and_then(|role| role.tags).unwrap_or_default();
            Ok(tags.iter().any(|it| it.key == tag && it.value == value))
        }
        Err(SdkError::ServiceError(error))
            if matches!(error.err(), GetRoleError::NoSuchEntityException(_)) =>
        {
            Ok(false)
        }
        Err(error) => Err(call.failed(&error)),
    }
}
