//! Starting one-off jobs: executions of Cloud Run jobs, with a token among their variables, since
//! Cloud Run knows none of its own.

use std::collections::BTreeMap;

use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Gcp;
use super::call::Call;
use super::executions::Execution;
use super::names::{part, short};
use super::operations::Operation;
use super::refusal::Refusal;
use super::rest::{Request, Trouble};
use crate::cloud::{JobHandle, JobRequest, MAIN};
use crate::failure::{Failure, Result};

/// The variable that holds the token of a start.
const TOKEN: &str = "LANDFALL_TOKEN";
/// Executions of a page; Cloud Run keeps a thousand of a job.
const PAGE: &str = "100";

/// `run.v2#GoogleCloudRunV2ListExecutionsResponse`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Executions {
    executions: Vec<Execution>,
    next_page_token: String,
}

/// Starts a job, or attaches to the execution that its token already started.
pub(super) async fn start(gcp: &Gcp, request: &JobRequest) -> Result<JobHandle> {
    let job = &request.task_definition;
    if part(job, "jobs").is_none() {
        return Err(Failure::failed(format!("cannot start job `{}`", request.name))
            .because(format!("`{job}` is not `projects/P/locations/R/jobs/NAME`")));
    }
    let execution = match with_token(gcp, job, &request.token).await? {
        Some(execution) => execution,
        None => run(gcp, request).await?,
    };
    Ok(JobHandle {
        cluster: request.cluster.clone(),
        log_group: request.log_group.clone(),
        log_stream: short(&execution).to_owned(),
        task: execution,
    })
}

/// The execution that was started with this token, running or not.
async fn with_token(gcp: &Gcp, job: &str, token: &str) -> Result<Option<String>> {
    let call = gcp.call(
        format!("look for executions of job `{job}`"),
        "run.executions.list",
        format!("job `{job}`"),
    );
    let mut page_token = String::new();
    loop {
        let path = format!("v2/{job}/executions");
        let mut request = Request::get(&gcp.endpoints.run, &path)?.query("pageSize", PAGE);
        if !page_token.is_empty() {
            request = request.query("pageToken", &page_token);
        }
        let page: Executions = match gcp.rest.json(request).await {
            Ok(page) => page,
            // The start says it better: there is no such job.
            Err(trouble) if trouble.is_not_found() => return Ok(None),
            Err(trouble) => return Err(call.failed(&trouble)),
        };
        let carries = |it: &Execution| it.template.containers.iter().any(|it| it.has(TOKEN, token));
        if let Some(found) = page.executions.into_iter().find(carries) {
            return Ok(Some(found.name));
        }
        if page.next_page_token.is_empty() {
            return Ok(None);
        }
        page_token = page.next_page_token;
    }
}

/// Runs the job; the name of the execution. Never repeated: a second one would run beside it.
async fn run(gcp: &Gcp, request: &JobRequest) -> Result<String> {
    let job = &request.task_definition;
    let call = gcp.call(
        format!("start job `{}`", request.name),
        "run.jobs.runWithOverrides",
        format!("job `{job}`, and to act as its service account (`iam.serviceAccounts.actAs`)"),
    );
    let mut variables: BTreeMap<&str, &str> =
        request.environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    variables.insert(TOKEN, &request.token);
    let variables: Vec<Value> = variables
        .into_iter()
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .collect();
    let body = json!({ "overrides": {
        "containerOverrides": [{ "name": MAIN, "env": variables }] } });
    let sent = Request::json(Method::POST, &gcp.endpoints.run, &format!("v2/{job}:run"), &body)?;
    let operation: Operation = match gcp.rest.json(sent).await {
        Ok(operation) => operation,
        Err(trouble) if trouble.is_not_found() => {
            return Err(call
                .failed(&trouble)
                .next("the job is made by layer `jobs`: run `landfall install` first"));
        }
        Err(trouble) => return Err(call.failed(&trouble)),
    };
    execution_of(gcp, &call, operation).await
}

/// The metadata of the operation is the execution (`run.v2` documents it as such); it may take a
/// moment to be there.
async fn execution_of(gcp: &Gcp, call: &Call, mut operation: Operation) -> Result<String> {
    for _ in 0..10 {
        if let Some(error) = &operation.error {
            let refusal = Box::new(Refusal::of_operation(error));
            return Err(call.failed(&Trouble::Refused(refusal)));
        }
        for place in [&operation.metadata, &operation.response] {
            if let Some(name) = place["name"].as_str().filter(|it| part(it, "executions").is_some())
            {
                return Ok(name.to_owned());
            }
        }
        tokio::time::sleep(gcp.settle).await;
        let request = Request::get(&gcp.endpoints.run, &format!("v2/{}", operation.name))?;
        operation = gcp.rest.json(request).await.map_err(|trouble| call.failed(&trouble))?;
    }
    Err(call
        .refused(format!("its operation `{}` names no execution", operation.name))
        .next("run the same command again: it attaches to the execution"))
}
