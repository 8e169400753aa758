//! Deletions that the platform refuses, or the provider on its behalf, and those that it only says.

use std::borrow::Cow;

use serde_json::Value as Json;

/// Why a resource in this state cannot be deleted; `None` if it can.
pub(super) fn delete(name: &str, state: &Json) -> Option<Cow<'static, str>> {
    let aws = match name {
        "aws_db_instance" if state["deletion_protection"] == true => Some(
            "InvalidParameterCombination: Cannot delete protected DB Instance, please disable \
             deletion protection and try again.",
        ),
        "aws_db_instance"
            if state["skip_final_snapshot"] != true
                && state["final_snapshot_identifier"].as_str().is_none_or(str::is_empty) =>
        {
            Some("final_snapshot_identifier is required when skip_final_snapshot is false")
        }
        "aws_lb" if state["enable_deletion_protection"] == true => Some(
            "OperationNotPermitted: Load balancer cannot be deleted because deletion protection \
             is enabled",
        ),
        _ => None,
    };
    aws.map(Cow::Borrowed).or_else(|| google(name, state))
}

/// What Google's provider refuses.
fn google(name: &str, state: &Json) -> Option<Cow<'static, str>> {
    let what = name.strip_prefix("google_")?;
    if state["deletion_policy"] == "PREVENT" {
        return Some(Cow::Owned(format!(
            "cannot destroy {what} without setting deletion_policy=\"DELETE\" and running \
             `terraform apply`"
        )));
    }
    match what {
        "sql_database_instance" if state["deletion_protection"] == true => Some(Cow::Borrowed(
            "Error, failed to delete instance because deletion_protection is set to true. Set it \
             to false to proceed with instance deletion",
        )),
        "sql_database_instance" if state["settings"][0]["deletion_protection_enabled"] == true => {
            Some(Cow::Borrowed(
                "Error, failed to delete instance: googleapi: Error 400: The instance is \
                 protected. Please disable the deletion protection and try again.",
            ))
        }
        _ if state["deletion_protection"] == true => Some(Cow::Owned(format!(
            "cannot destroy {what} without setting deletion_protection=false and running \
             `terraform apply`"
        ))),
        _ => None,
    }
}

/// Whether a resource that terraform deletes stays in the account all the same: it was to be
/// abandoned, or Google deletes nothing of its kind.
pub(super) fn stays(name: &str, state: &Json) -> bool {
    let forever = ["google_kms_crypto_key", "google_kms_key_ring"];
    forever.contains(&name) || state["deletion_policy"] == "ABANDON"
}
