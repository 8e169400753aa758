//! What a run works against: the real cloud, an emulator of it, or the simulated one in a folder.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use clap::ValueEnum;

use crate::cloud::aws::{self, Aws};
use crate::cloud::gcp::{self, Gcp};
use crate::cloud::simulated::Simulated;
use crate::cloud::{Cloud, Identity};
use crate::environment::model::Target;
use crate::failure::{Failure, Result};
use crate::fs;
use crate::kit::model::CloudName;
use crate::simulate::{self, Faults, Simulator};
use crate::terraform::{self, Terraform};

/// Where the SDKs look for AWS, if not at AWS; with a suffix, for one service.
const ENDPOINT: &str = "AWS_ENDPOINT_URL";

/// Which cloud a command works against.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum EngineName {
    /// The customer's account.
    #[default]
    Real,
    /// A simulated account in `.landfall/rehearsal/NAME`; nothing real is read or changed.
    Simulated,
    /// The real provider against an emulator of AWS on this machine, at `AWS_ENDPOINT_URL`.
    Emulator,
}

impl EngineName {
    /// What a run says of the account that it goes to, with a space behind it.
    pub fn adjective(self) -> &'static str {
        match self {
            Self::Real => "",
            Self::Simulated => "simulated ",
            Self::Emulator => "emulated ",
        }
    }

    /// The cloud alone, for what needs no terraform.
    pub async fn connect(self, place: &Account, role: Option<&str>) -> Result<Arc<dyn Cloud>> {
        match self {
            Self::Simulated => {
                return Err(Failure::input("a simulated account is part of its environment")
                    .next("rehearse again: `landfall rehearse NAME`"));
            }
            Self::Emulator => only_this_machine(place.cloud)?,
            Self::Real => {}
        }
        place.connect(role).await
    }

    /// The cloud of a target alone, to read from; `rehearsal` is where a simulated account lives.
    pub async fn cloud(self, target: &Target, rehearsal: &Path) -> Result<Arc<dyn Cloud>> {
        if self == Self::Simulated {
            let folder = rehearsal.join("account");
            let account =
                Arc::new(simulate::Account::open(&folder, simulated_caller(target, "rehearsal"))?);
            return Ok(Arc::new(Simulated::new(account, Arc::new(Faults::none()))));
        }
        self.connect(&Account::of(target), target.roles.read.as_deref()).await
    }

    /// How often the platform is asked how a job or a rollout does.
    pub fn pace(self) -> Duration {
        match self {
            Self::Real => Duration::from_secs(5),
            Self::Simulated => Duration::from_millis(50),
            Self::Emulator => Duration::from_secs(1),
        }
    }
}

/// An account of a cloud, and a region in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Which cloud.
    pub cloud: CloudName,
    /// On AWS twelve digits, on Google Cloud the id of the project.
    pub id: String,
    /// Number of the project, as far as it is known; empty on AWS.
    pub project_number: String,
    /// `eu-central-1`, `europe-west3`.
    pub region: String,
}

impl Account {
    fn of(target: &Target) -> Self {
        Self {
            cloud: target.cloud,
            id: target.account_id.clone(),
            project_number: target.project_number.clone().unwrap_or_default(),
            region: target.region.clone(),
        }
    }

    /// The real cloud, as who we are or with a role.
    async fn connect(&self, role: Option<&str>) -> Result<Arc<dyn Cloud>> {
        match self.cloud {
            CloudName::Aws => {
                let connection = aws::Connection {
                    region: self.region.clone(),
                    expected_account: self.id.clone(),
                    role: role.map(str::to_owned),
                };
                Ok(Arc::new(Aws::connect(&connection).await?))
            }
            CloudName::Gcp => {
                let connection = gcp::Connection {
                    project: self.id.clone(),
                    project_number: self.project_number.clone(),
                    region: self.region.clone(),
                    service_account: role.map(str::to_owned),
                    endpoints: gcp::Endpoints::google(),
                };
                Ok(Arc::new(Gcp::connect(&connection)?))
            }
        }
    }
}

/// A cloud and a terraform that works against it.
pub struct Engine {
    /// Everything that terraform does not do.
    pub cloud: Arc<dyn Cloud>,
    /// Terraform against this cloud.
    pub terraform: Terraform,
    /// The simulated account: for what happens behind everybody's back.
    pub account: Option<Arc<simulate::Account>>,
    /// Serves the provider as long as it lives.
    _simulator: Option<Simulator>,
}

/// How heavy the verb is: decides which role is assumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Only reads.
    Read,
    /// Installs.
    Install,
}

impl Engine {
    /// An emulator on this machine. It is told apart from AWS by the person's environment alone:
    /// nothing about it is rendered. Refused unless every endpoint is on this machine.
    pub async fn emulator(
        target: &Target,
        weight: Weight,
        terraform: Option<&Path>,
    ) -> Result<Self> {
        only_this_machine(target.cloud)?;
        Self::real(target, weight, terraform).await
    }

