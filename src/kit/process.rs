//! What services and jobs have in common.

use super::draft::{By, Draft, Role};
use super::model::{Expression, Process};
use super::variable::check_name;
use crate::hcl::Body;

/// Most vCPU of one container that a cloud offers to it.
const MOST_CPU: f64 = 64.0;

/// What a process gets when it does not say: `(vCPU, MiB)`.
pub(super) type Resources = (f64, u64);

/// Reads the shared attributes. Without `defaults` both `cpu` and `memory` must be given, unless
/// `sized` says that sizes give them.
pub(super) fn process(
    name: String,
    body: &mut Body,
    by: &By,
    defaults: Option<Resources>,
    sized: bool,
    draft: &mut Draft,
) -> Process {
    let image = body
        .require("image", &mut draft.problems)
        .and_then(|value| draft.reference(&value, by, Role::Image))
        .and_then(|path| path.into_iter().nth(1));
    let problems = &mut draft.problems;
    let command = body.take("command").and_then(|value| value.string_list(problems));
    let required = defaults.is_none() && !sized;
    let mut take = |name| if required { body.require(name, problems) } else { body.take(name) };
    let (cpu, memory) = (take("cpu"), take("memory"));
    let cpu = cpu.and_then(|value| value.number(0.05..=MOST_CPU, problems));
    let memory = memory.and_then(|value| value.size_mib(problems));
    let (default_cpu, default_memory) = defaults.unwrap_or((0.0, 0));
    Process {
        image: image.unwrap_or_default(),
        command: command.unwrap_or_default(),
        args: arguments(body, by, draft),
        set: set(body, by, draft),
        uses: draft.references(body.take("uses"), by, Role::Uses),
        cpu: cpu.unwrap_or(default_cpu),
        memory_mib: memory.unwrap_or(default_memory),
        when: draft.when(body, by),
        place: body.place().clone(),
        name,
    }
}

/// `args`: texts and references.
pub(super) fn arguments(body: &mut Body, by: &By, draft: &mut Draft) -> Vec<Expression> {
    let items = body.take("args").and_then(|value| value.list(&mut draft.problems));
    items
        .unwrap_or_default()
        .iter()
        .filter_map(|item| draft.expression(item, by, Role::Argument))
        .collect()
}

/// `set`: variables of this process alone.
pub(super) fn set(body: &mut Body, by: &By, draft: &mut Draft) -> Vec<(String, Expression)> {
    let entries = body.take("set").and_then(|value| value.entries(&mut draft.problems));
    let mut set = Vec::new();
    for entry in entries.unwrap_or_default() {
        check_name(entry.name(), entry.name_place(), draft);
        if let Some(consumer) = &by.consumer {
            let address = format!("{}.set.{}", super::sources::address(consumer), entry.name());
            draft.places.insert(address, entry.name_place().clone());
        }
        if let Some(expression) = draft.expression(&entry, by, Role::Set) {
            set.push((entry.name().to_owned(), expression));
        }
    }
    set
}
