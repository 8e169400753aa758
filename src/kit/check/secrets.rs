//! Secrets reach a process as a secret variable or a secret file, and nothing else.

use crate::kit::draft::{Draft, Mention, Role};
use crate::kit::model::{Kit, ValueType};
use crate::kit::sources;
use crate::source::{Problem, Problems};

pub(super) fn check(kit: &Kit, draft: &mut Draft) {
    let mut problems = Problems::new();
    for mention in &draft.mentions {
        let secret = sources::is_secret(&mention.path, kit, draft);
        let refused = if secret { leak(mention) } else { no_secret(mention) };
        if let Some((why, help)) = refused {
            let source = mention.path.join(".");
            let what = if secret {
                format!("`{source}` is a secret and reaches {}", sink(mention))
            } else {
                format!("`{source}` is no secret, but {} has type secret", mention.by)
            };
            problems.push(Problem::new(mention.place.clone(), what, why, help));
        }
        if let [kind, name, field] = mention.path.as_slice()
            && kind == "database"
            && field == "password"
            && let Some(database) = kit.databases.get(name)
            && !sources::has_password(database, kit)
        {
            problems.push(Problem::new(
                mention.place.clone(),
                format!("`{}` in {}", mention.path.join("."), mention.by),
                format!("database \"{name}\" logs in with IAM: its users have no password"),
                "remove it, or write `iam = { aws = \"none\" }` in the database if the product can only take a password",
            ));
        }
    }
    draft.problems.extend(problems);
}

/// Where a secret goes, in words.
fn sink(mention: &Mention) -> String {
    let by = &mention.by;
    match mention.role {
        Role::Set => format!("`set` of {by}"),
        Role::Argument => format!("`args` of {by}"),
        Role::When => format!("`when` of {by}"),
        Role::Equals => format!("`equals` of {by}"),
        Role::Field => format!("a plain field of {by}"),
        _ => by.to_string(),
    }
}

/// Why a secret must not be there, and the way that is meant for it.
fn leak(mention: &Mention) -> Option<(&'static str, String)> {
    let source = mention.path.join(".");
    let variable = format!("write `env {{ NAME = {source} }}`: it becomes a secret variable");
    match mention.role {
        Role::Variable(None | Some(ValueType::Secret)) if mention.whole => None,
        Role::Variable(None | Some(ValueType::Secret)) => Some((
            "a secret inside of a text or a function would be written in the clear",
            format!(
                "give the variable the whole secret, `{source}`, without quotes; for a connection \
                 URL add a `url` block to the database"
            ),
        )),
        Role::Variable(Some(_)) => Some((
            "a variable of another type is written in the clear",
            "write `type = \"secret\"`, or leave the type out".to_owned(),
        )),
        Role::Set => Some(("`set` is written in the clear into the task definition", variable)),
        Role::Argument => Some((
            "arguments are written in the clear and can be seen in every process list",
            variable + " and let the product read it from there",
        )),
        Role::When => Some((
            "a decision about a secret shows something about it",
            "use a feature or an input".to_owned(),
        )),
        Role::Equals => Some((
            "a check is printed and kept in the receipt",
            "compare with something public".to_owned(),
        )),
        Role::Field => {
            Some(("only `password` of an external may be secret", "use `password`".to_owned()))
        }
        Role::Content(false) => {
            Some(("the file is written in the clear", "add `secret = true` to the file".to_owned()))
        }
        Role::Content(true)
        | Role::Image
        | Role::Uses
        | Role::Needs
        | Role::Receiver
        | Role::Route
        | Role::Probe
        | Role::Pull
        | Role::Trigger
        | Role::Requires
        | Role::Password => None,
    }
}

/// A variable of type secret takes a secret: anything else has no place in the secret manager.
fn no_secret(mention: &Mention) -> Option<(&'static str, String)> {
    (mention.role == Role::Variable(Some(ValueType::Secret))).then(|| {
        (
            "a secret variable is filled from the secret manager",
            "write another type, or take a secret".to_owned(),
        )
    })
}
