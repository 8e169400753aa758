//! The kit's promises: the demo kit parses, the grammar is known in full, every mistake is named
//! with its place, and no text whatever makes the reader panic.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod bad;
mod good;
mod hostile;

use crate::kit::model::Kit;
use crate::source::{Problems, Source};

/// The demo kit of this repository.
const DEMO: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/kit.hcl"));

/// A kit that uses every block and attribute of the grammar.
const FULL: &str = include_str!("tests/full.hcl");

fn parse(text: &str) -> Result<Kit, Problems> {
    let mut problems = Problems::new();
    let kit = super::parse(&Source::new("kit.hcl", text), &mut problems);
    assert_eq!(kit.is_some(), problems.is_empty(), "a kit or problems, never both or none");
    kit.ok_or(problems)
}

fn shown(problems: &Problems) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
