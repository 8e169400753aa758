//! TLS certificates of ACM.

use std::time::SystemTime;

use aws_sdk_acm::types::CertificateStatus;

use super::Aws;
use crate::cloud::Certificate;
use crate::failure::Result;

pub(super) async fn read(aws: &Aws, id: &str) -> Result<Certificate> {
    let call =
        aws.call(format!("read certificate `{id}`"), "acm:DescribeCertificate", format!("`{id}`"));
    // ACM answers for its own region only, and says "not found" for all others.
    if let Some(region) = id.split(':').nth(3).filter(|region| *region != aws.region) {
        return Err(call
            .refused(format!(
                "it is in region {region}; a load balancer uses one of its own region"
            ))
            .next(format!("request or import the certificate in ACM in {}", aws.region)));
    }
    let answer = match aws.acm.describe_certificate().certificate_arn(id).send().await {
        Ok(answer) => answer,
        Err(error) => {
            let failure = call.failed(&error);
            return Err(match error.as_service_error() {
                Some(refusal) if refusal.is_resource_not_found_exception() => {
                    failure.next(format!("`aws acm list-certificates --region {}`", aws.region))
                }
                _ => failure,
            });
        }
    };
    let Some(found) = answer.certificate else {
        return Err(call.refused("the answer holds no certificate"));
    };
    let status = found.status.unwrap_or(CertificateStatus::from(""));
    let now = SystemTime::now();
    let valid =
        found.not_after.and_then(|at| SystemTime::try_from(at).ok()).is_none_or(|at| at > now);
    let mut names = found.subject_alternative_names.unwrap_or_default();
    names.extend(found.domain_name);
    names.sort_unstable();
    names.dedup();
    Ok(Certificate {
        issued: status == CertificateStatus::Issued && valid,
        status: status.as_str().to_owned(),
        names,
    })
}
