//! Kits from git: the tag decides, nothing else of the repository counts.

use std::collections::BTreeMap;
use std::path::Path;

use super::vendor::Vendor;
use crate::support::{DEMO, Root};

const ENVIRONMENT: &str = "environments/demo-aws/environment.hcl";

/// The demo's environment with its kit from a repository.
fn customer(vendor: &Vendor) -> Root {
    let root = Root::demo();
    root.edit(ENVIRONMENT, "\"../..\"", &format!("\"git::{}\"", vendor.url()));
    for file in ["kit.hcl", "kit.lock"] {
        std::fs::remove_file(root.path().join(file)).unwrap();
    }
    root
}

/// Rendered files by path.
fn rendered(root: &Root) -> BTreeMap<String, Vec<u8>> {
    fn visit(folder: &Path, top: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                visit(&path, top, files);
            } else if path.file_name().unwrap() != "environment.hcl" {
                let name = path.strip_prefix(top).unwrap().to_str().unwrap().to_owned();
                files.insert(name, std::fs::read(path).unwrap());
            }
        }
    }
    let mut files = BTreeMap::new();
    visit(&root.path().join("environments"), &root.path(), &mut files);
    files
}

#[test]
fn a_tag_renders_what_the_folder_renders() {
    let vendor = Vendor::demo();
    vendor.write("README.md", "work after the release\n");
    vendor.write("kit.hcl", "this is not the release\n");
    vendor.commit("later");
    vendor.git(&["tag", "--annotate", "--message", "the first", "v1.0.0-annotated", "v1.0.0"]);

    let folder = Root::demo();
    folder.landfall(&["render", DEMO]).ends_with(0);
    let mut git = customer(&vendor);
    // Where a shell's git happens to be is not where the kit is.
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        git.set(name, "elsewhere");
    }
    git.landfall(&["render", DEMO]).ends_with(0);
    assert_eq!(rendered(&folder), rendered(&git));
    assert!(rendered(&git).len() > 50);

    // The cache is private, ignored, and holds what renders and nothing else.
    let kits = git.path().join(".landfall/kits");
    let commit = vendor.git(&["rev-parse", "v1.0.0"]);
    let mut names: Vec<_> = std::fs::read_dir(kits.join(&commit))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["kit.hcl", "kit.lock"]);
    assert_eq!(std::fs::read_to_string(git.path().join(".landfall/.gitignore")).unwrap(), "*\n");
    let left: Vec<_> = std::fs::read_dir(&kits).unwrap().map(|it| it.unwrap().path()).collect();
    assert_eq!(left, [kits.join(&commit)], "nothing else is left behind");
    assert_eq!(vendor.git(&["status", "--porcelain"]), "");

    // An annotated tag names the same commit. That kit.hcl calls itself v1.0.0 is another matter.
    git.edit(ENVIRONMENT, "\"v1.0.0\"", "\"v1.0.0-annotated\"");
    git.landfall(&["render", DEMO])
        .ends_with(2)
        .says(&["kit.hcl is v1.0.0", "that tag was put on another release"]);
    assert!(kits.join("tags").join(vendor.git(&["rev-parse", "v1.0.0-annotated"])).exists());
}

#[test]
fn only_a_tag_is_a_release() {
    let vendor = Vendor::demo();
    vendor.git(&["tag", "v0.9.0"]);
    let commit = vendor.git(&["rev-parse", "HEAD"]);
    for (release, words) in [
        ("v1.1.0", &["the kit has no tag v1.1.0", "its tags: v1.0.0, v0.9.0"][..]),
        ("main", &["main is a branch", "its tags"]),
        (&commit, &["a commit is no release"]),
        ("v1.*", &["\"v1.*\" is not a tag", "never a range"]),
        ("--upload-pack=x", &["is not a tag"]),
        ("dev", &["the kit comes from git", "a tag"]),
    ] {
        let root = customer(&vendor);
        root.edit(ENVIRONMENT, "\"v1.0.0\"", &format!("\"{release}\""));
        root.landfall(&["render", DEMO]).ends_with(2).says(words);
    }
}

#[test]
fn without_the_repository_only_what_was_verified_is_taken() {
    let vendor = Vendor::demo();
    let root = customer(&vendor);
    root.landfall(&["render", DEMO]).ends_with(0).never_says(&["cache"]);
    let commit = vendor.git(&["rev-parse", "v1.0.0"]);
    vendor.hide();

    let why = ["cannot reach the kit's repository", "git ls-remote file://"];
    root.landfall(&["render", DEMO]).ends_with(1).says(&why).says(&["never verified here"]);
    let lock = |commit: &str| {
        let lock = format!("{{\"release\": {{\"tag\": \"v1.0.0\", \"commit\": \"{commit}\"}}}}");
        std::fs::write(root.path().join("environments/demo-aws/landfall.lock"), lock).unwrap();
    };
    lock(&commit);
    root.landfall(&["render", DEMO])
        .ends_with(0)
        .says(&["v1.0.0 is taken from the cache", &commit[..12]]);
    for other in ["0123456789012345678901234567890123456789", "../../..", ""] {
        lock(other);
        root.landfall(&["render", DEMO]).ends_with(1).says(&why).says(&["not in the cache"]);
    }
}

#[test]
fn what_leads_out_of_a_kit_is_refused() {
    let vendor = Vendor::demo();
    std::fs::create_dir_all(vendor.path().join("modules/aws")).unwrap();
    std::os::unix::fs::symlink("/etc/hostname", vendor.path().join("modules/aws/main.tf")).unwrap();
    vendor.commit("a link");
    vendor.git(&["tag", "--force", "v1.0.0"]);
    let root = customer(&vendor);
    root.landfall(&["render", DEMO])
        .ends_with(2)
        .says(&["modules/aws/main.tf cannot be taken", "symbolic link"]);
    let kits = std::fs::read_dir(root.path().join(".landfall/kits")).unwrap();
    assert_eq!(kits.count(), 0, "nothing half-fetched is left");
}
