//! What AWS refuses while the real provider applies: what, why, which key, what to type.

use serde_json::json;

use super::account::Emulated;

/// Orders an error, runs an install into it, and holds what is said against what helps.
#[track_caller]
fn fails(aws: &Emulated, fault: &serde_json::Value, says: &[&str]) {
    aws.control("reset", &json!({}));
    aws.control("fault", fault);
    let said = aws.approved("install").ends_with(1).stops_at("foundation");
    said.says(says).says(&["next: "]);
}

#[test]
fn what_aws_refuses_is_told_with_what_to_do() {
    let aws = Emulated::beat();
    let role = "arn:aws:iam::111122223333:user/emulated";
    let denied = format!(
        "User: {role} is not authorized to perform: ec2:CreateVpc on resource: \
         arn:aws:ec2:eu-central-1:111122223333:vpc/* because no identity-based policy allows the \
         ec2:CreateVpc action"
    );
    fails(
        &aws,
        &json!({ "service": "ec2", "operation": "CreateVpc", "status": 403, "times": 0,
                 "code": "UnauthorizedOperation", "message": denied }),
        &["the right `ec2:CreateVpc`", "`aws.roles.install` of environment.hcl", "`network`"],
    );
    fails(
        &aws,
        &json!({ "service": "ec2", "operation": "CreateVpc", "status": 400, "times": 0,
                 "code": "VpcLimitExceeded",
                 "message": "The maximum number of VPCs has been reached." }),
        &["The maximum number of VPCs has been reached", "raise the quota", "`network`"],
    );
    fails(
        &aws,
        &json!({ "service": "ec2", "operation": "CreateVpc", "status": 403, "times": 0,
                 "code": "ExpiredToken",
                 "message": "The security token included in the request is expired" }),
        &["expired", "aws sso login"],
    );
    fails(
        &aws,
        &json!({ "service": "ec2", "operation": "CreateSecurityGroup", "status": 400, "times": 0,
                 "code": "InvalidGroup.Duplicate",
                 "message": "The security group 'beat' already exists for VPC 'vpc-1'" }),
        &["already exists", "terraform import 'module."],
    );
}

#[test]
fn g1_another_account_is_never_touched() {
    let aws = Emulated::beat();
    let bucket = aws.bucket();
    // The name is taken by somebody else.
    aws.control("owner", &json!({ "bucket": bucket, "account": "999999999999" }));
    let said = aws.landfall("install", &[]).ends_with(1);
    said.says(&[&bucket, "someone outside account 111122223333 may have taken this one"]);
    aws.control("reset", &json!({}));

    // Who calls is in another account.
    aws.root.edit("environments/beat-preview/environment.hcl", "111122223333", "444455556666");
    let said = aws.landfall("install", &[]).ends_with(2).stops_at("preflight");
    said.says(&["wrong account: beat-preview is pinned to 444455556666, you are in 111122223333"]);
    assert_eq!(aws.asked("ec2", "CreateVpc") + aws.asked("s3", "CreateBucket"), 0);
}
