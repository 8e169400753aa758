//! From a parsed expression to [`Expression`]: the closed part of HCL that is evaluated, and a
//! problem that names anything else.

use hcl_edit::Span;
use hcl_edit::expr::{
    BinaryOperator, Expression as Parsed, FuncCall, TraversalOperator, UnaryOperator,
};
use hcl_edit::template::{Element, Strip, Template};
use serde_json::Value as Json;

use super::suggest::list;
use super::value::Value;
use crate::kit::model::{Expression, Function, Operator};
use crate::source::{Place, Problem, Problems};

/// A reference and where it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Split at the dots: `["database", "main", "host"]`.
    pub path: Vec<String>,
    /// Where.
    pub place: Place,
}

/// An expression with every reference in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// What is evaluated.
    pub expression: Expression,
    /// In the order they are written.
    pub references: Vec<Reference>,
}

/// The functions that exist.
const FUNCTIONS: [(&str, Function); 4] = [
    ("urlencode", Function::Urlencode),
    ("base64", Function::Base64),
    ("jsonencode", Function::Jsonencode),
    ("yamlencode", Function::Yamlencode),
];

/// Said about everything that HCL knows and these files do not.
const ONLY: &str = "only fixed values, references, templates \"${...}\", the four functions and \
                    the operators == != ! && || are evaluated";

/// Converts what `value` holds; `None` after at least one problem.
pub(super) fn convert(value: &Value, parsed: &Parsed, problems: &mut Problems) -> Option<Written> {
    let mut converter = Converter { value, references: Vec::new(), problems };
    let expression = converter.expression(parsed)?;
    Some(Written { expression, references: converter.references })
}

/// The parts of `a.b.c`, also `a.b["c"]`; `None` for anything else.
pub(super) fn path(parsed: &Parsed) -> Option<Vec<String>> {
    if let Some(name) = parsed.as_variable() {
        return Some(vec![name.to_string()]);
    }
    let traversal = parsed.as_traversal()?;
    let mut path = vec![traversal.expr.as_variable()?.to_string()];
    for operator in &traversal.operators {
        path.push(match operator.value() {
            TraversalOperator::GetAttr(name) => name.to_string(),
            TraversalOperator::Index(index) => index.as_str()?.to_owned(),
            _ => return None,
        });
    }
    Some(path)
}

struct Converter<'a> {
    value: &'a Value,
    references: Vec<Reference>,
    problems: &'a mut Problems,
}

