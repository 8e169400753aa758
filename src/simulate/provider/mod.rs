//! The provider itself: one method per call of the protocol.

mod apply;
mod deploy;
mod guard;
mod planning;
mod reading;
mod rollout;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bytes::Bytes;
use prost::Message;
use tokio::sync::watch;

use super::account::Account;
use super::catalogue::{Catalogue, ResourceType};
use super::faults::{Effect, Faults, Operation};
use super::msgpack::{decode, encode};
use super::protocol::{
    AttributePath, ConfigOnly, Diagnostic, Diagnostics, DynamicValue, MetadataResponse,
    TypeAndConfig, TypeName, ValueResponse, capabilities, encode_schema,
};
use super::server::frame;
use super::value::Value;
use crate::cloud::Identity;
use crate::failure::Failure;

/// gRPC's status codes for a request that makes no sense, an unknown method, a broken server.
const INVALID: u32 = 3;
const UNIMPLEMENTED: u32 = 12;
const INTERNAL: u32 = 13;

/// A call that gets no answer.
#[derive(Debug)]
pub(super) struct Refusal {
    /// gRPC status code.
    pub(super) code: u32,
    pub(super) message: String,
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self { code: INTERNAL, message: failure.to_string() }
    }
}

fn invalid(message: impl std::fmt::Display) -> Refusal {
    Refusal { code: INVALID, message: message.to_string() }
}

type Reply = Result<Vec<u8>, Refusal>;

/// What all connections share.
#[derive(Debug)]
pub(super) struct Served {
    catalogue: Catalogue,
    /// Whether plans already tell what the account will answer.
    foresight: bool,
    /// The framed response to `GetProviderSchema`: the same bytes for every command.
    schema: Bytes,
    account: Arc<Account>,
    faults: Arc<Faults>,
    identity: Identity,
}

impl Served {
    pub(super) fn new(
        catalogue: Catalogue,
        account: Arc<Account>,
        faults: Arc<Faults>,
        foresight: bool,
    ) -> Self {
        let schema = frame(&encode_schema(&catalogue));
        let identity = account.identity();
        Self { catalogue, foresight, schema, account, faults, identity }
    }
}

/// One configured provider: terraform opens a connection for each `provider` block it uses.
pub(super) struct Connection {
    served: Arc<Served>,
    config: Mutex<Arc<Value>>,
    /// How many resources were made from each plan before this terraform command began.
    made_before: OnceLock<BTreeMap<String, u32>>,
    stopping: watch::Sender<bool>,
}

fn parse<M: Message + Default>(message: &[u8]) -> Result<M, Refusal> {
    M::decode(message).map_err(invalid)
}

fn get(value: Option<&DynamicValue>) -> Result<Value, Refusal> {
    value.map_or(Ok(Value::Null), |value| decode(&value.msgpack).map_err(invalid))
}

/// `Option`, because that is how messages hold values.
#[expect(clippy::unnecessary_wraps, reason = "every message field that takes it is optional")]
fn put(value: &Value) -> Option<DynamicValue> {
    Some(DynamicValue { msgpack: encode(value) })
}

fn error(summary: impl Into<String>, detail: impl Into<String>) -> Diagnostic {
    Diagnostic { severity: 1, summary: summary.into(), detail: detail.into(), attribute: None }
}

/// The label of an injected fault as terraform shows it.
fn injected(effect: &Effect) -> Diagnostic {
    error(effect.label.as_str(), "Injected by the rehearsal; the configuration is not at fault.")
}

impl Connection {
    pub(super) fn new(served: Arc<Served>) -> Self {
        let config = Mutex::new(Arc::new(Value::Null));
        let made_before = OnceLock::new();
        Self { served, config, made_before, stopping: watch::Sender::new(false) }
    }

    pub(super) fn schema(&self) -> Bytes {
        self.served.schema.clone()
    }

