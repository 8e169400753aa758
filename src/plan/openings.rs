//! Who is let in, where that is an attribute of a resource and no rule of its own: Google's firewall
//! rules, web firewalls, databases and rights are changed in place, and open the door by it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::model::{Action, Change};
use super::names::{module_label, module_name, subject};
use super::rules::{Way, is_everyone};
use super::values::{Values, at, quoted};
use super::words::{Risk, Sentence};

/// Whom a resource lets in, before and after.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Openings {
    before: BTreeSet<Opening>,
    after: BTreeSet<Opening>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Opening {
    /// Anyone on the internet.
    everyone: bool,
    /// Into the environment, not out of it.
    inbound: bool,
    /// The other side: a range, or in words.
    peer: String,
    /// "tcp 443"; empty where it is every port that there is.
    port: String,
}

/// How everyone is called.
const EVERYONE: &str = "the whole internet";

/// Reads both sides.
pub(super) fn both(kind: &str, values: &Values) -> Openings {
    let [before, after, unknown] = values.sides();
    Openings { before: of(kind, before, &Value::Null), after: of(kind, after, unknown) }
}

/// Whether a type is nothing but an opening, so that no other sentence is needed about it.
pub(super) fn is_whole(kind: &str) -> bool {
    kind == "google_compute_firewall" || kind.ends_with("_iam_member")
}

/// Whether an attribute is told by what it opens or closes.
pub(super) fn tells(change: &Change, path: &str) -> bool {
    let Openings { before, after } = &change.openings;
    let of =
        |tops: &[&str]| tops.iter().any(|top| path == *top || path.starts_with(&format!("{top}.")));
    before != after
        && match change.kind.as_str() {
            "google_compute_firewall" => {
                of(&["source_ranges", "destination_ranges", "allow", "deny", "disabled"])
            }
            "google_compute_security_policy" => of(&["rule"]),
            "google_compute_backend_service" => of(&["security_policy"]),
            "google_cloud_run_v2_service" => of(&["ingress", "invoker_iam_disabled"]),
            "google_sql_database_instance" => {
                of(&["settings.0.ip_configuration.0.authorized_networks"])
            }
            _ => false,
        }
}

/// What a change opens and closes: what opens to everyone is a risk of its own.
pub(super) fn sentences(change: &Change) -> Vec<Sentence> {
    let Openings { before, after } = &change.openings;
    let (opened, mut closed): (Vec<&Opening>, Vec<&Opening>) =
        (after.difference(before).collect(), before.difference(after).collect());
    // What goes as a whole is told as that.
    if change.action == Action::Delete && !is_whole(&change.kind) {
        closed.clear();
    }
    let mut told = Vec::new();
    for (openings, action) in [(opened, Action::Create), (closed, Action::Delete)] {
        let mut groups: BTreeMap<(bool, bool, &str), Vec<&str>> = BTreeMap::new();
        for opening in openings {
            // Of everyone first: what else is opened beside does not matter any more.
            let group = (!opening.everyone, opening.inbound, opening.port.as_str());
            groups.entry(group).or_default().push(&opening.peer);
        }
        for ((limited, inbound, port), peers) in groups {
            let peers = several(&peers);
            let own = owner(change);
            let (from, to) = if inbound { (peers, own) } else { (own, peers) };
            let way = Way { from, to, port: port.to_owned(), inbound, everyone: !limited };
            let risk = match (action, change.action) {
                (Action::Create, _) if way.lets_everyone_in() => Risk::Opens,
                (_, Action::Create) => Risk::Creates,
                (_, Action::Delete) => Risk::Deletes,
                _ => Risk::Changes,
            };
            let addresses = vec![change.address.clone()];
            told.extend(way.sentence(action).map(|text| Sentence { risk, text, addresses }));
        }
    }
    told
}

/// How many ranges one sentence lists.
const MOST_RANGES: usize = 4;

