//! The story of a run as plain lines on stderr: for logs, pipes and `-v`.

use std::io::Write as _;

use super::words::{duration, mark};
use super::{Event, Listener, Outcome};

/// Writes lines; nothing is ever rewritten.
pub(super) struct Plain {
    verbose: bool,
    quiet: bool,
}

impl Plain {
    pub(super) fn new(verbose: bool, quiet: bool) -> Self {
        Self { verbose, quiet }
    }
}

impl Listener for Plain {
    fn on(&mut self, event: &Event) {
        if let Some(text) = line(event, self.verbose, self.quiet) {
            let _ = writeln!(std::io::stderr().lock(), "{text}");
        }
    }
}

/// The line for an event, if it has one.
pub(super) fn line(event: &Event, verbose: bool, quiet: bool) -> Option<String> {
    match event {
        Event::RunFinished { summary, seconds, .. } => {
            Some(format!("\n{summary} ({})", duration(*seconds)))
        }
        Event::StepFinished { step, outcome: Outcome::Failed, seconds, .. } => {
            Some(format!("!! {:<20} failed after {}", step.name(), duration(*seconds)))
        }
        _ if quiet => None,
        Event::RunStarted { command, where_to, .. } => Some(format!("{command}  ({where_to})\n")),
        Event::StepFinished { step, outcome, summary, seconds } => Some(
            format!("{} {:<20} {summary:<52} {}", mark(*outcome), step.name(), duration(*seconds))
                .trim_end()
                .to_owned(),
        ),
        Event::Note { text } => Some(format!("   {text}")),
        Event::Text { text } => Some(format!("\n{text}\n")),
        Event::Detail { text } if verbose => Some(format!("{text}\n")),
        Event::JobLog { job, line } => Some(format!("   {job} | {line}")),
        Event::Resource { address, action, seconds: Some(seconds) } if verbose => {
            Some(format!("   {action} {address} ({})", duration(*seconds)))
        }
        _ => None,
    }
}
