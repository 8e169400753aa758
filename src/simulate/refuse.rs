//! What a rehearsal refuses to run, because it would reach out of the simulated cloud: terraform
//! runs provisioners and foreign providers for real.

use std::ops::Range;
use std::sync::Arc;

use hcl_edit::Span as _;
use hcl_edit::expr::Expression;
use hcl_edit::structure::{Block, Body};

use super::catalogue::catalogue;
use crate::failure::Result;
use crate::source::{Place, Problem, Problems, Source};

/// The one data source that is computed from its configuration alone.
const POLICY_DOCUMENT: &str = "aws_iam_policy_document";

/// Resource types of terraform's own, built-in provider. They do nothing by themselves.
const BUILT_IN: [&str; 1] = ["terraform_data"];

/// Scans rendered files, given as (path as shown, text), and reports with its place everything
/// that would reach out: provisioners, data sources other than policy documents, providers other
/// than `hashicorp/aws`, modules from elsewhere, and resource types that are not served.
///
/// Fails with exit code 2 and all problems at once. Files whose name does not end in `.tf` are
/// ignored, but `.tf.json` is refused: nothing here can read it.
pub fn refuse_foreign<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<()> {
    let catalogue = catalogue()?;
    let served = |name: &str| catalogue.resources.contains_key(name) || BUILT_IN.contains(&name);
    let mut problems = Problems::new();
    for (path, text) in files {
        let source = Source::new(path, text);
        let mut scan = Scan { source: &source, served: &served, problems: &mut problems };
        let ends = |end: &str| path.to_ascii_lowercase().ends_with(end);
        if ends(".tf.json") {
            scan.say(0..0, "terraform in JSON cannot be rehearsed", "write it as .tf");
        } else if ends(".tf") {
            match hcl_edit::parser::parse_body(text) {
                Ok(body) => scan.file(&body),
                Err(error) => {
                    let at = error.location().offset();
                    scan.say(at..at + 1, &format!("cannot be read: {}", error.message()), "");
                }
            }
        }
    }
    problems.check(())
}

struct Scan<'a> {
    source: &'a Arc<Source>,
    served: &'a dyn Fn(&str) -> bool,
    problems: &'a mut Problems,
}

fn label(block: &Block, at: usize) -> &str {
    block.labels.get(at).map_or("", |label| label.as_str())
}

/// The text of an attribute that is a plain string.
fn plain<'a>(body: &'a Body, name: &str) -> Option<(&'a str, Range<usize>)> {
    let value = &body.get_attribute(name)?.value;
    Some((value.as_str()?, value.span().unwrap_or_default()))
}

