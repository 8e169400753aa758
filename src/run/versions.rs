//! Which version of every secret a run pins to: what is current, what a rotation is about to make
//! current, or one that the step `secrets` will write.
//!
//! What is composed of a database's passwords belongs together: the versions of one composition
//! have one id, in all of their containers. So two machines that look agree, whatever a killed run
//! left between two containers.

use std::collections::{BTreeMap, BTreeSet};

use super::context::Run;
use crate::cloud::SecretState;
use crate::database::Turn;
use crate::environment::model::{Environment, SecretContainer};
use crate::failure::Result;

/// The versions of all secrets.
pub(super) struct Versions {
    /// Container key → as the platform has it.
    pub(super) states: BTreeMap<String, SecretState>,
    /// Container key → the version to pin; none for an optional secret without a value.
    pub(super) wanted: BTreeMap<String, String>,
    /// Databases whose secrets have to be composed anew.
    pub(super) composed: BTreeSet<String>,
}

impl Versions {
    /// Says which rotations were stopped: until they go on, the values before them are used.
    pub(super) fn remind(&self, run: &Run) {
        let mut told = BTreeSet::new();
        for secret in run.environment.secrets.values() {
            let state = &self.states[&secret.key];
            let unused =
                state.next.is_some() && state.next.as_ref() != self.wanted.get(&secret.key);
            if unused && told.insert(secret.value.database().unwrap_or(&secret.key)) {
                run.reporter.note(format!(
                    "a rotation of {key} was stopped; it goes on with `landfall secrets {} rotate {key}`",
                    run.environment.name,
                    key = secret.key
                ));
            }
        }
    }
}

/// Looks at every container and decides.
pub(super) async fn look(run: &Run) -> Result<Versions> {
    let mut states = BTreeMap::new();
    for secret in run.environment.secrets.values() {
        states.insert(secret.key.clone(), run.cloud.secret(&secret.name).await?);
    }
    let mut versions = Versions { states, wanted: BTreeMap::new(), composed: BTreeSet::new() };
    for secret in run.environment.secrets.values() {
        if secret.value.database().is_some() {
            continue;
        }
        let version = match versions.states[&secret.key].version.clone() {
            None if secret.required => {
                Some(run.coming_version(&versions.states[&secret.key], &secret.key)?)
            }
            version => version,
        };
        versions.wanted.extend(version.map(|version| (secret.key.clone(), version)));
    }
    for database in run.environment.databases.keys() {
        let secrets = of_database(&run.environment, database);
        if secrets.is_empty() {
            continue;
        }
        let found = settled(&secrets, &versions.states);
        if found.is_none() {
            versions.composed.insert(database.clone());
        }
        let version = match found {
            Some(version) => version,
            None => fresh(run, database, &versions.states)?,
        };
        versions.wanted.extend(secrets.iter().map(|it| (it.key.clone(), version.clone())));
    }
    // Only the running release has these: what they are is what it is given, if it comes back.
    for (key, secret) in run.containers() {
        if !run.environment.secrets.contains_key(key) {
            let version = run.cloud.secret(&secret.name).await?.version;
            versions.wanted.extend(version.map(|version| (key.clone(), version)));
        }
    }
    versions.wanted.extend(run.pinned());
    Ok(versions)
}

/// The containers that are composed of a database's passwords, its verifiers last: where they have
/// a version, all have.
pub(super) fn of_database<'a>(
    environment: &'a Environment,
    database: &str,
) -> Vec<&'a SecretContainer> {
    let verifiers = environment.databases.get(database).and_then(|it| it.verifiers.as_ref());
    let all = environment.secrets.values();
    let mut secrets: Vec<_> = all.filter(|it| it.value.database() == Some(database)).collect();
    secrets.sort_by_key(|secret| Some(&secret.key) == verifiers);
    secrets
}

/// The one version that all of these have under a label.
pub(super) fn common<'a>(
    secrets: &[&SecretContainer],
    states: &'a BTreeMap<String, SecretState>,
    label: fn(&SecretState) -> Option<&String>,
) -> Option<&'a String> {
    let mut versions = secrets.iter().map(|secret| label(states.get(&secret.key)?));
    let first = versions.next()??;
    versions.all(|version| version == Some(first)).then_some(first)
}

/// The version of a database's secrets that holds; `None` if a run was stopped between two of them.
fn settled(secrets: &[&SecretContainer], states: &BTreeMap<String, SecretState>) -> Option<String> {
    let next = common(secrets, states, |state| state.next.as_ref());
    let is_current = |version: &String| {
        secrets.iter().any(|secret| states[&secret.key].version.as_ref() == Some(version))
    };
    // Once the first became current, all of them were proved.
    let decided = next.filter(|version| is_current(version));
    let current = common(secrets, states, |state| state.version.as_ref());
    decided.or(current).or(next).cloned()
}

/// The version of passwords that are made anew: of the login that is not in use.
pub(super) fn fresh(
    run: &Run,
    database: &str,
    states: &BTreeMap<String, SecretState>,
) -> Result<String> {
    let verifiers = run.environment.databases.get(database).and_then(|it| it.verifiers.as_ref());
    let current = verifiers.and_then(|key| states.get(key)?.version.as_ref());
    let turn = current.map_or(Turn::First, |version| Turn::of(version).other());
    Ok(turn.version(&run.version_id(&format!("database {database}"))?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::model::SecretValue;

    /// What is pinned when two containers have these current and next versions.
    fn pinned(password: (&str, &str), verifiers: (&str, &str)) -> Option<String> {
        let of = |key: &str| SecretContainer {
            key: key.to_owned(),
            name: key.to_owned(),
            description: String::new(),
            value: SecretValue::DatabaseVerifiers { database: "main".to_owned() },
            required: true,
            immutable: false,
            show_once: false,
        };
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let state = |(version, next): (&str, &str)| SecretState {
            exists: true,
            version: some(version),
            next: some(next),
            upcoming: None,
        };
        let (one, two) = (of("password"), of("verifiers"));
        let states = [(one.key.clone(), state(password)), (two.key.clone(), state(verifiers))];
        settled(&[&one, &two], &states.into())
    }

    #[test]
    fn what_was_composed_together_is_pinned_together() {
        let is = |found: Option<String>, version: &str| {
            assert_eq!(found.as_deref().unwrap_or_default(), version);
        };
        is(pinned(("", ""), ("", "")), "");
        is(pinned(("a", ""), ("", "")), "");
        is(pinned(("a", ""), ("a", "")), "a");
        // A rotation is under way, and not yet proved.
        is(pinned(("a", "b"), ("a", "")), "a");
        is(pinned(("a", "b"), ("a", "b")), "a");
        // It is proved, and was stopped while it became current.
        is(pinned(("b", "b"), ("a", "b")), "b");
        is(pinned(("b", "b"), ("b", "")), "b");
        // A new release has one more login.
        is(pinned(("", "b"), ("a", "b")), "b");
        is(pinned(("", ""), ("a", "")), "");
    }
}
