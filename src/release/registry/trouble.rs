//! What can go wrong between us and a registry, and what to do about each.

use crate::failure::Failure;

/// Why a registry did not give what was asked for.
#[derive(Debug)]
pub enum Trouble {
    /// It has no such image.
    Absent,
    /// It does not let us.
    Denied {
        /// Who we were, for messages; `None` if we had no credentials.
        credentials: Option<String>,
        /// Where credentials were looked for.
        looked: String,
        /// The registry's host.
        host: String,
    },
    /// It gave no answer.
    Unreachable(anyhow::Error),
    /// It gave other bytes than were asked for.
    WrongDigest {
        /// What was asked for, or what the registry said that it gives.
        wanted: String,
        /// What came.
        found: String,
    },
    /// It answered something that is no answer.
    Odd(String),
    /// The credentials could not be read.
    Credentials(Failure),
}

impl Trouble {
    /// Whether credentials are what is missing: nobody can tell then whether the image is there.
    pub fn lacks_credentials(&self) -> bool {
        matches!(self, Self::Denied { credentials: None, .. })
    }

    /// As a failure about an image: `registry.ledger.example/ledger:v1.0.0`.
    pub fn failure(self, image: &str) -> Failure {
        match self {
            Self::Absent => Failure::failed(format!("the image {image} is not at its registry"))
                .next("push it there, or correct its repository or tag in kit.hcl"),
            Self::Denied { credentials, looked, host } => {
                let failure =
                    Failure::failed(format!("the registry does not show the image {image}"));
                let failure = match credentials {
                    Some(shown) => failure.because(format!("it was asked {shown}")),
                    None => failure.because(format!("it was asked without credentials: {looked}")),
                };
                failure.next(format!("log in as someone who may pull it: `docker login {host}`"))
            }
            Self::Unreachable(error) => {
                Failure::failed(format!("the registry of the image {image} gives no answer"))
                    .caused_by(error)
                    .next("check its name and your network, then run the same command again")
            }
            Self::WrongDigest { wanted, found } => {
                Failure::input(format!("the registry gave other bytes for the image {image}"))
                    .because(format!("wanted {wanted}"))
                    .because(format!("got    {found}"))
                    .next("do not use it: ask whoever runs the registry (G3)")
            }
            Self::Odd(what) => {
                Failure::failed(format!("the registry's answer about {image} cannot be used"))
                    .because(what)
            }
            Self::Credentials(failure) => failure,
        }
    }
}
