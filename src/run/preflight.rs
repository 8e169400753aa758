//! Step `preflight`: everything that can be known to fail later is found now, before anything is
//! touched. Supplied secrets are asked for here and held in memory.

use super::context::{Finished, Run, Supplied};
use super::{images, permissions, recover};
use crate::cloud::Identity;
use crate::environment::model::{MANAGED_CERTIFICATE, SecretContainer, SecretValue, Target};
use crate::failure::{Failure, Result};
use crate::report::{Event, plural};

/// Identity, permissions, certificates, images, supplied secrets.
pub(super) async fn check(run: &Run) -> Result<Finished<(Identity, Supplied)>> {
    let identity = run.check_identity().await?;
    let permissions = permissions::prove(run, &identity, "nothing was touched").await?;
    // Before the first install there is no bucket, and nothing that another run could be at.
    if run.cloud.state_store(run.bucket()).await?.is_some() {
        run.hold(&identity.arn).await?;
        recover::recover(run).await?;
    }
    certificates(run).await?;
    let images = images::check(run).await?;
    let missing = missing_secrets(run).await?;
    let count = missing.len();
    let supplied = if missing.is_empty() {
        Supplied::new()
    } else {
        run.reporter.tell(&Event::Question);
        run.asks.secrets(&missing)?
    };
    let secrets = if count == 0 {
        String::new()
    } else {
        format!(", {} taken", plural(supplied.len(), "secret"))
    };
    let account = run.environment.target.cloud.account();
    let summary = format!("{account} {}{permissions}, {images}{secrets}", identity.account);
    Ok(Finished::done(summary, (identity, supplied)))
}

/// The part that `plan` needs.
pub(super) async fn identity_only(run: &Run) -> Result<Finished<Identity>> {
    let identity = run.check_identity().await?;
    let account = run.environment.target.cloud.account();
    Ok(Finished::done(format!("{account} {}", identity.account), identity))
}

impl Run {
    /// G1: who is calling is for the account and region that the environment is pinned to.
    pub async fn check_identity(&self) -> Result<Identity> {
        let identity = self.cloud.identity().await?;
        same_target(&self.environment.name, &self.environment.target, identity)
    }
}

/// G1: fails if the caller is elsewhere than where an environment is pinned to.
pub fn same_target(name: &str, target: &Target, identity: Identity) -> Result<Identity> {
    let account = target.cloud.account();
    let number = |number: &Option<String>| number.clone().unwrap_or_default();
    let (wanted_number, found_number) =
        (number(&target.project_number), number(&identity.project_number));
    for (what, wanted, found) in [
        (account, &target.account_id, &identity.account),
        ("project number", &wanted_number, &found_number),
        ("region", &target.region, &identity.region),
        ("partition", &target.partition, &identity.partition),
    ] {
        if wanted != found {
            return Err(Failure::input(format!(
                "wrong {what}: {name} is pinned to {wanted}, you are in {found}"
            ))
            .because(format!("you are {}", identity.arn))
            .because("nothing was touched")
            .next(format!(
                "log in to {account} {} and run the same command again",
                target.account_id
            )));
        }
    }
    Ok(identity)
}

/// Every certificate is issued and is for the host.
async fn certificates(run: &Run) -> Result<()> {
    for ingress in run.environment.ingresses.values() {
        let Some(arn) = &ingress.certificate else { continue };
        // The foundation makes it: there is nothing yet that could be asked for.
        if arn == MANAGED_CERTIFICATE {
            continue;
        }
        let certificate = run.cloud.certificate(arn).await?;
        if !certificate.issued {
            return Err(Failure::failed(format!(
                "the certificate of ingress {} is not issued",
                ingress.name
            ))
            .at(arn)
            .because(format!("its status is {}", certificate.status))
            .next("make its DNS validation record, wait for ISSUED, run the same command again"));
        }
        if !certificate.names.iter().any(|name| covers(name, &ingress.host)) {
            return Err(Failure::input(format!("the certificate is not for {}", ingress.host))
                .at(arn)
                .because(format!("it is for {}", certificate.names.join(", ")))
                .next("name a certificate for this host in environment.hcl, or change `host`"));
        }
    }
    Ok(())
}

/// Whether a certificate's name is for a host: equal, or a wildcard for one label.
fn covers(name: &str, host: &str) -> bool {
    if name == "*" || name.eq_ignore_ascii_case(host) {
        return true;
    }
    let (Some(suffix), Some((_, parent))) = (name.strip_prefix("*."), host.split_once('.')) else {
        return false;
    };
    suffix.eq_ignore_ascii_case(parent)
}

/// Supplied containers that have no value in the cloud yet.
async fn missing_secrets(run: &Run) -> Result<Vec<&SecretContainer>> {
    let supplied: Vec<&SecretContainer> = run
        .environment
        .secrets
        .values()
        .filter(|secret| matches!(secret.value, SecretValue::Supplied { .. }))
        .collect();
    let mut missing = Vec::new();
    for secret in supplied {
        let state = run.cloud.secret(&secret.name).await?;
        if state.version.is_none() {
            missing.push(secret);
        }
    }
    Ok(missing)
}

#[cfg(test)]
mod tests {
    use super::covers;

    #[test]
    fn wildcards_are_for_one_label() {
        assert!(covers("ledger.acme.example", "ledger.acme.example"));
        assert!(covers("*.acme.example", "ledger.acme.example"));
        assert!(!covers("*.acme.example", "a.ledger.acme.example"));
        assert!(!covers("*.acme.example", "acme.example"));
        assert!(!covers("other.example", "acme.example"));
    }
}
