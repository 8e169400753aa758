//! One integration binary: it links once. Every test needs its subject: what is absent on the
//! machine fails with how to get it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "tests"
)]

mod bootstrap_sql;
mod classes;
mod cli;
mod clouds;
mod emulator;
mod forecast;
mod gcs_backend;
mod google_provider;
mod house;
mod inputs;
mod journey;
mod modules;
mod release;
mod render;
mod rotation_google;
mod secret_manager;
mod simulate;
mod support;
mod terraform;
mod validate;
