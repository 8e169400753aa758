//! What was planned, kept beside the state: who approves by a digest on another machine is told
//! what moved since, not only that something did.

use serde_json::Value;

use super::context::Run;
use crate::approval::{Proposal, moved};
use crate::failure::Failure;

/// So many digits of a digest are enough to approve by.
const SHORTEST: usize = 12;

fn key(digest: &str) -> Option<String> {
    let hex = digest.strip_prefix("sha256:").unwrap_or(digest);
    Some(format!("proposals/{}.json", hex.get(..SHORTEST)?))
}

impl Run {
    /// Keeps what was planned. Whoever plans may be allowed to read alone: then nothing is kept,
    /// and an approval that does not fit any more is refused without the difference.
    pub(super) async fn keep_proposal(&self, proposal: &Proposal) {
        if !matches!(self.cloud.state_store(self.bucket()).await, Ok(Some(_))) {
            return;
        }
        let Some(key) = key(&proposal.digest()) else { return };
        let body = proposal.canonical().to_string().into_bytes();
        let _ = self.cloud.put_object(self.bucket(), &key, body).await;
    }

    /// The refusal of an approval that is for another plan, with what moved since.
    pub(super) async fn tell_moved(&self, given: &str, now: &Value, failure: Failure) -> Failure {
        let Some(key) = key(given) else { return failure };
        let Ok(Some(object)) = self.cloud.get_object(self.bucket(), &key).await else {
            return failure;
        };
        let Ok(approved) = serde_json::from_slice::<Value>(&object.body) else { return failure };
        moved(&approved, now).into_iter().fold(failure, Failure::because)
    }
}
