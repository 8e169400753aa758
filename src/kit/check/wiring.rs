//! Who gets what: `to` and `uses` agree, and no variable has two values.

use crate::kit::draft::{Draft, Role};
use crate::kit::model::{Consumer, Expression, Kit, Process, Variable};
use crate::kit::sources::{USABLE, address};
use crate::source::{Place, Problem, Problems};

pub(super) fn check(kit: &Kit, draft: &mut Draft) {
    receivers_use_the_source(kit, draft);
    processes_use_what_they_mention(kit, draft);
    names_once(kit, draft);
}

/// Services and jobs.
fn processes(kit: &Kit) -> impl Iterator<Item = (Consumer, &Process)> {
    let services = kit
        .services
        .iter()
        .map(|service| (Consumer::Service(service.process.name.clone()), &service.process));
    let jobs = kit.jobs.iter().map(|job| (Consumer::Job(job.process.name.clone()), &job.process));
    services.chain(jobs)
}

/// The part of a source that `uses` has to name: `["database", "main"]`.
fn usable(path: &[String]) -> Option<&[String]> {
    let block = path.get(..2)?;
    USABLE.contains(&block[0].as_str()).then_some(block)
}

fn receivers_use_the_source(kit: &Kit, draft: &mut Draft) {
    for variable in &kit.variables {
        let mut sources = Vec::new();
        references(&variable.from, &mut sources);
        for (consumer, process) in processes(kit) {
            if !variable.to.contains(&consumer) {
                continue;
            }
            for source in sources.iter().filter_map(|path| usable(path)) {
                if draft.has(source) && !process.uses.iter().any(|used| used == source) {
                    let place = Draft::place_of(kit, &format!("env.{}.to", variable.name));
                    draft.problems.push(not_used(
                        place.unwrap_or_else(|| variable.place.clone()),
                        format!("env `{}` goes to {}", variable.name, address(&consumer)),
                        source,
                        &consumer,
                    ));
                }
            }
        }
    }
}

fn processes_use_what_they_mention(kit: &Kit, draft: &mut Draft) {
    let mut problems = Problems::new();
    for mention in &draft.mentions {
        let (Role::Set | Role::Argument, Some(consumer)) = (mention.role, &mention.by.consumer)
        else {
            continue;
        };
        let Some(source) = usable(&mention.path) else { continue };
        if !draft.has(source) {
            continue;
        }
        let process = processes(kit).find(|(known, _)| known == consumer);
        if process.is_some_and(|(_, process)| !process.uses.iter().any(|used| used == source)) {
            let what = format!("`{}` in {}", mention.path.join("."), mention.by);
            problems.push(not_used(mention.place.clone(), what, source, consumer));
        }
    }
    draft.problems.extend(problems);
}

fn not_used(place: Place, what: String, source: &[String], consumer: &Consumer) -> Problem {
    let source = source.join(".");
    Problem::new(
        place,
        what,
        format!("{} does not use {source}, so it has no right to it", address(consumer)),
        format!("add {source} to `uses` of {}", address(consumer)),
    )
}

/// Every reference of an expression.
fn references(expression: &Expression, found: &mut Vec<Vec<String>>) {
    match expression {
        Expression::Literal(_) => {}
        Expression::Reference(path) => found.push(path.clone()),
        Expression::Template(parts) | Expression::List(parts) => {
            for part in parts {
                references(part, found);
            }
        }
        Expression::Map(entries) => {
            for (_, part) in entries {
                references(part, found);
            }
        }
        Expression::Call(_, inner) | Expression::Not(inner) => references(inner, found),
        Expression::Binary(_, left, right) => {
            references(left, found);
            references(right, found);
        }
    }
}

/// A process gets each variable from one place: `env`, its own `set`, or a port's `number_env`.
fn names_once(kit: &Kit, draft: &mut Draft) {
    for (consumer, process) in processes(kit) {
        let at = address(&consumer);
        let mut own: Vec<(String, String)> = process
            .set
            .iter()
            .map(|(name, _)| (name.clone(), format!("{at}.set.{name}")))
            .collect();
        let service =
            kit.services.iter().find(|service| std::ptr::eq(&raw const service.process, process));
        for (name, port) in service.into_iter().flat_map(|service| &service.ports) {
            own.extend(
                port.number_env
                    .clone()
                    .map(|variable| (variable, format!("{at}.port.{name}.number_env"))),
            );
        }
        for (index, (name, place)) in own.iter().enumerate() {
            let place = Draft::place_of(kit, place).unwrap_or_else(|| process.place.clone());
            let earlier = own[..index].iter().any(|(known, _)| known == name);
            let shared = kit.variables.iter().find(|variable| variable.name == *name);
            if earlier || shared.is_some_and(|variable| reaches(variable, &consumer)) {
                let first = shared.map_or("this process gets it already".to_owned(), |variable| {
                    format!("env on line {} gives it too", variable.place.line_column().0)
                });
                draft.problems.push(Problem::new(
                    place,
                    format!("the variable `{name}` is given twice to {at}"),
                    first,
                    "remove one of them, or name other receivers with `to`",
                ));
            }
        }
    }
}

fn reaches(variable: &Variable, consumer: &Consumer) -> bool {
    variable.to.is_empty() || variable.to.contains(consumer)
}
