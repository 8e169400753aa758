//! The part of `terraform fmt` that rendered text needs: equals signs of neighbouring lines in
//! one column, no blank lines in a row, none at the start or end of a block.
//!
//! Everything else (indentation, spacing inside a line) is right in the templates already. Tests
//! hold this against the real `terraform fmt`.

/// Aligns the equals signs of every run of neighbouring one-line attributes, as `terraform fmt`
/// does: a line that opens a bracket and does not close it ends the run.
pub fn align(text: &str) -> String {
    let lines = tidy(text);
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut start = 0;
    while start < lines.len() {
        let end = (start..lines.len())
            .find(|&at| assignment(&lines[at]).is_none())
            .unwrap_or(lines.len());
        if end == start {
            out.push_str(&lines[start]);
            out.push('\n');
            start += 1;
            continue;
        }
        let run = &lines[start..end];
        let width = run.iter().filter_map(|line| assignment(line)).map(|(lead, _)| columns(lead));
        let width = width.max().unwrap_or(0);
        for line in run {
            if let Some((lead, rest)) = assignment(line) {
                out.push_str(lead);
                out.push_str(&" ".repeat(width - columns(lead)));
                out.push_str(" = ");
                out.push_str(rest);
                out.push('\n');
            }
        }
        start = end;
    }
    out
}

fn columns(text: &str) -> usize {
    text.chars().count()
}

/// Lines without trailing space, without blank lines in a row or at the edges of a block.
fn tidy(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines().map(str::trim_end) {
        let opened = lines.last().is_none_or(|last| {
            last.is_empty() || last.ends_with('{') || last.ends_with('[') || last.ends_with('(')
        });
        if line.is_empty() && opened {
            continue;
        }
        if line.trim_start().starts_with(['}', ']', ')'])
            && lines.last().is_some_and(String::is_empty)
        {
            lines.pop();
        }
        lines.push(line.to_owned());
    }
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}

/// Splits `  key = value` if the value is a whole expression on this line.
fn assignment(line: &str) -> Option<(&str, &str)> {
    let trimmed = line.trim_start();
    if trimmed.starts_with('#') {
        return None;
    }
    let indent = line.len() - trimmed.len();
    let key = if let Some(inside) = trimmed.strip_prefix('"') {
        2 + string_length(inside)?
    } else {
        trimmed.find(|character: char| {
            !(character.is_ascii_alphanumeric() || character == '_' || character == '-')
        })?
    };
    let rest = trimmed[key..].trim_start();
    let value = rest.strip_prefix('=').filter(|after| !after.starts_with(['=', '>']))?;
    (key > 0 && balanced(value)).then(|| (&line[..indent + key], value.trim_start()))
}

/// Length of a string literal's inside, up to its closing quote; template parts may nest.
fn string_length(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => return Some(at),
            b'\\' => at += 2,
            b'$' | b'%' if bytes.get(at + 1) == Some(&b'{') => {
                // A doubled marker is literal.
                if at > 0 && bytes[at - 1] == bytes[at] {
                    at += 2;
                    continue;
                }
                at += 2 + template_length(&text[at + 2..])? + 1;
            }
            _ => at += 1,
        }
    }
    None
}

/// Length of a template part's inside, up to its closing brace.
fn template_length(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut at, mut depth) = (0, 0_usize);
    while at < bytes.len() {
        match bytes[at] {
            b'"' => at += 1 + string_length(&text[at + 1..])?,
            b'{' => depth += 1,
            b'}' if depth == 0 => return Some(at),
            b'}' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
    None
}

/// Whether all brackets outside of strings are closed.
fn balanced(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (mut at, mut depth) = (0, 0_i32);
    while at < bytes.len() {
        match bytes[at] {
            b'"' => match string_length(&text[at + 1..]) {
                Some(length) => at += length + 1,
                None => return false,
            },
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth -= 1,
            b'#' => break,
            _ => {}
        }
        at += 1;
    }
    depth == 0
}
