//! `ApplyResourceChange`.

use prost::Message as _;
use serde_json::Value as Json;

use super::{Connection, Refusal, Reply, error, get, guard, injected, parse, put};
use crate::simulate::catalogue::ResourceType;
use crate::simulate::faults::Operation;
use crate::simulate::msgpack::encode;
use crate::simulate::protocol::{ApplyRequest, ApplyResponse, Diagnostic};
use crate::simulate::synthesise::{Context, fill, hash};
use crate::simulate::value::{Map, UNKNOWN, Value};

/// The state that terraform keeps, and what went wrong.
pub(super) type Outcome = (Value, Vec<Diagnostic>);

impl Connection {
    pub(super) async fn apply(&self, message: &[u8]) -> Reply {
        let request: ApplyRequest = parse(message)?;
        let name = request.type_name.as_str();
        let kind = self.kind(name)?;
        let prior = get(request.prior_state.as_ref())?;
        let planned = get(request.planned_state.as_ref())?;
        let (state, diagnostics) = if planned.is_null() {
            self.delete(name, prior).await?
        } else if prior.is_null() {
            self.create(name, kind, &planned).await?
        } else {
            self.update(name, kind, prior, &planned).await?
        };
        let response = ApplyResponse {
            new_state: put(&state),
            private: request.planned_private,
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
        if name != "aws_ecs_task_definition" || state["skip_destroy"] != true {
            self.served.account.remove(name, &state)?;
        }
        Ok((Value::Null, Vec::new()))
    }

    async fn create(
        &self,
        name: &str,
        kind: &ResourceType,
        planned: &Value,
    ) -> Result<Outcome, Refusal> {
        let account = &self.served.account;
        let (region, plan) = (encode(self.config().at("region")), encode(planned));
        let plan = hash(&[name.as_bytes(), &region, &plan]);
        let made_from = format!("{plan:016x}");
        if let Some(found) = account.take_unanswered(name, &made_from) {
            return Ok((kind.schema.block.read_state(&found), Vec::new()));
        }
        let occurrence = account.occurrence(&made_from);
        let mut planned = planned.clone();
        if let Value::Map(own) = &mut planned {
            self.prepare(name, own);
        }
        let seed = hash(&[&plan.to_le_bytes(), &occurrence.to_le_bytes()]);
        let state = self.filled(name, kind, &planned, seed);
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
        if name == "aws_ecs_service" {
            return self.deploy(state, Some(&made_from), None).await;
        }
        account.keep(name, Some(&made_from), json)?;
        Ok((state, Vec::new()))
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
        self.served.account.keep(name, None, state.to_json())?;
        Ok((state, Vec::new()))
    }

    /// What only the account or the rest of the configuration can answer.
    pub(super) fn prepare(&self, name: &str, own: &mut Map) {
        match name {
            "aws_ecs_task_definition" => {
                let family = own.get("family").and_then(Value::as_str).unwrap_or_default();
                let revision = self.served.account.next_revision(family);
                own.insert("revision".to_owned(), Value::Int(revision.into()));
            }
            "aws_db_instance"
                if own.get("manage_master_user_password") != Some(&Value::Bool(true)) =>
            {
                for (secret, none) in [
                    ("master_user_secret", Value::List(Vec::new())),
                    ("master_user_secret_kms_key_id", Value::Null),
                ] {
                    if own.get(secret) == Some(&UNKNOWN) {
                        own.insert(secret.to_owned(), none);
                    }
                }
            }
            _ => {}
        }
    }

    pub(super) fn filled(
        &self,
        name: &str,
        kind: &ResourceType,
        planned: &Value,
        seed: u64,
    ) -> Value {
        let provider = self.config();
        let identity = &self.served.identity;
        fill(Context { identity, provider: &provider, type_name: name, seed }, kind, planned)
    }

    /// The state of a service as it is kept and returned.
    pub(super) fn service_state(&self, state: &Json) -> Result<Value, Refusal> {
        Ok(self.kind("aws_ecs_service")?.schema.block.read_state(state))
    }
}
