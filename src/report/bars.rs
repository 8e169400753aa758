//! The story of a run on a terminal: finished steps as lines, the current one as a bar.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::{Event, Listener, plain};

/// One bar for the step under way; everything that is kept stands above it.
pub(super) struct Bars {
    bar: Option<ProgressBar>,
}

impl Bars {
    pub(super) fn new() -> Self {
        Self { bar: None }
    }

    fn print(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| eprint_line(text)),
            None => eprint_line(text),
        }
    }
}

fn eprint_line(text: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

impl Listener for Bars {
    fn on(&mut self, event: &Event) {
        match event {
            Event::StepStarted { step } => {
                let bar = ProgressBar::new_spinner();
                if let Ok(style) =
                    ProgressStyle::with_template("{spinner} {prefix:<20} {msg} {elapsed:.dim}")
                {
                    bar.set_style(style);
                }
                bar.set_prefix(step.name());
                bar.enable_steady_tick(Duration::from_millis(100));
                self.bar = Some(bar);
            }
            Event::Progress { text, done, total } => {
                if let Some(bar) = &self.bar {
                    let count = if *total > 0 { format!("{done}/{total} ") } else { String::new() };
                    bar.set_message(format!("{count}{text}"));
                }
            }
            // A bar that ticks would wipe a question away.
            Event::StepFinished { .. } | Event::Question => {
                if let Some(bar) = self.bar.take() {
                    bar.finish_and_clear();
                }
            }
            _ => {}
        }
        if let Some(text) = plain::line(event, false, false) {
            self.print(&text);
        }
    }
}
