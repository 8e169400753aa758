//! Evaluating the kit's expressions for one consumer.
//!
//! What is known at render becomes a value; what only the foundation knows becomes an output;
//! what is secret becomes the key of a container, and can be nothing but a whole variable.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::database_wiring;
use super::formats::plain;
use super::resolver::Resolver;
use super::secrets::{self, Secrets};
use crate::environment::model::{Database, Ingress, Output, Target, Wiring};
use crate::kit::model::{Expression, Function, Operator};
use crate::source::Place;

/// What is known before any workload is looked at.
pub(super) struct Facts<'a> {
    pub(super) target: Option<&'a Target>,
    pub(super) ingresses: &'a BTreeMap<String, Ingress>,
    /// The answers, by input name, typed.
    pub(super) inputs: BTreeMap<String, Json>,
}

/// Who gets a value: references to databases resolve per consumer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Consumer<'a> {
    /// `service.web`.
    pub(super) key: &'a str,
    /// `web`.
    pub(super) name: &'a str,
    /// Logs in as the owner of the database.
    pub(super) owner: bool,
    /// What it uses: `["database", "main"]`.
    pub(super) uses: &'a [Vec<String>],
}

impl Consumer<'_> {
    pub(super) fn uses(&self, kind: &str, name: &str) -> bool {
        self.uses.iter().any(|used| matches!(used.as_slice(), [k, n, ..] if k == kind && n == name))
    }
}

/// What an expression comes to.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    /// Nothing: what has it is left out.
    Absent,
    /// Known at render.
    Known(Json),
    /// Known to the foundation or the secret manager only. Never [`Wiring::Plain`].
    Later(Wiring),
}

fn text(value: impl Into<String>) -> Value {
    Value::Known(Json::String(value.into()))
}

/// Evaluates one expression; `None` after a problem.
pub(super) struct Evaluator<'r, 'a> {
    pub(super) resolver: &'r mut Resolver<'a>,
    pub(super) facts: &'r Facts<'r>,
    /// `None` where nobody consumes the value: in a check.
    pub(super) consumer: Option<Consumer<'r>>,
    /// Logins are added as they are needed.
    pub(super) databases: &'r mut BTreeMap<String, Database>,
    /// Containers of passwords and URLs are added as they are needed.
    pub(super) secrets: &'r mut Secrets,
    /// Where the expression stands.
    pub(super) at: &'r Place,
}

