//! Landfall installs a vendor's product, single-tenant, into a customer's own cloud account, and
//! proves what is running.
//!
//! # The path
//!
//! ```text
//! kit.hcl + environment.hcl ─► Environment   kit, environment, release   everything decided, or every problem at once
//!                           ─► Workspace     workspace                   all files in memory, then on disk
//!                           ─► Plan          plan                        terraform's, in words, risk first
//!                           ─► ApprovedPlan  approval                    bound to a digest of what will happen
//!                           ─► applied       run                         step by step, resumed by running it again
//!                           ─► verified      verify                      read back from the cloud
//!                           ─► Receipt       receipt                     what was done, and what proves it
//! ```
//!
//! A tour in the order of the path: [`site`] finds the files, [`hcl`] and [`source`] read them
//! with places, [`kit`] is what the vendor says, [`environment`] what one installation decides,
//! [`workspace`] what that looks like as Terraform; [`run`] walks the steps, [`drift`] finds what
//! was changed behind its back. [`name`] makes every
//! name, [`database`] what lets a product log in, [`demo`] is what a newcomer rehearses.
//!
//! # The hands
//!
//! Only these rooms touch the world: [`terraform`] spawns terraform, [`cloud`] talks to AWS (or
//! to the account in [`simulate`]), [`git`] asks git, [`fs`] reads and writes files. [`engine`]
//! picks them: the real ones or the simulated ones.
//!
//! # The voice and the spine
//!
//! [`report`] tells what happens, [`failure`] says what went wrong, [`cancel`] carries Ctrl-C,
//! [`hash`] names bytes, [`host`] this machine and its processes, [`secret`] is a value that cannot be printed. [`cli`] is the door: one file a command.

pub mod approval;
pub mod cancel;
pub mod cli;
pub mod cloud;
pub mod database;
pub mod demo;
pub mod drift;
pub mod engine;
pub mod environment;
pub mod failure;
pub mod fs;
pub mod git;
pub mod hash;
pub mod hcl;
pub mod host;
pub mod kit;
pub mod name;
pub mod plan;
pub mod receipt;
pub mod release;
pub mod report;
pub mod run;
pub mod secret;
pub mod simulate;
pub mod site;
pub mod source;
pub mod terraform;
pub mod verify;
pub mod workspace;
