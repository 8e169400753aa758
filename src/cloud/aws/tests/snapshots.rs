//! Snapshots of databases: made once by name, and looked at.

use std::collections::BTreeMap;

use super::Stand;
use crate::cloud::{Cloud, SnapshotState};
use crate::failure::Result;

const DATABASE: &str = "acme-main";
const SNAPSHOT: &str = "landfall-acme-main-v1-5-0";

fn described(status: &str, percent: u8) -> String {
    format!(
        "<DBSnapshotIdentifier>{SNAPSHOT}</DBSnapshotIdentifier>\
         <DBInstanceIdentifier>{DATABASE}</DBInstanceIdentifier>\
         <Status>{status}</Status><PercentProgress>{percent}</PercentProgress>"
    )
}

fn made(status: &str, percent: u8) -> String {
    format!(
        "<CreateDBSnapshotResponse xmlns=\"http://rds.amazonaws.com/doc/2014-10-31/\">\
         <CreateDBSnapshotResult><DBSnapshot>{}</DBSnapshot></CreateDBSnapshotResult>\
         </CreateDBSnapshotResponse>",
        described(status, percent)
    )
}

fn listed(status: &str, percent: u8) -> String {
    format!(
        "<DescribeDBSnapshotsResponse xmlns=\"http://rds.amazonaws.com/doc/2014-10-31/\">\
         <DescribeDBSnapshotsResult><DBSnapshots><DBSnapshot>{}</DBSnapshot></DBSnapshots>\
         </DescribeDBSnapshotsResult></DescribeDBSnapshotsResponse>",
        described(status, percent)
    )
}

fn refused(code: &str) -> String {
    format!(
        "<ErrorResponse xmlns=\"http://rds.amazonaws.com/doc/2014-10-31/\"><Error>\
         <Type>Sender</Type><Code>{code}</Code><Message>in words</Message></Error></ErrorResponse>"
    )
}

fn state(status: &str, percent: u8) -> SnapshotState {
    SnapshotState { database: DATABASE.to_owned(), status: status.to_owned(), percent }
}

async fn make(stand: &Stand) -> Result<SnapshotState> {
    let tags = BTreeMap::from([("landfall:environment".to_owned(), "acme".to_owned())]);
    stand.aws.snapshot_database(DATABASE, SNAPSHOT, &tags).await
}

#[tokio::test]
async fn a_snapshot_is_begun_with_its_name_and_tags() {
    let stand = Stand::new().await;
    let field = "Tags.Tag.1.Key=landfall%3Aenvironment";
    stand.query("CreateDBSnapshot", field, 200, &made("creating", 0)).await;
    assert_eq!(make(&stand).await.unwrap(), state("creating", 0));
}

#[tokio::test]
async fn the_same_name_again_finds_it() {
    let stand = Stand::new().await;
    let name = format!("DBSnapshotIdentifier={SNAPSHOT}");
    stand.query("CreateDBSnapshot", &name, 400, &refused("DBSnapshotAlreadyExists")).await;
    stand.query("DescribeDBSnapshots", &name, 200, &listed("available", 100)).await;
    let found = make(&stand).await.unwrap();
    assert_eq!(found, state("available", 100));
    assert!(found.is_available());
}

#[tokio::test]
async fn no_snapshot_is_no_error() {
    let stand = Stand::new().await;
    let answer = refused("DBSnapshotNotFound");
    stand.query("DescribeDBSnapshots", SNAPSHOT, 404, &answer).await;
    assert_eq!(stand.aws.database_snapshot(SNAPSHOT).await.unwrap(), None);
}

#[tokio::test]
async fn refusals_have_a_remedy() {
    for (code, remedy) in [
        ("SnapshotQuotaExceeded", "a higher quota of manual DB snapshots"),
        ("InvalidDBInstanceState", "wait until the database is available"),
        ("AccessDenied", "`rds:CreateDBSnapshot` on database `acme-main`"),
    ] {
        let stand = Stand::new().await;
        stand.query("CreateDBSnapshot", SNAPSHOT, 400, &refused(code)).await;
        let text = make(&stand).await.unwrap_err().to_string();
        assert!(text.contains(remedy), "{text}");
    }
}
