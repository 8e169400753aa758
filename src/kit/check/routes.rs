//! Routes lead somewhere, and one request has one answer.

use std::collections::BTreeMap;

use crate::kit::draft::Draft;
use crate::kit::model::{Kit, Route};
use crate::source::Problem;

pub(super) fn check(kit: &Kit, draft: &mut Draft) {
    for (name, ingress) in &kit.ingresses {
        let mut seen: BTreeMap<(String, String), usize> = BTreeMap::new();
        for route in &ingress.routes {
            port(kit, route, draft);
            for (host, path) in requests(route) {
                let line = route.place.line_column().0;
                let Some(first) = seen.insert((host.clone(), path.clone()), line) else { continue };
                draft.problems.push(Problem::new(
                    route.place.clone(),
                    format!("two routes of ingress \"{name}\" are for {path} at {host}"),
                    format!("the one on line {first} would always answer"),
                    "remove one of them, or give them different hosts or paths",
                ));
            }
        }
    }
    if !kit.checks.is_empty() && draft.names.get("ingress").is_none_or(BTreeMap::is_empty) {
        let place = Draft::place_of(kit, &format!("check.{}", kit.checks[0].name));
        draft.problems.push(Problem::new(
            place,
            format!("check \"{}\" has no ingress to ask", kit.checks[0].name),
            "a check is a request to the ingress",
            "add an `ingress`, or remove the check",
        ));
    }
}

/// What a route is for: `(host, path)`, an exact path marked as such.
fn requests(route: &Route) -> Vec<(String, String)> {
    let own = ["any host".to_owned()];
    let hosts = if route.hosts.is_empty() { &own[..] } else { &route.hosts[..] };
    let exact = route.exact.iter().map(|path| format!("exactly {path}"));
    let paths: Vec<String> = route.prefixes.iter().cloned().chain(exact).collect();
    hosts.iter().flat_map(|host| paths.iter().map(|path| (host.clone(), path.clone()))).collect()
}

fn port(kit: &Kit, route: &Route, draft: &mut Draft) {
    let Some(service) = kit.services.iter().find(|service| service.process.name == route.to) else {
        return;
    };
    let ports: Vec<&str> = service.ports.keys().map(String::as_str).collect();
    let (what, why, help) = match (&route.port, ports.as_slice()) {
        (_, []) => (
            format!("a route to service \"{}\"", route.to),
            "the service has no port".to_owned(),
            "add `port \"http\" { number = 8080 }` to the service".to_owned(),
        ),
        (Some(name), known) if !known.contains(&name.as_str()) => (
            format!("a route to port \"{name}\" of service \"{}\"", route.to),
            "the service has no port of that name".to_owned(),
            crate::hcl::list(name, "ports", ports),
        ),
        (None, [first, _, ..]) => (
            format!("a route to service \"{}\"", route.to),
            "the service has several ports".to_owned(),
            format!("add `port = \"{first}\"` to the route"),
        ),
        _ => return,
    };
    draft.problems.push(Problem::new(route.place.clone(), what, why, help));
}
