//! Whole environments: the fixtures resolve, and everything that is wrong is told.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod bad;
mod gcp;
mod gcp_bad;
mod good;
mod mutated;
mod neighbours;

use std::collections::BTreeSet;
use std::sync::Arc;

use super::model::Environment;
use super::{Inputs, Neighbour, read_source, resolve};
use crate::failure::Failure;
use crate::release::tree;
use crate::source::Source;

/// The demo's environment, with parts of its kit replaced.
pub(crate) fn resolved(changes: &[(&str, &str)]) -> Environment {
    let root = changes.iter().fold(Root::demo(), |root, (old, new)| root.with_kit(old, new));
    root.resolve().unwrap()
}

/// The same on Google Cloud.
pub(crate) fn resolved_gcp(changes: &[(&str, &str)]) -> Environment {
    let root = changes.iter().fold(Root::demo_gcp(), |root, (old, new)| root.with_kit(old, new));
    root.resolve().unwrap()
}

/// A file of the repository.
macro_rules! file {
    ($path:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/", $path))
    };
}
use file;

/// The texts of one root, to change and resolve.
#[derive(Clone, Debug)]
struct Root {
    name: &'static str,
    environment: String,
    defaults: Option<String>,
    kit: String,
    lock: String,
    others: Vec<Neighbour>,
}

impl Root {
    fn demo() -> Self {
        Self {
            name: "demo-aws",
            environment: file!("environments/demo-aws/environment.hcl").to_owned(),
            defaults: None,
            kit: file!("kit.hcl").to_owned(),
            lock: file!("kit.lock").to_owned(),
            others: Vec::new(),
        }
        .pinned()
    }

    fn demo_gcp() -> Self {
        Self {
            name: "demo-gcp",
            environment: file!("environments/demo-gcp/environment.hcl").to_owned(),
            ..Self::demo()
        }
    }

    fn production() -> Self {
        Self {
            name: "acme-production",
            environment: file!(
                "tests/fixtures/production/environments/acme-production/environment.hcl"
            )
            .to_owned(),
            defaults: None,
            kit: file!("tests/fixtures/production/kit.hcl").to_owned(),
            lock: file!("tests/fixtures/production/kit.lock").to_owned(),
            others: Vec::new(),
        }
        .pinned()
    }

    fn password() -> Self {
        Self {
            name: "wiki-staging",
            environment: file!("tests/fixtures/password/environments/wiki-staging/environment.hcl")
                .to_owned(),
            defaults: Some(file!("tests/fixtures/password/environments/defaults.hcl").to_owned()),
            kit: file!("tests/fixtures/password/kit.hcl").to_owned(),
            lock: file!("tests/fixtures/password/kit.lock").to_owned(),
            others: Vec::new(),
        }
    }

    fn deal_brain() -> Self {
        Self {
            name: "deals-staging",
            environment: file!(
                "tests/fixtures/deal-brain/environments/deals-staging/environment.hcl"
            )
            .to_owned(),
            defaults: None,
            kit: file!("tests/fixtures/deal-brain/kit.hcl").to_owned(),
            lock: file!("tests/fixtures/deal-brain/kit.lock").to_owned(),
            others: Vec::new(),
        }
    }

    fn projection() -> Self {
        Self {
            name: "forecast",
            environment: file!("tests/fixtures/projection/environments/forecast/environment.hcl")
                .to_owned(),
            defaults: None,
            kit: file!("tests/fixtures/projection/kit.hcl").to_owned(),
            lock: file!("tests/fixtures/projection/kit.lock").to_owned(),
            others: Vec::new(),
        }
    }

    /// The hash of the kit's tree: of `kit.hcl` alone, as the fixtures have nothing else.
    fn tree(&self) -> String {
        tree::hash([("kit.hcl", &self.kit)], &BTreeSet::new())
    }

    /// With the lock's hash made to fit, whatever else lies beside the kit.
    fn pinned(mut self) -> Self {
        let tree = self.tree();
        let lines = self.lock.lines().map(|line| {
            if line.trim_start().starts_with("tree ") {
                format!("  tree = \"{tree}\"")
            } else {
                line.to_owned()
            }
        });
        self.lock = lines.collect::<Vec<_>>().join("\n");
        self
    }

    /// Replaces a part of `environment.hcl`, which must be there.
    fn with(mut self, old: &str, new: &str) -> Self {
        assert!(self.environment.contains(old), "environment.hcl has no {old:?}");
        self.environment = self.environment.replacen(old, new, 1);
        self
    }

    /// More at the end of `environment.hcl`.
    fn and(mut self, text: &str) -> Self {
        self.environment.push_str(text);
        self
    }

    fn with_kit(mut self, old: &str, new: &str) -> Self {
        assert!(self.kit.contains(old), "kit.hcl has no {old:?}");
        self.kit = self.kit.replacen(old, new, 1);
        self.pinned()
    }

    fn with_lock(mut self, old: &str, new: &str) -> Self {
        assert!(self.lock.contains(old), "kit.lock has no {old:?}");
        self.lock = self.lock.replacen(old, new, 1);
        self
    }

    fn resolve(&self) -> Result<Environment, Failure> {
        let path = format!("environments/{}/environment.hcl", self.name);
        let source = |path: &str, text: &str| -> Arc<Source> {
            read_source(path, text.as_bytes().to_vec()).unwrap()
        };
        resolve(Inputs {
            environment: source(&path, &self.environment),
            defaults: self.defaults.as_ref().map(|text| source("environments/defaults.hcl", text)),
            kit: source("kit.hcl", &self.kit),
            lock: source("kit.lock", &self.lock),
            tree: self.tree(),
            name: self.name,
            others: self.others.clone(),
        })
    }

    /// What a person reads when it does not resolve.
    fn failure(&self) -> Failure {
        self.resolve().expect_err("it resolves")
    }
}
