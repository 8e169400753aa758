//! Schemas, migrations and sizes.

use crate::kit::draft::Draft;
use crate::kit::model::{AtStart, Kit, Locks, Service};
use crate::source::{Place, Problem};

pub(super) fn check(kit: &Kit, draft: &mut Draft) {
    schemas(kit, draft);
    sizes(kit, draft);
}

fn schemas(kit: &Kit, draft: &mut Draft) {
    for (name, schema) in &kit.schemas {
        let place = draft.names.get("schema").and_then(|names| names.get(name)).cloned();
        let databases = draft.names.get("database");
        if !databases.is_some_and(|databases| databases.contains_key(name)) {
            let known = databases.into_iter().flat_map(|names| names.keys()).map(String::as_str);
            let help = crate::hcl::list(name, "databases", known);
            draft.problems.push(Problem::new(
                place,
                format!("schema \"{name}\" belongs to no database"),
                "a schema has the name of its database",
                help,
            ));
            continue;
        }
        if schema.at_start != AtStart::Always || schema.locks != Locks::None {
            continue;
        }
        let used = vec!["database".to_owned(), name.clone()];
        let users = kit.services.iter().filter(|service| service.process.uses.contains(&used));
        let Some(many) = users.clone().find(|service| most(service) > 1) else {
            if users.count() < 2 {
                continue;
            }
            draft.problems.push(starts_collide(place, "several services use it"));
            continue;
        };
        let why = format!("service \"{}\" runs {} of it", many.process.name, most(many));
        draft.problems.push(starts_collide(place, &why));
    }
}

fn starts_collide(place: Option<Place>, why: &str) -> Problem {
    Problem::new(
        place,
        "at_start = always with locks = none",
        format!("{why}: two starts at once would migrate at the same time"),
        "run one replica, or let a job of phase migrate do it and write `at_start = \"never\"`",
    )
}

/// The most containers of a service that can run at once.
fn most(service: &Service) -> u32 {
    let sizes =
        service.sizes.values().map(|size| size.max.unwrap_or(size.replicas).max(size.replicas));
    let scale = service.scale.as_ref().map(|scale| scale.max);
    sizes.chain(scale).chain([service.replicas]).max().unwrap_or(0)
}

/// Every size that a block names exists, and a service that says its resources by sizes alone
/// says them for all.
fn sizes(kit: &Kit, draft: &mut Draft) {
    let known: Vec<&str> = kit.sizes.iter().map(|size| size.name.as_str()).collect();
    let services = kit.services.iter().map(|service| {
        (format!("service.{}", service.process.name), service.sizes.keys().collect::<Vec<_>>())
    });
    let databases = kit.databases.iter().map(|(name, database)| {
        (format!("database.{name}"), database.sizes.keys().collect::<Vec<_>>())
    });
    for (at, named) in services.chain(databases).filter(|(_, named)| !named.is_empty()) {
        for name in named.iter().filter(|name| !known.contains(&name.as_str())) {
            draft.problems.push(Problem::new(
                Draft::place_of(kit, &format!("{at}.sizes.{name}")),
                format!("`{at}` has a size \"{name}\""),
                "there is no block `size` of that name",
                crate::hcl::list(name, "sizes", known.iter().copied()),
            ));
        }
        let missing: Vec<&str> = known
            .iter()
            .filter(|name| !named.iter().any(|given| given == *name))
            .copied()
            .collect();
        let has_base = ["cpu", "memory", "replicas"]
            .iter()
            .all(|name| Draft::place_of(kit, &format!("{at}.{name}")).is_some());
        if !missing.is_empty() && !has_base && at.starts_with("service") {
            draft.problems.push(Problem::new(
                Draft::place_of(kit, &format!("{at}.sizes")),
                format!("`{at}` says nothing for size {}", missing.join(", ")),
                "without `cpu`, `memory` and `replicas` of its own it needs all sizes",
                "add the size, or the three attributes",
            ));
        }
    }
}
