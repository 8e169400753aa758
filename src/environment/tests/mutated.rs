//! Whatever a file holds, resolving answers; it never panics.

use proptest::prelude::*;

use super::Root;

fn roots() -> impl Strategy<Value = Root> {
    prop_oneof![
        Just(Root::demo()),
        Just(Root::demo_gcp()),
        Just(Root::production()),
        Just(Root::password()),
        Just(Root::deal_brain())
    ]
}

/// A line less, a line twice, a few bytes replaced, or cut off.
fn mutate(text: &str, how: u8, at: usize, with: &str) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    let line = at % lines.len().max(1);
    match how % 4 {
        0 => drop(lines.remove(line)),
        1 => lines.insert(line, lines[line]),
        2 => {
            let floor = (0..=at % text.len()).rev().find(|at| text.is_char_boundary(*at));
            let (before, after) = text.split_at(floor.unwrap_or(0));
            let skipped: String = after.chars().skip(with.chars().count()).collect();
            return format!("{before}{with}{skipped}");
        }
        _ => lines.truncate(line),
    }
    lines.join("\n")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn mutated_files_are_answered(
        root in roots(),
        file in 0_u8..4,
        how in any::<u8>(),
        at in 0_usize..20_000,
        with in "[\\PC\"{}=\\[\\]$%]{0,6}",
    ) {
        let mut root = root;
        let text = match file {
            0 => &mut root.kit,
            1 => &mut root.lock,
            _ => &mut root.environment,
        };
        *text = mutate(text, how, at, &with);
        if let Err(failure) = root.resolve() {
            prop_assert_eq!(failure.exit() as u8, 2, "{}", failure);
            prop_assert!(failure.to_string().contains("nothing was written"));
        }
    }
}
