//! What a command says when it cannot go on: what happened, why, where, and what to do next.
//!
//! Every room returns [`Failure`]; only `main` prints it. `what` never repeats the cause: the
//! printer walks the chain.

use std::fmt;

/// A result whose error is written for a person.
pub type Result<T, E = Failure> = std::result::Result<T, E>;

/// The exit code of the process, and what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Everything asked for is true.
    Done = 0,
    /// The world did not do what was asked; also: went back to what was running.
    Failed = 1,
    /// Wrong usage or wrong input; nothing was touched.
    Input = 2,
    /// Something differs (`--check`, `plan --detailed-exit-code`).
    Differs = 3,
    /// Not approved.
    NotApproved = 4,
    /// Applied and serving, but not everything could be verified.
    Unverified = 5,
    /// Interrupted by the person.
    Interrupted = 130,
}

/// Why a command ended early.
pub struct Failure(Box<Parts>);

struct Parts {
    exit: Exit,
    what: String,
    place: Option<String>,
    details: Vec<String>,
    next: Vec<String>,
    cause: Option<anyhow::Error>,
    blocks: Vec<String>,
}

impl Failure {
    /// A failure with its exit code and one line that says what happened: lower case, no trailing
    /// period, with the value that caused it.
    pub fn new(exit: Exit, what: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            exit,
            what: what.into(),
            place: None,
            details: Vec::new(),
            next: Vec::new(),
            cause: None,
            blocks: Vec::new(),
        }))
    }

    /// The world did not do what was asked (exit 1).
    pub fn failed(what: impl Into<String>) -> Self {
        Self::new(Exit::Failed, what)
    }

    /// Wrong usage or input (exit 2).
    pub fn input(what: impl Into<String>) -> Self {
        Self::new(Exit::Input, what)
    }

    /// A failure whose evidence is a list of finished blocks (problems with snippets), printed
    /// before the line that counts them.
    pub fn report(exit: Exit, what: impl Into<String>, blocks: Vec<String>) -> Self {
        let mut failure = Self::new(exit, what);
        failure.0.blocks = blocks;
        failure
    }

    /// Where: `path:line:column`, a resource address, a service.
    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.0.place = Some(place.into());
        self
    }

    /// Why: a line of evidence. May be called more than once; a line may hold line breaks.
    #[must_use]
    pub fn because(mut self, detail: impl Into<String>) -> Self {
        self.0.details.push(detail.into());
        self
    }

    /// What to do next: a sentence or a command. May be called more than once.
    #[must_use]
    pub fn next(mut self, next: impl Into<String>) -> Self {
        self.0.next.push(next.into());
        self
    }

    /// The error underneath; its chain is printed as `because` lines.
    #[must_use]
    pub fn caused_by(mut self, cause: impl Into<anyhow::Error>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    /// The exit code of the process.
    pub fn exit(&self) -> Exit {
        self.0.exit
    }

    /// The first line, for journals and receipts.
    pub fn what(&self) -> &str {
        &self.0.what
    }

    /// Every line of evidence, the chain of causes included.
    pub fn reasons(&self) -> Vec<String> {
        let mut reasons = self.0.details.clone();
        if let Some(cause) = &self.0.cause {
            reasons.extend(cause.chain().map(ToString::to_string));
        }
        reasons
    }
}

impl fmt::Display for Failure {
    /// The whole message, several lines, without colour:
    ///
    /// ```text
    /// error: what
    ///   at: place
    ///   because: detail
    ///   next: command
    /// ```
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for block in &self.0.blocks {
            write!(formatter, "{block}\n\n")?;
        }
        write!(formatter, "error: {}", self.0.what)?;
        let mut line = |label: &str, text: &str| {
            let mut lines = text.lines();
            write!(formatter, "\n  {label}: {}", lines.next().unwrap_or_default())?;
            let indent = " ".repeat(label.len() + 4);
            lines.try_for_each(|rest| write!(formatter, "\n{indent}{rest}"))
        };
        if let Some(place) = &self.0.place {
            line("at", place)?;
        }
        for reason in self.reasons() {
            line("because", &reason)?;
        }
        for next in &self.0.next {
            line("next", next)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl std::error::Error for Failure {}
