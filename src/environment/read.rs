//! `environment.hcl` and `defaults.hcl` as drafts: the grammar, nothing decided.
//!
//! Both files are read as literal text: `"${file("/etc/passwd")}"` is that very text.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value as Json;

use super::draft::{
    Aws, Database, Draft, Drift, Gcp, Given, Ingress, Merge as _, Network, Override,
};
use super::model::Class;
use super::other_cloud;
use crate::failure::Failure;
use crate::hcl::{self, Body, Value};
use crate::kit::model::Expression;
use crate::release::KitSource;
use crate::source::{Place, Problem, Problems, Source};

/// The only version of the grammar so far.
const FORMAT: i64 = 1;

/// Takes over the bytes of a file under the path that people know it by; bytes that are not
/// UTF-8 are a problem with their place.
pub fn read_source(path: impl Into<PathBuf>, bytes: Vec<u8>) -> Result<Arc<Source>, Problem> {
    let mut problems = Problems::new();
    let source = hcl::source(path, bytes, &mut problems);
    source.ok_or_else(|| {
        let problem = problems.iter().next().cloned();
        problem.unwrap_or_else(|| Problem::new(None, "the file cannot be read", "", ""))
    })
}

/// Which kit `environment.hcl` wants: what has to be known before everything else can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WantedKit {
    /// A folder, relative to the one of `environment.hcl`.
    Folder(String),
    /// A git repository at a tag.
    Git {
        /// What follows `git::`.
        url: String,
        /// The value of `release`.
        tag: String,
        /// The value of `signer`.
        signer: Option<String>,
    },
}

/// Reads where the kit is. Problems of other kinds are left for [`super::resolve()`], unless the
/// source cannot be told because of them.
pub fn wanted_kit(
    environment: &Arc<Source>,
    defaults: Option<&Arc<Source>>,
) -> Result<WantedKit, Failure> {
    let mut problems = Problems::new();
    let draft = read(environment, defaults, &mut problems);
    let (kit, release, signer) =
        draft.map_or((None, None, None), |draft| (draft.kit, draft.release, draft.signer));
    let Some(kit) = kit else {
        if problems.is_empty() {
            problems.push(Problem::new(
                Place::new(environment, 0..0),
                "`kit` is missing",
                "it says where the product's kit.hcl is",
                "add `kit = \"../..\"`, a path relative to this file, to the block `environment`",
            ));
        }
        return Err(problems.into());
    };
    let problem = match (KitSource::parse(&kit.value), release) {
        (Ok(KitSource::Path(path)), _) => match signer {
            None => return Ok(WantedKit::Folder(path)),
            // Whoever demands a signature must not believe that one was verified.
            Some(signer) => Problem::new(
                signer.place,
                "`signer` is given, and the kit is a folder",
                "a signature is on a git tag; a folder has none",
                "name the kit by its git address, or remove the line",
            ),
        },
        (Ok(KitSource::Git(url)), Some(release)) if release.value != "dev" => {
            let signer = signer.map(|signer| signer.value);
            return Ok(WantedKit::Git { url, tag: release.value, signer });
        }
        (Ok(KitSource::Git(_)), Some(release)) => Problem::new(
            release.place,
            "`release` is \"dev\", and the kit comes from git",
            "what a git address gives is decided by a tag",
            "write a tag, or for `dev` the path of a checkout as `kit`",
        ),
        (Ok(KitSource::Git(_)), None) => Problem::new(
            kit.place,
            "the environment has no `release`",
            "it decides which bytes are installed",
            "add `release = \"v1.0.0\"`, a tag of that repository",
        ),
        (Err(why), _) => {
            let what = format!("`kit` is not a source: {:?}", kit.value);
            let help = "write a path relative to this file, such as \"../..\", or an address like \
                        \"git::https://host/kit.git\"";
            Problem::new(kit.place, what, why, help)
        }
    };
    problems.push(problem);
    Err(problems.into())
}

