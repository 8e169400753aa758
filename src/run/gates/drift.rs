//! G4: nothing is applied over what somebody changed in the cloud. Step `drift`.

use super::{Situation, Verdict, verdict};
use crate::drift::{self, Owner, Report};
use crate::failure::{Exit, Failure, Result};
use crate::report::plural;
use crate::run::{Finished, Run};

/// Looks for drift of an installed environment and decides by its class whether the run goes on.
/// Needs the workspace on disk as it is wanted. Without a verified install there is no gate, and
/// no report.
pub async fn drift(run: &Run) -> Result<Finished<Option<Report>>> {
    let Some(report) = drift::find(run).await? else {
        return Ok(Finished::unchanged("nothing was installed yet", None));
    };
    for finding in report.of(Owner::FailedUpdate) {
        let why = finding.rule.as_ref().map_or("", |rule| rule.why.as_str());
        run.reporter.note(format!("{}: {why}", finding.address));
    }
    if !report.is_drift() {
        let filtered = report.findings.len();
        let summary = match filtered {
            0 => "nothing was changed behind Landfall's back".to_owned(),
            count => format!("none, {} left out by rules", plural(count, "difference")),
        };
        return Ok(Finished::unchanged(summary, Some(report)));
    }
    let count = plural(report.of(Owner::Vendor).count(), "difference");
    let how = match verdict(run.environment.class, Situation::Drift) {
        Verdict::GoesOn => "goes on".to_owned(),
        Verdict::Waive(situation) => match run.waivers.reason(situation) {
            Some(reason) => {
                run.waive(situation.word(), reason);
                format!("waived: {reason}")
            }
            None => return Err(refuse(run, &report, true)),
        },
        Verdict::Stop | Verdict::Name => return Err(refuse(run, &report, false)),
    };
    for finding in report.of(Owner::Vendor) {
        run.reporter.note(format!("{}: {}", finding.layer, finding.text));
    }
    Ok(Finished::done(format!("{count}, {how}"), Some(report)))
}

fn refuse(run: &Run, report: &Report, waivable: bool) -> Failure {
    let name = &report.environment;
    let count = plural(report.of(Owner::Vendor).count(), "difference");
    let mut failure =
        Failure::new(Exit::Differs, format!("{name} was changed behind Landfall's back: {count}"))
            .because(format!("since receipt {} of {}", report.since, report.release));
    for finding in report.of(Owner::Vendor) {
        failure = failure.because(format!("{}: {}", finding.layer, finding.text));
    }
    failure = failure.because("an apply would take it back without a word to whoever did it");
    if !waivable {
        let class = run.environment.class.word();
        failure = failure.because(format!("no flag waives this for {class}"));
    }
    failure = failure
        .next(format!("take it back: `landfall drift {name} --revert`"))
        .next(format!("or want it so: {}", report.wanting()));
    if waivable {
        failure = failure
            .next("or waive it, with a reason that the receipt keeps: `--waive drift=REASON`");
    }
    failure
}
