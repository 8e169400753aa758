//! The bucket policy: one statement of ours that denies plain HTTP, beside whatever is there.

use serde_json::{Value, json};

/// Names our statement, so that it is found and replaced.
const STATEMENT: &str = "LandfallTlsOnly";

/// Whether a policy denies everything that does not come over TLS.
pub(super) fn denies_plain_http(document: &str, partition: &str, bucket: &str) -> bool {
    let Ok(document) = serde_json::from_str::<Value>(document) else { return false };
    statements(&document).iter().any(|statement| {
        statement["Effect"] == "Deny"
            && is_everyone(&statement["Principal"])
            && holds(&statement["Action"], &["s3:*", "*"])
            && resources(partition, bucket)
                .iter()
                .all(|arn| holds(&statement["Resource"], &[arn, "*"]))
            && is_false(&statement["Condition"]["Bool"]["aws:SecureTransport"])
            && statement["Condition"].as_object().is_some_and(|condition| condition.len() == 1)
    })
}

/// The policy with our statement; the others are kept as they are.
pub(super) fn with_tls_only(
    current: Option<&str>,
    partition: &str,
    bucket: &str,
) -> serde_json::Result<String> {
    let mut document: Value = match current {
        Some(current) => serde_json::from_str(current)?,
        None => json!({ "Version": "2012-10-17" }),
    };
    let mut statements = statements(&document);
    statements.retain(|statement| statement["Sid"] != STATEMENT);
    statements.push(json!({
        "Sid": STATEMENT,
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": resources(partition, bucket),
        "Condition": { "Bool": { "aws:SecureTransport": "false" } },
    }));
    document["Statement"] = Value::Array(statements);
    serde_json::to_string(&document)
}

/// A policy holds one statement or a list of them.
fn statements(document: &Value) -> Vec<Value> {
    match &document["Statement"] {
        Value::Array(statements) => statements.clone(),
        Value::Null => Vec::new(),
        statement => vec![statement.clone()],
    }
}

fn resources(partition: &str, bucket: &str) -> [String; 2] {
    [format!("arn:{partition}:s3:::{bucket}"), format!("arn:{partition}:s3:::{bucket}/*")]
}

fn is_everyone(principal: &Value) -> bool {
    principal == "*" || holds(&principal["AWS"], &["*"])
}

/// Whether a text or a list of texts holds one of these.
fn holds(value: &Value, wanted: &[&str]) -> bool {
    match value {
        Value::String(text) => wanted.contains(&text.as_str()),
        Value::Array(list) => list.iter().any(|value| holds(value, wanted)),
        _ => false,
    }
}

fn is_false(value: &Value) -> bool {
    value == &Value::Bool(false) || holds(value, &["false"])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn a_bucket_without_policy_gets_ours() {
        let document = with_tls_only(None, "aws-cn", "states").unwrap();
        assert!(denies_plain_http(&document, "aws-cn", "states"));
        assert!(!denies_plain_http(&document, "aws", "states"), "another partition");
        assert!(!denies_plain_http(&document, "aws-cn", "others"), "another bucket");
    }

    #[test]
    fn the_statements_of_others_are_kept_and_ours_is_not_doubled() {
        let theirs = json!({ "Sid": "Audit", "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::111122223333:root" },
            "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::states" });
        let current = json!({ "Version": "2012-10-17", "Id": "theirs", "Statement": theirs });
        let once = with_tls_only(Some(&current.to_string()), "aws", "states").unwrap();
        let twice = with_tls_only(Some(&once), "aws", "states").unwrap();
        assert_eq!(once, twice);
        let document: Value = serde_json::from_str(&twice).unwrap();
        assert_eq!(document["Id"], "theirs");
        assert_eq!(document["Statement"][0], theirs);
        assert_eq!(document["Statement"].as_array().unwrap().len(), 2);
    }

    #[test]
    fn a_statement_that_denies_less_does_not_count() {
        let full = with_tls_only(None, "aws", "states").unwrap();
        let mut document: Value = serde_json::from_str(&full).unwrap();
        let weaken = |path: &str, value: Value, document: &mut Value| {
            let field = document.pointer_mut(&format!("/Statement/0/{path}")).unwrap();
            let before = std::mem::replace(field, value);
            let weak = document.to_string();
            *document.pointer_mut(&format!("/Statement/0/{path}")).unwrap() = before;
            assert!(!denies_plain_http(&weak, "aws", "states"), "{path}: {weak}");
        };
        weaken("Effect", json!("Allow"), &mut document);
        weaken("Principal", json!({ "AWS": "arn:aws:iam::111122223333:root" }), &mut document);
        weaken("Action", json!("s3:GetObject"), &mut document);
        weaken("Resource", json!("arn:aws:s3:::states"), &mut document);
        weaken("Condition/Bool/aws:SecureTransport", json!("true"), &mut document);
        let narrowed = json!({ "Bool": { "aws:SecureTransport": "false" },
            "IpAddress": { "aws:SourceIp": "192.0.2.0/24" } });
        weaken("Condition", narrowed, &mut document);
        assert!(denies_plain_http(&document.to_string(), "aws", "states"), "put back");
    }
}
