//! The record of a run: every event that is kept, one JSON object a line, in `journal.jsonl`.

use std::io::Write as _;
use std::path::Path;

use super::{Event, Listener};
use crate::failure::Result;
use crate::fs;

/// Version of the journal's format.
const FORMAT: u32 = 1;

/// Writes the journal; it is private, like everything in a run's folder.
pub struct Journal(std::fs::File);

impl Journal {
    /// Starts or continues the journal in a run's folder.
    pub fn create(folder: &Path) -> Result<Self> {
        fs::create_private_folder(folder)?;
        let mut journal = Self(fs::append_private(&folder.join("journal.jsonl"))?);
        journal.line(&serde_json::json!({ "format": FORMAT }));
        Ok(journal)
    }

    fn line(&mut self, line: &impl serde::Serialize) {
        if let Ok(mut text) = serde_json::to_vec(line) {
            text.push(b'\n');
            // A full disk must not end a run that is changing the cloud: what matters is also in
            // the bucket and in terraform's state.
            let _ = self.0.write_all(&text);
        }
    }
}

impl Listener for Journal {
    fn on(&mut self, event: &Event) {
        if event.is_progress() {
            return;
        }
        let at = jiff::Timestamp::now().to_string();
        self.line(&serde_json::json!({ "at": at, "event": event }));
    }
}
