//! Where the files are: the root with its `environments/`, and one environment loaded from it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::environment::model::{Environment, Target};
use crate::environment::{self, Inputs, Neighbour, WantedKit};
use crate::failure::{Failure, Result};
use crate::fs;
use crate::release::bundle::Files;
use crate::release::fetch::{self, Known};
use crate::release::{Bundle, signer, tree};
use crate::source::{Problems, Source};
use crate::workspace::Assets;

/// The file that a person edits.
pub const ENVIRONMENT_FILE: &str = "environment.hcl";

/// A folder with `environments/`.
#[derive(Clone, Debug)]
pub struct Site {
    root: PathBuf,
    shown_from: PathBuf,
}

/// An environment, complete, with what it renders from.
#[derive(Debug)]
pub struct Loaded {
    /// Complete.
    pub environment: Environment,
    /// Templates and modules of its release.
    pub assets: Assets,
    /// Hash of the kit's tree.
    pub kit_tree: String,
    /// The release as it is kept, so that this can be rendered again.
    pub bundle: Bundle,
    /// `environment.hcl` and `defaults.hcl` as they were read.
    pub written: Written,
    /// Where the kit was read from.
    pub kit: FoundKit,
}

/// What people wrote, as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// `environment.hcl`, with the release that it was loaded at.
    pub environment: String,
    /// `defaults.hcl`, where there is one.
    pub defaults: Option<String>,
}

/// A kit on this machine; without a folder, a release as a run kept it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundKit {
    /// Holds `kit.hcl`.
    pub folder: PathBuf,
    /// The git commit of its tag; `None` for a kit that lies in a folder.
    pub commit: Option<String>,
    /// Who signed the tag, where `environment.hcl` names a signer: verified, `sha256:` and 64
    /// hexadecimal digits.
    pub signer: Option<String>,
    /// What a person should know about where it came from.
    pub note: Option<String>,
}

impl Site {
    /// The given root, or the nearest folder upwards that has `environments/`.
    pub fn find(given: Option<&Path>, current: &Path) -> Result<Self> {
        let has = |folder: &Path| fs::is_folder(&folder.join("environments"));
        let root = match given {
            Some(root) if has(root) => Some(fs::canonical(root)?),
            Some(_) => None,
            None => current.ancestors().find(|folder| has(folder)).map(Path::to_path_buf),
        };
        root.map(|root| Self { root, shown_from: current.to_path_buf() }).ok_or_else(|| {
            let start = given.unwrap_or(current);
            Failure::input("there is no folder environments/")
                .at(start.display().to_string())
                .next("go to the repository that holds your environments, or name it: `--root DIR`")
                .next("to begin: `landfall init NAME --kit PATH`")
        })
    }

    /// A root that has no `environments/` yet.
    pub fn create(root: &Path, current: &Path) -> Result<Self> {
        fs::create_folder(&root.join("environments"))?;
        Ok(Self { root: fs::canonical(root)?, shown_from: current.to_path_buf() })
    }

    /// The root.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder `environments/`.
    pub fn environments(&self) -> PathBuf {
        self.root.join("environments")
    }

    /// An environment's folder.
    pub fn folder(&self, name: &str) -> PathBuf {
        self.environments().join(name)
    }

    /// Where rehearsals of an environment happen; ignored by git, private.
    pub fn rehearsal(&self, name: &str) -> PathBuf {
        self.root.join(".landfall/rehearsal").join(name)
    }

    /// Names of all environments, sorted.
    pub fn names(&self) -> Result<Vec<String>> {
        let folders = fs::list(&self.environments())?;
        let named = folders.into_iter().filter(|folder| fs::exists(&folder.join(ENVIRONMENT_FILE)));
        Ok(named
            .filter_map(|folder| Some(folder.file_name()?.to_string_lossy().into_owned()))
            .collect())
    }

    /// The one that is meant: the given name, or the only one there is.
    pub fn choose(&self, given: Option<&str>) -> Result<String> {
        let names = self.names()?;
        match (given, names.as_slice()) {
            (Some(name), _) if names.iter().any(|known| known == name) => Ok(name.to_owned()),
            (Some(name), _) => {
                let known = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
                Err(Failure::input(format!("there is no environment {name}"))
                    .because(format!("environments here: {known}"))
                    .next(format!("to make it: `landfall init {name} --kit PATH`")))
            }
            (None, [only]) => Ok(only.clone()),
            (None, _) => Err(Failure::input("which environment is meant?")
                .because(format!("environments here: {}", names.join(", ")))
                .next("name one")),
        }
    }

