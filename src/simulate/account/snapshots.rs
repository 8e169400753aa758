//! Snapshots of databases.

use serde::{Deserialize, Serialize};

use super::Account;
use crate::cloud::SnapshotState;
use crate::failure::{Failure, Result};
use crate::simulate::faults::Effect;

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
        let known = self.content().states("aws_db_instance").any(|it| it["identifier"] == database);
        if !known {
            return Err(Failure::failed(format!("there is no database {database}"))
                .because("DBInstanceNotFound"));
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
