//! Routes of the kit become listener rules.
//!
//! A rule has at most five condition values (paths and hosts together), and the first rule that
//! fits wins, so more specific paths need smaller priorities. The priority follows from the path
//! itself (exact before prefix, then by depth): a new route does not move the others.

use std::collections::BTreeMap;
use std::time::Duration;

use super::resolver::Resolver;
use super::wiring::Facts;
use crate::environment::model::Route;
use crate::kit::model::Route as KitRoute;

/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html>
const MOST_VALUES: usize = 5;

/// Rules of a listener, by default quota.
const MOST_RULES: usize = 100;

/// Rules of one depth that priorities have room for.
const ROOM: u32 = 100;

/// Deepest path: a pattern has at most 128 characters, so at most 64 segments.
const DEEPEST: u32 = 64;

/// How a service is reached.
#[derive(Debug, Default)]
pub(super) struct Routes {
    /// Name of the port that the routes lead to, where one is named.
    pub(super) port: Option<String>,
    /// The longest `timeout` of the routes that have one.
    pub(super) timeout: Option<Duration>,
    pub(super) rules: Vec<Route>,
}

/// Rules by service name.
pub(super) fn routes(resolver: &mut Resolver<'_>, facts: &Facts<'_>) -> BTreeMap<String, Routes> {
    let mut services: BTreeMap<String, Routes> = BTreeMap::new();
    let kit = resolver.kit;
    for ingress in kit.ingresses.values() {
        let Some(decided) = facts.ingresses.get(&ingress.name) else { continue };
        let mut used: BTreeMap<Level, u32> = BTreeMap::new();
        let mut count = 0;
        for route in &ingress.routes {
            let hosts = if route.hosts.is_empty() {
                vec![decided.host.clone()]
            } else {
                route.hosts.clone()
            };
            let service = services.entry(route.to.clone()).or_default();
            one_port(resolver, route, service);
            service.timeout = service.timeout.max(route.timeout);
            for (level, paths, hosts) in rules(route, &hosts) {
                let nth = used.entry(level).or_default();
                *nth += 1;
                count += 1;
                service.rules.push(Route {
                    ingress: ingress.name.clone(),
                    priority: level.priority() + *nth,
                    paths,
                    hosts,
                });
            }
        }
        if count > MOST_RULES || used.values().any(|used| *used >= ROOM) {
            resolver.problem(
                resolver.in_kit(&format!("ingress.{}", ingress.name)).cloned(),
                format!("ingress.{} needs {count} listener rules", ingress.name),
                format!("a load balancer has at most {MOST_RULES}"),
                "route by fewer, shorter prefixes",
            );
        }
    }
    services
}

/// How specific a path is. Orders from the most to the least specific.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Level {
    prefix: bool,
    /// Counted down from the deepest, so that deeper paths come first.
    above: u32,
}

impl Level {
    fn of(path: &str, prefix: bool) -> Self {
        let depth = path.split('/').filter(|part| !part.is_empty()).count();
        Self { prefix, above: DEEPEST - u32::try_from(depth).unwrap_or(DEEPEST).min(DEEPEST) }
    }

    /// 1 to 50000 in all: exact paths below 10000, prefixes above.
    fn priority(self) -> u32 {
        self.above * ROOM + if self.prefix { 10_000 } else { 0 }
    }
}

/// What a load balancer writes for a path: `/api` is itself and everything below it.
fn patterns(path: &str, prefix: bool) -> Vec<String> {
    match path {
        _ if !prefix => vec![path.to_owned()],
        "/" => vec!["/*".to_owned()],
        path => match path.strip_suffix('/') {
            Some(_) => vec![format!("{path}*")],
            None => vec![path.to_owned(), format!("{path}/*")],
        },
    }
}

/// One route as rules of at most five values, the paths of a rule all of one level.
fn rules(route: &KitRoute, hosts: &[String]) -> Vec<(Level, Vec<String>, Vec<String>)> {
    let mut levels: BTreeMap<Level, Vec<String>> = BTreeMap::new();
    let paths = route.exact.iter().map(|path| (path, false));
    for (path, prefix) in paths.chain(route.prefixes.iter().map(|path| (path, true))) {
        levels.entry(Level::of(path, prefix)).or_default().extend(patterns(path, prefix));
    }
    let mut rules = Vec::new();
    for (level, paths) in levels {
        // A rule needs one path, so hosts take four values at most.
        for hosts in hosts.chunks(MOST_VALUES - 1) {
            for paths in paths.chunks(MOST_VALUES - hosts.len()) {
                rules.push((level, paths.to_vec(), hosts.to_vec()));
            }
        }
    }
    rules
}

/// A service is one target group, so all routes to it lead to one port.
fn one_port(resolver: &mut Resolver<'_>, route: &KitRoute, service: &mut Routes) {
    let first = service.rules.is_empty() && service.port.is_none();
    if first {
        service.port.clone_from(&route.port);
    } else if service.port != route.port {
        let help = "put a proxy in front, or make two services of it";
        let what = format!("routing to two ports of service.{}", route.to);
        resolver.unsupported(route.place.clone(), &what, help);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Place, Source};

    fn route(prefixes: &[&str], exact: &[&str]) -> KitRoute {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        KitRoute {
            prefixes: owned(prefixes),
            exact: owned(exact),
            hosts: Vec::new(),
            to: "web".to_owned(),
            port: None,
            timeout: None,
            place: Place::new(&Source::new("kit.hcl", ""), 0..0),
        }
    }

    #[test]
    fn a_prefix_is_itself_and_everything_below() {
        assert_eq!(patterns("/", true), ["/*"]);
        assert_eq!(patterns("/api", true), ["/api", "/api/*"]);
        assert_eq!(patterns("/api/", true), ["/api/*"]);
        assert_eq!(patterns("/api", false), ["/api"]);
    }

    #[test]
    fn rules_have_five_values_and_specific_ones_come_first() {
        let hosts = ["a.example".to_owned()];
        let made = rules(&route(&["/", "/a", "/b", "/c", "/a/b"], &["/x"]), &hosts);
        assert!(made.iter().all(|(_, paths, hosts)| paths.len() + hosts.len() <= MOST_VALUES));
        let priorities: Vec<u32> = made.iter().map(|(level, ..)| level.priority()).collect();
        assert!(priorities.is_sorted());
        let paths: Vec<&str> =
            made.iter().flat_map(|(_, paths, _)| paths.iter().map(String::as_str)).collect();
        assert_eq!(paths, ["/x", "/a/b", "/a/b/*", "/a", "/a/*", "/b", "/b/*", "/c", "/c/*", "/*"]);
    }

    #[test]
    fn many_hosts_are_split_too() {
        let hosts: Vec<String> = (0..7).map(|nth| format!("h{nth}.example")).collect();
        let made = rules(&route(&["/api"], &[]), &hosts);
        assert!(made.iter().all(|(_, paths, hosts)| paths.len() + hosts.len() <= MOST_VALUES));
        let pairs: usize = made.iter().map(|(_, paths, hosts)| paths.len() * hosts.len()).sum();
        assert_eq!(pairs, 14);
    }
}
