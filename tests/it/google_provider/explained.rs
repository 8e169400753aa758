//! Differences between the released provider's plans and the simulated one's, each with its reason.
//! One that does not occur any more fails the comparison; one that does shows that two providers
//! answered.

use serde_json::Value as Json;

use super::compare::Attribute;

/// A difference that is known.
pub(super) struct Explained {
    pub(super) kind: &'static str,
    pub(super) attribute: &'static str,
    /// Whether it is this difference and no other: real, simulated.
    pub(super) holds: fn(&Attribute, &Attribute) -> bool,
    pub(super) why: &'static str,
}

impl std::fmt::Debug for Explained {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}.{} ({})", self.kind, self.attribute, self.why)
    }
}

/// The provider suppresses the difference between a default of the API and nothing, so that it
/// plans what is written in the module as null, and reads it back after the apply. The simulated
/// provider plans what is written: it knows which attributes are so, not which value is the default.
const WRITTEN_DEFAULT: &str = "the API's default is planned as if it were not written";

pub(super) const EXPLAINED: &[Explained] = &[
    Explained {
        kind: "google_compute_global_address",
        attribute: "address_type",
        holds: |real, simulated| written_default(real, simulated, "EXTERNAL"),
        why: WRITTEN_DEFAULT,
    },
    Explained {
        kind: "google_compute_global_address",
        attribute: "ip_version",
        holds: |real, simulated| written_default(real, simulated, "IPV4"),
        why: WRITTEN_DEFAULT,
    },
];

/// Null there, the default here, and no other mark.
fn written_default(real: &Attribute, simulated: &Attribute, default: &str) -> bool {
    let value = |value: Json| Attribute { value: Some(value), ..Attribute::default() };
    *real == value(Json::Null) && *simulated == value(Json::from(default))
}
