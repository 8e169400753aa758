//! Containers of the kit's own secrets. Those of database logins are added by the workloads.

use std::collections::BTreeMap;

use super::header::kit_origin;
use super::resolver::Resolver;
use crate::environment::model::{SecretContainer, SecretValue};
use crate::kit::model::{SecretOrigin, SecretSpec};

/// Containers by key.
pub(super) type Secrets = BTreeMap<String, SecretContainer>;

/// The key of a kit's secret in Terraform maps.
pub(super) fn key(name: &str) -> String {
    name.replace('-', "_")
}

pub(super) fn secrets(resolver: &mut Resolver<'_>) -> Secrets {
    adopted(resolver);
    let mut secrets = Secrets::new();
    for secret in &resolver.kit.secrets {
        let owner = format!("secret.{}", secret.name);
        let at = resolver.in_kit(&owner);
        let key = resolver.claim("secret", key(&secret.name), &owner, at);
        let origin = kit_origin(resolver, &owner);
        let container = container(resolver, key.clone(), secret);
        resolver.origins.written_or(owner, &container.name, None, &origin);
        secrets.insert(key, container);
    }
    secrets
}

fn container(resolver: &Resolver<'_>, key: String, secret: &SecretSpec) -> SecretContainer {
    let plain = || format!("{} of {}", secret.name.replace(['_', '-'], " "), resolver.kit.title);
    let prompt = secret.doc.clone().unwrap_or_else(plain);
    SecretContainer {
        name: container_name(resolver, &key),
        key,
        description: prompt.clone(),
        value: match &secret.origin {
            SecretOrigin::Generated { kind, length, prefix } => {
                SecretValue::Generated { kind: *kind, length: *length, prefix: prefix.clone() }
            }
            SecretOrigin::Supplied => SecretValue::Supplied { check: secret.check.clone(), prompt },
        },
        required: secret.required,
        immutable: secret.immutable,
        show_once: secret.show_once,
    }
}

/// `landfall/<environment>/<key>`: at most 512 characters in Secrets Manager, which a key of the
/// kit's names never reaches. Keys have no dash, so that a name never ends like the six random
/// characters that Secrets Manager appends to its ARN. Secret Manager of Google Cloud has no
/// slashes, and 255 characters: as keys have no dash, the last one is where the key begins.
pub(super) fn container_name(resolver: &Resolver<'_>, key: &str) -> String {
    let between = if resolver.gcp() { '-' } else { '/' };
    format!("landfall{between}{}{between}{key}", resolver.name)
}

/// `secrets = { ... }` of the environment: which containers are adopted.
fn adopted(resolver: &mut Resolver<'_>) {
    let known = || resolver.kit.secrets.iter().map(|secret| secret.name.as_str());
    let names: Vec<&str> = known().collect();
    for (name, given) in &resolver.draft.secrets {
        if !names.contains(&name.as_str()) {
            resolver.unknown(Some(&given.place), "secret", "secrets", name, names.iter().copied());
        } else if let Some(arn) = given.value.strip_prefix("existing:") {
            if let Some((why, help)) = no_secret(resolver.gcp(), arn) {
                let what = format!("the secret `{name}` is adopted from \"{arn}\"");
                resolver.problem(given.place.clone(), what, why, help);
            }
            resolver.unsupported(
                given.place.clone(),
                &format!("adopting the secret `{name}`"),
                "remove the line: Landfall makes a container and asks for the value",
            );
        } else {
            // Not shown with its place: the snippet would print what may be the secret itself.
            resolver.problem(
                None,
                format!("{}: the secret `{name}` has a value in the file", given.place),
                "values of secrets never stand in a file, they live in the secret manager (G2)",
                "remove it here and from git's history, change it where it is used, and let \
                 Landfall ask for it",
            );
        }
    }
}

/// Why a text names no secret of the cloud, and what would.
fn no_secret(gcp: bool, text: &str) -> Option<(&'static str, &'static str)> {
    let of_aws = text.starts_with("arn:") && text.contains(":secretsmanager:");
    let of_gcp = text.starts_with("projects/") && text.contains("/secrets/");
    let like_gcp = "write it like \"existing:projects/acme-ledger/secrets/licence\"";
    let like_aws = "write it like \"existing:arn:aws:secretsmanager:...\"";
    match (gcp, of_aws, of_gcp) {
        (true, _, true) | (false, true, _) => None,
        (true, true, _) => Some(("it is a secret of AWS", like_gcp)),
        (true, ..) => Some(("it is not the id of a secret", like_gcp)),
        (false, _, true) => Some(("it is a secret of Google Cloud", like_aws)),
        (false, ..) => Some(("it is not the ARN of a secret", like_aws)),
    }
}
