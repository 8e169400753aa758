//! `aws_iam_policy_document`: the one data source whose result is pure computation on its
//! configuration.

use serde_json::{Value as Json, json};

use crate::simulate::value::Value;

/// The rendered document.
pub(crate) fn policy_document(config: &Value) -> String {
    let given = |name: &str| config.at(name).as_str().map(Json::from);
    let statements = elements(config, "statement").iter().map(statement);
    let mut document = json!({
        "Version": given("version").unwrap_or_else(|| "2012-10-17".into()),
        "Statement": statements.collect::<Vec<_>>(),
    });
    if let Some(id) = given("policy_id") {
        document["Id"] = id;
    }
    format!("{document:#}")
}

fn elements<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.at(name).as_list().unwrap_or_default()
}

/// One value stands alone; several are sorted, from the last to the first, as the provider does.
fn some(values: &Value) -> Option<Json> {
    match values.as_list()? {
        [] => None,
        [one] => Some(one.to_json()),
        many => {
            let mut many: Vec<&str> = many.iter().filter_map(Value::as_str).collect();
            many.sort_unstable_by(|a, b| b.cmp(a));
            Some(many.into())
        }
    }
}

fn statement(statement: &Value) -> Json {
    let mut json = serde_json::Map::new();
    if let Some(sid) = statement.at("sid").as_str().filter(|sid| !sid.is_empty()) {
        json.insert("Sid".to_owned(), sid.into());
    }
    let effect = statement.at("effect").as_str().unwrap_or("Allow");
    json.insert("Effect".to_owned(), effect.into());
    let lists = [
        ("Action", "actions"),
        ("NotAction", "not_actions"),
        ("Resource", "resources"),
        ("NotResource", "not_resources"),
    ];
    for (key, name) in lists {
        json.extend(some(statement.at(name)).map(|values| (key.to_owned(), values)));
    }
    for (key, name) in [("Principal", "principals"), ("NotPrincipal", "not_principals")] {
        json.extend(principals(elements(statement, name)).map(|found| (key.to_owned(), found)));
    }
    json.extend(conditions(elements(statement, "condition")).map(|c| ("Condition".to_owned(), c)));
    Json::Object(json)
}

fn principals(blocks: &[Value]) -> Option<Json> {
    let found = blocks.iter().filter_map(|block| {
        Some((block.at("type").as_str()?.to_owned(), some(block.at("identifiers"))?))
    });
    let found: serde_json::Map<String, Json> = found.collect();
    let everyone = found.len() == 1 && found.get("*") == Some(&"*".into());
    if everyone { Some("*".into()) } else { (!found.is_empty()).then_some(Json::Object(found)) }
}

fn conditions(blocks: &[Value]) -> Option<Json> {
    let mut found = serde_json::Map::new();
    for block in blocks {
        let (Some(test), Some(variable), Some(values)) =
            (block.at("test").as_str(), block.at("variable").as_str(), some(block.at("values")))
        else {
            continue;
        };
        found.entry(test).or_insert_with(|| json!({}))[variable] = values;
    }
    (!found.is_empty()).then_some(Json::Object(found))
}
