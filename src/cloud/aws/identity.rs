//! Who is calling: `GetCallerIdentity`, which needs no right at all.

use super::Aws;
use crate::cloud::Identity;
use crate::failure::Result;

pub(super) async fn read(aws: &Aws) -> Result<Identity> {
    let call = aws.call("find out who is calling AWS", "sts:GetCallerIdentity", "*");
    let answer = aws.sts.get_caller_identity().send().await.map_err(|error| call.failed(&error))?;
    let (Some(account), Some(arn)) = (answer.account, answer.arn) else {
        return Err(call.refused("the answer names no account and no caller"));
    };
    let partition = arn.split(':').nth(1).unwrap_or(aws.partition()).to_owned();
    Ok(Identity { account, project_number: None, arn, partition, region: aws.region.clone() })
}
