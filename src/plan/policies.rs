//! What a policy document allows, before and after: permissions as they are granted, without the
//! text around them. On Google Cloud a role that is given to one member.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;

use super::members;
use super::values::{Values, at, quoted};

/// What a policy allows more and less than before, as actions: `s3:GetObject`. Sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Permissions {
    /// Allowed afterwards, on something it was not allowed on before.
    pub added: Vec<String>,
    /// Allowed before, on something it is not allowed on afterwards.
    pub removed: Vec<String>,
}

/// A policy document, as far as it is read here.
#[derive(Deserialize)]
struct Document {
    #[serde(rename = "Statement", default)]
    statements: OneOrMany<Statement>,
}

#[derive(Deserialize)]
struct Statement {
    #[serde(rename = "Effect", default)]
    effect: String,
    #[serde(rename = "Action", default)]
    actions: OneOrMany<String>,
    #[serde(rename = "Resource", default)]
    resources: OneOrMany<String>,
    #[serde(rename = "Principal", default)]
    principal: serde_json::Value,
}

/// AWS writes a list of one as that one.
#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany<T> {
    One(T),
    Many(Vec<T>),
}

impl<T> Default for OneOrMany<T> {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl<T> OneOrMany<T> {
    fn list(self) -> Vec<T> {
        match self {
            Self::One(one) => vec![one],
            Self::Many(many) => many,
        }
    }
}

/// The attribute of a type that holds its policy document.
pub(super) fn attribute(kind: &str) -> Option<&'static str> {
    match kind {
        "aws_iam_role" => Some("assume_role_policy"),
        "aws_iam_role_policy"
        | "aws_iam_policy"
        | "aws_s3_bucket_policy"
        | "aws_kms_key"
        | "aws_sqs_queue_policy"
        | "aws_sns_topic_policy"
        | "aws_secretsmanager_secret_policy" => Some("policy"),
        _ => None,
    }
}

/// What changes; nothing if there is no document, or it is not known yet.
pub(super) fn changed(kind: &str, values: &Values) -> Permissions {
    if members::is_member(kind) {
        return role(values);
    }
    let Some(attribute) = attribute(kind) else { return Permissions::default() };
    let [before, after] = values.texts(attribute).map(granted);
    let actions = |more: &BTreeSet<Grant>, less: &BTreeSet<Grant>| {
        let actions: BTreeSet<String> =
            more.difference(less).map(|grant| grant.action.clone()).collect();
        actions.into_iter().collect()
    };
    Permissions { added: actions(&after, &before), removed: actions(&before, &after) }
}

/// Attributes of a right that say on what, beside the project as a whole.
const TARGETS: [&str; 7] =
    ["secret_id", "crypto_key_id", "bucket", "repository", "topic", "subscription", "name"];

/// The role that a member has, on what, and under which condition. Given to somebody else, both
/// lose and get it.
fn role(values: &Values) -> Permissions {
    let [before, after, _] = values.sides();
    let told = |side: &Value| {
        let text = |path: &str| at(side, path).and_then(quoted);
        let target = TARGETS.iter().find_map(|target| text(target));
        let target = target.as_deref().and_then(|target| target.rsplit('/').next());
        let target = target.map(|target| format!(" on {target}")).unwrap_or_default();
        let only = text("condition.0.title").map(|title| format!(" ({title})"));
        Some(format!("{}{target}{}", text("role")?, only.unwrap_or_default()))
    };
    let (old, new) = (told(before), told(after));
    if old == new && before["member"] == after["member"] {
        return Permissions::default();
    }
    Permissions { added: new.into_iter().collect(), removed: old.into_iter().collect() }
}

/// One action that somebody may do to something. Refusals are not read: they open nothing.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Grant {
    action: String,
    resource: String,
    principal: String,
}

fn granted(document: Option<&str>) -> BTreeSet<Grant> {
    let document: Option<Document> = document.and_then(|text| serde_json::from_str(text).ok());
    let statements = document.map(|document| document.statements.list()).unwrap_or_default();
    let mut grants = BTreeSet::new();
    for statement in statements.into_iter().filter(|statement| statement.effect == "Allow") {
        let mut resources = statement.resources.list();
        if resources.is_empty() {
            resources.push(String::new());
        }
        let principal = statement.principal.to_string();
        for action in statement.actions.list() {
            grants.extend(resources.iter().map(|resource| Grant {
                action: action.clone(),
                resource: resource.clone(),
                principal: principal.clone(),
            }));
        }
    }
    grants
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn between(before: &Value, after: &Value) -> Permissions {
        let side = |document: &Value| json!({ "policy": document.to_string() });
        let values =
            Values::masked(side(before), side(after), Value::Null, &Value::Null, &Value::Null);
        changed("aws_iam_role_policy", &values)
    }

    #[test]
    fn permissions_are_compared_by_what_they_are_for() {
        let read = json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "a"});
        let both = json!({"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"],
            "Resource": ["b"]});
        let found =
            between(&json!({"Statement": read}), &json!({"Statement": [read.clone(), both]}));
        assert_eq!(found.added, ["s3:GetObject", "s3:PutObject"]);
        assert!(found.removed.is_empty());
        let denied = json!({"Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]});
        assert_eq!(between(&json!({"Statement": read}), &denied).removed, ["s3:GetObject"]);
        assert_eq!(between(&json!("no policy"), &json!([])), Permissions::default());
    }
}
