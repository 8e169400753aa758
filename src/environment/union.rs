//! An environment that holds what two releases need: what the foundation is rendered from until
//! the new release is verified. Nothing that the running release uses is removed or narrowed, so
//! a task of it that is restarted meanwhile, or a way back, finds everything (G6).
//!
//! Only the foundation is rendered from it. Where both say something, the new one is right,
//! unless that would take something away from the old one.

use std::collections::BTreeMap;

use super::model::{
    Database, Environment, Http, Ingress, Variable, Wiring, Workload, WorkloadKind,
};
use crate::kit::model::Phase;

/// The new environment, with whatever only the old one has.
pub fn union(old: &Environment, new: &Environment) -> Environment {
    let mut union = new.clone();
    for (name, ingress) in &old.ingresses {
        match union.ingresses.get_mut(name) {
            Some(kept) => widen(kept, ingress),
            None => drop(union.ingresses.insert(name.clone(), ingress.clone())),
        }
    }
    for (name, database) in &old.databases {
        match union.databases.get_mut(name) {
            Some(kept) => keep_logins(kept, database),
            None => drop(union.databases.insert(name.clone(), database.clone())),
        }
    }
    add(&mut union.secrets, &old.secrets);
    for workload in &old.workloads {
        match union.workloads.iter_mut().find(|it| it.key == workload.key) {
            Some(kept) => keep_rights(kept, workload),
            None => union.workloads.push(workload.clone()),
        }
    }
    union
}

fn add<T: Clone>(union: &mut BTreeMap<String, T>, old: &BTreeMap<String, T>) {
    for (key, value) in old {
        union.entry(key.clone()).or_insert_with(|| value.clone());
    }
}

/// Whoever could reach it still can; nobody listed means everyone.
fn widen(kept: &mut Ingress, old: &Ingress) {
    if kept.allow.is_empty() || old.allow.is_empty() {
        kept.allow.clear();
        return;
    }
    kept.allow.extend(
        old.allow.iter().filter(|it| !kept.allow.contains(it)).cloned().collect::<Vec<_>>(),
    );
}

fn keep_logins(kept: &mut Database, old: &Database) {
    add(&mut kept.logins, &old.logins);
    if kept.verifiers.is_none() {
        kept.verifiers.clone_from(&old.verifiers);
    }
}

/// A workload of both keeps the secrets, databases, ports and schedule of the old one.
fn keep_rights(kept: &mut Workload, old: &Workload) {
    add(&mut kept.databases, &old.databases);
    let known: Vec<String> = secrets(kept).cloned().collect();
    let pull = old.pull_secret.iter().filter(|_| old.pull_secret != kept.pull_secret);
    let lost = secrets(old).chain(pull).filter(|key| !known.contains(key));
    for key in lost.cloned().collect::<Vec<_>>() {
        // The name matters to nobody: a grant is for the secret.
        let name = format!("(of the running release) {key}");
        kept.variables.insert(name, Variable { value: Wiring::Secret(key), required: false });
    }
    match (&mut kept.kind, &old.kind) {
        (WorkloadKind::Service(kept), WorkloadKind::Service(old)) => {
            keep_port(&mut kept.http, old.http.as_ref());
        }
        (kind, old @ WorkloadKind::Job(job)) if job.phase == Phase::Schedule => {
            kind.clone_from(old);
        }
        _ => {}
    }
}

fn secrets(workload: &Workload) -> impl Iterator<Item = &String> {
    workload.variables.values().filter_map(|variable| match &variable.value {
        Wiring::Secret(key) => Some(key),
        _ => None,
    })
}

fn keep_port(kept: &mut Option<Http>, old: Option<&Http>) {
    let Some(old) = old else { return };
    let Some(kept) = kept else {
        *kept = Some(old.clone());
        return;
    };
    if kept.port != old.port {
        kept.former_ports.push(old.port);
    }
    let reached = |http: &Http, ingress: &str| http.routes.iter().any(|it| it.ingress == ingress);
    let lost: Vec<_> =
        old.routes.iter().filter(|it| !reached(kept, &it.ingress)).cloned().collect();
    kept.routes.extend(lost);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

    use super::super::tests::resolved;
    use super::*;
    use crate::workspace::{Assets, Layer, Workspace};

    fn foundation(environment: &Environment) -> String {
        let workspace = Workspace::render(environment, &Assets::embedded()).unwrap();
        let folder = format!("{}/terraform/{}/", environment.name, Layer::Foundation);
        let files = workspace.files.iter().filter(|(path, _)| path.starts_with(&folder));
        let texts =
            files.flat_map(|(path, bytes)| [path.clone(), String::from_utf8_lossy(bytes).into()]);
        texts.collect::<Vec<String>>().join("\n")
    }

    /// A release without the licence, the worker and the nightly job, on another port.
    fn later() -> Environment {
        resolved(&[
            ("secret \"licence\" { supplied = true }", ""),
            ("  LICENCE       = secret.licence\n", ""),
            ("secret.session_key, secret.licence]", "secret.session_key]"),
            ("port \"http\" { number = 8080 }", "port \"http\" { number = 9090 }"),
        ])
    }

    #[test]
    fn with_itself_it_is_the_same() {
        let demo = resolved(&[]);
        assert_eq!(foundation(&union(&demo, &demo)), foundation(&demo));
    }

    #[test]
    fn what_the_running_release_uses_stays() {
        let (old, new) = (resolved(&[]), later());
        let both = foundation(&union(&old, &new));
        let exact = foundation(&new);
        for kept in ["module.secrets.arns.licence", "former_ports = [8080]"] {
            assert!(both.contains(kept) && !exact.contains(kept), "{kept}\n{both}");
        }
        assert!(both.contains("= 9090") || both.contains("port         = 9090"), "{both}");
    }

    #[test]
    fn a_workload_that_goes_keeps_its_identity() {
        let (old, mut new) = (resolved(&[]), resolved(&[]));
        new.workloads.retain(|workload| workload.name != "worker");
        let both = union(&old, &new);
        assert!(both.workloads.iter().any(|workload| workload.name == "worker"));
        assert_eq!(foundation(&both).matches("identity_service_worker").count(), {
            foundation(&old).matches("identity_service_worker").count()
        });
    }

    #[test]
    fn whoever_could_come_in_still_can() {
        let (mut old, mut new) = (resolved(&[]), resolved(&[]));
        let allow = |environment: &mut Environment, ranges: &[&str]| {
            let ingress = environment.ingresses.get_mut("public").unwrap();
            ingress.allow = ranges.iter().map(|it| (*it).to_owned()).collect();
        };
        allow(&mut old, &["10.0.0.0/8", "192.0.2.0/24"]);
        allow(&mut new, &["192.0.2.0/24"]);
        assert_eq!(union(&old, &new).ingresses["public"].allow, ["192.0.2.0/24", "10.0.0.0/8"]);
        allow(&mut old, &[]);
        assert!(union(&old, &new).ingresses["public"].allow.is_empty());
    }
}
