//! The settings that the state bucket must have.

use crate::cloud::aws::Aws;
use crate::cloud::aws::call::Call;

/// A setting that the state bucket must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Setting {
    /// A lost or broken state can be taken back.
    Versioning,
    /// By default, with the key of S3 or the customer's own.
    Encryption,
    /// All four blocks.
    PublicAccessBlock,
    /// No access lists: what is in the bucket is the bucket owner's.
    Ownership,
    /// Plain HTTP is denied.
    TlsOnly,
    /// Old versions and spent locks go away.
    Lifecycle,
}

impl Setting {
    /// All of them, in the order in which they are made.
    pub(super) const ALL: [Self; 6] = [
        Self::PublicAccessBlock,
        Self::Ownership,
        Self::Encryption,
        Self::Versioning,
        Self::TlsOnly,
        Self::Lifecycle,
    ];

    /// Those that a [`StateStore`](crate::cloud::StateStore) shows.
    pub(super) const SHOWN: [Self; 3] =
        [Self::Versioning, Self::Encryption, Self::PublicAccessBlock];

    /// Its name in a sentence.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Versioning => "versioning",
            Self::Encryption => "default encryption",
            Self::PublicAccessBlock => "public access block",
            Self::Ownership => "object ownership (BucketOwnerEnforced)",
            Self::TlsOnly => "the policy that denies plain HTTP",
            Self::Lifecycle => "expiry of old versions and locks",
        }
    }

    /// The IAM actions that read and write it; several differ from the name of the call.
    fn rights(self) -> (&'static str, &'static str) {
        match self {
            Self::Versioning => ("s3:GetBucketVersioning", "s3:PutBucketVersioning"),
            Self::Encryption => ("s3:GetEncryptionConfiguration", "s3:PutEncryptionConfiguration"),
            Self::PublicAccessBlock => {
                ("s3:GetBucketPublicAccessBlock", "s3:PutBucketPublicAccessBlock")
            }
            Self::Ownership => ("s3:GetBucketOwnershipControls", "s3:PutBucketOwnershipControls"),
            Self::TlsOnly => ("s3:GetBucketPolicy", "s3:PutBucketPolicy"),
            Self::Lifecycle => ("s3:GetLifecycleConfiguration", "s3:PutLifecycleConfiguration"),
        }
    }

    /// The call that reads it.
    pub(super) fn reading(self, aws: &Aws, bucket: &str) -> Call {
        self.call(aws, bucket, "read", self.rights().0)
    }

    /// The call that sets it.
    pub(super) fn writing(self, aws: &Aws, bucket: &str) -> Call {
        self.call(aws, bucket, "set", self.rights().1)
    }

    fn call(self, aws: &Aws, bucket: &str, verb: &str, right: &'static str) -> Call {
        let bucket_arn = format!("`arn:{}:s3:::{bucket}`", aws.partition());
        aws.call(
            format!("{verb} {} of the state bucket `{bucket}`", self.name()),
            right,
            bucket_arn,
        )
    }
}
