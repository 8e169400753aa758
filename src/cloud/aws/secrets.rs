//! Secret containers: which version is current, and writing a new one. Nothing here can read a
//! value: `GetSecretValue` is not called anywhere in Landfall.

use std::collections::HashMap;

use aws_sdk_secretsmanager::operation::describe_secret::DescribeSecretError;
use aws_sdk_secretsmanager::operation::put_secret_value::PutSecretValueError;

use super::Aws;
use crate::cloud::{CURRENT, NEXT, SecretState};
use crate::failure::{Failure, Result};
use crate::secret::Secret;

/// Version ids with their labels; `None` if there is no such container.
type Labels = Option<HashMap<String, Vec<String>>>;

pub(super) async fn describe(aws: &Aws, id: &str) -> Result<SecretState> {
    let Some(labels) = labels(aws, id).await? else { return Ok(SecretState::default()) };
    let version = |label| holder(&labels, label).map(str::to_owned);
    Ok(SecretState { exists: true, version: version(CURRENT), next: version(NEXT), upcoming: None })
}

/// The version that carries a label.
fn holder<'a>(labels: &'a HashMap<String, Vec<String>>, label: &str) -> Option<&'a str> {
    let carries = |(_, its): &(&String, &Vec<String>)| its.iter().any(|it| it == label);
    labels.iter().find(carries).map(|(version, _)| version.as_str())
}

async fn labels(aws: &Aws, id: &str) -> Result<Labels> {
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
            return Ok(None);
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
    Ok(Some(answer.version_ids_to_stages.unwrap_or_default()))
}

pub(super) async fn put(aws: &Aws, id: &str, value: &Secret, token: &str) -> Result<String> {
    write(aws, id, value, token, None).await
}

pub(super) async fn stage(aws: &Aws, id: &str, value: &Secret, token: &str) -> Result<String> {
    write(aws, id, value, token, Some(NEXT)).await
}

/// Writes a version under a label; without one it becomes current.
async fn write(
    aws: &Aws,
    id: &str,
    value: &Secret,
    token: &str,
    label: Option<&str>,
) -> Result<String> {
    let call = aws.call(
        format!("write secret `{id}`"),
        "secretsmanager:PutSecretValue",
        format!("secret `{id}`, and `kms:GenerateDataKey` and `kms:Decrypt` on its key"),
    );
    if value.is_empty() {
        return Err(call.refused("its value is empty"));
    }
    let request = aws
        .secrets_manager
        .put_secret_value()
        .secret_id(id)
        .secret_string(value.expose())
        .client_request_token(token)
        .set_version_stages(label.map(|label| vec![label.to_owned()]));
    let answer = match request.send().await {
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
    if !stages.is_empty() && !stages.iter().any(|stage| stage == label.unwrap_or(CURRENT)) {
        return Err(call
            .refused("this value was written before, and another version has become current since")
            .next("set the secret again: a new run writes a new version"));
    }
    Ok(version)
}

pub(super) async fn label(aws: &Aws, id: &str, label: &str, version: Option<&str>) -> Result<()> {
    let call = aws.call(
        format!("move the label {label} of secret `{id}`"),
        "secretsmanager:UpdateSecretVersionStage",
        format!("secret `{id}`"),
    );
    let Some(labels) = labels(aws, id).await? else {
        return Err(call.refused("there is no such secret"));
    };
    // AWS wants to be told where the label is now.
    let holder = holder(&labels, label);
    if holder == version {
        return Ok(());
    }
    aws.secrets_manager
        .update_secret_version_stage()
        .secret_id(id)
        .version_stage(label)
        .set_move_to_version_id(version.map(str::to_owned))
        .set_remove_from_version_id(holder.map(str::to_owned))
        .send()
        .await
        .map(drop)
        .map_err(|error| call.failed(&error))
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
