//! `.terraform.lock.hcl`: exact provider versions and hashes, from `kit.lock`. A layer needs the
//! provider of its cloud, and those that a vendor added.

use std::fmt::Write as _;

use super::value::quote;
use crate::kit::model::CloudName;
use crate::release::lock::KitLock;
use crate::release::provider;

/// What stands where a provider has no hash.
const NO_HASHES: [&str; 2] = [
    "# kit.lock has no hash of this provider: `terraform init` takes the registry's word for it and",
    "# writes what it found here. `landfall release pin` finds them for everybody.",
];

/// Whether terraform completes a rendered lock file: what it writes there is no edit of a person's.
pub(super) fn is_completed_by_terraform(rendered: &[u8]) -> bool {
    String::from_utf8_lossy(rendered).contains(NO_HASHES[0])
}

/// The text that terraform itself would write for these providers.
pub(super) fn text(lock: &KitLock, cloud: CloudName) -> String {
    let mut out = String::from(
        "# Rendered by Landfall from kit.lock. Do not edit: a release decides its providers.\n",
    );
    let foreign = match cloud {
        CloudName::Aws => provider(CloudName::Gcp),
        CloudName::Gcp => provider(CloudName::Aws),
    };
    for (source, provider) in lock.providers.iter().filter(|(source, _)| *source != foreign) {
        if provider.hashes.is_empty() {
            let _ = write!(
                out,
                "\nprovider {} {{\n  {}\n  version     = {}\n  constraints = {}\n}}\n",
                quote(source),
                NO_HASHES.join("\n  "),
                quote(&provider.version.to_string()),
                quote(&provider.constraints),
            );
            continue;
        }
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
