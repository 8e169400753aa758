//! What the reader promises: places, all problems at once, and no panic whatever the text.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use super::*;
use crate::source::{Problems, Source};

fn shown(problems: &Problems) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn values_arrive_with_their_types() {
    let text = "a = \"x\"\nb = 3\nc = [\"1\", \"2\"]\nd = { k = \"v\", \"other key\" = \"w\" }\n\
                e = \"90s\"\nf = \"1Gi\"\ng = rolling\n";
    let mut problems = Problems::new();
    let p = &mut problems;
    let mut body = read(&Source::new("x.hcl", text), p).unwrap();
    assert_eq!(body.take("a").unwrap().string(p).unwrap(), "x");
    assert_eq!(body.take("b").unwrap().integer(1..=5_u8, p).unwrap(), 3);
    assert_eq!(body.take("c").unwrap().string_list(p).unwrap(), ["1", "2"]);
    let map: Vec<(String, String)> = body.take("d").unwrap().string_map(p).unwrap();
    assert_eq!(map, [("k".to_owned(), "v".to_owned()), ("other key".to_owned(), "w".to_owned())]);
    assert_eq!(body.take("e").unwrap().duration(p).unwrap().as_secs(), 90);
    assert_eq!(body.take("f").unwrap().size_mib(p).unwrap(), 1024);
    assert_eq!(body.take("g").unwrap().enumeration(&[("rolling", 1)], p).unwrap(), 1);
    body.finish(p);
    assert!(problems.is_empty(), "{}", shown(&problems));
}