    /// Reads and resolves an environment: every problem of all its files at once.
    pub fn load(&self, name: &str) -> Result<Loaded> {
        self.load_at(name, None)
    }

    /// As [`Site::load`], as if `environment.hcl` said this release.
    pub fn load_at(&self, name: &str, release: Option<&str>) -> Result<Loaded> {
        let folder = self.folder(name);
        let path = folder.join(ENVIRONMENT_FILE);
        let mut problems = Problems::new();
        let mut wanted = self.source(&path, &mut problems)?;
        if let (Some(source), Some(release)) = (&wanted, release) {
            let text = environment::set_release(&source.text, release)?;
            wanted = Some(Source::new(source.path.clone(), text));
        }
        let defaults = self.optional(&self.environments().join("defaults.hcl"), &mut problems)?;
        // Where the kit is decides what else is read; a file that cannot be read ends it here.
        let wanted = match wanted {
            Some(wanted) if problems.is_empty() => wanted,
            _ => return Err(problems.into()),
        };
        let found = self.find_kit(&folder, environment::wanted_kit(&wanted, defaults.as_ref())?)?;
        let kit = self.source(&found.folder.join("kit.hcl"), &mut problems)?;
        let lock = self.source(&found.folder.join("kit.lock"), &mut problems)?;
        let (Some(kit), Some(lock)) = (kit, lock) else { return Err(problems.into()) };
        let assets = Assets::of_kit(&found.folder)?;
        let named = tree::named_files(&found.folder, &kit.text)?;
        let sources = Sources { wanted, defaults, kit, lock, named, found };
        self.resolve(name, sources, assets)
    }

    /// An environment as it was written, at a release that was kept. `release` is what it is to
    /// be called: its tag, or `dev`.
    pub fn load_kept(
        &self,
        name: &str,
        written: &Written,
        bundle: &Bundle,
        release: &str,
    ) -> Result<Loaded> {
        let path = |file: &str| self.shown(&self.folder(name).join(file));
        let text = environment::set_release(&written.environment, release)?;
        let of_release = |file: &str| PathBuf::from(format!("{file} of {}", bundle.tag));
        let defaults = written.defaults.as_ref();
        let sources = Sources {
            wanted: Source::new(path(ENVIRONMENT_FILE), text),
            defaults: defaults.map(|text| Source::new(path("../defaults.hcl"), text.as_str())),
            kit: Source::new(of_release("kit.hcl"), bundle.kit()),
            lock: Source::new(of_release("kit.lock"), bundle.lock()),
            named: bundle.named(),
            found: FoundKit { commit: bundle.commit.clone(), ..FoundKit::default() },
        };
        self.resolve(name, sources, bundle.assets())
    }

    /// What people wrote here, as it is.
    pub fn written(&self, name: &str) -> Result<Written> {
        let mut problems = Problems::new();
        let environment = self.source(&self.folder(name).join(ENVIRONMENT_FILE), &mut problems)?;
        let defaults = self.optional(&self.environments().join("defaults.hcl"), &mut problems)?;
        let Some(environment) = environment else { return Err(problems.into()) };
        Ok(Written {
            environment: environment.text.clone(),
            defaults: defaults.map(|source| source.text.clone()),
        })
    }

    /// What an environment is pinned to; its kit is not looked at.
    pub fn target(&self, name: &str) -> Result<Target> {
        let mut problems = Problems::new();
        let environment = self.source(&self.folder(name).join(ENVIRONMENT_FILE), &mut problems)?;
        let defaults = self.optional(&self.environments().join("defaults.hcl"), &mut problems)?;
        let Some(environment) = environment else { return Err(problems.into()) };
        environment::pinned_to(name, &environment, defaults.as_ref())
    }

    fn resolve(&self, name: &str, sources: Sources, assets: Assets) -> Result<Loaded> {
        let Sources { wanted, defaults, kit, lock, named, found } = sources;
        let text = |source: &Arc<Source>| source.text.clone();
        let written = Written { environment: text(&wanted), defaults: defaults.as_ref().map(text) };
        let files = Files { kit: &kit.text, lock: &lock.text, named: &named, assets: &assets };
        let mut bundle = Bundle::new("", found.commit.as_deref(), &files)?;
        let kit_tree = bundle.tree();
        let environment = environment::resolve(Inputs {
            environment: wanted,
            defaults,
            kit,
            lock,
            tree: kit_tree.clone(),
            name,
            others: self.neighbours(name)?,
        })?;
        bundle.tag.clone_from(&environment.kit.release.tag);
        Ok(Loaded { environment, assets, kit_tree, bundle, written, kit: found })
    }

