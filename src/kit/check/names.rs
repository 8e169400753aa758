//! Names that would be one name in the cloud.

use std::collections::BTreeMap;

use crate::kit::draft::Draft;
use crate::kit::model::{Kit, Roles};
use crate::source::{Place, Problem, Problems};

/// Longest name of a role in PostgreSQL; longer ones are cut without an error.
const LONGEST_ROLE: usize = 63;

pub(super) fn check(kit: &Kit, draft: &mut Draft) {
    mapped(draft);
    roles(kit, draft);
}

/// `-` becomes `_` in users of a database and in Terraform; services and jobs share one space of
/// names, because each becomes a task, a role and a user.
fn mapped(draft: &mut Draft) {
    let mut problems = Problems::new();
    let mut seen: BTreeMap<(&str, String), (String, Place)> = BTreeMap::new();
    for (kind, names) in &draft.names {
        for (name, place) in names {
            let space = if matches!(*kind, "service" | "job") { "process" } else { kind };
            let title = format!("{kind} \"{name}\"");
            let key = (space, name.replace('-', "_"));
            let Some((earlier, first)) = seen.get(&key) else {
                seen.insert(key, (title, place.clone()));
                continue;
            };
            // The one that stands later in the file is at fault.
            let in_order = first.line_column() < place.line_column();
            let (what, other, at) =
                if in_order { (&title, earlier, place) } else { (earlier, &title, first) };
            problems.push(Problem::new(
                at.clone(),
                format!("{what} has the same name as {other}"),
                "- becomes _ in the cloud, and services and jobs share one space of names",
                "give one of them another name",
            ));
        }
    }
    draft.problems.extend(problems);
}

/// The roles that the bootstrap makes in one database server: all different, none cut.
fn roles(kit: &Kit, draft: &mut Draft) {
    for (name, _) in kit.databases.iter().filter(|(_, database)| database.roles == Roles::Split) {
        // Roles are named after the block, whatever databases the server holds.
        let base = name.replace('-', "_");
        let mut made: BTreeMap<String, String> = ["owner", "rw", "migrator"]
            .map(|role| (format!("{base}_{role}"), format!("Landfall's own role `{role}`")))
            .into();
        let used = vec!["database".to_owned(), name.clone()];
        let processes = kit
            .services
            .iter()
            .map(|service| ("service", &service.process))
            .chain(kit.jobs.iter().map(|job| ("job", &job.process)));
        for (kind, process) in processes.filter(|(_, process)| process.uses.contains(&used)) {
            let role = format!("{base}_{}", process.name.replace('-', "_"));
            let taken = made.get(&role).cloned();
            let why = match taken {
                _ if role.len() > LONGEST_ROLE => {
                    format!("PostgreSQL cuts names at {LONGEST_ROLE} bytes")
                }
                // Services and jobs of one name are reported above.
                Some(other) if other != process.name => format!("that is also {other}"),
                _ => {
                    made.insert(role, process.name.clone());
                    continue;
                }
            };
            draft.problems.push(Problem::new(
                process.place.clone(),
                format!(
                    "{kind} \"{}\" would log in to database \"{name}\" as `{role}`",
                    process.name
                ),
                why,
                "give it another name",
            ));
        }
    }
}
