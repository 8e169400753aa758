//! Where every value comes from, in the order it was decided: the answer of `landfall show`.

use std::fmt::Display;

use super::model::{Class, Origin};
use crate::source::Place;

/// The list as it grows.
#[derive(Debug, Default)]
pub(super) struct Origins(Vec<Origin>);

impl Origins {
    fn push(&mut self, key: String, value: &dyn Display, origin: String) {
        self.0.push(Origin { key, value: value.to_string(), origin });
    }

    /// Written by a person, here.
    pub(super) fn written(&mut self, key: impl Into<String>, value: impl Display, place: &Place) {
        self.push(key.into(), &value, place.to_string());
    }

    /// Written here, or else decided by a rule.
    pub(super) fn written_or(
        &mut self,
        key: impl Into<String>,
        value: impl Display,
        place: Option<&Place>,
        otherwise: &str,
    ) {
        let origin = place.map_or_else(|| otherwise.to_owned(), ToString::to_string);
        self.push(key.into(), &value, origin);
    }

    /// Follows from the class.
    pub(super) fn class(&mut self, key: impl Into<String>, value: impl Display, class: Class) {
        self.push(key.into(), &value, format!("class {}", class.word()));
    }

    /// Follows from other values.
    pub(super) fn derived(&mut self, key: impl Into<String>, value: impl Display) {
        self.push(key.into(), &value, DERIVED.to_owned());
    }

    /// All of them.
    pub(super) fn into_vec(self) -> Vec<Origin> {
        self.0
    }
}

/// The origin of what follows from other values.
pub(super) const DERIVED: &str = "derived";
/// The origin of what nobody said.
pub(super) const DEFAULT: &str = "default";
