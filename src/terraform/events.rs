//! Terraform's machine-readable stream (`-json`), one event per line, typed as far as we use it.
//!
//! The protocol has a `ui` version: an unknown *major* is refused, unknown fields are ignored,
//! and an unknown type is shown by its message. Values of sensitive outputs and ids of resources are
//! never read: the stream may hold secrets, an [`Event`] does not.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::diagnostics::Diagnostic;

/// The `ui` major that this was written for.
pub(super) const UI_MAJOR: &str = "1";

/// One line of the stream, or something that we add to it.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The first line of every command.
    Version {
        /// Terraform's or `OpenTofu`'s own version.
        terraform: String,
        /// Version of the stream, `major.minor`.
        ui: String,
    },
    /// A remark by terraform, such as "Interrupt received".
    Log {
        /// What it says.
        message: String,
    },
    /// An error or a warning. Errors come here, on stdout; stderr stays empty.
    Diagnostic(Diagnostic),
    /// What the plan does to one resource.
    PlannedChange {
        /// Full address.
        address: String,
        /// What happens to it.
        action: Action,
    },
    /// A resource that differs from what terraform last saw.
    Drift {
        /// Full address.
        address: String,
        /// `Update` or `Delete`.
        action: Action,
    },
    /// The counts at the end of a plan, an apply or a destroy.
    Summary(Summary),
    /// The outputs after an apply, by name; sensitive ones are left out unread.
    Outputs(Map<String, Value>),
    /// Work on a resource began.
    ApplyStart {
        /// Full address.
        address: String,
        /// What is done.
        action: Action,
    },
    /// Still at it, about every ten seconds.
    ApplyProgress {
        /// Full address.
        address: String,
        /// What is done.
        action: Action,
        /// Since the start. Newer terraforms write fractions.
        elapsed_seconds: f64,
    },
    /// Done.
    ApplyComplete {
        /// Full address.
        address: String,
        /// What was done.
        action: Action,
        /// Since the start.
        elapsed_seconds: f64,
    },
    /// Not done; a diagnostic follows.
    ApplyErrored {
        /// Full address.
        address: String,
        /// What was tried.
        action: Action,
        /// Since the start.
        elapsed_seconds: f64,
    },
    /// A resource is being read.
    RefreshStart {
        /// Full address.
        address: String,
    },
    /// A resource was read.
    RefreshComplete {
        /// Full address.
        address: String,
    },
    /// Any other line, by its message.
    Message {
        /// Its type, empty if it is no JSON.
        kind: String,
        /// What it says.
        message: String,
    },
    /// A line above the cap, not read.
    TooLong {
        /// Its length.
        bytes: u64,
    },
    /// Ours: terraform got its one SIGINT and was asked to stop safely.
    AskedToStop,
    /// Ours: a further interrupt changed nothing. Stopping by force now would lose the record of
    /// what is in flight and leave the state locked.
    StillWaiting {
        /// Addresses in flight.
        running: Vec<String>,
    },
}

/// What terraform does to a resource, as its stream names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Only its address or state changes.
    #[serde(alias = "no-op", alias = "noop")]
    NoOp,
    /// Made.
    Create,
    /// Read, a data source.
    Read,
    /// Changed in place.
    Update,
    /// Deleted and made anew, in either order.
    Replace,
    /// Deleted.
    Delete,
    /// Moved to another address.
    Move,
    /// Taken over.
    Import,
    /// Left alone and dropped from the state.
    #[serde(alias = "forget")]
    Remove,
    /// Newer than this program.
    #[serde(other)]
    Other,
}

impl Action {
    /// The verb, for journals and lines.
    pub fn word(self) -> &'static str {
        match self {
            Self::NoOp => "keep",
            Self::Create => "create",
            Self::Read => "read",
            Self::Update => "update",
            Self::Replace => "replace",
            Self::Delete => "delete",
            Self::Move => "move",
            Self::Import => "import",
            _ => "change",
        }
    }
}

/// Counts of resources.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Summary {
    /// `plan`, `apply` or `destroy`.
    pub operation: String,
    /// Made.
    pub add: u64,
    /// Changed in place.
    pub change: u64,
    /// Deleted.
    pub remove: u64,
    /// Taken over.
    pub import: u64,
}

impl fmt::Display for Summary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} created, {} changed", self.add, self.change)?;
        write!(formatter, ", {} deleted", self.remove)?;
        if self.import > 0 { write!(formatter, ", {} imported", self.import) } else { Ok(()) }
    }
}

