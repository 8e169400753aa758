//! The demo kit and its environments that this program carries, so that a newcomer can rehearse
//! before there is anything to rehearse.

use std::path::Path;

use crate::failure::Result;
use crate::fs;

const FILES: [(&str, &str); 4] = [
    ("kit.hcl", include_str!("../kit.hcl")),
    ("kit.lock", include_str!("../kit.lock")),
    (
        "environments/demo-aws/environment.hcl",
        include_str!("../environments/demo-aws/environment.hcl"),
    ),
    (
        "environments/demo-gcp/environment.hcl",
        include_str!("../environments/demo-gcp/environment.hcl"),
    ),
];

/// Writes the demo into a folder; files that are there stay as they are.
pub fn write(root: &Path) -> Result<()> {
    for (name, text) in FILES {
        let path = root.join(name);
        if !fs::exists(&path) {
            fs::write(&path, text.as_bytes())?;
        }
    }
    Ok(())
}
