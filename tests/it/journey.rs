//! Whole runs: the binary with the real terraform on the simulated cloud, told by what it says,
//! what it ends with and what the account holds then.

mod approval;
mod canary;
mod drift;
mod failures;
mod gates;
mod history;
mod interruption;
mod kills;
mod locks;
mod production;
mod proof;
mod rehearse;
mod rotation;
mod scanner;
mod status;
mod target;
mod update;
mod uptime;
mod words;

use crate::support::{Root, Said, Terminal};

/// The value of every supplied secret, where its value does not matter.
const LICENCE: &str = "a-licence-of-no-value";

/// `install` of the simulated engine, with more arguments.
fn install<'a>(name: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["install", name, "--engine", "simulated"], more].concat()
}

/// A first install as a person does it: the secret at the prompt, the word for the approval.
fn first_install(root: &Root, name: &str, more: &[&str]) -> Said {
    let mut terminal = Terminal::landfall(root, &install(name, more));
    terminal.until("licence").types_hidden(LICENCE).approves();
    // A bar that ticks would wipe the question away.
    terminal.end().never_says(&["licence of Ledger: ⠁", "Type yes: ⠁"])
}

/// `update` of the simulated engine, with more arguments.
fn update<'a>(name: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["update", name, "--engine", "simulated"], more].concat()
}

/// Changed values of an installed environment: nothing is asked but the approval.
fn approved_update(root: &Root, name: &str, more: &[&str]) -> Said {
    let mut terminal = Terminal::landfall(root, &update(name, more));
    terminal.approves();
    terminal.end()
}

/// The same command again: nothing is asked but the approval.
fn approved_install(root: &Root, name: &str, more: &[&str]) -> Said {
    let mut terminal = Terminal::landfall(root, &install(name, more));
    terminal.approves();
    terminal.end()
}
