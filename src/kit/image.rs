//! `image NAME { }`.

use std::collections::BTreeMap;

use super::draft::{By, Draft, Role};
use super::model::{Image, Release};
use super::release::tag;
use crate::hcl::{Body, Value};

/// A repository: host, optional port, path; neither scheme nor tag nor digest.
const REPOSITORY: &str =
    r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?(/[a-z0-9]+([._-]+[a-z0-9]+)*)+$";

pub(super) fn images(
    file: &mut Body,
    kit: &str,
    release: &Release,
    draft: &mut Draft,
) -> BTreeMap<String, Image> {
    let mut images = BTreeMap::new();
    for (label, mut body) in file.named_blocks("image", &mut draft.problems) {
        let name = draft.enter("image", &label, &body);
        images.insert(name, image(&mut body, kit, release, draft));
        body.finish(&mut draft.problems);
    }
    images
}

fn image(body: &mut Body, kit: &str, release: &Release, draft: &mut Draft) -> Image {
    let by = By::block(body);
    let repository = body.require("repository", &mut draft.problems).and_then(|value| {
        let help = "write host/path without https://, tag and digest: the tag has its own \
                    attribute, the digest comes from kit.lock";
        draft.matching(&value, REPOSITORY, help)
    });
    let tag = match body.take("tag") {
        Some(value) => tag(&value, kit, release, draft).unwrap_or_default(),
        None => release.tag.clone(),
    };
    if let Some(value) = body.take("mirrors") {
        value.string_list(&mut draft.problems);
        draft.not_yet(format!("mirrors of {by}"), value.place());
    }
    let pull_secret = body.take("pull").and_then(|value| pull(&value, &by, draft));
    let problems = &mut draft.problems;
    let root = [("read_only", false), ("writable", true)];
    Image {
        repository: repository.unwrap_or_default(),
        tag,
        pull_secret,
        uid: body.take("uid").and_then(|value| value.integer(0..=u32::MAX, problems)),
        writable_root: body
            .take("root")
            .and_then(|value| value.enumeration(&root, problems))
            .unwrap_or(false),
        writable: body
            .take("writable")
            .and_then(|value| writable(&value, draft))
            .unwrap_or_default(),
    }
}

/// `public`, or a secret with the credentials.
fn pull(value: &Value, by: &By, draft: &mut Draft) -> Option<String> {
    if value.word().as_deref() == Some("public") {
        return None;
    }
    if value.word().is_some() {
        let help = "write \"public\", or secret.NAME without quotes";
        draft.problems.push(value.problem("it is neither public nor a secret", help));
        return None;
    }
    draft.reference(value, by, Role::Pull).and_then(|path| path.into_iter().nth(1))
}

fn writable(value: &Value, draft: &mut Draft) -> Option<BTreeMap<String, u64>> {
    for entry in value.entries(&mut draft.problems)? {
        if !entry.name().starts_with('/') {
            draft.problems.push(entry.problem(
                format!("\"{}\" is not an absolute path", entry.name()),
                "write it like { \"/tmp\" = \"256Mi\" }",
            ));
        }
    }
    value.map_of(&mut draft.problems, Value::size_mib)
}
