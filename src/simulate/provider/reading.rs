//! Calls that change nothing: refreshed and upgraded states, imports, data sources.

use prost::Message as _;
use serde_json::{Value as Json, json};

use super::{Connection, Reply, error, get, injected, invalid, parse, put};
use crate::simulate::faults::Operation;
use crate::simulate::protocol::{
    ImportRequest, ImportResponse, ImportedResource, ReadRequest, TypeAndConfig, UpgradeRequest,
    ValueResponse,
};
use crate::simulate::synthesise::policy_document;
use crate::simulate::value::Value;

impl Connection {
    /// What the account has: what was changed or removed behind terraform's back shows as drift.
    pub(super) async fn read(&self, message: &[u8]) -> Reply {
        let request: ReadRequest = parse(message)?;
        let name = &request.type_name;
        let kind = self.kind(name)?;
        let mut response = ValueResponse { private: request.private, ..ValueResponse::default() };
        let effect = self.strike(Operation::Read, name).await;
        if let Some(effect) = effect.as_ref().filter(|effect| !effect.gone) {
            response.value = request.current_state;
            response.diagnostics.push(injected(effect));
            return Ok(response.encode_to_vec());
        }
        let current = get(request.current_state.as_ref())?.to_json();
        let found = self.served.account.find(name, &current);
        let found = found.filter(|_| effect.is_none()).map(|mut state| {
            self.move_with_time(name, &mut state);
            kind.schema.block.read_state(&state)
        });
        response.value = put(&found.unwrap_or(Value::Null));
        Ok(response.encode_to_vec())
    }

    /// What the service changes by itself.
    fn move_with_time(&self, name: &str, state: &mut Json) {
        if name == "aws_ecs_service" {
            state["desired_count"] = json!(self.served.account.scaled(state));
        }
    }

    pub(super) fn upgrade(&self, message: &[u8]) -> Reply {
        let request: UpgradeRequest = parse(message)?;
        let kind = self.kind(&request.type_name)?;
        let raw = request.raw_state.unwrap_or_default();
        let json: Json = serde_json::from_slice(&raw.json).map_err(invalid)?;
        let value = put(&kind.schema.block.read_state(&json));
        Ok(ValueResponse { value, ..ValueResponse::default() }.encode_to_vec())
    }

    /// Only what the account has can be imported, by its ARN or id.
    pub(super) fn import(&self, message: &[u8]) -> Reply {
        let request: ImportRequest = parse(message)?;
        let kind = self.kind(&request.type_name)?;
        let named = |name: &str| json!({ name: request.id });
        let account = &self.served.account;
        let found = account.find(&request.type_name, &named("arn"));
        let mut response = ImportResponse::default();
        match found {
            Some(state) => response.imported_resources.push(ImportedResource {
                type_name: request.type_name,
                state: put(&kind.schema.block.read_state(&state)),
            }),
            None => response.diagnostics.push(error(
                "Cannot import non-existent remote object",
                format!("The simulated account has no {} {}.", request.type_name, request.id),
            )),
        }
        Ok(response.encode_to_vec())
    }

    /// `aws_iam_policy_document`, the only one there is.
    pub(super) fn data(message: &[u8]) -> Reply {
        let request: TypeAndConfig = parse(message)?;
        if request.type_name != "aws_iam_policy_document" {
            return Err(invalid(format!("{} is not simulated", request.type_name)));
        }
        let config = get(request.config.as_ref())?;
        let Value::Map(mut state) = config.clone() else {
            return Err(invalid("a data source without a configuration"));
        };
        complete_document(&mut state, &config);
        let value = put(&Value::Map(state));
        Ok(ValueResponse { value, ..ValueResponse::default() }.encode_to_vec())
    }
}

/// What the provider adds to the configuration.
fn complete_document(state: &mut crate::simulate::value::Map, config: &Value) {
    use crate::simulate::plan::compact;
    use crate::simulate::synthesise::{digits, hash};
    let document = policy_document(config);
    let small = compact(&document).unwrap_or_else(|| document.clone());
    let id = digits(hash(&[document.as_bytes()]), 10);
    if state.get("version").is_some_and(Value::is_null) {
        state.insert("version".to_owned(), "2012-10-17".into());
    }
    if let Some(Value::List(statements)) = state.get_mut("statement") {
        for statement in statements {
            if let Value::Map(statement) = statement
                && statement.get("effect").is_some_and(Value::is_null)
            {
                statement.insert("effect".to_owned(), "Allow".into());
            }
        }
    }
    state.insert("json".to_owned(), Value::Text(document));
    state.insert("minified_json".to_owned(), Value::Text(small));
    state.insert("id".to_owned(), Value::Text(id));
}
