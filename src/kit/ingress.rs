//! How the product is reached and how that is proved: `ingress NAME { }`, `check NAME { }`.

use std::collections::BTreeMap;

use super::draft::{By, Draft, Role};
use super::model::{Check, Ingress, Route};
use super::service::port_name;
use crate::hcl::{Body, Value};
use crate::source::Problem;

/// A host name, also with a wildcard as its first label.
const HOST: &str =
    r"^(\*\.)?[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$";

pub(super) fn ingresses(file: &mut Body, draft: &mut Draft) -> BTreeMap<String, Ingress> {
    let mut ingresses = BTreeMap::new();
    for (label, mut body) in file.named_blocks("ingress", &mut draft.problems) {
        let name = draft.enter("ingress", &label, &body);
        let by = By::block(&body);
        if let Some(value) = body.take("deny") {
            paths(&value, draft);
            draft.not_yet(format!("deny of {by}"), value.place());
        }
        let mut routes = Vec::new();
        for mut block in body.blocks("route") {
            block.expect_labels(0, &mut draft.problems);
            routes.push(route(&mut block.body, &by, draft));
            block.body.finish(&mut draft.problems);
        }
        if routes.is_empty() {
            draft.problems.push(Problem::new(
                body.place().clone(),
                format!("{by} has no route"),
                "nothing would answer there",
                "add `route { ... }` with `prefixes` and `to`",
            ));
        }
        body.finish(&mut draft.problems);
        ingresses.insert(name.clone(), Ingress { name, routes });
    }
    ingresses
}

fn route(body: &mut Body, by: &By, draft: &mut Draft) -> Route {
    let (prefixes, exact) = (body.take("prefixes"), body.take("exact"));
    if prefixes.is_some() == exact.is_some() {
        let given = if prefixes.is_some() { "both" } else { "neither" };
        draft.problems.push(Problem::new(
            body.place().clone(),
            format!("a route of {by} has {given} of `prefixes` and `exact`"),
            "a route is for what starts with a path, or for exactly that path",
            "write `prefixes = [\"/\"]`, or a second route",
        ));
    }
    let prefixes = prefixes.map(|value| paths(&value, draft)).unwrap_or_default();
    let exact = exact.map(|value| paths(&value, draft)).unwrap_or_default();
    let hosts = body.take("hosts").and_then(|value| value.list(&mut draft.problems));
    let hosts = hosts
        .unwrap_or_default()
        .iter()
        .filter_map(|item| draft.matching(item, HOST, "write it like \"api.acme.example\""))
        .collect();
    let to = body
        .require("to", &mut draft.problems)
        .and_then(|value| draft.reference(&value, by, Role::Route))
        .and_then(|path| path.into_iter().nth(1));
    let port = body.take("port").and_then(|value| port_name(&value, draft));
    let timeout = body.take("timeout").and_then(|value| value.duration(&mut draft.problems));
    let affinity = [("none", false), ("cookie", true)];
    if let Some(value) = body.take("affinity")
        && value.enumeration(&affinity, &mut draft.problems) == Some(true)
    {
        draft.not_yet(format!("affinity of a route of {by}"), value.place());
    }
    Route {
        prefixes,
        exact,
        hosts,
        to: to.unwrap_or_default(),
        port,
        timeout,
        place: body.place().clone(),
    }
}

/// A list of paths, at least one.
fn paths(value: &Value, draft: &mut Draft) -> Vec<String> {
    let items = value.list(&mut draft.problems);
    if items.as_ref().is_some_and(Vec::is_empty) {
        draft.problems.push(value.problem("the list is empty", "write it like [\"/\"]"));
    }
    items.unwrap_or_default().iter().filter_map(|item| draft.url_path(item)).collect()
}

pub(super) fn checks(file: &mut Body, draft: &mut Draft) -> Vec<Check> {
    let mut checks = Vec::new();
    for (label, mut body) in file.named_blocks("check", &mut draft.problems) {
        let name = draft.enter("check", &label, &body);
        checks.push(check(name, &mut body, draft));
        body.finish(&mut draft.problems);
    }
    checks
}

fn check(name: String, body: &mut Body, draft: &mut Draft) -> Check {
    let by = By::block(body);
    let path = body
        .require("path", &mut draft.problems)
        .and_then(|value| draft.matching(&value, r"^/[^\s#]*$", "start it with /"));
    let equals_value = body.take("equals");
    let json_value = body.take("json");
    if let (Some(value), None) = (&equals_value, &json_value) {
        draft.problems.push(value.problem(
            "nothing says what must be equal to it",
            "add `json`, the path of a field like \"version\" or \"data.version\"",
        ));
    }
    let equals = equals_value.and_then(|value| draft.expression(&value, &by, Role::Equals));
    let problems = &mut draft.problems;
    let after = [("apply", false), ("bootstrap", true)];
    Check {
        name,
        path: path.unwrap_or_default(),
        status: body
            .take("status")
            .and_then(|value| value.integer(100..=599_u16, problems))
            .unwrap_or(200),
        json: json_value.and_then(|value| value.string(problems)),
        equals,
        after_bootstrap: body
            .take("after")
            .and_then(|value| value.enumeration(&after, problems))
            .unwrap_or(false),
    }
}
