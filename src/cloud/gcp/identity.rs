//! Who is calling, and which project that is.

use serde::Deserialize;

use super::Gcp;
use super::rest::{Request, Trouble};
use crate::cloud::Identity;
use crate::failure::{Failure, Result};

/// `cloudresourcemanager.v3#Project`.
#[derive(Debug, Deserialize)]
struct Project {
    /// `projects/415104041262`.
    name: String,
    #[serde(rename = "projectId")]
    id: String,
    #[serde(default)]
    state: String,
}

/// `oauth2.v2#Userinfo`.
#[derive(Debug, Default, Deserialize)]
struct Userinfo {
    email: Option<String>,
}

/// `serviceusage.v1#GoogleApiServiceusageV1Service`.
#[derive(Debug, Deserialize)]
struct Service {
    /// `projects/415104041262/services/serviceusage.googleapis.com`.
    name: String,
}

/// Ends every service account's e-mail address.
const SERVICE_ACCOUNT: &str = ".gserviceaccount.com";

pub(super) async fn read(gcp: &Gcp) -> Result<Identity> {
    let arn = caller(gcp).await?;
    let (account, number) = project(gcp).await?;
    Ok(Identity {
        account,
        project_number: Some(number),
        arn,
        partition: "gcp".to_owned(),
        region: gcp.region.clone(),
    })
}

/// `user:...` or `serviceAccount:...`, as IAM writes members. A workforce or workload identity has
/// no e-mail address, so its name is not known here.
async fn caller(gcp: &Gcp) -> Result<String> {
    let call = gcp.call("find out who is calling Google Cloud", "*", "*");
    let request = Request::get(&gcp.endpoints.oauth2, "oauth2/v2/userinfo")?;
    let email = match gcp.rest.json::<Userinfo>(request).await {
        Ok(found) => found.email,
        // The token is not for asking who it belongs to. Whether it is good for anything is said
        // by the call for the project.
        Err(Trouble::Refused(refusal)) if matches!(refusal.status, 401 | 403) => None,
        Err(trouble) => return Err(call.failed(&trouble)),
    };
    Ok(match email {
        Some(email) if email.ends_with(SERVICE_ACCOUNT) => format!("serviceAccount:{email}"),
        Some(email) => format!("user:{email}"),
        None => "principal:without an e-mail address".to_owned(),
    })
}

/// Id and number of the project, as Google has them.
async fn project(gcp: &Gcp) -> Result<(String, String)> {
    let call = gcp
        .call(
            format!("look for project `{}`", gcp.project),
            "resourcemanager.projects.get",
            format!("project `{}`", gcp.project),
        )
        .denial_may_mean("the permission is missing, or there is no such project");
    let path = format!("v3/projects/{}", gcp.project);
    let request = Request::get(&gcp.endpoints.resource_manager, &path)?;
    let found = match gcp.rest.json::<Project>(request).await {
        Ok(found) => found,
        // A fresh project does not have this API yet; the one that enables it knows the number.
        Err(Trouble::Refused(refusal)) if refusal.is_api_disabled() => {
            return match number_by_service_usage(gcp).await {
                Some(number) => Ok((gcp.project.clone(), number)),
                None => Err(call.failed(&Trouble::Refused(refusal))),
            };
        }
        Err(trouble) => return Err(call.failed(&trouble)),
    };
    if found.state == "DELETE_REQUESTED" {
        return Err(Failure::failed(format!("project {} is being deleted", found.id))
            .next(format!("`gcloud projects undelete {}`", found.id)));
    }
    match found.name.strip_prefix("projects/") {
        Some(number) => Ok((found.id, number.to_owned())),
        None => Err(call.refused("the answer names no project number")),
    }
}

async fn number_by_service_usage(gcp: &Gcp) -> Option<String> {
    let path = format!("v1/projects/{}/services/serviceusage.googleapis.com", gcp.project);
    let request = Request::get(&gcp.endpoints.service_usage, &path).ok()?;
    let service = gcp.rest.json::<Service>(request).await.ok()?;
    let number = super::names::part(&service.name, "projects")?;
    number.bytes().all(|byte| byte.is_ascii_digit()).then(|| number.to_owned())
}
