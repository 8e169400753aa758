//! `--format json`: every event as one JSON object a line on stdout.

use std::io::Write as _;

use super::{Event, Listener};

/// Writes to stdout; a reader that went away is not an error of ours.
pub(super) struct Json;

impl Listener for Json {
    fn on(&mut self, event: &Event) {
        if let Ok(line) = serde_json::to_string(event) {
            let _ = writeln!(std::io::stdout().lock(), "{line}");
        }
    }
}