impl<'a> Evaluator<'_, 'a> {
    /// The same evaluator for an expression that stands elsewhere.
    pub(super) fn standing<'s>(&'s mut self, at: &'s Place) -> Evaluator<'s, 'a> {
        Evaluator {
            resolver: self.resolver,
            facts: self.facts,
            consumer: self.consumer,
            databases: self.databases,
            secrets: self.secrets,
            at,
        }
    }

    pub(super) fn evaluate(&mut self, expression: &Expression) -> Option<Value> {
        match expression {
            Expression::Literal(Json::Null) => Some(Value::Absent),
            Expression::Literal(json) => Some(Value::Known(json.clone())),
            Expression::Reference(path) => self.reference(path),
            Expression::Template(parts) => self.template(parts),
            Expression::List(items) => {
                let items = items.iter().map(|item| self.known(item)).collect::<Option<Vec<_>>>();
                Some(Value::Known(Json::Array(items?)))
            }
            Expression::Map(entries) => {
                let entries = entries
                    .iter()
                    .map(|(name, value)| Some((name.clone(), self.known(value)?)))
                    .collect::<Option<_>>();
                Some(Value::Known(Json::Object(entries?)))
            }
            Expression::Call(function, argument) => self.call(*function, argument),
            Expression::Not(inner) => Some(Value::Known(Json::Bool(!self.condition(inner)?))),
            Expression::Binary(operator, left, right) => {
                let result = match operator {
                    Operator::And => self.condition(left)? && self.condition(right)?,
                    Operator::Or => self.condition(left)? || self.condition(right)?,
                    Operator::Equal => self.known(left)? == self.known(right)?,
                    Operator::NotEqual => self.known(left)? != self.known(right)?,
                };
                Some(Value::Known(Json::Bool(result)))
            }
        }
    }

    /// A condition: true or false; nothing is false.
    pub(super) fn condition(&mut self, expression: &Expression) -> Option<bool> {
        match self.known(expression)? {
            Json::Bool(flag) => Some(flag),
            Json::Null => Some(false),
            Json::String(word) if word == "true" => Some(true),
            Json::String(word) if word == "false" => Some(false),
            other => self.refuse(
                format!("`{}` is used as a condition", plain(&other)),
                "a condition is true or false",
                "compare it: `== \"value\"`",
            ),
        }
    }

    /// A value that must be known at render.
    fn known(&mut self, expression: &Expression) -> Option<Json> {
        match self.evaluate(expression)? {
            Value::Absent => Some(Json::Null),
            Value::Known(json) => Some(json),
            Value::Later(_) => self.refuse(
                "this needs a value that only the cloud knows",
                "conditions, lists and maps are decided when Terraform is rendered",
                "use it as a variable of its own, or in a template",
            ),
        }
    }

    fn template(&mut self, parts: &[Expression]) -> Option<Value> {
        let mut joined = Vec::new();
        for part in parts {
            match self.evaluate(part)? {
                Value::Absent => return Some(Value::Absent),
                Value::Known(json) => joined.push(Wiring::Plain(plain(&json))),
                Value::Later(Wiring::Secret(_)) => return self.refuse_secret("a text"),
                Value::Later(wiring) => joined.push(wiring),
            }
        }
        Some(join(joined))
    }

    fn call(&mut self, function: Function, argument: &Expression) -> Option<Value> {
        Some(match self.evaluate(argument)? {
            Value::Absent => Value::Absent,
            Value::Known(json) => Value::Known(Json::String(call(function, &json))),
            Value::Later(Wiring::Secret(_)) => return self.refuse_secret("a function"),
            Value::Later(wiring) => Value::Later(Wiring::Call(function, Box::new(wiring))),
        })
    }

    fn reference(&mut self, path: &[String]) -> Option<Value> {
        let parts: Vec<&str> = path.iter().map(String::as_str).collect();
        match parts.as_slice() {
            ["database", name, rest @ ..] => database_wiring::field(self, path, name, rest),
            ["secret", name] => self.secret(path, name),
            ["input", name] => match self.facts.inputs.get(*name) {
                Some(json) => Some(Value::Known(json.clone())),
                // Its own problem was already told: no answer, or a wrong one.
                None if self.resolver.kit.inputs.iter().any(|input| input.name == *name) => None,
                None => self.unknown(path),
            },
            ["ingress", name, field] => self.ingress(path, name, field),
            ["cloud", "name"] => Some(text(if self.resolver.gcp() { "gcp" } else { "aws" })),
            ["cloud", "region"] => Some(text(&self.facts.target?.region)),
            ["cloud", "account"] => Some(text(&self.facts.target?.account_id)),
            ["environment", "name"] => Some(text(self.resolver.name)),
            ["environment", "class"] => Some(text(self.resolver.class.word())),
            ["release", "version"] => Some(text(self.resolver.kit.release.version.to_string())),
            ["kit", "name"] => Some(text(&self.resolver.kit.name)),
            ["feature", name] => {
                let feature = self.resolver.kit.features.iter().find(|it| it.name == *name);
                match feature {
                    Some(feature) => Some(Value::Known(Json::Bool(feature.default))),
                    None => self.unknown(path),
                }
            }
            ["cache" | "bucket" | "queue" | "external" | "service" | "file", ..] => {
                let what = format!("the reference `{}`", path.join("."));
                let help = "use a release of the kit that does not need it";
                self.resolver.unsupported(self.at.clone(), &what, help);
                None
            }
            _ => self.unknown(path),
        }
    }

    fn ingress(&mut self, path: &[String], name: &str, field: &str) -> Option<Value> {
        let Some(ingress) = self.facts.ingresses.get(name) else {
            // In the kit but not decided: its own problem was already told.
            let in_kit = self.resolver.kit.ingresses.contains_key(name);
            return if in_kit { None } else { self.unknown(path) };
        };
        match field {
            "url" => Some(text(&ingress.url)),
            "host" => Some(text(&ingress.host)),
            "ws_url" => Some(text(ingress.url.replacen("http", "ws", 1))),
            _ => self.unknown(path),
        }
    }

    fn secret(&mut self, path: &[String], name: &str) -> Option<Value> {
        if !self.resolver.kit.secrets.iter().any(|secret| secret.name == name) {
            return self.unknown(path);
        }
        self.must_use("secret", name)?;
        Some(Value::Later(Wiring::Secret(secrets::key(name))))
    }

    /// The consumer, if it uses what it refers to: `uses` grants the network and the rights.
    pub(super) fn must_use(&mut self, kind: &str, name: &str) -> Option<Consumer<'_>> {
        let what = format!("{kind}.{name}");
        let Some(consumer) = self.consumer else {
            return self.refuse(
                format!("`{what}` is used where nobody receives it"),
                "it resolves per service and job",
                "use it in an `env`",
            );
        };
        if consumer.uses(kind, name) {
            return self.consumer;
        }
        self.refuse(
            format!("{} gets a value of {what} and does not use it", consumer.key),
            "`uses` grants the network and the rights, a variable alone is of no use",
            format!("add {what} to `uses` of {}", consumer.key),
        )
    }

    pub(super) fn unknown<T>(&mut self, path: &[String]) -> Option<T> {
        let what = format!("unknown reference `{}`", path.join("."));
        self.refuse(what, "the kit has nothing of that name", "define it in kit.hcl, or correct it")
    }

    fn refuse_secret<T>(&mut self, what: &str) -> Option<T> {
        self.refuse(
            format!("a secret is used in {what}"),
            "what holds a secret is a secret, and Landfall composes none but database URLs",
            "give the process the secret as a variable of its own, or use `database.N.url.U`",
        )
    }

    pub(super) fn refuse<T>(
        &mut self,
        what: impl Into<String>,
        why: impl Into<String>,
        help: impl Into<String>,
    ) -> Option<T> {
        self.resolver.problem(self.at.clone(), what, why, help);
        None
    }
}

