//! Ways in: host, certificate, reach and who may connect.

use std::collections::BTreeMap;

use ipnet::Ipv4Net;

use super::resolver::{Resolver, place};
use crate::environment::draft::{self, Given};
use crate::environment::model::{Ingress, Target};
use crate::environment::origins::DEFAULT;
use crate::kit::model::Ingress as KitIngress;
use crate::name::name;

/// What a load balancer waits for an answer unless a route says more.
pub(super) const IDLE_SECONDS: u64 = 60;

pub(super) fn ingresses(
    resolver: &mut Resolver<'_>,
    target: Option<&Target>,
) -> BTreeMap<String, Ingress> {
    let known = &resolver.kit.ingresses;
    for (name, draft) in &resolver.draft.ingresses {
        if !known.contains_key(name) {
            let names = known.keys().map(String::as_str);
            resolver.unknown(draft.place.as_ref(), "ingress", "ingresses", name, names);
        }
    }
    let decided = known.values().filter_map(|kit| {
        let Some(draft) = resolver.draft.ingresses.get(&kit.name) else {
            resolver.problem(
                resolver.file.clone(),
                format!("there is no `ingress \"{}\" {{ ... }}`", kit.name),
                "the product is reached by it, and only you know under which host",
                format!("add `ingress \"{}\"` with `host` and `certificate`", kit.name),
            );
            return None;
        };
        Some((kit.name.clone(), ingress(resolver, target, kit, draft)?))
    });
    decided.collect()
}

fn ingress(
    resolver: &mut Resolver<'_>,
    target: Option<&Target>,
    kit: &KitIngress,
    draft: &draft::Ingress,
) -> Option<Ingress> {
    let key = format!("ingress.{}", kit.name);
    let host = host(resolver, &key, draft);
    let internal = draft.internal.as_ref().is_some_and(|given| given.value);
    if internal && resolver.gcp() {
        resolver.unsupported(
            place(draft.internal.as_ref()).cloned(),
            "`reach = \"internal\"` on Google Cloud",
            "remove the line, and let in only your own ranges with `allow`",
        );
    }
    let reach = if internal { "internal" } else { "internet" };
    let at = place(draft.internal.as_ref());
    resolver.origins.written_or(format!("{key}.reach"), reach, at, DEFAULT);
    let certificate = if resolver.gcp() {
        certificate_gcp(resolver, &key, draft)
    } else {
        certificate(resolver, &key, target, draft)
    };
    let allow = allow(resolver, &key, draft);
    let idle_timeout_seconds = idle_timeout(resolver, kit);

    let block = draft.place.as_ref();
    let load_balancer_name = name(resolver.name, &kit.name, 32);
    let load_balancer_name = resolver.claim("load balancer", load_balancer_name, &key, block);
    resolver.origins.derived(format!("{key}.load_balancer_name"), &load_balancer_name);
    let (host, certificate) = (host?, certificate?);
    let scheme = if certificate.is_some() { "https" } else { "http" };
    let url = format!("{scheme}://{host}");
    resolver.origins.derived(format!("{key}.url"), &url);
    let log_bucket =
        if resolver.gcp() { None } else { Some(log_bucket(resolver, target?, &kit.name, block)) };
    Some(Ingress {
        name: kit.name.clone(),
        load_balancer_name,
        log_bucket,
        host,
        internal,
        certificate,
        allow,
        url,
        idle_timeout_seconds,
    })
}

/// Buckets have one name space for all accounts, so the account and region are part of it.
fn log_bucket(
    resolver: &mut Resolver<'_>,
    target: &Target,
    ingress: &str,
    block: Option<&crate::source::Place>,
) -> String {
    let part = format!("{}-{}-{}-{ingress}-logs", target.account_id, target.region, resolver.name);
    let bucket = name("landfall", &part, 63);
    resolver.claim("bucket", bucket, &format!("ingress.{ingress}.logs"), block)
}

