//! The schema that is live in a database, as far as Landfall knows it: `schema/<database>.json` in
//! the state bucket, written around every migration. While one is under way, and after it failed,
//! the live version is one of two (G7).

use serde::{Deserialize, Serialize};

use super::context::Run;
use super::jobs::resource_id;
use crate::cloud::Cloud;
use crate::failure::{Failure, Result};
use crate::kit::model::{Kit, Schema};

/// Version of the record's format.
const FORMAT: u32 = 1;

/// What is known about the schema of a database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveSchema {
    /// Version of this format.
    pub format: u32,
    /// The kit's name of the database.
    pub database: String,
    /// The database server that was migrated: a restored one is another.
    pub resource_id: String,
    /// The version after the last migration that ended well; `None` before the first.
    pub version: Option<String>,
    /// The version of a migration that began and did not end well.
    pub towards: Option<String>,
    /// The release whose migration it was.
    pub release: String,
    /// The run that wrote this.
    pub run: String,
}

impl LiveSchema {
    /// The record of a database; `None` if nothing was ever migrated.
    pub async fn read(cloud: &dyn Cloud, bucket: &str, database: &str) -> Result<Option<Self>> {
        let key = key(database);
        let Some(object) = cloud.get_object(bucket, &key).await? else { return Ok(None) };
        serde_json::from_slice(&object.body).map(Some).map_err(|error| {
            Failure::failed("the record of a schema cannot be read")
                .at(cloud.object_address(bucket, &key))
                .caused_by(error)
                .next("if nobody wrote it by hand, a newer Landfall did: update this one")
        })
    }

    /// Every version that may be live; one, unless a migration did not end well.
    pub fn possible(&self) -> Vec<&str> {
        let known = self.version.iter().chain(&self.towards);
        known.map(String::as_str).collect()
    }

    fn said(&self) -> String {
        match (&self.version, &self.towards) {
            (Some(version), None) => version.clone(),
            (Some(version), Some(towards)) => {
                format!("{version} or {towards} (a migration did not end well)")
            }
            (None, Some(towards)) => format!("{towards} or none (the first migration failed)"),
            (None, None) => "unknown".to_owned(),
        }
    }
}

fn key(database: &str) -> String {
    format!("schema/{database}.json")
}

/// Why the code of a release cannot serve what is live; empty if it can.
pub(super) fn refusals(live: &[LiveSchema], kit: &Kit) -> Vec<String> {
    let window = |live: &LiveSchema, schema: &Schema| {
        let fits = live.possible().iter().all(|version| accepts(schema, version));
        (!fits).then(|| {
            format!(
                "the schema of database {} is {}, {} accepts {}",
                live.database,
                live.said(),
                kit.release.tag,
                accepted(schema)
            )
        })
    };
    live.iter().filter_map(|live| window(live, kit.schemas.get(&live.database)?)).collect()
}

/// A release serves what it accepts, and what it migrates to.
fn accepts(schema: &Schema, version: &str) -> bool {
    schema.version.as_deref() == Some(version) || schema.accepts.iter().any(|it| it == version)
}

fn accepted(schema: &Schema) -> String {
    let mut all: Vec<&str> = schema.accepts.iter().map(String::as_str).collect();
    if let Some(version) = schema.version.as_deref().filter(|version| !all.contains(version)) {
        all.push(version);
    }
    all.join(", ")
}

impl Run {
    /// The live schema of every database that the kit, or the one before, says something about.
    /// Of a restored server nothing is known: its record is of another one.
    pub(super) async fn live_schemas(&self) -> Result<Vec<LiveSchema>> {
        let mut names: Vec<&String> = self.environment.kit.schemas.keys().collect();
        if let Some(before) = &self.before {
            names.extend(before.environment.kit.schemas.keys());
        }
        names.sort();
        names.dedup();
        let foundation = super::layer::foundation_beside(self)?;
        let foundation = foundation.get("foundation").cloned().unwrap_or_default();
        let mut live = Vec::new();
        for name in names {
            let found = LiveSchema::read(&*self.cloud, self.bucket(), name).await?;
            let id = resource_id(&foundation, name);
            live.extend(found.filter(|it| id.is_empty() || it.resource_id == id));
        }
        Ok(live)
    }

    /// Written before the first migration: until it ends well, either version may be live.
    pub(super) async fn migration_begins(&self, foundation: &serde_json::Value) -> Result<()> {
        self.put_schemas(foundation, |known, to| (known, Some(to))).await
    }

    /// Written after the last migration.
    pub(super) async fn migration_ended(&self, foundation: &serde_json::Value) -> Result<()> {
        self.put_schemas(foundation, |_, to| (Some(to), None)).await
    }

    async fn put_schemas(
        &self,
        foundation: &serde_json::Value,
        meaning: impl Fn(Option<String>, String) -> (Option<String>, Option<String>),
    ) -> Result<()> {
        for (database, schema) in &self.environment.kit.schemas {
            let Some(to) = schema.version.clone() else { continue };
            let id = resource_id(foundation, database);
            let found = LiveSchema::read(&*self.cloud, self.bucket(), database).await?;
            // Of a restored server nothing is known.
            let found = found.filter(|live| live.resource_id == id);
            let known = found.as_ref().and_then(|live| live.version.clone());
            let (version, towards) = meaning(known, to);
            let towards = towards.filter(|towards| version.as_ref() != Some(towards));
            if found.is_some_and(|live| (&live.version, &live.towards) == (&version, &towards)) {
                continue;
            }
            let live = LiveSchema {
                format: FORMAT,
                database: database.clone(),
                resource_id: id,
                version,
                towards,
                release: self.environment.release.clone(),
                run: self.id.clone(),
            };
            let body = serde_json::to_vec_pretty(&live).map_err(|error| {
                Failure::failed("cannot write the record of a schema").caused_by(error)
            })?;
            self.cloud.put_object(self.bucket(), &key(database), body).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

    use super::*;
    use crate::environment::tests::resolved;

    fn live(version: Option<&str>, towards: Option<&str>) -> LiveSchema {
        LiveSchema {
            format: FORMAT,
            database: "main".into(),
            resource_id: "db-1".into(),
            version: version.map(str::to_owned),
            towards: towards.map(str::to_owned),
            release: "v1.1.0".into(),
            run: "20261121-150412-3f9a".into(),
        }
    }

    #[test]
    fn a_release_serves_what_its_window_holds() {
        let window = |accepts: &str| {
            resolved(&[(
                "version = 1\n  accepts = [1]",
                &format!("version = 2\n  accepts = [{accepts}]"),
            )])
            .kit
        };
        let refused = |live: &LiveSchema, kit: &Kit| refusals(std::slice::from_ref(live), kit);
        assert!(refused(&live(Some("2"), None), &window("2")).is_empty());
        assert!(refused(&live(Some("1"), None), &window("1, 2")).is_empty());
        assert!(refused(&live(Some("1"), Some("2")), &window("1, 2")).is_empty());
        assert_eq!(
            refused(&live(Some("3"), None), &window("1, 2")),
            ["the schema of database main is 3, v1.0.0 accepts 1, 2"]
        );
        assert_eq!(
            refused(&live(Some("1"), Some("2")), &window("2")),
            [
                "the schema of database main is 1 or 2 (a migration did not end well), v1.0.0 accepts 2"
            ]
        );
    }
}
