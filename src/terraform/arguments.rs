//! Argument lists of every terraform command we use: pure, so that they are tested as lists.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// How long terraform waits for a state lock that somebody else holds, in seconds: enough for a
/// colleague's plan, too short to look like a hang.
const LOCK_TIMEOUT: u32 = 20;

/// How `init` treats what is already there. The default suits a rendered layer.
#[derive(Clone, Copy, Debug, Default)]
pub struct Init {
    /// Forget the backend of an earlier init instead of offering to move its state
    /// (`-reconfigure`).
    pub reconfigure: bool,
    /// Fail rather than change `.terraform.lock.hcl` (`-lockfile=readonly`).
    pub readonly_lock_file: bool,
}

/// What a plan looks at before it compares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Refresh {
    /// Read every resource first: terraform's default.
    #[default]
    Before,
    /// Trust the state (`-refresh=false`).
    Skip,
    /// Only compare the state with the cloud (`-refresh-only`): the plan that shows drift.
    Only,
}

/// Choices of a plan. The default is the plan that gets approved and applied.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// What is read from the cloud first.
    pub refresh: Refresh,
    /// Plan to destroy everything in the layer.
    pub destroy: bool,
    /// Only these addresses and what they depend on; empty means all.
    pub targets: Vec<String>,
    /// Values that are given for this plan only; later files win.
    pub variable_files: Vec<PathBuf>,
    /// Do not take the state lock: for people who may only read.
    pub unlocked: bool,
}

pub(super) fn version() -> Vec<OsString> {
    list(["version", "-json"])
}

pub(super) fn init(options: Init) -> Vec<OsString> {
    let mut arguments = list(["init", "-input=false", "-no-color"]);
    if options.reconfigure {
        arguments.push("-reconfigure".into());
    }
    if options.readonly_lock_file {
        arguments.push("-lockfile=readonly".into());
    }
    arguments
}

pub(super) fn validate() -> Vec<OsString> {
    list(["validate", "-no-color", "-json"])
}

pub(super) fn plan(out: &Path, options: &Plan) -> Vec<OsString> {
    let mut arguments = list(["plan", "-input=false", "-no-color", "-json", "-detailed-exitcode"]);
    arguments.push(if options.unlocked { "-lock=false".into() } else { lock_timeout() });
    match options.refresh {
        Refresh::Before => {}
        Refresh::Skip => arguments.push("-refresh=false".into()),
        Refresh::Only => arguments.push("-refresh-only".into()),
    }
    if options.destroy {
        arguments.push("-destroy".into());
    }
    arguments.extend(options.targets.iter().map(|target| format!("-target={target}").into()));
    arguments.extend(options.variable_files.iter().map(|file| joined("-var-file=", file)));
    arguments.push(joined("-out=", out));
    arguments
}

/// Applies exactly a saved plan: terraform takes no variables and asks nothing then.
pub(super) fn apply(plan: &Path) -> Vec<OsString> {
    let mut arguments = list(["apply", "-input=false", "-no-color", "-json"]);
    arguments.push(lock_timeout());
    arguments.push(plan.into());
    arguments
}

pub(super) fn show(plan: &Path) -> Vec<OsString> {
    let mut arguments = list(["show", "-no-color", "-json"]);
    arguments.push(plan.into());
    arguments
}

pub(super) fn outputs() -> Vec<OsString> {
    list(["output", "-no-color", "-json"])
}

pub(super) fn state_pull() -> Vec<OsString> {
    list(["state", "pull"])
}

/// Without `-force`: terraform itself then compares lineage and serial once more.
pub(super) fn state_push(state: &Path) -> Vec<OsString> {
    let mut arguments = list(["state", "push"]);
    arguments.push(lock_timeout());
    arguments.push(state.into());
    arguments
}

/// `-force` only skips the question; a wrong id is still refused.
pub(super) fn force_unlock(id: &str) -> Vec<OsString> {
    list(["force-unlock", "-force", id])
}

fn lock_timeout() -> OsString {
    format!("-lock-timeout={LOCK_TIMEOUT}s").into()
}

fn list<const N: usize>(words: [&str; N]) -> Vec<OsString> {
    words.map(OsString::from).to_vec()
}

fn joined(prefix: &str, path: &Path) -> OsString {
    let mut argument = OsString::from(prefix);
    argument.push(path);
    argument
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_approved_plan_is_saved_and_says_by_its_exit_code_whether_anything_changes() {
        assert_eq!(
            plan(Path::new("/runs/1/tfplan"), &Plan::default()),
            [
                "plan",
                "-input=false",
                "-no-color",
                "-json",
                "-detailed-exitcode",
                "-lock-timeout=20s",
                "-out=/runs/1/tfplan"
            ]
        );
    }

    #[test]
    fn every_choice_of_a_plan_is_one_flag() {
        let flags = |options: Plan| plan(Path::new("p"), &options)[5..].to_vec();
        let refresh = |refresh| flags(Plan { refresh, ..Plan::default() });
        assert_eq!(refresh(Refresh::Skip), ["-lock-timeout=20s", "-refresh=false", "-out=p"]);
        assert_eq!(refresh(Refresh::Only), ["-lock-timeout=20s", "-refresh-only", "-out=p"]);
        assert_eq!(
            flags(Plan { destroy: true, ..Plan::default() }),
            ["-lock-timeout=20s", "-destroy", "-out=p"]
        );
        assert_eq!(
            flags(Plan {
                targets: vec!["module.a".into(), "b.c[\"d\"]".into()],
                ..Plan::default()
            }),
            ["-lock-timeout=20s", "-target=module.a", "-target=b.c[\"d\"]", "-out=p"]
        );
        assert_eq!(flags(Plan { unlocked: true, ..Plan::default() }), ["-lock=false", "-out=p"]);
    }

    #[test]
    fn init_asks_nothing() {
        assert_eq!(init(Init::default()), ["init", "-input=false", "-no-color"]);
        assert_eq!(
            init(Init { reconfigure: true, readonly_lock_file: true })[3..],
            ["-reconfigure", "-lockfile=readonly"]
        );
    }

    #[test]
    fn apply_takes_a_saved_plan_and_no_approval_flag() {
        assert_eq!(
            apply(Path::new("tfplan")),
            ["apply", "-input=false", "-no-color", "-json", "-lock-timeout=20s", "tfplan"]
        );
    }

    #[test]
    fn the_short_ones() {
        assert_eq!(version(), ["version", "-json"]);
        assert_eq!(validate(), ["validate", "-no-color", "-json"]);
        assert_eq!(show(Path::new("p")), ["show", "-no-color", "-json", "p"]);
        assert_eq!(outputs(), ["output", "-no-color", "-json"]);
        assert_eq!(state_pull(), ["state", "pull"]);
        assert_eq!(
            state_push(Path::new("e")),
            ["state", "push", "-lock-timeout=20s", "e"],
            "never -force: it would skip the comparison of lineage and serial"
        );
        assert_eq!(force_unlock("id"), ["force-unlock", "-force", "id"]);
    }
}
