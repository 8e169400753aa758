//! Products that migrate when they start: switched off where they can be, refused where two
//! starts would collide (G6).

use std::collections::BTreeMap;

use super::resolver::Resolver;
use super::variables;
use super::wiring::Consumer;
use crate::environment::model::Variable;
use crate::kit::model::{AtStart, Locks, Service};

/// The variables that switch the migration at start off, for everyone who uses the database.
pub(super) fn off(
    resolver: &mut Resolver<'_>,
    consumer: Consumer<'_>,
    variables: &mut BTreeMap<String, Variable>,
) {
    for (database, schema) in &resolver.kit.schemas {
        if schema.at_start != AtStart::UnlessEnv || !consumer.uses("database", database) {
            continue;
        }
        let at = resolver.in_kit(&format!("schema.{database}.off"));
        for (name, value) in &schema.off {
            if let Some(at) = at {
                variables::reserve(resolver, name, at);
            }
            variables::fixed(resolver, consumer.key, name, value, at, variables);
        }
    }
}

/// A product that always migrates at its start, without a lock, must not start twice at once.
pub(super) fn at_start(resolver: &mut Resolver<'_>, service: &Service, most: u32) {
    let used = |name: &str| {
        service
            .process
            .uses
            .iter()
            .any(|used| matches!(used.as_slice(), [k, n, ..] if k == "database" && n == name))
    };
    for (database, schema) in &resolver.kit.schemas {
        let collides = schema.at_start == AtStart::Always && schema.locks == Locks::None;
        if collides && most > 1 && used(database) {
            let name = &service.process.name;
            let at = resolver.draft.overrides.get(&("service".to_owned(), name.clone()));
            let at = at
                .and_then(|given| given.place.clone())
                .unwrap_or_else(|| service.process.place.clone());
            resolver.problem(
                at,
                format!("service.{name} has up to {most} replicas, and each migrates database.{database} when it starts"),
                "the schema says `at_start = always` and `locks = none`: two starts would collide",
                "write replicas = 1",
            );
        }
    }
}
