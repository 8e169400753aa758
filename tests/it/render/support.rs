//! A root in a temporary folder, the program started on it, and what lies there afterwards.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::support::DEMO;

/// The repository.
pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every environment on AWS that the repository brings: the demo and each of `tests/fixtures/`.
pub(crate) fn fixtures() -> Vec<Root> {
    let mut roots = vec![PathBuf::from(".")];
    for entry in std::fs::read_dir(repository().join("tests/fixtures")).unwrap() {
        roots.push(Path::new("tests/fixtures").join(entry.unwrap().file_name()));
    }
    roots.sort();
    roots.iter().map(|root| Root::copy(root, DEMO)).collect()
}

/// A kit with one environment, copied to a temporary folder.
pub(crate) struct Root {
    folder: TempDir,
    /// The environment's name.
    pub(crate) name: String,
}

impl Root {
    /// The kit and environment that this repository is.
    pub(crate) fn demo() -> Self {
        Self::copy(Path::new("."), DEMO)
    }

    /// The same kit on Google Cloud.
    pub(crate) fn demo_gcp() -> Self {
        Self::copy(Path::new("."), "demo-gcp")
    }

    /// One of `tests/fixtures/`.
    pub(crate) fn fixture(name: &str) -> Self {
        Self::copy(&Path::new("tests/fixtures").join(name), DEMO)
    }

    /// What people wrote, and nothing that was rendered. A kit without templates and modules of
    /// its own renders with the standard ones, which are this repository's.
    fn copy(from: &Path, demo: &str) -> Self {
        let own = from == Path::new(".");
        let from = repository().join(from);
        let folder = tempfile::Builder::new().prefix("landfall").tempdir().unwrap();
        let copy = |name: &Path| {
            let target = folder.path().join(name);
            std::fs::create_dir_all(target.parent().unwrap()).unwrap();
            std::fs::copy(from.join(name), target).unwrap();
        };
        copy(Path::new("kit.hcl"));
        copy(Path::new("kit.lock"));
        let environments = Path::new("environments");
        let mut name = None;
        for entry in std::fs::read_dir(from.join(environments)).unwrap() {
            let entry = environments.join(entry.unwrap().file_name());
            let file = entry.join("environment.hcl");
            let twin = !own && entry.to_string_lossy().ends_with("-gcp");
            if own && !entry.ends_with(demo) || twin {
                continue;
            }
            if from.join(&file).is_file() {
                copy(&file);
                assert_eq!(name, None, "a fixture has one environment on AWS");
                name = Some(entry.file_name().unwrap().to_str().unwrap().to_owned());
            } else if entry.ends_with("defaults.hcl") {
                copy(&entry);
            }
        }
        Self { folder, name: name.expect("a fixture has an environment") }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A path under `environments/<name>/`.
    pub(crate) fn own(&self, file: &str) -> PathBuf {
        self.path().join("environments").join(&self.name).join(file)
    }

    pub(crate) fn read(&self, file: impl AsRef<Path>) -> String {
        let path = self.path().join(file);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    pub(crate) fn write(&self, file: impl AsRef<Path>, text: impl AsRef<[u8]>) {
        let path = self.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Replaces the first occurrence, which must be there.
    pub(crate) fn replace(&self, file: impl AsRef<Path>, old: &str, new: &str) {
        let text = self.read(&file);
        assert!(text.contains(old), "{} has no {old:?}", file.as_ref().display());
        self.write(&file, text.replacen(old, new, 1));
    }

    pub(crate) fn append(&self, file: impl AsRef<Path>, more: &str) {
        self.write(&file, format!("{}\n{more}\n", self.read(&file)));
    }

    /// Starts the program with this root as its current folder, without anything of the caller's
    /// environment but the way to terraform.
    pub(crate) fn landfall(&self, arguments: &[&str]) -> Answer {
        let mut command = landfall(self.path());
        command.args(arguments);
        Answer::of(&mut command)
    }

    /// Renders, which must succeed.
    pub(crate) fn render(&self) -> Answer {
        self.landfall(&["render", &self.name]).exits(0)
    }

    /// Every file below, by path; folders end with `/`.
    pub(crate) fn tree(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        self.visit(&mut |name, path| {
            let bytes = if path.is_dir() { Vec::new() } else { std::fs::read(path).unwrap() };
            files.insert(name, bytes);
        });
        files
    }

    /// What changes whenever a file is written, even with the same content.
    pub(crate) fn stamps(&self) -> BTreeMap<String, (u64, i64, i64)> {
        let mut stamps = BTreeMap::new();
        self.visit(&mut |name, path| {
            let found = path.symlink_metadata().unwrap();
            stamps.insert(name, (found.ino(), found.mtime(), found.mtime_nsec()));
        });
        stamps
    }

    fn visit(&self, each: &mut dyn FnMut(String, &Path)) {
        let mut folders = vec![self.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let name = path.strip_prefix(self.path()).unwrap().to_str().unwrap().to_owned();
                if path.is_dir() {
                    each(format!("{name}/"), &path);
                    folders.push(path);
                } else {
                    each(name, &path);
                }
            }
        }
    }
}

/// The program, in a folder, with a clean environment.
pub(crate) fn landfall(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_landfall"));
    command
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("HOME", folder)
        .stdin(Stdio::null());
    command
}

/// The real terraform, in a folder.
pub(crate) fn terraform(folder: &Path) -> Command {
    let mut command = Command::new("terraform");
    command
        .current_dir(folder)
        .env("CHECKPOINT_DISABLE", "1")
        .env("TF_IN_AUTOMATION", "1")
        .env_remove("TF_CLI_CONFIG_FILE")
        .stdin(Stdio::null());
    command
}

/// What a program answered.
pub(crate) struct Answer {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Answer {
    pub(crate) fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap_or_else(|error| {
            panic!("cannot start {}: {error}; install it", command.get_program().display())
        });
        let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
        Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    /// Fails with everything that was said if the exit code is another.
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }

    /// Fails with everything that was said if a part was not said, on either stream.
    pub(crate) fn says(self, parts: &[&str]) -> Self {
        for part in parts {
            let said = self.out.contains(part) || self.err.contains(part);
            assert!(said, "no {part:?} in\nstdout:\n{}\nstderr:\n{}", self.out, self.err);
        }
        self
    }
}

/// Snapshots lie in one folder, named by what they show.
pub(crate) fn snapshots() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(repository().join("tests/it/snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings
}
