//! Where answers come from in a run: a person at a terminal, files and flags, or nobody. Without
//! a terminal nothing is asked: what is missing is listed, all of it.

use std::collections::BTreeMap;

use dialoguer::theme::SimpleTheme;
use dialoguer::{Input, Password};
use regex::Regex;

use crate::approval::{ApprovedPlan, Consent, Proposal};
use crate::environment::model::{SecretContainer, SecretValue};
use crate::failure::{Exit, Failure, Result};
use crate::run::{Asks, Supplied};
use crate::secret::Secret;

/// What was given on the command line, and whether a person can be asked for the rest.
#[derive(Default)]
pub(super) struct Interview {
    /// Whether there is a person at a terminal.
    pub can_ask: bool,
    /// A rehearsal makes up its secrets and approves itself.
    pub rehearsal: bool,
    /// Values from `--secrets FILE|-`.
    pub secrets: BTreeMap<String, Secret>,
    /// `--approve DIGEST`.
    pub approve: Option<String>,
    /// `--accept-loss ADDRESS`.
    pub losses: Vec<String>,
}

impl Asks for Interview {
    fn secrets(&self, wanted: &[&SecretContainer]) -> Result<Supplied> {
        let mut supplied = Supplied::new();
        let mut missing = Vec::new();
        for secret in wanted {
            let value = if let Some(value) = self.secrets.get(&secret.key) {
                check(secret, value)?;
                Some(value.clone())
            } else if self.rehearsal {
                Some(Secret::new(format!("rehearsal-{}", secret.key)))
            } else if self.can_ask {
                ask(secret)?
            } else {
                None
            };
            match value {
                Some(value) => {
                    supplied.insert(secret.key.clone(), value);
                }
                None if secret.required => missing.push(*secret),
                None => {}
            }
        }
        if missing.is_empty() { Ok(supplied) } else { Err(refuse(&missing)) }
    }

    fn approve(&self, proposal: Proposal) -> Result<ApprovedPlan> {
        if self.rehearsal || proposal.is_empty() {
            return proposal.approve(&Consent::Rehearsal);
        }
        if let Some(digest) = &self.approve {
            return proposal.approve(&Consent::Digest { digest, losses: &self.losses });
        }
        let digest = proposal.digest();
        if !self.can_ask {
            return Err(Failure::new(Exit::NotApproved, "the plan is not approved")
                .because("there is no terminal to ask at")
                .next(format!("read it, then run the same command with `--approve {digest}`")));
        }
        let losses: Vec<String> = proposal.losses().into_iter().map(str::to_owned).collect();
        for address in losses {
            let question = format!("This is lost: {address}. Type its address to accept that");
            if line(&question)? != address {
                return Err(not_approved());
            }
        }
        if line("Approve exactly this? Type yes")? == "yes" {
            proposal.approve(&Consent::Person)
        } else {
            Err(not_approved())
        }
    }

    fn given_digest(&self) -> Option<&str> {
        self.approve.as_deref()
    }

    fn goes_back(&self, to: &str) -> Result<bool> {
        if !self.can_ask {
            return Ok(true);
        }
        Ok(line(&format!("Go back to {to} now? Type no to leave it as it is"))? != "no")
    }
}

fn not_approved() -> Failure {
    Failure::new(Exit::NotApproved, "not approved").because("nothing was changed")
}

fn refuse(missing: &[&SecretContainer]) -> Failure {
    let mut failure = Failure::input(format!(
        "{} no value, and there is no terminal to ask at",
        if missing.len() == 1 { "a supplied secret has" } else { "supplied secrets have" }
    ));
    for secret in missing {
        failure = failure.because(format!("{}: {}", secret.key, secret.description));
    }
    let keys: Vec<&str> = missing.iter().map(|secret| secret.key.as_str()).collect();
    failure
        .because("nothing was touched")
        .next(format!(
            "give a file of mode 0600 with lines KEY=VALUE for {}: `--secrets FILE`",
            keys.join(", ")
        ))
        .next("or pipe the same lines: `--secrets -`")
}

/// Asks without echo until the value has the right form; an optional one may be left empty.
fn ask(secret: &SecretContainer) -> Result<Option<Secret>> {
    let SecretValue::Supplied { prompt, .. } = &secret.value else { return Ok(None) };
    let label =
        if secret.required { String::new() } else { " (optional, empty for none)".to_owned() };
    loop {
        let value = Password::with_theme(&SimpleTheme)
            .with_prompt(format!("{prompt}{label}"))
            .allow_empty_password(!secret.required)
            .interact()
            .map(Secret::new)
            .map_err(unanswered)?;
        if value.is_empty() {
            return Ok(None);
        }
        match check(secret, &value) {
            Ok(()) => return Ok(Some(value)),
            Err(failure) => super::say(&failure.to_string()),
        }
    }
}

/// Holds a value against the kit's pattern; the message never repeats the value.
pub(super) fn check(secret: &SecretContainer, value: &Secret) -> Result<()> {
    let SecretValue::Supplied { check: Some(pattern), .. } = &secret.value else { return Ok(()) };
    let regex = Regex::new(&format!("^(?:{pattern})$"))
        .map_err(|error| Failure::input("the kit's pattern cannot be read").caused_by(error))?;
    if regex.is_match(value.expose()) {
        return Ok(());
    }
    Err(Failure::input(format!("the value of {} does not have the right form", secret.key))
        .because(format!(
            "it must match {pattern}, it has {} characters",
            value.expose().chars().count()
        ))
        .next("copy it again, whole and without spaces around it"))
}

/// One line from the person.
pub(super) fn line(question: &str) -> Result<String> {
    Input::<String>::with_theme(&SimpleTheme)
        .with_prompt(question)
        .allow_empty(true)
        .interact_text()
        .map(|answer| answer.trim().to_owned())
        .map_err(unanswered)
}

/// One line from the person without echo.
pub(super) fn hidden_line(question: &str) -> Result<Secret> {
    Password::with_theme(&SimpleTheme)
        .with_prompt(question)
        .interact()
        .map(Secret::new)
        .map_err(unanswered)
}

/// A question that got no answer: Ctrl-C, or a terminal that went away.
pub(super) fn unanswered(error: dialoguer::Error) -> Failure {
    let _ = console::Term::stderr().show_cursor();
    let dialoguer::Error::IO(error) = error;
    if error.kind() == std::io::ErrorKind::Interrupted {
        return Failure::new(Exit::Interrupted, "interrupted").because("nothing was changed");
    }
    Failure::failed("a question got no answer").caused_by(error)
}
