//! What tests of whole runs share: a root of their own, the binary in a clean environment, and
//! what it said.

mod account;
mod demo;
mod release;
mod terminal;
mod twin;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

pub(crate) use demo::{AWS, Demo, GOOGLE, on_both_clouds};
pub(crate) use terminal::Terminal;
pub(crate) use twin::{AWS_ALONE, BOTH_CLOUDS, add_to_lock, google_in_lock, on_google_cloud};

/// The environment of this repository's own root.
pub(crate) const DEMO: &str = "demo-aws";

/// Its twin on Google Cloud.
pub(crate) const GCP: &str = "demo-gcp";

/// What nobody waits longer for. A whole install takes seconds; a machine may be busy.
pub(crate) const PATIENCE: Duration = Duration::from_mins(5);

/// A repository with environments, a home and a folder for temporary files, all of them new:
/// whatever a run writes lies in one of them.
pub(crate) struct Root {
    folder: tempfile::TempDir,
    /// What commands see of the environment beside what all of them do.
    variables: Vec<(String, String)>,
}

impl Root {
    /// A copy of this repository with the environment [`DEMO`] alone.
    pub(crate) fn demo() -> Self {
        Self::demo_of(DEMO)
    }

    /// The same with the environment [`GCP`] alone.
    pub(crate) fn demo_gcp() -> Self {
        Self::demo_of(GCP)
    }

    fn demo_of(name: &str) -> Self {
        let root = Self::copy_of(Path::new(env!("CARGO_MANIFEST_DIR")));
        for entry in std::fs::read_dir(root.path().join("environments")).unwrap() {
            let folder = entry.unwrap().path();
            if !folder.ends_with(name) {
                std::fs::remove_dir_all(folder).unwrap();
            }
        }
        root
    }

