//! What a rehearsal refuses to run, because it would reach out of the simulated cloud: terraform
//! runs provisioners and foreign providers for real.

use super::catalogue::catalogue;
use crate::failure::Result;
use crate::release::foreign::{Rules, scan};

/// The one data source that is computed from its configuration alone.
const POLICY_DOCUMENT: &str = "aws_iam_policy_document";

/// Scans rendered files, given as (path as shown, text), and reports with its place everything
/// that would reach out: provisioners, data sources other than policy documents, providers other
/// than `hashicorp/aws`, modules from elsewhere, and resource types that are not served.
///
/// Fails with exit code 2 and all problems at once. Files whose name does not end in `.tf` are
/// ignored, but `.tf.json` is refused: nothing here can read it.
pub fn refuse_foreign<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<()> {
    let catalogue = catalogue()?;
    let rules = Rules {
        resource: &|kind| catalogue.resources.contains_key(kind),
        data: &|kind| kind == POLICY_DOCUMENT,
        provider: &|source| source.eq_ignore_ascii_case("hashicorp/aws"),
        verdict: "cannot be rehearsed",
        why: "terraform would run it for real, also in a rehearsal",
        help: [
            "data/aws-types.txt lists what can be",
            "only aws_iam_policy_document may be used; pass values in",
            "only hashicorp/aws is simulated",
        ],
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
        let failure = refuse_foreign([("services/main.tf", FOREIGN)]).unwrap_err();
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
        refuse_foreign([("main.tf", plain), ("README.md", "{")]).unwrap();
        assert!(refuse_foreign([("main.tf.json", "{}")]).is_err());
        assert!(refuse_foreign([("main.tf", "resource {")]).is_err());
    }
}
