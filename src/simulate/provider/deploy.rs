//! Deployments of `aws_ecs_service`, with the waiting that the real provider does.
//!
//! - Everything starts: the call returns at once.
//! - Tasks do not stay up: the service exists, stopped tasks pile up, and the call hangs, until
//!   terraform is interrupted or patience ends; then it fails with the state as it is.
//! - The same on an update with the circuit breaker's rollback: the platform goes back to what
//!   served, and the call **succeeds**, as the real provider's does; only the task definition that
//!   it reads back tells.

use std::time::Duration;

use serde_json::Value as Json;

use super::apply::Outcome;
use super::{Connection, Refusal, error};
use crate::simulate::value::Value;

/// How long a failing task lives here. On AWS it is minutes; a rehearsal has no time for that.
const TASK_LIVES: Duration = Duration::from_millis(100);

/// How long a call waits for a service to be steady. The real provider waits 20 minutes.
const PATIENCE: Duration = Duration::from_secs(20);

/// After so many failed tasks the circuit breaker gives up (AWS: 3 at least).
const BREAKS_AFTER: usize = 3;

/// Whether something in the service changed that starts new tasks.
fn starts_tasks(state: &Value, prior: Option<&Value>) -> bool {
    let Some(prior) = prior else { return true };
    ["task_definition", "force_new_deployment", "load_balancer", "network_configuration"]
        .iter()
        .any(|name| state.at(name) != prior.at(name))
}

/// Whether the circuit breaker is on, and whether it rolls back.
fn circuit_breaker(service: &Json) -> (bool, bool) {
    let breaker = &service["deployment_circuit_breaker"][0];
    let enabled = breaker["enable"] == true;
    (enabled, enabled && breaker["rollback"] == true)
}

impl Connection {
    /// Keeps a service and deploys it; `prior` is what it was, `made_from` the seed of a new one.
    pub(super) async fn deploy(
        &self,
        state: Value,
        made_from: Option<&str>,
        prior: Option<&Value>,
    ) -> Result<Outcome, Refusal> {
        let (account, faults) = (&self.served.account, &self.served.faults);
        let service = state.to_json();
        // First, for whoever looks at the service lets time pass: without what is to strike it, its
        // tasks would be up.
        if starts_tasks(&state, prior) {
            account.begin_deployment(&service, faults)?;
        }
        account.keep("aws_ecs_service", made_from, service.clone())?;
        let waits = service["wait_for_steady_state"] == true;
        let (breaks, rolls_back) = circuit_breaker(&service);
        let mut stopping = self.stopping.subscribe();
        let patience = tokio::time::sleep(PATIENCE);
        tokio::pin!(patience);
        let mut broken = false;
        while let Some(blocked) = account.pass_time(&service, faults)? {
            if !waits {
                break;
            }
            if breaks && !broken && blocked.stopped >= BREAKS_AFTER {
                broken = true;
                if let Some(back) = account.give_up(&service, rolls_back)? {
                    let mut service = service;
                    service["task_definition"] = back.into();
                    account.keep("aws_ecs_service", None, service.clone())?;
                    return Ok((self.service_state(&service)?, Vec::new()));
                }
            }
            let why = tokio::select! {
                () = tokio::time::sleep(TASK_LIVES) => continue,
                _ = stopping.wait_for(|stopping| *stopping) => "context canceled",
                () = &mut patience => "timeout while waiting for state to become 'STABLE'",
            };
            let what = if prior.is_some() { "update" } else { "create" };
            let id = service["id"].as_str().unwrap_or_default();
            let summary = format!("waiting for ECS Service ({id}) {what}: {why}");
            return Ok((state, vec![error(summary, "")]));
        }
        Ok((state, Vec::new()))
    }
}
