//! Kits from git: a tag is resolved at its repository and fetched once into a cache by content.
//!
//! ```text
//! .landfall/kits/<commit>/        kit.hcl, kit.lock, templates/, modules/ and named files
//! .landfall/kits/tags/<object>    an annotated tag as git keeps it, with its signature
//! ```
//!
//! The tag decides, and it is asked for every time, so that a moved one is seen. No work tree is
//! ever switched, nothing of the repository runs, and nothing is asked.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use semver::Version;

use super::tree;
use crate::failure::{Failure, Result};
use crate::fs;
use crate::git::Repo;
use crate::git::objects::{self, Entry, Kind, Reference};
use crate::git::signature::annotation;

/// Most bytes of a kit: it is text.
const LARGEST: u64 = 64 << 20;

/// How many tags a message names.
const MOST_TAGS: usize = 8;

/// A kit at a tag, on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// Holds `kit.hcl`; nobody edits it.
    pub folder: PathBuf,
    /// The commit that the tag names.
    pub commit: String,
    /// The annotated tag as git keeps it, with its signature; `None` for a plain tag.
    pub annotation: Option<PathBuf>,
    /// What a person should know, such as that the repository could not be reached.
    pub note: Option<String>,
}

/// A tag that was verified here earlier, and its commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// `v1.0.0`.
    pub tag: String,
    /// 40 hexadecimal digits.
    pub commit: String,
}

/// Fetches a kit at a tag into the cache `kits`. When the repository cannot be reached, a tag that
/// is [`Known`] is taken from the cache, and the note says so.
pub fn fetch(kits: &Path, url: &str, tag: &str, known: &[Known]) -> Result<Fetched> {
    check_tag(tag)?;
    let references = match objects::references(url)? {
        Ok(references) => references,
        Err(said) => return from_cache(kits, url, tag, known, &said),
    };
    let Some((commit, object)) = resolve(&references, tag) else {
        return Err(no_such_tag(url, tag, &references));
    };
    let folder = kits.join(&commit);
    let annotation = (object != commit).then(|| kits.join("tags").join(&object));
    if !fs::exists(&folder) || annotation.as_ref().is_some_and(|path| !fs::exists(path)) {
        let scratch = kits.join(format!(".fetching-{}", crate::run::new_run_id()));
        fs::create_private_folder(&scratch)?;
        let work = download(&scratch, url, tag, (&commit, &object))
            .and_then(|()| keep(&scratch, &folder, annotation.as_deref()));
        fs::remove_folder(&scratch)?;
        work?;
    }
    Ok(Fetched { folder, commit, annotation, note: None })
}

/// Names of every tag of a repository, the newest version first, then the others by name.
pub fn tags(url: &str) -> Result<Vec<String>> {
    let references = objects::references(url)?.map_err(|said| unreachable(url, &said))?;
    Ok(sorted_tags(&references))
}

/// A name that git takes for a tag and that is nothing else on a command line or in a path.
fn check_tag(tag: &str) -> Result<()> {
    let plain = tag.bytes().all(|b| b.is_ascii_alphanumeric() || b"._/+-".contains(&b));
    let starts = tag.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    let odd = ["..", "//", "/.", "./"].iter().any(|part| tag.contains(part))
        || [".", "/", ".lock"].iter().any(|end| tag.ends_with(end));
    if plain && starts && !odd && tag.len() <= 127 {
        return Ok(());
    }
    Err(Failure::input(format!("{tag:?} is not a tag"))
        .because("a release is a pinned tag, never a range, a branch or a commit")
        .next("write it like `release = \"v1.0.0\"`"))
}

/// The commit of a tag and the object of the tag itself; an annotated tag is peeled.
fn resolve(references: &[Reference], tag: &str) -> Option<(String, String)> {
    let find = |name: String| Some(references.iter().find(|it| it.name == name)?.object.clone());
    let object = find(format!("refs/tags/{tag}"))?;
    let commit = find(format!("refs/tags/{tag}^{{}}")).unwrap_or_else(|| object.clone());
    Some((commit, object))
}

fn sorted_tags(references: &[Reference]) -> Vec<String> {
    let names = references.iter().filter_map(|it| it.name.strip_prefix("refs/tags/"));
    let mut tags: Vec<String> =
        names.filter(|name| !name.ends_with("^{}")).map(str::to_owned).collect();
    let version = |tag: &String| Version::parse(tag.trim_start_matches('v')).ok();
    tags.sort_by(|a, b| version(b).cmp(&version(a)).then_with(|| a.cmp(b)));
    tags
}

