//! The forms in which providers keep JSON documents.

/// No white space, keys sorted, `<`, `>` and `&` escaped, as Go writes JSON; `None` if it is not
/// JSON.
pub(super) fn normal(text: &str) -> Option<String> {
    let json: serde_json::Value = serde_json::from_str(text).ok()?;
    let text = json.to_string();
    Some(text.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026"))
}

/// The same text without the white space between its tokens; `None` if it is not JSON.
pub(crate) fn compact(text: &str) -> Option<String> {
    serde_json::from_str::<serde::de::IgnoredAny>(text).ok()?;
    let (mut quoted, mut escaped) = (false, false);
    let kept = text.chars().filter(|character| {
        let inside = quoted;
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = quoted,
            '"' => quoted = !quoted,
            _ => {}
        }
        inside || !character.is_whitespace()
    });
    Some(kept.collect())
}
