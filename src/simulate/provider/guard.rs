//! Changes that AWS refuses, or the provider on its behalf, because of what they are.

use serde_json::Value as Json;

/// Why a resource in this state cannot be deleted; `None` if it can.
pub(super) fn delete(name: &str, state: &Json) -> Option<&'static str> {
    match name {
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
    }
}
