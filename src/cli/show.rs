//! `landfall show`: every value of an environment and where it comes from.

use super::{Format, Global};
use crate::environment::model::Origin;
use crate::failure::{Exit, Result};

/// Print every value and where it comes from
#[derive(Debug, clap::Args)]
pub(super) struct Show {
    /// Environment (default: the only one)
    name: Option<String>,
}

impl Show {
    pub(super) fn run(self, global: &Global) -> Result<Exit> {
        let site = global.site()?;
        let loaded = site.load(&site.choose(self.name.as_deref())?)?;
        let origins = &loaded.environment.origins;
        match global.format {
            Format::Human => super::print(&table(origins)),
            Format::Json => {
                for origin in origins {
                    let line = serde_json::json!({
                        "key": origin.key, "value": origin.value, "origin": origin.origin,
                    });
                    super::print(&line.to_string());
                }
            }
        }
        Ok(Exit::Done)
    }
}

/// Widest value that is shown whole; a longer one would push the origin off the screen.
const WIDEST: usize = 60;

fn table(origins: &[Origin]) -> String {
    let columns = |text: &str| text.chars().count();
    let cut = |text: &str| {
        let line = text.lines().next().unwrap_or_default();
        if columns(text) <= WIDEST && !text.contains('\n') {
            return text.to_owned();
        }
        format!("{}…", line.chars().take(WIDEST - 1).collect::<String>())
    };
    let width = |column: fn(&Origin) -> &str| {
        origins.iter().map(|origin| columns(&cut(column(origin)))).max().unwrap_or(0)
    };
    let (keys, values) = (width(|origin| &origin.key), width(|origin| &origin.value));
    let row = |it: &Origin| format!("{:keys$}  {:values$}  {}", it.key, cut(&it.value), it.origin);
    origins.iter().map(row).collect::<Vec<_>>().join("\n")
}
