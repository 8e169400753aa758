//! What runs on Google Cloud: services, worker pools and jobs of Cloud Run.
//!
//! - `templates`: containers as applied, and what they need to start
//! - `revisions`: what each change of a template becomes
//! - `services`: what is read back of services and worker pools
//! - `jobs`: executions

mod jobs;
mod revisions;
mod services;
mod templates;
#[cfg(test)]
mod tests;

pub(super) use revisions::Revisions;

/// The resource type of services, which answer requests.
pub(super) const SERVICE: &str = "google_cloud_run_v2_service";

/// The resource type of worker pools, which take work by themselves.
pub(super) const WORKER_POOL: &str = "google_cloud_run_v2_worker_pool";

/// The resource type of jobs.
pub(super) const JOB: &str = "google_cloud_run_v2_job";
