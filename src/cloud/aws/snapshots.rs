//! Snapshots of database servers: made before an update of production, kept by whoever wants them.

use std::collections::BTreeMap;

use aws_sdk_rds::operation::create_db_snapshot::CreateDBSnapshotError;
use aws_sdk_rds::operation::describe_db_snapshots::DescribeDBSnapshotsError;
use aws_sdk_rds::types::{DbSnapshot, Tag};

use super::Aws;
use crate::cloud::SnapshotState;
use crate::failure::Result;

/// Begins a snapshot; one of that name that is there already is the answer.
pub(super) async fn make(
    aws: &Aws,
    database: &str,
    snapshot: &str,
    tags: &BTreeMap<String, String>,
) -> Result<SnapshotState> {
    let call = aws.call(
        format!("make a snapshot of database `{database}`"),
        "rds:CreateDBSnapshot",
        format!("database `{database}` and snapshot `{snapshot}`, and `rds:AddTagsToResource`"),
    );
    let tags = tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
    let sent = aws
        .rds
        .create_db_snapshot()
        .db_instance_identifier(database)
        .db_snapshot_identifier(snapshot)
        .set_tags(Some(tags.collect()))
        .send()
        .await;
    let answer = match sent {
        Ok(answer) => answer,
        Err(error) => {
            let refusal = error.as_service_error();
            if refusal.is_some_and(CreateDBSnapshotError::is_db_snapshot_already_exists_fault)
                && let Some(found) = find(aws, snapshot).await?
            {
                return Ok(found);
            }
            let failure = call.failed(&error);
            return Err(match refusal {
                Some(CreateDBSnapshotError::SnapshotQuotaExceededFault(_)) => failure.next(
                    "delete manual snapshots that nobody needs, or ask AWS for a higher quota of \
                     manual DB snapshots",
                ),
                Some(CreateDBSnapshotError::InvalidDbInstanceStateFault(_)) => failure
                    .next("wait until the database is available, then run the same command again"),
                _ => failure,
            });
        }
    };
    let made = answer.db_snapshot.ok_or_else(|| call.refused("the answer names no snapshot"))?;
    Ok(state(made))
}

/// A snapshot by its name.
pub(super) async fn find(aws: &Aws, snapshot: &str) -> Result<Option<SnapshotState>> {
    let call = aws.call(
        format!("look at the snapshot `{snapshot}`"),
        "rds:DescribeDBSnapshots",
        format!("snapshot `{snapshot}`"),
    );
    let found = aws.rds.describe_db_snapshots().db_snapshot_identifier(snapshot).send().await;
    match found {
        Ok(found) => Ok(found.db_snapshots.unwrap_or_default().into_iter().next().map(state)),
        Err(error)
            if error
                .as_service_error()
                .is_some_and(DescribeDBSnapshotsError::is_db_snapshot_not_found_fault) =>
        {
            Ok(None)
        }
        Err(error) => Err(call.failed(&error)),
    }
}

fn state(snapshot: DbSnapshot) -> SnapshotState {
    let percent = snapshot.percent_progress.unwrap_or_default().clamp(0, 100);
    SnapshotState {
        database: snapshot.db_instance_identifier.unwrap_or_default(),
        status: snapshot.status.unwrap_or_default(),
        percent: u8::try_from(percent).unwrap_or_default(),
    }
}