    /// The kit's folder; a kit from git is fetched, or taken from the cache by content.
    fn find_kit(&self, folder: &Path, wanted: WantedKit) -> Result<FoundKit> {
        match wanted {
            WantedKit::Folder(path) => {
                let folder = folder.join(path);
                if !fs::exists(&folder.join("kit.hcl")) {
                    return Err(Failure::input("there is no kit.hcl where environment.hcl says")
                        .at(folder.display().to_string())
                        .next("correct `kit` in environment.hcl: a path relative to that file"));
                }
                Ok(FoundKit { folder, commit: None, signer: None, note: None })
            }
            WantedKit::Git { url, tag, signer } => {
                let locks = ["landfall.lock", "landfall.next.lock"];
                let known: Vec<Known> =
                    locks.iter().filter_map(|lock| known(&folder.join(lock))).collect();
                let fetched = fetch::fetch(&self.kits()?, &url, &tag, &known)?;
                let annotation = fetched.annotation.as_deref();
                let check = |wanted| signer::check(wanted, &tag, &fetched.commit, annotation);
                let signer = signer.as_deref().map(check).transpose()?;
                Ok(FoundKit {
                    folder: fetched.folder,
                    commit: Some(fetched.commit),
                    signer,
                    note: fetched.note,
                })
            }
        }
    }

    /// The cache of fetched kits.
    pub fn kits(&self) -> Result<PathBuf> {
        Ok(self.private()?.join("kits"))
    }

    /// What is never committed: rehearsals and fetched kits. Private, ignored by git.
    pub fn private(&self) -> Result<PathBuf> {
        let folder = self.root.join(".landfall");
        fs::create_private_folder(&folder)?;
        let ignore = folder.join(".gitignore");
        if !fs::exists(&ignore) {
            fs::write(&ignore, b"*\n")?;
        }
        Ok(folder)
    }

    /// What G8 compares with: every other environment, as far as it can be read.
    fn neighbours(&self, name: &str) -> Result<Vec<Neighbour>> {
        let mut neighbours = Vec::new();
        let mut unread = Problems::new();
        let defaults = self.optional(&self.environments().join("defaults.hcl"), &mut unread)?;
        for other in self.names()?.into_iter().filter(|other| other != name) {
            let mut problems = Problems::new();
            let path = self.folder(&other).join(ENVIRONMENT_FILE);
            if let Some(source) = self.source(&path, &mut problems)? {
                neighbours.extend(environment::neighbour(&other, &source, defaults.as_ref()));
            }
        }
        Ok(neighbours)
    }

    /// A path as people see it: relative to where they are.
    pub fn shown(&self, path: &Path) -> PathBuf {
        let relative =
            path.strip_prefix(&self.shown_from).or_else(|_| path.strip_prefix(&self.root));
        relative.unwrap_or(path).to_path_buf()
    }

    fn source(&self, path: &Path, problems: &mut Problems) -> Result<Option<Arc<Source>>> {
        let bytes = fs::read(path)?;
        Ok(self.text(path, bytes, problems))
    }

    fn optional(&self, path: &Path, problems: &mut Problems) -> Result<Option<Arc<Source>>> {
        let bytes = fs::read_if_present(path)?;
        Ok(bytes.and_then(|bytes| self.text(path, bytes, problems)))
    }

    fn text(&self, path: &Path, bytes: Vec<u8>, problems: &mut Problems) -> Option<Arc<Source>> {
        match environment::read_source(self.shown(&tidy(path)), bytes) {
            Ok(source) => Some(source),
            Err(problem) => {
                problems.push(problem);
                None
            }
        }
    }
}

/// The files that an environment is resolved from.
struct Sources {
    wanted: Arc<Source>,
    defaults: Option<Arc<Source>>,
    kit: Arc<Source>,
    lock: Arc<Source>,
    /// What `source` attributes of the kit name.
    named: BTreeMap<String, Vec<u8>>,
    found: FoundKit,
}

/// The tag and commit that a lock of the environment names; `None` if it names none.
fn known(lock: &Path) -> Option<Known> {
    let lock: serde_json::Value = serde_json::from_slice(&fs::read_if_present(lock).ok()??).ok()?;
    let text = |key: &str| Some(lock["release"][key].as_str()?.to_owned());
    Some(Known { tag: text("tag")?, commit: text("commit")? })
}

/// A path without `..` in the middle, for messages.
fn tidy(path: &Path) -> PathBuf {
    let mut tidy = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir if tidy.file_name().is_some() => {
                tidy.pop();
            }
            std::path::Component::CurDir => {}
            part => tidy.push(part),
        }
    }
    tidy
}
