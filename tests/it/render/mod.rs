//! What `landfall render` writes: formatted, stable, noticed when it was edited, and never a value
//! that becomes code.

mod disk;
mod printer;
pub(crate) mod support;
mod values;
mod workspace;