/// A fully qualified host name: labels of letters, digits and dashes, at least two of them.
pub(super) fn is_host(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last = text.rsplit('.').next().unwrap_or_default();
    text.len() <= 253
        && text.contains('.')
        && text.split('.').all(label)
        && !last.bytes().all(|byte| byte.is_ascii_digit())
}

fn host(resolver: &mut Resolver<'_>, key: &str, draft: &draft::Ingress) -> Option<String> {
    let Some(given) = &draft.host else {
        resolver.problem(
            draft.place.clone(),
            format!("{key} has no `host`"),
            "the product's URL and the certificate's check follow from it",
            "add `host = \"ledger.acme.example\"`",
        );
        return None;
    };
    resolver.origins.written(format!("{key}.host"), &given.value, &given.place);
    if is_host(&given.value) {
        return Some(given.value.clone());
    }
    let why = if given.value.contains("://") || given.value.contains('/') {
        "it is an address, a host is only its middle"
    } else if given.value.contains('*') {
        "a wildcard is not where people go"
    } else {
        "a host has lower-case letters, digits and dashes, in at least two parts with dots between"
    };
    resolver.problem(
        given.place.clone(),
        format!("`host` is \"{}\"", given.value),
        why,
        "write it like \"ledger.acme.example\"",
    );
    None
}

/// `Some(None)` is plain HTTP, decided; `None` is undecided, after a problem.
#[expect(clippy::option_option, reason = "undecided and decided-for-none are not the same")]
fn certificate(
    resolver: &mut Resolver<'_>,
    key: &str,
    target: Option<&Target>,
    draft: &draft::Ingress,
) -> Option<Option<String>> {
    let Some(given) = &draft.certificate else {
        let help = if resolver.production() {
            "add `certificate = \"arn:aws:acm:...\"`, issued for the host"
        } else {
            "add `certificate = \"arn:aws:acm:...\"`, or `certificate = \"none\"` for plain HTTP"
        };
        resolver.problem(
            draft.place.clone(),
            format!("{key} has no `certificate`"),
            "people send passwords through it; plain HTTP has to be asked for",
            help,
        );
        return None;
    };
    resolver.origins.written(format!("{key}.certificate"), &given.value, &given.place);
    match given.value.as_str() {
        "none" if resolver.production() => resolver.problem(
            given.place.clone(),
            "`certificate` is \"none\"",
            "class production has no plain HTTP",
            "write the ARN of an ACM certificate that is issued for the host",
        ),
        "none" => return Some(None),
        "managed" => resolver.unsupported(
            given.place.clone(),
            "`certificate = \"managed\"` on AWS",
            "request a certificate in ACM, wait until it is issued, and write its ARN",
        ),
        arn => match check_certificate(arn, target) {
            Ok(()) => return Some(Some(arn.to_owned())),
            Err(why) => refuse_certificate(resolver, given, why, target),
        },
    }
    None
}

/// The same on Google Cloud, which makes and renews certificates itself.
#[expect(clippy::option_option, reason = "undecided and decided-for-none are not the same")]
fn certificate_gcp(
    resolver: &mut Resolver<'_>,
    key: &str,
    draft: &draft::Ingress,
) -> Option<Option<String>> {
    let or_none = if resolver.production() { "" } else { ", or \"none\" for plain HTTP" };
    let Some(given) = &draft.certificate else {
        resolver.problem(
            draft.place.clone(),
            format!("{key} has no `certificate`"),
            "people send passwords through it; plain HTTP has to be asked for",
            format!("add `certificate = \"managed\"`{or_none}"),
        );
        return None;
    };
    resolver.origins.written(format!("{key}.certificate"), &given.value, &given.place);
    let why = match given.value.as_str() {
        "managed" => return Some(Some(given.value.clone())),
        "none" if !resolver.production() => return Some(None),
        "none" => "class production has no plain HTTP",
        arn if arn.starts_with("arn:") => "it is a certificate of AWS",
        _ => "Google Cloud makes the certificate itself, and renews it",
    };
    resolver.problem(
        given.place.clone(),
        format!("`certificate` is \"{}\"", given.value),
        why,
        format!("write \"managed\"{or_none}"),
    );
    None
}