    /// The customer's account, with the role for the verb.
    pub async fn real(target: &Target, weight: Weight, terraform: Option<&Path>) -> Result<Self> {
        let role = match weight {
            Weight::Read => &target.roles.read,
            Weight::Install => &target.roles.install,
        };
        let place = Account::of(target);
        let (terraform, cloud) = tokio::join!(
            Terraform::find(terraform, terraform::Engine::Real),
            place.connect(role.as_deref())
        );
        Ok(Self { cloud: cloud?, terraform: terraform?, account: None, _simulator: None })
    }

    /// A simulated account that lives in a folder, with a provider for this configuration.
    pub async fn simulated(
        target: &Target,
        folder: &Path,
        configuration: &str,
        faults: &[String],
        terraform: Option<&Path>,
    ) -> Result<Self> {
        fs::create_private_folder(folder)?;
        let faults = Arc::new(Faults::parse(faults)?);
        let account = Arc::new(simulate::Account::open(
            &folder.join("account"),
            simulated_caller(target, "rehearsal"),
        )?);
        for tampering in faults.tampering() {
            account.apply_tampering(tampering)?;
        }
        let simulator =
            Simulator::foreseeing(Arc::clone(&account), Arc::clone(&faults), configuration)?;
        let engine = terraform::Engine::Simulated {
            reattach: simulator.reattach(),
            states: Some(terraform::States {
                bucket: simulator.states(&target.bucket),
                backend: terraform::Backend::of(target.cloud),
            }),
        };
        let terraform = Terraform::find(terraform, engine).await?;
        let cloud = Arc::new(Simulated::new(Arc::clone(&account), faults));
        Ok(Self { cloud, terraform, account: Some(account), _simulator: Some(simulator) })
    }
}

/// Fails unless the person's environment says that all of AWS is on this machine.
fn only_this_machine(cloud: CloudName) -> Result<()> {
    if cloud != CloudName::Aws {
        return Err(Failure::input("`--engine emulator` is for AWS")
            .because("nobody emulates Cloud Run, Cloud SQL and what else an environment is made of")
            .next("rehearse it on a simulated project: `landfall rehearse NAME`"));
    }
    #[expect(clippy::disallowed_methods, reason = "where AWS is, is read as the SDK reads it")]
    let variables = std::env::vars();
    on_this_machine(&variables.filter(|(name, _)| name.starts_with(ENDPOINT)).collect())
}

fn on_this_machine(endpoints: &BTreeMap<String, String>) -> Result<()> {
    let how = "start an emulator and name it: `AWS_ENDPOINT_URL=http://127.0.0.1:PORT`";
    if !endpoints.contains_key(ENDPOINT) {
        return Err(Failure::input("`--engine emulator` needs AWS_ENDPOINT_URL").next(how));
    }
    let elsewhere = endpoints.iter().find(|(_, url)| !is_loopback(url));
    elsewhere.map_or(Ok(()), |(name, url)| {
        Err(Failure::input(format!("{name} is not on this machine"))
            .because(format!("it is {url}"))
            .because("an emulator is reached by a loopback address, so that nothing else is")
            .next(how))
    })
}

/// Whether a URL names an address of this machine; a name could be anybody's.
fn is_loopback(url: &str) -> bool {
    let Ok(uri) = url.parse::<http::Uri>() else { return false };
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost"
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Who calls in a simulated account; `name` says what for.
pub(crate) fn simulated_caller(target: &Target, name: &str) -> Identity {
    let account = &target.account_id;
    let arn = match target.cloud {
        CloudName::Aws => format!("arn:{}:iam::{account}:user/{name}", target.partition),
        CloudName::Gcp => format!("serviceAccount:{name}@{account}.iam.gserviceaccount.com"),
    };
    Identity {
        account: target.account_id.clone(),
        project_number: target.project_number.clone(),
        arn,
        partition: target.partition.clone(),
        region: target.region.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_emulator_is_on_this_machine_or_refused() {
        let check = |pairs: &[(&str, &str)]| {
            let pairs = pairs.iter().map(|(name, url)| ((*name).to_owned(), (*url).to_owned()));
            on_this_machine(&pairs.collect())
        };
        for url in ["http://127.0.0.1:4566", "http://[::1]:4566", "http://localhost:4566/"] {
            assert!(check(&[(ENDPOINT, url)]).is_ok(), "{url}");
        }
        for url in ["https://ecs.eu-central-1.amazonaws.com", "http://10.0.0.1", "127", ""] {
            assert!(check(&[(ENDPOINT, url)]).is_err(), "{url}");
        }
        assert!(check(&[]).is_err(), "AWS itself");
        let mixed =
            [(ENDPOINT, "http://127.0.0.1:1"), ("AWS_ENDPOINT_URL_ECS", "http://aws.example")];
        assert!(check(&mixed).is_err(), "one service elsewhere");
    }
}
