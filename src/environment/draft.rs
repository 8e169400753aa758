//! What a file says, before anything is decided: every value optional, with its place.
//!
//! `environment.hcl` and `defaults.hcl` each become a [`Draft`]; [`Merge::over`] lays one over
//! the other, value by value, and keeps the place of the one that won.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::model::Class;
use crate::source::Place;

/// A value and where it was written.
#[derive(Clone, Debug)]
pub(super) struct Given<T> {
    pub(super) value: T,
    pub(super) place: Place,
}

/// One file, or two laid over each other.
#[derive(Debug, Default)]
pub(super) struct Draft {
    /// The label of `environment "NAME"`.
    pub(super) name: Option<Given<String>>,
    pub(super) class: Option<Given<Class>>,
    pub(super) kit: Option<Given<String>>,
    pub(super) release: Option<Given<String>>,
    pub(super) signer: Option<Given<String>>,
    pub(super) size: Option<Given<String>>,
    pub(super) contact: Option<Given<String>>,
    pub(super) aws: Option<Aws>,
    pub(super) gcp: Option<Gcp>,
    pub(super) network: Network,
    pub(super) ingresses: BTreeMap<String, Ingress>,
    pub(super) databases: BTreeMap<String, Database>,
    pub(super) inputs: BTreeMap<String, Given<Json>>,
    pub(super) variables: BTreeMap<String, Given<Json>>,
    pub(super) secrets: BTreeMap<String, Given<String>>,
    pub(super) tags: BTreeMap<String, Given<String>>,
    /// By kind (`service`, `job`) and name.
    pub(super) overrides: BTreeMap<(String, String), Override>,
    pub(super) drift: Drift,
    pub(super) bucket: Option<Given<String>>,
    pub(super) bucket_key: Option<Given<String>>,
    pub(super) approvals: Option<Given<()>>,
}

/// `aws { }`.
#[derive(Debug, Default)]
pub(super) struct Aws {
    pub(super) place: Option<Place>,
    pub(super) account_id: Option<Given<String>>,
    pub(super) region: Option<Given<String>>,
    pub(super) permissions_boundary: Option<Given<String>>,
    pub(super) read: Option<Given<String>>,
    pub(super) update: Option<Given<String>>,
    pub(super) install: Option<Given<String>>,
}

/// `gcp { }`.
#[derive(Debug, Default)]
pub(super) struct Gcp {
    pub(super) place: Option<Place>,
    pub(super) project: Option<Given<String>>,
    pub(super) project_number: Option<Given<String>>,
    pub(super) region: Option<Given<String>>,
    /// `remote`, or a repository in Artifact Registry that holds the images.
    pub(super) images: Option<Given<String>>,
}

/// `network { }`.
#[derive(Debug, Default)]
pub(super) struct Network {
    pub(super) cidr: Option<Given<String>>,
    pub(super) zones: Option<Given<u32>>,
    /// `vpc_id` or one of the subnet ids: an existing network.
    pub(super) adopted: Option<Given<String>>,
}

/// `ingress NAME { }`.
#[derive(Debug, Default)]
pub(super) struct Ingress {
    pub(super) place: Option<Place>,
    pub(super) host: Option<Given<String>>,
    pub(super) internal: Option<Given<bool>>,
    pub(super) certificate: Option<Given<String>>,
    pub(super) allow: Option<Given<Vec<Given<String>>>>,
}

/// `database NAME { }`.
#[derive(Debug, Default)]
pub(super) struct Database {
    pub(super) place: Option<Place>,
    pub(super) instance: Option<Given<String>>,
    pub(super) backup_days: Option<Given<u32>>,
    pub(super) maintenance: Option<Given<String>>,
}

/// `override KIND NAME { }`.
#[derive(Debug, Default)]
pub(super) struct Override {
    pub(super) place: Option<Place>,
    pub(super) cpu: Option<Given<f64>>,
    pub(super) memory_mib: Option<Given<u64>>,
    pub(super) replicas: Option<Given<u32>>,
    pub(super) max: Option<Given<u32>>,
}

/// `drift { }`.
#[derive(Debug, Default)]
pub(super) struct Drift {
    pub(super) ignore_tags: Option<Given<Vec<String>>>,
    pub(super) customer_owned: Option<Given<Vec<Given<Vec<String>>>>>,
}

/// Lays what is nearer to the environment over what is shared.
pub(super) trait Merge {
    /// `self` wins wherever it says something.
    #[must_use]
    fn over(self, under: Self) -> Self;
}

impl<T> Merge for Given<T> {
    fn over(self, _under: Self) -> Self {
        self
    }
}

impl Merge for Place {
    fn over(self, _under: Self) -> Self {
        self
    }
}

impl<T: Merge> Merge for Option<T> {
    fn over(self, under: Self) -> Self {
        match (self, under) {
            (Some(over), Some(under)) => Some(over.over(under)),
            (over, under) => over.or(under),
        }
    }
}

impl<K: Ord, T: Merge> Merge for BTreeMap<K, T> {
    fn over(self, mut under: Self) -> Self {
        for (key, value) in self {
            let merged = match under.remove(&key) {
                Some(shared) => value.over(shared),
                None => value,
            };
            under.insert(key, merged);
        }
        under
    }
}

/// Field by field.
macro_rules! merge_fields {
    ($type:ty { $($field:ident),+ $(,)? }) => {
        impl Merge for $type {
            fn over(self, under: Self) -> Self {
                Self { $($field: self.$field.over(under.$field)),+ }
            }
        }
    };
}

merge_fields!(Draft {
    name,
    class,
    kit,
    release,
    signer,
    size,
    contact,
    aws,
    gcp,
    network,
    ingresses,
    databases,
    inputs,
    variables,
    secrets,
    tags,
    overrides,
    drift,
    bucket,
    bucket_key,
    approvals,
});
merge_fields!(Aws { place, account_id, region, permissions_boundary, read, update, install });
merge_fields!(Gcp { place, project, project_number, region, images });
merge_fields!(Network { cidr, zones, adopted });
merge_fields!(Ingress { place, host, internal, certificate, allow });
merge_fields!(Database { place, instance, backup_days, maintenance });
merge_fields!(Override { place, cpu, memory_mib, replicas, max });
merge_fields!(Drift { ignore_tags, customer_owned });
