//! Which cloud is simulated: everything that differs between the two asks here first.

use crate::cloud::Identity;
use crate::kit::model::CloudName;
use crate::terraform::Backend;

/// A cloud that can be simulated, with the provider that terraform knows it by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Platform {
    /// Amazon Web Services: ECS on Fargate, RDS.
    Aws,
    /// Google Cloud: Cloud Run, Cloud SQL.
    Google,
}

/// Every platform.
const ALL: [Platform; 2] = [Platform::Aws, Platform::Google];

/// The partition of an identity on Google Cloud.
const GOOGLE_PARTITION: &str = "gcp";

impl Platform {
    /// Where an identity is.
    pub(crate) fn of(identity: &Identity) -> Self {
        if identity.partition == GOOGLE_PARTITION { Self::Google } else { Self::Aws }
    }

    /// The backend that states have there: the same object locks them in a simulated account.
    pub(super) fn backend(self) -> Backend {
        match self {
            Self::Aws => Backend::S3,
            Self::Google => Backend::Gcs,
        }
    }

    /// The last part of the provider's source, with which its resource types begin: `google`.
    pub(crate) fn provider(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::Google => "google",
        }
    }

    /// Whose resource type it is, by its prefix (`google_`, or the beginning of it and `*`); what
    /// belongs to nobody is AWS's.
    pub(super) fn of_type(name: &str) -> Self {
        let prefix = name.split(['_', '*']).next().unwrap_or(name);
        ALL.into_iter().find(|it| it.provider() == prefix).unwrap_or(Self::Aws)
    }
}

impl From<CloudName> for Platform {
    fn from(cloud: CloudName) -> Self {
        match cloud {
            CloudName::Aws => Self::Aws,
            CloudName::Gcp => Self::Google,
        }
    }
}
