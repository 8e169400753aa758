//! `job NAME { }`.

use std::time::Duration;

use super::cron;
use super::draft::{By, Draft};
use super::model::{Consumer, Job, Phase};
use super::process::process;
use crate::hcl::{Body, Value};
use crate::source::Problem;

/// What a job gets when it does not say: vCPU and MiB.
const RESOURCES: (f64, u64) = (0.25, 512);

pub(super) fn jobs(file: &mut Body, draft: &mut Draft) -> Vec<Job> {
    let mut jobs = Vec::new();
    for (label, mut body) in file.named_blocks("job", &mut draft.problems) {
        let name = draft.enter("job", &label, &body);
        jobs.extend(job(name, &mut body, draft));
        body.finish(&mut draft.problems);
    }
    jobs
}

/// `None` for a job of phase `manual`, which is not rendered yet.
fn job(name: String, body: &mut Body, draft: &mut Draft) -> Option<Job> {
    let by = By::consumer(body, Consumer::Job(name.clone()));
    let phases = [
        ("bootstrap", Some(Phase::Bootstrap)),
        ("migrate", Some(Phase::Migrate)),
        ("post", Some(Phase::Post)),
        ("schedule", Some(Phase::Schedule)),
        ("manual", None),
    ];
    let phase_value = body.require("phase", &mut draft.problems);
    let phase =
        phase_value.as_ref().and_then(|value| value.enumeration(&phases, &mut draft.problems));
    if let (Some(None), Some(value)) = (phase, &phase_value) {
        draft.not_yet(format!("{by} of phase manual"), value.place());
    }
    let process = process(name, body, &by, Some(RESOURCES), false, draft);
    let order_value = body.take("order");
    let schedule_value = body.take("schedule");
    let timezone = body.take("timezone").and_then(|value| {
        let zone = r"^[A-Za-z_]+(/[A-Za-z0-9_+-]+){0,2}$";
        draft.matching(&value, zone, "write an IANA name like \"Europe/Berlin\"")
    });
    if let Some(phase) = phase {
        check_phase(phase, schedule_value.as_ref(), order_value.as_ref(), body, draft);
    }
    let problems = &mut draft.problems;
    let db_role = [("owner", true), ("rw", false)];
    let db_role = body.take("db_role").and_then(|value| value.enumeration(&db_role, problems));
    let phase = phase.flatten();
    let job = Job {
        process,
        phase: phase.unwrap_or(Phase::Post),
        order: order_value.and_then(|value| value.integer(-1000..=1000_i64, problems)).unwrap_or(0),
        db_owner: db_role.unwrap_or(phase == Some(Phase::Migrate)),
        timeout: body
            .take("timeout")
            .and_then(|value| value.duration(problems))
            .unwrap_or(Duration::from_mins(15)),
        retries: body
            .take("retries")
            .and_then(|value| value.integer(0..=10_u32, problems))
            .unwrap_or(0),
        overlap: body.take("overlap").and_then(|value| value.bool(problems)).unwrap_or(false),
        schedule: schedule_value.and_then(|value| schedule(&value, draft)),
        timezone: timezone.unwrap_or_else(|| "UTC".to_owned()),
    };
    phase.map(|_| job)
}

/// `schedule` belongs to phase `schedule`, `order` to the phases that run one after the other.
fn check_phase(
    phase: Option<Phase>,
    schedule: Option<&Value>,
    order: Option<&Value>,
    body: &Body,
    draft: &mut Draft,
) {
    let scheduled = phase == Some(Phase::Schedule);
    match schedule {
        None if scheduled => draft.problems.push(Problem::new(
            body.place().clone(),
            format!("{} has phase schedule and no `schedule`", body.title()),
            "nothing says when it runs",
            "add `schedule = \"17 3 * * *\"`",
        )),
        Some(value) if !scheduled => draft.problems.push(value.problem(
            "only a job of phase schedule runs by the clock",
            "write `phase = \"schedule\"`, or remove `schedule`",
        )),
        _ => {}
    }
    if let Some(value) = order
        && (scheduled || phase.is_none())
    {
        draft.problems.push(
            value.problem("jobs that run by the clock or by hand have no order", "remove `order`"),
        );
    }
}

fn schedule(value: &Value, draft: &mut Draft) -> Option<String> {
    let text = value.string(&mut draft.problems)?;
    if let Err(why) = cron::check(&text) {
        let help =
            "write five fields: minute hour day-of-month month day-of-week, like \"17 3 * * *\"";
        draft.problems.push(value.problem(why, help));
    }
    Some(text)
}
