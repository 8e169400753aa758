//! What a release must not make terraform do: run programs, ask the network or load providers and
//! modules that nobody pinned. One scan with two sets of rules: a rehearsal's are narrower, because
//! what is not simulated would be done for real.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use hcl_edit::Span as _;
use hcl_edit::expr::Expression;
use hcl_edit::structure::{Block, Body};

use crate::failure::Result;
use crate::source::{Place, Problem, Problems, Source};

/// Resource types of terraform's own, built-in provider. They do nothing by themselves.
const BUILT_IN: [&str; 1] = ["terraform_data"];

/// What is allowed, and how a refusal is worded.
pub(crate) struct Rules<'a> {
    /// Whether a resource type may be used.
    pub(crate) resource: &'a dyn Fn(&str) -> bool,
    /// Whether a data source may be used.
    pub(crate) data: &'a dyn Fn(&str) -> bool,
    /// Whether a provider may be used, by its source without the registry: `hashicorp/aws`.
    pub(crate) provider: &'a dyn Fn(&str) -> bool,
    /// Behind what is refused: `cannot be rehearsed`.
    pub(crate) verdict: &'static str,
    /// Why everything is refused.
    pub(crate) why: &'static str,
    /// What helps for a resource type, a data source and a provider.
    pub(crate) help: [&'static str; 3],
}

/// Refuses, in rendered files given as (path as shown, text), what a real run must not do either:
/// provisioners, data sources and resources of other providers than `providers` (sources as in
/// `kit.lock`: `registry.terraform.io/hashicorp/aws`), `external` and `http` among them, and
/// modules from elsewhere. Exit code 2, all problems at once.
pub fn refuse<'a>(
    files: impl IntoIterator<Item = (&'a str, &'a str)>,
    providers: impl IntoIterator<Item = &'a str>,
) -> Result<()> {
    let listed: BTreeSet<&str> = providers.into_iter().map(without_registry).collect();
    let of_listed = |kind: &str| {
        let prefix = kind.split('_').next().unwrap_or_default();
        listed.iter().any(|source| source.rsplit('/').next() == Some(prefix))
    };
    let rules = Rules {
        resource: &of_listed,
        data: &of_listed,
        provider: &|source| listed.iter().any(|known| known.eq_ignore_ascii_case(source)),
        verdict: "is not part of the release",
        why: "a release is exactly what kit.lock names; whatever else terraform loads or runs is \
              not",
        help: [
            "only resources of the providers in kit.lock may be used",
            "only data of the providers in kit.lock may be used; pass values in",
            "only the providers in kit.lock may be used",
        ],
    };
    scan(files, &rules)
}

