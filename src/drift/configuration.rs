//! What the rendered Terraform sets, resource by resource, and what it tells terraform to ignore:
//! read from the files themselves, for neither is in terraform's plan.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use hcl_edit::expr::{Expression, TraversalOperator};
use hcl_edit::structure::{Block, Body};

use crate::failure::{Failure, Result};
use crate::plan::Change;
use crate::workspace::{Layer, Workspace};

/// What terraform's own arguments of a resource are called; none of them is in the cloud.
const META: [&str; 7] =
    ["count", "for_each", "provider", "depends_on", "lifecycle", "timeouts", "connection"];

/// Blocks whose elements are told apart by a name in the path, as in `env.LOG_LEVEL.value`. Whatever
/// such an element holds is set: terraform takes back one that came beside.
const NAMED: [&str; 2] = ["env", "database_flags"];

/// What stands for every attribute in `ignore_changes`.
const ALL: &str = "all";

/// What every resource of a workspace sets.
#[derive(Debug, Default)]
pub(super) struct Configuration {
    /// Folder relative to `environments/` → what its `.tf` files hold.
    folders: BTreeMap<String, Folder>,
    /// The environment's name.
    name: String,
}

/// A root or a module.
#[derive(Debug, Default)]
struct Folder {
    /// Type and name → what it sets.
    resources: BTreeMap<(String, String), Resource>,
    /// Name of a module's call → its folder.
    calls: BTreeMap<String, String>,
}

#[derive(Debug, Default)]
struct Resource {
    sets: Settings,
    ignores: Vec<String>,
}

/// The inside of a block.
#[derive(Debug, Default)]
struct Settings {
    attributes: BTreeSet<String>,
    blocks: BTreeMap<String, Self>,
}

/// What the configuration says about an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// It sets it, or nothing is known about its resource.
    Set,
    /// It leaves it to the provider.
    NotSet,
    /// It tells terraform to ignore it.
    Ignored,
}

impl Configuration {
    /// Reads a workspace.
    pub(super) fn read(workspace: &Workspace) -> Result<Self> {
        let mut read = Self { name: workspace.name.clone(), ..Self::default() };
        for (path, bytes) in &workspace.files {
            let Some((folder, file)) = path.rsplit_once('/') else { continue };
            let terraform = Path::new(file).extension().is_some_and(|end| end == "tf");
            if !terraform || folder.ends_with("/tests") {
                continue;
            }
            let text = String::from_utf8_lossy(bytes);
            let body = hcl_edit::parser::parse_body(&text).map_err(|error| {
                Failure::failed("a rendered file cannot be read").at(path).caused_by(error)
            })?;
            read.folders.entry(folder.to_owned()).or_default().take(folder, &body);
        }
        Ok(read)
    }

    /// What is said about an attribute of a resource, by its dotted path.
    pub(super) fn says(&self, layer: Layer, change: &Change, path: &str) -> Said {
        let Some(resource) = self.resource(layer, change) else { return Said::Set };
        let steps: Vec<&str> = path.split('.').collect();
        if resource.ignores.iter().any(|ignored| ignored == ALL || covers(ignored, path)) {
            return Said::Ignored;
        }
        if resource.sets.has(&steps) { Said::Set } else { Said::NotSet }
    }

    fn resource(&self, layer: Layer, change: &Change) -> Option<&Resource> {
        let mut folder = self.folders.get(&format!("{}/terraform/{layer}", self.name))?;
        for call in change.module.as_deref().map(calls).unwrap_or_default() {
            folder = self.folders.get(folder.calls.get(&call)?)?;
        }
        folder.resources.get(&(change.kind.clone(), change.name.clone()))
    }
}

/// The calls on the way to a module: `module.a["b.c"].module.d` is `a`, `d`.
fn calls(module: &str) -> Vec<String> {
    let mut bare = String::new();
    let mut depth = 0_u32;
    for character in module.chars() {
        match character {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ if depth == 0 => bare.push(character),
            _ => {}
        }
    }
    bare.split('.').filter(|part| *part != "module").map(str::to_owned).collect()
}

