//! A new version of a secret becomes current, once services were proved to run with it. The one
//! before it keeps a label: the platform may drop a version that has none.

use super::context::Run;
use super::jobs::Runner;
use super::versions;
use crate::cloud::{CURRENT, NEXT, PREVIOUS};
use crate::environment::model::SecretContainer;
use crate::failure::Result;

/// Makes a version of these secrets current, in this order. May be called again.
pub(super) async fn promote(run: &Run, secrets: &[&SecretContainer], version: &str) -> Result<()> {
    for secret in secrets {
        let before = run.cloud.secret(&secret.name).await?.version;
        if let Some(before) = before.filter(|before| before != version) {
            run.cloud.label_secret(&secret.name, PREVIOUS, Some(&before)).await?;
        }
        run.cloud.label_secret(&secret.name, CURRENT, Some(version)).await?;
    }
    Ok(())
}

/// Ends a rotation of these secrets, whichever version is current now.
pub(super) async fn settle(run: &Run, secrets: &[&SecretContainer]) -> Result<()> {
    for secret in secrets {
        run.cloud.label_secret(&secret.name, NEXT, None).await?;
    }
    Ok(())
}

/// After services were proved with passwords that were composed beside those in use: these become
/// current, and the logins before them are taken away.
pub(super) async fn proved(run: &Run, runner: &mut Runner<'_>) -> Result<()> {
    let found = versions::look(run).await?;
    for database in run.environment.databases.keys() {
        let secrets = versions::of_database(&run.environment, database);
        let next = versions::common(&secrets, &found.states, |state| state.next.as_ref());
        let wanted = secrets.first().and_then(|secret| found.wanted.get(&secret.key));
        if let Some(version) = wanted.filter(|wanted| Some(*wanted) == next) {
            promote(run, &secrets, version).await?;
            runner.retire_logins(database, "").await?;
            settle(run, &secrets).await?;
        }
    }
    Ok(())
}
