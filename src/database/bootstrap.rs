//! The bootstrap job of a database server: the SQL that makes its roles, databases, grants and
//! extensions, and the shell script that runs it.
//!
//! The job runs in the customer's network as the server's managed master; on Google Cloud as a user
//! of its own that may act as `cloudsqlsuperuser`. Its SQL comes from one template for both clouds,
//! `templates/shared/bootstrap.sql.tera`, and lies beside the jobs layer for everyone to read. Every
//! name reaches it through [`quote_identifier`] or [`quote_literal`], or, where only the foundation
//! knows it, as a variable that `psql` quotes.

use serde::Serialize;
use tera::{Context, Kwargs, State, Tera};

use super::turn::{Turn, twin};
use crate::environment::model::Database;
use crate::failure::{Failure, Result};
use crate::kit::model::{CloudName, Roles};

const TEMPLATE_NAME: &str = "bootstrap.sql";
const TEMPLATE: &str = include_str!("../../templates/shared/bootstrap.sql.tera");
const SCRIPT: &str = include_str!("bootstrap.sh");

/// In front of the script on Google Cloud.
const TOKEN: &str = include_str!("cloud_sql_token.sh");

/// The variable that lets the bootstrap leave the logins alone that are no longer in use: while
/// services move from one to the other.
pub const KEEP_FORMER_LOGINS: &str = "LANDFALL_KEEP_FORMER_LOGINS";

/// The role that owns the schema and everything that migrations make: `<db>_owner` without login,
/// or the one login `<db>_app`.
///
/// On Google Cloud it never logs in: users are service accounts, every workload has its own.
pub fn owner_role(database: &Database) -> String {
    let login = database.roles == Roles::Single && database.cloud == CloudName::Aws;
    role(database, if login { "app" } else { "owner" })
}

/// The environment variable that gives the bootstrap the name of a workload's user on Google Cloud.
pub fn user_variable(workload: &str) -> String {
    format!("LANDFALL_USER_{}", workload.to_uppercase())
}

/// The same as `psql` knows it.
fn psql_variable(workload: &str) -> String {
    format!("user_{workload}")
}

/// The role without login that may read and write; `None` with a single login.
pub fn read_write_role(database: &Database) -> Option<String> {
    (database.roles == Roles::Split).then(|| role(database, "rw"))
}

fn role(database: &Database, suffix: &str) -> String {
    format!("{}_{suffix}", database.name.replace('-', "_"))
}

/// The SQL of the bootstrap job, for `psql`. It may run any number of times, drops and narrows
/// nothing, and holds no secret: verifiers come from the environment (see [`bootstrap_script`]).
///
/// Fails only when the template is at fault.
pub fn bootstrap_sql(database: &Database) -> Result<String> {
    bootstrap_sql_from(TEMPLATE, database)
}

/// The same with another template: the one that a release was pinned with.
pub fn bootstrap_sql_from(template: &str, database: &Database) -> Result<String> {
    let failed = |error: tera::Error| {
        Failure::failed("cannot render the bootstrap SQL")
            .at("the template bootstrap.sql.tera of the kit")
            .caused_by(error)
    };
    let mut tera = Tera::new();
    tera.register_filter("identifier", |value: &str, _: Kwargs, _: &State| quote_identifier(value));
    tera.register_filter("literal", |value: &str, _: Kwargs, _: &State| quote_literal(value));
    // The name of somebody who logs in: on Google Cloud a variable of psql, quoted by it.
    let given = database.cloud == CloudName::Gcp;
    tera.register_filter("user", move |value: &str, _: Kwargs, _: &State| {
        if given { format!(":\"{}\"", psql_variable(value)) } else { quote_identifier(value) }
    });
    tera.register_filter("user_literal", move |value: &str, _: Kwargs, _: &State| {
        if given { format!(":'{}'", psql_variable(value)) } else { quote_literal(value) }
    });
    tera.register_filter("psql_variable", |value: &str, _: Kwargs, _: &State| psql_variable(value));
    tera.register_filter("user_variable", |value: &str, _: Kwargs, _: &State| user_variable(value));
    tera.add_raw_template(TEMPLATE_NAME, template).map_err(failed)?;
    let context = Context::from_serialize(&View::new(database)).map_err(failed)?;
    tera.render(TEMPLATE_NAME, &context).map_err(failed)
}

