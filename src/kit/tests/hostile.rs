//! No text makes the reader panic, and what it accepts it accepts the same twice.

use proptest::prelude::*;

use super::{DEMO, FULL, parse, shown};

/// Words and signs from which a mutation is likely to stay close to a kit.
const PIECES: [&str; 24] = [
    "{",
    "}",
    "[",
    "]",
    "\"",
    "${",
    "%{",
    "=",
    "\n",
    ",",
    ".",
    "null",
    "true",
    "-1",
    "1e999",
    "é",
    "\u{0}",
    "<<EOT\n",
    "/*",
    "secret.licence",
    "database.main.host",
    "urlencode(",
    "!",
    "99999999999999999999",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn arbitrary_text_never_panics(text in any::<String>()) {
        if let Err(problems) = parse(&text) {
            shown(&problems);
        }
    }

    #[test]
    fn arbitrary_values_never_panic(value in "[ -~\u{e4}]{0,40}") {
        let text = format!("kit \"x1\" {{\n title = {value}\n}}\nenv {{\n A = {value}\n}}\n");
        if let Err(problems) = parse(&text) {
            shown(&problems);
        }
    }

    #[test]
    fn mutated_kits_never_panic_and_parse_the_same_twice(
        full in any::<bool>(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..12, 0..PIECES.len()), 1..4),
    ) {
        let mut text = if full { FULL } else { DEMO }.to_owned();
        for (at, removed, piece) in edits {
            let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
            let at = at.index(starts.len());
            let end = starts.get(at + removed).copied().unwrap_or(text.len());
            text.replace_range(starts[at]..end, PIECES[piece]);
        }
        let (first, second) = (parse(&text), parse(&text));
        let debug = |kit| match kit {
            Ok(kit) => format!("{kit:#?}"),
            Err(problems) => shown(&problems),
        };
        prop_assert_eq!(debug(first), debug(second));
    }
}

/// Each line of a kit that is removed or doubled leaves a kit or problems with places.
#[test]
fn every_line_may_be_missing_or_doubled() {
    for text in [DEMO, FULL] {
        let lines: Vec<&str> = text.lines().collect();
        for index in 0..lines.len() {
            let mut fewer = lines.clone();
            fewer.remove(index);
            let mut more = lines.clone();
            more.insert(index, lines[index]);
            // The larger kit takes its time; removing a line is what finds something.
            let texts = if text == FULL { vec![fewer] } else { vec![fewer, more] };
            for lines in texts {
                if let Err(problems) = parse(&(lines.join("\n") + "\n")) {
                    assert!(problems.iter().all(|problem| problem.place.is_some()));
                    assert!(!shown(&problems).is_empty());
                }
            }
        }
    }
}
