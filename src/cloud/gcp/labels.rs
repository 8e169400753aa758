//! What carries a label: the only way to find a resource of which terraform knows nothing. The
//! Cloud Asset API, which lists everything, is not assumed; each kind that is expensive to make
//! twice is asked for by its own list.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::Gcp;
use super::names::short;
use super::rest::Request;
use crate::cloud::TaggedResource;
use crate::failure::Result;

/// Characters of a label's key or value.
const LIMIT: usize = 63;

/// A list that is asked for.
struct List<'a> {
    endpoint: &'a str,
    path: String,
    /// The field of the answer that holds the resources.
    field: &'static str,
    right: &'static str,
}

/// A resource of one of the lists.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Resource {
    name: String,
    labels: BTreeMap<String, String>,
    settings: Settings,
}

/// `sqladmin.v1#Settings`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Settings {
    user_labels: BTreeMap<String, String>,
}

/// Every such resource with this label, sorted by full name.
pub(super) async fn labelled(gcp: &Gcp, name: &str, value: &str) -> Result<Vec<TaggedResource>> {
    let (key, value) = (label(name), label(value));
    let mut found = Vec::new();
    for list in lists(gcp) {
        for resource in read(gcp, &list, &key, &value).await? {
            let labels = [&resource.labels, &resource.settings.user_labels];
            if labels.iter().any(|labels| labels.get(&key) == Some(&value)) {
                found.push(tagged(gcp, &resource.name));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Named as Terraform's ids are: Cloud SQL answers with a short name, Secret Manager with the
/// number of the project.
fn tagged(gcp: &Gcp, name: &str) -> TaggedResource {
    let full = if name.contains('/') {
        gcp.with_project_id(name)
    } else {
        format!("projects/{}/instances/{name}", gcp.project)
    };
    TaggedResource { name: Some(short(&full).to_owned()), arn: full }
}

/// `run.v2#GoogleCloudRunV2ListServicesResponse.services` and its like, `sqladmin.v1`
/// `#InstancesListResponse.items`, `secretmanager.v1#ListSecretsResponse.secrets`.
fn lists(gcp: &Gcp) -> Vec<List<'_>> {
    let run = |kind: &str, field, right| List {
        endpoint: &gcp.endpoints.run,
        path: format!("v2/{}/{kind}", gcp.location()),
        field,
        right,
    };
    vec![
        run("services", "services", "run.services.list"),
        run("jobs", "jobs", "run.jobs.list"),
        run("workerPools", "workerPools", "run.workerpools.list"),
        List {
            endpoint: &gcp.endpoints.sql_admin,
            path: format!("v1/projects/{}/instances", gcp.project),
            field: "items",
            right: "cloudsql.instances.list",
        },
        List {
            endpoint: &gcp.endpoints.secret_manager,
            path: format!("v1/projects/{}/secrets", gcp.project),
            field: "secrets",
            right: "secretmanager.secrets.list",
        },
    ]
}

/// All pages of a list. An API that is not enabled has nothing.
async fn read(gcp: &Gcp, list: &List<'_>, key: &str, value: &str) -> Result<Vec<Resource>> {
    let call = gcp.call(
        format!("look for {} labelled `{key}` = `{value}`", list.field),
        list.right,
        format!("project `{}`", gcp.project),
    );
    let mut found = Vec::new();
    let mut token: Option<String> = None;
    loop {
        let mut request = Request::get(list.endpoint, &list.path)?;
        if let Some(token) = &token {
            request = request.query("pageToken", token);
        }
        let page: Value = match gcp.rest.json(request).await {
            Ok(page) => page,
            Err(trouble) if trouble.is_api_disabled() => {
                return Ok(found);
            }
            Err(trouble) => return Err(call.failed(&trouble)),
        };
        for resource in page[list.field].as_array().into_iter().flatten() {
            found.push(Resource::deserialize(resource).map_err(|error| {
                call.refused("the answer is not what Google Cloud documents").caused_by(error)
            })?);
        }
        token = page["nextPageToken"].as_str().filter(|it| !it.is_empty()).map(str::to_owned);
        if token.is_none() {
            return Ok(found);
        }
    }
}

/// A tag as a label: lower case letters, digits, `-` and `_`, 63 at most.
fn label(text: &str) -> String {
    let fits = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' };
    text.to_lowercase().chars().map(fits).take(LIMIT).collect()
}

/// Whether there is a service account of this name (`iam.v1#ServiceAccount`).
pub(super) async fn has_service_account(gcp: &Gcp, name: &str) -> Result<bool> {
    let email = format!("{name}@{}.iam.gserviceaccount.com", gcp.project);
    let call = gcp.call(
        format!("look for the service account `{email}`"),
        "iam.serviceAccounts.get",
        format!("project `{}`", gcp.project),
    );
    let path = format!("v1/projects/{}/serviceAccounts/{email}", gcp.project);
    match gcp.rest.send(Request::get(&gcp.endpoints.iam, &path)?).await {
        Ok(_) => Ok(true),
        Err(trouble) if trouble.is_not_found() => Ok(false),
        Err(trouble) if trouble.is_api_disabled() => Ok(false),
        Err(trouble) => Err(call.failed(&trouble)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_becomes_a_label_that_google_takes() {
        assert_eq!(label("landfall:environment"), "landfall-environment");
        assert_eq!(label("Acme Prod.1"), "acme-prod-1");
        assert_eq!(label(&"x".repeat(70)).len(), 63);
    }
}