/// Scans files with these rules. Files whose name does not end in `.tf` are ignored, but
/// `.tf.json` is refused: nothing here can read it.
pub(crate) fn scan<'a>(
    files: impl IntoIterator<Item = (&'a str, &'a str)>,
    rules: &Rules<'_>,
) -> Result<()> {
    let mut problems = Problems::new();
    for (path, text) in files {
        let source = Source::new(path, text);
        let mut scan = Scan { source: &source, rules, problems: &mut problems };
        let ends = |end: &str| path.to_ascii_lowercase().ends_with(end);
        if ends(".tf.json") {
            let what = format!("terraform in JSON {}", rules.verdict);
            scan.say(0..0, &what, "write it as .tf");
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

fn without_registry(source: &str) -> &str {
    let short = source.strip_prefix("registry.terraform.io/").unwrap_or(source);
    short.strip_prefix("registry.opentofu.org/").unwrap_or(short)
}

struct Scan<'a> {
    source: &'a Arc<Source>,
    rules: &'a Rules<'a>,
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
        self.problems.push(Problem::new(place, what, self.rules.why, help));
    }

    fn file(&mut self, body: &Body) {
        for block in body.blocks() {
            let span = block.ident.span().unwrap_or_default();
            match block.ident.as_str() {
                "resource" => self.resource(block, span),
                "data" => self.data(block, span),
                "ephemeral" => {
                    let kind = label(block, 0);
                    let what = format!("the ephemeral resource {kind} {}", self.rules.verdict);
                    self.say(span, &what, "remove it");
                }
                "provider" if !(self.rules.provider)(&format!("hashicorp/{}", label(block, 0))) => {
                    let what = format!("the provider {} {}", label(block, 0), self.rules.verdict);
                    self.say(span, &what, self.rules.help[2]);
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
        if !(self.rules.resource)(kind) && !BUILT_IN.contains(&kind) {
            let what = format!("the resource type {kind} {}", self.rules.verdict);
            self.say(span, &what, self.rules.help[0]);
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
        if !(self.rules.data)(kind) {
            let what = format!("the data source {kind} reaches out");
            self.say(span, &what, self.rules.help[1]);
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
            if !(self.rules.provider)(without_registry(source)) {
                let span = attribute.key.span().unwrap_or_default();
                let name = attribute.key.as_str();
                let what = format!("the provider {name} ({source}) {}", self.rules.verdict);
                self.say(span, &what, self.rules.help[2]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

    use super::*;

    const AWS: &str = "registry.terraform.io/hashicorp/aws";
    const GOOGLE: &str = "registry.terraform.io/hashicorp/google";

    #[test]
    fn a_release_uses_what_its_lock_names() {
        let good = "terraform {\n  required_providers {\n    aws = { source = \"hashicorp/aws\" }\n  }\n}\n\
            resource \"aws_sqs_queue\" \"jobs\" {}\ndata \"aws_region\" \"here\" {}\n\
            resource \"terraform_data\" \"x\" {}\nmodule \"y\" { source = \"../y\" }\n";
        refuse([("main.tf", good), ("README.md", "data")], [AWS]).unwrap();
        for (bad, what) in [
            ("data \"external\" \"x\" {}", "the data source external reaches out"),
            ("data \"http\" \"x\" {}", "the data source http reaches out"),
            ("data \"terraform_remote_state\" \"x\" {}", "terraform_remote_state reaches out"),
            (
                "resource \"aws_vpc\" \"x\" {\n  provisioner \"local-exec\" {}\n}",
                "aws_vpc.x has a provisioner local-exec",
            ),
            ("resource \"null_resource\" \"x\" {}", "null_resource is not part of the release"),
            ("provider \"kubernetes\" {}", "the provider kubernetes is not part of the release"),
            (
                "terraform {\n  required_providers {\n    x = { source = \"vendor/x\" }\n  }\n}",
                "the provider x (vendor/x) is not part",
            ),
            ("module \"x\" { source = \"git::https://x.example/y\" }", "is elsewhere"),
            ("resource {", "cannot be read"),
        ] {
            let failure = refuse([("services/main.tf", bad)], [AWS]).unwrap_err();
            assert!(failure.to_string().contains(what), "{what}\n{failure}");
            assert!(failure.to_string().contains("services/main.tf:"), "{failure}");
        }
        refuse([("main.tf", "resource \"vendor_thing\" \"x\" {}")], [AWS, "x.example/a/vendor"])
            .unwrap();
    }

    #[test]
    fn google_is_a_listed_provider_where_the_lock_names_it() {
        let text = "terraform {\n  required_providers {\n    google = {\n      source = \
            \"hashicorp/google\"\n    }\n  }\n}\nprovider \"google\" {}\n\
            resource \"google_cloud_run_v2_service\" \"web\" {}\n";
        refuse([("main.tf", text)], [GOOGLE]).unwrap();
        let failure = refuse([("main.tf", text)], [AWS]).unwrap_err().to_string();
        for what in ["the provider google ", "the resource type google_cloud_run_v2_service"] {
            assert!(failure.contains(what), "{failure}");
        }
        // Its other half has the same prefix and is another provider.
        let beta = "terraform {\n  required_providers {\n    google-beta = {\n      source = \
            \"hashicorp/google-beta\"\n    }\n  }\n}\n";
        let failure = refuse([("main.tf", beta)], [GOOGLE]).unwrap_err().to_string();
        assert!(failure.contains("the provider google-beta"), "{failure}");
    }
}
