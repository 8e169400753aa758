//! Snapshots of databases.

use serde::{Deserialize, Serialize};

use super::Account;
use super::workloads::last;
use crate::cloud::SnapshotState;
use crate::failure::{Failure, Result};
use crate::simulate::faults::Effect;
use crate::simulate::platform::Platform;

/// A snapshot; it is made while somebody looks.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Snapshot {
    database: String,
    percent: u8,
    failed: bool,
}

/// How much of a snapshot is made between two looks.
const STRIDE: u8 = 50;

impl Snapshot {
    fn state(&self) -> SnapshotState {
        let status = match (self.failed, self.percent) {
            (true, _) => "failed",
            (false, 100) => "available",
            _ => "creating",
        };
        SnapshotState {
            database: self.database.clone(),
            status: status.to_owned(),
            percent: self.percent,
        }
    }
}

impl Account {
    /// Begins a snapshot, or finds the one of that name.
    pub(crate) fn snapshot_database(
        &self,
        database: &str,
        name: &str,
        fault: Option<&Effect>,
    ) -> Result<SnapshotState> {
        let (kind, name_of, unknown) = match self.platform() {
            Platform::Aws => ("aws_db_instance", "identifier", "DBInstanceNotFound"),
            Platform::Google => (
                "google_sql_database_instance",
                "name",
                "instanceDoesNotExist: The Cloud SQL instance does not exist.",
            ),
        };
        if !self.content().states(kind).any(|it| it[name_of] == last(database)) {
            return Err(
                Failure::failed(format!("there is no database {database}")).because(unknown)
            );
        }
        self.change(|content| {
            let snapshot = content.snapshots.entry(name.to_owned()).or_insert_with(|| Snapshot {
                database: database.to_owned(),
                percent: 0,
                failed: fault.is_some(),
            });
            snapshot.state()
        })
    }

    /// A snapshot as it is; the next look finds more of it.
    pub(crate) fn snapshot(&self, name: &str) -> Result<Option<SnapshotState>> {
        self.change(|content| {
            let snapshot = content.snapshots.get_mut(name)?;
            let state = snapshot.state();
            if !snapshot.failed {
                snapshot.percent = snapshot.percent.saturating_add(STRIDE).min(100);
            }
            Some(state)
        })
    }
}
