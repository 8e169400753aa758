//! The voice: rooms emit [`Event`]s, listeners turn them into bars, plain lines, JSON or a journal.
//!
//! Two kinds of event, as different as a receipt and a clock: what happened (few, kept, in order)
//! and how far it is (many, only the last one matters). No room prints.

mod bars;
mod event;
mod journal;
mod json;
mod plain;
mod words;

use std::path::Path;
use std::sync::{Arc, Mutex};

pub use event::{Event, Outcome, Step};
pub use journal::Journal;
pub use words::{duration, plural};

use crate::failure::Result;

/// One who is told what happens.
pub trait Listener: Send {
    /// Told in order, one at a time.
    fn on(&mut self, event: &Event);
}

/// How a run is told to a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Bars on a terminal, else plain lines.
    Human {
        /// Whether stderr is a terminal that can move its cursor.
        terminal: bool,
        /// Shows every resource.
        verbose: bool,
        /// Shows failures and results only.
        quiet: bool,
    },
    /// One JSON object a line on stdout.
    Json,
}

/// Hands every event to every listener. Cheap to clone.
#[derive(Clone)]
pub struct Reporter(Arc<Mutex<Vec<Box<dyn Listener>>>>);

impl Reporter {
    /// Tells it in a style.
    pub fn new(style: Style) -> Self {
        let listener: Box<dyn Listener> = match style {
            Style::Json => Box::new(json::Json),
            Style::Human { terminal: true, verbose: false, quiet: false } => {
                Box::new(bars::Bars::new())
            }
            Style::Human { verbose, quiet, .. } => Box::new(plain::Plain::new(verbose, quiet)),
        };
        Self(Arc::new(Mutex::new(vec![listener])))
    }

    /// Tells nobody: for tests and for work in scratch folders.
    pub fn silent() -> Self {
        Self(Arc::new(Mutex::new(Vec::new())))
    }

    /// Adds a journal in the run's folder; what was told before is not in it.
    pub fn record(&self, folder: &Path) -> Result<()> {
        self.add(Box::new(Journal::create(folder)?));
        Ok(())
    }

    /// Adds a listener.
    pub fn add(&self, listener: Box<dyn Listener>) {
        self.with(|listeners| listeners.push(listener));
    }

    /// Tells everyone.
    pub fn tell(&self, event: &Event) {
        self.with(|listeners| listeners.iter_mut().for_each(|listener| listener.on(event)));
    }

    /// Tells a remark that is kept.
    pub fn note(&self, text: impl Into<String>) {
        self.tell(&Event::Note { text: text.into() });
    }

    fn with<T>(&self, work: impl FnOnce(&mut Vec<Box<dyn Listener>>) -> T) -> T {
        // A listener that panicked has said why; the others go on.
        let mut listeners = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        work(&mut listeners)
    }
}
