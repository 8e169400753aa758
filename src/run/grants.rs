//! The permissions of a first install on Google Cloud, by the predefined role that gives them. This is
//! the only list: `docs/security.md` is held to it.

use crate::environment::model::{Environment, WorkloadKind};
use crate::kit::model::Phase;

/// Nobody needs it whose bucket is there. Permissions on objects are not asked for: an owner of the
/// project gets them from a bucket's own policy, which gives them once the bucket is made.
pub(super) const MAKE_BUCKET: &str = "storage.buckets.create";

/// What an environment must have, so that something is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    Always,
    Database,
    Ingress,
    Secret,
    Schedule,
}

/// Permissions that one predefined role gives.
pub(super) struct Grant {
    pub(super) role: &'static str,
    pub(super) what_for: &'static str,
    pub(super) when: When,
    pub(super) permissions: &'static [&'static str],
}

const fn grant(
    role: &'static str,
    what_for: &'static str,
    when: When,
    permissions: &'static [&'static str],
) -> Grant {
    Grant { role, what_for, when, permissions }
}

/// Of each API what the modules make with it, and what Landfall itself asks of it: not everything
/// (who may make a network may look at it), but nothing that another line stands for.
pub(super) const GRANTS: [Grant; 22] = [
    grant(
        "roles/serviceusage.serviceUsageAdmin",
        "APIs and service agents",
        When::Always,
        &["serviceusage.services.enable"],
    ),
    grant("roles/storage.admin", "the state bucket", When::Always, &[MAKE_BUCKET]),
    grant(
        "roles/cloudkms.admin",
        "the environment's key",
        When::Always,
        &[
            "cloudkms.keyRings.create",
            "cloudkms.cryptoKeys.create",
            "cloudkms.cryptoKeys.setIamPolicy",
        ],
    ),
    grant(
        "roles/compute.networkAdmin",
        "the network",
        When::Always,
        &[
            "compute.networks.create",
            "compute.subnetworks.create",
            "compute.routers.create",
            "compute.addresses.create",
        ],
    ),
    grant("roles/compute.securityAdmin", "firewalls", When::Always, &["compute.firewalls.create"]),
    grant(
        "roles/artifactregistry.admin",
        "repositories for images",
        When::Always,
        &["artifactregistry.repositories.create"],
    ),
    grant(
        "roles/iam.serviceAccountAdmin",
        "an account for each workload",
        When::Always,
        &["iam.serviceAccounts.create"],
    ),
    grant(
        "roles/iam.serviceAccountUser",
        "workloads that run as their account",
        When::Always,
        &["iam.serviceAccounts.actAs"],
    ),
    grant(
        "roles/run.admin",
        "services, worker pools and jobs",
        When::Always,
        &[
            "run.services.create",
            "run.services.setIamPolicy",
            "run.workerpools.create",
            "run.jobs.create",
            "run.jobs.run",
            "run.jobs.runWithOverrides",
        ],
    ),
    grant(
        "roles/logging.admin",
        "where logs are kept, and the logs of jobs",
        When::Always,
        &["logging.buckets.create", "logging.sinks.create", "logging.logEntries.list"],
    ),
    grant(
        "roles/monitoring.editor",
        "alarms and the dashboard",
        When::Always,
        &[
            "monitoring.alertPolicies.create",
            "monitoring.dashboards.create",
            "monitoring.notificationChannels.create",
        ],
    ),
    grant(
        "roles/cloudsql.admin",
        "databases and their users",
        When::Database,
        &["cloudsql.instances.create", "cloudsql.databases.create", "cloudsql.users.create"],
    ),
    grant(
        "roles/compute.networkAdmin",
        "the way to a database",
        When::Database,
        &["compute.forwardingRules.create"],
    ),
    grant(
        "roles/dns.admin",
        "a database's name in the network",
        When::Database,
        &["dns.managedZones.create", "dns.changes.create"],
    ),
    grant(
        "roles/resourcemanager.projectIamAdmin",
        "logins of workloads to a database",
        When::Database,
        &["resourcemanager.projects.setIamPolicy"],
    ),
    grant(
        "roles/secretmanager.admin",
        "secrets and their values",
        When::Secret,
        &[
            "secretmanager.secrets.create",
            "secretmanager.secrets.update",
            "secretmanager.secrets.setIamPolicy",
            "secretmanager.versions.add",
        ],
    ),
    grant(
        "roles/compute.loadBalancerAdmin",
        "the load balancer",
        When::Ingress,
        &[
            "compute.globalAddresses.create",
            "compute.regionNetworkEndpointGroups.create",
            "compute.backendServices.create",
            "compute.urlMaps.create",
            "compute.globalForwardingRules.create",
        ],
    ),
    grant(
        "roles/compute.securityAdmin",
        "who may connect, and with which TLS",
        When::Ingress,
        &["compute.securityPolicies.create", "compute.sslPolicies.create"],
    ),
    grant(
        "roles/certificatemanager.owner",
        "certificates",
        When::Ingress,
        &["certificatemanager.certs.create", "certificatemanager.certmaps.create"],
    ),
    grant(
        "roles/monitoring.editor",
        "the look from outside",
        When::Ingress,
        &["monitoring.uptimeCheckConfigs.create"],
    ),
    grant(
        "roles/cloudscheduler.admin",
        "scheduled jobs",
        When::Schedule,
        &["cloudscheduler.jobs.create"],
    ),
    grant(
        "roles/run.admin",
        "the schedule that may start a job",
        When::Schedule,
        &["run.jobs.setIamPolicy"],
    ),
];

/// Everything that an environment needs, each once.
pub(super) fn wanted(environment: &Environment) -> Vec<&'static str> {
    let needed = |when| {
        match when {
        When::Always => true,
        When::Database => !environment.databases.is_empty(),
        When::Ingress => !environment.ingresses.is_empty(),
        When::Secret => !environment.secrets.is_empty(),
        When::Schedule => environment.workloads.iter().any(|workload| {
            matches!(&workload.kind, WorkloadKind::Job(job) if job.phase == Phase::Schedule)
        }),
    }
    };
    GRANTS
        .iter()
        .filter(|grant| needed(grant.when))
        .flat_map(|grant| grant.permissions.iter().copied())
        .collect()
}
