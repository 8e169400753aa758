//! The sources that exist (`database.N.host`, `release.version`, ...): which fields each has and
//! which of them are secret.

use super::draft::Draft;
use super::model::{CloudName, Consumer, Database, DatabaseAuth, Kit};

/// Kinds of named blocks that are sources, with the fields of each; `""` is the block itself.
/// `url.*` stands for the names of its `url` blocks.
const NAMED: [(&str, &[&str]); 10] = [
    (
        "database",
        &["host", "port", "name", "user", "password", "ca", "tls", "auth", "region", "url.*"],
    ),
    ("cache", &["host", "port", "password", "ca", "tls", "url.*"]),
    ("bucket", &["name", "endpoint", "region"]),
    ("queue", &["url", "name"]),
    ("external", &["*"]),
    ("service", &["url", "host", "port"]),
    ("ingress", &["url", "host", "ws_url"]),
    ("feature", &[""]),
    ("input", &[""]),
    ("secret", &[""]),
];

/// Sources that have no name of their own.
const SINGLE: [(&str, &[&str]); 4] = [
    ("cloud", &["name", "region", "account"]),
    ("environment", &["name", "class"]),
    ("release", &["version"]),
    ("kit", &["name"]),
];

/// `file.N.path`.
const FILE: (&str, &[&str]) = ("file", &["path"]);

/// Why a reference is no source, and what would be.
pub(super) struct NoSource {
    pub(super) why: String,
    pub(super) help: String,
}

/// Whether a reference names a value that exists.
pub(super) fn check(path: &[String], kit: &Kit, draft: &Draft) -> Result<(), NoSource> {
    let parts: Vec<&str> = path.iter().map(String::as_str).collect();
    let kind = parts[0];
    if let Some((_, fields)) = SINGLE.iter().find(|(known, _)| *known == kind) {
        return field(&parts, 1, &owned(fields));
    }
    let Some((_, fields)) = NAMED.iter().chain([&FILE]).find(|(known, _)| *known == kind) else {
        let kinds = NAMED.iter().chain(&SINGLE).chain([&FILE]).map(|(known, _)| *known);
        return Err(NoSource {
            why: format!("there is no source of kind `{kind}`"),
            help: crate::hcl::list(kind, "sources", kinds),
        });
    };
    exists(&parts, kind, draft)?;
    if *fields == [""] {
        return field(&parts, 2, &[String::new()]);
    }
    field(&parts, 2, &fields_of(kind, parts[1], fields, kit, draft))
}

/// Whether the block that `kind.name` points to exists.
pub(super) fn exists(parts: &[&str], kind: &str, draft: &Draft) -> Result<(), NoSource> {
    let known = draft.names.get(kind);
    let name = parts.get(1).copied().unwrap_or_default();
    if known.is_some_and(|names| names.contains_key(name)) {
        return Ok(());
    }
    let names = known.into_iter().flat_map(|names| names.keys()).map(String::as_str);
    let why = if name.is_empty() {
        format!("it does not say which {kind}")
    } else {
        format!("there is no {kind} \"{name}\"")
    };
    Err(NoSource { why, help: crate::hcl::list(name, &format!("{kind} names"), names) })
}

fn owned(fields: &[&str]) -> Vec<String> {
    fields.iter().map(|field| (*field).to_owned()).collect()
}

/// The rest of a reference behind its first `from` parts must be one of the fields.
fn field(parts: &[&str], from: usize, fields: &[String]) -> Result<(), NoSource> {
    let given = parts.get(from..).unwrap_or_default().join(".");
    if fields.contains(&given) {
        return Ok(());
    }
    let stem = parts[..from.min(parts.len())].join(".");
    if fields == [String::new()] {
        return Err(NoSource {
            why: format!("`{stem}` is a value and has no fields"),
            help: format!("write {stem}"),
        });
    }
    let why = if given.is_empty() {
        format!("`{stem}` is not a value: it does not say which field")
    } else {
        format!("`{stem}` has no field `{given}`")
    };
    Err(NoSource {
        why,
        help: crate::hcl::list(&given, "fields", fields.iter().map(String::as_str)),
    })
}

fn fields_of(kind: &str, name: &str, fields: &[&str], kit: &Kit, draft: &Draft) -> Vec<String> {
    let mut all = Vec::new();
    for field in fields {
        match *field {
            "url.*" if kind == "database" => {
                let database = kit.databases.get(name);
                let urls = database.into_iter().flat_map(|database| database.urls.keys());
                all.extend(urls.map(|url| format!("url.{url}")));
            }
            "url.*" => {
                let urls = draft.cache_urls.get(name).into_iter().flatten();
                all.extend(urls.map(|url| format!("url.{url}")));
            }
            "*" => all.extend(draft.external_fields.get(name).into_iter().flatten().cloned()),
            field => all.push(field.to_owned()),
        }
    }
    all
}

/// Whether a source holds a secret.
pub(super) fn is_secret(path: &[String], kit: &Kit, draft: &Draft) -> bool {
    let parts: Vec<&str> = path.iter().map(String::as_str).collect();
    match parts.as_slice() {
        ["secret", ..] | ["database" | "cache" | "external", _, "password"] => true,
        ["database", name, "url", _] => {
            kit.databases.get(*name).is_some_and(|database| has_password(database, kit))
        }
        ["cache", name, "url", _] => draft.cache_passwords.iter().any(|known| known == name),
        _ => false,
    }
}

/// Whether a password exists for this database's users on any cloud that the kit is for.
pub(super) fn has_password(database: &Database, kit: &Kit) -> bool {
    let on = |cloud| kit.clouds.is_empty() || kit.clouds.contains(&cloud);
    (on(CloudName::Aws) && database.aws_auth == DatabaseAuth::Password)
        || (on(CloudName::Gcp) && database.gcp_auth == DatabaseAuth::Password)
}

/// Kinds that a process must list in `uses` before it gets anything of them.
pub(super) const USABLE: [&str; 8] =
    ["database", "cache", "bucket", "queue", "secret", "external", "service", "volume"];

/// `service.web`, `job.migrate`.
pub(super) fn address(consumer: &Consumer) -> String {
    match consumer {
        Consumer::Service(name) => format!("service.{name}"),
        Consumer::Job(name) => format!("job.{name}"),
    }
}
