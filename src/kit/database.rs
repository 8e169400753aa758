//! `database NAME { }`.

use std::collections::BTreeMap;

use semver::VersionReq;

use super::draft::{Draft, matches};
use super::model::{Database, DatabaseAuth, DatabaseSize, DatabaseUrl, ExtensionBy, Roles};
use crate::hcl::{Body, Value, list};
use crate::source::{Problem, Problems};

/// What PostgreSQL takes as a name without quotes.
const IDENTIFIER: &str = "^[a-z_][a-z0-9_]{0,62}$";

/// Names of databases are prefixes of user names, which PostgreSQL cuts at 63 bytes.
const DATABASE: &str = "^[a-z_][a-z0-9_]{0,39}$";

/// Extensions have names like `uuid-ossp`.
const EXTENSION: &str = "^[a-z][a-z0-9_-]{0,62}$";

/// The parameters that a kit may set: those that both clouds let a customer set, and that change
/// how the product runs, not how the instance is secured.
const PARAMETERS: [&str; 14] = [
    "autovacuum_naptime",
    "deadlock_timeout",
    "default_transaction_isolation",
    "idle_in_transaction_session_timeout",
    "lock_timeout",
    "log_min_duration_statement",
    "maintenance_work_mem",
    "max_connections",
    "max_locks_per_transaction",
    "random_page_cost",
    "statement_timeout",
    "temp_file_limit",
    "timezone",
    "work_mem",
];

pub(super) fn databases(
    file: &mut Body,
    kit: &str,
    draft: &mut Draft,
) -> BTreeMap<String, Database> {
    let mut databases = BTreeMap::new();
    for (label, mut body) in file.named_blocks("database", &mut draft.problems) {
        let name = draft.enter("database", &label, &body);
        databases.insert(name.clone(), database(name, &mut body, kit, draft));
        body.finish(&mut draft.problems);
    }
    databases
}

fn database(name: String, body: &mut Body, kit: &str, draft: &mut Draft) -> Database {
    let address = format!("database.{name}");
    let problems = &mut draft.problems;
    body.require("engine", problems)
        .and_then(|value| value.enumeration(&[("postgres", ())], problems));
    let version = body.require("version", problems).and_then(|value| value.constraint(problems));
    let roles = [("split", Roles::Split), ("single", Roles::Single)];
    let roles = body.take("roles").and_then(|value| value.enumeration(&roles, problems));
    let by = [("owner", ExtensionBy::Owner), ("admin", ExtensionBy::Admin)];
    let extensions = body.take("extensions");
    let databases = databases_of(body, kit, draft);
    let (aws_auth, gcp_auth) = body
        .take("iam")
        .and_then(|value| iam(&value, draft))
        .unwrap_or((DatabaseAuth::Native, DatabaseAuth::Native));
    let schema = body
        .take("schema")
        .and_then(|value| draft.matching(&value, IDENTIFIER, "lower-case letters, digits and _"));
    check_keys(extensions.as_ref(), EXTENSION, draft);
    let extensions = extensions.and_then(|value| {
        value.map_of(&mut draft.problems, |item, problems| item.enumeration(&by, problems))
    });
    let sizes = body.take("sizes").map(|value| sizes(&value, &address, draft)).unwrap_or_default();
    let parameters = body.take("parameters").and_then(|value| parameters(&value, draft));
    Database {
        name,
        version: version.unwrap_or(VersionReq::STAR),
        urls: urls(body, &databases, draft),
        databases,
        schema: schema.unwrap_or_else(|| "public".to_owned()),
        extensions: extensions.unwrap_or_default(),
        roles: roles.unwrap_or(Roles::Split),
        aws_auth,
        gcp_auth,
        sizes,
        parameters: parameters.unwrap_or_default(),
    }
}

/// The databases to make: at least one.
fn databases_of(body: &mut Body, kit: &str, draft: &mut Draft) -> Vec<String> {
    let Some(value) = body.take("databases") else { return vec![kit.replace('-', "_")] };
    let mut names: Vec<String> = Vec::new();
    for item in value.list(&mut draft.problems).unwrap_or_default() {
        let help = "lower-case letters, digits and _, at most 40: users are named after it";
        let Some(name) = draft.matching(&item, DATABASE, help) else { continue };
        if names.contains(&name) {
            draft.problems.push(item.problem("it is listed twice", "remove one of them"));
        } else if ["postgres", "template0", "template1", "rdsadmin", "cloudsqladmin"]
            .contains(&name.as_str())
        {
            draft.problems.push(
                item.problem("the platform has a database of that name", "choose another name"),
            );
        } else {
            names.push(name);
        }
    }
    if names.is_empty() {
        draft.problems.push(value.problem(
            "a database server without a database serves nothing",
            "name at least one, or leave `databases` out",
        ));
    }
    names
}

