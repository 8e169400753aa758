//! What a rehearsal is told to make go wrong.
//!
//! A fault is `OPERATION=SUBJECT[:option]...`, for example `create=aws_nat_gateway:nth=2` or
//! `job=migrate:exit=1`. [`HELP`] is the whole grammar. Every injected error is labelled, so that
//! nobody mistakes it for a finding.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::account::Tampering;
use super::catalogue::catalogue;
use super::platform::Platform;
use crate::cloud::gcp;
use crate::failure::{Failure, Result};
use crate::report::Step;

/// The grammar, for `--help` and for messages.
pub const HELP: &str = "\
create=TYPE update=TYPE delete=TYPE read=TYPE   a call of terraform's provider fails; TYPE may end in *
    :partial    the resource exists all the same (create)
    :gone       the resource is not there any more (read)
    :delay=2s   the call takes that long, and succeeds
configure                                       the provider cannot be configured
unhealthy=SERVICE crash=SERVICE                 tasks of a new deployment fail their health check / exit
    :exit=N     the exit code of a crash (1)
job=JOB                                         a one-off job fails
    :exit=N     its exit code (1)
    :polls=N    it is still running at the first N looks, then ends well unless exit= is given
    :hang       it never ends
missing-secret=NAME                             tasks find no value in that secret
certificate=pending                             certificates are not issued yet
deny=SERVICE:ACTION                             an API call is refused: deny=ecs:RunTask, deny=run:jobs.runWithOverrides
policy=API                                      a policy of the organization forbids an API of Google Cloud:
                                                policy=sqladmin.googleapis.com
disabled=API                                    the API that knows who may do what is off until the run enables it:
                                                disabled=cloudresourcemanager.googleapis.com
drift=TYPE[PART].ATTRIBUTE=VALUE                somebody changed an applied resource before the command; without
                                                .ATTRIBUTE=VALUE it is gone; [PART] of its name may be left out
snapshot=failed                                 a snapshot of a database fails
kill=STEP kill-after=STEP                       Landfall is killed when a step begins / has ended: kill=migrate
    :nth=N      at the Nth event of the step instead, its beginning being the first
each but drift: :nth=N the Nth time only (1), :times=N that often in a row (1), :times=always";

/// Where a fault can strike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Create,
    Update,
    Delete,
    Read,
    Configure,
    Unhealthy,
    Crash,
    Job,
    MissingSecret,
    Certificate,
    Deny,
    Policy,
    Disabled,
    Snapshot,
    Kill,
    KillAfter,
}

/// How drift is asked for: it strikes no call, it happened before.
const DRIFT: &str = "drift";

const OPERATIONS: &[(&str, Operation, &[&str])] = &[
    ("create", Operation::Create, &["partial", "delay"]),
    ("update", Operation::Update, &["delay"]),
    ("delete", Operation::Delete, &["delay"]),
    ("read", Operation::Read, &["gone", "delay"]),
    ("configure", Operation::Configure, &[]),
    ("unhealthy", Operation::Unhealthy, &[]),
    ("crash", Operation::Crash, &["exit"]),
    ("job", Operation::Job, &["exit", "polls", "hang"]),
    ("missing-secret", Operation::MissingSecret, &[]),
    ("certificate", Operation::Certificate, &[]),
    ("deny", Operation::Deny, &[]),
    ("policy", Operation::Policy, &[]),
    ("disabled", Operation::Disabled, &[]),
    ("snapshot", Operation::Snapshot, &[]),
    ("kill", Operation::Kill, &[]),
    ("kill-after", Operation::KillAfter, &[]),
];

/// What strikes a call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Effect {
    /// How the fault was written, labelled.
    pub(crate) label: String,
    /// Take this long first; then nothing fails.
    pub(crate) delay: Option<Duration>,
    /// A create that fails leaves the resource behind.
    pub(crate) partial: bool,
    /// A read finds nothing.
    pub(crate) gone: bool,
    /// Exit code of a job or a crashing task.
    pub(crate) exit: Option<i32>,
    /// A job is still running at that many looks.
    pub(crate) polls: u32,
    /// A job never ends.
    pub(crate) hang: bool,
}

