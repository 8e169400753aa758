//! How a registry asks who one is: `WWW-Authenticate`, and the token that answers it.

use http::Method;
use http::header::CONTENT_TYPE;
use serde::Deserialize;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::credentials::Credential;
use super::http::{Request, Response, send};
use crate::secret::Secret;

/// What a registry wants to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Challenge {
    /// Name and password with every request.
    Basic,
    /// A token of another server.
    Bearer { realm: String, service: Option<String>, scope: Option<String> },
}

impl Challenge {
    /// Reads a `WWW-Authenticate`: `Bearer realm="...",service="...",scope="..."`.
    pub(super) fn parse(header: &str) -> Option<Self> {
        let (scheme, rest) = header.trim().split_once(' ').unwrap_or((header.trim(), ""));
        if scheme.eq_ignore_ascii_case("basic") {
            return Some(Self::Basic);
        }
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let parameters = parameters(rest);
        let get = |key: &str| {
            let found = parameters.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
            found.map(|(_, value)| value.clone())
        };
        Some(Self::Bearer { realm: get("realm")?, service: get("service"), scope: get("scope") })
    }
}

/// `name="value, with commas",name=value`.
fn parameters(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((name, after)) = rest.split_once('=') {
        let name = name.trim_matches([' ', ',']).to_owned();
        let (value, left) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => after.split_once(',').unwrap_or((after, "")),
        };
        found.push((name, value.trim().to_owned()));
        rest = left;
    }
    found
}

/// The value of `Authorization` for name and password.
pub(super) fn basic(user: &str, password: &Secret) -> Secret {
    let pair = Secret::new(format!("{user}:{}", password.expose()));
    Secret::new(format!("Basic {}", STANDARD.encode(pair.expose())))
}

#[derive(Deserialize)]
struct Token {
    token: Option<Secret>,
    access_token: Option<Secret>,
}

/// Fetches a token; `None` if that server does not give one to us.
pub(super) async fn token(
    realm: &str,
    service: Option<&str>,
    scope: &str,
    credential: Option<&Credential>,
) -> anyhow::Result<Option<Secret>> {
    let mut query = format!("scope={}", encoded(scope));
    if let Some(service) = service {
        query = format!("service={}&{query}", encoded(service));
    }
    let request = if let Some(Credential::Identity(refresh)) = credential {
        let mut request = Request::new(Method::POST, realm);
        request.headers.push((CONTENT_TYPE, "application/x-www-form-urlencoded".to_owned()));
        let refresh = Secret::new(encoded(refresh.expose()));
        request.body = Secret::new(format!(
            "grant_type=refresh_token&client_id=landfall&{query}&refresh_token={}",
            refresh.expose()
        ));
        request
    } else {
        let separator = if realm.contains('?') { '&' } else { '?' };
        let mut request = Request::new(Method::GET, format!("{realm}{separator}{query}"));
        if let Some(Credential::Password { user, password }) = credential {
            request.authorization = Some(basic(user, password));
        }
        request
    };
    let response: Response = send(&request).await?;
    match response.status {
        200 => {
            let token: Token = serde_json::from_slice(&response.body)
                .map_err(|_| anyhow::anyhow!("the token of {realm} cannot be read"))?;
            let token = token.token.or(token.access_token);
            Ok(token.map(|token| Secret::new(format!("Bearer {}", token.expose()))))
        }
        400..=403 => Ok(None),
        status => anyhow::bail!("{realm} answers {status}"),
    }
}

/// Percent-encoding for a query or a form.
fn encoded(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_as_registries_write_them() {
        let bearer = |realm: &str, service: Option<&str>, scope: Option<&str>| {
            Some(Challenge::Bearer {
                realm: realm.to_owned(),
                service: service.map(str::to_owned),
                scope: scope.map(str::to_owned),
            })
        };
        let hub = "Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\",\
                   scope=\"repository:library/postgres:pull,push\"";
        let scope = "repository:library/postgres:pull,push";
        assert_eq!(
            Challenge::parse(hub),
            bearer("https://auth.docker.io/token", Some("registry.docker.io"), Some(scope))
        );
        let plain = "bearer realm=https://x.example/t, service=x";
        assert_eq!(Challenge::parse(plain), bearer("https://x.example/t", Some("x"), None));
        assert_eq!(Challenge::parse("Basic realm=\"x\""), Some(Challenge::Basic));
        assert_eq!(Challenge::parse("Negotiate"), None);
        assert_eq!(Challenge::parse("Bearer service=\"x\""), None);
        assert_eq!(encoded("repository:a/b:pull +&"), "repository%3Aa%2Fb%3Apull%20%2B%26");
    }
}
