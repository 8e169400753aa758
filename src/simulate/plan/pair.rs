//! Which element of a set came from which block of the configuration.

use crate::simulate::schema::{Block, Nesting};
use crate::simulate::value::Value;

/// For each element the index of its block in the configuration. What fits nothing pairs up in
/// order: an unknown in the configuration can look like any prior value.
pub(super) fn pair_elements(
    block: &Block,
    elements: &[Value],
    configs: &[Value],
) -> Vec<Option<usize>> {
    let mut taken: Vec<usize> = Vec::new();
    let mut pairs: Vec<Option<usize>> = Vec::new();
    for element in elements {
        let fitting = (0..configs.len())
            .find(|at| !taken.contains(at) && fits(block, element, &configs[*at], false));
        taken.extend(fitting);
        pairs.push(fitting);
    }
    for pair in pairs.iter_mut().filter(|pair| pair.is_none()) {
        let left = (0..configs.len()).find(|at| !taken.contains(at));
        taken.extend(left);
        *pair = left;
    }
    pairs
}

/// Whether an element can have come from this configuration. `lax`: what the configuration leaves
/// out may be anything, a default of the provider for instance.
pub(super) fn fits(block: &Block, element: &Value, config: &Value, lax: bool) -> bool {
    let attributes = block.attributes.iter().all(|attribute| {
        let (element, config) = (element.at(&attribute.name), config.at(&attribute.name));
        let left_out = config.is_null() && (attribute.computed || lax);
        attribute.write_only || element == config || left_out
    });
    attributes
        && block.blocks.iter().all(|nested| {
            let inner = &nested.block;
            match (element.at(&nested.name), config.at(&nested.name)) {
                (Value::List(elements), Value::List(configs)) if nested.nesting == Nesting::Set => {
                    elements.len() == configs.len()
                        && elements.iter().all(|element| {
                            configs.iter().any(|config| fits(inner, element, config, lax))
                        })
                }
                (Value::List(elements), Value::List(configs)) => {
                    elements.len() == configs.len()
                        && elements.iter().zip(configs).all(|(e, c)| fits(inner, e, c, lax))
                }
                (element @ Value::Map(_), config @ Value::Map(_)) => {
                    fits(inner, element, config, lax)
                }
                (element, config) => (lax && config.is_absent()) || element == config,
            }
        })
}
