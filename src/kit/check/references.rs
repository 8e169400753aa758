//! Every reference names something that exists and is of a kind that fits there.

use crate::kit::draft::{Draft, Mention, Role};
use crate::kit::model::Kit;
use crate::kit::sources::{self, NoSource};
use crate::source::Problem;

pub(super) fn check(kit: &Kit, draft: &mut Draft) {
    for mention in draft.mentions.clone() {
        let found = match blocks_for(mention.role) {
            Some((kinds, example)) => block(&mention, kinds, example, draft),
            None => sources::check(&mention.path, kit, draft),
        };
        if let Err(NoSource { why, help }) = found {
            let what = format!("`{}` in {}", mention.path.join("."), mention.by);
            draft.problems.push(Problem::new(mention.place.clone(), what, why, help));
        }
        if mention.path[0] == "service"
            && mention.role != Role::Route
            && mention.role != Role::Needs
            && mention.role != Role::Receiver
        {
            let what = format!("`{}` (private services) in {}", mention.path.join("."), mention.by);
            draft.not_yet(what, mention.place);
        }
    }
}

/// The kinds of blocks that a reference may point to, if it points to a block at all, and how it
/// is written.
fn blocks_for(role: Role) -> Option<(&'static [&'static str], &'static str)> {
    Some(match role {
        Role::Image => (&["image"], "image.NAME"),
        Role::Uses => (&sources::USABLE, "database.NAME, secret.NAME, bucket.NAME, ..."),
        Role::Needs | Role::Route => (&["service"], "service.NAME"),
        Role::Receiver => (&["service", "job"], "service.NAME or job.NAME"),
        Role::Probe => (&["job"], "job.NAME"),
        Role::Pull | Role::Password => (&["secret"], "secret.NAME"),
        Role::Trigger => (&["queue"], "queue.NAME"),
        Role::Requires => (
            &["input", "secret", "external", "feature", "database", "cache", "bucket", "queue"],
            "secret.NAME, input.NAME, external.NAME, ...",
        ),
        Role::When
        | Role::Variable(_)
        | Role::Set
        | Role::Argument
        | Role::Equals
        | Role::Field
        | Role::Content(_) => return None,
    })
}

fn block(mention: &Mention, kinds: &[&str], example: &str, draft: &Draft) -> Result<(), NoSource> {
    let parts: Vec<&str> = mention.path.iter().map(String::as_str).collect();
    if !kinds.contains(&parts[0]) {
        return Err(NoSource {
            why: format!("`{}` is not of a kind that fits here", parts[0]),
            help: format!("write {example}"),
        });
    }
    if parts.len() > 2 {
        return Err(NoSource {
            why: "the whole block is meant here, not a field of it".to_owned(),
            help: format!("write {}", parts[..2].join(".")),
        });
    }
    sources::exists(&parts, parts[0], draft)
}
