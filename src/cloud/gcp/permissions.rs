//! Which permissions the caller has on the project: `projects.testIamPermissions`, which itself needs
//! none. What is inherited from a folder or the organization counts; what is granted on a single
//! resource, or under a condition that a project does not fulfil, does not.

use http::Method;
use serde::Deserialize;
use serde_json::json;

use super::Gcp;
use super::errors;
use super::rest::{Request, Trouble};
use crate::cloud::Permissions;
use crate::failure::Result;

/// How many are asked for at once.
const LIMIT: usize = 100;

/// `cloudresourcemanager.v3#TestIamPermissionsResponse`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Held {
    /// Those that the caller has; left out if there are none.
    permissions: Vec<String>,
}

/// Asks for all of them. Where the API is not enabled in the project, none is known: a fresh project
/// lacks it, and it is enabled with the others once that was approved.
pub(super) async fn test(gcp: &Gcp, wanted: &[&str]) -> Result<Permissions> {
    let call = gcp
        .call(
            format!("ask which permissions you have in project `{}`", gcp.project),
            "resourcemanager.projects.get",
            format!("project `{}`", gcp.project),
        )
        .denial_may_mean("the call needs no permission: there may be no such project");
    let own = |them: &[&str]| them.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
    let mut found = Permissions::default();
    let mut asked: Vec<&[&str]> = wanted.chunks(LIMIT).rev().collect();
    while let Some(some) = asked.pop() {
        match held(gcp, some).await? {
            Ok(held) => {
                let missing =
                    some.iter().filter(|it| !held.permissions.iter().any(|has| has == *it));
                found.missing.extend(missing.map(|it| (*it).to_owned()));
            }
            // One that is none of a project's spoils the answer for all: it is found by halves.
            Err(trouble) if trouble.status() == Some(400) && some.len() > 1 => {
                let (first, second) = some.split_at(some.len() / 2);
                asked.extend([second, first]);
            }
            Err(trouble) if trouble.status() == Some(400) => found.unknown.extend(own(some)),
            Err(Trouble::Refused(refusal))
                if refusal.is_api_disabled()
                    && errors::other_consumer(&call, &refusal).is_none() =>
            {
                return Ok(Permissions { missing: Vec::new(), unknown: own(wanted) });
            }
            Err(trouble) => return Err(call.failed(&trouble)),
        }
    }
    Ok(found)
}

async fn held(gcp: &Gcp, permissions: &[&str]) -> Result<Result<Held, Trouble>> {
    let path = format!("v3/projects/{}:testIamPermissions", gcp.project);
    let body = json!({ "permissions": permissions });
    let request = Request::json(Method::POST, &gcp.endpoints.resource_manager, &path, &body)?;
    Ok(gcp.rest.json(request.repeatable()).await)
}