fn no_such_tag(url: &str, tag: &str, references: &[Reference]) -> Failure {
    let branch = references.iter().any(|it| it.name == format!("refs/heads/{tag}"));
    let commit = tag.len() >= 7 && tag.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mut failure = Failure::input(format!("the kit has no tag {tag}")).at(url);
    if branch {
        failure = failure.because(format!("{tag} is a branch; a release is a pinned tag"));
    } else if commit {
        failure = failure.because("a commit is no release; a release is a pinned tag");
    }
    let tags = sorted_tags(references);
    let shown = tags.iter().take(MOST_TAGS).cloned().collect::<Vec<_>>().join(", ");
    match tags.len() {
        0 => failure.because("it has no tags at all").next("ask the vendor for a release"),
        count if count > MOST_TAGS => {
            failure.because(format!("newest of {count} tags: {shown}")).next("name one of its tags")
        }
        _ => failure.because(format!("its tags: {shown}")).next("name one of its tags"),
    }
}

fn unreachable(url: &str, said: &str) -> Failure {
    Failure::failed("cannot reach the kit's repository")
        .at(url)
        .because(format!("git says: {said}"))
        .because("git was not allowed to ask for a password")
        .next(format!("make this work, then run the same command again: `git ls-remote {url}`"))
}

fn from_cache(kits: &Path, url: &str, tag: &str, known: &[Known], said: &str) -> Result<Fetched> {
    let failure = unreachable(url, said);
    let Some(known) = known.iter().find(|known| known.tag == tag) else {
        return Err(failure.because(format!("{tag} was never verified here")));
    };
    // The name of a folder comes from a file here: nothing but digits gets that far.
    let digits = known.commit.bytes().all(|byte| byte.is_ascii_hexdigit());
    let folder = kits.join(&known.commit);
    if !digits || known.commit.is_empty() || !fs::exists(&folder) {
        let commit = &known.commit;
        return Err(failure.because(format!("{tag} is commit {commit}, which is not in the cache")));
    }
    let reason = said.lines().last().unwrap_or_default();
    let note = format!(
        "the kit's repository cannot be reached ({reason}): {tag} is taken from the cache, at the \
         commit that was verified, {}",
        short(&known.commit)
    );
    let annotation = kept_annotation(kits, known)?;
    Ok(Fetched { folder, commit: known.commit.clone(), annotation, note: Some(note) })
}