    /// A copy of a fixture.
    pub(crate) fn fixture(name: &str) -> Self {
        Self::copy_of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name))
    }

    fn copy_of(origin: &Path) -> Self {
        let root = Self::empty();
        for name in ["kit.hcl", "kit.lock"] {
            std::fs::copy(origin.join(name), root.path().join(name)).unwrap();
        }
        // What was rendered or rehearsed there is not part of the fixture.
        for entry in std::fs::read_dir(origin.join("environments")).unwrap() {
            let from = entry.unwrap().path();
            let to = root.path().join("environments").join(from.file_name().unwrap());
            if from.is_file() {
                std::fs::copy(from, to).unwrap();
            } else if from.join("environment.hcl").exists() {
                std::fs::create_dir(&to).unwrap();
                std::fs::copy(from.join("environment.hcl"), to.join("environment.hcl")).unwrap();
            }
        }
        root
    }

    /// Lets every command see a variable.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    /// Lets every command see what those of another root see.
    pub(crate) fn take_variables(&mut self, other: &Self) {
        self.variables.clone_from(&other.variables);
    }

    fn empty() -> Self {
        let root = Self { folder: tempfile::tempdir().unwrap(), variables: Vec::new() };
        for name in ["site/environments", "home", "tmp"] {
            std::fs::create_dir_all(root.folder.path().join(name)).unwrap();
        }
        root
    }

    /// The demo, rehearsed to its end.
    pub(crate) fn installed() -> Self {
        AWS.installed()
    }

    /// The same on another machine.
    pub(crate) fn copied(&self) -> Self {
        let root = Self::empty();
        // `.terraform` names the place of the state; a plain `init` makes it anew in a copy.
        copy_folder(&self.path(), &root.path(), &[".terraform"]);
        root
    }

    /// The repository.
    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("site")
    }

    /// The repository, the home and the temporary files.
    pub(crate) fn everything(&self) -> &Path {
        self.folder.path()
    }

    /// A folder for what a test keeps.
    pub(crate) fn kept(&self, name: &str) -> PathBuf {
        let folder = self.folder.path().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }

    /// Where an environment is rehearsed.
    pub(crate) fn rehearsal(&self, name: &str) -> PathBuf {
        self.path().join(".landfall/rehearsal").join(name)
    }

    /// `landfall.lock` of a rehearsed environment.
    pub(crate) fn lock(&self, name: &str) -> Option<String> {
        let lock = self.rehearsal(name).join("environments").join(name).join("landfall.lock");
        std::fs::read_to_string(lock).ok()
    }

    /// Changes a file of the repository as a person would.
    #[track_caller]
    pub(crate) fn edit(&self, file: &str, from: &str, to: &str) {
        let path = self.path().join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file} has no `{from}`");
        std::fs::write(path, text.replacen(from, to, 1)).unwrap();
    }

    /// The binary with arguments, ready to start.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_landfall"));
        command.args(arguments).current_dir(self.path());
        self.clean(&mut command);
        command
    }

    /// An environment that holds nothing of this machine but where programs are.
    pub(crate) fn clean(&self, command: &mut Command) {
        let path = std::env::var_os("PATH").unwrap();
        command.env_clear().env("PATH", path).env("TERM", "xterm").env("LANG", "C.UTF-8");
        command.env("HOME", self.folder.path().join("home"));
        command.env("TMPDIR", self.folder.path().join("tmp"));
        command.env("GIT_CONFIG_NOSYSTEM", "1");
        // How often terraform collects garbage: scripts/test says why.
        command.envs(std::env::var_os("GOGC").map(|value| ("GOGC", value)));
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
    }

    /// Runs the binary without a terminal.
    pub(crate) fn landfall(&self, arguments: &[&str]) -> Said {
        self.piped(arguments, "")
    }

    /// Runs the binary without a terminal, with something on standard input.
    pub(crate) fn piped(&self, arguments: &[&str], input: &str) -> Said {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A command that ends before it reads its input is no failure of the test.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        Said {
            exit: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// What a command ended with and wrote.
#[derive(Debug)]
pub(crate) struct Said {
    /// `None` if a signal ended it.
    pub(crate) exit: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    #[track_caller]
    pub(crate) fn ends_with(self, exit: i32) -> Self {
        assert_eq!(self.exit, Some(exit), "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }

    /// Every one of these texts was written.
    #[track_caller]
    pub(crate) fn says(self, texts: &[&str]) -> Self {
        let all = self.all();
        for text in texts {
            assert!(all.contains(text), "`{text}` was not said:\n{all}");
        }
        self
    }

    /// None of these texts was written.
    #[track_caller]
    pub(crate) fn never_says(self, texts: &[&str]) -> Self {
        let all = self.all();
        for text in texts {
            assert!(!all.contains(text), "`{text}` was said:\n{all}");
        }
        self
    }

    pub(crate) fn all(&self) -> String {
        format!("{}\n{}", self.err, self.out)
    }

    /// The digest that `plan` printed.
    pub(crate) fn digest(&self) -> String {
        let digest = self.out.trim();
        assert!(digest.starts_with("sha256:") && digest.len() == 71, "not a digest: {digest}");
        digest.to_owned()
    }

    /// The steps that were told, each with its mark: `ok`, `--` or `!!`.
    pub(crate) fn steps(&self) -> Vec<(String, String)> {
        let line = regex::Regex::new(r"(?m)^(?:.*\r)?(ok|--|!!) ([a-z ]+?)  +\S").unwrap();
        let all = line.captures_iter(&self.err);
        all.map(|found| (found[2].to_owned(), found[1].to_owned())).collect()
    }

    /// Where it stopped: the one step that failed, and none after it.
    #[track_caller]
    pub(crate) fn stops_at(self, step: &str) -> Self {
        let steps = self.steps();
        assert_eq!(steps.last(), Some(&(step.to_owned(), "!!".to_owned())), "{}", self.all());
        self
    }
}

/// Waits for something that can be seen. Looking takes time from what is waited for: it looks ten
/// times a second.
#[track_caller]
pub(crate) fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "it never came: {what}");
        std::thread::sleep(Duration::from_millis(100)); // only the poll interval
    }
}

/// Copies a folder without the ones of these names.
fn copy_folder(from: &Path, to: &Path, without: &[&str]) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (name, kind) = (entry.file_name(), entry.file_type().unwrap());
        if without.iter().any(|other| *other == name) {
            continue;
        }
        if kind.is_dir() {
            copy_folder(&entry.path(), &to.join(name), without);
        } else {
            std::fs::copy(entry.path(), to.join(name)).unwrap();
        }
    }
}

/// Snapshots without what differs from run to run or from machine to machine.
pub(crate) fn redacted(root: &Root) -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.set_omit_expression(true);
    let place = regex::escape(&root.path().canonicalize().unwrap().to_string_lossy());
    settings.add_filter(&place, "[ROOT]");
    settings.add_filter(r"\d{8}-\d{6}-[0-9a-f]{4}", "[RUN]");
    settings.add_filter("sha256:[0-9a-f]{12,64}", "[DIGEST]");
    settings.add_filter(r" +(\d+ min \d+ s|\d+(\.\d)? s)(?m:$)", "  [TIME]");
    settings.add_filter(r"\((\d+ min \d+ s|\d+(\.\d)? s)\)", "([TIME])");
    settings
}