impl Scan<'_> {
    fn say(&mut self, span: Range<usize>, what: &str, help: &str) {
        let place = Place::new(self.source, span);
        let why = "terraform would run it for real, also in a rehearsal";
        self.problems.push(Problem::new(place, what, why, help));
    }

    fn file(&mut self, body: &Body) {
        for block in body.blocks() {
            let span = block.ident.span().unwrap_or_default();
            match block.ident.as_str() {
                "resource" => self.resource(block, span),
                "data" => self.data(block, span),
                "ephemeral" => {
                    let what =
                        format!("the ephemeral resource {} cannot be rehearsed", label(block, 0));
                    self.say(span, &what, "remove it");
                }
                "provider" if label(block, 0) != "aws" => {
                    let what = format!("the provider {} cannot be rehearsed", label(block, 0));
                    self.say(span, &what, "only hashicorp/aws is simulated");
                }
                "module" => self.module(block),
                "terraform" => self.terraform(block),
                "check" => {
                    let nested = block.body.blocks().filter(|block| block.ident.as_str() == "data");
                    for data in nested {
                        self.data(data, data.ident.span().unwrap_or_default());
                    }
                }
                _ => {}
            }
        }
    }

    fn resource(&mut self, block: &Block, span: Range<usize>) {
        let kind = label(block, 0);
        if !(self.served)(kind) {
            let what = format!("the resource type {kind} cannot be rehearsed");
            self.say(span, &what, "data/aws-types.txt lists what can be");
        }
        for nested in block.body.blocks() {
            if matches!(nested.ident.as_str(), "provisioner" | "connection") {
                let span = nested.ident.span().unwrap_or_default();
                let what = format!(
                    "{kind}.{} has a {} {}",
                    label(block, 1),
                    nested.ident.as_str(),
                    label(nested, 0)
                );
                self.say(span, what.trim_end(), "remove it: a one-off job can do the same");
            }
        }
    }

    fn data(&mut self, block: &Block, span: Range<usize>) {
        let kind = label(block, 0);
        if kind != POLICY_DOCUMENT {
            let what = format!("the data source {kind} reaches out");
            self.say(span, &what, "only aws_iam_policy_document may be used; pass values in");
        }
    }

    fn module(&mut self, block: &Block) {
        if let Some((source, span)) = plain(&block.body, "source")
            && !source.starts_with("./")
            && !source.starts_with("../")
        {
            let what = format!("the module source {source} is elsewhere");
            self.say(span, &what, "a module lies beside its release, under a relative path");
        }
    }

    fn terraform(&mut self, block: &Block) {
        let required = block.body.blocks().filter(|b| b.ident.as_str() == "required_providers");
        for attribute in required.flat_map(|block| block.body.attributes()) {
            let Expression::Object(object) = &attribute.value else { continue };
            let source = object.iter().find_map(|(key, value)| {
                let key = key
                    .as_ident()
                    .map(hcl_edit::Ident::as_str)
                    .or_else(|| key.as_expr().and_then(Expression::as_str));
                (key == Some("source")).then(|| value.expr().as_str()).flatten()
            });
            let source = source.unwrap_or_default();
            let short = source.strip_prefix("registry.terraform.io/").unwrap_or(source);
            let short = short.strip_prefix("registry.opentofu.org/").unwrap_or(short);
            if !short.eq_ignore_ascii_case("hashicorp/aws") {
                let span = attribute.key.span().unwrap_or_default();
                let what = format!(
                    "the provider {} ({source}) cannot be rehearsed",
                    attribute.key.as_str()
                );
                self.say(span, &what, "only hashicorp/aws is simulated");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

    use super::*;

    const FOREIGN: &str = r#"terraform {
  required_providers {
    aws  = { source = "hashicorp/aws" }
    null = { "source" = "hashicorp/null", version = "3.2.0" }
  }
}
provider "kubernetes" {}
resource "aws_vpc" "this" {
  cidr_block = "10.0.0.0/16"
  provisioner "local-exec" { command = "curl https://example.com" }
}
resource "null_resource" "this" {}
data "external" "this" { program = ["sh"] }
data "aws_iam_policy_document" "this" {}
module "vpc" { source = "terraform-aws-modules/vpc/aws" }
check "up" {
  data "http" "this" { url = "https://example.com" }
}
"#;

    #[test]
    fn everything_that_reaches_out_is_named_with_its_line() {
        let failure = refuse_foreign([("services/main.tf", FOREIGN)]).unwrap_err();
        let report = failure.to_string();
        for (line, what) in [
            (4, "the provider null (hashicorp/null)"),
            (7, "the provider kubernetes"),
            (10, "aws_vpc.this has a provisioner local-exec"),
            (12, "the resource type null_resource"),
            (13, "the data source external reaches out"),
            (15, "the module source terraform-aws-modules/vpc/aws"),
            (17, "the data source http reaches out"),
        ] {
            assert!(report.contains(what), "{what}\n{report}");
            assert!(report.contains(&format!("services/main.tf:{line}:")), "{line}\n{report}");
        }
        assert!(failure.what().starts_with("7 problems"), "{report}");
    }

    #[test]
    fn plain_files_pass_and_json_does_not() {
        let plain = "resource \"aws_vpc\" \"this\" {}\nresource \"terraform_data\" \"this\" {}\n";
        refuse_foreign([("main.tf", plain), ("README.md", "{")]).unwrap();
        assert!(refuse_foreign([("main.tf.json", "{}")]).is_err());
        assert!(refuse_foreign([("main.tf", "resource {")]).is_err());
    }
}