#[test]
fn literal_mode_keeps_what_looks_like_a_template() {
    for (written, expected) in [
        (r#""${file("/etc/passwd")}""#, r#"${file("/etc/passwd")}"#),
        (r#""%{ for x in y""#, "%{ for x in y"),
        (r#""${unclosed""#, "${unclosed"),
        (r#""a\"b ${"c"} \u00e9""#, "a\"b ${\"c\"} é"),
        (r#""$${kept}""#, "${kept}"),
    ] {
        let mut problems = Problems::new();
        let text = format!("a = {written}\nb = [{written}]\n");
        let mut body = read_literal(&Source::new("x.hcl", text), &mut problems)
            .unwrap_or_else(|| panic!("{written}: {}", shown(&problems)));
        let a = body.take("a").unwrap();
        assert_eq!(a.string(&mut problems).as_deref(), Some(expected));
        assert_eq!(a.place().text(), written);
        assert_eq!(body.take("b").unwrap().string_list(&mut problems).unwrap(), [expected]);
        assert!(problems.is_empty(), "{}", shown(&problems));
    }
}

#[test]
fn everything_wrong_is_found_at_once() {
    let text = "\
a = 1
a = 2
service \"web\" {
  memroy = 1
  image = \"x\"
  map = { k = 1, k = 2 }
}
service \"web\" {
}
servise \"x\" {
}
";
    let mut problems = Problems::new();
    let p = &mut problems;
    let mut body = read(&Source::new("x.hcl", text), p).unwrap();
    body.take("a");
    for (_, mut service) in body.named_blocks("service", p) {
        service.take("memory");
        service.require("command", p);
        service.take("image").unwrap().size_mib(p);
        service.take("map").unwrap().entries(p);
        service.finish(p);
    }
    body.finish(p);
    let places: Vec<_> =
        problems.iter().map(|problem| problem.place.as_ref().unwrap().line_column()).collect();
    let all = shown(&problems);
    for expected in [(2, 1), (4, 3), (5, 11), (6, 18), (8, 9), (10, 1), (3, 1)] {
        assert!(places.contains(&expected), "{expected:?} in {places:?}\n{all}");
    }
    for expected in ["did you mean `memory`", "did you mean `service`", "first on line 3", "\"x\""]
    {
        assert!(all.contains(expected), "{expected}\n{all}");
    }
    assert_eq!(places.len(), 7, "{all}");
}

#[test]
fn hostile_texts_give_one_problem() {
    let many = |text: &str, count: usize| text.repeat(count);
    for (text, expected) in [
        (String::new(), "is empty"),
        (" \n\t".to_owned(), "is empty"),
        (many("{", 10 << 20), "bytes"),
        (format!("a = {}", many("[", 100_000)), "brackets"),
        (format!("a = {}", many("(", 20)), "cannot be read"),
        (format!("a = {}", many("{a=", 20)), "cannot be read"),
        (many("a {\n", 20), "cannot be read"),
        (format!("a = {}", many("\"${", 1000)), "does not end"),
        (format!("a = {}true", many("!", 100_000)), "cannot be read"),
        (format!("a = {}1", many("1 == ", 100_000)), "cannot be read"),
        (format!("a = \"{}{}\"", many("${\"", 1000), many("\"}", 1000)), "cannot be read"),
        ("a = \"x\nb = 1\n".to_owned(), "does not end"),
        ("/* a".to_owned(), "not closed"),
        ("a = <<EOT\nx\n".to_owned(), "not closed"),
        ("\u{feff}a = 1\n".to_owned(), "byte order mark"),
        ("a = 1 b = 2\n".to_owned(), "cannot be read"),
        ("\0".to_owned(), "cannot be read"),
    ] {
        let mut problems = Problems::new();
        assert!(read(&Source::new("x.hcl", text.clone()), &mut problems).is_none());
        let all = shown(&problems);
        assert!(all.contains(expected), "{expected}: {all}");
        assert_eq!(problems.iter().count(), 1, "{all}");
    }
    let mut problems = Problems::new();
    assert!(source("x.hcl", b"a = \"\xff\"".to_vec(), &mut problems).is_none());
    assert!(shown(&problems).contains("x.hcl:1:6"), "{}", shown(&problems));
}

#[test]
fn quoted_texts_are_scanned_in_linear_time() {
    // Each `"${` could look for its end to the end of the line: without care this is quadratic.
    let text = format!("a = [{}]\n", "\"${\", ".repeat(150_000));
    let mut problems = Problems::new();
    let body = read_literal(&Source::new("x.hcl", text), &mut problems);
    let items = body.unwrap().take("a").unwrap().string_list(&mut problems).unwrap();
    assert_eq!(items.len(), 150_000);
}

#[test]
fn expressions_hold_the_closed_part_of_hcl() {
    let good = "a = \"v${release.version}\"\nb = [input.x, 1]\nc = !feature.a && input.b == \"x\"\n\
                d = { k = urlencode(secret.s) }\ne = <<-EOT\n    x\n      y\n    EOT\n";
    let mut problems = Problems::new();
    let p = &mut problems;
    let body = read(&Source::new("x.hcl", good), p).unwrap().take_all();
    let written: Vec<_> = body.iter().map(|value| value.expression(p).unwrap()).collect();
    assert_eq!(written[0].references[0].path, ["release", "version"]);
    assert_eq!(written[0].references[0].place.line_column(), (1, 9));
    assert_eq!(written[3].references[0].place.line_column(), (4, 21));
    assert_eq!(written[4].expression, crate::kit::model::Expression::Literal("x\n  y\n".into()));
    for (bad, named) in [
        ("a = [for x in y : x]\n", "`for`"),
        ("a = x ? 1 : 2\n", "condition"),
        ("a = file(\"x\")\n", "`file(...)`"),
        ("a = b[*].c\n", "splat"),
        ("a = b[0]\n", "index"),
        ("a = 1 + 2\n", "`+`"),
        ("a = -b.c\n", "`-`"),
        ("a = \"%{ if x }y%{ endif }\"\n", "directive"),
        ("a = \"${~ x ~}\"\n", "`~`"),
        ("a = urlencode(1, 2)\n", "2 arguments"),
        ("a = <<EOT\n%{ if x }y%{ endif }\nEOT\n", "directive"),
    ] {
        let mut problems = Problems::new();
        let body = read(&Source::new("x.hcl", bad), &mut problems).unwrap().take_all();
        assert!(body[0].expression(&mut problems).is_none(), "{bad}");
        assert!(shown(&problems).contains(named), "{bad}: {}", shown(&problems));
    }
}
