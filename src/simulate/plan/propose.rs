//! The first half of a plan: unknown for every computed attribute that the configuration leaves
//! out and that had no value.

use super::pair::{fits, pair_elements};
use crate::simulate::schema::{Block, NestedBlock, Nesting};
use crate::simulate::value::{Map, NULL, UNKNOWN, Value};

/// The planned value of a block. `prior` is `None` for what is about to be created.
pub(crate) fn propose(
    block: &Block,
    proposed: &Value,
    config: &Value,
    prior: Option<&Value>,
) -> Value {
    if proposed.as_map().is_none() {
        return proposed.clone();
    }
    let mut planned = Map::new();
    for attribute in &block.attributes {
        let name = &attribute.name;
        let (proposed, config) = (proposed.at(name), config.at(name));
        let value = if attribute.write_only {
            Value::Null
        } else if !config.is_null() {
            // The same as proposed, but for set elements that terraform paired with a prior one.
            config.clone()
        } else if !attribute.computed || !proposed.is_null() {
            proposed.clone()
        } else {
            prior.map_or(UNKNOWN, |prior| prior.at(name).clone())
        };
        planned.insert(name.clone(), value);
    }
    for nested in &block.blocks {
        let name = &nested.name;
        let prior = prior.map(|prior| prior.at(name)).filter(|prior| !prior.is_null());
        planned.insert(name.clone(), blocks(nested, proposed.at(name), config.at(name), prior));
    }
    Value::Map(planned)
}

/// All blocks of one name.
fn blocks(nested: &NestedBlock, proposed: &Value, config: &Value, prior: Option<&Value>) -> Value {
    let inner = &nested.block;
    match (nested.nesting, proposed) {
        (Nesting::Single, proposed) => propose(inner, proposed, config, prior),
        (Nesting::List, Value::List(elements)) => {
            let nth = |list: &Value, at: usize| list.as_list().and_then(|l| l.get(at)).cloned();
            let each = elements.iter().enumerate().map(|(at, element)| {
                let config = nth(config, at).unwrap_or(Value::Null);
                let prior = prior.and_then(|prior| nth(prior, at));
                propose(inner, element, &config, prior.as_ref())
            });
            Value::List(each.collect())
        }
        (Nesting::Set, Value::List(elements)) => Value::List(set(inner, elements, config, prior)),
        _ => proposed.clone(),
    }
}

/// The elements of a set. Terraform correlates them with the prior ones itself, except where they
/// contain sets: then the provider has to, or there is a difference in every plan.
fn set(inner: &Block, elements: &[Value], config: &Value, prior: Option<&Value>) -> Vec<Value> {
    let configs = config.as_list().unwrap_or_default();
    let priors = prior.and_then(Value::as_list).unwrap_or_default();
    let pairs = pair_elements(inner, elements, configs);
    let mut spent = vec![false; priors.len()];
    let each = elements.iter().zip(pairs).map(|(element, pair)| {
        let config = pair.map_or(&NULL, |at| &configs[at]);
        let free = |at: &usize| !spent[*at];
        // The same element, or one that this configuration could have become.
        let became = |lax: bool| {
            (0..priors.len()).filter(free).find(|at| {
                let prior = &priors[*at];
                !elements.contains(prior) && fits(inner, prior, config, lax)
            })
        };
        let same = (0..priors.len()).filter(free).find(|at| priors[*at] == *element);
        let prior = same.or_else(|| became(false)).or_else(|| became(true));
        if let Some(at) = prior {
            spent[at] = true;
        }
        propose(inner, element, config, prior.map(|at| &priors[at]))
    });
    each.collect()
}
