//! `PlanResourceChange`.

use prost::Message as _;
use serde_json::Value as Json;

use super::apply::{Origin, answer_beforehand};
use super::{Connection, Reply, get, parse, put};
use crate::simulate::catalogue::ResourceType;
use crate::simulate::plan::{propose, replaces, shape};
use crate::simulate::protocol::{AttributePath, PlanRequest, PlanResponse};
use crate::simulate::synthesise::{labels, tags_all};
use crate::simulate::value::{Map, UNKNOWN, Value};

impl Connection {
    pub(super) fn plan(&self, message: &[u8]) -> Reply {
        let request: PlanRequest = parse(message)?;
        let kind = self.kind(&request.type_name)?;
        let prior = get(request.prior_state.as_ref())?;
        let proposed = get(request.proposed_new_state.as_ref())?;
        let config = get(request.config.as_ref())?;
        let planned = self.planned(&request.type_name, kind, &prior, &proposed, &config);
        // What depends on something unknown would be foreseen otherwise once that is known.
        let creates = prior.is_null() && !planned.is_null();
        let (planned, private) = if self.served.foresight && creates && !config.has_unknown() {
            self.foreseen(&request.type_name, kind, planned)
        } else {
            (planned, request.prior_private)
        };
        let replaced = match (&prior, &planned) {
            (Value::Null, _) | (_, Value::Null) => Vec::new(),
            _ => replaces(&kind.behaviour, &prior, &planned),
        };
        let response = PlanResponse {
            planned_state: put(&planned),
            requires_replace: replaced.iter().map(|name| AttributePath::to(name)).collect(),
            planned_private: private,
            diagnostics: Vec::new(),
            legacy_type_system: kind.behaviour.legacy,
        };
        Ok(response.encode_to_vec())
    }

    pub(super) fn planned(
        &self,
        name: &str,
        kind: &ResourceType,
        prior: &Value,
        proposed: &Value,
        config: &Value,
    ) -> Value {
        let block = &kind.schema.block;
        let prior = Some(prior).filter(|prior| !prior.is_null());
        let mut planned = propose(block, proposed, config, prior);
        let Value::Map(own) = &mut planned else { return planned };
        shape(&kind.behaviour, block, own, config, prior);
        if own.contains_key("tags_all") && config.at("tags_all").is_null() {
            let provider = self.config();
            let tags = own.get("tags").unwrap_or(&Value::Null);
            let all = tags_all(tags, &provider, kind.behaviour.legacy, prior.is_none());
            own.extend(all.map(|all| ("tags_all".to_owned(), all)));
        }
        if name == "aws_acm_certificate" && prior.is_none() {
            certificate(own);
        }
        if prior.is_none() {
            self.known_beforehand(name, kind, own, config);
        }
        let provider = self.config();
        let derived = labels(own, &provider, kind.behaviour.attribution_label, prior);
        own.extend(derived.into_iter().map(|(name, value)| (name.to_owned(), value)));
        planned
    }

    /// What the provider works out while planning a create, from its own configuration and from
    /// other attributes; one may name another, so there are two rounds.
    fn known_beforehand(&self, name: &str, kind: &ResourceType, own: &mut Map, config: &Value) {
        let provider = self.config();
        let context = self.context(&provider, name, 0);
        for (attribute, template) in kind.behaviour.planned.iter().chain(&kind.behaviour.planned) {
            let left_out = config.at(attribute).is_null();
            if left_out
                && own.get(attribute).is_some_and(Value::is_unknown)
                && let Ok(Json::String(text)) = context.expand(template, attribute, own)
            {
                own.insert(attribute.clone(), Value::Text(text));
            }
        }
    }

    /// What will be created, with all that the account will answer, and its origin. Terraform
    /// plans a second time while it applies, and must hear the same: so nothing is counted that
    /// the apply itself changes.
    fn foreseen(&self, name: &str, kind: &ResourceType, mut planned: Value) -> (Value, Vec<u8>) {
        let account = &self.served.account;
        let made_from = self.made_from(name, &planned);
        let occurrence = self.made_before().get(&made_from).copied().unwrap_or_default();
        let origin = Origin { made_from, occurrence };
        if let Some(found) = account.unanswered(name, &origin.made_from) {
            return (kind.schema.block.read_state(&found), origin.to_private());
        }
        if let Value::Map(own) = &mut planned {
            answer_beforehand(name, own, account);
        }
        (self.filled(name, kind, &planned, origin.seed()), origin.to_private())
    }
}

/// A certificate's validation records are known by domain while planning: configurations iterate
/// over them.
fn certificate(own: &mut Map) {
    let Some(domain @ Value::Text(_)) = own.get("domain_name").cloned() else { return };
    let mut names = match own.get("subject_alternative_names") {
        Some(Value::List(names)) if !names.iter().any(Value::has_unknown) => names.clone(),
        Some(Value::Unknown(_) | Value::Null) | None => Vec::new(),
        _ => return,
    };
    if !names.contains(&domain) {
        names.insert(0, domain);
    }
    names.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
    if own.get("validation_method").and_then(Value::as_str) == Some("DNS") {
        let record = |name: &Value| {
            let unknown = ["resource_record_name", "resource_record_type", "resource_record_value"];
            let mut record = Map::from([("domain_name".to_owned(), name.clone())]);
            record.extend(unknown.map(|name| (name.to_owned(), UNKNOWN)));
            Value::Map(record)
        };
        let records = names.iter().map(record).collect();
        own.insert("domain_validation_options".to_owned(), Value::List(records));
    }
    if own.get("subject_alternative_names").is_some_and(Value::is_unknown) {
        own.insert("subject_alternative_names".to_owned(), Value::List(names));
    }
}
