//! G2: the value of a secret reaches its container and nothing else. Every byte that a run leaves
//! behind is looked at, what each terraform was started with, its plans before they are deleted,
//! and what was written to the terminal.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use super::install;
use super::scanner::Canary;
use crate::support::{Demo, Root, Said, Terminal, on_both_clouds};

on_both_clouds!(
    g2_a_secret_typed_at_the_prompt_never_leaves,
    g2_a_piped_secret_never_leaves,
    g2_a_secret_in_a_private_file_never_leaves_it,
);

/// A terraform that keeps what it was started with, its variable files and its plans. An apply
/// becomes the real one: it is the process that hears signals.
const WITNESS: &str = r#"#!/bin/sh
kept="KEPT/$$"
mkdir -p "$kept"
printf '%s\n' "$@" > "$kept/arguments"
tr '\0' '\n' < "/proc/$$/environ" > "$kept/environment"
for argument in "$@"; do
  case "$argument" in
    -out=*) plan="${argument#-out=}" ;;
    -var-file=*) cp "${argument#-var-file=}" "$kept/" ;;
  esac
done
if [ -z "$plan" ]; then exec terraform "$@"; fi
terraform "$@"
status=$?
cp "$plan" "$kept/plan"
exit $status
"#;

/// A root in which terraform has a witness.
struct Watched {
    on: &'static Demo,
    root: Root,
    terraform: PathBuf,
    kept: PathBuf,
}

impl Watched {
    fn new(on: &'static Demo) -> Self {
        let root = on.root();
        let kept = root.kept("witness");
        let terraform = kept.join("terraform.sh");
        std::fs::write(&terraform, WITNESS.replace("KEPT", &kept.to_string_lossy())).unwrap();
        std::fs::set_permissions(&terraform, PermissionsExt::from_mode(0o755)).unwrap();
        Self { on, root, terraform, kept }
    }

    fn with<'a>(&'a self, arguments: &[&'a str]) -> Vec<&'a str> {
        [arguments, &["--terraform", self.terraform.to_str().unwrap()]].concat()
    }

    /// The digest to approve with.
    fn digest(&self) -> String {
        let plan = self.with(&["plan", self.on.name, "--engine", "simulated"]);
        self.root.landfall(&plan).ends_with(0).digest()
    }

    /// Versions of the secret in the simulated account: proof that it arrived.
    fn versions(&self) -> usize {
        let account = self.root.account(self.on.name);
        let secrets = account["secrets"].as_object().unwrap();
        let licence = secrets.iter().find(|(arn, _)| arn.contains("licence")).unwrap().1;
        licence["values"].as_object().unwrap().len()
    }

    /// Nothing that was left behind, seen or said holds the secret.
    #[track_caller]
    fn holds_nothing_of(&self, secret: &str, said: &[&Said]) {
        let canary = Canary::new(secret);
        let nowhere: Vec<PathBuf> = Vec::new();
        assert_eq!(canary.files(self.root.everything()), nowhere);
        for said in said {
            assert!(!canary.is_in(said.out.as_bytes()), "stdout:\n{}", said.out);
            assert!(!canary.is_in(said.err.as_bytes()), "stderr:\n{}", said.err);
        }
    }

    /// The witness saw what it is there for.
    #[track_caller]
    fn saw(&self) {
        let mut commands: Vec<String> = Vec::new();
        let (mut plans, mut environments) = (0, 0);
        for entry in std::fs::read_dir(&self.kept).unwrap() {
            let folder = entry.unwrap().path();
            let Ok(arguments) = std::fs::read_to_string(folder.join("arguments")) else { continue };
            commands.extend(arguments.lines().next().map(str::to_owned));
            plans += usize::from(folder.join("plan").exists());
            let environment = std::fs::read_to_string(folder.join("environment")).unwrap();
            environments += usize::from(environment.contains("TF_IN_AUTOMATION=1"));
        }
        for command in ["init", "plan", "show", "apply"] {
            assert!(commands.iter().any(|seen| seen == command), "no {command}: {commands:?}");
        }
        assert!(plans >= 3, "a plan of each layer: {plans}");
        assert!(environments >= commands.len() - 1, "{environments} of {}", commands.len());
    }
}

fn g2_a_secret_typed_at_the_prompt_never_leaves(on: &'static Demo) {
    let watched = Watched::new(on);
    let (first, second) = ("canary-typed-31c7fa52", "canary-typed-again-88d04e6b");
    let install = watched.with(&install(on.name, &[]));
    let mut terminal = Terminal::landfall(&watched.root, &install);
    terminal.until("licence").types_hidden(first).approves();
    let installed = terminal.end().ends_with(0).says(&["installed and verified"]);
    assert!(installed.err.contains("yes"), "the terminal echoes what may be seen");
    assert_eq!(watched.versions(), 1);

    let set = watched.with(&["secrets", on.name, "set", "licence", "--engine", "simulated"]);
    let mut terminal = Terminal::landfall(&watched.root, &set);
    terminal.until("New value of licence").types_hidden(second);
    let set = terminal.end().ends_with(0).says(&["licence: new version"]);
    assert_eq!(watched.versions(), 2);

    watched.saw();
    for secret in [first, second] {
        watched.holds_nothing_of(secret, &[&installed, &set]);
    }
}

fn g2_a_piped_secret_never_leaves(on: &'static Demo) {
    let watched = Watched::new(on);
    let (first, second) = ("canary-piped-6f0b9d13", "canary-piped-again-e5528c07");
    let digest = watched.digest();
    let install = watched.with(&install(on.name, &["--secrets", "-", "--approve", &digest]));
    let installed = watched.root.piped(&install, &format!("licence={first}\n")).ends_with(0);
    assert_eq!(watched.versions(), 1);

    let set = ["secrets", on.name, "set", "licence", "--from", "-", "--engine", "simulated"];
    let set = watched.root.piped(&watched.with(&set), &format!("{second}\n")).ends_with(0);
    assert_eq!(watched.versions(), 2);

    watched.saw();
    for secret in [first, second] {
        watched.holds_nothing_of(secret, &[&installed, &set]);
    }
}

fn g2_a_secret_in_a_private_file_never_leaves_it(on: &'static Demo) {
    let watched = Watched::new(on);
    let secret = "canary-filed-b27e4d90";
    // Outside of everything that is looked at: the one place that may hold it.
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), format!("{{ \"licence\": \"{secret}\" }}")).unwrap();
    let digest = watched.digest();
    let path = file.path().to_str().unwrap();
    let install = watched.with(&install(on.name, &["--secrets", path, "--approve", &digest]));

    std::fs::set_permissions(file.path(), PermissionsExt::from_mode(0o644)).unwrap();
    let refused = watched.root.landfall(&install).ends_with(2);
    let refused =
        refused.says(&["can be read by others (mode 0644)", &format!("chmod 600 {path}")]);
    assert!(watched.root.resources(on.name).is_empty(), "nothing was touched");

    std::fs::set_permissions(file.path(), PermissionsExt::from_mode(0o600)).unwrap();
    let installed = watched.root.landfall(&install).ends_with(0);
    assert_eq!(watched.versions(), 1);
    watched.saw();
    watched.holds_nothing_of(secret, &[&refused, &installed]);
}