/// Joins parts: known neighbours become one, and one known part is no template.
pub(super) fn join(parts: Vec<Wiring>) -> Value {
    let mut joined: Vec<Wiring> = Vec::new();
    for part in parts {
        match (joined.last_mut(), part) {
            (Some(Wiring::Plain(before)), Wiring::Plain(text)) => before.push_str(&text),
            (_, Wiring::Template(inner)) => joined.extend(inner),
            (_, part) => joined.push(part),
        }
    }
    joined.retain(|part| !matches!(part, Wiring::Plain(text) if text.is_empty()));
    match joined.as_slice() {
        [] => Value::Known(Json::String(String::new())),
        [Wiring::Plain(text)] => Value::Known(Json::String(text.clone())),
        [one] => Value::Later(one.clone()),
        _ => Value::Later(Wiring::Template(joined)),
    }
}

/// A function of something known.
fn call(function: Function, json: &Json) -> String {
    use base64::Engine as _;
    match function {
        Function::Urlencode => percent_encode(&plain(json)),
        Function::Base64 => base64::engine::general_purpose::STANDARD.encode(plain(json)),
        // JSON is YAML in its flow style, so one writer does for both.
        Function::Jsonencode | Function::Yamlencode => json.to_string(),
    }
}

/// RFC 3986: everything but letters, digits and `-._~`.
pub(super) fn percent_encode(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

/// A value as `show` prints it: never a secret, only where it is kept.
pub(super) fn shown(wiring: &Wiring, secrets: &Secrets) -> String {
    match wiring {
        Wiring::Plain(text) => text.clone(),
        Wiring::Output(Output::DatabaseHost(name)) => format!("<host of database {name}>"),
        Wiring::Output(Output::DatabaseCertificates) => "<certificates of the region>".to_owned(),
        Wiring::Output(Output::DatabaseServerCa(name)) => {
            format!("<certificates of database {name}>")
        }
        Wiring::Output(Output::DatabaseUser { database, workload }) => {
            format!("<user of {workload} in database {database}>")
        }
        Wiring::Template(parts) => parts.iter().map(|part| shown(part, secrets)).collect(),
        Wiring::Call(function, inner) => {
            format!("{}({})", format!("{function:?}").to_lowercase(), shown(inner, secrets))
        }
        Wiring::Secret(key) => {
            let name = secrets.get(key).map_or(key.as_str(), |secret| secret.name.as_str());
            format!("<secret {name}>")
        }
        Wiring::Login { first, second, .. } => format!("<{first} and {second} in turn>"),
    }
}

/// The sources in an expression that only those who use them receive: `["database", "main"]`.
pub(super) fn sources(expression: &Expression) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    collect(expression, &mut found);
    found.sort_unstable();
    found.dedup();
    found
}

fn collect<'e>(expression: &'e Expression, found: &mut Vec<(&'e str, &'e str)>) {
    match expression {
        Expression::Reference(path) => {
            let used = ["database", "secret", "cache", "bucket", "queue", "external"];
            if let [kind, name, ..] = path.as_slice()
                && used.contains(&kind.as_str())
            {
                found.push((kind, name));
            }
        }
        Expression::Literal(_) => {}
        Expression::Template(parts) | Expression::List(parts) => {
            for part in parts {
                collect(part, found);
            }
        }
        Expression::Map(entries) => {
            for (_, value) in entries {
                collect(value, found);
            }
        }
        Expression::Call(_, inner) | Expression::Not(inner) => collect(inner, found),
        Expression::Binary(_, left, right) => {
            collect(left, found);
            collect(right, found);
        }
    }
}
