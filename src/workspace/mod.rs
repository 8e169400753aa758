//! The rendered Terraform of an environment: shape by template, values by serializer.
//!
//! [`Workspace::render`] makes every file in memory, byte for byte the same for the same input on
//! every machine. [`disk`] compares it with what lies on disk, notices what people edited, and
//! writes all or nothing.

mod assets;
pub mod disk;
mod engine;
mod expression;
mod format;
mod layers;
mod lock_file;
mod runbook;
mod value;

use std::collections::BTreeMap;
use std::path::Path;

use crate::environment::model::Environment;
use crate::failure::Result;

pub use assets::{Assets, tree_hash};
pub use format::align;
pub use layers::Layer;
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
        let sql = assets.template(BOOTSTRAP_SQL)?;
        let name = &environment.name;
        let hash = assets.modules_hash();
        let mut files = BTreeMap::new();
        for layer in Layer::ALL {
            // From environments/<name>/terraform/<layer>/.
            let modules = format!("../../../.modules/{hash}/aws");
            for (file, bytes) in layers::render(layer, environment, &engine, sql, &modules)? {
                files.insert(format!("{name}/terraform/{layer}/{file}"), bytes);
            }
        }
        for (path, bytes) in &assets.modules {
            files.insert(format!(".modules/{hash}/{path}"), bytes.clone());
        }
        files.insert(format!("{name}/README.md"), runbook::text(environment, &engine)?.into());
        files.insert(format!("{name}/.gitignore"), GITIGNORE.into());
        Ok(Self { name: name.clone(), files })
    }

    /// Every file that is text, with its path.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        let text = |bytes| std::str::from_utf8(bytes).ok();
        self.files.iter().filter_map(move |(path, bytes)| Some((path.as_str(), text(bytes)?)))
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

/// The template of the bootstrap job's SQL.
const BOOTSTRAP_SQL: &str = "aws/bootstrap.sql.tera";

/// What a run leaves behind is not committed: journals, plans, receipts, terraform's own folders.
const GITIGNORE: &str = "\
# Rendered by Landfall. Everything that is not listed here is committed.
/runs/
.terraform/
*.tfplan
*.tfstate
*.tfstate.*
";
