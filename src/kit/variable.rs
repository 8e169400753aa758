//! `env { }` and `env NAME { }`.

use super::draft::{By, Draft, Role, matches};
use super::input::{check_value, fixed, values};
use super::model::{Consumer, Expression, ValueType, Variable};
use super::types::{FORMATS, TYPES, word};
use crate::hcl::{Body, Label, Value};
use crate::source::{Place, Problem};

/// Names of variables, as POSIX has them.
pub(super) const ENV_NAME: &str = "^[A-Za-z_][A-Za-z0-9_]{0,127}$";

pub(super) fn variables(file: &mut Body, draft: &mut Draft) -> Vec<Variable> {
    let mut variables: Vec<Variable> = Vec::new();
    for mut block in file.blocks("env") {
        if block.labels.is_empty() {
            for value in block.body.take_all() {
                let by = By { title: format!("env `{}`", value.name()), consumer: None };
                check_name(value.name(), value.name_place(), draft);
                if value.is_null() {
                    let help = "remove the line: what has no value is left out";
                    draft.problems.push(value.problem("a variable has a value", help));
                }
                let Some(from) = draft.expression(&value, &by, Role::Variable(None)) else {
                    continue;
                };
                add(&mut variables, plain(&value, from), draft);
            }
        } else if block.expect_labels(1, &mut draft.problems) {
            let label = block.labels.remove(0);
            check_name(&label.text, &label.place, draft);
            let variable = typed(&label, &mut block.body, draft);
            add(&mut variables, variable, draft);
        }
        block.body.finish(&mut draft.problems);
    }
    variables
}

/// One more variable, unless its name exists.
fn add(variables: &mut Vec<Variable>, variable: Variable, draft: &mut Draft) {
    if let Some(earlier) = variables.iter().find(|earlier| earlier.name == variable.name) {
        draft.problems.push(Problem::new(
            variable.place.clone(),
            format!("the variable `{}` is given twice", variable.name),
            format!("it is on line {} already", earlier.place.line_column().0),
            "remove one of them",
        ));
        return;
    }
    draft.places.insert(format!("env.{}", variable.name), variable.place.clone());
    variables.push(variable);
}

/// Whether this can be a variable's name; a problem if not.
pub(super) fn check_name(name: &str, place: &Place, draft: &mut Draft) {
    if !matches(ENV_NAME, name) {
        draft.problems.push(Problem::new(
            place.clone(),
            format!("the name \"{name}\" of a variable cannot be used"),
            format!("a variable's name matches {ENV_NAME}"),
            "letters, digits and _, not starting with a digit",
        ));
    }
}

/// Plain wiring: type and receivers follow the source.
fn plain(value: &Value, from: Expression) -> Variable {
    Variable {
        name: value.name().to_owned(),
        kind: None,
        from,
        format: None,
        values: Vec::new(),
        min: None,
        max: None,
        required: true,
        to: Vec::new(),
        when: None,
        operator: false,
        doc: None,
        place: value.name_place().clone(),
    }
}