fn refuse_certificate(
    resolver: &mut Resolver<'_>,
    given: &Given<String>,
    why: String,
    target: Option<&Target>,
) {
    let (region, account) = target.map_or(("REGION", "ACCOUNT"), |target| {
        (target.region.as_str(), target.account_id.as_str())
    });
    resolver.problem(
        given.place.clone(),
        format!("`certificate` is \"{}\"", given.value),
        why,
        format!("write it like \"arn:aws:acm:{region}:{account}:certificate/...\""),
    );
}

/// An ACM certificate of this partition, region and account.
fn check_certificate(arn: &str, target: Option<&Target>) -> Result<(), String> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", partition, "acm", region, account, resource] = parts.as_slice() else {
        return Err("it is not the ARN of an ACM certificate".to_owned());
    };
    if resource.strip_prefix("certificate/").is_none_or(str::is_empty) {
        return Err("it is not the ARN of an ACM certificate".to_owned());
    }
    let Some(target) = target else { return Ok(()) };
    if *region != target.region {
        return Err(format!("it lies in {region}, the load balancer in {}", target.region));
    }
    if *account != target.account_id {
        return Err(format!("it belongs to the account {account}, not to {}", target.account_id));
    }
    if *partition != target.partition {
        return Err(format!("its partition is {partition}, the region's {}", target.partition));
    }
    Ok(())
}

fn allow(resolver: &mut Resolver<'_>, key: &str, draft: &draft::Ingress) -> Vec<String> {
    let Some(given) = &draft.allow else {
        resolver.origins.written_or(format!("{key}.allow"), "everyone", None, DEFAULT);
        return Vec::new();
    };
    let mut allow = Vec::new();
    for range in &given.value {
        let parsed = range.value.parse::<Ipv4Net>();
        let (why, help) = match parsed {
            Ok(net) if net == net.trunc() => {
                allow.push(net);
                continue;
            }
            Ok(net) => {
                ("it has address bits behind its prefix", format!("write \"{}\"", net.trunc()))
            }
            Err(_) => ("it is not an IPv4 range", "write it like \"203.0.113.0/24\"".to_owned()),
        };
        let what = format!("`allow` has \"{}\"", range.value);
        resolver.problem(range.place.clone(), what, why, help);
    }
    allow.sort();
    allow.dedup();
    let allow: Vec<String> = allow.iter().map(ToString::to_string).collect();
    let shown = if allow.is_empty() { "everyone".to_owned() } else { allow.join(", ") };
    resolver.origins.written(format!("{key}.allow"), shown, &given.place);
    allow
}

/// The longest `timeout` of the routes: a load balancer of AWS has one for all.
fn idle_timeout(resolver: &mut Resolver<'_>, kit: &KitIngress) -> u32 {
    let (most, who) = if resolver.gcp() {
        (3600, "Cloud Run waits from 1 to 3600 seconds")
    } else {
        (4000, "a load balancer of AWS waits from 1 to 4000 seconds")
    };
    let mut longest = IDLE_SECONDS;
    for route in &kit.routes {
        let Some(timeout) = route.timeout else { continue };
        if !(1..=most).contains(&timeout.as_secs()) {
            resolver.problem(
                route.place.clone(),
                format!("a route's `timeout` is {} seconds", timeout.as_secs()),
                who,
                "answer earlier, or let the product poll",
            );
        }
        longest = longest.max(timeout.as_secs());
    }
    u32::try_from(longest).unwrap_or(4000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        for good in ["ledger.acme.example", "a.b", "x-1.example"] {
            assert!(is_host(good), "{good}");
        }
        for bad in [
            "",
            "localhost",
            "Ledger.example",
            "10.0.0.1",
            "a..b",
            "-a.b",
            "a.b.",
            "*.a.b",
            "a b.c",
        ] {
            assert!(!is_host(bad), "{bad}");
        }
    }
}
