//! Whole runs with the released AWS provider against an emulated AWS: real HTTP, real processes, a
//! real PostgreSQL, real signals. What the emulator is, is told in `tests/emulator/README.md`.

mod account;
mod failures;
mod install;
mod interruption;
mod kills;
mod resume;
mod rotation;
mod update;

pub(crate) use account::python;
