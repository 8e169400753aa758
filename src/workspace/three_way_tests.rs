//! Every way in which base, disk and rendering can differ, and that no line of a person is lost.
#![allow(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::*;

use super::*;

const TEXT: &str = "a\nb\nc\nd\ne\nf\ng\n";
const TFVARS: &str = "name = \"a\"\n\nsize = 1\n\nlogs = {\n  days = 30\n}\n";

fn base(text: &str) -> Base {
    Base { hash: sha256(text.as_bytes()), bytes: Some(text.as_bytes().to_vec()) }
}

fn verdict(path: &str, sides: [Option<&str>; 3]) -> Verdict {
    let [before, disk, new] = sides;
    judge(path, before.map(base).as_ref(), disk.map(str::as_bytes), new.map(str::as_bytes))
}

#[test]
fn the_whole_matrix() {
    let theirs = |text: &str| text.replace("g\n", "theirs\n").replace("30", "7");
    for (path, text, mine) in [
        ("e/README.md", TEXT, TEXT.replacen('a', "mine", 1)),
        ("e/terraform/jobs/terraform.tfvars", TFVARS, TFVARS.replace("\"a\"", "\"mine\"")),
    ] {
        let (both, theirs) = (theirs(&mine), theirs(text));
        let other = text.replace("30", "14").replace("g\n", "mine\n");
        let (text, mine, theirs) = (Some(text), Some(mine.as_str()), Some(theirs.as_str()));
        let conflict = Verdict::Conflict;
        for (sides, expected) in [
            ([None, None, None], Verdict::Unchanged),
            ([None, None, text], Verdict::Added),
            ([None, text, text], Verdict::Same),
            ([None, mine, text], conflict(Conflict::NoBase)),
            ([text, None, None], Verdict::Unchanged),
            ([text, None, text], conflict(Conflict::Deleted)),
            ([text, None, theirs], conflict(Conflict::Deleted)),
            ([text, text, None], Verdict::Removed),
            ([text, mine, None], conflict(Conflict::Dropped)),
            ([text, text, text], Verdict::Unchanged),
            ([text, text, theirs], Verdict::Taken),
            ([text, mine, text], Verdict::Kept),
            ([text, theirs, theirs], Verdict::Same),
            ([text, mine, theirs], Verdict::Merged(both.clone().into_bytes())),
            ([text, Some(&other), theirs], conflict(Conflict::SamePlace)),
        ] {
            assert_eq!(verdict(path, sides), expected, "{path}: {sides:?}");
        }
    }
}

#[test]
fn modules_are_never_a_persons() {
    let path = ".modules/ab12/aws/service/main.tf";
    let (text, mine) = (Some(TEXT), Some("mine\n"));
    let module = Verdict::Conflict(Conflict::Module);
    assert_eq!(verdict(path, [text, mine, text]), module);
    assert_eq!(verdict(path, [None, mine, text]), module);
    assert_eq!(verdict(path, [text, None, text]), Verdict::Added);
    assert_eq!(verdict(path, [text, text, None]), Verdict::Unchanged, "others may use it");
}

#[test]
fn what_cannot_be_merged_is_refused() {
    let path = "e/terraform/services/main.tf";
    let conflict = |sides, conflict| {
        assert_eq!(verdict(path, sides), Verdict::Conflict(conflict), "{sides:?}");
    };
    // Both say the same thing in different places.
    let before = "a = 1\n\nb = 1\n\nc = 1\n\nd = 1\n";
    let mine = "z = 1\na = 1\n\nb = 1\n\nc = 1\n\nd = 1\n";
    let theirs = "a = 1\n\nb = 1\n\nc = 1\n\nd = 1\nz = 2\n";
    conflict([Some(before), Some(mine), Some(theirs)], Conflict::Unreadable);
    let blocks = |first: &str, last: &str| {
        format!("{first}a {{\n  b = {{ c = 1 }}\n}}\n\nd {{\n}}\n\ne {{\n}}\n{last}")
    };
    let module = "module \"web\" {\n}\n\n";
    let sides = [blocks("", ""), blocks(module, ""), blocks("", module)];
    conflict([&sides[0], &sides[1], &sides[2]].map(|it| Some(it.as_str())), Conflict::Unreadable);
    // What a person wrote is not HCL at all.
    let mine = format!("}}\n{before}");
    conflict([Some(before), Some(&mine), Some(&theirs.replace('z', "y"))], Conflict::Unreadable);

    let unknown = Base { hash: sha256(before.as_bytes()), bytes: None };
    let sides = (Some(b"mine".as_slice()), Some(b"theirs".as_slice()));
    let found = judge(path, Some(&unknown), sides.0, sides.1);
    assert_eq!(found, Verdict::Conflict(Conflict::NoBase));
    let binary = judge("e/x.bin", Some(&base("a\n")), Some(b"\xff\xfe"), Some(b"b\n"));
    assert_eq!(binary, Verdict::Conflict(Conflict::NotText));
    assert_eq!(judge("e/x.bin", Some(&base("a\n")), Some(b"\xff"), Some(b"a\n")), Verdict::Kept);
}

fn text() -> impl Strategy<Value = String> {
    let line = prop_oneof![Just("a"), Just("b"), Just("c"), Just(""), Just("x = 1"), Just("}")];
    (proptest::collection::vec(line, 0..12), any::<bool>())
        .prop_map(|(lines, end)| lines.join("\n") + if end { "\n" } else { "" })
}

proptest! {
    /// Every line that a person added is in the result, or all of it is refused.
    #[test]
    fn no_line_of_a_person_is_lost(
        before in text(), disk in text(), new in text(), known in any::<bool>(), hcl in any::<bool>(),
    ) {
        let path = if hcl { "e/main.tf" } else { "e/README.md" };
        let base = known.then(|| base(&before));
        let found = judge(path, base.as_ref(), Some(disk.as_bytes()), Some(new.as_bytes()));
        let result = match found {
            Verdict::Merged(merged) => String::from_utf8(merged).unwrap(),
            Verdict::Kept => disk.clone(),
            Verdict::Taken => {
                prop_assert_eq!(&disk, &before);
                return Ok(());
            }
            Verdict::Unchanged | Verdict::Same => {
                prop_assert_eq!(&disk, &new);
                return Ok(());
            }
            Verdict::Conflict(_) => return Ok(()),
            other => return Err(TestCaseError::fail(format!("{other:?}"))),
        };
        for (line, times) in added(&before, &disk) {
            let kept = result.lines().filter(|it| *it == line).count();
            prop_assert!(kept >= times, "{line:?} is lost: {result:?}");
        }
    }
}
