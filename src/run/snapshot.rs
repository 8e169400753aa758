//! Step `snapshot`: before production is updated, every database has a snapshot. Its name follows
//! from what is updated to what, so a resumed run finds the one of the first attempt: the state
//! before anything was changed.

use super::context::{Finished, Run};
use super::layer::ids_beside;
use crate::environment::model::{Class, Database};
use crate::failure::{Exit, Failure, Result};
use crate::kit::model::CloudName;
use crate::receipt::Lock;
use crate::report::{Event, plural};
use crate::workspace::Layer;

/// Makes a snapshot of every installed database of a production environment, and waits until all
/// can be restored from. Returns their names.
pub(super) async fn before_update(run: &Run) -> Result<Finished<Vec<String>>> {
    if run.environment.class != Class::Production {
        return Ok(Finished::unchanged("only production has them", Vec::new()));
    }
    let Some(lock) = Lock::read(&run.folder().join("landfall.lock"))? else {
        return Ok(Finished::unchanged("nothing was installed yet", Vec::new()));
    };
    let databases = installed(run)?;
    let mut names = Vec::new();
    let mut made = 0;
    for database in &databases {
        let name = name(&database.identifier, &run.environment.release, &lock.receipt_run);
        let found = run.cloud.database_snapshot(&name).await?;
        if !found.is_some_and(|found| found.is_available()) {
            let tags = &run.environment.tags;
            run.cloud.snapshot_database(&database.identifier, &name, tags).await?;
            made += 1;
        }
        names.push(name);
    }
    for (database, name) in databases.iter().zip(&names) {
        wait(run, &database.name, name).await?;
    }
    let summary = plural(names.len(), "snapshot");
    Ok(if made == 0 {
        Finished::unchanged(format!("{summary}, there already"), names)
    } else {
        Finished::done(summary, names)
    })
}

/// The databases that exist: a release may bring new ones.
fn installed(run: &Run) -> Result<Vec<&Database>> {
    let Some(ids) = ids_beside(&run.layer_folder(Layer::Jobs))? else { return Ok(Vec::new()) };
    let there = |database: &&Database| ids.foundation["databases"][&database.name].is_object();
    Ok(run.environment.databases.values().filter(there).collect())
}

/// Letters, digits and single hyphens, as RDS wants them.
fn name(identifier: &str, release: &str, receipt: &str) -> String {
    let mut name = String::new();
    for character in format!("landfall-{identifier}-{release}-{receipt}").chars() {
        if character.is_ascii_alphanumeric() {
            name.push(character.to_ascii_lowercase());
        } else if !name.ends_with('-') {
            name.push('-');
        }
    }
    name.trim_end_matches('-').to_owned()
}

/// How a person removes one that failed.
fn remove(cloud: CloudName, name: &str) -> String {
    match cloud {
        CloudName::Aws => {
            format!("remove it: `aws rds delete-db-snapshot --db-snapshot-identifier {name}`")
        }
        CloudName::Gcp => format!("remove the backup described as {name} in the console"),
    }
}

async fn wait(run: &Run, database: &str, name: &str) -> Result<()> {
    loop {
        let found = run.cloud.database_snapshot(name).await?;
        let (status, percent) =
            found.map_or(("gone".to_owned(), 0), |found| (found.status, found.percent));
        match status.as_str() {
            "available" => return Ok(()),
            "creating" | "pending" => {}
            other => {
                return Err(Failure::failed(format!(
                    "the snapshot of database {database} is {other}"
                ))
                .at(name)
                .because("production is not changed without a way back")
                .next(remove(run.environment.target.cloud, name))
                .next(format!("then run `landfall {}` again", run.command)));
            }
        }
        if run.cancel.is_requested() {
            return Err(Failure::new(Exit::Interrupted, "interrupted while a snapshot is made")
                .because("nothing was changed; the snapshot goes on and is found again")
                .next("run the same command again"));
        }
        run.reporter.tell(&Event::Progress {
            text: format!("snapshot of database {database}"),
            done: usize::from(percent),
            total: 100,
        });
        tokio::time::sleep(run.engine.pace()).await;
    }
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn a_name_is_one_that_rds_takes_and_the_same_for_the_same_update() {
        let made = name("acme-main", "v1.5.0-rc.1", "20261121-150412-3f9a");
        assert_eq!(made, "landfall-acme-main-v1-5-0-rc-1-20261121-150412-3f9a");
        assert_eq!(name("a-", "v1", "x-"), "landfall-a-v1-x");
    }
}
