//! What needs more than one block to see.

mod data;
mod names;
mod references;
mod routes;
mod secrets;
mod wiring;

use super::draft::Draft;
use super::model::Kit;

/// Checks a kit that was read, also an incomplete one; every problem goes to `draft`.
pub(super) fn check(kit: &Kit, draft: &mut Draft) {
    references::check(kit, draft);
    secrets::check(kit, draft);
    wiring::check(kit, draft);
    names::check(kit, draft);
    data::check(kit, draft);
    routes::check(kit, draft);
}
