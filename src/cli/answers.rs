//! Answers from files: `--secrets FILE|-` and `--answers FILE`.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::failure::{Failure, Result};
use crate::fs;
use crate::secret::Secret;

/// Reads secrets from a file that nobody else can read, or from standard input (`-`): lines
/// `KEY=VALUE`, everything behind the first `=` as it stands, or one JSON object of strings.
pub(super) fn secrets(given: Option<&str>) -> Result<BTreeMap<String, Secret>> {
    let text = match given {
        None => return Ok(BTreeMap::new()),
        Some("-") => standard_input()?,
        Some(path) => private_file(Path::new(path))?,
    };
    let text = text.expose();
    if text.trim_start().starts_with('{') {
        let values: BTreeMap<String, String> = serde_json::from_str(text).map_err(|error| {
            // serde_json's message may quote a value; its position is enough.
            Failure::input("the secrets are not a JSON object of strings").because(format!(
                "line {}, column {}",
                error.line(),
                error.column()
            ))
        })?;
        return Ok(values.into_iter().map(|(key, value)| (key, Secret::new(value))).collect());
    }
    let mut secrets = BTreeMap::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim_end_matches('\r');
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let Some((key, value)) = line.split_once('=') else {
            return Err(Failure::input(format!("line {} of the secrets has no `=`", number + 1))
                .next("write one KEY=VALUE a line, or one JSON object"));
        };
        secrets.insert(key.trim().to_owned(), Secret::new(value.to_owned()));
    }
    Ok(secrets)
}

/// Everything from standard input, as one secret.
pub(super) fn standard_input() -> Result<Secret> {
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .map_err(|error| Failure::input("cannot read standard input").caused_by(error))?;
    Ok(Secret::new(text))
}

/// A file that only its owner can read.
pub(super) fn private_file(path: &Path) -> Result<Secret> {
    let mode = path.metadata().map(|metadata| metadata.permissions().mode() & 0o777);
    if let Ok(mode) = mode
        && mode & 0o077 != 0
    {
        return Err(Failure::input(format!(
            "{} can be read by others (mode {mode:04o})",
            path.display()
        ))
        .next(format!("run `chmod 600 {}`", path.display())));
    }
    let bytes = fs::read(path)?;
    String::from_utf8(bytes)
        .map(Secret::new)
        .map_err(|_| Failure::input(format!("{} is not UTF-8", path.display())))
}

/// Reads answers: lines `KEY = "VALUE"` in HCL, without references.
pub(super) fn answers(path: Option<&Path>) -> Result<BTreeMap<String, String>> {
    let Some(path) = path else { return Ok(BTreeMap::new()) };
    let text = String::from_utf8(fs::read(path)?)
        .map_err(|_| Failure::input(format!("{} is not UTF-8", path.display())))?;
    hcl::from_str(&text).map_err(|error| {
        Failure::input("the answers cannot be read")
            .at(path.display().to_string())
            .caused_by(error)
            .next("write one `key = \"value\"` a line")
    })
}
