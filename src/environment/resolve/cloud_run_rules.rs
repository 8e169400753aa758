//! What Cloud Run cannot do, refused at render with the product's own way out, and where it takes
//! images from.

use super::resolver::Resolver;
use super::routes::Routes;
use super::target_gcp::REMOTE;
use crate::environment::model::Registry;
use crate::kit::model::{
    Health, Image, Job as KitJob, Kit, Process, ScaleMetric, Service as KitService, Update,
};
use crate::name::name;
use crate::release::lock::LockedImage;
use crate::source::Place;

/// Refuses what a service of the kit asks for and Cloud Run does not have.
pub(super) fn service(resolver: &mut Resolver<'_>, kit: &KitService, routes: &Routes) {
    if !resolver.gcp() {
        return;
    }
    let process = &kit.process;
    let key = format!("service.{}", process.name);
    ways_in(resolver, &key, &process.place, routes);
    if kit.scale.as_ref().is_some_and(|scale| scale.metric == ScaleMetric::Memory) {
        resolver.problem(
            resolver.in_kit(&format!("{key}.scale")).cloned(),
            format!("{key} scales by memory"),
            "Cloud Run scales by requests and cpu",
            "write `metric = cpu`, or a fixed number of `replicas`",
        );
    }
    if kit.ports.len() > 1 {
        let names: Vec<&str> = kit.ports.keys().map(String::as_str).collect();
        resolver.problem(
            process.place.clone(),
            format!("{key} has the ports {}", names.join(" and ")),
            "Cloud Run leads to one port of a service",
            "make a service of each port, or let one port serve both",
        );
    }
    if kit.arm64 {
        resolver.problem(
            process.place.clone(),
            format!("{key} wants arm64"),
            "Cloud Run runs x86_64 only",
            "build the image for both platforms, and leave `arch` out",
        );
    }
    if kit.update.unwrap_or(resolver.kit.release.update) == Update::Recreate {
        resolver.problem(
            process.place.clone(),
            format!("{key} must be gone before its successor starts (`update = recreate`)"),
            "Cloud Run starts the new revision first, and both run for a while",
            "let two releases run side by side for a minute, and write `update = \"rolling\"`",
        );
    }
    if let Some(health) = &kit.health {
        self::health(resolver, &key, health, &process.place);
    }
}

/// A backend of a load balancer carries one policy, that of its ingress.
fn ways_in(resolver: &mut Resolver<'_>, key: &str, at: &Place, routes: &Routes) {
    let mut names: Vec<&str> = routes.rules.iter().map(|rule| rule.ingress.as_str()).collect();
    names.dedup();
    if names.len() > 1 {
        resolver.problem(
            at.clone(),
            format!("{key} is reached by the ingresses {}", names.join(" and ")),
            "on Google Cloud it carries the rules of one: who may connect",
            "make a service for each ingress, or one ingress with several hosts",
        );
    }
}

/// Longest time-out of a task.
const LONGEST_TASK: u64 = 24 * 60 * 60;

/// Refuses what a job of the kit asks for and Cloud Run does not have.
pub(super) fn job(resolver: &mut Resolver<'_>, kit: &KitJob) {
    if resolver.gcp() && kit.timeout.as_secs() > LONGEST_TASK {
        resolver.problem(
            kit.process.place.clone(),
            format!("job.{} may take {} seconds", kit.process.name, kit.timeout.as_secs()),
            "a task of Cloud Run has a day at most",
            "write `timeout = \"24h\"` or less, and let the job go on where it stopped",
        );
    }
}

/// The seconds between two probes, and those that a start may take.
const PROBE: std::ops::RangeInclusive<u64> = 5..=240;

fn health(resolver: &mut Resolver<'_>, key: &str, health: &Health, at: &Place) {
    let times = [("interval", health.interval), ("startup", health.startup)];
    for (name, time) in times {
        if let Some(time) = time.filter(|time| !PROBE.contains(&time.as_secs())) {
            resolver.problem(
                at.clone(),
                format!("`{name}` of {key} is {} seconds", time.as_secs()),
                "Cloud Run probes every 5 to 240 seconds, and waits as long for a start",
                "write it from \"5s\" to \"240s\"",
            );
        }
    }
    if !health.command.is_empty() {
        resolver.problem(
            at.clone(),
            format!("{key} is asked by a command whether it is healthy"),
            "Cloud Run runs no command in a container; one without a port is known by whether it \
             still runs",
            "let the process end when it cannot go on and leave `health` out, or let it answer at \
             a port and a path",
        );
    }
    let paths = [("live", &health.live), ("ready", &health.ready)];
    for (name, path) in paths {
        if let Some(path) = path.as_ref().filter(|path| is_reserved(path)) {
            reserved(resolver, at, &format!("`{name}` of {key}"), path);
        }
    }
}

/// Refuses a path that never reaches the product.
pub(super) fn path(resolver: &mut Resolver<'_>, at: &Place, what: &str, path: &str) {
    if resolver.gcp() && is_reserved(path) {
        reserved(resolver, at, what, path);
    }
}

fn reserved(resolver: &mut Resolver<'_>, at: &Place, what: &str, path: &str) {
    resolver.problem(
        at.clone(),
        format!("{what} is {path}"),
        "Cloud Run keeps paths for itself that end in z, start with /_ah/, or are /eventlog",
        format!("answer at another path as well, such as {}", another(path)),
    );
}