fn several(peers: &[&str]) -> String {
    let shown = peers.iter().take(MOST_RANGES).copied().collect::<Vec<_>>().join(", ");
    match peers.len().saturating_sub(MOST_RANGES) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// What is opened: the part of the product, not the resource that says so.
fn owner(change: &Change) -> String {
    match module_name(change) {
        Some(("ingress" | "routes", Some(name))) => format!("load balancer {name}"),
        Some(("ingress" | "routes", None)) => "the load balancer".to_owned(),
        _ => module_label(change).map_or_else(|| subject(change), |(_, label)| label),
    }
}

/// Whom one side lets in. What is not known yet lets nobody in.
fn of(kind: &str, side: &Value, unknown: &Value) -> BTreeSet<Opening> {
    if !side.is_object() {
        return BTreeSet::new();
    }
    match kind {
        "google_compute_firewall" => firewall(side),
        "google_compute_security_policy" => web_firewall(side),
        "google_compute_backend_service" => backend(side, unknown),
        "google_cloud_run_v2_service" => service(side),
        "google_sql_database_instance" => database(side),
        kind if kind.starts_with("google_") && kind.ends_with("_iam_member") => member(side),
        _ => BTreeSet::new(),
    }
}

fn text(side: &Value, path: &str) -> String {
    at(side, path).and_then(quoted).unwrap_or_default()
}

fn texts(side: &Value, path: &str) -> Vec<String> {
    let list = at(side, path).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(quoted).collect()
}

fn opening(range: &str, port: &str) -> Opening {
    let everyone = is_everyone(range);
    let peer = if everyone { EVERYONE } else { range };
    Opening { everyone, inbound: true, peer: peer.to_owned(), port: port.to_owned() }
}

fn everyone(how: &str) -> Opening {
    let peer = format!("{EVERYONE}{how}");
    Opening { everyone: true, inbound: true, peer, port: String::new() }
}

fn firewall(side: &Value) -> BTreeSet<Opening> {
    if side["disabled"] == true {
        return BTreeSet::new();
    }
    let inbound = side["direction"] != "EGRESS";
    let mut peers = texts(side, if inbound { "source_ranges" } else { "destination_ranges" });
    for (attribute, word) in [("source_tags", "tag"), ("source_service_accounts", "account")] {
        peers.extend(texts(side, attribute).iter().map(|name| format!("{word} {name}")));
    }
    let allowed = side["allow"].as_array().map(Vec::as_slice).unwrap_or_default();
    let ports = allowed.iter().map(|allow| {
        let (protocol, ports) = (text(allow, "protocol"), texts(allow, "ports"));
        match (protocol.as_str(), ports.as_slice()) {
            ("all", _) => "every port".to_owned(),
            (protocol, []) => format!("every {protocol} port"),
            (protocol, ports) => format!("{protocol} {}", ports.join(", ").replace('-', " to ")),
        }
    });
    let ports: Vec<String> = ports.collect();
    let mut found = BTreeSet::new();
    for peer in &peers {
        found.extend(ports.iter().map(|port| Opening { inbound, ..opening(peer, port) }));
    }
    found
}

/// Rules of Cloud Armor apply by rank; one that refuses everyone ends it.
fn web_firewall(side: &Value) -> BTreeSet<Opening> {
    let mut rules: Vec<&Value> = side["rule"].as_array().into_iter().flatten().collect();
    rules.sort_by_key(|rule| rule["priority"].as_u64());
    let mut found = BTreeSet::new();
    for rule in rules.into_iter().filter(|rule| rule["preview"] != true) {
        let mut ranges = texts(rule, "match.0.config.0.src_ip_ranges");
        if text(rule, "match.0.expr.0.expression") == "true" {
            ranges.push("*".to_owned());
        }
        let action = text(rule, "action");
        if matches!(action.as_str(), "allow" | "throttle" | "rate_based_ban") {
            found.extend(ranges.iter().map(|range| opening(range, "")));
        }
        if ranges.iter().any(|range| is_everyone(range)) {
            break;
        }
    }
    found
}

/// Behind a load balancer that the internet reaches, with nothing that decides who.
fn backend(side: &Value, unknown: &Value) -> BTreeSet<Opening> {
    let public = text(side, "load_balancing_scheme").starts_with("EXTERNAL");
    let guarded = !text(side, "security_policy").is_empty() || unknown["security_policy"] == true;
    BTreeSet::from_iter((public && !guarded).then(|| everyone(" without a web firewall")))
}

/// Reached under an address of its own, by whoever has no login.
fn service(side: &Value) -> BTreeSet<Opening> {
    let open = side["ingress"] == "INGRESS_TRAFFIC_ALL" && side["invoker_iam_disabled"] == true;
    BTreeSet::from_iter(open.then(|| everyone(" past its load balancer")))
}

fn database(side: &Value) -> BTreeSet<Opening> {
    const NETWORKS: &str = "settings.0.ip_configuration.0.authorized_networks";
    if at(side, "settings.0.ip_configuration.0.ipv4_enabled") != Some(&Value::Bool(true)) {
        return BTreeSet::new();
    }
    let networks = at(side, NETWORKS).and_then(Value::as_array);
    networks.into_iter().flatten().map(|it| opening(&text(it, "value"), "tcp 5432")).collect()
}

fn member(side: &Value) -> BTreeSet<Opening> {
    let role = text(side, "role");
    let who = match text(side, "member").as_str() {
        "allUsers" => EVERYONE,
        "allAuthenticatedUsers" => "everyone with a Google account",
        _ => return BTreeSet::new(),
    };
    let peer = format!("{who} ({role})");
    BTreeSet::from([Opening { everyone: true, inbound: true, peer, port: String::new() }])
}
