//! A new vendor's repository: the demo's kit to start from, and the working order in its README.

use std::path::Path;

use crate::failure::{Failure, Result};
use crate::fs;

/// The files of a new kit, by path.
const FILES: [(&str, &str); 3] = [
    ("kit.hcl", include_str!("../../kit.hcl")),
    ("README.md", include_str!("skeleton/README.md")),
    (".gitignore", "/.landfall/\n.terraform/\n"),
];

/// Writes a new kit into a folder that has none; returns what was written.
pub fn write(folder: &Path) -> Result<Vec<&'static str>> {
    for (name, _) in FILES {
        let path = folder.join(name);
        if fs::exists(&path) {
            return Err(Failure::input(format!("{name} is there already"))
                .at(path.display().to_string())
                .because("nothing was written")
                .next("name a folder without a kit"));
        }
    }
    for (name, text) in FILES {
        fs::write(&folder.join(name), text.as_bytes())?;
    }
    Ok(FILES.iter().map(|(name, _)| *name).collect())
}
