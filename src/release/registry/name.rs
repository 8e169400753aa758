//! Where an image lives: the host that answers for a repository, as Docker reads names.

use std::fmt;

/// Docker Hub as people write it, as it answers, and as Docker's configuration keys it.
const HUB: &str = "docker.io";
const HUB_HOST: &str = "registry-1.docker.io";
const HUB_KEY: &str = "https://index.docker.io/v1/";

/// A repository at a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    /// Host and port that answer.
    pub(super) host: String,
    /// `ledger`, `library/postgres`.
    pub(super) path: String,
    /// Under which key Docker's configuration keeps its credentials.
    pub(super) key: String,
}

impl Name {
    /// Reads `registry.ledger.example/ledger`, `localhost:5000/ledger` or `postgres`.
    pub(super) fn parse(repository: &str) -> Self {
        let is_host = |part: &str| part.contains(['.', ':']) || part == "localhost";
        let (host, path) = match repository.split_once('/') {
            Some((host, path)) if is_host(host) => (host, path.to_owned()),
            _ => (HUB, repository.to_owned()),
        };
        if [HUB, "index.docker.io", HUB_HOST].contains(&host) {
            let path = if path.contains('/') { path } else { format!("library/{path}") };
            return Self { host: HUB_HOST.to_owned(), path, key: HUB_KEY.to_owned() };
        }
        Self { host: host.to_owned(), path, key: host.to_owned() }
    }

    /// Whether its registry is this machine.
    pub(super) fn is_loopback(&self) -> bool {
        is_loopback(&self.host)
    }

    /// The address of something below the repository.
    pub(super) fn url(&self, what: &str) -> String {
        // Nothing leaves this machine unencrypted.
        let scheme = if self.is_loopback() { "http" } else { "https" };
        format!("{scheme}://{}/v2/{}/{what}", self.host, self.path)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.host, self.path)
    }
}

/// Whether a host, with or without a port, is an address of this machine; a name could be
/// anybody's.
pub(super) fn is_loopback(host: &str) -> bool {
    let bare = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    bare == "localhost"
        || bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_docker_reads_them() {
        for (text, url, key) in [
            (
                "registry.ledger.example/a/b",
                "https://registry.ledger.example/v2/a/b/x",
                "registry.ledger.example",
            ),
            ("localhost:5000/a", "http://localhost:5000/v2/a/x", "localhost:5000"),
            ("127.0.0.1:80/a", "http://127.0.0.1:80/v2/a/x", "127.0.0.1:80"),
            ("[::1]:80/a", "http://[::1]:80/v2/a/x", "[::1]:80"),
            ("10.0.0.1:80/a", "https://10.0.0.1:80/v2/a/x", "10.0.0.1:80"),
            ("postgres", "https://registry-1.docker.io/v2/library/postgres/x", HUB_KEY),
            ("docker.io/postgres", "https://registry-1.docker.io/v2/library/postgres/x", HUB_KEY),
            ("grafana/grafana", "https://registry-1.docker.io/v2/grafana/grafana/x", HUB_KEY),
        ] {
            let name = Name::parse(text);
            assert_eq!((name.url("x").as_str(), name.key.as_str()), (url, key));
        }
        assert!(!is_loopback("127.example") && !is_loopback("localhost.example:1"));
    }
}
