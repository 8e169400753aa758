//! What people give and what is made: `input NAME { }`, `secret NAME { }`.

use super::draft::Draft;
use super::model::{Expression, GeneratedKind, Input, SecretOrigin, SecretSpec, ValueType};
use super::types::{TYPES, as_text, fits, whole, word};
use crate::hcl::{Body, Value};
use crate::source::Problem;

pub(super) fn inputs(file: &mut Body, draft: &mut Draft) -> Vec<Input> {
    let mut inputs = Vec::new();
    for (label, mut body) in file.named_blocks("input", &mut draft.problems) {
        let name = draft.enter("input", &label, &body);
        inputs.push(input(name, &mut body, draft));
        body.finish(&mut draft.problems);
    }
    inputs
}

fn input(name: String, body: &mut Body, draft: &mut Draft) -> Input {
    let problems = &mut draft.problems;
    let kind_value = body.require("type", problems);
    let kind = kind_value.as_ref().and_then(|value| value.enumeration(&TYPES, problems));
    if let (Some(ValueType::Secret), Some(value)) = (kind, &kind_value) {
        problems.push(value.problem(
            "an input is written to environment.hcl, in the clear",
            format!("write `secret \"{name}\" {{ supplied = true }}` instead"),
        ));
    }
    let default = body.take("default");
    let input = Input {
        kind: kind.unwrap_or(ValueType::String),
        prompt: body.take("prompt").and_then(|value| value.string(problems)),
        default: default.as_ref().and_then(|value| fixed(value, draft)),
        pattern: body.take("pattern").and_then(|value| value.pattern(&mut draft.problems)),
        values: values(body, kind, draft),
        immutable: flag(body, "immutable", draft),
        doc: text(body, "doc", draft),
        name,
    };
    if let (Some(value), Some(given), Some(kind)) = (&default, &input.default, kind) {
        check_value(value, given, kind, &input.values, input.pattern.as_deref(), draft);
    }
    input
}

/// The text of a fixed value; a reference or template is a problem.
pub(super) fn fixed(value: &Value, draft: &mut Draft) -> Option<String> {
    let written = value.expression(&mut draft.problems)?;
    if let Expression::Literal(literal) = &written.expression {
        return as_text(literal);
    }
    draft.problems.push(
        value.problem(
            "a fixed value is expected here",
            "write the value itself, without references",
        ),
    );
    None
}

/// `values`, as texts; an `enum` has some.
pub(super) fn values(body: &mut Body, kind: Option<ValueType>, draft: &mut Draft) -> Vec<String> {
    let given = body.take("values");
    let values = given
        .as_ref()
        .and_then(|value| value.list_of(&mut draft.problems, Value::scalar))
        .unwrap_or_default();
    match (given, kind) {
        (None, Some(ValueType::Enum)) => draft.problems.push(Problem::new(
            body.place().clone(),
            format!("{} has type enum and no `values`", body.title()),
            "an enum is one of a list",
            "add `values = [\"a\", \"b\"]`",
        )),
        (Some(value), Some(kind)) => {
            for item in &values {
                if let Err(wanted) = fits(kind, item) {
                    let why = format!("\"{item}\" is not of type {}: {wanted}", word(kind));
                    draft.problems.push(value.problem(why, "give values of this type"));
                }
            }
        }
        _ => {}
    }
    values
}

/// A default against the type, the values and the pattern it has to follow.
pub(super) fn check_value(
    value: &Value,
    given: &str,
    kind: ValueType,
    values: &[String],
    pattern: Option<&str>,
    draft: &mut Draft,
) {
    if let Err(wanted) = fits(kind, given) {
        let why = format!("it is not of type {}", word(kind));
        draft.problems.push(value.problem(why, format!("write {wanted}")));
    } else if !values.is_empty() && !values.iter().any(|known| known == given) {
        let help = crate::hcl::list(given, "values", values.iter().map(String::as_str));
        draft.problems.push(value.problem("it is not one of `values`", help));
    } else if let Some(pattern) = pattern
        && !whole(pattern, given)
    {
        let why = format!("it does not match `pattern`, {pattern}, as a whole");
        draft.problems.push(value.problem(why, "change one of the two"));
    }
}

fn flag(body: &mut Body, name: &'static str, draft: &mut Draft) -> bool {
    body.take(name).and_then(|value| value.bool(&mut draft.problems)).unwrap_or(false)
}

fn text(body: &mut Body, name: &'static str, draft: &mut Draft) -> Option<String> {
    body.take(name).and_then(|value| value.string(&mut draft.problems))
}

pub(super) fn secrets(file: &mut Body, draft: &mut Draft) -> Vec<SecretSpec> {
    let mut secrets = Vec::new();
    for (label, mut body) in file.named_blocks("secret", &mut draft.problems) {
        let name = draft.enter("secret", &label, &body);
        secrets.push(secret(name, &mut body, draft));
        body.finish(&mut draft.problems);
    }
    secrets
}

fn secret(name: String, body: &mut Body, draft: &mut Draft) -> SecretSpec {
    let generate = body.take("generate");
    let supplied = flag(body, "supplied", draft);
    if generate.is_some() == supplied {
        let given = if supplied { "both" } else { "neither" };
        draft.problems.push(Problem::new(
            body.place().clone(),
            format!("{} has {given} of `generate` and `supplied`", body.title()),
            "a secret is made by Landfall or given by a person",
            "write `supplied = true`, or `generate = { kind = \"hex\", bytes = 32 }`",
        ));
    }
    let problems = &mut draft.problems;
    let required = body.take("required").and_then(|value| value.bool(problems)).unwrap_or(true);
    let show = [("never", false), ("once", true)];
    SecretSpec {
        name,
        required,
        check: body.take("check").and_then(|value| value.pattern(problems)),
        show_once: body
            .take("show")
            .and_then(|value| value.enumeration(&show, problems))
            .unwrap_or(false),
        immutable: flag(body, "immutable", draft),
        doc: text(body, "doc", draft),
        origin: generate
            .and_then(|value| generated(&value, draft))
            .unwrap_or(SecretOrigin::Supplied),
    }
}

/// `generate = { kind, bytes | length, prefix }`.
fn generated(value: &Value, draft: &mut Draft) -> Option<SecretOrigin> {
    let problems = &mut draft.problems;
    let mut map = value.map(problems)?;
    let kinds = [
        ("hex", GeneratedKind::Hex),
        ("base64", GeneratedKind::Base64),
        ("alnum", GeneratedKind::Alnum),
        ("uuid", GeneratedKind::Uuid),
    ];
    let kind = map.require("kind", problems).and_then(|value| value.enumeration(&kinds, problems));
    let prefix = map.take("prefix").and_then(|value| value.string(problems));
    // 8 is the least that is worth the name; 4096 is what a variable can comfortably hold.
    let length = match kind {
        Some(GeneratedKind::Hex | GeneratedKind::Base64) => map.require("bytes", problems),
        Some(GeneratedKind::Alnum) => map.require("length", problems),
        Some(GeneratedKind::Uuid) | None => None,
    };
    let length = match (length, kind) {
        (Some(length), _) => length.integer(8..=4096_i64, problems),
        (None, Some(GeneratedKind::Uuid)) => Some(16),
        (None, _) => None,
    };
    if kind.is_some() {
        map.finish(problems);
    }
    Some(SecretOrigin::Generated {
        kind: kind?,
        length: usize::try_from(length?).ok()?,
        prefix: prefix.unwrap_or_default(),
    })
}
