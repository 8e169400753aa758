//! The real terraform in one layer, with one provider or the other and nobody to talk to.

use std::path::{Path, PathBuf};

use crate::render::support::{Answer, terraform};

use super::compare::Plan;

/// A proxy that nobody serves: without one the provider asks Google who the token is for, and tries
/// again for five minutes where there is no way to the network.
const REFUSING: &str = "http://127.0.0.1:9";

/// The state of a layer that does not exist yet. Nothing of it is ever rendered.
const LOCAL: &str = "terraform {\n  backend \"local\" {\n    path = \"offline.tfstate\"\n  }\n}\n";

/// Who answers terraform.
pub(super) enum Provider {
    /// A CLI configuration that takes providers from the mirror alone.
    Released(PathBuf),
    /// The value of `TF_REATTACH_PROVIDERS`.
    Simulated(String),
}

impl Provider {
    pub(super) fn released(folder: &Path, mirror: &Path) -> Self {
        let file = folder.join("terraform.tfrc");
        let text = format!(
            "provider_installation {{\n  filesystem_mirror {{\n    path = {:?}\n  }}\n}}\n",
            mirror.canonicalize().unwrap().to_str().unwrap()
        );
        std::fs::write(&file, text).unwrap();
        Self::Released(file)
    }
}

/// A rendered layer with what Landfall writes beside it between two layers.
pub(super) struct Layer {
    pub(super) folder: PathBuf,
}

impl Layer {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// `terraform init` with the rendered lock, and `terraform validate`, without a warning.
    pub(super) fn validate(&self, provider: &Provider) -> Result<(), String> {
        self.run(provider, &["init", "-backend=false", "-input=false"])?;
        let said = self.run(provider, &["validate"])?;
        if said.contains("Warning") {
            return Err(said);
        }
        Ok(())
    }

    /// The plan of a layer that does not exist yet.
    pub(super) fn plan(&self, provider: &Provider) -> Result<Plan, String> {
        std::fs::write(self.folder.join("offline_override.tf"), LOCAL).unwrap();
        self.run(provider, &["init", "-input=false"])?;
        self.run(provider, &["plan", "-input=false", "-refresh=false", "-out=offline.tfplan"])?;
        let shown = self.run(provider, &["show", "-json", "offline.tfplan"])?;
        Ok(Plan::of(&serde_json::from_str(&shown).unwrap()))
    }

    fn run(&self, provider: &Provider, arguments: &[&str]) -> Result<String, String> {
        let mut command = terraform(&self.folder);
        let path = std::env::var_os("PATH").unwrap();
        // Nothing of the machine: no login, no project, no other proxy.
        command.env_clear().env("PATH", path).env("HOME", &self.folder);
        command.env("CHECKPOINT_DISABLE", "1").env("TF_IN_AUTOMATION", "1");
        command.env("HTTPS_PROXY", REFUSING).env("GOOGLE_OAUTH_ACCESS_TOKEN", "dummy");
        match provider {
            Provider::Released(file) => command.env("TF_CLI_CONFIG_FILE", file),
            Provider::Simulated(reattach) => command
                .env("TF_CLI_CONFIG_FILE", "/dev/null")
                .env("TF_REATTACH_PROVIDERS", reattach),
        };
        let answer = Answer::of(command.args(arguments).arg("-no-color"));
        if answer.code == Some(0) {
            return Ok(answer.out);
        }
        Err(format!("terraform {}\n{}{}", arguments.join(" "), answer.out, answer.err))
    }
}