#[derive(Debug)]
struct Rule {
    operation: Operation,
    subject: String,
    nth: u32,
    times: u32,
    effect: Effect,
}

/// The faults of one rehearsal; it counts how often each could have struck.
#[derive(Debug, Default)]
pub struct Faults {
    /// What happened behind everybody's back, before anything else.
    tampering: Vec<Tampering>,
    rules: Vec<Rule>,
    seen: Mutex<Vec<u32>>,
}

impl Faults {
    /// Nothing goes wrong.
    pub fn none() -> Self {
        Self::default()
    }

    /// Reads faults as they are written on the command line; every one that makes no sense is
    /// reported (exit 2).
    pub fn parse(faults: &[String]) -> Result<Self> {
        let mut rules = Vec::new();
        let mut tampering = Vec::new();
        let mut wrong = Vec::new();
        for fault in faults {
            if let Some(drift) = fault.strip_prefix(DRIFT).and_then(|it| it.strip_prefix('=')) {
                match Tampering::parse(drift).and_then(|it| served(&it.kind).map(|()| it)) {
                    Ok(drift) => tampering.push(drift),
                    Err(why) => wrong.push(format!("{fault}: {why}")),
                }
                continue;
            }
            match rule(fault) {
                Ok(rule) => rules.push(rule),
                Err(why) => wrong.push(format!("{fault}: {why}")),
            }
        }
        if wrong.is_empty() {
            return Ok(Self { seen: Mutex::new(vec![0; rules.len()]), rules, tampering });
        }
        let mut failure = Failure::input("a fault cannot be injected");
        for line in wrong {
            failure = failure.because(line);
        }
        Err(failure.next(format!("a fault is one of\n{HELP}")))
    }

    /// What happened behind everybody's back.
    pub(crate) fn tampering(&self) -> &[Tampering] {
        &self.tampering
    }

    /// What strikes this call. Asking counts as a call.
    pub(crate) fn strike(&self, operation: Operation, subject: &str) -> Option<Effect> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let mut struck = None;
        for (rule, seen) in self.rules.iter().zip(seen.iter_mut()) {
            if rule.operation != operation || !rule.is_about(subject) {
                continue;
            }
            *seen += 1;
            let hit = *seen >= rule.nth && *seen - rule.nth < rule.times;
            if hit && struck.is_none() {
                struck = Some(rule.effect.clone());
            }
        }
        struck
    }
}

impl Rule {
    /// A type is named in full or by its start and `*`; a service, job or secret also by what
    /// stands after the last separators of its name (`web` is `acme-prod-web`).
    fn is_about(&self, subject: &str) -> bool {
        let named = self.subject.as_str();
        if let Some(start) = named.strip_suffix('*') {
            return subject.starts_with(start);
        }
        let by_end = matches!(
            self.operation,
            Operation::Unhealthy | Operation::Crash | Operation::Job | Operation::MissingSecret
        );
        let end =
            || subject.strip_suffix(named).is_some_and(|start| start.ends_with(['-', '/', '_']));
        subject == named || by_end && end()
    }
}

