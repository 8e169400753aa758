//! What runs: images, variables and secrets. On AWS of a task definition, read out of the JSON
//! document that terraform shows as one long text; on Google Cloud of a template's nested blocks.

pub(super) mod cloud_run;

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

use super::values::Values;
use super::vocabulary;

/// One container of a task definition, as far as words need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Container {
    /// Its name in the task definition.
    pub name: String,
    /// What it runs.
    pub image: Image,
    /// Words of its command.
    pub command: Vec<String>,
    /// Variables and their values; never secrets.
    pub environment: BTreeMap<String, String>,
    /// Names of the variables that come from the secret manager.
    pub secrets: Vec<String>,
    /// The versions that those are pinned to, where a version is told.
    pub versions: BTreeMap<String, String>,
}

/// `repository[:tag][@sha256:…]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// Registry and path.
    pub repository: String,
    /// As metadata only.
    pub tag: Option<String>,
    /// What runs.
    pub digest: Option<String>,
}

impl Image {
    /// Takes a reference apart. A colon before the last slash is a port.
    pub fn parse(reference: &str) -> Self {
        let (name, digest) = match reference.split_once('@') {
            Some((name, digest)) => (name, Some(digest.to_owned())),
            None => (reference, None),
        };
        let (repository, tag) = match name.rsplit_once(':') {
            Some((repository, tag)) if !tag.contains('/') => (repository, Some(tag.to_owned())),
            _ => (name, None),
        };
        Self { repository: repository.to_owned(), tag, digest }
    }

    /// `repository@sha256:…`, as far as it is known.
    pub fn reference(&self) -> String {
        match (&self.digest, &self.tag) {
            (Some(digest), _) => format!("{}@{digest}", self.repository),
            (None, Some(tag)) => format!("{}:{tag}", self.repository),
            (None, None) => self.repository.clone(),
        }
    }

    /// The digest, cut to what tells two apart.
    pub fn short_digest(&self) -> Option<String> {
        let digest = self.digest.as_deref()?;
        let (algorithm, hex) = digest.split_once(':').unwrap_or(("", digest));
        Some(format!("{algorithm}:{}…", hex.chars().take(8).collect::<String>()))
    }
}

impl fmt::Display for Image {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.tag, self.short_digest()) {
            (Some(tag), _) => formatter.write_str(tag),
            (None, Some(digest)) => formatter.write_str(&digest),
            (None, None) => formatter.write_str(&self.repository),
        }
    }
}

/// The document's shape in ECS; what else it holds is not read.
#[derive(Deserialize)]
struct Definition {
    #[serde(default)]
    name: String,
    #[serde(default)]
    image: String,
    #[serde(default)]
    command: Option<Vec<String>>,
    #[serde(default)]
    environment: Option<Vec<Variable>>,
    #[serde(default)]
    secrets: Option<Vec<Variable>>,
    #[serde(default, rename = "dockerLabels")]
    labels: Option<BTreeMap<String, String>>,
}

/// The label that our modules write an image's tag into: the reference itself has only a digest.
const TAG_LABEL: &str = "landfall.image.tag";

#[derive(Deserialize)]
struct Variable {
    #[serde(default)]
    name: String,
    #[serde(default)]
    value: String,
}

/// Containers before and after; empty where there are none or they are not known yet.
pub(super) fn both(kind: &str, values: &Values) -> (Vec<Container>, Vec<Container>) {
    if vocabulary::rolls_itself(kind) {
        return cloud_run::both(values);
    }
    if kind != "aws_ecs_task_definition" {
        return (Vec::new(), Vec::new());
    }
    let [before, after] = values.texts("container_definitions");
    (read(before), read(after))
}

fn read(document: Option<&str>) -> Vec<Container> {
    let definitions: Vec<Definition> =
        document.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let container = |definition: Definition| {
        let mut secrets: Vec<String> =
            definition.secrets.into_iter().flatten().map(|secret| secret.name).collect();
        secrets.sort_unstable();
        let environment = definition.environment.into_iter().flatten();
        let mut image = Image::parse(&definition.image);
        image.tag = image.tag.or_else(|| definition.labels?.remove(TAG_LABEL));
        Container {
            name: definition.name,
            image,
            command: definition.command.unwrap_or_default(),
            environment: environment.map(|variable| (variable.name, variable.value)).collect(),
            secrets,
            versions: BTreeMap::new(),
        }
    };
    definitions.into_iter().map(container).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_in_all_its_forms() {
        let parse = |text| {
            let Image { repository, tag, digest } = Image::parse(text);
            (repository, tag.unwrap_or_default(), digest.unwrap_or_default())
        };
        let is = |text, repository: &str, tag: &str, digest: &str| {
            assert_eq!(parse(text), (repository.into(), tag.into(), digest.into()));
        };
        is("vendor.example/web", "vendor.example/web", "", "");
        is("vendor.example:5000/web", "vendor.example:5000/web", "", "");
        is("vendor.example:5000/web:1.0", "vendor.example:5000/web", "1.0", "");
        is("v.example/web:1.0@sha256:ab", "v.example/web", "1.0", "sha256:ab");
        is("v.example/web@sha256:ab", "v.example/web", "", "sha256:ab");
    }
}