/// <https://cloud.google.com/run/docs/known-issues#reserved_url_paths>
fn is_reserved(path: &str) -> bool {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    path.ends_with('z') || path == "/eventlog" || path.starts_with("/_ah/")
}

/// The same path, so that it is not reserved: `/healthz` is `/health`.
fn another(path: &str) -> String {
    let path = path.trim_end_matches('z');
    let path = path.strip_prefix("/_ah").unwrap_or(path);
    if path.len() > 1 && path != "/eventlog" { path.to_owned() } else { "/health".to_owned() }
}

/// Where everybody's images are, under another address with the same bytes.
const MIRRORED: (&str, &str) = ("public.ecr.aws/docker/library/", "docker.io/library/");

fn mirrored(repository: &str) -> String {
    match repository.strip_prefix(MIRRORED.0) {
        Some(rest) => format!("{}{rest}", MIRRORED.1),
        None => repository.to_owned(),
    }
}

/// Whether Cloud Run can pull some of the kit's images only with `images` in `gcp`.
pub(crate) fn needs_remote_images(kit: &Kit) -> bool {
    kit.images.values().any(|image| {
        let repository = mirrored(&image.repository);
        let host = repository.split_once('/').map(|(host, _)| host);
        host.is_some_and(|host| !is_artifact_registry(host) && !is_docker_hub(host))
    })
}

/// The image as Cloud Run can pull it: from Artifact Registry or Docker Hub, else as `images` of the
/// environment says. The digest stays, so do the bytes.
pub(super) fn image(
    resolver: &mut Resolver<'_>,
    at: Option<&Place>,
    what: &str,
    locked: &LockedImage,
) -> Option<(LockedImage, Option<Registry>)> {
    let mut image = locked.clone();
    if !resolver.gcp() {
        return Some((image, None));
    }
    image.repository = mirrored(&image.repository);
    let Some((host, path)) = image.repository.clone().split_once('/').map(owned) else {
        return Some((image, None));
    };
    if is_artifact_registry(&host) {
        return Some((image, None));
    }
    let images = resolver.draft.gcp.as_ref().and_then(|gcp| gcp.images.as_ref());
    match images.map(|images| images.value.as_str()) {
        Some(mirror) if mirror != REMOTE => {
            image.repository = format!("{mirror}/{path}");
            Some((image, None))
        }
        _ if is_docker_hub(&host) => Some((image, None)),
        Some(_) => {
            let uri = format!("https://{host}");
            Some((image, Some(Registry { key: registry_key(&host), uri, path })))
        }
        None => {
            resolver.problem(
                at.cloned(),
                format!("{what} is at {host}"),
                "Cloud Run pulls from Artifact Registry and Docker Hub only",
                "add `images = \"remote\"` to `gcp`: Landfall makes a remote repository that fetches it \
                 from there; or mirror it to Artifact Registry, and name the repository",
            );
            None
        }
    }
}

fn owned((host, path): (&str, &str)) -> (String, String) {
    (host.to_owned(), path.to_owned())
}

/// `registry.ledger.example` is `registry-ledger-example`: a part of a repository's id.
fn registry_key(host: &str) -> String {
    let digit = host.starts_with(|first: char| first.is_ascii_digit());
    name(if digit { "r" } else { "" }, host, LONGEST_KEY)
}

/// Longest key of a registry: with the environment's name it must fit into an id of 63 characters.
const LONGEST_KEY: usize = 24;

fn is_artifact_registry(host: &str) -> bool {
    host.ends_with("-docker.pkg.dev") || host == "gcr.io" || host.ends_with(".gcr.io")
}

fn is_docker_hub(host: &str) -> bool {
    ["docker.io", "index.docker.io", "registry-1.docker.io"].contains(&host)
}

/// Refuses credentials for pulling.
pub(super) fn pull_secret(resolver: &mut Resolver<'_>, process: &Process, spec: &Image) {
    let Some(secret) = spec.pull_secret.as_ref().filter(|_| resolver.gcp()) else { return };
    let at = resolver.in_kit(&format!("image.{}", process.image)).cloned();
    resolver.problem(
        at.unwrap_or_else(|| process.place.clone()),
        format!("image \"{}\" is pulled with secret.{secret}", process.image),
        "Cloud Run pulls as its own service agent, and takes no credentials",
        "give them to a remote repository in Artifact Registry, name it in `gcp` of the \
         environment as `images`, and use a release of the kit with `pull = \"public\"`",
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_never_arrive() {
        for bad in ["/healthz", "/readyz?full=1", "/z", "/_ah/health", "/eventlog"] {
            assert!(is_reserved(bad), "{bad}");
        }
        for good in ["/", "/health", "/zebra", "/eventlogs", "/_ahead"] {
            assert!(!is_reserved(good), "{good}");
        }
        assert_eq!(another("/healthz"), "/health");
        assert_eq!(another("/z"), "/health");
        assert_eq!(another("/_ah/health"), "/health");
    }

    #[test]
    fn registries() {
        assert!(is_artifact_registry("europe-west3-docker.pkg.dev"));
        assert!(is_artifact_registry("gcr.io") && is_artifact_registry("eu.gcr.io"));
        assert!(is_docker_hub("docker.io"));
        for bad in ["ghcr.io", "quay.io", "public.ecr.aws", "docker.pkg.dev", "evilgcr.io"] {
            assert!(!is_artifact_registry(bad) && !is_docker_hub(bad), "{bad}");
        }
    }
}
