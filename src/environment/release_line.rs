//! The line of `environment.hcl` that says which release is wanted: the only thing that Landfall
//! ever changes in that file, and it leaves every other byte as it is.

use hcl_edit::Span as _;
use hcl_edit::structure::Body;

use crate::failure::{Failure, Result};
use crate::workspace::quote;

/// The text with another release; unchanged if it says so already.
pub fn set_release(text: &str, tag: &str) -> Result<String> {
    let unreadable = || {
        Failure::input("environment.hcl has no block `environment` to write the release into")
            .next("correct the file, then run the same command again")
    };
    let body: Body = text.parse().map_err(|_| unreadable())?;
    let block = body.get_blocks("environment").next().ok_or_else(unreadable)?;
    let written = block.body.get_attribute("release").and_then(|it| it.value.span());
    let mut changed = text.to_owned();
    if let Some(span) = written {
        changed.replace_range(span, &quote(tag));
        return Ok(changed);
    }
    // It came from defaults.hcl so far: what this environment runs is its own from now on.
    let block = block.span().ok_or_else(unreadable)?;
    let brace = text[block.clone()].find('{').ok_or_else(unreadable)?;
    changed.insert_str(block.start + brace + 1, &format!("\n  release = {}", quote(tag)));
    Ok(changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_release_changes() -> Result<()> {
        let text = "# ours\nenvironment \"acme\" { # here\n  format  = 1\n  release = \"v1.0.0\" # pinned\n  kit     = \"../..\"\n}\n";
        let changed = set_release(text, "v1.1.0")?;
        assert_eq!(changed, text.replace("v1.0.0", "v1.1.0"));
        assert_eq!(set_release(&changed, "v1.1.0")?, changed);
        Ok(())
    }

    #[test]
    fn a_release_of_the_defaults_becomes_the_environments_own() -> Result<()> {
        let changed = set_release("environment \"acme\" {\n  format = 1\n}\n", "v1.1.0")?;
        assert_eq!(changed, "environment \"acme\" {\n  release = \"v1.1.0\"\n  format = 1\n}\n");
        Ok(())
    }

    #[test]
    fn a_file_without_the_block_is_refused() {
        assert!(set_release("aws {}\n", "v1.1.0").is_err());
        assert!(set_release("environment \"acme\" {", "v1.1.0").is_err());
    }
}
