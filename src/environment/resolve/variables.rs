//! Inputs, the environment's own variables, and what each process receives.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::formats::{Misfit, Shape};
use super::header::kit_origin;
use super::resolver::Resolver;
use super::wiring::{Consumer, Evaluator, Value, shown, sources};
use crate::environment::draft::Given;
use crate::environment::model::{Variable, Wiring};
use crate::kit::model::{
    Consumer as KitConsumer, Expression, Input, ValueType, Variable as KitVariable,
};
use crate::source::Place;

/// The answers to the kit's questions, by name; what is missing or wrong has its problem.
pub(super) fn inputs(resolver: &mut Resolver<'_>) -> BTreeMap<String, Json> {
    let (kit, draft) = (resolver.kit, resolver.draft);
    for (name, given) in &draft.inputs {
        if !kit.inputs.iter().any(|input| input.name == *name) {
            let names = kit.inputs.iter().map(|input| input.name.as_str());
            resolver.unknown(Some(&given.place), "input", "inputs", name, names);
        }
    }
    kit.inputs
        .iter()
        .filter_map(|input| Some((input.name.clone(), self::input(resolver, input)?)))
        .collect()
}

fn input(resolver: &mut Resolver<'_>, input: &Input) -> Option<Json> {
    let key = format!("inputs.{}", input.name);
    let shape = Shape {
        kind: Some(input.kind),
        format: None,
        values: &input.values,
        pattern: input.pattern.as_deref(),
        min: None,
        max: None,
    };
    let Some(given) = resolver.draft.inputs.get(&input.name) else {
        let Some(default) = &input.default else {
            let prompt = input.prompt.as_ref().or(input.doc.as_ref());
            resolver.problem(
                resolver.file.clone(),
                format!("the input `{}` has no answer", input.name),
                prompt.map_or_else(
                    || "the kit needs it".to_owned(),
                    |prompt| format!("the kit asks: {prompt}"),
                ),
                format!("add `{} = ...` to `inputs`", input.name),
            );
            return None;
        };
        let origin = kit_origin(resolver, &format!("input.{}", input.name));
        resolver.origins.written_or(key, default, None, &origin);
        return Some(typed(input.kind, Json::String(default.clone())));
    };
    match shape.write(&given.value) {
        Ok(text) => {
            resolver.origins.written(key, text, &given.place);
            Some(typed(input.kind, given.value.clone()))
        }
        Err(misfit) => {
            refuse(resolver, &format!("the input `{}`", input.name), given, misfit);
            None
        }
    }
}

/// Numbers and flags that were written as texts become what they mean, so that conditions on
/// them hold.
fn typed(kind: ValueType, value: Json) -> Json {
    let Json::String(text) = &value else { return value };
    let parsed = match kind {
        ValueType::Bool => text.parse().ok().map(Json::Bool),
        ValueType::Int => text.parse::<i64>().ok().map(Json::from),
        ValueType::Float => text.parse::<f64>().ok().map(Json::from),
        ValueType::List => serde_json::from_str(text).ok().filter(Json::is_array),
        _ => None,
    };
    parsed.unwrap_or(value)
}

fn refuse(resolver: &mut Resolver<'_>, what: &str, given: &Given<Json>, misfit: Misfit) {
    let (why, help) = misfit;
    resolver.problem(given.place.clone(), format!("{what} is {}", given.value), why, help);
}

/// `env = { ... }` of the environment: only what the kit marks with `operator = true`.
pub(super) fn operator_values(resolver: &mut Resolver<'_>) {
    let (kit, draft) = (resolver.kit, resolver.draft);
    for (name, given) in &draft.variables {
        let Some(variable) = kit.variables.iter().find(|variable| variable.name == *name) else {
            let names = kit.variables.iter().filter(|it| it.operator).map(|it| it.name.as_str());
            resolver.unknown(Some(&given.place), "variable", "variables", name, names);
            continue;
        };
        if is_secret(variable) {
            // Not shown with its place: the snippet would print what may be the secret itself.
            resolver.problem(
                None,
                format!(
                    "{}: the variable `{name}` is a secret and has a value in the file",
                    given.place
                ),
                "values of secrets never stand in a file, they live in the secret manager (G2)",
                "remove it here and from git's history, and let Landfall ask for it",
            );
        } else if !variable.operator {
            resolver.problem(
                given.place.clone(),
                format!("the variable `{name}` is not the environment's to set"),
                "the kit does not mark it with `operator = true`",
                "remove the line, or ask the vendor",
            );
        } else if let Err(misfit) = shape(variable).write(&given.value) {
            refuse(resolver, &format!("the variable `{name}`"), given, misfit);
        }
    }
}

fn is_secret(variable: &KitVariable) -> bool {
    let of_secret = sources(&variable.from).iter().any(|(kind, _)| *kind == "secret");
    variable.kind == Some(ValueType::Secret) || of_secret
}

fn shape(variable: &KitVariable) -> Shape<'_> {
    Shape {
        kind: variable.kind,
        format: variable.format.as_deref(),
        values: &variable.values,
        pattern: None,
        min: variable.min,
        max: variable.max,
    }
}

/// Whether the consumer receives it: named by `to`, else by using every source of it.
fn receives(variable: &KitVariable, consumer: Consumer<'_>) -> bool {
    if variable.to.is_empty() {
        return sources(&variable.from).iter().all(|(kind, name)| consumer.uses(kind, name));
    }
    variable.to.iter().any(|to| match to {
        KitConsumer::Service(name) => consumer.key == format!("service.{name}"),
        KitConsumer::Job(name) => consumer.key == format!("job.{name}"),
    })
}

