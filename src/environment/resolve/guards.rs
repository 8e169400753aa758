//! G8: what is not production must not reach what is.

use std::sync::Arc;

use super::resolver::{Resolver, place};
use super::target::default_bucket;
use crate::environment::draft::{Draft, Given};
use crate::environment::model::{Class, Target};
use crate::environment::read;
use crate::source::{Place, Problems, Source};

/// What G8 needs to know about another environment under the same root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Neighbour {
    /// Its name.
    pub name: String,
    /// Its class.
    pub class: Class,
    /// Hosts of its ingresses.
    pub hosts: Vec<String>,
    /// ARNs or ids of secrets that it adopts.
    pub arns: Vec<String>,
    /// Its state bucket.
    pub buckets: Vec<String>,
}

/// Reads as much of another environment as G8 needs. Its own problems are its own: what cannot
/// be read is left out; `None` without a class or if the file is not HCL.
pub fn neighbour(
    name: &str,
    environment: &Arc<Source>,
    defaults: Option<&Arc<Source>>,
) -> Option<Neighbour> {
    let draft = read::read(environment, defaults, &mut Problems::new())?;
    Some(Neighbour {
        name: name.to_owned(),
        class: draft.class.as_ref()?.value,
        hosts: hosts(&draft).map(|host| host.value.clone()).collect(),
        arns: arns(&draft).map(|(arn, _)| arn.to_owned()).collect(),
        buckets: bucket(&draft, name).into_iter().collect(),
    })
}

fn hosts(draft: &Draft) -> impl Iterator<Item = &Given<String>> {
    draft.ingresses.values().filter_map(|ingress| ingress.host.as_ref())
}

fn arns(draft: &Draft) -> impl Iterator<Item = (&str, &Place)> {
    draft
        .secrets
        .values()
        .filter_map(|secret| Some((secret.value.strip_prefix("existing:")?, &secret.place)))
}

fn bucket(draft: &Draft, name: &str) -> Option<String> {
    if let Some(bucket) = &draft.bucket {
        return Some(bucket.value.clone());
    }
    let (account, region) = match (&draft.aws, &draft.gcp) {
        (Some(aws), _) => (&aws.account_id, &aws.region),
        (None, Some(gcp)) => (&gcp.project, &gcp.region),
        (None, None) => return None,
    };
    Some(default_bucket(&account.as_ref()?.value, &region.as_ref()?.value, name))
}

/// A `preview` or `staging` environment shares no host, adopted secret or bucket with any
/// `production` environment under the root.
pub(super) fn separate(resolver: &mut Resolver<'_>, target: Option<&Target>) {
    if resolver.production() {
        return;
    }
    let draft = resolver.draft;
    let others = resolver.others;
    for other in others.iter().filter(|other| other.class == Class::Production) {
        for host in hosts(draft).filter(|host| other.hosts.contains(&host.value)) {
            shared(resolver, other, Some(&host.place), "host", &host.value);
        }
        for (arn, at) in arns(draft).filter(|(arn, _)| other.arns.iter().any(|own| own == arn)) {
            shared(resolver, other, Some(at), "secret", arn);
        }
        let bucket = target.map(|target| &target.bucket);
        if let Some(bucket) = bucket.filter(|bucket| other.buckets.contains(bucket)) {
            shared(resolver, other, place(draft.bucket.as_ref()), "bucket", bucket);
        }
    }
}

fn shared(
    resolver: &mut Resolver<'_>,
    other: &Neighbour,
    at: Option<&Place>,
    what: &str,
    value: &str,
) {
    let class = resolver.class.word();
    resolver.problem(
        at.cloned(),
        format!("the {what} `{value}` belongs to the production environment `{}`", other.name),
        format!("class {class} must not reach production (G8)"),
        format!("give this environment a {what} of its own"),
    );
}
