//! Labels of Google's provider: what terraform manages (`terraform_labels`: the resource's labels over
//! the provider's defaults), and all that the resource carries (`effective_labels`).

use crate::simulate::value::{Map, UNKNOWN, Value};

/// With this label Google's provider marks what it has created.
const ATTRIBUTION: &str = "goog-terraform-provisioned";

/// What is planned for the derived attributes of a resource, by name; those that are not named here
/// stay as they are, as the provider does where there is nothing to say about a new resource.
///
/// `attributed`: the type gets the attribution label. `prior` is `None` for what is about to be
/// created.
pub(crate) fn labels(
    own: &Map,
    provider: &Value,
    attributed: bool,
    prior: Option<&Value>,
) -> Vec<(&'static str, Value)> {
    let mut derived = Vec::new();
    if own.contains_key("effective_annotations")
        && let Some(annotations) = own.get("annotations").filter(|value| !value.is_null())
    {
        let prior = prior.map(|prior| (prior.at("annotations"), prior.at("effective_annotations")));
        derived.push(("effective_annotations", effective(annotations, prior)));
    }
    if !own.contains_key("terraform_labels") {
        return derived;
    }
    let labels = own.get("labels").unwrap_or(&Value::Null);
    let defaults = provider.at("default_labels");
    if labels.has_unknown() || defaults.has_unknown() {
        derived.extend(["terraform_labels", "effective_labels"].map(|name| (name, UNKNOWN)));
        return derived;
    }
    let mut managed = defaults.as_map().cloned().unwrap_or_default();
    if attributed && wants_attribution(provider, prior) {
        managed.insert(ATTRIBUTION.to_owned(), "true".into());
    }
    managed.extend(labels.as_map().cloned().unwrap_or_default());
    if labels.is_null() && managed.is_empty() && prior.is_none() {
        return derived;
    }
    let managed = Value::Map(managed);
    let prior = prior.map(|prior| (prior.at("terraform_labels"), prior.at("effective_labels")));
    derived.push(("effective_labels", effective(&managed, prior)));
    derived.push(("terraform_labels", managed));
    derived
}

/// Whether the provider adds its label: when it creates, unless it is told not to, and from then on
/// where the label is.
fn wants_attribution(provider: &Value, prior: Option<&Value>) -> bool {
    let has = |prior: &Value| prior.at("effective_labels").get(ATTRIBUTION).is_some();
    let always = provider.at("terraform_attribution_label_addition_strategy").as_str();
    provider.at("add_terraform_attribution_label") != &Value::Bool(false)
        && (always == Some("PROACTIVE") || prior.is_none_or(has))
}

/// All that the resource will carry: what others put there stays. `prior` is what was managed, and
/// what there was.
fn effective(managed: &Value, prior: Option<(&Value, &Value)>) -> Value {
    if managed.has_unknown() {
        return UNKNOWN;
    }
    let managed = managed.as_map().cloned().unwrap_or_default();
    let Some((before, all)) = prior else { return Value::Map(managed) };
    let mut all = all.as_map().cloned().unwrap_or_default();
    if let Some(before) = before.as_map() {
        all.retain(|name, _| !before.contains_key(name));
    }
    all.extend(managed);
    Value::Map(all)
}
