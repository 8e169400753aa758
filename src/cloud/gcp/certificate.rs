//! TLS certificates: those of Compute Engine, and those of Certificate Manager alone or in a map.

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::Gcp;
use super::names::part;
use super::rest::Request;
use crate::cloud::Certificate;
use crate::failure::{Failure, Result};

/// How Compute Engine refers to a map of Certificate Manager.
const MANAGER: &str = "//certificatemanager.googleapis.com/";

/// `compute.v1#SslCertificate`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ComputeCertificate {
    /// `compute.v1#SslCertificateManagedSslCertificate`.
    managed: Option<ComputeManaged>,
    subject_alternative_names: Vec<String>,
    expire_time: Option<Timestamp>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ComputeManaged {
    domains: Vec<String>,
    status: String,
}

/// `certificatemanager.v1#Certificate`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ManagerCertificate {
    /// `certificatemanager.v1#ManagedCertificate`.
    managed: Option<ManagerManaged>,
    san_dnsnames: Vec<String>,
    expire_time: Option<Timestamp>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ManagerManaged {
    domains: Vec<String>,
    state: String,
}

/// `certificatemanager.v1#ListCertificateMapEntriesResponse`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Entries {
    certificate_map_entries: Vec<Entry>,
}

/// `certificatemanager.v1#CertificateMapEntry`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Entry {
    certificates: Vec<String>,
    hostname: String,
}

/// A certificate by `projects/P/global/sslCertificates/NAME` or its name alone, by
/// `projects/P/locations/L/certificates/NAME`, or all of a map by
/// `projects/P/locations/global/certificateMaps/NAME`.
pub(super) async fn read(gcp: &Gcp, id: &str) -> Result<Certificate> {
    let id = id.strip_prefix(MANAGER).unwrap_or(id);
    if part(id, "certificateMaps").is_some() {
        return of_map(gcp, id).await;
    }
    if part(id, "certificates").is_some() {
        return of_manager(gcp, id).await;
    }
    let path = match part(id, "sslCertificates") {
        // A self link is an address: what is asked for begins with the project.
        Some(_) => format!("compute/v1/{}", &id[id.find("projects/").unwrap_or_default()..]),
        None => format!("compute/v1/projects/{}/global/sslCertificates/{id}", gcp.project),
    };
    let right = "compute.sslCertificates.get";
    let found: ComputeCertificate = ask(gcp, &gcp.endpoints.compute, &path, id, right).await?;
    let (managed, mut names) = match found.managed {
        Some(managed) => (Some(managed.status), managed.domains),
        None => (None, Vec::new()),
    };
    names.extend(found.subject_alternative_names);
    Ok(judged(managed, found.expire_time, names))
}

async fn of_manager(gcp: &Gcp, id: &str) -> Result<Certificate> {
    let (path, right) = (format!("v1/{id}"), "certificatemanager.certs.get");
    let endpoint = &gcp.endpoints.certificate_manager;
    let found: ManagerCertificate = ask(gcp, endpoint, &path, id, right).await?;
    let (managed, mut names) = match found.managed {
        Some(managed) => (Some(managed.state), managed.domains),
        None => (None, Vec::new()),
    };
    names.extend(found.san_dnsnames);
    Ok(judged(managed, found.expire_time, names))
}

/// A map is issued when all of its certificates are; it is for the hosts of its entries.
async fn of_map(gcp: &Gcp, id: &str) -> Result<Certificate> {
    let path = format!("v1/{id}/certificateMapEntries");
    let right = "certificatemanager.certmapentries.list";
    let endpoint = &gcp.endpoints.certificate_manager;
    let found: Entries = ask(gcp, endpoint, &path, id, right).await?;
    let entries = found.certificate_map_entries;
    let mut names: Vec<String> = Vec::new();
    let mut whole = Certificate { issued: true, status: "ACTIVE".to_owned(), names: Vec::new() };
    for entry in &entries {
        for certificate in &entry.certificates {
            let certificate = of_manager(gcp, certificate).await?;
            if !certificate.issued {
                whole.issued = false;
                whole.status = certificate.status;
            }
            // The entry for everything else has no host: it is for those of its certificates.
            if entry.hostname.is_empty() {
                names.extend(certificate.names);
            }
        }
        names.extend(Some(entry.hostname.clone()).filter(|name| !name.is_empty()));
    }
    if entries.is_empty() {
        whole = Certificate { issued: false, status: "EMPTY".to_owned(), ..whole };
    }
    names.sort_unstable();
    names.dedup();
    Ok(Certificate { names, ..whole })
}

/// One that Google manages is issued when it says so; another's is until it expires.
fn judged(managed: Option<String>, expires: Option<Timestamp>, names: Vec<String>) -> Certificate {
    let valid = expires.is_none_or(|at| at > Timestamp::now());
    let status = match managed {
        Some(status) => status,
        None if valid => "SELF_MANAGED".to_owned(),
        None => "EXPIRED".to_owned(),
    };
    let mut names: Vec<String> =
        names.into_iter().map(|name| name.trim_end_matches('.').to_owned()).collect();
    names.sort_unstable();
    names.dedup();
    let issued = valid && matches!(status.as_str(), "ACTIVE" | "SELF_MANAGED" | "RENEWAL_FAILED");
    Certificate { issued, status, names }
}

async fn ask<T: DeserializeOwned>(
    gcp: &Gcp,
    endpoint: &str,
    path: &str,
    id: &str,
    right: &'static str,
) -> Result<T> {
    let call = gcp.call(format!("read certificate `{id}`"), right, format!("`{id}`"));
    let asked = gcp.rest.json(Request::get(endpoint, path)?).await;
    asked.map_err(|trouble| -> Failure {
        let failure = call.failed(&trouble);
        if !trouble.is_not_found() {
            return failure;
        }
        failure.next(format!(
            "`gcloud compute ssl-certificates list --project={0}`, or `gcloud certificate-manager \
             certificates list --project={0}`",
            gcp.project
        ))
    })
}