fn rule(fault: &str) -> std::result::Result<Rule, String> {
    let (name, rest) = fault.split_once('=').unwrap_or((fault, ""));
    let known = OPERATIONS.iter().find(|(known, ..)| *known == name);
    let Some((_, operation, allowed)) = known.copied() else {
        let mut names: Vec<&str> = OPERATIONS.iter().map(|(name, ..)| *name).collect();
        names.push(DRIFT);
        return Err(format!("there is no operation `{name}`; there are {}", names.join(", ")));
    };
    let mut parts = rest.split(':');
    let mut subject = parts.next().unwrap_or_default().to_owned();
    if operation == Operation::Deny {
        let action = parts.next().unwrap_or_default();
        subject = format!("{subject}:{action}");
    }
    check_subject(operation, &subject)?;
    let label = format!("simulated fault: {fault}");
    let always = matches!(
        operation,
        Operation::MissingSecret
            | Operation::Certificate
            | Operation::Deny
            | Operation::Policy
            | Operation::Disabled
    );
    let mut rule = Rule {
        operation,
        subject,
        nth: 1,
        times: if always { u32::MAX } else { 1 },
        effect: Effect { label, ..Effect::default() },
    };
    for option in parts {
        let (key, value) = option.split_once('=').unwrap_or((option, ""));
        if !["nth", "times"].contains(&key) && !allowed.contains(&key) {
            return Err(format!("`{name}` has no option `{key}`"));
        }
        rule.set(key, value)?;
    }
    Ok(rule)
}

fn check_subject(operation: Operation, subject: &str) -> std::result::Result<(), String> {
    match operation {
        Operation::Configure if subject.is_empty() => Ok(()),
        Operation::Configure => Err("it takes no subject".to_owned()),
        _ if subject.is_empty() || subject == ":" => Err("say what it strikes, after =".to_owned()),
        Operation::Certificate if subject != "pending" => {
            Err(format!("a certificate can be `pending`, not `{subject}`"))
        }
        Operation::Kill | Operation::KillAfter
            if !Step::UPDATE.iter().any(|step| step.key() == subject) =>
        {
            let steps: Vec<String> = Step::UPDATE.iter().map(|step| step.key()).collect();
            Err(format!("there is no step `{subject}`; there are {}", steps.join(", ")))
        }
        Operation::Deny if subject.split(':').any(str::is_empty) => {
            Err("say the service and the action, such as deny=ecs:RunTask".to_owned())
        }
        Operation::Policy if !gcp::apis().any(|api| api == subject) => {
            let apis: Vec<&str> = gcp::apis().collect();
            Err(format!("no environment needs the API `{subject}`; they need {}", apis.join(", ")))
        }
        Operation::Disabled if subject != gcp::RESOURCE_MANAGER => {
            Err(format!("the API that can be off is {}", gcp::RESOURCE_MANAGER))
        }
        Operation::Snapshot if subject != "failed" => {
            Err(format!("a snapshot can be `failed`, not `{subject}`"))
        }
        Operation::Create | Operation::Update | Operation::Delete | Operation::Read => {
            served(subject)
        }
        _ => Ok(()),
    }
}

/// Fails if no type of this name, or with this start and `*`, is served.
fn served(subject: &str) -> std::result::Result<(), String> {
    let catalogue = catalogue(Platform::of_type(subject));
    let types = &catalogue.map_err(|failure| failure.what().to_owned())?.resources;
    let start = subject.trim_end_matches('*');
    if types.contains_key(subject)
        || start != subject && types.keys().any(|it| it.starts_with(start))
    {
        return Ok(());
    }
    let near = types
        .keys()
        .max_by(|a, b| {
            strsim::jaro_winkler(a, subject).total_cmp(&strsim::jaro_winkler(b, subject))
        })
        .map_or(String::new(), |near| format!("; did you mean `{near}`?"));
    Err(format!("the rehearsal serves no resource type `{subject}`{near}"))
}

