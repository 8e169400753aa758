//! This machine and its processes, as far as a lock has to tell a dead holder from a live one.

use rustix::process::{Pid, test_kill_process};
use serde::{Deserialize, Serialize};

use crate::fs;

/// A process on a machine. A process id alone is given to others once its process is gone, and
/// means nothing after a restart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostProcess {
    /// Host name.
    pub host: String,
    /// Changes with every start of the machine; empty where the system does not say (macOS).
    pub boot: String,
    /// Process id.
    pub pid: i32,
    /// When the process started, in ticks since the start of the machine; 0 where the system does
    /// not say.
    pub started: u64,
}

impl HostProcess {
    /// This process.
    pub fn this() -> Self {
        let pid = i32::try_from(std::process::id()).unwrap_or_default();
        Self {
            host: host_name(),
            boot: text("/proc/sys/kernel/random/boot_id"),
            pid,
            started: started(pid).unwrap_or_default(),
        }
    }

    /// Whether it was a process of this machine that is gone for certain.
    pub fn is_dead_here(&self) -> bool {
        let here = Self::this();
        if self.host != here.host {
            return false;
        }
        if self.boot != here.boot {
            // Containers may share a host name; without a boot id nothing is certain.
            return !self.boot.is_empty() && !here.boot.is_empty();
        }
        let gone = Pid::from_raw(self.pid).is_none_or(|pid| test_kill_process(pid).is_err());
        gone || started(self.pid).is_some_and(|started| started != self.started)
    }
}

/// This machine's name, as terraform writes it into its locks.
pub fn host_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// Field 22 of `/proc/PID/stat`, counted after the name, which may hold spaces and brackets.
fn started(pid: i32) -> Option<u64> {
    let stat = text(&format!("/proc/{pid}/stat"));
    stat.rsplit_once(')')?.1.split_whitespace().nth(19)?.parse().ok()
}

fn text(path: &str) -> String {
    let bytes = fs::read_if_present(std::path::Path::new(path)).ok().flatten().unwrap_or_default();
    String::from_utf8_lossy(&bytes).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_process_that_is_gone_for_certain_is_dead() {
        let this = HostProcess::this();
        assert!(!this.is_dead_here());
        let cases = [
            ("a pid that was given to another process", HostProcess { started: 1, ..this.clone() }),
            ("a pid beyond all", HostProcess { pid: i32::MAX, ..this.clone() }),
            ("a machine that was restarted", HostProcess { boot: "other".into(), ..this.clone() }),
        ];
        for (what, process) in cases {
            assert!(process.is_dead_here(), "{what}");
        }
        let elsewhere = HostProcess { host: "elsewhere".into(), pid: i32::MAX, ..this.clone() };
        assert!(!elsewhere.is_dead_here(), "nobody can tell from here");
        let unknown = HostProcess { boot: String::new(), ..this };
        assert!(!unknown.is_dead_here(), "without a boot id nobody can tell");
    }
}
