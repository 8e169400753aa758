//! How many of a service run: tasks on ECS, instances on Cloud Run.

use super::model::{Action, Change};
use super::vocabulary::{FEWEST, FIXED, MOST};
use super::words::sides;

/// A number before and after: "2", or "2 to 6".
pub(super) type Sides = (Option<String>, Option<String>);

/// How many tasks a scaling target of ECS allows before and after.
pub(super) fn tasks(change: &Change) -> Option<(String, String)> {
    if change.kind != "aws_appautoscaling_target" {
        return None;
    }
    let (least, most) = (sides(change, "min_capacity"), sides(change, "max_capacity"));
    let between = |least: Option<String>, most: Option<String>| match (least, most) {
        (Some(least), Some(most)) if least != most => format!("{least} to {most}"),
        (Some(number), _) | (None, Some(number)) => number,
        (None, None) => "0".to_owned(),
    };
    Some((between(least.0, most.0), between(least.1, most.1)))
}

/// How many instances of a Cloud Run service or worker pool there are before and after; `None` for
/// anything else.
pub(super) fn instances(change: &Change) -> Option<Sides> {
    let (before, after) = match change.kind.as_str() {
        "google_cloud_run_v2_worker_pool" => sides(change, FIXED),
        "google_cloud_run_v2_service" => {
            let (least, most) = (sides(change, FEWEST), sides(change, MOST));
            (between(least.0, most.0), between(least.1, most.1))
        }
        _ => return None,
    };
    let there = |side: Option<String>, without: Action| side.filter(|_| change.action != without);
    Some((there(before, Action::Create), there(after, Action::Delete)))
}

/// Cloud Run leaves out a lower bound of nothing.
fn between(least: Option<String>, most: Option<String>) -> Option<String> {
    match (least, most) {
        (None, None) => None,
        (least, Some(most)) if least.as_ref() != Some(&most) => {
            Some(format!("{} to {most}", least.as_deref().unwrap_or("0")))
        }
        (least, most) => least.or(most),
    }
}

/// "1 task", "2 instances", "0 to 6 instances".
pub(super) fn counted(count: &str, one: &str) -> String {
    if count == "1" { format!("1 {one}") } else { format!("{count} {one}s") }
}
