//! Which cloud the answers tell, and what is refused, without a person at a terminal.
#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::source::{Problems, Source};

fn kit(clouds: &str) -> Kit {
    let header = format!("  format = 1\n{clouds}");
    let text = include_str!("../../../kit.hcl").replacen("  format = 1\n", &header, 1);
    let mut problems = Problems::new();
    crate::kit::parse(&Source::new("kit.hcl", &text), &mut problems).unwrap()
}

/// The answers without a person; the kit is the demo's.
fn answered(given: &[(&str, &str)]) -> Result<Answers> {
    let given = given.iter().map(|(key, answer)| ((*key).to_owned(), (*answer).to_owned()));
    Questions::of(given.collect()).answers(&kit(""))
}

const COMMON: [(&str, &str); 3] =
    [("contact", "ops@acme.example"), ("host", "a.example"), ("input_sender", "a@b.example")];

fn with(given: &[(&str, &str)]) -> Result<Answers> {
    answered(&[&COMMON, given].concat())
}

#[test]
fn the_cloud_is_told_by_what_only_one_of_them_has() {
    let aws = with(&[("account_id", "111122223333")]).unwrap();
    assert_eq!((aws.cloud, aws.get("region")), (CloudName::Aws, "eu-central-1"));
    let gcp = [("project", "acme-ledger"), ("project_number", "123456789012")];
    let gcp = with(&gcp).unwrap();
    assert_eq!((gcp.cloud, gcp.get("region")), (CloudName::Gcp, "europe-west3"));
    let text = with(&[("project_number", "123456789012")]).unwrap_err().to_string();
    assert!(text.contains("because: project: "), "{text}");
    let text = with(&[("cloud", "gcp")]).unwrap_err().to_string();
    assert!(text.contains("projects describe PROJECT"), "{text}");
    let text = with(&[]).unwrap_err().to_string();
    assert!(text.contains("because: account_id: "), "AWS is the default: {text}");
}

#[test]
fn answers_for_the_other_cloud_are_refused_by_name() {
    let (account, project) = (("account_id", "111122223333"), ("project", "acme-ledger"));
    let number = ("project_number", "123456789012");
    for (given, says) in [
        (&[account, project][..], "the answers are for both clouds: account_id, project"),
        (&[("cloud", "gcp"), account, project, number], "goes to Google Cloud: account_id"),
        (&[("cloud", "aws"), account, project, number], "goes to AWS: project, project_number"),
        (&[("cloud", "azure")], "`cloud` is \"azure\""),
        (&[account, ("projekt", "x")], "nobody asks for projekt"),
    ] {
        let text = with(given).unwrap_err().to_string();
        assert!(text.contains(says), "{given:?}: {text}");
    }
}

#[test]
fn production_has_no_plain_http_by_default() {
    let gcp = [("project", "acme-ledger"), ("project_number", "123456789012")];
    let class = ("class", "production");
    assert_eq!(with(&gcp).unwrap().get("certificate"), "none");
    assert_eq!(with(&[gcp[0], gcp[1], class]).unwrap().get("certificate"), "managed");
    let text = with(&[("account_id", "111122223333"), class]).unwrap_err().to_string();
    assert!(text.contains("because: certificate: ARN of the ACM"), "{text}");
}

#[test]
fn a_kit_for_one_cloud_decides() {
    let given = COMMON.map(|(key, answer)| (key.to_owned(), answer.to_owned()));
    let ask = |clouds: &str, more: &[(&str, &str)]| {
        let more = more.iter().map(|(key, answer)| ((*key).to_owned(), (*answer).to_owned()));
        Questions::of(given.clone().into_iter().chain(more).collect()).answers(&kit(clouds))
    };
    let text = ask("  clouds = [\"gcp\"]\n", &[]).unwrap_err().to_string();
    assert!(text.contains("because: project: "), "{text}");
    let aws_only = "  clouds = [\"aws\"]\n";
    let text = ask(aws_only, &[("project", "acme-ledger")]).unwrap_err().to_string();
    assert!(text.contains("the kit \"ledger\" does not run on Google Cloud"), "{text}");
    assert!(text.contains("its `clouds` names aws"), "{text}");
}
