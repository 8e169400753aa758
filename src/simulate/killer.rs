//! The end of a laptop, at a moment of one's choice: what a run has done by then must be enough for
//! the same command to end in the same state (G12).

use rustix::process::{Signal, getpid, kill_process};

use super::faults::{Faults, Operation};
use crate::failure::Result;
use crate::report::{Event, Listener, Step};

/// Kills this process, as `--fault kill=STEP` and `kill-after=STEP` say.
#[derive(Debug)]
pub struct Killer {
    faults: Faults,
    step: Option<Step>,
}

impl Killer {
    /// Takes the faults as they were written; those of other kinds mean nothing to it.
    pub fn new(faults: &[String]) -> Result<Self> {
        Ok(Self { faults: Faults::parse(faults)?, step: None })
    }

    fn strike(&self, operation: Operation, step: Step) {
        if self.faults.strike(operation, &step.key()).is_some() {
            // SIGKILL: nothing of ours runs after this.
            let _ = kill_process(getpid(), Signal::KILL);
        }
    }
}

impl Listener for Killer {
    fn on(&mut self, event: &Event) {
        match event {
            Event::StepStarted { step } => {
                self.step = Some(*step);
                self.strike(Operation::Kill, *step);
            }
            Event::StepFinished { step, .. } => {
                self.step = None;
                self.strike(Operation::KillAfter, *step);
            }
            _ => self.step.into_iter().for_each(|step| self.strike(Operation::Kill, step)),
        }
    }
}
