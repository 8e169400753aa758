//! `environment.hcl` as `landfall init` writes it: the answers, every value quoted, with comments
//! for what is not obvious.

use std::fmt::Write as _;

use super::questions::Answers;
use crate::environment::needs_remote_images;
use crate::kit::model::{CloudName, Input, Kit, SecretOrigin, ValueType};
use crate::workspace::{align, quote};

/// The whole file.
pub(super) fn text(
    name: &str,
    kit: &Kit,
    (source, release): (&str, &str),
    answers: &Answers,
) -> String {
    let answer = |key: &str| quote(answers.get(key));
    let mut out = format!("# {} for {name}: the only file here to edit.\n\n", kit.title);
    let _ = write!(
        out,
        "environment {} {{\n  format  = 1\n  class   = {}\n  kit     = {}\n  release = {}\n  contact = {}\n}}\n",
        quote(name),
        answer("class"),
        quote(source),
        quote(release),
        answer("contact"),
    );
    out.push_str(&target(kit, answers));
    for ingress in kit.ingresses.keys() {
        let _ = write!(
            out,
            "\ningress {} {{\n  host        = {}\n  reach       = \"internet\"\n  certificate = {}\n}}\n",
            quote(ingress),
            answer("host"),
            answer("certificate"),
        );
    }
    let given = |input: &Input| {
        let answer = answers.input(&input.name)?;
        Some(format!("  {} = {}\n", input.name, value(input.kind, answer)))
    };
    let inputs: String = kit.inputs.iter().filter_map(given).collect();
    if !inputs.is_empty() {
        let _ = write!(out, "\ninputs = {{\n{inputs}}}\n");
    }
    let supplied = kit.secrets.iter().filter(|secret| secret.origin == SecretOrigin::Supplied);
    let supplied: Vec<&str> = supplied.map(|secret| secret.name.as_str()).collect();
    if !supplied.is_empty() {
        let _ = write!(
            out,
            "\n# Supplied secrets are asked for at install and never stand in a file: {}.\n",
            supplied.join(", ")
        );
    }
    align(&out)
}

/// `aws { }` or `gcp { }`.
fn target(kit: &Kit, answers: &Answers) -> String {
    let answer = |key: &str| quote(answers.get(key));
    match answers.cloud {
        CloudName::Aws => format!(
            "\naws {{\n  account_id = {}\n  region     = {}\n}}\n",
            answer("account_id"),
            answer("region")
        ),
        CloudName::Gcp => {
            let images = if needs_remote_images(kit) {
                "\n  # Cloud Run pulls from Artifact Registry and Docker Hub only: this fetches the \
                 vendor's\n  # images there. A mirror of your own can be named instead.\n  \
                 images = \"remote\"\n"
            } else {
                ""
            };
            format!(
                "\ngcp {{\n  project        = {}\n  project_number = {}\n  region         = {}\n{images}}}\n",
                answer("project"),
                answer("project_number"),
                answer("region")
            )
        }
    }
}

/// An answer as HCL. A list is given as `a, b` or as `["a", "b"]`, every other type as its text.
fn value(kind: ValueType, answer: &str) -> String {
    if kind != ValueType::List {
        return quote(answer);
    }
    let items: Vec<String> = serde_json::from_str(answer).unwrap_or_else(|_| {
        let items = answer.split(',').map(str::trim).filter(|item| !item.is_empty());
        items.map(str::to_owned).collect()
    });
    let items: Vec<String> = items.iter().map(|item| quote(item)).collect();
    format!("[{}]", items.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_a_list_however_it_was_answered() {
        for answer in ["[\"a\", \"b\"]", "a, b", "a,b,"] {
            assert_eq!(value(ValueType::List, answer), "[\"a\", \"b\"]", "{answer}");
        }
        assert_eq!(value(ValueType::List, ""), "[]");
        assert_eq!(value(ValueType::String, "a, \"b\""), r#""a, \"b\"""#);
    }
}
