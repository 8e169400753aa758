//! The service-linked roles that a fresh account lacks. Terraform is not asked to make them: they
//! belong to the account, not to an installation, and one that exists would fail its apply.

use aws_sdk_iam::config::http::HttpResponse;
use aws_sdk_iam::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_iam::operation::create_service_linked_role::CreateServiceLinkedRoleError;

use super::Aws;
use super::call::status;
use crate::failure::Result;

/// The service, and the role that AWS makes for it.
const ROLES: [(&str, &str); 4] = [
    ("ecs.amazonaws.com", "AWSServiceRoleForECS"),
    ("elasticloadbalancing.amazonaws.com", "AWSServiceRoleForElasticLoadBalancing"),
    ("rds.amazonaws.com", "AWSServiceRoleForRDS"),
    (
        "ecs.application-autoscaling.amazonaws.com",
        "AWSServiceRoleForApplicationAutoScaling_ECSService",
    ),
];

/// Makes those that are missing; returns their names.
pub(super) async fn ensure(aws: &Aws) -> Result<Vec<String>> {
    let mut made = Vec::new();
    for (service, role) in ROLES {
        if ensure_one(aws, service, role).await? {
            made.push(role.to_owned());
        }
    }
    Ok(made)
}

async fn ensure_one(aws: &Aws, service: &str, role: &str) -> Result<bool> {
    let call = aws.call(
        format!("make the service-linked role of `{service}`"),
        "iam:CreateServiceLinkedRole",
        format!("role `{role}`"),
    );
    let sent = aws.iam.create_service_linked_role().aws_service_name(service).send().await;
    match sent {
        Ok(_) => Ok(true),
        Err(error) if is_taken(&error) => Ok(false),
        // Where an admin makes the roles, only the admin may: then it is enough that it is there.
        Err(error) if status(&error) == Some(403) && exists(aws, role).await => Ok(false),
        Err(error) => Err(call.failed(&error)),
    }
}

/// IAM says: "Service role name ... has been taken in this account, please try a different
/// suffix." Emulators use the code that IAM has for ordinary roles.
fn is_taken(error: &SdkError<CreateServiceLinkedRoleError, HttpResponse>) -> bool {
    match error.code() {
        Some("InvalidInput") => error.message().is_some_and(|text| text.contains("has been taken")),
        code => code == Some("EntityAlreadyExists"),
    }
}

async fn exists(aws: &Aws, role: &str) -> bool {
    aws.iam.get_role().role_name(role).send().await.is_ok()
}
