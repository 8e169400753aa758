//! The digest of a proposal: over its meaning, not over terraform's bytes, which differ from run
//! to run.

use serde_json::{Value, json};

use super::Proposal;
use crate::hash::sha256;

impl Proposal {
    /// `sha256:...` over canonical JSON (sorted keys, no white space) of the target, the release's
    /// hashes and the one it comes from, the rendered files' hash, the jobs, and each layer's
    /// sorted (address, actions, replace paths), those of the tidying included. Values are shown
    /// to people, not compared.
    pub fn digest(&self) -> String {
        // serde_json keeps object keys sorted.
        format!("sha256:{}", sha256(self.canonical().to_string().as_bytes()))
    }

    /// What the digest is over.
    pub fn canonical(&self) -> Value {
        let layers: Vec<Value> =
            self.layers.iter().map(|layer| crate::plan::part(&layer.plan)).collect();
        let mut canonical = json!({
            "format": 1,
            "target": {
                "account_id": self.target.account_id,
                "region": self.target.region,
                "bucket": self.target.bucket,
            },
            "environment": self.environment,
            "from": self.from,
            "release": self.release,
            "kit_tree": self.kit_tree,
            "kit_lock": self.kit_lock,
            "workspace": self.workspace,
            "makes_state_store": self.makes_state_store,
            "layers": layers,
            "tidy": self.tidy.as_ref().map(crate::plan::part),
            "jobs": self.jobs,
        });
        if let Some(key) = &self.target.bucket_key {
            canonical["target"]["bucket_key"] = json!(key);
        }
        if let Some(rotates) = &self.rotates {
            canonical["rotates"] = json!(rotates);
        }
        canonical
    }
}
