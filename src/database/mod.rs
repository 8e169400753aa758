//! What a database needs from outside: roles and grants, password verifiers, generated secrets and
//! the certificates that prove the server is the one we mean.
//!
//! - [`bootstrap`]: the SQL and the shell script of the job that makes roles, grants and extensions.
//! - [`certificates`]: the certificate authorities of Amazon RDS, by region.
//! - [`generate`]: secrets that nobody has to invent.
//! - [`scram`]: verifiers, so that a clear password never reaches the server.
//! - [`turn`]: which login of a pair is in use.

pub mod bootstrap;
pub mod certificates;
pub mod generate;
pub mod scram;
pub mod turn;

pub use bootstrap::{
    bootstrap_script, bootstrap_sql, bootstrap_sql_from, owner_role, read_write_role, user_variable,
};
pub use certificates::rds_ca_bundle;
pub use generate::{generate, password};
pub use scram::{verifier, verifiers};
pub use turn::{Turn, twin};
