//! `ApplyResourceChange`.

use prost::Message as _;
use serde_json::Value as Json;

use super::{Connection, Refusal, Reply, error, get, guard, injected, parse, put, rollout};
use crate::simulate::account::Account;
use crate::simulate::catalogue::ResourceType;
use crate::simulate::faults::Operation;
use crate::simulate::msgpack::encode;
use crate::simulate::protocol::{ApplyRequest, ApplyResponse, Diagnostic};
use crate::simulate::synthesise::{Context, fill, hash};
use crate::simulate::value::{Map, Value};

/// The state that terraform keeps, and what went wrong.
pub(super) type Outcome = (Value, Vec<Diagnostic>);

impl Connection {
    pub(super) async fn apply(&self, message: &[u8]) -> Reply {
        let request: ApplyRequest = parse(message)?;
        let name = request.type_name.as_str();
        let kind = self.kind(name)?;
        let prior = get(request.prior_state.as_ref())?;
        let planned = get(request.planned_state.as_ref())?;
        let mut private = request.planned_private;
        let (state, diagnostics) = if planned.is_null() {
            self.delete(name, prior).await?
        } else if prior.is_null() {
            // What a plan that foresaw said about its origin is of no use afterwards.
            let foreseen = Origin::from_private(&std::mem::take(&mut private));
            let config = get(request.config.as_ref())?;
            self.create(name, kind, (&config, &planned), foreseen).await?
        } else {
            self.update(name, kind, prior, &planned).await?
        };
        let response = ApplyResponse {
            new_state: put(&state),
            private,
            diagnostics,
            legacy_type_system: kind.behaviour.legacy,
        };
        Ok(response.encode_to_vec())
    }

    async fn delete(&self, name: &str, prior: Value) -> Result<Outcome, Refusal> {
        let state = prior.to_json();
        if let Some(effect) = self.strike(Operation::Delete, name).await {
            return Ok((prior, vec![injected(&effect)]));
        }
        if let Some(why) = guard::delete(name, &state) {
            return Ok((prior, vec![error(format!("deleting {name}"), why)]));
        }
        if guard::stays(name, &state) {
            self.served.account.abandon(name, &state)?;
        } else if name != "aws_ecs_task_definition" || state["skip_destroy"] != true {
            self.served.account.remove(name, &state)?;
        }
        Ok((Value::Null, Vec::new()))
    }

    async fn create(
        &self,
        name: &str,
        kind: &ResourceType,
        (config, planned): (&Value, &Value),
        foreseen: Option<Origin>,
    ) -> Result<Outcome, Refusal> {
        let account = &self.served.account;
        let made_from = match &foreseen {
            Some(origin) => origin.made_from.clone(),
            None => self.made_from(name, planned),
        };
        if let Some(found) = account.take_unanswered(name, &made_from) {
            return Ok((kind.schema.block.read_state(&found), Vec::new()));
        }
        let occurrence = account.occurrence(&made_from);
        let mut planned = match foreseen {
            // Its twin from the same plan was faster: it has what was foreseen for both.
            Some(origin) if origin.occurrence != occurrence => {
                self.planned(name, kind, &Value::Null, config, config)
            }
            _ => planned.clone(),
        };
        if let Value::Map(own) = &mut planned {
            answer_beforehand(name, own, account);
        }
        let origin = Origin { made_from, occurrence };
        let state = self.filled(name, kind, &planned, origin.seed());
        let made_from = origin.made_from;
        let json = state.to_json();
        if account.conflicts(name, &kind.answers.unique, &json) {
            let named = kind.answers.unique.iter().map(|name| format!("{name} = {}", json[name]));
            let named = named.collect::<Vec<_>>().join(", ");
            let why = format!("The simulated account has one already, with {named}.");
            return Ok((Value::Null, vec![error(format!("creating {name}: already exists"), why)]));
        }
        if let Some(effect) = self.strike(Operation::Create, name).await {
            let diagnostics = vec![injected(&effect)];
            if !effect.partial {
                return Ok((Value::Null, diagnostics));
            }
            account.keep(name, Some(&made_from), json)?;
            return Ok((state, diagnostics));
        }
        match name {
            "aws_ecs_service" => self.deploy(state, Some(&made_from), None).await,
            _ if rollout::is_rolled_out(name) => self.roll_out(name, json, Some(&made_from)),
            _ => {
                account.keep(name, Some(&made_from), json)?;
                Ok((state, Vec::new()))
            }
        }
    }

