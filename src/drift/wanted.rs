//! What a plan would do about a difference: nothing, if it is wanted like that by now, because
//! somebody wrote it into environment.hcl, or because a killed run got that far.

use std::borrow::Cow;

use super::rules::is_within;
use super::{Finding, Owner};
use crate::plan::{Action, LayerPlan, MOST_ATTRIBUTES};

/// Whether a plan, if there is one, leaves an attribute as it is in the cloud; without a path,
/// the whole resource.
pub(super) fn is_wanted(plan: Option<&LayerPlan>, address: &str, path: Option<&str>) -> bool {
    plan.is_some_and(|plan| !touches(plan, address, path))
}

/// Whether a plan would change an attribute of a resource; without a path, the resource.
fn touches(plan: &LayerPlan, address: &str, path: Option<&str>) -> bool {
    let Some(change) = plan.changes.iter().find(|change| change.address == address) else {
        return false;
    };
    match change.action {
        Action::Create | Action::Replace { .. } | Action::Delete => true,
        Action::Read | Action::NoOp | Action::Forget => false,
        // Of what is masked, or too much, only that something changes is known.
        Action::Update if change.attributes.is_empty() => true,
        Action::Update if change.attributes.len() >= MOST_ATTRIBUTES => true,
        Action::Update => path.is_none_or(|path| {
            let attributes = change.attributes.iter().map(|it| own_tag(&it.path));
            attributes.into_iter().any(|it| is_within(&it, path) || is_within(path, &it))
        }),
    }
}

/// What repeats a resource's own tags or labels together with the provider's default ones.
const REPEATED: [(&str, &str); 3] =
    [("tags_all", "tags"), ("effective_labels", "labels"), ("terraform_labels", "labels")];

/// A tag as the resource's own: `tags_all.a` is `tags.a`, `effective_labels.a` is `labels.a`.
pub(super) fn own_tag(path: &str) -> Cow<'_, str> {
    for (all, own) in REPEATED {
        match path.strip_prefix(all) {
            Some(rest) if rest.is_empty() || rest.starts_with('.') => {
                return Cow::Owned(format!("{own}{rest}"));
            }
            _ => {}
        }
    }
    Cow::Borrowed(path)
}

/// What a plan would do beside taking back these findings, one line each.
pub fn beyond(plan: &LayerPlan, findings: &[&Finding]) -> Vec<String> {
    let mut lines = Vec::new();
    for change in plan.changes.iter().filter(|it| it.action != Action::Read) {
        let mut ours = findings
            .iter()
            .filter(|it| it.owner == Owner::Vendor && it.address == change.address)
            .peekable();
        if ours.peek().is_none() {
            lines.push(format!("{}: {}", change.address, change.action.steps().join(", then ")));
            continue;
        }
        let ours: Vec<&&Finding> = ours.collect();
        if ours.iter().any(|finding| finding.gone) || change.action != Action::Update {
            continue;
        }
        let drifted = |path: &str| {
            let mut attributes = ours.iter().flat_map(|finding| &finding.attributes);
            attributes.any(|it| is_within(&it.path, path) || is_within(path, &it.path))
        };
        for attribute in &change.attributes {
            let path = own_tag(&attribute.path);
            if !drifted(&path) && !is_within(&path, "id") && !is_within(&path, "arn") {
                lines.push(format!("{}: {path} too", change.address));
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Attribute, Change, Shown};
    use crate::workspace::Layer;

    fn attribute(path: &str) -> Attribute {
        Attribute { path: path.to_owned(), before: Shown::Absent, after: Shown::Long }
    }

    fn plan(action: Action, paths: &[&str]) -> LayerPlan {
        let attributes = paths.iter().map(|path| attribute(path)).collect();
        let change = Change { address: "t.a".to_owned(), action, attributes, ..Change::default() };
        LayerPlan { changes: vec![change], ..LayerPlan::default() }
    }

    fn finding(address: &str, paths: &[&str]) -> Finding {
        Finding {
            layer: Layer::Foundation,
            address: address.to_owned(),
            text: String::new(),
            gone: false,
            attributes: paths.iter().map(|path| attribute(path)).collect(),
            owner: Owner::Vendor,
            rule: None,
            key: None,
        }
    }

    #[test]
    fn what_the_plan_leaves_alone_is_wanted() {
        let update = plan(Action::Update, &["size", "tags_all.owner"]);
        assert!(!is_wanted(None, "t.a", Some("size")), "nobody asked");
        assert!(!is_wanted(Some(&update), "t.a", Some("size")));
        assert!(!is_wanted(Some(&update), "t.a", Some("tags.owner")));
        assert!(is_wanted(Some(&update), "t.a", Some("colour")));
        assert!(is_wanted(Some(&update), "t.b", None));
        assert!(!is_wanted(Some(&plan(Action::Create, &[])), "t.a", None));
        assert!(!is_wanted(Some(&plan(Action::Update, &[])), "t.a", Some("size")), "masked");
    }

    #[test]
    fn what_goes_beyond_the_drift_is_told() {
        let update = plan(Action::Update, &["size", "colour"]);
        let (both, one) = (finding("t.a", &["size", "colour"]), finding("t.a", &["size"]));
        assert!(beyond(&update, &[&both]).is_empty());
        assert_eq!(beyond(&update, &[&one]), ["t.a: colour too"]);
        assert_eq!(beyond(&update, &[&finding("t.b", &["size"])]), ["t.a: update"]);
        let replaced = plan(Action::Replace { create_before_destroy: false }, &["size"]);
        assert_eq!(beyond(&replaced, &[]), ["t.a: delete, then create"]);
    }
}
