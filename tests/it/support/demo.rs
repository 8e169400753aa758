//! The demo on each cloud: what a test must know of a cloud to be the same test on both.

use std::path::PathBuf;
use std::sync::OnceLock;

use landfall::kit::model::CloudName;
use landfall::terraform::Backend;

use super::{DEMO, GCP, Root};

/// One environment of this repository's kit, and the words of its cloud.
pub(crate) struct Demo {
    /// Its name.
    pub(crate) name: &'static str,
    pub(crate) cloud: CloudName,
    /// Its state bucket.
    pub(crate) bucket: &'static str,
    /// Who calls in a rehearsal.
    pub(crate) caller: &'static str,
    /// The resource type of a service that visitors reach.
    pub(crate) service: &'static str,
    /// The resource type of its network, which everything else waits for.
    pub(crate) network: &'static str,
    /// The resource type of its database.
    pub(crate) database: &'static str,
    /// Address of the container of the supplied secret.
    pub(crate) licence: &'static str,
    /// A fault: somebody changed how long the database's backups are kept, to one day.
    pub(crate) shorter_backups: &'static str,
    installed: OnceLock<Root>,
}

/// The demo on Amazon Web Services.
pub(crate) static AWS: Demo = Demo {
    name: DEMO,
    cloud: CloudName::Aws,
    bucket: "landfall-111122223333-eu-central-1-demo-aws",
    caller: "arn:aws:iam::111122223333:user/rehearsal",
    service: "aws_ecs_service",
    network: "aws_vpc",
    database: "aws_db_instance",
    licence: "module.secrets.aws_secretsmanager_secret.this[\"licence\"]",
    shorter_backups: "drift=aws_db_instance.backup_retention_period=1",
    installed: OnceLock::new(),
};

/// The demo on Google Cloud.
pub(crate) static GOOGLE: Demo = Demo {
    name: GCP,
    cloud: CloudName::Gcp,
    bucket: "landfall-acme-ledger-europe-west3-demo-gcp",
    caller: "serviceAccount:rehearsal@acme-ledger.iam.gserviceaccount.com",
    service: "google_cloud_run_v2_service",
    network: "google_compute_network",
    database: "google_sql_database_instance",
    licence: "module.secrets.google_secret_manager_secret.this[\"licence\"]",
    shorter_backups: "drift=google_sql_database_instance.settings.0.backup_configuration.0.\
                      backup_retention_settings.0.retained_backups=1",
    installed: OnceLock::new(),
};

impl Demo {
    /// A copy of this repository with this environment alone.
    pub(crate) fn root(&self) -> Root {
        Root::demo_of(self.name)
    }

    /// The same, rehearsed to its end. One rehearsal serves every test; each gets a copy.
    pub(crate) fn installed(&self) -> Root {
        let rehearsed = || {
            let root = self.root();
            root.landfall(&["rehearse", self.name]).ends_with(0);
            root
        };
        self.installed.get_or_init(rehearsed).copied()
    }

    /// The file that a person edits.
    pub(crate) fn file(&self) -> String {
        format!("environments/{}/environment.hcl", self.name)
    }

    /// What is right on one cloud or on the other.
    pub(crate) fn either<T>(&self, aws: T, google: T) -> T {
        match self.cloud {
            CloudName::Aws => aws,
            CloudName::Gcp => google,
        }
    }

    /// An object of its simulated state bucket.
    pub(crate) fn object(&self, root: &Root, key: &str) -> PathBuf {
        root.rehearsal(self.name).join("account/bucket").join(self.bucket).join(key)
    }

    /// A layer's state in its simulated bucket.
    pub(crate) fn state(&self, root: &Root, layer: &str) -> PathBuf {
        self.object(root, &Backend::of(self.cloud).state_key(layer))
    }

    /// The lock of a layer's state in its simulated bucket.
    pub(crate) fn state_lock(&self, root: &Root, layer: &str) -> PathBuf {
        self.object(root, &Backend::of(self.cloud).lock_key(layer))
    }
}

/// Makes each function a test on both clouds: `aws::NAME` and `google::NAME`.
macro_rules! on_both_clouds {
    ($($test:ident),+ $(,)?) => {
        mod aws {
            $(#[test] fn $test() { super::$test(&crate::support::AWS) })+
        }
        mod google {
            $(#[test] fn $test() { super::$test(&crate::support::GOOGLE) })+
        }
    };
}

pub(crate) use on_both_clouds;