    /// One call; the name is the protocol's.
    pub(super) async fn call(&self, method: &str, message: &[u8]) -> Reply {
        match method {
            "GetMetadata" => Ok(self.metadata()),
            "GetFunctions" => Ok(Vec::new()),
            "ValidateProviderConfig" => {
                parse::<ConfigOnly>(message)?;
                Ok(ValueResponse::default().encode_to_vec())
            }
            "ConfigureProvider" => self.configure(message),
            "ValidateResourceConfig" => self.validate(message),
            "ValidateDataResourceConfig" => Ok(Diagnostics::default().encode_to_vec()),
            "UpgradeResourceState" => self.upgrade(message),
            "ReadResource" => self.read(message).await,
            "PlanResourceChange" => self.plan(message),
            "ApplyResourceChange" => self.apply(message).await,
            "ImportResourceState" => self.import(message),
            "ReadDataSource" => Self::data(message),
            "StopProvider" => {
                self.stopping.send_replace(true);
                Ok(Vec::new())
            }
            other => {
                Err(Refusal { code: UNIMPLEMENTED, message: format!("{other} is not simulated") })
            }
        }
    }

    fn metadata(&self) -> Vec<u8> {
        let name = |name: &str| TypeName { name: name.to_owned() };
        MetadataResponse {
            server_capabilities: Some(capabilities()),
            data_sources: self.served.catalogue.data_sources.keys().map(|n| name(n)).collect(),
            resources: self.served.catalogue.resources.keys().map(|n| name(n)).collect(),
        }
        .encode_to_vec()
    }

    /// The provider block. `allowed_account_ids` is checked as the real provider does; that of
    /// Google has no such guard, but another project would not be ours.
    fn configure(&self, message: &[u8]) -> Reply {
        let request: TypeAndConfig = parse(message)?;
        let config = get(request.config.as_ref())?;
        let mut diagnostics = Vec::new();
        let struck = self.served.faults.strike(Operation::Configure, "");
        diagnostics.extend(struck.as_ref().map(injected));
        let account = &self.served.identity.account;
        if let Some(allowed) = config.at("allowed_account_ids").as_list()
            && !allowed.is_empty()
            && !allowed.iter().any(|id| id.as_str() == Some(account))
        {
            diagnostics.push(error(format!("AWS account ID not allowed: {account}"), ""));
        }
        if let Some(project) = config.at("project").as_str().filter(|it| *it != account.as_str()) {
            let detail = format!("The rehearsal is of {account}.");
            diagnostics.push(error(format!("project {project} is not simulated"), detail));
        }
        self.made_before();
        *self.config.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(config);
        Ok(Diagnostics { diagnostics }.encode_to_vec())
    }

    fn validate(&self, message: &[u8]) -> Reply {
        let request: TypeAndConfig = parse(message)?;
        let kind = self.kind(&request.type_name)?;
        let config = get(request.config.as_ref())?;
        let complaints = super::plan::complaints(&kind.behaviour, &config);
        let diagnostics = complaints.into_iter().map(|complaint| Diagnostic {
            attribute: Some(AttributePath::to(&complaint.attribute)),
            ..error(complaint.summary, complaint.detail)
        });
        Ok(Diagnostics { diagnostics: diagnostics.collect() }.encode_to_vec())
    }

    fn made_before(&self) -> &BTreeMap<String, u32> {
        self.made_before.get_or_init(|| self.served.account.made())
    }

    fn config(&self) -> Arc<Value> {
        Arc::clone(&self.config.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn kind(&self, name: &str) -> Result<&ResourceType, Refusal> {
        let kind = self.served.catalogue.resources.get(name);
        kind.ok_or_else(|| invalid(format!("the rehearsal serves no resource type {name}")))
    }

    /// What strikes this call, after the delay that it asks for: then nothing fails.
    async fn strike(&self, operation: Operation, name: &str) -> Option<Effect> {
        let effect = self.served.faults.strike(operation, name)?;
        let Some(delay) = effect.delay else { return Some(effect) };
        let mut stopping = self.stopping.subscribe();
        tokio::select! {
            () = tokio::time::sleep(delay) => None,
            _ = stopping.wait_for(|stopping| *stopping) => {
                Some(Effect { label: format!("{} (interrupted)", effect.label), ..effect })
            }
        }
    }
}
