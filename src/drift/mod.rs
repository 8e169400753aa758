//! What differs in the cloud from what was installed, and whose it is.
//!
//! ```text
//! terraform plan -refresh-only ─► resource_drift ─┬► configuration.rs  what the rendered modules set, less ignore_changes
//!                                                 ├► rules.rs          what the cloud changes by itself, by named rules
//!                                                 ├► customer.rs       what `drift { customer_owned }` gives away
//!                                                 └► triage.rs         whose each difference is
//! terraform plan ─► wanted.rs                     less what is wanted like that by now
//! ```
//!
//! Nothing here changes anything, takes a state lock or needs more than the right to read.

mod configuration;
mod customer;
mod find;
mod keys;
mod rules;
mod text;
mod triage;
mod wanted;

use serde::Serialize;

pub use customer::parts;
pub use find::find;
pub use wanted::beyond;

use crate::plan::Attribute;
use crate::workspace::Layer;

/// Whose a difference is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Owner {
    /// The vendor's release decides it: it must not differ.
    Vendor,
    /// A service runs what an earlier receipt knows: the platform went back, or an update failed.
    FailedUpdate,
    /// The environment gives it to the customer.
    Customer,
    /// The cloud changes it by itself, or nobody decides it.
    Cloud,
}

/// One resource that differs, as far as one owner is concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Where it is.
    pub layer: Layer,
    /// Full address.
    pub address: String,
    /// In words: `database main was changed: backup retention period 7 → 1`.
    pub text: String,
    /// Whether it is gone from the cloud.
    pub gone: bool,
    /// What differs: as it was applied → as it is in the cloud. Masked already.
    pub attributes: Vec<Attribute>,
    /// Whose it is.
    pub owner: Owner,
    /// Why it is not the vendor's: the name of the rule, and what it says.
    pub rule: Option<Rule>,
    /// What to write in environment.hcl to want it so: `` `backup_days` in `database "main"` ``.
    pub key: Option<String>,
}

/// A rule by which a difference is nobody's fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// What it says.
    pub why: String,
}

/// Everything that differs in an environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The environment's name.
    pub environment: String,
    /// The release that was verified last.
    pub release: String,
    /// The run whose receipt proves it: everything here was changed since.
    pub since: String,
    /// By layer, in terraform's order.
    pub findings: Vec<Finding>,
}

impl Report {
    /// What one owner has to answer for.
    pub fn of(&self, owner: Owner) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(move |finding| finding.owner == owner)
    }

    /// Whether something differs that must not.
    pub fn is_drift(&self) -> bool {
        self.of(Owner::Vendor).next().is_some()
    }
}
