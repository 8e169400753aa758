//! What a run works against: the real cloud, or the simulated one in a folder.

use std::path::Path;
use std::sync::Arc;

use clap::ValueEnum;

use crate::cloud::aws::{Aws, Connection};
use crate::cloud::simulated::Simulated;
use crate::cloud::{Cloud, Identity};
use crate::environment::model::Target;
use crate::failure::Result;
use crate::fs;
use crate::simulate::{Account, Faults, Simulator};
use crate::terraform::{self, Terraform};

/// Which cloud a command works against.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum EngineName {
    /// The customer's account.
    #[default]
    Real,
    /// A simulated account in `.landfall/rehearsal/NAME`; nothing real is read or changed.
    Simulated,
}

/// A cloud and a terraform that works against it.
pub struct Engine {
    /// Everything that terraform does not do.
    pub cloud: Arc<dyn Cloud>,
    /// Terraform against this cloud.
    pub terraform: Terraform,
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
    /// The customer's account, with the role for the verb.
    pub async fn real(target: &Target, weight: Weight, terraform: Option<&Path>) -> Result<Self> {
        let role = match weight {
            Weight::Read => &target.roles.read,
            Weight::Install => &target.roles.install,
        };
        let connection = Connection {
            region: target.region.clone(),
            expected_account: target.account_id.clone(),
            role: role.clone(),
        };
        let (terraform, cloud) = tokio::join!(
            Terraform::find(terraform, terraform::Engine::Real),
            Aws::connect(&connection)
        );
        Ok(Self { cloud: Arc::new(cloud?), terraform: terraform?, _simulator: None })
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
        let account = Arc::new(Account::open(&folder.join("account"), simulated_identity(target))?);
        let simulator =
            Simulator::start(Arc::clone(&account), Arc::clone(&faults), Some(configuration))?;
        let engine = terraform::Engine::Simulated { reattach: simulator.reattach() };
        let terraform = Terraform::find(terraform, engine).await?;
        let cloud = Arc::new(Simulated::new(account, faults));
        Ok(Self { cloud, terraform, _simulator: Some(simulator) })
    }
}

/// Who calls in a simulated account.
fn simulated_identity(target: &Target) -> Identity {
    Identity {
        account: target.account_id.clone(),
        arn: format!("arn:{}:iam::{}:user/rehearsal", target.partition, target.account_id),
        partition: target.partition.clone(),
        region: target.region.clone(),
    }
}
