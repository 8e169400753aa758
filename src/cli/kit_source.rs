//! `--kit` of `init`: a git address with a tag, or a folder.

use std::path::{Path, PathBuf};

use crate::failure::{Failure, Result};
use crate::fs;
use crate::release::{KitSource, fetch};
use crate::site::Site;

/// A kit that an environment is made for.
pub(super) struct Given {
    /// Holds `kit.hcl`.
    pub(super) folder: PathBuf,
    /// As `kit` is written into `environment.hcl`.
    pub(super) written: String,
    /// The tag that was named; `None` for a folder, whose release is its own.
    pub(super) tag: Option<String>,
}

/// Finds what `--kit` names: `git::URL@TAG`, `URL@TAG`, or a folder.
pub(super) fn find(site: &Site, given: &str, environment: &Path) -> Result<Given> {
    let address = given.strip_prefix("git::").unwrap_or(given);
    if !address.contains("://") {
        let folder = fs::canonical(Path::new(given))?;
        let written = relative(&folder, environment);
        return Ok(Given { folder, written, tag: None });
    }
    let (url, tag) = split(address);
    let source = KitSource::parse(&format!("git::{url}")).map_err(|why| {
        Failure::input(format!("{given} is not a kit"))
            .because(why)
            .next("write it like https://HOST/kit.git@v1.0.0, or name a folder")
    })?;
    let Some(tag) = tag else {
        let tags = fetch::tags(url)?.join(", ");
        return Err(Failure::input("a kit from git needs a tag")
            .because(format!("its tags: {tags}"))
            .next(format!("write it behind the address: `--kit {url}@TAG`")));
    };
    let fetched = fetch::fetch(&site.kits()?, url, tag, &[])?;
    let (written, tag) = (source.to_string(), Some(tag.to_owned()));
    Ok(Given { folder: fetched.folder, written, tag })
}

/// `URL@TAG`; an `@` before the path belongs to the host, as in `ssh://git@HOST/kit.git`.
fn split(address: &str) -> (&str, Option<&str>) {
    let host = address.find("://").map_or(0, |at| at + 3);
    let path = address[host..].find('/').map_or(address.len(), |at| host + at);
    match address[path..].rfind('@') {
        Some(at) => (&address[..path + at], Some(&address[path + at + 1..])),
        None => (address, None),
    }
}

/// A path from one folder to another, both absolute.
fn relative(to: &Path, from: &Path) -> String {
    let common = to.components().zip(from.components()).take_while(|(a, b)| a == b).count();
    let up = from.components().count() - common;
    let mut path: PathBuf = std::iter::repeat_n("..", up).collect();
    path.extend(to.components().skip(common));
    path.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kit_is_named_from_the_environment() {
        let from = Path::new("/repo/environments/acme");
        assert_eq!(relative(Path::new("/repo"), from), "../..");
        assert_eq!(relative(Path::new("/kits/ledger"), from), "../../../kits/ledger");
    }

    #[test]
    fn a_tag_stands_behind_the_path() {
        for (text, parts) in [
            ("https://x.example/kit.git@v1.0.0", ("https://x.example/kit.git", Some("v1.0.0"))),
            ("ssh://git@x.example/kit", ("ssh://git@x.example/kit", None)),
            ("ssh://git@x.example/kit@v1", ("ssh://git@x.example/kit", Some("v1"))),
            ("file:///srv/kit@ledger/v1", ("file:///srv/kit", Some("ledger/v1"))),
        ] {
            assert_eq!(split(text), parts);
        }
    }
}
