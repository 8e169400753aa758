//! What happens behind everybody's back: a person in the console, a robot, another tool. The
//! account changes, terraform's state does not; the next refresh sees it.

use serde_json::Value as Json;

use super::Account;
use crate::failure::{Failure, Result};

/// One change behind everybody's back, as `drift=...` is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tampering {
    /// Resource type.
    pub kind: String,
    /// Only resources whose ARN, id or name holds this text; empty means all of the type.
    pub part: String,
    /// Dotted path; empty removes the resource.
    pub attribute: String,
    /// The new value.
    pub value: Json,
}

impl Tampering {
    /// Reads `TYPE[PART].ATTRIBUTE=VALUE`, or `TYPE[PART]` for a resource that goes away. `[PART]`
    /// can be left out; a value that is not JSON is text. Fails with what is wrong, in words.
    pub fn parse(text: &str) -> std::result::Result<Self, String> {
        let (path, value) = match text.split_once('=') {
            Some((path, value)) => (path, Some(value)),
            None => (text, None),
        };
        let end = path.find(['[', '.']).unwrap_or(path.len());
        let (kind, rest) = path.split_at(end);
        let (part, rest) = match rest.strip_prefix('[') {
            Some(rest) => rest.split_once(']').ok_or("`[` has no `]`")?,
            None => ("", rest),
        };
        let attribute = rest.strip_prefix('.').unwrap_or(rest);
        if kind.is_empty() || attribute.is_empty() != value.is_none() {
            return Err(
                "it is written TYPE.ATTRIBUTE=VALUE, or TYPE for a resource that goes away".into(),
            );
        }
        let value = value.unwrap_or("null");
        Ok(Self {
            kind: kind.to_owned(),
            part: part.to_owned(),
            attribute: attribute.to_owned(),
            value: serde_json::from_str(value).unwrap_or_else(|_| value.into()),
        })
    }
}

impl Account {
    /// Changes an attribute of applied resources behind terraform's back, as a person in the
    /// console would: `what` is `aws_db_instance`, or `aws_ecs_service[web]` for those whose ARN,
    /// id or name holds `web`; `attribute` is a dotted path, list positions as numbers. Returns how
    /// many there are; fails if there is none.
    pub fn tamper_with(&self, what: &str, attribute: &str, value: Json) -> Result<usize> {
        let text = format!("{what}.{attribute}=");
        let tampering = Tampering::parse(&text).map_err(Failure::input)?;
        self.apply_tampering(&Tampering { value, ..tampering })
    }

    /// Does one change behind everybody's back. Returns how many resources it hit; fails if none.
    pub fn apply_tampering(&self, tampering: &Tampering) -> Result<usize> {
        let Tampering { kind, part, attribute, value } = tampering;
        let hit = self.change(|content| {
            let Some(resources) = content.resources.get_mut(kind) else { return 0 };
            let meant = |key: &str, state: &Json| {
                part.is_empty() || key.contains(part) || is_named(state, part)
            };
            if attribute.is_empty() {
                let before = resources.len();
                resources.retain(|key, resource| !meant(key, &resource.state));
                return before - resources.len();
            }
            let mut hit = 0;
            for (_, resource) in resources.iter_mut().filter(|(key, it)| meant(key, &it.state)) {
                change(resource.state.edit(), attribute, value);
                hit += 1;
            }
            hit
        })?;
        if hit > 0 {
            return Ok(hit);
        }
        let part = if part.is_empty() { String::new() } else { format!(" named {part}") };
        Err(Failure::input(format!("the simulated account has no {kind}{part} to tamper with"))
            .next("install first: `landfall rehearse NAME`; drift is made in what was applied"))
    }
}

/// Changes one resource. The provider of AWS tells tags twice: the resource's own, and with its
/// defaults.
fn change(state: &mut Json, attribute: &str, value: &Json) {
    if let Some(key) = attribute.strip_prefix("labels.")
        && state["effective_labels"].is_object()
    {
        return label(state, key, value);
    }
    set(state, attribute, value);
    if let Some(key) = attribute.strip_prefix("tags.") {
        set(state, &format!("tags_all.{key}"), value);
    }
}

/// Changes a label. Google's provider tells all of them, and twice more those that terraform set.
fn label(state: &mut Json, key: &str, value: &Json) {
    for (name, all) in [("labels", false), ("terraform_labels", false), ("effective_labels", true)]
    {
        let Some(labels) = state[name].as_object_mut() else { continue };
        if value.is_null() {
            labels.remove(key);
        } else if all || labels.contains_key(key) {
            labels.insert(key.to_owned(), value.clone());
        }
    }
}

fn is_named(state: &Json, part: &str) -> bool {
    let names = [&state["id"], &state["name"], &state["tags"]["Name"], &state["tags_all"]["Name"]];
    names.into_iter().filter_map(Json::as_str).any(|name| name.contains(part))
}

