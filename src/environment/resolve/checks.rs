//! What is checked after an apply, as whole URLs.

use std::collections::BTreeMap;

use super::cloud_run_rules;
use super::formats::plain;
use super::resolver::Resolver;
use super::secrets::Secrets;
use super::wiring::{Evaluator, Facts, Value};
use crate::environment::model::Check;

pub(super) fn checks(resolver: &mut Resolver<'_>, facts: &Facts<'_>) -> Vec<Check> {
    let kit = resolver.kit;
    // A check names a path only; `public` is where people come in, else the first there is.
    let ingress = facts.ingresses.get("public").or_else(|| facts.ingresses.values().next());
    let mut checks = Vec::new();
    for check in &kit.checks {
        let key = format!("check.{}", check.name);
        let file = resolver.file.clone();
        let at = resolver.in_kit(&key).cloned().unwrap_or(file);
        cloud_run_rules::path(resolver, &at, &format!("`path` of {key}"), &check.path);
        let Some(ingress) = ingress else { continue };
        let mut evaluator = Evaluator {
            resolver,
            facts,
            consumer: None,
            databases: &mut BTreeMap::new(),
            secrets: &mut Secrets::new(),
            at: &at,
        };
        let equals = match check.equals.as_ref().map(|equals| evaluator.evaluate(equals)) {
            None | Some(Some(Value::Absent)) => None,
            Some(Some(Value::Known(json))) => Some(plain(&json)),
            Some(Some(Value::Later(_))) => {
                let _: Option<()> = evaluator.refuse(
                    format!("{key} compares with what only the cloud knows"),
                    "a check's expectation is decided at render",
                    "compare with a fixed value or an input",
                );
                continue;
            }
            Some(None) => continue,
        };
        let url = format!("{}{}", ingress.url, check.path);
        resolver.origins.written_or(&key, &url, Some(&at), "");
        checks.push(Check {
            name: check.name.clone(),
            url,
            status: check.status,
            json: check.json.clone(),
            equals,
            after_bootstrap: check.after_bootstrap,
        });
    }
    checks
}