/// Which of the two files.
#[derive(Clone, Copy, PartialEq, Eq)]
enum File {
    Environment,
    Defaults,
}

/// Reads `environment.hcl` and lays it over `defaults.hcl`; `None` if one of them is not HCL.
pub(super) fn read(
    environment: &Arc<Source>,
    defaults: Option<&Arc<Source>>,
    problems: &mut Problems,
) -> Option<Draft> {
    let shared = match defaults {
        Some(source) => read_file(source, File::Defaults, problems),
        None => Some(Draft::default()),
    };
    let own = read_file(environment, File::Environment, problems);
    Some(own?.over(shared?))
}

fn read_file(source: &Arc<Source>, file: File, problems: &mut Problems) -> Option<Draft> {
    let mut body = hcl::read_literal(source, problems)?;
    let mut draft = Draft::default();
    read_header(&mut body, file, &mut draft, problems);
    draft.aws = body.block("aws", problems).map(|body| read_aws(body, problems));
    draft.gcp = body.block("gcp", problems).map(|body| read_gcp(body, problems));
    if let Some(network) = body.block("network", problems) {
        draft.network = read_network(network, problems);
    }
    for (label, body) in body.named_blocks("ingress", problems) {
        draft.ingresses.insert(label.text, read_ingress(body, problems));
    }
    for (label, body) in body.named_blocks("database", problems) {
        draft.databases.insert(label.text, read_database(body, problems));
    }
    draft.inputs = map(body.take("inputs"), problems, json);
    draft.variables = map(body.take("env"), problems, json);
    draft.secrets = map(body.take("secrets"), problems, Value::string);
    draft.tags = map(body.take("tags"), problems, Value::scalar);
    read_overrides(&mut body, &mut draft, problems);
    if let Some(drift) = body.block("drift", problems) {
        draft.drift = read_drift(drift, problems);
    }
    if let Some(mut state) = body.block("state", problems) {
        draft.bucket = given(state.take("bucket"), problems, Value::string);
        draft.bucket_key = given(state.take("key"), problems, Value::string);
        state.finish(problems);
    }
    if let Some(approvals) = body.block("approvals", problems) {
        draft.approvals = Some(read_approvals(approvals, problems));
    }
    body.finish(problems);
    Some(draft)
}

/// `environment "NAME" { }`; in `defaults.hcl` `environment { }` without a name.
fn read_header(body: &mut Body, file: File, draft: &mut Draft, problems: &mut Problems) {
    let mut blocks = body.blocks("environment");
    if blocks.len() > 1 {
        let extra = blocks.remove(1);
        problems.push(Problem::new(
            extra.body.place().clone(),
            format!("a second `{}`", extra.body.title()),
            "a file describes one environment",
            "give it a folder of its own under environments/",
        ));
    }
    let Some(mut block) = blocks.into_iter().next() else {
        if file == File::Environment {
            problems.push(Problem::new(
                body.place().clone(),
                "the file has no `environment \"NAME\" { ... }`",
                "it says what is installed: class, kit and release",
                "start the file with it; `landfall init` writes one",
            ));
        }
        return;
    };
    if file == File::Defaults {
        block.expect_labels(0, problems);
    } else if block.expect_labels(1, problems) {
        let label = block.labels.remove(0);
        draft.name = Some(Given { value: label.text, place: label.place });
    }
    let mut header = block.body;
    let format = match file {
        File::Environment => header.require("format", problems),
        File::Defaults => header.take("format"),
    };
    if let Some(format) = format {
        let _ = format.integer(FORMAT..=FORMAT, problems);
    }
    let classes = [
        ("production", Class::Production),
        ("staging", Class::Staging),
        ("preview", Class::Preview),
    ];
    draft.class = given(header.take("class"), problems, |value, problems| {
        value.enumeration(&classes, problems)
    });
    draft.kit = given(header.take("kit"), problems, Value::string);
    draft.release = given(header.take("release"), problems, Value::string);
    draft.signer = given(header.take("signer"), problems, Value::string);
    draft.size = given(header.take("size"), problems, Value::string);
    draft.contact = given(header.take("contact"), problems, Value::string);
    header.finish(problems);
}

