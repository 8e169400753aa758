//! Blocks that the grammar knows and this version cannot render: read and checked in full, so that
//! a kit can be written today, and listed in [`Kit::unsupported`](super::model::Kit).

use super::draft::{By, Draft, Role};
use super::process::{arguments, set};
use super::service::{health, ports};
use crate::hcl::{Body, Label, Value};
use crate::source::Problem;

/// The types of `external` blocks and the fields each may have, besides `type`, `password` and
/// `check`.
const EXTERNAL: [(&str, &[&str]); 5] = [
    ("smtp", &["host", "port", "user", "from", "tls"]),
    ("oidc", &["issuer", "client_id"]),
    ("clickhouse", &["host", "port", "database", "user", "tls"]),
    ("postgres", &["host", "port", "database", "user", "tls"]),
    ("http", &["url"]),
];

/// All blocks of the top level.
pub(super) fn blocks(file: &mut Body, draft: &mut Draft) {
    each(file, "cache", draft, cache);
    each(file, "bucket", draft, bucket);
    each(file, "queue", draft, queue);
    each(file, "volume", draft, volume);
    each(file, "external", draft, external);
    each(file, "file", draft, in_file);
    if let Some(mut body) = file.block("egress", &mut draft.problems) {
        draft.place("egress", &body);
        draft.not_yet("egress", body.place().clone());
        if let Some(value) = body.take("allow") {
            for item in value.list(&mut draft.problems).unwrap_or_default() {
                let host = r"^(\*\.)?[A-Za-z0-9.-]+:[0-9]{1,5}$";
                draft.matching(&item, host, "write it like \"api.vendor.example:443\"");
            }
        }
        body.take("proxy").and_then(|value| value.bool(&mut draft.problems));
        body.finish(&mut draft.problems);
    }
}

/// All blocks of one kind, through one reader.
fn each(
    file: &mut Body,
    kind: &'static str,
    draft: &mut Draft,
    read: fn(&str, &mut Body, &mut Draft),
) {
    for (label, mut body) in file.named_blocks(kind, &mut draft.problems) {
        let name = draft.enter(kind, &label, &body);
        draft.not_yet(body.title(), body.place().clone());
        read(&name, &mut body, draft);
        body.finish(&mut draft.problems);
    }
}

fn cache(name: &str, body: &mut Body, draft: &mut Draft) {
    let problems = &mut draft.problems;
    words(body.require("engine", problems).as_ref(), &["valkey"], draft);
    body.require("version", &mut draft.problems)
        .and_then(|value| value.constraint(&mut draft.problems));
    words(body.take("eviction").as_ref(), &["noeviction", "allkeys_lru", "volatile_lru"], draft);
    flag(body, "tls", draft);
    let auth = body.require("auth", &mut draft.problems);
    words(auth.as_ref(), &["password", "iam", "none"], draft);
    if auth.and_then(|value| value.word()).as_deref() == Some("password") {
        draft.cache_passwords.push(name.to_owned());
    }
    if let Some(value) = body.take("sizes") {
        value.entries(&mut draft.problems);
    }
    let mut urls = Vec::new();
    for (label, mut url) in body.named_blocks("url", &mut draft.problems) {
        let problems = &mut draft.problems;
        url.require("scheme", problems).and_then(|value| value.string(problems));
        url.take("number").and_then(|value| value.integer(0..=15_i64, problems));
        url.finish(problems);
        urls.push(label.text);
    }
    draft.cache_urls.insert(name.to_owned(), urls);
}

fn bucket(_: &str, body: &mut Body, draft: &mut Draft) {
    words(body.require("access", &mut draft.problems).as_ref(), &["role"], draft);
    flag(body, "versioned", draft);
    let problems = &mut draft.problems;
    if let Some(mut cors) = body.take("cors").and_then(|value| value.map(problems)) {
        for name in ["origins", "methods", "headers"] {
            cors.take(name).and_then(|value| value.string_list(problems));
        }
        cors.finish(problems);
    }
    if let Some(mut expire) = body.take("expire").and_then(|value| value.map(problems)) {
        expire.take("prefix").and_then(|value| value.string(problems));
        expire.require("days", problems).and_then(|value| value.integer(1..=3650_i64, problems));
        expire.finish(problems);
    }
}

fn queue(_: &str, body: &mut Body, draft: &mut Draft) {
    flag(body, "fifo", draft);
    let problems = &mut draft.problems;
    body.take("visibility").and_then(|value| value.duration(problems));
    body.take("max_receives").and_then(|value| value.integer(1..=1000_i64, problems));
}