/// An annotated tag of that name and commit in the cache.
fn kept_annotation(kits: &Path, known: &Known) -> Result<Option<PathBuf>> {
    for path in fs::list(&kits.join("tags"))? {
        let bytes = fs::read(&path)?;
        let head = annotation(&bytes);
        if head.is_some_and(|head| head.tag == known.tag && head.object == known.commit) {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

fn short(commit: &str) -> &str {
    commit.get(..12).unwrap_or(commit)
}

/// Fetches the tag and writes `kit/` and, for an annotated one, `tag` into the scratch folder.
fn download(scratch: &Path, url: &str, tag: &str, wanted: (&str, &str)) -> Result<()> {
    let repo = objects::make_bare(&scratch.join("repository"))?;
    objects::fetch_tag(&repo, url, tag)?.map_err(|said| unreachable(url, &said))?;
    let (commit, object) = objects::tag(&repo, tag)?
        .ok_or_else(|| Failure::input(format!("the tag {tag} names no commit")).at(url))?;
    if (commit.as_str(), object.as_str()) != wanted {
        return Err(Failure::input(format!("the tag {tag} moved while it was fetched"))
            .at(url)
            .because(format!("it was {}, then {commit}", wanted.0))
            .next("ask the vendor why it moved"));
    }
    if object != commit {
        fs::write_private(&scratch.join("tag"), &objects::annotation(&repo, &object)?)?;
    }
    for (path, content) in files(&repo, &commit)? {
        fs::write_private(&scratch.join("kit").join(path), &content)?;
    }
    Ok(())
}

/// The kit's files at a commit, by path: its tree and `kit.lock`.
pub fn files(repo: &Repo, commit: &str) -> Result<Vec<(String, Vec<u8>)>> {
    let entries = objects::entries(repo, commit)?;
    let kit = entries.iter().find(|entry| entry.path == "kit.hcl" && entry.kind == Kind::File);
    let kit = kit.ok_or_else(|| {
        Failure::input("there is no kit.hcl in the commit")
            .because(format!("commit {commit}"))
            .next("correct `kit` in environment.hcl: the repository that has kit.hcl at its top")
    })?;
    let text = objects::contents(repo, &[&kit.object])?.pop().unwrap_or_default();
    let named = tree::named(&String::from_utf8_lossy(&text));
    let wanted = wanted(&entries, &named)?;
    let blobs: Vec<&str> = wanted.iter().map(|entry| entry.object.as_str()).collect();
    let contents = objects::contents(repo, &blobs)?;
    Ok(wanted.into_iter().map(|entry| entry.path.clone()).zip(contents).collect())
}

/// The entries that a kit renders with, or why one of them cannot be taken.
fn wanted<'a>(entries: &'a [Entry], named: &BTreeSet<String>) -> Result<Vec<&'a Entry>> {
    let belongs = |path: &str| path == "kit.lock" || tree::belongs(path, named);
    let wanted: Vec<&Entry> = entries.iter().filter(|entry| belongs(&entry.path)).collect();
    for entry in &wanted {
        let why = match entry.kind {
            Kind::File if is_plain(&entry.path) => continue,
            Kind::File => "its path leads out of the kit",
            Kind::Link => "it is a symbolic link: what it points to is not in the kit's hash",
            Kind::Submodule => "it is a submodule: what is in it is not in the kit's hash",
        };
        return Err(Failure::input(format!("the kit's {} cannot be taken", entry.path))
            .because(why)
            .next("as the vendor: put the file itself into the kit and release it anew"));
    }
    if wanted.iter().map(|entry| entry.size).sum::<u64>() > LARGEST {
        return Err(Failure::input("the kit is larger than 64 MiB")
            .next("as the vendor: keep templates/ and modules/ to text"));
    }
    Ok(wanted)
}

/// Whether a path stays below the folder it is put into.
fn is_plain(path: &str) -> bool {
    !path.split('/').any(|part| part.is_empty() || part == "." || part == "..")
        && !path.contains('\\')
}

/// Moves what was fetched into the cache. Whoever was first has put the same bytes there.
fn keep(scratch: &Path, folder: &Path, annotation: Option<&Path>) -> Result<()> {
    if let Some(annotation) = annotation {
        fs::write_private(annotation, &fs::read(&scratch.join("tag"))?)?;
    }
    match fs::rename(&scratch.join("kit"), folder) {
        Err(failure) if !fs::exists(folder) => Err(failure),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reference(name: &str, object: &str) -> Reference {
        Reference { name: name.to_owned(), object: object.to_owned() }
    }

    #[test]
    fn an_annotated_tag_is_peeled() {
        let references = [
            reference("refs/tags/v1.0.0", "c1"),
            reference("refs/tags/v1.1.0", "t2"),
            reference("refs/tags/v1.1.0^{}", "c2"),
            reference("refs/heads/v2.0.0", "c3"),
        ];
        let found = |tag| resolve(&references, tag);
        assert_eq!(found("v1.0.0"), Some(("c1".to_owned(), "c1".to_owned())));
        assert_eq!(found("v1.1.0"), Some(("c2".to_owned(), "t2".to_owned())));
        assert_eq!(found("v2.0.0"), None, "a branch");
        assert_eq!(sorted_tags(&references), ["v1.1.0", "v1.0.0"]);
    }

    #[test]
    fn only_tags_are_tags() {
        for tag in ["v1.0.0", "1.0.0", "ledger/v1.0.0", "v1.0.0-rc.1+5"] {
            assert!(check_tag(tag).is_ok(), "{tag}");
        }
        let odd =
            ["", "-x", "v1..2", "v1^{}", "a b", "../x", "v1.lock", "x/", "refs:x", "v*", "a//b"];
        for tag in odd {
            assert!(check_tag(tag).is_err(), "{tag}");
        }
    }

    #[test]
    fn links_and_ways_out_are_refused() {
        let entry = |path: &str, kind| Entry {
            path: path.to_owned(),
            kind,
            object: "0a".to_owned(),
            size: 1,
        };
        let none = BTreeSet::new();
        let taken = [
            entry("kit.hcl", Kind::File),
            entry("kit.lock", Kind::File),
            entry("README.md", Kind::Link),
            entry("vendored", Kind::Submodule),
            entry("templates/../../x", Kind::File),
        ];
        let paths: Vec<&str> =
            wanted(&taken, &none).expect("taken").iter().map(|it| it.path.as_str()).collect();
        assert_eq!(paths, ["kit.hcl", "kit.lock"]);
        for refused in [
            entry("modules/aws/x.tf", Kind::Link),
            entry("modules/aws", Kind::Submodule),
            entry("templates//x", Kind::File),
            Entry { size: LARGEST + 1, ..entry("kit.hcl", Kind::File) },
        ] {
            assert!(wanted(std::slice::from_ref(&refused), &none).is_err(), "{refused:?}");
        }
    }
}