    async fn update(
        &self,
        name: &str,
        kind: &ResourceType,
        prior: Value,
        planned: &Value,
    ) -> Result<Outcome, Refusal> {
        if let Some(effect) = self.strike(Operation::Update, name).await {
            return Ok((prior, vec![injected(&effect)]));
        }
        let own = prior.at("id").as_str().unwrap_or_default().as_bytes();
        let seed = hash(&[name.as_bytes(), own, &encode(planned)]);
        let state = self.filled(name, kind, planned, seed);
        if name == "aws_ecs_service" {
            return self.deploy(state, None, Some(&prior)).await;
        }
        if rollout::is_rolled_out(name) {
            return self.roll_out(name, state.to_json(), None);
        }
        if state.at("version_aliases") != prior.at("version_aliases") {
            let key = prior.at("id").as_str().unwrap_or_default();
            self.served.account.set_aliases(key, &state.at("version_aliases").to_json())?;
        }
        self.served.account.keep(name, None, state.to_json())?;
        Ok((state, Vec::new()))
    }

    /// Tells one creation from another: all that the configuration says about it.
    pub(super) fn made_from(&self, name: &str, planned: &Value) -> String {
        let (region, plan) = (encode(self.config().at("region")), encode(planned));
        format!("{:016x}", hash(&[name.as_bytes(), &region, &plan]))
    }

    pub(super) fn filled(
        &self,
        name: &str,
        kind: &ResourceType,
        planned: &Value,
        seed: u64,
    ) -> Value {
        let provider = self.config();
        fill(self.context(&provider, name, seed), kind, planned)
    }

    /// What the values of a resource follow from.
    pub(super) fn context<'a>(
        &'a self,
        provider: &'a Value,
        name: &'a str,
        seed: u64,
    ) -> Context<'a> {
        Context { identity: &self.served.identity, provider, type_name: name, seed }
    }

    /// The state of a service as it is kept and returned.
    pub(super) fn service_state(&self, state: &Json) -> Result<Value, Refusal> {
        Ok(self.kind("aws_ecs_service")?.schema.block.read_state(state))
    }
}

/// What tells a creation from every other: all that is drawn at random for it comes from here.
pub(super) struct Origin {
    /// Hash of all that the configuration says.
    pub(super) made_from: String,
    /// How many were made from the same before, by whom ever.
    pub(super) occurrence: u32,
}

impl Origin {
    pub(super) fn seed(&self) -> u64 {
        hash(&[self.made_from.as_bytes(), &self.occurrence.to_le_bytes()])
    }

    /// As terraform carries it from a plan to its apply.
    pub(super) fn to_private(&self) -> Vec<u8> {
        format!("{} {}", self.made_from, self.occurrence).into_bytes()
    }

    fn from_private(private: &[u8]) -> Option<Self> {
        let (made_from, occurrence) = std::str::from_utf8(private).ok()?.split_once(' ')?;
        Some(Self { made_from: made_from.to_owned(), occurrence: occurrence.parse().ok()? })
    }
}

/// What only the account or the rest of the configuration can answer, and is not known yet.
pub(super) fn answer_beforehand(name: &str, own: &mut Map, account: &Account) {
    let answers = match name {
        "aws_ecs_task_definition" => {
            let family = own.get("family").and_then(Value::as_str).unwrap_or_default();
            vec![("revision", Value::Int((account.last_revision(family) + 1).into()))]
        }
        "google_secret_manager_secret_version" => {
            let secret = own.get("secret").and_then(Value::as_str).unwrap_or_default();
            vec![("version", Value::Text(account.next_version(secret).to_string()))]
        }
        "aws_db_instance" if own.get("manage_master_user_password") != Some(&Value::Bool(true)) => {
            vec![
                ("master_user_secret", Value::List(Vec::new())),
                ("master_user_secret_kms_key_id", Value::Null),
            ]
        }
        _ => return,
    };
    for (attribute, answer) in answers {
        if own.get(attribute).is_some_and(Value::is_unknown) {
            own.insert(attribute.to_owned(), answer);
        }
    }
}