/// The outer shape of a line; what belongs to a type is read only for that type.
#[derive(Deserialize)]
struct Line {
    #[serde(rename = "@message", default)]
    message: String,
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    ui: Value,
    #[serde(default)]
    terraform: Value,
    #[serde(default)]
    tofu: Value,
    #[serde(default)]
    diagnostic: Value,
    #[serde(default)]
    change: Value,
    #[serde(default)]
    changes: Value,
    #[serde(default)]
    hook: Value,
    #[serde(default)]
    outputs: Value,
}

/// An output, in the stream of an apply and of `terraform output` alike.
#[derive(Deserialize)]
pub(super) struct Output {
    #[serde(default)]
    sensitive: bool,
    #[serde(default)]
    value: Value,
}

impl Output {
    /// Those that are not sensitive: nothing of ours needs the others.
    pub(super) fn open(outputs: BTreeMap<String, Self>) -> Map<String, Value> {
        let open = outputs.into_iter().filter(|(_, output)| !output.sensitive);
        open.map(|(name, output)| (name, output.value)).collect()
    }
}

#[derive(Deserialize)]
struct Subject {
    resource: Resource,
    #[serde(default = "other")]
    action: Action,
    #[serde(default)]
    elapsed_seconds: f64,
}

#[derive(Deserialize)]
struct Resource {
    addr: String,
}

fn other() -> Action {
    Action::Other
}

impl Event {
    /// Reads one line. What cannot be read is shown, never an error: a stream that we do not
    /// understand must not end an apply.
    pub fn read(line: &[u8]) -> Self {
        match serde_json::from_slice::<Line>(line) {
            Ok(mut parsed) => parsed
                .typed()
                .unwrap_or(Self::Message { kind: parsed.kind, message: parsed.message }),
            Err(_) => Self::Message {
                kind: String::new(),
                message: String::from_utf8_lossy(line).trim_end().to_owned(),
            },
        }
    }

    /// Whether this is the first line of a stream that we must not interpret.
    pub(super) fn unsupported_ui(&self) -> Option<&str> {
        match self {
            Self::Version { ui, .. } if ui.split('.').next() != Some(UI_MAJOR) => Some(ui),
            _ => None,
        }
    }
}

impl Line {
    /// The typed event, or `None` if its type is unknown or its shape is not the expected one.
    fn typed(&mut self) -> Option<Event> {
        Some(match self.kind.as_str() {
            "version" => Event::Version {
                terraform: text(&self.terraform).or_else(|| text(&self.tofu))?,
                ui: text(&self.ui)?,
            },
            "log" => Event::Log { message: std::mem::take(&mut self.message) },
            "diagnostic" => Event::Diagnostic(serde_json::from_value(self.diagnostic.take()).ok()?),
            "change_summary" => Event::Summary(serde_json::from_value(self.changes.take()).ok()?),
            "outputs" => Event::Outputs(self.outputs()?),
            "planned_change" | "resource_drift" => {
                let Subject { resource, action, .. } =
                    serde_json::from_value(self.change.take()).ok()?;
                let address = resource.addr;
                if self.kind == "planned_change" {
                    Event::PlannedChange { address, action }
                } else {
                    Event::Drift { address, action }
                }
            }
            _ => return self.hook(),
        })
    }

    fn outputs(&mut self) -> Option<Map<String, Value>> {
        serde_json::from_value(self.outputs.take()).ok().map(Output::open)
    }

    fn hook(&mut self) -> Option<Event> {
        if !self.hook.is_object() {
            return None;
        }
        let hook: Subject = serde_json::from_value(self.hook.take()).ok()?;
        let (address, action, elapsed_seconds) =
            (hook.resource.addr, hook.action, hook.elapsed_seconds);
        match self.kind.as_str() {
            "apply_start" => Some(Event::ApplyStart { address, action }),
            "apply_progress" => Some(Event::ApplyProgress { address, action, elapsed_seconds }),
            "apply_complete" => Some(Event::ApplyComplete { address, action, elapsed_seconds }),
            "apply_errored" => Some(Event::ApplyErrored { address, action, elapsed_seconds }),
            "refresh_start" => Some(Event::RefreshStart { address }),
            "refresh_complete" => Some(Event::RefreshComplete { address }),
            _ => None,
        }
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

#[cfg(test)]
#[path = "events_tests.rs"]
mod tests;
