//! The three layers on Google Cloud: the same shape as on AWS, with the modules and values that
//! Google Cloud needs.

mod foundation;
mod jobs;
mod services;
mod workload;

pub(super) use foundation::content as foundation;
pub(super) use jobs::content as jobs;
pub(super) use services::content as services;

use super::{Content, tags, title};
use crate::environment::model::Target;
use crate::workspace::value::Value;

/// The value of the variable `target`.
fn target(target: &Target) -> Value {
    Value::object([
        ("project", Value::from(&target.account_id)),
        ("project_number", Value::from(target.project_number.as_ref())),
        ("region", Value::from(&target.region)),
    ])
}