impl Converter<'_> {
    fn expression(&mut self, parsed: &Parsed) -> Option<Expression> {
        let literal = parsed.span().and_then(|span| self.value.literal_at(span.start));
        if let Some(text) = literal {
            return Some(Expression::Literal(Json::String(text.clone())));
        }
        match parsed {
            Parsed::Null(_) => Some(Expression::Literal(Json::Null)),
            Parsed::Bool(flag) => Some(Expression::Literal(Json::Bool(*flag.value()))),
            Parsed::Number(number) => self.number(parsed, number.value()),
            Parsed::String(text) => Some(Expression::Literal(Json::String(text.to_string()))),
            Parsed::Array(array) => {
                let items = array.iter().map(|item| self.expression(item)).collect::<Vec<_>>();
                let items = items.into_iter().collect::<Option<Vec<_>>>()?;
                Some(literals(&items).map_or(Expression::List(items), Expression::Literal))
            }
            Parsed::Object(_) => self.map(parsed),
            Parsed::StringTemplate(template) => self.template(parsed, template),
            Parsed::HeredocTemplate(heredoc) => self.template(parsed, &heredoc.template),
            Parsed::Parenthesis(inner) => self.expression(inner.inner()),
            Parsed::Variable(_) | Parsed::Traversal(_) => self.reference(parsed),
            Parsed::FuncCall(call) => self.call(parsed, call),
            Parsed::UnaryOp(operation) => match operation.operator.value() {
                UnaryOperator::Not => {
                    Some(Expression::Not(Box::new(self.expression(&operation.expr)?)))
                }
                UnaryOperator::Neg => self.refuse(parsed, "the operator `-`"),
            },
            Parsed::BinaryOp(operation) => {
                let operator = match operation.operator.value() {
                    BinaryOperator::Eq => Operator::Equal,
                    BinaryOperator::NotEq => Operator::NotEqual,
                    BinaryOperator::And => Operator::And,
                    BinaryOperator::Or => Operator::Or,
                    other => return self.refuse(parsed, &format!("the operator `{other}`")),
                };
                let left = self.expression(&operation.lhs_expr);
                let right = self.expression(&operation.rhs_expr);
                Some(Expression::Binary(operator, Box::new(left?), Box::new(right?)))
            }
            Parsed::Conditional(_) => self.refuse(parsed, "a condition `a ? b : c`"),
            Parsed::ForExpr(_) => self.refuse(parsed, "a `for` expression"),
        }
    }

    fn number(&mut self, parsed: &Parsed, number: &hcl_edit::Number) -> Option<Expression> {
        let whole = number.as_i64().map(Json::from).or_else(|| number.as_u64().map(Json::from));
        let json =
            whole.or_else(|| serde_json::Number::from_f64(number.as_f64()?).map(Json::Number));
        match json {
            Some(json) => Some(Expression::Literal(json)),
            None => self.refuse(parsed, "a number of this size"),
        }
    }

    fn map(&mut self, parsed: &Parsed) -> Option<Expression> {
        let entries = self.value.part(parsed).entries(self.problems)?;
        let entries: Vec<_> = entries
            .iter()
            .map(|entry| {
                Some((entry.name().to_owned(), self.expression(entry.parsed_expression())?))
            })
            .collect();
        let entries = entries.into_iter().collect::<Option<Vec<_>>>()?;
        let fixed = entries.iter().map(|(name, value)| match value {
            Expression::Literal(json) => Some((name.clone(), json.clone())),
            _ => None,
        });
        Some(match fixed.collect::<Option<serde_json::Map<_, _>>>() {
            Some(map) => Expression::Literal(Json::Object(map)),
            None => Expression::Map(entries),
        })
    }

    fn reference(&mut self, parsed: &Parsed) -> Option<Expression> {
        let Some(path) = path(parsed) else {
            return self.refuse(parsed, "an index, a splat or a field of something computed");
        };
        let place = self.value.place_of(parsed);
        self.references.push(Reference { path: path.clone(), place });
        Some(Expression::Reference(path))
    }

    fn call(&mut self, parsed: &Parsed, call: &FuncCall) -> Option<Expression> {
        let name = call.name.name.as_str();
        let found = FUNCTIONS.iter().find(|(known, _)| *known == name);
        let Some((_, function)) = found.filter(|_| !call.name.is_namespaced()) else {
            let place = self.value.place_of(parsed);
            self.problems.push(Problem::new(
                place,
                format!("`{name}(...)` is not evaluated here"),
                ONLY,
                list(name, "functions", FUNCTIONS.iter().map(|(known, _)| *known)),
            ));
            return None;
        };
        let mut arguments = call.args.iter();
        match (arguments.next(), arguments.next()) {
            (Some(argument), None) if !call.args.expand_final() => {
                Some(Expression::Call(*function, Box::new(self.expression(argument)?)))
            }
            _ => {
                self.problems.push(Problem::new(
                    self.value.place_of(parsed),
                    format!("`{name}` is called with {} arguments", call.args.len()),
                    format!("`{name}` takes one"),
                    format!("write {name}(value)"),
                ));
                None
            }
        }
    }

    fn template(&mut self, parsed: &Parsed, template: &Template) -> Option<Expression> {
        let mut parts = Vec::new();
        for element in template {
            parts.push(match element {
                Element::Literal(text) => Some(Expression::Literal(Json::String(text.to_string()))),
                Element::Interpolation(inner) if inner.strip != Strip::None => {
                    self.refuse(parsed, "a strip marker `~`")
                }
                Element::Interpolation(inner) => self.expression(&inner.expr),
                Element::Directive(_) => self.refuse(parsed, "a template directive `%{`"),
            });
        }
        let parts = parts.into_iter().collect::<Option<Vec<_>>>()?;
        let fixed: Option<String> = parts
            .iter()
            .map(|part| match part {
                Expression::Literal(Json::String(text)) => Some(text.as_str()),
                _ => None,
            })
            .collect();
        // A heredoc without references is a text like any other.
        Some(match fixed {
            Some(text) => Expression::Literal(Json::String(text)),
            None => Expression::Template(parts),
        })
    }

    fn refuse(&mut self, parsed: &Parsed, what: &str) -> Option<Expression> {
        let place = self.value.place_of(parsed);
        self.problems.push(Problem::new(
            place,
            format!("{what} is not evaluated here"),
            ONLY,
            "write the value itself, or make it an input",
        ));
        None
    }
}

/// A list of fixed values is one fixed value.
fn literals(items: &[Expression]) -> Option<Json> {
    let items = items.iter().map(|item| match item {
        Expression::Literal(json) => Some(json.clone()),
        _ => None,
    });
    Some(Json::Array(items.collect::<Option<_>>()?))
}
