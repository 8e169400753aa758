//! Ctrl-C: counted, handed to whoever is waiting, and answered by one small policy.
//!
//! The first interrupt asks terraform to stop safely: exactly one SIGINT, after which it finishes
//! what is in flight, writes its state and frees its lock. A second SIGINT would make it abandon
//! its resources ("data loss may have occurred"), so no later interrupt ever reaches it: they are
//! answered with what would be lost, and the wait goes on. SIGKILL is never sent while applying.

use tokio::sync::watch;

/// A handle that anyone may hold: the listener for Ctrl-C and a step that sees the platform
/// reject a rollout add to it, the room that drives terraform waits on it.
#[derive(Clone, Debug)]
pub struct Cancel {
    own: watch::Sender<u32>,
    outer: Option<watch::Sender<u32>>,
}

impl Default for Cancel {
    fn default() -> Self {
        Self::new()
    }
}

impl Cancel {
    /// Nobody has asked to stop.
    pub fn new() -> Self {
        Self { own: watch::Sender::new(0), outer: None }
    }

    /// A narrower handle for one apply: what is asked of this handle is asked of it as well, what
    /// is asked of it stays with it. A rejected rollout stops its own apply, not the way back.
    /// One level deep: a scope of a scope hears that scope, not the one above.
    #[must_use]
    pub fn scope(&self) -> Self {
        Self { own: watch::Sender::new(0), outer: Some(self.own.clone()) }
    }

    /// Asks once more to stop.
    pub fn request(&self) {
        self.own.send_modify(|count| *count = count.saturating_add(1));
    }

    /// How often it was asked, the outer handle's included.
    pub fn count(&self) -> u32 {
        let outer = self.outer.as_ref().map_or(0, |outer| *outer.borrow());
        outer.saturating_add(*self.own.borrow())
    }

    /// Whether anyone asked.
    pub fn is_requested(&self) -> bool {
        self.count() > 0
    }

    /// Returns as soon as it was asked more often than `seen` times, with the new count.
    pub async fn more_than(&self, seen: u32) -> u32 {
        let mut own = self.own.subscribe();
        let mut outer = self.outer.as_ref().unwrap_or(&self.own).subscribe();
        loop {
            let count = self.count();
            if count > seen {
                return count;
            }
            // The senders live in `self`, so neither side can close while this waits.
            tokio::select! {
                _ = own.changed() => {}
                _ = outer.changed() => {}
            }
        }
    }

    /// Counts this process's Ctrl-C (and SIGTERM) from now on, until the returned task is
    /// aborted. The command line starts it once.
    pub fn listen(&self) -> std::io::Result<tokio::task::JoinHandle<()>> {
        use tokio::signal::unix::{SignalKind, signal};
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let cancel = self.clone();
        Ok(tokio::spawn(async move {
            loop {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                }
                cancel.request();
            }
        }))
    }
}

/// What to do about one more interrupt while terraform applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Send terraform its one SIGINT.
    AskToStop,
    /// Say what would be lost, and keep waiting.
    Explain,
}

/// The pure half: which interrupt gets which answer.
#[derive(Clone, Copy, Debug, Default)]
pub struct Policy {
    answered: u32,
}

impl Policy {
    /// How many interrupts were answered.
    pub fn answered(self) -> u32 {
        self.answered
    }

    /// The answer to everything up to the `count`th interrupt, if something is new. Several
    /// that arrived together are answered once, and the first answer is always `AskToStop`.
    pub fn answer(&mut self, count: u32) -> Option<Answer> {
        if count <= self.answered {
            return None;
        }
        let first = self.answered == 0;
        self.answered = count;
        Some(if first { Answer::AskToStop } else { Answer::Explain })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_interrupt_reaches_terraform() {
        let mut policy = Policy::default();
        let answers: Vec<_> = (1..=4).map(|count| policy.answer(count)).collect();
        let explain = Some(Answer::Explain);
        assert_eq!(answers, [Some(Answer::AskToStop), explain, explain, explain]);
    }

    #[test]
    fn nothing_new_gets_no_answer() {
        let mut policy = Policy::default();
        assert_eq!(policy.answer(0), None);
        assert_eq!(policy.answer(2), Some(Answer::AskToStop), "two at once are one request");
        assert_eq!(policy.answer(2), None);
        assert_eq!(policy.answer(3), Some(Answer::Explain));
    }

    #[tokio::test]
    async fn a_scope_hears_the_outer_handle_and_keeps_its_own() {
        let person = Cancel::new();
        let rollout = person.scope();
        rollout.request();
        assert_eq!((person.count(), rollout.count()), (0, 1));
        let (seen, ()) = tokio::join!(rollout.more_than(1), async { person.request() });
        assert_eq!(seen, 2);
        assert!(person.scope().is_requested(), "the way back does not start after Ctrl-C");
    }

    #[tokio::test]
    async fn an_interrupt_before_the_wait_is_not_missed() {
        let cancel = Cancel::new();
        cancel.request();
        assert_eq!(cancel.more_than(0).await, 1);
    }
}
