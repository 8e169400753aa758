//! Rules of security groups in words: who may reach whom, and on which port.

use super::model::{Action, Change};
use super::names::module_label;

/// Everyone, as an address range; the star is that of Google's web firewall.
const EVERYONE: [&str; 3] = ["0.0.0.0/0", "::/0", "*"];

/// Whether a range is everyone.
pub(super) fn is_everyone(range: &str) -> bool {
    EVERYONE.contains(&range)
}

/// A way that a rule opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Way {
    pub(super) from: String,
    pub(super) to: String,
    /// Empty where it is every port that there is.
    pub(super) port: String,
    /// From outside of the environment into it.
    pub(super) inbound: bool,
    /// From everyone, or to everyone.
    pub(super) everyone: bool,
}

impl Way {
    /// Whether anyone on the internet comes in by it.
    pub(super) fn lets_everyone_in(&self) -> bool {
        self.inbound && self.everyone
    }

    /// What making the rule does, or taking it away; `None` for anything else.
    pub(super) fn sentence(&self, action: Action) -> Option<String> {
        let Self { from, to, port, .. } = self;
        let on = if port.is_empty() { String::new() } else { format!(" on {port}") };
        Some(match (action, self.inbound) {
            (Action::Create, true) => format!("opens {to} to {from}{on}"),
            (Action::Create, false) => format!("lets {from} reach {to}{on}"),
            (Action::Delete, true) => format!("closes {to} to {from}{on}"),
            (Action::Delete, false) => format!("no longer lets {from} reach {to}{on}"),
            _ => return None,
        })
    }
}

/// The way of a rule; `None` for what is no rule.
pub(super) fn way(change: &Change) -> Option<Way> {
    let inward = match change.kind.as_str() {
        "aws_vpc_security_group_ingress_rule" => true,
        "aws_vpc_security_group_egress_rule" => false,
        _ => return None,
    };
    let range = change.fact("cidr_ipv4").or_else(|| change.fact("cidr_ipv6"));
    let range = range.or_else(|| change.fact("prefix_list_id"));
    let everyone = range.is_some_and(is_everyone);
    let between = if inward { "_from_" } else { "_to_" };
    let (owner, peer) = match change.name.split_once(between) {
        Some((owner, peer)) => (role(change, owner), Some(role(change, peer))),
        None => (owner(change), None),
    };
    let peer = match range {
        _ if everyone => "the whole internet".to_owned(),
        Some(range) => range.to_owned(),
        None => peer.unwrap_or_else(|| "another security group".to_owned()),
    };
    let (from, to) = if inward { (peer, owner) } else { (owner, peer) };
    Some(Way { from, to, port: port(change), inbound: inward && range.is_some(), everyone })
}

/// Whose security group it is: our modules write it into the key, as in `public:443:0.0.0.0/0`.
fn owner(change: &Change) -> String {
    let key = change.index.as_deref();
    if let Some(workload) = key.and_then(workload) {
        return workload;
    }
    match key.and_then(|key| key.split(':').next()) {
        Some(name) if change.name == "clients" => format!("load balancer {name}"),
        Some(name) => format!("security group {name}"),
        None => {
            module_label(change).map_or_else(|| "a security group".to_owned(), |(_, label)| label)
        }
    }
}

/// One side of a rule that is named for both: `database_from_workload`.
fn role(change: &Change, role: &str) -> String {
    let key = change.index.as_deref().unwrap_or_default();
    let named = match role {
        "workload" => workload(key),
        "database" => key.rsplit(':').next().map(|name| format!("database {name}")),
        "load_balancer" => key.split(':').next().map(|name| format!("load balancer {name}")),
        _ => None,
    };
    named.unwrap_or_else(|| role.replace('_', " "))
}

/// The workload that a key is about: `service_web:main` is "service web".
pub(super) fn workload(key: &str) -> Option<String> {
    let named = |part: &&str| part.starts_with("service_") || part.starts_with("job_");
    key.split(':').find(named).map(|part| part.replacen('_', " ", 1))
}

fn port(change: &Change) -> String {
    let protocol = change.fact("ip_protocol").unwrap_or("tcp");
    match (protocol, change.fact("from_port"), change.fact("to_port")) {
        ("-1" | "all", ..) | (_, None, None) => "every port".to_owned(),
        (protocol, Some(from), Some(to)) if from != to => format!("{protocol} {from} to {to}"),
        (protocol, from, to) => format!("{protocol} {}", from.or(to).unwrap_or_default()),
    }
}
