//! Who said yes to exactly what.
//!
//! A [`Proposal`] is everything that a run would do, with a digest over its meaning. Only
//! [`Proposal::approve`] makes an [`ApprovedPlan`], and only an [`ApprovedPlan`] can turn a
//! layer's plan into a [`Confirmed`] one, which is what an apply consumes.

mod back;
mod confirm;
mod digest;
mod meaning;
mod text;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::environment::model::Target;
use crate::failure::{Exit, Failure, Result};
use crate::plan::LayerPlan;

pub use confirm::Confirmed;
pub use meaning::Meaning;

/// Everything that a run would do.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// What it is pinned to.
    pub target: Target,
    /// The environment's name.
    pub environment: String,
    /// The release that is locked; `None` before the first install.
    pub from: Option<String>,
    /// The release it goes to.
    pub release: String,
    /// Hash of the kit's tree.
    pub kit_tree: String,
    /// Hash of `kit.lock`.
    pub kit_lock: String,
    /// Hash of the rendered workspace.
    pub workspace: String,
    /// Whether the state bucket is made.
    pub makes_state_store: bool,
    /// One for each layer, in order.
    pub layers: Vec<ProposedLayer>,
    /// Jobs that will run, in order.
    pub jobs: Vec<ProposedJob>,
    /// What the last step takes away once the new release is verified: the foundation without
    /// what only the old one used.
    pub tidy: Option<LayerPlan>,
    /// The rotation that it is about, in words: `secret licence`.
    pub rotates: Option<Rotates>,
    /// Digest of an image → its tag, of the locked release and the new one: for people, where a
    /// plan does not name tags itself. Not part of the digest.
    pub tags: BTreeMap<String, String>,
}

/// A rotation, as far as it is approved: never a value, nor the id of a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rotates {
    /// `secret licence`, `the logins of database main`.
    pub what: String,
    /// Who gets the new value at once: `service web`, `job nightly`.
    pub consumers: Vec<String>,
}

/// A layer's plan, and whether it was planned for real.
#[derive(Clone, Debug)]
pub struct ProposedLayer {
    /// Terraform's plan.
    pub plan: LayerPlan,
    /// Planned with synthetic outputs of the foundation.
    pub forecast: bool,
}

/// A job that will run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProposedJob {
    /// Its name.
    pub name: String,
    /// What it is for: `migration`, `roles and grants of database main`.
    pub purpose: String,
    /// Image by digest.
    pub image: String,
}

/// How somebody said yes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Approver {
    /// A person who saw the plan and typed the word.
    Person,
    /// The digest was given on the command line.
    Digest,
    /// A rehearsal: nothing real is changed.
    Rehearsal,
    /// Nothing is changed, so nobody had to.
    NothingToApprove,
}

/// What was said yes to. Cannot be made but by [`Proposal::approve`].
#[derive(Clone, Debug)]
pub struct ApprovedPlan {
    proposal: Proposal,
    digest: String,
    approver: Approver,
}

/// What somebody gives to approve with.
#[derive(Clone, Debug)]
pub enum Consent<'a> {
    /// The digest that `plan` printed, and the addresses whose loss is accepted.
    Digest {
        /// `sha256:...`, or its first twelve digits or more.
        digest: &'a str,
        /// Full addresses.
        losses: &'a [String],
    },
    /// A person typed the word; the losses were typed by name.
    Person,
    /// Nothing real is changed.
    Rehearsal,
}

impl Proposal {
    /// Whether nothing would be done.
    pub fn is_empty(&self) -> bool {
        !self.makes_state_store
            && self.rotates.is_none()
            && self.jobs.is_empty()
            && self.plans().all(LayerPlan::is_empty)
    }

    /// The plans of all layers in their order, the tidying last.
    pub fn plans(&self) -> impl Iterator<Item = &LayerPlan> {
        self.layers.iter().map(|layer| &layer.plan).chain(&self.tidy)
    }

    /// Addresses of what would be lost (G11).
    pub fn losses(&self) -> Vec<&str> {
        self.plans().flat_map(LayerPlan::losses).map(|change| change.address.as_str()).collect()
    }

    /// Turns a proposal into an approved plan, if the consent is for exactly this.
    pub fn approve(self, consent: &Consent<'_>) -> Result<ApprovedPlan> {
        let digest = self.digest();
        let approver = match consent {
            _ if self.is_empty() => Approver::NothingToApprove,
            Consent::Rehearsal => Approver::Rehearsal,
            Consent::Person => Approver::Person,
            Consent::Digest { digest: given, losses } => {
                self.check_digest(&digest, given)?;
                self.check_losses(losses)?;
                Approver::Digest
            }
        };
        Ok(ApprovedPlan { proposal: self, digest, approver })
    }

    fn check_digest(&self, digest: &str, given: &str) -> Result<()> {
        let bare = |text: &str| text.strip_prefix("sha256:").unwrap_or(text).to_owned();
        let (ours, theirs) = (bare(digest), bare(given));
        if theirs.len() >= 12 && ours.starts_with(&theirs) {
            return Ok(());
        }
        Err(Failure::new(Exit::NotApproved, format!("the approval {given} is not for this plan"))
            .because(format!("this plan has the digest {digest}"))
            .because("something moved since it was approved: the release, the target, or what Terraform would do")
            .next(format!("read `landfall plan {}` and approve its digest", self.environment)))
    }

    fn check_losses(&self, accepted: &[String]) -> Result<()> {
        let missing: Vec<&str> = self
            .losses()
            .into_iter()
            .filter(|address| !accepted.iter().any(|name| name == address))
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        let mut failure = Failure::new(
            Exit::NotApproved,
            "the plan destroys what holds data, and the approval does not name it",
        );
        for address in missing {
            failure = failure.because(address).next(format!("add `--accept-loss '{address}'`"));
        }
        Err(failure)
    }
}

impl ApprovedPlan {
    /// `sha256:...` of what was approved.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// How.
    pub fn approver(&self) -> &Approver {
        &self.approver
    }
}
