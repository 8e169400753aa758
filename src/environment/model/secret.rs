//! Secrets of an environment: their containers, and where a value comes from. Never a value.

use crate::kit::model::GeneratedKind;

/// A secret's container and where its value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretContainer {
    /// Identifier in Terraform maps: `session_key`, `database_main_web_password`.
    pub key: String,
    /// Its name in the secret manager: `landfall/<environment>/session_key`, on Google Cloud with
    /// dashes.
    pub name: String,
    /// For people.
    pub description: String,
    /// Where the value comes from.
    pub value: SecretValue,
    /// Whether the product starts without it.
    pub required: bool,
    /// Never rotated.
    pub immutable: bool,
    /// Its place in the console is printed after the bootstrap.
    pub show_once: bool,
}

/// Where a secret's value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretValue {
    /// Landfall makes it.
    Generated {
        /// Alphabet and form.
        kind: GeneratedKind,
        /// See [`crate::kit::model::SecretOrigin`].
        length: usize,
        /// Put in front.
        prefix: String,
    },
    /// A person gives it; it must match the pattern as a whole.
    Supplied {
        /// Regular expression.
        check: Option<String>,
        /// The question: the kit's doc, or the name.
        prompt: String,
    },
    /// The generated password of a database login.
    DatabasePassword {
        /// Database.
        database: String,
        /// Login name.
        login: String,
    },
    /// SCRAM verifiers of all password logins of a database.
    DatabaseVerifiers {
        /// Database.
        database: String,
    },
    /// A URL that holds a login's password. The host comes from the foundation's output.
    DatabaseUrl {
        /// Database.
        database: String,
        /// Login name.
        login: String,
        /// `postgres`.
        scheme: String,
        /// Which database inside.
        dbname: String,
        /// Query, already encoded, without `?`; empty for none.
        query: String,
    },
}

impl SecretValue {
    /// The database whose passwords it is composed of.
    pub fn database(&self) -> Option<&str> {
        match self {
            Self::DatabasePassword { database, .. }
            | Self::DatabaseVerifiers { database }
            | Self::DatabaseUrl { database, .. } => Some(database),
            Self::Generated { .. } | Self::Supplied { .. } => None,
        }
    }
}