fn read_aws(mut body: Body, problems: &mut Problems) -> Aws {
    other_cloud::in_aws(&mut body, problems);
    let mut aws = Aws {
        place: Some(body.place().clone()),
        account_id: given(body.take("account_id"), problems, account_id),
        region: given(body.take("region"), problems, Value::string),
        permissions_boundary: given(body.take("permissions_boundary"), problems, Value::string),
        ..Aws::default()
    };
    if let Some(mut roles) = body.take("roles").and_then(|value| value.map(problems)) {
        aws.read = given(roles.take("read"), problems, Value::string);
        aws.update = given(roles.take("update"), problems, Value::string);
        aws.install = given(roles.take("install"), problems, Value::string);
        roles.finish(problems);
    }
    body.finish(problems);
    aws
}

/// A text: a number would lose its leading zeros.
fn account_id(value: &Value, problems: &mut Problems) -> Option<String> {
    digits(value, "an account id is a text: a number would lose leading zeros", problems)
}

/// A text of digits, not a number.
fn digits(value: &Value, why: &str, problems: &mut Problems) -> Option<String> {
    if value.shown().bytes().all(|byte| byte.is_ascii_digit()) {
        problems.push(value.problem(why, "put it in quotes"));
        return None;
    }
    value.string(problems)
}

fn read_gcp(mut body: Body, problems: &mut Problems) -> Gcp {
    other_cloud::in_gcp(&mut body, problems);
    let gcp = Gcp {
        place: Some(body.place().clone()),
        project: given(body.take("project"), problems, Value::string),
        project_number: given(body.take("project_number"), problems, |value, problems| {
            digits(value, "a project number is a name, nobody calculates with it", problems)
        }),
        region: given(body.take("region"), problems, Value::string),
        images: given(body.take("images"), problems, Value::string),
    };
    body.finish(problems);
    gcp
}

fn read_network(mut body: Body, problems: &mut Problems) -> Network {
    let cidr = given(body.take("cidr"), problems, Value::string);
    let zones =
        given(body.take("zones"), problems, |value, problems| value.integer(1..=99_u32, problems));
    let mut adopted = given(body.take("vpc_id"), problems, Value::string);
    for name in ["public_subnet_ids", "private_subnet_ids", "database_subnet_ids"] {
        let ids = given(body.take(name), problems, Value::string_list);
        adopted = adopted
            .or(ids
                .map(|ids| Given { value: format!("{name} = {:?}", ids.value), place: ids.place }));
    }
    decided_by_class(&mut body, &["nat", "nat_per_zone", "flow_logs"], problems);
    body.finish(problems);
    Network { cidr, zones, adopted }
}

fn read_ingress(mut body: Body, problems: &mut Problems) -> Ingress {
    let ingress = Ingress {
        place: Some(body.place().clone()),
        host: given(body.take("host"), problems, Value::string),
        internal: given(body.take("reach"), problems, |value, problems| {
            value.enumeration(&[("internet", false), ("internal", true)], problems)
        }),
        certificate: given(body.take("certificate"), problems, Value::string),
        allow: given(body.take("allow"), problems, |value, problems| {
            value.list_of(problems, |item, problems| {
                Some(Given { value: item.string(problems)?, place: item.place() })
            })
        }),
    };
    decided_by_class(&mut body, &["tls", "protection", "deletion_protection"], problems);
    body.finish(problems);
    ingress
}

fn read_database(mut body: Body, problems: &mut Problems) -> Database {
    let database = Database {
        place: Some(body.place().clone()),
        instance: given(body.take("instance"), problems, Value::string),
        backup_days: given(body.take("backup_days"), problems, |value, problems| {
            value.integer(0..=9999_u32, problems)
        }),
        maintenance: given(body.take("maintenance"), problems, Value::string),
    };
    let safeguards = ["multi_az", "deletion_protection", "skip_final_snapshot", "encrypted"];
    decided_by_class(&mut body, &safeguards, problems);
    body.finish(problems);
    database
}

