//! A plausible value where no template says one: by the name and the type of the attribute.

use super::random::hex;
use super::template::Context;
use crate::simulate::platform::Platform;
use crate::simulate::schema::Attribute;
use crate::simulate::types::Type;
use crate::simulate::value::{Map, Value};

/// A value for an attribute of a resource whose other attributes are `own`.
pub(super) fn guess(context: Context<'_>, attribute: &Attribute, path: &str, own: &Map) -> Value {
    let seed = context.seed_at(path);
    match &attribute.kind {
        Type::Bool => Value::Bool(false),
        // Within blocks not a number that somebody would write: two elements of a set must not
        // become the same.
        Type::Number if attribute.optional && path.contains('.') => {
            Value::Int(i64::try_from(seed % 900).unwrap_or_default() + 101)
        }
        Type::Number => Value::Int(match attribute.name.as_str() {
            "port" => 443,
            "version" | "revision" => 1,
            _ => 0,
        }),
        Type::Map(_) => Value::Map(Map::new()),
        Type::List(_) | Type::Set(_) => Value::List(Vec::new()),
        Type::Object(fields) => {
            let field = |name: &String, kind: &Type| {
                let attribute =
                    Attribute { name: name.clone(), kind: kind.clone(), ..attribute.clone() };
                guess(context, &attribute, &format!("{path}.{name}"), own)
            };
            Value::Map(fields.iter().map(|(n, kind)| (n.clone(), field(n, kind))).collect())
        }
        Type::Text => Value::Text(text(context, &attribute.name, seed, own)),
    }
}

fn text(context: Context<'_>, name: &str, seed: u64, own: &Map) -> String {
    let identity = context.identity;
    let region = context.region();
    let platform = context.platform();
    let (domain, state) = match platform {
        Platform::Aws => ("amazonaws.com", "available"),
        Platform::Google => ("googleapis.com", "ACTIVE"),
    };
    let prefix = format!("{}_", platform.provider());
    let service = context.type_name.trim_start_matches(&prefix).replace('_', "-");
    let ends = |endings: &[&str]| {
        endings.iter().any(|end| name == *end || name.ends_with(&format!("_{end}")))
    };
    let prefixed = |prefix: &Value, fallback: &str| {
        let prefix = prefix.as_str().filter(|prefix| !prefix.is_empty()).unwrap_or(fallback);
        format!("{prefix}{}", super::random::digits(seed, 26))
    };
    match name {
        "id" => hex(seed, 12),
        "name" => prefixed(own.get("name_prefix").unwrap_or(&Value::Null), "terraform-"),
        "name_prefix" | "identifier_prefix" | "bucket_prefix" => String::new(),
        "region" => region.to_owned(),
        "location" if platform == Platform::Google => region.to_owned(),
        "project" if platform == Platform::Google => context.project().to_owned(),
        "vpc_id" => format!("vpc-{}", hex(seed, 17)),
        _ if ends(&["arn"]) => format!(
            "arn:{}:{service}:{region}:{}:{}",
            identity.partition,
            identity.account,
            hex(seed, 12)
        ),
        _ if ends(&["account_id", "owner_id", "owner", "registry_id"]) => identity.account.clone(),
        _ if ends(&["availability_zone"]) => format!("{region}a"),
        _ if ends(&["address", "dns_name", "domain_name", "endpoint"]) => {
            format!("{service}-{}.{region}.{domain}", hex(seed, 8))
        }
        _ if ends(&["cidr_block"]) => "10.0.0.0/16".to_owned(),
        _ if ends(&["ip"]) => format!("192.0.2.{}", seed % 250 + 1),
        _ if ends(&["date", "time", "at", "timestamp"]) => "2026-01-01T00:00:00Z".to_owned(),
        _ if ends(&["policy", "json", "document"]) => "{}".to_owned(),
        _ if ends(&["state", "status"]) => state.to_owned(),
        _ if ends(&["id"]) => hex(seed, 17),
        _ => format!("simulated-{}-{}", name.replace('_', "-"), hex(seed, 8)),
    }
}
