//! A vendor's git repository, real and local.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::render::support::repository;

/// A repository with the demo's kit, one commit and the tag `v1.0.0`.
pub(crate) struct Vendor {
    folder: tempfile::TempDir,
}

impl Vendor {
    /// The demo's kit, committed and tagged.
    pub(crate) fn demo() -> Self {
        let vendor = Self::empty();
        for name in ["kit.hcl", "kit.lock"] {
            vendor.write(name, &std::fs::read_to_string(repository().join(name)).unwrap());
        }
        vendor.commit("Ledger 1.0.0");
        vendor.git(&["tag", "v1.0.0"]);
        vendor
    }

    /// A repository without a commit.
    pub(crate) fn empty() -> Self {
        let vendor = Self { folder: tempfile::tempdir().unwrap() };
        std::fs::create_dir(vendor.path()).unwrap();
        vendor.git(&["init", "--quiet", "--initial-branch", "main"]);
        vendor
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("kit")
    }

    /// The address, without `git::`.
    pub(crate) fn url(&self) -> String {
        format!("file://{}", self.path().display())
    }

    /// Where nobody finds it.
    pub(crate) fn hide(&self) {
        std::fs::rename(self.path(), self.folder.path().join("hidden")).unwrap();
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        let path = self.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Commits everything there is and gives the commit.
    pub(crate) fn commit(&self, message: &str) -> String {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// Runs git here, as nobody in particular.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        git(&self.path(), arguments)
    }
}

/// Runs git in a folder with a configuration of its own; it must succeed.
pub(crate) fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    command.current_dir(folder).env_clear().env("PATH", std::env::var_os("PATH").unwrap());
    command.env("HOME", folder).env("GIT_CONFIG_NOSYSTEM", "1");
    for setting in ["user.name=Vendor", "user.email=release@ledger.example", "gpg.format=ssh"] {
        command.args(["-c", setting]);
    }
    let output = command.args(arguments).output().expect("git is installed");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {arguments:?}: {said}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