fn volume(_: &str, body: &mut Body, draft: &mut Draft) {
    absolute(body, draft);
    flag(body, "shared", draft);
    flag(body, "backup", draft);
    let problems = &mut draft.problems;
    body.require("size", problems).and_then(|value| value.size_mib(problems));
    body.require("uid", problems).and_then(|value| value.integer(0..=u32::MAX, problems));
}

fn external(name: &str, body: &mut Body, draft: &mut Draft) {
    let by = By::block(body);
    let kinds = EXTERNAL.map(|(kind, fields)| (kind, fields));
    let kind = body.require("type", &mut draft.problems);
    let fields = kind.and_then(|value| value.enumeration(&kinds, &mut draft.problems));
    flag(body, "check", draft);
    let mut given: Vec<String> = Vec::new();
    if let Some(value) = body.take("password") {
        draft.reference(&value, &by, Role::Password);
        given.push("password".to_owned());
    }
    // Without a type the fields cannot be judged; the type's problem is enough.
    let known = fields.unwrap_or(&["host", "port", "user", "from", "tls", "url", "database"]);
    for field in known {
        if let Some(value) = body.take(field) {
            draft.expression(&value, &by, Role::Field);
            given.push((*field).to_owned());
        }
    }
    draft.external_fields.insert(name.to_owned(), given);
}

fn in_file(_: &str, body: &mut Body, draft: &mut Draft) {
    let by = By::block(body);
    absolute(body, draft);
    words(
        body.require("format", &mut draft.problems).as_ref(),
        &["text", "yaml", "json", "toml", "pem", "base64"],
        draft,
    );
    let secret = flag(body, "secret", draft).unwrap_or(false);
    let (content, source) = (body.take("content"), body.take("source"));
    if content.is_some() == source.is_some() {
        let given = if content.is_some() { "both" } else { "neither" };
        draft.problems.push(Problem::new(
            body.place().clone(),
            format!("{by} has {given} of `content` and `source`"),
            "a file is written here or stands in the kit",
            "write one of them",
        ));
    }
    if let Some(value) = content {
        draft.expression(&value, &by, Role::Content(secret));
    }
    if let Some(value) = source {
        let inside = r"^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$";
        draft.matching(&value, inside, "write a path inside of the kit, without ..");
    }
    draft.when(body, &by);
}

/// `sidecar` and `peer` blocks of a service.
pub(super) fn inside_service(body: &mut Body, by: &By, draft: &mut Draft) {
    for (label, mut block) in body.named_blocks("sidecar", &mut draft.problems) {
        sidecar(&label, &mut block, by, draft);
        block.finish(&mut draft.problems);
    }
    if let Some(mut block) = body.block("peer", &mut draft.problems) {
        draft.not_yet(format!("peer of {by}"), block.place().clone());
        let problems = &mut draft.problems;
        block.require("ports", problems).and_then(|value| {
            value.list_of(problems, |item, problems| item.integer(1..=u16::MAX, problems))
        });
        words(block.require("discovery", problems).as_ref(), &["dns", "database"], draft);
        block.finish(&mut draft.problems);
    }
}

fn sidecar(label: &Label, block: &mut Body, by: &By, draft: &mut Draft) {
    draft.not_yet(format!("{} of {by}", block.title()), label.place.clone());
    if let Some(value) = block.require("image", &mut draft.problems) {
        draft.reference(&value, by, Role::Image);
    }
    block.take("command").and_then(|value| value.string_list(&mut draft.problems));
    arguments(block, by, draft);
    // A side-car's variables are its own: they cannot collide with those of the service.
    let own = By { title: format!("{} of {by}", block.title()), consumer: None };
    set(block, &own, draft);
    flag(block, "essential", draft);
    let ports = ports(block, &format!("sidecar.{}", label.text), draft);
    if let Some(mut body) = block.block("health", &mut draft.problems) {
        health(&mut body, &ports, &own, draft);
        body.finish(&mut draft.problems);
    }
}

fn flag(body: &mut Body, name: &'static str, draft: &mut Draft) -> Option<bool> {
    body.take(name).and_then(|value| value.bool(&mut draft.problems))
}

fn words(value: Option<&Value>, known: &[&'static str], draft: &mut Draft) {
    let known: Vec<_> = known.iter().map(|word| (*word, ())).collect();
    value.and_then(|value| value.enumeration(&known, &mut draft.problems));
}

/// `path`, inside of the container.
fn absolute(body: &mut Body, draft: &mut Draft) {
    if let Some(value) = body.require("path", &mut draft.problems) {
        draft.matching(&value, r"^/[^\s:]+$", "write an absolute path like \"/data\"");
    }
}