/// The script of the job's container, for `sh -ec`: needs `psql` 14 or newer and a writable `/tmp`.
///
/// Reads from its environment `PGHOST`, `PGPORT`, `PGUSER`, `PGPASSWORD`, `PGDATABASE` (one that
/// exists), `LANDFALL_DATABASE_CA` (PEM), `LANDFALL_SQL` and, for password logins,
/// `LANDFALL_VERIFIERS` (JSON object, login → SCRAM verifier; of each pair of logins the one that is
/// in use). The other login of a pair is taken away, unless [`KEEP_FORMER_LOGINS`] is set to any
/// text. Nothing of it appears in `argv` or in the output.
///
/// On Google Cloud `PGPASSWORD` is not given: the script takes a token of the job's service account
/// from the metadata server. There it also reads [`user_variable`] of every workload that logs in.
pub fn bootstrap_script(cloud: CloudName) -> String {
    match cloud {
        CloudName::Aws => SCRIPT.to_owned(),
        CloudName::Gcp => format!("{TOKEN}\n{SCRIPT}"),
    }
}

/// What the template sees.
#[derive(Serialize)]
struct View<'a> {
    server: &'a str,
    cloud_sql: bool,
    split: bool,
    password: bool,
    owner: String,
    /// Empty with a single login.
    read_write: String,
    /// Everybody who may log in, now or in turn.
    logins: Vec<String>,
    /// The logins as a JSON array.
    logins_json: String,
    /// Password logins and their seconds, as a JSON array of pairs.
    pairs_json: String,
    /// Logins that act as the owner.
    acting: Vec<String>,
    /// Logins that read and write.
    consumers: Vec<String>,
    databases: &'a [String],
    schema: &'a str,
    owner_extensions: Vec<&'a str>,
    admin_extensions: Vec<&'a str>,
}

impl<'a> View<'a> {
    fn new(database: &'a Database) -> Self {
        let split = database.roles == Roles::Split;
        let cloud_sql = database.cloud == CloudName::Gcp;
        let turns: &[Turn] =
            if database.password { &[Turn::First, Turn::Second] } else { &[Turn::First] };
        let (mut logins, mut acting, mut consumers) = (Vec::new(), Vec::new(), Vec::new());
        for (login, kind) in &database.logins {
            for turn in turns {
                let name = turn.login(&database.name, login);
                match (split, kind.owner) {
                    (true, true) => acting.push(name.clone()),
                    (true, false) => consumers.push(name.clone()),
                    // On Google Cloud nobody is the owner, everybody acts as it.
                    (false, _) if cloud_sql => acting.push(name.clone()),
                    // With a single login that one is the owner; its second acts as it.
                    (false, _) if *turn == Turn::Second => acting.push(name.clone()),
                    (false, _) => {}
                }
                logins.push(name);
            }
        }
        let pair = |login: &String| serde_json::json!([login, twin(&database.name, login)]);
        let pairs: Vec<_> = database.logins.keys().map(pair).collect();
        let extensions = |by_owner: bool| {
            let chosen = database.extensions.iter().filter(move |(_, owner)| **owner == by_owner);
            chosen.map(|(name, _)| name.as_str()).collect()
        };
        Self {
            server: &database.name,
            cloud_sql,
            split,
            password: database.password,
            owner: owner_role(database),
            read_write: read_write_role(database).unwrap_or_default(),
            logins_json: serde_json::Value::from(logins.clone()).to_string(),
            pairs_json: serde_json::Value::from(pairs).to_string(),
            logins,
            acting,
            consumers,
            databases: &database.databases,
            schema: &database.schema,
            owner_extensions: extensions(true),
            admin_extensions: extensions(false),
        }
    }
}

/// A name as SQL: in double quotes, those inside doubled.
pub fn quote_identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text as SQL: in single quotes, those inside doubled. Backslashes are plain characters, which
/// `standard_conforming_strings` (on since PostgreSQL 9.1) guarantees.
pub fn quote_literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_names_and_texts() {
        assert_eq!(quote_identifier("main_web"), r#""main_web""#);
        assert_eq!(quote_identifier(r#"a"; DROP ROLE b; --"#), r#""a""; DROP ROLE b; --""#);
        assert_eq!(quote_literal("it's"), "'it''s'");
        assert_eq!(quote_literal(r"a\' OR 1=1"), r"'a\'' OR 1=1'");
    }

    #[test]
    fn keeps_secrets_out_of_arguments() {
        let psql: Vec<_> = SCRIPT.lines().filter(|line| line.contains("psql -X")).collect();
        assert_eq!(psql.len(), 1);
        assert!(psql[0].ends_with("psql -X -q -v ON_ERROR_STOP=1 -f -"));
        assert!(SCRIPT.contains("PGSSLMODE=verify-full"));
        // A token is read into a variable and given to psql by the environment alone.
        let uses: Vec<_> = TOKEN.lines().filter(|line| line.contains("$PGPASSWORD")).collect();
        assert_eq!(uses, ["[ -n \"$PGPASSWORD\" ] || {"]);
    }
}
