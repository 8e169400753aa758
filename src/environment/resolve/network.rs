//! Addresses and zones.

use ipnet::Ipv4Net;

use super::resolver::{Resolver, place};
use crate::environment::draft::Given;
use crate::environment::model::{Network, Target};
use crate::environment::origins::DEFAULT;

/// What nobody chose.
const DEFAULT_CIDR: &str = "10.40.0.0/16";

/// The ranges that a private network may use: RFC 1918, and RFC 6598 for those who ran out.
const PRIVATE: [&str; 4] = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"];

pub(super) fn network(resolver: &mut Resolver<'_>, target: Option<&Target>) -> Option<Network> {
    if resolver.gcp() {
        return network_gcp(resolver);
    }
    if let Some(adopted) = &resolver.draft.network.adopted {
        resolver.unsupported(
            adopted.place.clone(),
            &format!("an existing network (`{}`)", adopted.value),
            "remove the line: Landfall makes a network of its own; `cidr` chooses its addresses",
        );
    }
    let zones = zones(resolver);
    let cidr = cidr(resolver, zones);
    let nat_per_zone = resolver.production();
    let nat = if nat_per_zone { "one a zone" } else { "one" };
    resolver.origins.class("network.nat", nat, resolver.class);
    let zones = zone_names(&target?.region, zones?);
    resolver.origins.derived("network.zones", zones.join(", "));
    Some(Network { cidr: cidr?, zones, nat_per_zone })
}

/// A network of Google Cloud spans the region: there is one subnet, and no zone to choose.
fn network_gcp(resolver: &mut Resolver<'_>) -> Option<Network> {
    if let Some(adopted) = &resolver.draft.network.adopted {
        resolver.problem(
            adopted.place.clone(),
            format!("an existing network (`{}`) in an environment on Google Cloud", adopted.value),
            "these are words of AWS, and on neither cloud can a network be adopted yet",
            "remove the line: Landfall makes a network of its own; `cidr` chooses its addresses",
        );
    }
    if let Some(zones) = &resolver.draft.network.zones {
        resolver.problem(
            zones.place.clone(),
            format!("`zones` is {}, and the environment is on Google Cloud", zones.value),
            "a subnet of Google Cloud spans all zones of its region, as Cloud Run does",
            "remove the line; the class decides whether the database has a standby",
        );
    }
    let cidr = cidr(resolver, Some(2));
    let nat_per_zone = resolver.production();
    let nat = if nat_per_zone { "two addresses" } else { "one address" };
    resolver.origins.class("network.nat", nat, resolver.class);
    Some(Network { cidr: cidr?, zones: Vec::new(), nat_per_zone })
}

fn cidr(resolver: &mut Resolver<'_>, zones: Option<usize>) -> Option<Ipv4Net> {
    let given = resolver.draft.network.cidr.as_ref();
    let text = given.map_or(DEFAULT_CIDR, |given| given.value.as_str());
    resolver.origins.written_or("network.cidr", text, place(given), DEFAULT);
    match check_cidr(text, zones.unwrap_or(2)) {
        Ok(cidr) => Some(cidr),
        Err((why, help)) => {
            resolver.problem(place(given).cloned(), format!("`cidr` is \"{text}\""), why, help);
            None
        }
    }
}

/// The range, or why it cannot be one and what could.
fn check_cidr(text: &str, zones: usize) -> Result<Ipv4Net, (String, String)> {
    let like = || format!("write it like \"{DEFAULT_CIDR}\"");
    let Ok(cidr) = text.parse::<Ipv4Net>() else {
        return Err(("it is not an IPv4 range".to_owned(), like()));
    };
    let exact = cidr.trunc();
    let room = format!("from a /16 to a /22, as \"{}/16\"", exact.network());
    if cidr.prefix_len() > 22 {
        let why = format!(
            "{} addresses are too small for {zones} zones with three subnets each",
            1_u64 << (32 - cidr.prefix_len())
        );
        return Err((why, room));
    }
    if cidr.prefix_len() < 16 {
        return Err(("a VPC has at most 65,536 addresses".to_owned(), room));
    }
    if exact != cidr {
        let why = format!("{} is not the first address of a /{}", cidr.addr(), cidr.prefix_len());
        return Err((why, format!("write \"{exact}\"")));
    }
    let ranges = PRIVATE.iter().filter_map(|range| range.parse::<Ipv4Net>().ok());
    if !ranges.clone().any(|range| range.contains(&cidr)) {
        let why = "its addresses belong to others on the internet".to_owned();
        return Err((why, format!("take it from {}", PRIVATE.join(", "))));
    }
    Ok(cidr)
}

fn zones(resolver: &mut Resolver<'_>) -> Option<usize> {
    let default = if resolver.production() { 3 } else { 2 };
    let Some(Given { value, place }) = resolver.draft.network.zones.as_ref() else {
        resolver.origins.class("network.zone_count", default, resolver.class);
        return Some(default);
    };
    resolver.origins.written("network.zone_count", value, place);
    let (why, help) = match value {
        2 => return Some(2),
        3 => return Some(3),
        1 if resolver.production() => (
            "class production must survive the loss of a zone",
            "write zones = 3 (or 2), or remove the line",
        ),
        1 => ("a load balancer needs two zones", "write zones = 2, or remove the line"),
        _ => ("more than three zones cost more than they save", "write zones = 2 or zones = 3"),
    };
    resolver.problem(place.clone(), format!("`zones` is {value}"), why, help);
    None
}

/// The first zones of a region that every account can use.
///
/// Two regions have a letter that new accounts do not get:
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-regions-availability-zones.html>
fn zone_names(region: &str, count: usize) -> Vec<String> {
    let letters = match region {
        "ap-northeast-1" => ["a", "c", "d"],
        "ca-central-1" => ["a", "b", "d"],
        _ => ["a", "b", "c"],
    };
    letters.iter().take(count).map(|letter| format!("{region}{letter}")).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ranges_that_fit_and_that_do_not() {
        for good in ["10.40.0.0/16", "172.17.0.0/16", "192.168.4.0/22", "100.64.0.0/16"] {
            assert!(check_cidr(good, 3).is_ok(), "{good}");
        }
        let why = |text| check_cidr(text, 3).map_err(|(why, _)| why);
        let bad = [
            ("10.40.0.0/24", "too small for 3 zones"),
            ("10.0.0.0/8", "at most 65,536"),
            ("10.40.1.0/16", "not the first address of a /16"),
            ("11.0.0.0/16", "belong to others"),
            ("10.40.0.0", "not an IPv4 range"),
            ("fd00::/16", "not an IPv4 range"),
        ];
        for (text, part) in bad {
            assert!(why(text).is_err_and(|why| why.contains(part)), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in "\\PC{0,20}") {
            let _ = check_cidr(&text, 2);
        }
    }
}
