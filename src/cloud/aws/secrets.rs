//! Secret containers: which version is current, and writing a new one. Nothing here can read a
//! value: `GetSecretValue` is not called anywhere in Landfall.

use aws_sdk_secretsmanager::operation::describe_secret::DescribeSecretError;
use aws_sdk_secretsmanager::operation::put_secret_value::PutSecretValueError;

use super::Aws;
use crate::cloud::SecretState;
use crate::failure::{Failure, Result};
use crate::secret::Secret;

/// The stage that Secrets Manager gives the version that is handed out.
const CURRENT: &str = "AWSCURRENT";

pub(super) async fn describe(aws: &Aws, id: &str) -> Result<SecretState> {
    let call = aws.call(
        format!("look at secret `{id}`"),
        "secretsmanager:DescribeSecret",
        format!("secret `{id}`"),
    );
    let answer = match aws.secrets_manager.describe_secret().secret_id(id).send().await {
        Ok(answer) => answer,
        Err(error)
            if error
                .as_service_error()
                .is_some_and(DescribeSecretError::is_resource_not_found_exception) =>
        {
            return Ok(SecretState { exists: false, version: None });
        }
        Err(error) => return Err(call.failed(&error)),
    };
    if answer.deleted_date.is_some() {
        return Err(Failure::failed(format!("secret `{id}` is scheduled for deletion"))
            .because("its name stays taken, and it takes no value, until it is deleted or restored")
            .next(format!(
                "`aws secretsmanager restore-secret --region {} --secret-id {id}`",
                aws.region
            )));
    }
    let version = answer
        .version_ids_to_stages
        .unwrap_or_default()
        .into_iter()
        .find(|(_, stages)| stages.iter().any(|stage| stage == CURRENT))
        .map(|(version, _)| version);
    Ok(SecretState { exists: true, version })
}

pub(super) async fn put(aws: &Aws, id: &str, value: &Secret, token: &str) -> Result<String> {
    let call = aws.call(
        format!("write secret `{id}`"),
        "secretsmanager:PutSecretValue",
        format!("secret `{id}`, and `kms:GenerateDataKey` and `kms:Decrypt` on its key"),
    );
    if value.is_empty() {
        return Err(call.refused("its value is empty"));
    }
    let sent = aws
        .secrets_manager
        .put_secret_value()
        .secret_id(id)
        .secret_string(value.expose())
        .client_request_token(token)
        .send()
        .await;
    let answer = match sent {
        Ok(answer) => answer,
        Err(error) => {
            let failure = call.failed(&error);
            return Err(match error.as_service_error() {
                Some(refusal) => with_remedy(failure, refusal),
                None => failure,
            });
        }
    };
    let Some(version) = answer.version_id else {
        return Err(call.refused("the answer names no version"));
    };
    // A token that was used before leaves things as they are, even if a newer version is current.
    let stages = answer.version_stages.unwrap_or_default();
    if !stages.is_empty() && !stages.iter().any(|stage| stage == CURRENT) {
        return Err(call
            .refused("this value was written before, and another version has become current since")
            .next("set the secret again: a new run writes a new version"));
    }
    Ok(version)
}

fn with_remedy(failure: Failure, refusal: &PutSecretValueError) -> Failure {
    match refusal {
        PutSecretValueError::ResourceNotFoundException(_) => failure
            .next("its container is made by layer `foundation`: run `landfall install` first"),
        PutSecretValueError::ResourceExistsException(_) => failure
            .because("the same run already wrote another value")
            .next("run the command again"),
        _ => failure,
    }
}
