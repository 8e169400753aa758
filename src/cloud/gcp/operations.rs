//! Long-running operations: what Google does after it has answered.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::Gcp;
use super::call::Call;
use super::refusal::Refusal;
use super::rest::{Request, Trouble};
use crate::failure::Result;

/// How often an operation is looked at: with the pause of a real project, ten minutes.
const LOOKS: u32 = 300;

/// `run.v2#GoogleLongrunningOperation`, `serviceusage.v1#Operation`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Operation {
    pub(super) name: String,
    pub(super) done: bool,
    pub(super) error: Option<Value>,
    pub(super) metadata: Value,
    pub(super) response: Value,
}

/// Waits until an operation has ended; its error is the failure of the call.
pub(super) async fn finished(
    gcp: &Gcp,
    call: &Call,
    endpoint: &str,
    version: &str,
    mut operation: Operation,
) -> Result<Operation> {
    for _ in 0..LOOKS {
        if let Some(error) = &operation.error {
            return Err(call.failed(&Trouble::Refused(Box::new(Refusal::of_operation(error)))));
        }
        if operation.done {
            return Ok(operation);
        }
        tokio::time::sleep(gcp.settle).await;
        let request = Request::get(endpoint, &format!("{version}/{}", operation.name))?;
        operation = gcp.rest.json(request).await.map_err(|trouble| call.failed(&trouble))?;
    }
    Err(call
        .refused(format!(
            "its operation `{}` is not done after {} minutes",
            operation.name,
            (gcp.settle * LOOKS + Duration::from_secs(59)).as_secs() / 60
        ))
        .next("run the same command again: it goes on from there"))
}
