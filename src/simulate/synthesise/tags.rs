//! `tags_all`: the resource's tags over the provider's default tags.

use crate::simulate::value::{UNKNOWN, Value};

/// What is planned for `tags_all`; `None` leaves it to the service, as the provider does when
/// there is nothing to say about a new resource.
pub(crate) fn tags_all(
    tags: &Value,
    provider: &Value,
    legacy: bool,
    creating: bool,
) -> Option<Value> {
    let defaults = provider.at("default_tags").as_list().and_then(<[Value]>::first);
    let defaults = defaults.map(|block| block.at("tags"));
    if tags.has_unknown() || defaults.is_some_and(Value::has_unknown) {
        return Some(UNKNOWN);
    }
    let mut all = defaults.and_then(Value::as_map).cloned().unwrap_or_default();
    all.extend(tags.as_map().cloned().unwrap_or_default());
    if tags.is_null() && all.is_empty() && creating && legacy {
        return None;
    }
    Some(Value::Map(all))
}
