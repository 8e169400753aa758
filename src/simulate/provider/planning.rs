//! `PlanResourceChange`.

use std::sync::atomic::Ordering;

use prost::Message as _;

use super::{Connection, Reply, get, parse, put};
use crate::simulate::catalogue::ResourceType;
use crate::simulate::plan::{propose, replaces, shape};
use crate::simulate::protocol::{AttributePath, PlanRequest, PlanResponse};
use crate::simulate::synthesise::{hash, tags_all};
use crate::simulate::value::{Map, UNKNOWN, Value};

impl Connection {
    pub(super) fn plan(&self, message: &[u8]) -> Reply {
        let request: PlanRequest = parse(message)?;
        let kind = self.kind(&request.type_name)?;
        let prior = get(request.prior_state.as_ref())?;
        let proposed = get(request.proposed_new_state.as_ref())?;
        let config = get(request.config.as_ref())?;
        let planned = self.planned(&request.type_name, kind, &prior, &proposed, &config);
        let replaced = match (&prior, &planned) {
            (Value::Null, _) | (_, Value::Null) => Vec::new(),
            _ => replaces(&kind.behaviour, &prior, &planned),
        };
        let response = PlanResponse {
            planned_state: put(&planned),
            requires_replace: replaced.iter().map(|name| AttributePath::to(name)).collect(),
            planned_private: request.prior_private,
            diagnostics: Vec::new(),
            legacy_type_system: kind.behaviour.legacy,
        };
        Ok(response.encode_to_vec())
    }

    fn planned(
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
        if self.served.foresight && prior.is_none() {
            self.prepare(name, own);
            let count = self.served.foreseen.fetch_add(1, Ordering::Relaxed);
            let seed = hash(&[name.as_bytes(), &count.to_le_bytes()]);
            return self.filled(name, kind, &planned, seed);
        }
        planned
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
