//! What a release renders with: templates and modules, from the kit's own folders or the standard
//! ones that this program carries.

use std::collections::BTreeMap;
use std::path::Path;

use include_dir::{Dir, include_dir};

use crate::failure::{Failure, Result};
use crate::fs;
use crate::hash::sha256;
use crate::kit::model::CloudName;

static TEMPLATES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");
static MODULES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/modules");

/// Templates and modules, by path relative to `templates/` and `modules/`.
#[derive(Clone, Debug)]
pub struct Assets {
    /// `aws/foundation/main.tf.tera` → text.
    pub templates: BTreeMap<String, Vec<u8>>,
    /// `aws/network/main.tf` → text; tests are left out, they belong to the kit's repository.
    pub modules: BTreeMap<String, Vec<u8>>,
}

impl Assets {
    /// The standard ones, carried in this program.
    pub fn embedded() -> Self {
        Self { templates: embedded(&TEMPLATES), modules: embedded(&MODULES) }
    }

    /// A kit's own folders where it has them, else the standard ones.
    pub fn of_kit(folder: &Path) -> Result<Self> {
        let standard = Self::embedded();
        Ok(Self {
            templates: own(&folder.join("templates"))?.unwrap_or(standard.templates),
            modules: own(&folder.join("modules"))?.unwrap_or(standard.modules),
        })
    }

    /// A kit's own folders and nothing else; empty where it has none.
    pub fn own(folder: &Path) -> Result<Self> {
        Ok(Self {
            templates: own(&folder.join("templates"))?.unwrap_or_default(),
            modules: own(&folder.join("modules"))?.unwrap_or_default(),
        })
    }

    /// The folders among a kit's files, by path relative to the kit; the standard ones where it has
    /// none.
    pub fn of_files(files: &BTreeMap<String, Vec<u8>>) -> Self {
        let below = |root: &str| -> BTreeMap<String, Vec<u8>> {
            let own =
                files.iter().filter_map(|(path, bytes)| Some((path.strip_prefix(root)?, bytes)));
            own.filter(|(path, _)| renders(path))
                .map(|(path, bytes)| (path.to_owned(), bytes.clone()))
                .collect()
        };
        let (own, standard) = ((below("templates/"), below("modules/")), Self::embedded());
        Self {
            templates: if own.0.is_empty() { standard.templates } else { own.0 },
            modules: if own.1.is_empty() { standard.modules } else { own.1 },
        }
    }

    /// Every file with its path relative to the kit: `modules/aws/network/main.tf`.
    pub fn rooted(&self) -> impl Iterator<Item = (String, Vec<u8>)> {
        let of = |root: &'static str, files: &BTreeMap<String, Vec<u8>>| -> Vec<_> {
            let rooted =
                |(path, bytes): (&String, &Vec<u8>)| (format!("{root}/{path}"), bytes.clone());
            files.iter().map(rooted).collect()
        };
        of("templates", &self.templates).into_iter().chain(of("modules", &self.modules))
    }

    /// The text of a template that a release must have.
    pub fn template(&self, name: &str) -> Result<&str> {
        let bytes = self.templates.get(name).map(Vec::as_slice);
        bytes.and_then(|bytes| std::str::from_utf8(bytes).ok()).ok_or_else(|| {
            Failure::input(format!("the kit's templates/{name} is missing or not UTF-8"))
                .next("compare the kit's templates/ with the standard ones")
        })
    }

    /// The modules that an environment in a cloud needs: all but those of the other clouds.
    pub fn modules_of(&self, cloud: CloudName) -> impl Iterator<Item = (&String, &Vec<u8>)> {
        let foreign = match cloud {
            CloudName::Aws => "gcp/",
            CloudName::Gcp => "aws/",
        };
        self.modules.iter().filter(move |(path, _)| !path.starts_with(foreign))
    }

    /// Twelve hexadecimal digits over the names and contents of those modules: a changed module
    /// shows in every `source`, but for one of another cloud.
    pub fn modules_hash(&self, cloud: CloudName) -> String {
        let own = self.modules_of(cloud).map(|(path, bytes)| (path.clone(), bytes.clone()));
        tree_hash(&own.collect())[..12].to_owned()
    }
}

/// SHA-256 over sorted names and contents, as lower-case hexadecimal.
pub fn tree_hash(files: &BTreeMap<String, Vec<u8>>) -> String {
    let entries = files.iter().map(|(name, bytes)| format!("{name}\0{}\0", sha256(bytes)));
    sha256(entries.collect::<Vec<_>>().concat().as_bytes())
}

/// Whether a file or folder of a kit takes part in rendering.
fn renders(path: &str) -> bool {
    !path.split('/').any(|part| part == "tests" || (part.starts_with('.') && part != "."))
}

fn embedded(folder: &Dir<'_>) -> BTreeMap<String, Vec<u8>> {
    fn visit(folder: &Dir<'_>, files: &mut BTreeMap<String, Vec<u8>>) {
        for file in folder.files() {
            let path = file.path().to_string_lossy().replace('\\', "/");
            if renders(&path) {
                files.insert(path, file.contents().to_vec());
            }
        }
        for inner in folder.dirs() {
            visit(inner, files);
        }
    }
    let mut files = BTreeMap::new();
    visit(folder, &mut files);
    files
}

fn own(folder: &Path) -> Result<Option<BTreeMap<String, Vec<u8>>>> {
    if !fs::is_folder(folder) {
        return Ok(None);
    }
    let mut files = BTreeMap::new();
    for path in fs::walk(folder, &|name| !renders(name))? {
        let name = path.to_string_lossy().replace('\\', "/");
        if renders(&name) {
            files.insert(name, fs::read(&folder.join(&path))?);
        }
    }
    Ok(Some(files))
}
