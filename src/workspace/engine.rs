//! The template engine: Tera with two filters that quote, and nothing that reaches out.

use std::collections::BTreeMap;
use std::path::Path;

use tera::{Context, Kwargs, State, Tera};

use super::format::align;
use super::value::{key_text, quote};
use crate::failure::{Failure, Result};

/// The templates of a release, parsed.
pub(super) struct Engine(Tera);

impl Engine {
    /// Parses every template; `templates` maps names such as `aws/foundation/main.tf.tera` to
    /// their text.
    pub(super) fn new(templates: &BTreeMap<String, Vec<u8>>) -> Result<Self> {
        let mut tera = Tera::new();
        // `{{ value | hcl }}`: a string literal. `{{ name | hcl_key }}`: a key of an object.
        tera.register_filter("hcl", |text: &str, _: Kwargs, _: &State| quote(text));
        tera.register_filter("hcl_key", |text: &str, _: Kwargs, _: &State| key_text(text));
        let mut texts = Vec::new();
        // SQL quotes in its own way: crate::database renders it.
        let template = |name: &str| Path::new(name).extension().is_some_and(|end| end == "tera");
        let ours = |name: &str| template(name) && !name.ends_with(".sql.tera");
        for (name, bytes) in templates.iter().filter(|(name, _)| ours(name)) {
            let text = std::str::from_utf8(bytes).map_err(|error| {
                Failure::input(format!("the template {name} is not UTF-8")).caused_by(error)
            })?;
            texts.push((name.as_str(), text));
        }
        tera.add_raw_templates(texts).map_err(|error| {
            Failure::input("a template of the kit cannot be read").because(error.to_string())
        })?;
        Ok(Self(tera))
    }

    /// Renders a template to Terraform text, formatted.
    pub(super) fn terraform(&self, template: &str, context: &serde_json::Value) -> Result<String> {
        Ok(align(&self.text(template, context)?))
    }

    /// Renders a template as it is.
    pub(super) fn text(&self, template: &str, context: &serde_json::Value) -> Result<String> {
        let context = Context::from_serialize(context).map_err(|error| {
            Failure::failed(format!("cannot pass values to {template}")).because(error.to_string())
        })?;
        self.0.render(template, &context).map_err(|error| {
            Failure::input(format!("the template {template} cannot be rendered"))
                .because(error.to_string())
                .next("if you changed templates/ of the kit, compare with the standard ones")
        })
    }
}
