//! Which changes replace a resource.

use crate::simulate::catalogue::Behaviour;
use crate::simulate::value::{Value, along};

/// The top-level attributes whose change forces a new resource.
pub(crate) fn replaces(behaviour: &Behaviour, prior: &Value, planned: &Value) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for path in &behaviour.force_new {
        let name = path.split('.').next().unwrap_or(path);
        let (old, new) = (along(prior, path), along(planned, path));
        // From nothing to something is left alone: most such attributes are computed, and the
        // prior state of an older version may simply not have them.
        if !old.is_empty() && counted(&old) != counted(&new) && !names.iter().any(|n| n == name) {
            names.push(name.to_owned());
        }
    }
    names
}

/// A path to a block stands for how many of it there are: its attributes have their own paths.
fn counted(values: &[&Value]) -> Vec<Value> {
    let count = |value: &&Value| match value {
        Value::List(blocks) if blocks.iter().any(|block| block.as_map().is_some()) => {
            Value::Int(i64::try_from(blocks.len()).unwrap_or(i64::MAX))
        }
        value => (*value).clone(),
    };
    values.iter().map(count).collect()
}