/// Every variable of `env` that the consumer receives.
pub(super) fn received(
    evaluator: &mut Evaluator<'_, '_>,
    consumer: Consumer<'_>,
    variables: &mut BTreeMap<String, Variable>,
) {
    let kit = evaluator.resolver.kit;
    for variable in kit.variables.iter().filter(|variable| receives(variable, consumer)) {
        let mut evaluator = evaluator.standing(&variable.place);
        reserve(evaluator.resolver, &variable.name, &variable.place);
        let wanted =
            variable.when.as_ref().is_none_or(|when| evaluator.condition(when) == Some(true));
        if !wanted {
            continue;
        }
        let given = evaluator.resolver.draft.variables.get(&variable.name);
        let given = given.filter(|_| variable.operator && !is_secret(variable));
        let origin = given.map_or(&variable.place, |given| &given.place).clone();
        let value = match given {
            Some(given) => Some(Value::Known(given.value.clone())),
            None => evaluator.evaluate(&variable.from),
        };
        let Some(wiring) = value.and_then(|value| write(&mut evaluator, variable, value)) else {
            continue;
        };
        let key = format!("{}.env.{}", consumer.key, variable.name);
        let text = shown(&wiring, evaluator.secrets);
        evaluator.resolver.origins.written(key, text, &origin);
        let required = variable.required && !optional(evaluator.resolver, &wiring);
        variables.insert(variable.name.clone(), Variable { value: wiring, required });
    }
}

/// Whether it is the value of a secret that the product starts without.
fn optional(resolver: &Resolver<'_>, wiring: &Wiring) -> bool {
    let Wiring::Secret(key) = wiring else { return false };
    let secret = resolver.kit.secrets.iter().find(|it| super::secrets::key(&it.name) == *key);
    secret.is_some_and(|secret| !secret.required)
}

/// The value in the shape that the kit wants; `None` if it is absent or after a problem.
fn write(
    evaluator: &mut Evaluator<'_, '_>,
    variable: &KitVariable,
    value: Value,
) -> Option<Wiring> {
    match value {
        Value::Absent => None,
        Value::Known(json) => match shape(variable).write(&json) {
            Ok(text) => Some(Wiring::Plain(text)),
            // A wrong value of the environment has its problem where it stands.
            Err(_) if evaluator.resolver.draft.variables.contains_key(&variable.name) => None,
            Err((why, help)) => {
                evaluator.refuse(format!("the variable `{}` is {json}", variable.name), why, help)
            }
        },
        Value::Later(Wiring::Secret(_))
            if !matches!(variable.kind, None | Some(ValueType::Secret)) =>
        {
            evaluator.refuse(
                format!("the variable `{}` is a secret in a plain variable", variable.name),
                "a secret reaches only variables of type secret",
                "write type = \"secret\", or leave the type out",
            )
        }
        Value::Later(wiring @ Wiring::Secret(_)) => Some(wiring),
        Value::Later(_) if variable.kind == Some(ValueType::Secret) => evaluator.refuse(
            format!("the variable `{}` has type secret and its source is not one", variable.name),
            "only what the secret manager holds is secret",
            "take it from a secret, or give it its own type",
        ),
        Value::Later(wiring) => Some(wiring),
    }
}

/// Variables of the process alone (`set`); they win over those of `env`.
pub(super) fn set(
    evaluator: &mut Evaluator<'_, '_>,
    consumer: Consumer<'_>,
    set: &[(String, Expression)],
    variables: &mut BTreeMap<String, Variable>,
) {
    for (name, expression) in set {
        let at = evaluator.at.clone();
        reserve(evaluator.resolver, name, &at);
        let value = match evaluator.evaluate(expression) {
            Some(Value::Known(json)) => Wiring::Plain(super::formats::plain(&json)),
            Some(Value::Later(wiring)) => wiring,
            Some(Value::Absent) | None => continue,
        };
        let key = format!("{}.env.{name}", consumer.key);
        let text = shown(&value, evaluator.secrets);
        evaluator.resolver.origins.written(key, text, &at);
        let required = !optional(evaluator.resolver, &value);
        variables.insert(name.clone(), Variable { value, required });
    }
}

/// A variable with a fixed value that follows from somewhere else in the kit.
pub(super) fn fixed(
    resolver: &mut Resolver<'_>,
    consumer: &str,
    name: &str,
    value: impl Into<String>,
    place: Option<&Place>,
    variables: &mut BTreeMap<String, Variable>,
) {
    let value = value.into();
    let derived = crate::environment::origins::DERIVED;
    resolver.origins.written_or(format!("{consumer}.env.{name}"), &value, place, derived);
    variables.insert(name.to_owned(), Variable { value: Wiring::Plain(value), required: true });
}

/// Names that begin like Landfall's own are its own (G8).
pub(super) fn reserve(resolver: &mut Resolver<'_>, name: &str, at: &Place) {
    if name.starts_with("LANDFALL_") {
        resolver.problem(
            at.clone(),
            format!("the kit sets the variable `{name}`"),
            "names that start with LANDFALL_ are set by Landfall, so that the product can trust them",
            "choose another name",
        );
    }
}
