//! What a repository holds, read without ever switching a work tree: references of a remote, one
//! fetched tag, the files of a commit.

use std::path::Path;

use super::command::{Repo, run};
use crate::failure::{Failure, Result};

/// A branch or tag of a remote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// `refs/tags/v1.0.0`; with `^{}` behind it, what an annotated tag points to.
    pub name: String,
    /// 40 or 64 hexadecimal digits.
    pub object: String,
}

/// What lies at a path of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A file, executable or not.
    File,
    /// A symbolic link.
    Link,
    /// A commit of another repository.
    Submodule,
}

/// One path of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Relative to the top, with `/`.
    pub path: String,
    /// What lies there.
    pub kind: Kind,
    /// The blob.
    pub object: String,
    /// In bytes; 0 for a submodule.
    pub size: u64,
}

/// Branches and tags of a remote; the inner error is what git said when it could not be asked.
pub fn references(url: &str) -> Result<std::result::Result<Vec<Reference>, String>> {
    let arguments = ["ls-remote", "--heads", "--tags", "--", url];
    Ok(run(None, &arguments, b"")?.map(|out| {
        let text = String::from_utf8_lossy(&out).into_owned();
        let lines = text.lines().filter_map(|line| line.split_once('\t'));
        lines
            .map(|(object, name)| Reference { name: name.to_owned(), object: object.to_owned() })
            .collect()
    }))
}

/// Makes an empty bare repository, without the templates of the machine: they may hold hooks.
pub fn make_bare(folder: &Path) -> Result<Repo> {
    let path = folder.to_string_lossy();
    let made = run(None, &["init", "--quiet", "--bare", "--template=", "--", &path], b"")?;
    let repo = Repo::Bare(folder.to_path_buf());
    made.map(|_| repo).map_err(|said| {
        Failure::failed("cannot make a repository for the kit")
            .at(folder.display().to_string())
            .because(said)
    })
}

/// Fetches one tag with the commit that it names, and nothing of its history.
pub fn fetch_tag(repo: &Repo, url: &str, tag: &str) -> Result<std::result::Result<(), String>> {
    let reference = format!("+refs/tags/{tag}:refs/tags/{tag}");
    let arguments = ["fetch", "--quiet", "--no-tags", "--depth=1", "--", url, &reference];
    Ok(run(Some(repo), &arguments, b"")?.map(drop))
}

/// The commit that a tag of a repository names, and the object of the tag itself (the same for a
/// tag without annotation); `None` if there is no such tag.
pub fn tag(repo: &Repo, tag: &str) -> Result<Option<(String, String)>> {
    let resolve = |what: String| -> Result<Option<String>> {
        let found = run(Some(repo), &["rev-parse", "--verify", "--quiet", &what], b"")?.ok();
        Ok(found.map(|out| String::from_utf8_lossy(&out).trim().to_owned()))
    };
    let commit = resolve(format!("refs/tags/{tag}^{{commit}}"))?;
    let object = resolve(format!("refs/tags/{tag}"))?;
    Ok(commit.zip(object))
}

/// An annotated tag as git keeps it, with its signature if it has one.
pub fn annotation(repo: &Repo, object: &str) -> Result<Vec<u8>> {
    run(Some(repo), &["cat-file", "tag", object], b"")?.map_err(|said| unreadable(object, said))
}

/// Every path of a commit.
pub fn entries(repo: &Repo, commit: &str) -> Result<Vec<Entry>> {
    let arguments = ["ls-tree", "-r", "-l", "-z", "--full-tree", commit];
    let out = run(Some(repo), &arguments, b"")?.map_err(|said| unreadable(commit, said))?;
    let text = String::from_utf8(out).map_err(|_| {
        unreadable(commit, "a file's name is not UTF-8".to_owned())
            .next("rename the file in the kit")
    })?;
    text.split_terminator('\0').map(|line| entry(commit, line)).collect()
}

/// `100644 blob 0123abc     123<TAB>path`.
fn entry(commit: &str, line: &str) -> Result<Entry> {
    let parts = line.split_once('\t').and_then(|(head, path)| {
        let mut head = head.split_ascii_whitespace();
        let (mode, _, object, size) = (head.next()?, head.next()?, head.next()?, head.next()?);
        let kind = match mode {
            "120000" => Kind::Link,
            "160000" => Kind::Submodule,
            _ => Kind::File,
        };
        let size = size.parse().unwrap_or_default();
        Some(Entry { path: path.to_owned(), kind, object: object.to_owned(), size })
    });
    parts.ok_or_else(|| unreadable(commit, format!("git listed {line:?}")))
}

/// The content of blobs, in the order asked.
pub fn contents(repo: &Repo, objects: &[&str]) -> Result<Vec<Vec<u8>>> {
    let asked: String = objects.iter().flat_map(|object| [object, "\n"]).collect();
    let out = run(Some(repo), &["cat-file", "--batch"], asked.as_bytes())?
        .map_err(|said| unreadable("the kit", said))?;
    let mut rest = out.as_slice();
    objects
        .iter()
        .map(|object| {
            let (content, after) = blob(rest)
                .ok_or_else(|| unreadable(object, "git did not give its content".to_owned()))?;
            rest = after;
            Ok(content.to_vec())
        })
        .collect()
}

/// `OBJECT blob SIZE<LF>CONTENT<LF>`: the content and what follows.
fn blob(out: &[u8]) -> Option<(&[u8], &[u8])> {
    let line = out.iter().position(|byte| *byte == b'\n')?;
    let head = std::str::from_utf8(&out[..line]).ok()?;
    let size: usize = head.rsplit(' ').next()?.parse().ok()?;
    let start = line + 1;
    let content = out.get(start..start.checked_add(size)?)?;
    Some((content, out.get(start + size + 1..)?))
}

fn unreadable(what: &str, said: String) -> Failure {
    Failure::failed(format!("cannot read {what} from git")).because(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blobs_may_hold_line_breaks_and_be_empty() {
        let out = b"aa blob 3\nx\ny\nbb blob 0\n\n";
        let (first, rest) = blob(out).expect("the first");
        assert_eq!(first, b"x\ny");
        let (second, rest) = blob(rest).expect("the second");
        assert_eq!((second, rest), (&b""[..], &b""[..]));
        assert_eq!(blob(b"aa missing\n"), None);
        assert_eq!(blob(b"aa blob 9\nshort\n"), None);
    }

    #[test]
    fn links_and_submodules_are_told_apart() {
        let kind =
            |mode: &str| entry("c", &format!("{mode} blob 0a      12\ta b")).map(|it| it.kind);
        assert_eq!(kind("100644").ok(), Some(Kind::File));
        assert_eq!(kind("120000").ok(), Some(Kind::Link));
        let submodule = entry("c", "160000 commit 0a       -\tx").expect("it is a line");
        assert_eq!((submodule.kind, submodule.size), (Kind::Submodule, 0));
        assert!(entry("c", "nonsense").is_err());
    }
}