/// Whether an entry of `ignore_changes` is about an attribute: `tags`, `tags["a"]`, `tags.a`.
fn covers(ignored: &str, path: &str) -> bool {
    path.strip_prefix(ignored).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

impl Folder {
    fn take(&mut self, folder: &str, body: &Body) {
        for block in body.blocks() {
            let label = |at: usize| block.labels.get(at).map_or("", |it| it.as_str()).to_owned();
            match block.ident.as_str() {
                "resource" => {
                    self.resources.insert((label(0), label(1)), Resource::of(block));
                }
                "module" => {
                    let source = block.body.get_attribute("source");
                    if let Some(source) = source.and_then(|it| it.value.as_str()) {
                        self.calls.insert(label(0), joined(folder, source));
                    }
                }
                _ => {}
            }
        }
    }
}

/// A folder seen from another one, without `..`.
fn joined(folder: &str, relative: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').collect();
    for part in relative.split('/') {
        match part {
            ".." => drop(parts.pop()),
            "." | "" => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

impl Resource {
    fn of(block: &Block) -> Self {
        let mut ignores = Vec::new();
        let lifecycles = block.body.blocks().filter(|it| it.ident.as_str() == "lifecycle");
        for lifecycle in lifecycles {
            let Some(list) = lifecycle.body.get_attribute("ignore_changes") else { continue };
            match &list.value {
                Expression::Array(entries) => ignores.extend(entries.iter().map(dotted)),
                other => ignores.push(dotted(other)),
            }
        }
        Self { sets: Settings::of(&block.body, true), ignores }
    }
}

/// A reference as a dotted path: `tags["a"]` is `tags.a`.
fn dotted(expression: &Expression) -> String {
    match expression {
        Expression::Traversal(traversal) => {
            let mut path = dotted(&traversal.expr);
            for operator in &traversal.operators {
                let step = match operator.value() {
                    TraversalOperator::GetAttr(name) => name.as_str().to_owned(),
                    TraversalOperator::Index(Expression::String(key)) => key.as_str().to_owned(),
                    TraversalOperator::Index(key) => key.to_string().trim().to_owned(),
                    TraversalOperator::LegacyIndex(index) => index.value().to_string(),
                    // A splat is about the whole list.
                    _ => return path,
                };
                path = format!("{path}.{step}");
            }
            path
        }
        other => other.to_string().trim().to_owned(),
    }
}

impl Settings {
    fn of(body: &Body, of_resource: bool) -> Self {
        let mut settings = Self::default();
        let meta = |name: &str| of_resource && META.contains(&name);
        for attribute in body.attributes().filter(|it| !meta(it.key.as_str())) {
            settings.attributes.insert(attribute.key.as_str().to_owned());
        }
        for block in body.blocks().filter(|it| !meta(it.ident.as_str())) {
            if block.ident.as_str() == "dynamic" {
                let name = block.labels.first().map_or("", |label| label.as_str());
                for content in block.body.blocks().filter(|it| it.ident.as_str() == "content") {
                    settings.merge(name, Self::of(&content.body, false));
                }
            } else {
                settings.merge(block.ident.as_str(), Self::of(&block.body, false));
            }
        }
        settings
    }

    fn merge(&mut self, name: &str, inside: Self) {
        let block = self.blocks.entry(name.to_owned()).or_default();
        block.attributes.extend(inside.attributes);
        for (name, deeper) in inside.blocks {
            block.merge(&name, deeper);
        }
    }

    /// Whether a path leads to something that is set. A whole block is set if any of it is.
    fn has(&self, path: &[&str]) -> bool {
        match path {
            [] => true,
            [name, ..] if self.attributes.contains(*name) => true,
            [name, rest @ ..] => {
                let position = |step: &&str| step.bytes().all(|byte| byte.is_ascii_digit());
                let rest = if rest.first().is_some_and(position) { &rest[1..] } else { rest };
                let named = NAMED.contains(name);
                self.blocks.get(*name).is_some_and(|block| named || block.has(rest))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    const ROOT: &str = r#"
        module "service_web" { source = "../../../.modules/abc/aws/service" }
    "#;
    const MODULE: &str = r#"
        resource "aws_ecs_service" "this" {
          name          = "web"
          count         = 1
          desired_count = 2
          deployment_circuit_breaker { enable = true }
          dynamic "load_balancer" {
            for_each = []
            content { container_port = 80 }
          }
          dynamic "env" {
            for_each = {}
            content { name = env.key }
          }
          lifecycle { ignore_changes = [desired_count, tags["robot"], network[0].subnets] }
        }
        resource "aws_vpc" "all" {
          cidr_block = "10.0.0.0/16"
          lifecycle { ignore_changes = all }
        }
    "#;

    fn configuration() -> Configuration {
        let files = [
            ("acme/terraform/services/main.tf", ROOT),
            (".modules/abc/aws/service/service.tf", MODULE),
            (".modules/abc/aws/service/README.md", "not terraform {"),
        ];
        let files = files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()));
        let workspace = Workspace { name: "acme".to_owned(), files: files.into_iter().collect() };
        Configuration::read(&workspace).unwrap()
    }

    fn says(kind: &str, name: &str, path: &str) -> Said {
        let change = Change {
            module: Some("module.service_web".to_owned()),
            kind: kind.to_owned(),
            name: name.to_owned(),
            ..Change::default()
        };
        configuration().says(Layer::Services, &change, path)
    }

    #[test]
    fn what_is_written_is_set_and_nothing_else() {
        let service = |path: &str| says("aws_ecs_service", "this", path);
        assert_eq!(service("name"), Said::Set);
        assert_eq!(service("deployment_circuit_breaker.0.enable"), Said::Set);
        assert_eq!(service("deployment_circuit_breaker"), Said::Set);
        assert_eq!(service("deployment_circuit_breaker.0.rollback"), Said::NotSet);
        assert_eq!(service("load_balancer.0.container_port"), Said::Set);
        assert_eq!(service("iam_role"), Said::NotSet);
        assert_eq!(service("env.LOG_LEVEL.value"), Said::Set);
        assert_eq!(service("count"), Said::NotSet, "an argument of terraform's own");
    }

    #[test]
    fn what_terraform_is_told_to_ignore_is_ignored() {
        let service = |path: &str| says("aws_ecs_service", "this", path);
        assert_eq!(service("desired_count"), Said::Ignored);
        assert_eq!(service("tags.robot"), Said::Ignored);
        assert_eq!(service("tags.robotics"), Said::NotSet);
        assert_eq!(service("network.0.subnets.1"), Said::Ignored);
        assert_eq!(says("aws_vpc", "all", "cidr_block"), Said::Ignored);
    }

    #[test]
    fn what_cannot_be_found_counts_as_set() {
        assert_eq!(says("aws_ecs_service", "other", "anything"), Said::Set);
    }

    #[test]
    fn keys_of_modules_are_no_calls() {
        assert_eq!(calls("module.a[\"b.c\"].module.d[0]"), ["a", "d"]);
    }
}
