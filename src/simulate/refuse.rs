//! What a rehearsal refuses to run, because it would reach out of the simulated cloud: terraform
//! runs provisioners and foreign providers for real.

use super::catalogue::catalogue;
use super::platform::Platform;
use crate::failure::Result;
use crate::kit::model::CloudName;
use crate::release::foreign::{Rules, scan};

/// Scans rendered files, given as (path as shown, text), and reports with its place everything
/// that would reach out: provisioners, data sources other than AWS policy documents, providers
/// other than the cloud's own, modules from elsewhere, and resource types that are not served.
///
/// Fails with exit code 2 and all problems at once. Files whose name does not end in `.tf` are
/// ignored, but `.tf.json` is refused: nothing here can read it.
pub fn refuse_foreign<'a>(
    cloud: CloudName,
    files: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<()> {
    let platform = Platform::from(cloud);
    let catalogue = catalogue(platform)?;
    let own = format!("hashicorp/{}", platform.provider());
    let help = match platform {
        Platform::Aws => [
            "data/aws-types.txt lists what can be",
            "only aws_iam_policy_document may be used; pass values in",
            "only hashicorp/aws is simulated",
        ],
        Platform::Google => [
            "data/google-types.txt lists what can be",
            "no data source may be used; pass values in",
            "only hashicorp/google is simulated on Google Cloud",
        ],
    };
    let rules = Rules {
        resource: &|kind| catalogue.resources.contains_key(kind),
        data: &|kind| catalogue.data_sources.contains_key(kind),
        provider: &|source| source.eq_ignore_ascii_case(&own),
        verdict: "cannot be rehearsed",
        why: "terraform would run it for real, also in a rehearsal",
        help,
    };
    scan(files, &rules)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

    use super::*;

    const FOREIGN: &str = r#"terraform {
  required_providers {
    aws  = { source = "hashicorp/aws" }
    null = { "source" = "hashicorp/null", version = "3.2.0" }
  }
}
provider "kubernetes" {}
resource "aws_vpc" "this" {
  cidr_block = "10.0.0.0/16"
  provisioner "local-exec" { command = "curl https://example.com" }
}
resource "null_resource" "this" {}
data "external" "this" { program = ["sh"] }
data "aws_iam_policy_document" "this" {}
module "vpc" { source = "terraform-aws-modules/vpc/aws" }
check "up" {
  data "http" "this" { url = "https://example.com" }
}
"#;

    #[test]
    fn everything_that_reaches_out_is_named_with_its_line() {
        let failure = refuse_foreign(CloudName::Aws, [("services/main.tf", FOREIGN)]).unwrap_err();
        let report = failure.to_string();
        for (line, what) in [
            (4, "the provider null (hashicorp/null)"),
            (7, "the provider kubernetes"),
            (10, "aws_vpc.this has a provisioner local-exec"),
            (12, "the resource type null_resource"),
            (13, "the data source external reaches out"),
            (15, "the module source terraform-aws-modules/vpc/aws"),
            (17, "the data source http reaches out"),
        ] {
            assert!(report.contains(what), "{what}\n{report}");
            assert!(report.contains(&format!("services/main.tf:{line}:")), "{line}\n{report}");
        }
        assert!(failure.what().starts_with("7 problems"), "{report}");
    }

    #[test]
    fn plain_files_pass_and_json_does_not() {
        let plain = "resource \"aws_vpc\" \"this\" {}\nresource \"terraform_data\" \"this\" {}\n";
        let refuse = |files: &[(&'static str, &'static str)]| {
            refuse_foreign(CloudName::Aws, files.iter().copied())
        };
        refuse(&[("main.tf", plain), ("README.md", "{")]).unwrap();
        assert!(refuse(&[("main.tf.json", "{}")]).is_err());
        assert!(refuse(&[("main.tf", "resource {")]).is_err());
    }

    #[test]
    fn each_cloud_takes_its_own_provider_and_not_the_other() {
        let google = r#"
            terraform {
              required_providers {
                google = { source = "hashicorp/google" }
              }
            }
            provider "google" {}
            resource "google_compute_network" "this" {}
        "#;
        refuse_foreign(CloudName::Gcp, [("main.tf", google)]).unwrap();
        let refused = refuse_foreign(CloudName::Aws, [("main.tf", google)]).unwrap_err();
        assert!(refused.what().starts_with("3 problems"), "{refused}");
        let aws = "resource \"aws_vpc\" \"this\" {}\n";
        let refused = refuse_foreign(CloudName::Gcp, [("main.tf", aws)]).unwrap_err();
        assert!(refused.to_string().contains("data/google-types.txt"), "{refused}");
    }
}
