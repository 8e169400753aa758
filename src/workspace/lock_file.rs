//! `.terraform.lock.hcl`: exact provider versions and hashes, from `kit.lock`.

use std::fmt::Write as _;

use super::value::quote;
use crate::release::lock::KitLock;

/// The text that terraform itself would write for these providers.
pub(super) fn text(lock: &KitLock) -> String {
    let mut out = String::from(
        "# Rendered by Landfall from kit.lock. Do not edit: a release decides its providers.\n",
    );
    for (source, provider) in &lock.providers {
        let hashes = provider.hashes.iter().fold(String::new(), |mut lines, hash| {
            let _ = writeln!(lines, "    {},", quote(hash));
            lines
        });
        let _ = write!(
            out,
            "\nprovider {} {{\n  version     = {}\n  constraints = {}\n  hashes = [\n{hashes}  ]\n}}\n",
            quote(source),
            quote(&provider.version.to_string()),
            quote(&provider.constraints),
        );
    }
    out
}