fn typed(label: &Label, body: &mut Body, draft: &mut Draft) -> Variable {
    draft.place(&format!("env.{}", label.text), body);
    let by = By::block(body);
    let given_kind =
        body.take("type").and_then(|value| value.enumeration(&TYPES, &mut draft.problems));
    let (from, default) = (body.take("from"), body.take("default"));
    if from.is_some() == default.is_some() {
        let given = if from.is_some() { "both" } else { "neither" };
        draft.problems.push(Problem::new(
            label.place.clone(),
            format!("{by} has {given} of `from` and `default`"),
            "the value comes from a source or is fixed",
            "write one of them",
        ));
    }
    let values = values(body, given_kind, draft);
    // A list of values makes an enum; otherwise the type follows the source.
    let kind = given_kind.or((!values.is_empty()).then_some(ValueType::Enum));
    let from = from.and_then(|value| draft.expression(&value, &by, Role::Variable(kind)));
    let text = default.as_ref().and_then(|value| fixed(value, draft));
    if let (Some(value), Some(text), Some(kind)) = (&default, &text, kind) {
        check_default(value, text, kind, &values, draft);
    }
    let expression = from.or_else(|| {
        let written = default.as_ref()?.expression(&mut crate::source::Problems::new())?;
        Some(written.expression)
    });
    let (min, max) = limits(body, kind, default.as_ref().zip(text), draft);
    let to = draft.references(body.take("to"), &by, Role::Receiver);
    let when = draft.when(body, &by);
    let format = body.take("as").and_then(|value| format(&value, kind, draft));
    let problems = &mut draft.problems;
    Variable {
        name: label.text.clone(),
        kind,
        from: expression.unwrap_or(Expression::Literal(serde_json::Value::Null)),
        format,
        values,
        min,
        max,
        required: body.take("required").and_then(|value| value.bool(problems)).unwrap_or(true),
        to: to.iter().filter_map(|path| consumer(path)).collect(),
        when,
        operator: body.take("operator").and_then(|value| value.bool(problems)).unwrap_or(false),
        doc: body.take("doc").and_then(|value| value.string(problems)),
        place: label.place.clone(),
    }
}

fn check_default(value: &Value, text: &str, kind: ValueType, values: &[String], draft: &mut Draft) {
    if kind == ValueType::Secret {
        draft.problems.push(value.problem(
            "a value that stands in the kit is no secret",
            "make it a block `secret` and write `from = secret.NAME`",
        ));
    } else {
        check_value(value, text, kind, values, None, draft);
    }
}

/// `min` and `max`: for numbers, in order, around the default.
fn limits(
    body: &mut Body,
    kind: Option<ValueType>,
    default: Option<(&Value, String)>,
    draft: &mut Draft,
) -> (Option<f64>, Option<f64>) {
    let mut limit = |name| {
        let value = body.take(name)?;
        let number = value.number(f64::MIN..=f64::MAX, &mut draft.problems)?;
        if !matches!(kind, Some(ValueType::Int | ValueType::Float)) {
            let why = "only numbers have limits";
            draft.problems.push(value.problem(why, "write `type = \"int\"` or `type = \"float\"`"));
        }
        Some((number, value))
    };
    let (min, max) = (limit("min"), limit("max"));
    if let (Some((least, _)), Some((most, value))) = (&min, &max)
        && least > most
    {
        draft
            .problems
            .push(value.problem(format!("`min` is {least}"), "make `max` at least `min`"));
    }
    let (min, max) = (min.map(|(least, _)| least), max.map(|(most, _)| most));
    if let Some((value, text)) = default
        && let Ok(number) = text.parse::<f64>()
        && (min.is_some_and(|least| number < least) || max.is_some_and(|most| number > most))
    {
        draft
            .problems
            .push(value.problem("it is outside of `min` and `max`", "change one of them"));
    }
    (min, max)
}

/// `as`: depends on the type.
fn format(value: &Value, kind: Option<ValueType>, draft: &mut Draft) -> Option<String> {
    let text = value.string(&mut draft.problems)?;
    let known =
        FORMATS.iter().find(|(known, _)| Some(*known) == kind).map_or(&[][..], |(_, all)| all);
    if !known.contains(&text.as_str()) {
        let kind = kind.map_or("no type", word);
        draft.problems.push(value.problem(
            format!("a variable of {kind} cannot be written so"),
            "bool: \"true/false\", \"True/False\", \"1/0\", \"yes/no\", \"on/off\"; \
                 duration: \"s\", \"ms\"; list: \"csv\", \"json\", \"space\"",
        ));
    }
    Some(text)
}

/// `service.web` or `job.migrate`.
pub(super) fn consumer(path: &[String]) -> Option<Consumer> {
    match path {
        [kind, name] if kind == "service" => Some(Consumer::Service(name.clone())),
        [kind, name] if kind == "job" => Some(Consumer::Job(name.clone())),
        _ => None,
    }
}