/// Sets what a dotted path leads to; null removes a key of a map. A container definition is a
/// document in text: a path goes into it as well.
fn set(state: &mut Json, path: &str, value: &Json) {
    let (step, rest) = path.split_once('.').map_or((path, None), |(step, rest)| (step, Some(rest)));
    if let Some(text) = state.as_str()
        && let Ok(mut document) = serde_json::from_str::<Json>(text)
    {
        set(&mut document, path, value);
        *state = document.to_string().into();
        return;
    }
    let inner = match state {
        Json::Array(items) => match step.parse::<usize>() {
            Ok(at) => items.get_mut(at),
            Err(_) => None,
        },
        Json::Object(fields) => Some(fields.entry(step).or_insert(Json::Null)),
        Json::Null => {
            *state = serde_json::json!({ step: null });
            state.get_mut(step)
        }
        _ => None,
    };
    match (inner, rest) {
        (Some(inner), Some(rest)) => set(inner, rest, value),
        (Some(inner), None) => *inner = value.clone(),
        (None, _) => {}
    }
    if rest.is_none()
        && value.is_null()
        && path_is_of_map(step)
        && let Json::Object(fields) = state
    {
        fields.remove(step);
    }
}

/// A key with a capital or a colon is a tag's, not an attribute's: it goes, instead of being null.
fn path_is_of_map(step: &str) -> bool {
    !step.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_' || byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use serde_json::json;

    use super::*;
    use crate::cloud::Identity;

    fn account() -> Account {
        let account = Account::ephemeral(Identity {
            project_number: None,
            account: "123456789012".to_owned(),
            arn: "arn:aws:iam::123456789012:user/admin".to_owned(),
            partition: "aws".to_owned(),
            region: "eu-central-1".to_owned(),
        });
        let account = account.unwrap();
        for name in ["acme-web", "acme-worker"] {
            let state = json!({ "id": name, "name": name, "desired_count": 2, "tags": null,
                "tags_all": {"owner": "acme"}, "network": [{"subnets": ["a"]}] });
            account.keep("aws_ecs_service", Some(name), state).unwrap();
        }
        account
    }

    fn state(account: &Account, name: &str) -> Json {
        account.find("aws_ecs_service", &json!({ "id": name })).unwrap()
    }

    #[test]
    fn an_attribute_is_changed_where_it_is_meant() {
        let account = account();
        let hit = account.tamper_with("aws_ecs_service[web]", "desired_count", json!(9)).unwrap();
        assert_eq!(hit, 1);
        assert_eq!(state(&account, "acme-web")["desired_count"], 9);
        assert_eq!(state(&account, "acme-worker")["desired_count"], 2);
        assert_eq!(
            account.tamper_with("aws_ecs_service", "network.0.subnets.0", json!("b")).unwrap(),
            2
        );
        assert_eq!(state(&account, "acme-worker")["network"], json!([{"subnets": ["b"]}]));
    }

    #[test]
    fn a_tag_is_told_twice() {
        let account = account();
        account.tamper_with("aws_ecs_service[web]", "tags.robot", json!("1")).unwrap();
        let web = state(&account, "acme-web");
        assert_eq!(
            (&web["tags"], &web["tags_all"]),
            (&json!({"robot": "1"}), &json!({"owner": "acme", "robot": "1"}))
        );
    }

    #[test]
    fn a_label_is_told_wherever_the_provider_tells_it() {
        let account = account();
        let kind = "google_storage_bucket";
        let labels = json!({ "team": "a" });
        let state = json!({ "id": "acme", "labels": labels, "terraform_labels": labels,
            "effective_labels": labels });
        account.keep(kind, Some("seed"), state).unwrap();
        account.tamper_with(kind, "labels.team", json!("b")).unwrap();
        account.tamper_with(kind, "labels.robot", json!("1")).unwrap();
        let bucket = account.find(kind, &json!({ "id": "acme" })).unwrap();
        assert_eq!(bucket["labels"], json!({ "team": "b" }));
        assert_eq!(bucket["terraform_labels"], json!({ "team": "b" }));
        assert_eq!(bucket["effective_labels"], json!({ "team": "b", "robot": "1" }));
        account.tamper_with(kind, "labels.team", Json::Null).unwrap();
        let bucket = account.find(kind, &json!({ "id": "acme" })).unwrap();
        assert_eq!(bucket["effective_labels"], json!({ "robot": "1" }));
    }

    #[test]
    fn a_resource_can_go_away_and_what_is_not_there_is_refused() {
        let account = account();
        let gone = Tampering::parse("aws_ecs_service[worker]").unwrap();
        assert_eq!(account.apply_tampering(&gone).unwrap(), 1);
        assert_eq!(account.resources().len(), 1);
        let refused = account.apply_tampering(&gone).unwrap_err();
        assert!(refused.what().contains("no aws_ecs_service named worker"), "{refused}");
    }

    #[test]
    fn a_change_is_read_as_it_is_written() {
        let read = Tampering::parse("aws_db_instance[main].tags.a:b=x=y").unwrap();
        assert_eq!((read.kind.as_str(), read.part.as_str()), ("aws_db_instance", "main"));
        assert_eq!((read.attribute.as_str(), read.value), ("tags.a:b", json!("x=y")));
        for wrong in ["", "aws_vpc[a.b=1", "aws_vpc.a", "=1", "aws_vpc=1"] {
            assert!(Tampering::parse(wrong).is_err(), "{wrong}");
        }
    }
}