/// `iam = { aws = native|none, gcp = native|proxy|none }`.
fn iam(value: &Value, draft: &mut Draft) -> Option<(DatabaseAuth, DatabaseAuth)> {
    let problems = &mut draft.problems;
    let mut map = value.map(problems)?;
    let aws = [("native", DatabaseAuth::Native), ("none", DatabaseAuth::Password)];
    let gcp = [aws[0], ("proxy", DatabaseAuth::Proxy), aws[1]];
    let on_aws = map.take("aws").and_then(|value| value.enumeration(&aws, problems));
    let on_gcp = map.take("gcp").and_then(|value| value.enumeration(&gcp, problems));
    map.finish(problems);
    Some((on_aws.unwrap_or(DatabaseAuth::Native), on_gcp.unwrap_or(DatabaseAuth::Native)))
}

fn sizes(value: &Value, address: &str, draft: &mut Draft) -> BTreeMap<String, DatabaseSize> {
    let mut sizes = BTreeMap::new();
    for entry in value.entries(&mut draft.problems).unwrap_or_default() {
        let problems = &mut draft.problems;
        let Some(mut map) = entry.map(problems) else { continue };
        let (instance, tier) =
            map.take("instance").map(|value| instance(&value, problems)).unwrap_or_default();
        let storage_gib = map.take("storage").and_then(|value| storage(&value, draft));
        map.finish(&mut draft.problems);
        draft
            .places
            .insert(format!("{address}.sizes.{}", entry.name()), entry.name_place().clone());
        sizes.insert(entry.name().to_owned(), DatabaseSize { instance, tier, storage_gib });
    }
    sizes
}

/// An instance class of RDS and a tier of Cloud SQL: `{ aws = "db.m7g.large", gcp =
/// "db-custom-2-8192" }`, or one of them as a text.
fn instance(value: &Value, problems: &mut Problems) -> (Option<String>, Option<String>) {
    if value.word().is_some() {
        let text = value.string(problems);
        return match text {
            Some(tier) if tier.starts_with("db-") => (None, Some(tier)),
            class => (class, None),
        };
    }
    let Some(mut map) = value.map(problems) else { return (None, None) };
    let class = map.take("aws").and_then(|value| value.string(problems));
    let tier = map.take("gcp").and_then(|value| value.string(problems));
    map.finish(problems);
    (class, tier)
}

/// Storage in whole GiB.
fn storage(value: &Value, draft: &mut Draft) -> Option<u32> {
    let mib = value.size_mib(&mut draft.problems)?;
    if mib % 1024 == 0 && (20..=65_536).contains(&(mib / 1024)) {
        return u32::try_from(mib / 1024).ok();
    }
    draft.problems.push(
        value.problem("both clouds sell storage in whole GiB, from 20", "write it like \"100Gi\""),
    );
    None
}

fn parameters(value: &Value, draft: &mut Draft) -> Option<BTreeMap<String, String>> {
    for entry in value.entries(&mut draft.problems)? {
        if !PARAMETERS.contains(&entry.name()) {
            draft.problems.push(Problem::new(
                entry.name_place().clone(),
                format!("the parameter `{}` cannot be set", entry.name()),
                "the list is closed: these parameters exist on both clouds and leave the safeguards alone",
                list(entry.name(), "parameters", PARAMETERS),
            ));
        }
    }
    value.map_of(&mut draft.problems, Value::scalar)
}

fn check_keys(value: Option<&Value>, pattern: &'static str, draft: &mut Draft) {
    let entries = value.and_then(|value| value.entries(&mut Problems::new()));
    for entry in entries.unwrap_or_default() {
        if !matches(pattern, entry.name()) {
            draft.problems.push(Problem::new(
                entry.name_place().clone(),
                format!("\"{}\" is not a name of an extension", entry.name()),
                format!("it must match {pattern}"),
                "write the name as in CREATE EXTENSION",
            ));
        }
    }
}

fn urls(body: &mut Body, databases: &[String], draft: &mut Draft) -> BTreeMap<String, DatabaseUrl> {
    let mut urls = BTreeMap::new();
    let owner = body.title().to_owned();
    for (label, mut url) in body.named_blocks("url", &mut draft.problems) {
        let scheme = url.require("scheme", &mut draft.problems).and_then(|value| {
            draft.matching(&value, "^[a-z][a-z0-9+.-]*$", "write it like \"postgres\", without ://")
        });
        let database = url.take("database");
        let problems = &mut draft.problems;
        let name = database.as_ref().and_then(|value| value.string(problems));
        if let (Some(value), Some(name)) = (&database, &name)
            && !databases.contains(name)
        {
            let help = list(name, "databases", databases.iter().map(String::as_str));
            problems.push(value.problem(format!("{owner} does not make it"), help));
        }
        let role = [("rw", false), ("owner", true)];
        let read = DatabaseUrl {
            scheme: scheme.unwrap_or_default(),
            database: name,
            params: url
                .take("params")
                .and_then(|value| value.string_map(problems))
                .unwrap_or_default(),
            pooled: url.take("pooled").and_then(|value| value.bool(problems)).unwrap_or(true),
            owner: url
                .take("role")
                .and_then(|value| value.enumeration(&role, problems))
                .unwrap_or(false),
        };
        url.finish(problems);
        urls.insert(label.text, read);
    }
    urls
}
