//! A plan as far as people and safeguards need it.

use std::fmt;

use super::containers::Container;
use super::openings::Openings;
use super::policies::Permissions;
use super::vocabulary;

/// What terraform would do to one layer. Unchanged resources are counted, not kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LayerPlan {
    /// The layer's name.
    pub layer: String,
    /// Everything that is not a no-op, in terraform's order.
    pub changes: Vec<Change>,
    /// What differs in the cloud from what terraform last saw.
    pub drift: Vec<Change>,
    /// Names of outputs whose value changes.
    pub outputs_changed: Vec<String>,
    /// Outputs as they will be, by name: those that are known as a whole and not sensitive.
    pub outputs: serde_json::Map<String, serde_json::Value>,
    /// Resources that stay as they are.
    pub unchanged: usize,
    /// Terraform could not plan to the end; what is here is not everything.
    pub errored: bool,
}

impl LayerPlan {
    /// Whether an apply would do nothing: reading a data source is nothing, a changed output is
    /// something, since it lives in the state.
    pub fn is_empty(&self) -> bool {
        self.outputs_changed.is_empty() && self.changes.iter().all(|it| it.action == Action::Read)
    }

    /// The changes that lose what a resource holds: each needs an approval that names it.
    pub fn losses(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(|change| change.loses_data())
    }
}

/// One resource and what happens to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// Full address: `module.service_web.aws_ecs_service.this`.
    pub address: String,
    /// The address it had before, if it moves.
    pub previous_address: Option<String>,
    /// `module.service_web`; absent in the root.
    pub module: Option<String>,
    /// The type, such as `aws_ecs_service`.
    pub kind: String,
    /// The name in the configuration.
    pub name: String,
    /// The key of `for_each` or `count`.
    pub index: Option<String>,
    /// Its tag `Name`, as it will be.
    pub tag: Option<String>,
    /// Its attribute `name`, as it will be.
    pub given_name: Option<String>,
    /// What happens.
    pub action: Action,
    /// Whether it is replaced because an earlier apply left it half-made.
    pub tainted: bool,
    /// Attributes that force the replacement, as dotted paths, sorted.
    pub replace_paths: Vec<String>,
    /// Attributes that change, for updates, replacements and drift; at most a few dozen.
    pub attributes: Vec<Attribute>,
    /// Facts that the vocabulary asks for, by attribute: as it will be, or as it was before a
    /// delete.
    pub facts: Vec<(&'static str, String)>,
    /// Containers of a task definition before and after.
    pub containers: (Vec<Container>, Vec<Container>),
    /// The task definition that a service will run, in full; on Google Cloud the revision that was
    /// ready last.
    pub task_definition: Option<String>,
    /// What a policy allows more and less than before; of a policy whose text is known.
    pub permissions: Permissions,
    /// Whom it lets in before and after, where that is an attribute and no rule of its own.
    pub openings: Openings,
}

impl Change {
    /// Whether what this resource holds is gone afterwards.
    pub fn loses_data(&self) -> bool {
        matches!(self.action, Action::Replace { .. } | Action::Delete)
            && vocabulary::is_stateful(&self.kind)
            && !vocabulary::stays(self)
    }

    /// A fact that the vocabulary asked for.
    pub fn fact(&self, attribute: &str) -> Option<&str> {
        self.facts.iter().find(|(name, _)| *name == attribute).map(|(_, value)| value.as_str())
    }
}

/// What happens to a resource.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Action {
    /// Made.
    Create,
    /// Changed in place.
    Update,
    /// Deleted and made anew.
    Replace {
        /// The new one exists before the old one goes.
        create_before_destroy: bool,
    },
    /// Deleted.
    Delete,
    /// A data source is read while applying.
    Read,
    /// Only its address changes, or it is taken over into the state.
    #[default]
    NoOp,
    /// Dropped from the state and left alone in the cloud.
    Forget,
}

impl Action {
    /// From terraform's list of steps; `None` for a combination that no terraform makes.
    pub fn from_steps(steps: &[String]) -> Option<Self> {
        let steps: Vec<&str> = steps.iter().map(String::as_str).collect();
        Some(match steps.as_slice() {
            ["create"] => Self::Create,
            ["update"] => Self::Update,
            ["delete", "create"] => Self::Replace { create_before_destroy: false },
            // OpenTofu and newer terraforms may forget the old one instead of deleting it.
            ["create", "delete" | "forget"] => Self::Replace { create_before_destroy: true },
            ["delete"] => Self::Delete,
            ["read"] => Self::Read,
            ["no-op"] | [] => Self::NoOp,
            ["forget"] => Self::Forget,
            _ => return None,
        })
    }

    /// Terraform's list of steps, as the approval digest holds it.
    pub fn steps(self) -> &'static [&'static str] {
        match self {
            Self::Create => &["create"],
            Self::Update => &["update"],
            Self::Replace { create_before_destroy: false } => &["delete", "create"],
            Self::Replace { create_before_destroy: true } => &["create", "delete"],
            Self::Delete => &["delete"],
            Self::Read => &["read"],
            Self::NoOp => &["no-op"],
            Self::Forget => &["forget"],
        }
    }
}

/// One attribute that changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Dotted path, list positions as numbers: `metadata_options.0.http_tokens`.
    pub path: String,
    /// As it was.
    pub before: Shown,
    /// As it will be.
    pub after: Shown,
}

/// A value as it may be shown. Secrets were masked before this was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Not set.
    Absent,
    /// Short enough to show.
    Text(String),
    /// Too long, or a document: only that it changes is told.
    Long,
    /// Known after the apply.
    Unknown,
    /// Marked as sensitive, or of a name that says so.
    Sensitive,
}

impl fmt::Display for Shown {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Absent => "(not set)",
            Self::Text(text) => text,
            Self::Long => "(long)",
            Self::Unknown => "(known after apply)",
            Self::Sensitive => "(sensitive)",
        })
    }
}
