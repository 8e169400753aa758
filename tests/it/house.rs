//! The design's own rules, read from the sources: what a reviewer would have to remember.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use landfall::release::tree;
use regex::Regex;

use crate::render::support::repository;

/// Every file under a folder of the repository, relative to it, sorted; at least one.
fn files(folder: &str, ends: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(repository().join(&folder)).unwrap() {
            let path = folder.join(entry.unwrap().file_name());
            let name = path.to_str().unwrap().to_owned();
            // Terraform leaves its own folders where somebody ran it.
            if repository().join(&path).is_dir() && !name.ends_with("/.terraform") {
                folders.push(path);
            } else if ends.iter().any(|end| name.ends_with(end)) {
                found.push(name);
            }
        }
    }
    assert!(!found.is_empty(), "no {ends:?} in {folder}");
    found.sort();
    found
}

fn read(file: &str) -> String {
    std::fs::read_to_string(repository().join(file))
        .unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// Lines that match, as `file:line: text`.
fn matches(files: &[String], pattern: &str) -> Vec<String> {
    let pattern = Regex::new(pattern).unwrap();
    let mut found = Vec::new();
    for file in files {
        for (number, line) in read(file).lines().enumerate() {
            if pattern.is_match(line) {
                found.push(format!("{file}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    found
}

fn terraform() -> Vec<String> {
    let texts = [files("modules", &[".tf"]), files("templates", &[".tera"])].concat();
    texts.into_iter().filter(|file| !file.contains("/tests/")).collect()
}

/// The provider that the modules of each cloud name.
const CLOUDS: [(&str, &str); 2] =
    [("aws", "version = \">= 5.100, < 7\""), ("gcp", "version = \">= 7.42, < 8\"")];

/// `aws/service`.
fn modules() -> Vec<String> {
    let mut names = Vec::new();
    for (cloud, _) in CLOUDS {
        let before = names.len();
        for entry in std::fs::read_dir(repository().join("modules").join(cloud)).unwrap() {
            names.push(format!("{cloud}/{}", entry.unwrap().file_name().to_str().unwrap()));
        }
        assert!(names.len() >= before + 10, "{names:?}");
    }
    names.sort();
    names
}

/// A layer that asks the cloud while it is planned cannot be forecast, and one approval for the
/// whole install would not hold.
#[test]
fn only_policy_documents_are_data() {
    let data = matches(&terraform(), r#"^\s*data\s+""#);
    assert!(data.iter().any(|line| line.contains("aws_iam_policy_document")), "nothing was read");
    let foreign: Vec<_> =
        data.iter().filter(|line| !line.contains("\"aws_iam_policy_document\"")).collect();
    assert!(foreign.is_empty(), "{foreign:#?}");
}

/// A second plan right after an apply is empty, and the forecast is what gets applied.
#[test]
fn nothing_that_differs_from_plan_to_plan() {
    let call = r"\b(plantimestamp|timestamp|uuid|bcrypt|formatdate)\s*\(|\brandom_\w+|\btime_(sleep|offset|rotating|static)\b";
    let found = matches(&terraform(), call);
    assert!(found.is_empty(), "{found:#?}");
    let pattern = Regex::new(call).unwrap();
    assert!(pattern.is_match("x = timestamp()") && pattern.is_match("resource \"random_id\""));
}

/// No code runs where terraform runs, and nothing else is fetched.
#[test]
fn no_provisioners_and_no_other_providers() {
    let found = matches(
        &terraform(),
        r#"^\s*(provisioner|connection)\b|(resource|data)\s+"(null_resource|external|http|local_file)"|source\s*=\s*"(git|http|hashicorp/([b-fh-z]|go?[a-np-z]))"#,
    );
    assert!(found.is_empty(), "{found:#?}");
    let sources = matches(&terraform(), r#"source\s*=\s*"hashicorp/(aws|google)""#);
    assert!(sources.len() > modules().len(), "{sources:#?}");
    for module in modules() {
        let providers = matches(&files(&format!("modules/{module}"), &[".tf"]), r"^provider\b");
        assert!(providers.is_empty(), "{providers:#?}");
    }
}

/// A container is the same thing whether it serves or runs once.
#[test]
fn jobs_and_services_have_one_task_definition() {
    let of = |module: &str| read(&format!("modules/aws/{module}/task_definition.tf"));
    assert!(of("job") == of("service"), "modules/aws/{{job,service}}/task_definition.tf differ");
}

#[test]
fn every_module_is_whole() {
    let variable = Regex::new(r#"(?ms)^variable "([a-z_0-9]+)" \{\n(.*?)^\}"#).unwrap();
    let output = Regex::new(r#"(?ms)^output "([a-z_0-9]+)" \{\n(.*?)^\}"#).unwrap();
    let parts = [
        ("description", r"(?m)^  description\s+= "),
        ("type", r"(?m)^  type\s+= "),
        ("nullable = false, nor a word on null", r"(?m)^  nullable\s+= false$|\bnull\b"),
    ];
    let parts = parts.map(|(part, pattern)| (part, Regex::new(pattern).unwrap()));
    let mut faults = Vec::new();
    for module in modules() {
        let folder = format!("modules/{module}");
        let cloud = CLOUDS.iter().find(|(cloud, _)| module.starts_with(cloud)).unwrap();
        for file in ["README.md", "versions.tf", "variables.tf", "main.tf", "outputs.tf"] {
            if !repository().join(&folder).join(file).is_file() {
                faults.push(format!("{folder} has no {file}"));
            }
        }
        let versions = read(&format!("{folder}/versions.tf"));
        for part in ["required_version = \">= 1.11\"", cloud.1] {
            if !versions.contains(part) {
                faults.push(format!("{folder}/versions.tf has no {part}"));
            }
        }
        let tests = files(&format!("{folder}/tests"), &[".tftest.hcl"]);
        let refused = matches(&tests, r"^\s*expect_failures\s*=").len();
        if refused < 2 {
            faults.push(format!("{folder}/tests has {refused} expect_failures, not 2"));
        }
        let text = read(&format!("{folder}/variables.tf"));
        let variables: Vec<_> = variable.captures_iter(&text).collect();
        if variables.is_empty() || variables.len() > 15 {
            faults.push(format!("{folder} has {} variables, not 1 to 15", variables.len()));
        }
        for found in variables {
            for (part, pattern) in &parts {
                if !pattern.is_match(&found[2]) {
                    faults.push(format!("{folder}: variable {} has no {part}", &found[1]));
                }
            }
        }
        for found in output.captures_iter(&read(&format!("{folder}/outputs.tf"))) {
            if !found[2].contains("  description = ") {
                faults.push(format!("{folder}: output {} has no description", &found[1]));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

/// What is longer than a person holds in mind has a reason to be, and says it: `//! Long: ...`.
#[test]
fn long_files_say_why() {
    let sources = [files("src", &[".rs"]), files("tests", &[".rs"])].concat();
    let long = sources.iter().filter(|file| {
        let text = read(file);
        text.lines().count() > 500 && !text.lines().any(|line| line.starts_with("//! Long: "))
    });
    let long: Vec<_> = long.collect();
    assert!(long.is_empty(), "more than 500 lines without a line `//! Long: ...`: {long:?}");
}

#[test]
fn every_file_says_what_it_is_for() {
    let sources = [files("src", &[".rs"]), files("tests", &[".rs"])].concat();
    let silent: Vec<_> = sources.iter().filter(|file| !read(file).starts_with("//! ")).collect();
    assert!(silent.is_empty(), "{silent:?}");
}

/// `lib.rs` is the map: a room that it does not name is not found.
#[test]
fn the_map_names_every_room() {
    let map = read("src/lib.rs");
    let header: String = map.lines().take_while(|line| line.starts_with("//!")).collect();
    let rooms: BTreeSet<String> = std::fs::read_dir(repository().join("src"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .filter(|name| !["lib", "main"].contains(&name.as_str()))
        .collect();
    assert!(rooms.len() > 20, "{rooms:?}");
    let unnamed: Vec<_> = rooms
        .iter()
        .filter(|room| !Regex::new(&format!(r"\b{room}\b")).unwrap().is_match(&header))
        .collect();
    assert!(unnamed.is_empty(), "src/lib.rs does not say what these are for: {unnamed:?}");
}

/// A safeguard is as good as its test: those that the page names are there.
#[test]
fn the_page_of_security_names_tests_that_exist() {
    let sources = [files("src", &[".rs"]), files("tests", &[".rs"])].concat();
    let code: String = sources.iter().map(|file| read(file)).collect();
    let name = Regex::new("`([a-z][a-z0-9]*(?:_[a-z0-9]+)+)`").unwrap();
    let page = read("docs/security.md");
    let (_, table) = page.split_once("| id | test | shows |").unwrap();
    let rows = table.lines().skip(1).take_while(|line| line.starts_with('|'));
    let shown = rows.filter_map(|row| row.split('|').nth(2));
    let named: BTreeSet<&str> =
        shown.flat_map(|cell| name.captures_iter(cell)).map(|it| it.extract::<1>().1[0]).collect();
    assert!(named.len() > 12, "{named:?}");
    let gone: Vec<_> = named.iter().filter(|it| !code.contains(&format!("fn {it}("))).collect();
    assert!(gone.is_empty(), "docs/security.md names tests that do not exist: {gone:?}");
}

/// The kits whose environments name a tag are pinned to the bytes that are here.
#[test]
fn kit_locks_hold_the_hash_of_the_tree() {
    let shared: Vec<(String, Vec<u8>)> = ["templates", "modules"]
        .into_iter()
        .flat_map(|folder| files(folder, &[""]))
        .map(|file| (file.clone(), std::fs::read(repository().join(&file)).unwrap()))
        .collect();
    for folder in [".", "tests/fixtures/production"] {
        let kit = read(&format!("{folder}/kit.hcl")).into_bytes();
        let tree = shared.iter().cloned().chain([("kit.hcl".to_owned(), kit)]);
        let hash = tree::hash(tree, &BTreeSet::new());
        let lock = read(&format!("{folder}/kit.lock"));
        assert!(
            lock.contains(&format!("\"{hash}\"")),
            "{folder}/kit.lock does not hold {hash}: the kit, a template or a module has changed; \
             run scripts/pin",
        );
    }
}

/// Paths of the machine that something was written on are nobody else's.
/// `terraform import` cannot evaluate a `for_each` over another resource, and imports are the way
/// back after a kill. In a `dynamic` block, which is indented further, it can.
#[test]
fn no_resource_iterates_over_another() {
    let over = r"^  for_each\s*=.*\b(aws|google)_[a-z_0-9]+\.";
    let found = matches(&terraform(), over);
    assert!(found.is_empty(), "iterate over keys that are known: {found:#?}");
    let over = Regex::new(over).unwrap();
    assert!(over.is_match("  for_each = aws_subnet.public"));
    assert!(over.is_match("  for_each = google_sql_user.this"));
}

#[test]
fn no_path_of_a_developers_machine() {
    let texts = ["src", "templates", "modules", "tests", "scripts", "docs", "environments"]
        .into_iter()
        .flat_map(|folder| files(folder, &[""]))
        .filter(|file| Path::new(file) != Path::new("tests/it/house.rs"))
        .filter(|file| {
            std::str::from_utf8(&std::fs::read(repository().join(file)).unwrap()).is_ok()
        })
        .collect::<Vec<_>>();
    let found =
        matches(&texts, r#"(^|["'\s(=])/(work|root|home/[a-z]+|Users|opt|tmp/[a-z])(/|\b)"#);
    assert!(found.is_empty(), "{found:#?}");
}
