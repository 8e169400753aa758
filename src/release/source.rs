//! Where a kit comes from: a folder beside the environment, or a git repository.

use std::fmt;

/// The value of `kit` in `environment.hcl`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KitSource {
    /// A folder, relative to the folder of `environment.hcl`, with `/`.
    Path(String),
    /// A git repository: what follows `git::`.
    Git(String),
}

impl KitSource {
    /// Reads `../..` or `git::https://host/kit.git`; the error says why it is neither.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if let Some(url) = text.strip_prefix("git::") {
            let known = ["https://", "ssh://", "file://"];
            let rest = known.iter().find_map(|scheme| url.strip_prefix(scheme));
            let host = rest.and_then(|rest| rest.split('/').next()).unwrap_or_default();
            if host.rsplit_once('@').is_some_and(|(user, _)| user.contains(':')) {
                return Err(
                    "a password does not stand in an address; git's credential helpers keep it",
                );
            }
            return match rest {
                Some(rest) if !rest.is_empty() && !rest.contains(char::is_whitespace) => {
                    Ok(Self::Git(url.to_owned()))
                }
                _ => Err("after git:: an https://, ssh:// or file:// address is expected"),
            };
        }
        if text.is_empty() || text.contains('\0') {
            return Err("it is empty");
        }
        if text.contains("://") {
            return Err("an address is written with git:: in front");
        }
        if text.starts_with('/') || text.contains('\\') {
            return Err("a path is relative to environment.hcl and written with `/`");
        }
        Ok(Self::Path(text.to_owned()))
    }
}

impl fmt::Display for KitSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => formatter.write_str(path),
            Self::Git(url) => write!(formatter, "git::{url}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_git_addresses() {
        let good =
            ["../..", "kit", "git::https://git.ledger.example/kit.git", "git::ssh://git@x/k"];
        for text in good {
            assert_eq!(
                KitSource::parse(text).map(|source| source.to_string()),
                Ok(text.to_owned())
            );
        }
        for text in [
            "",
            "/srv/kit",
            "..\\kit",
            "https://x/kit.git",
            "git::",
            "git::x",
            "git::ftp://x",
            "git::https://a:b@x/kit",
        ] {
            assert!(KitSource::parse(text).is_err(), "{text}");
        }
    }
}
