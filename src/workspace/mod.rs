//! The rendered Terraform of an environment: shape by template, values by serializer.
//!
//! [`Workspace::render`] makes every file in memory, byte for byte the same for the same input on
//! every machine. [`disk`] compares it with what lies on disk, keeps or merges what people edited,
//! and writes all or nothing.

mod assets;
pub mod disk;
mod engine;
mod expression;
mod format;
mod layers;
mod lock_file;
mod manifest;
mod runbook;
mod three_way;
mod value;

use std::collections::BTreeMap;
use std::path::Path;

use crate::environment::model::Environment;
use crate::failure::{Failure, Result};

pub use assets::{Assets, tree_hash};
pub use format::align;
pub use layers::Layer;
pub use three_way::{Conflict, Verdict};
pub use value::{Value, quote, tfvars};

use engine::Engine;

/// Every file of an environment, by path relative to the folder `environments/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workspace {
    /// The environment's name.
    pub name: String,
    /// `acme/terraform/foundation/main.tf` → bytes, and the modules under `.modules/<hash>/`.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl Workspace {
    /// Renders an environment with the templates and modules of its release.
    pub fn render(environment: &Environment, assets: &Assets) -> Result<Self> {
        let engine = Engine::new(&assets.templates)?;
        let sql = bootstrap_sql(assets)?;
        let name = &environment.name;
        let cloud = environment.target.cloud;
        let folder = layers::folder(cloud);
        has_cloud(assets, folder)?;
        let hash = assets.modules_hash(cloud);
        let mut files = BTreeMap::new();
        for layer in Layer::ALL {
            // From environments/<name>/terraform/<layer>/.
            let modules = format!("../../../.modules/{hash}/{folder}");
            for (file, bytes) in layers::render(layer, environment, &engine, sql, &modules)? {
                files.insert(format!("{name}/terraform/{layer}/{file}"), bytes);
            }
        }
        for (path, bytes) in assets.modules_of(cloud) {
            files.insert(format!(".modules/{hash}/{path}"), bytes.clone());
        }
        files.insert(format!("{name}/README.md"), runbook::text(environment, &engine)?.into());
        files.insert(format!("{name}/.gitignore"), GITIGNORE.into());
        Ok(Self { name: name.clone(), files })
    }

    /// This one with a layer of another, and the modules that it needs.
    #[must_use]
    pub fn with_layer(&self, layer: Layer, other: &Self) -> Self {
        let folder = format!("{}/terraform/{layer}/", self.name);
        let mut files = self.files.clone();
        files.retain(|path, _| !path.starts_with(&folder));
        let theirs = other.files.iter();
        let theirs =
            theirs.filter(|(path, _)| path.starts_with(&folder) || path.starts_with(".modules/"));
        files.extend(theirs.map(|(path, bytes)| (path.clone(), bytes.clone())));
        Self { name: self.name.clone(), files }
    }

    /// Every file that is text, with its path.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        let text = |bytes| std::str::from_utf8(bytes).ok();
        self.files.iter().filter_map(move |(path, bytes)| Some((path.as_str(), text(bytes)?)))
    }

    /// All of its Terraform as one text: what a simulated provider has to know.
    pub fn configuration(&self) -> String {
        let terraform = |path: &str| Path::new(path).extension().is_some_and(|end| end == "tf");
        let files = self.files.iter().filter(|(path, _)| terraform(path));
        files.map(|(_, bytes)| String::from_utf8_lossy(bytes)).collect()
    }

    /// The SQL that makes roles and grants in a database, as it was rendered.
    pub fn bootstrap_sql(&self, database: &str) -> Option<&[u8]> {
        let file =
            format!("{}/terraform/{}/{}", self.name, Layer::Jobs, layers::sql_file(database));
        self.files.get(&file).map(Vec::as_slice)
    }

    /// SHA-256 over all names and contents: what an approval is bound to.
    pub fn hash(&self) -> String {
        format!("sha256:{}", tree_hash(&self.files))
    }
}

/// The template of the bootstrap job's SQL, and where releases had it that knew one cloud.
const BOOTSTRAP_SQL: [&str; 2] = ["shared/bootstrap.sql.tera", "aws/bootstrap.sql.tera"];

fn bootstrap_sql(assets: &Assets) -> Result<&str> {
    let own = BOOTSTRAP_SQL.iter().find(|name| assets.templates.contains_key(**name));
    assets.template(own.unwrap_or(&BOOTSTRAP_SQL[0]))
}

/// A release that was pinned before this cloud was known has no templates for it.
fn has_cloud(assets: &Assets, folder: &str) -> Result<()> {
    let prefix = format!("{folder}/");
    if assets.templates.keys().any(|name| name.starts_with(&prefix)) {
        return Ok(());
    }
    Err(Failure::input(format!("the release has no templates/{folder}"))
        .because("it was pinned when there was another cloud only; nothing was written")
        .next("ask the vendor to pin it again: `landfall release pin TAG --refresh`"))
}

/// What a run leaves behind is not committed: journals, plans, receipts, terraform's own folders.
const GITIGNORE: &str = "\
# Rendered by Landfall. Everything that is not listed here is committed.
/runs/
.terraform/
*.tfplan
*.tfstate
*.tfstate.*
";