impl Rule {
    fn set(&mut self, key: &str, value: &str) -> std::result::Result<(), String> {
        let number = || value.parse().map_err(|_| format!("{key}= takes a number, not `{value}`"));
        let positive = || match number() {
            Ok(0) => Err(format!("{key}= counts from 1")),
            number => number,
        };
        match key {
            "nth" => self.nth = positive()?,
            "times" if value == "always" => self.times = u32::MAX,
            "times" => self.times = positive()?,
            "polls" => self.effect.polls = number()?,
            "exit" => {
                let code = number()?;
                self.effect.exit = Some(i32::try_from(code).map_err(|error| error.to_string())?);
            }
            "delay" => {
                self.effect.delay = Some(duration(value).ok_or_else(|| {
                    format!("delay= takes a duration such as 500ms or 2s, not `{value}`")
                })?);
            }
            "partial" | "gone" | "hang" if value.is_empty() => match key {
                "partial" => self.effect.partial = true,
                "gone" => self.effect.gone = true,
                _ => self.effect.hang = true,
            },
            _ => return Err(format!("`{key}` takes no value")),
        }
        Ok(())
    }
}

fn duration(text: &str) -> Option<Duration> {
    if let Some(number) = text.strip_suffix("ms") {
        return number.parse().ok().map(Duration::from_millis);
    }
    text.strip_suffix('s')?.parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

    use super::*;

    fn parse(faults: &[&str]) -> Result<Faults> {
        Faults::parse(&faults.iter().map(|fault| (*fault).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn the_nth_call_is_struck_and_the_next_is_not() {
        let faults = parse(&["create=aws_nat_gateway:nth=2", "create=aws_iam_*:times=2"]).unwrap();
        parse(&["create=google_sql_database_instance", "read=google_*", "read=*"]).unwrap();
        let strikes = |kind: &str| faults.strike(Operation::Create, kind).is_some();
        assert_eq!([(); 3].map(|()| strikes("aws_nat_gateway")), [false, true, false]);
        assert_eq!([(); 3].map(|()| strikes("aws_iam_role")), [true, true, false]);
        assert!(!strikes("aws_vpc"));
        assert_eq!(faults.strike(Operation::Delete, "aws_iam_role"), None);
    }

    #[test]
    fn workloads_are_named_by_their_end() {
        let faults = parse(&["unhealthy=web:times=always", "missing-secret=api-key"]).unwrap();
        let unhealthy = |name| faults.strike(Operation::Unhealthy, name).is_some();
        assert!(unhealthy("acme-prod-web") && unhealthy("web"));
        assert!(!unhealthy("acme-prod-cobweb") && !unhealthy("web-admin"));
        let missing = |name| faults.strike(Operation::MissingSecret, name).is_some();
        assert!(missing("acme/prod/api-key") && missing("acme/prod/api-key"));
    }

    #[test]
    fn options_reach_the_effect() {
        let faults = parse(&["job=migrate:exit=7:polls=2", "deny=ecs:RunTask:nth=2"]).unwrap();
        let effect = faults.strike(Operation::Job, "migrate").unwrap();
        assert_eq!((effect.exit, effect.polls), (Some(7), 2));
        assert_eq!(effect.label, "simulated fault: job=migrate:exit=7:polls=2");
        assert_eq!(faults.strike(Operation::Deny, "ecs:RunTask"), None);
        assert!(faults.strike(Operation::Deny, "ecs:RunTask").is_some());
    }

    #[test]
    fn nonsense_is_refused_all_at_once() {
        let failure = parse(&[
            "explode=web",
            "create=aws_nat_gatway",
            "create=",
            "job=migrate:gone",
            "job=migrate:exit=one",
            "create=aws_vpc:nth=0",
            "certificate=revoked",
            "deny=ecs",
            "disabled=run.googleapis.com",
            "create=aws_vpc:delay=soon",
            "drift=aws_vpc",
            "drift=aws_vpcs.cidr_block=1",
            "drift=aws_vpc.cidr_block",
        ])
        .unwrap_err();
        let reasons = failure.reasons();
        assert_eq!(reasons.len(), 12, "{reasons:#?}");
        assert!(reasons[1].contains("did you mean `aws_nat_gateway`?"), "{}", reasons[1]);
        assert_eq!(failure.exit(), crate::failure::Exit::Input);
    }
}