/// Who writes down a safeguard is told who decides it, not that it is unknown.
fn decided_by_class(body: &mut Body, safeguards: &[&str], problems: &mut Problems) {
    for safeguard in safeguards {
        if let Some(value) = body.take_unoffered(safeguard) {
            problems.push(value.problem(
                "the class decides it, so that class production is never without it",
                "remove the line; `landfall show` prints what the class decided",
            ));
        }
    }
}

fn read_overrides(body: &mut Body, draft: &mut Draft, problems: &mut Problems) {
    for mut block in body.blocks("override") {
        if !block.expect_labels(2, problems) {
            continue;
        }
        let name = block.labels.remove(1).text;
        let kind = block.labels.remove(0).text;
        let mut body = block.body;
        let place = body.place().clone();
        let read = Override {
            place: Some(place.clone()),
            cpu: given(body.take("cpu"), problems, |value, problems| {
                value.number(0.25..=16.0, problems)
            }),
            memory_mib: given(body.take("memory"), problems, Value::size_mib),
            replicas: given(body.take("replicas"), problems, |value, problems| {
                value.integer(0..=500_u32, problems)
            }),
            max: given(body.take("max"), problems, |value, problems| {
                value.integer(1..=500_u32, problems)
            }),
        };
        body.finish(problems);
        if draft.overrides.insert((kind.clone(), name.clone()), read).is_some() {
            problems.push(Problem::new(
                place,
                format!("`override \"{kind}\" \"{name}\"` is given twice"),
                "only one of the two could be meant",
                "write both into one block",
            ));
        }
    }
}

fn read_drift(mut body: Body, problems: &mut Problems) -> Drift {
    let ignore_tags = given(body.take("ignore_tags"), problems, Value::string_list);
    let customer_owned = given(body.take("customer_owned"), problems, |value, problems| {
        value.list_of(problems, |item, problems| {
            Some(Given { value: item.reference(problems)?, place: item.place() })
        })
    });
    body.finish(problems);
    Drift { ignore_tags, customer_owned }
}

/// Only the shape: approvals cannot be proved yet.
fn read_approvals(mut body: Body, problems: &mut Problems) -> Given<()> {
    if let Some(required) = body.take("required") {
        let _ = required.integer(1..=9_u32, problems);
    }
    if let Some(by) = body.take("by") {
        let _ = by.string_list(problems);
    }
    let place = body.place().clone();
    body.finish(problems);
    Given { value: (), place }
}

/// A value through its getter, with its place.
fn given<T>(
    value: Option<Value>,
    problems: &mut Problems,
    getter: impl FnOnce(&Value, &mut Problems) -> Option<T>,
) -> Option<Given<T>> {
    let value = value?;
    Some(Given { value: getter(&value, problems)?, place: value.place() })
}

/// A map with free keys; an entry that does not fit is left out, with its problem.
fn map<T>(
    value: Option<Value>,
    problems: &mut Problems,
    getter: impl Fn(&Value, &mut Problems) -> Option<T>,
) -> BTreeMap<String, Given<T>> {
    let entries = value.and_then(|value| value.entries(problems)).unwrap_or_default();
    entries
        .into_iter()
        .filter_map(|entry| {
            let name = entry.name().to_owned();
            Some((name, given(Some(entry), problems, &getter)?))
        })
        .collect()
}

/// A fixed value of any shape.
fn json(value: &Value, problems: &mut Problems) -> Option<Json> {
    if let Expression::Literal(json) = value.expression(problems)?.expression {
        return Some(json);
    }
    problems.push(value.problem(
        "environment.hcl holds fixed values only, references are not evaluated",
        "write the value itself, a text in quotes",
    ));
    None
}
