//! The file system, always with the path and the intent in the message.
//!
//! The only place that calls `std::fs`. Writes are atomic: a file is either the old one or the
//! whole new one. What can hold a secret is made with mode 0600 in folders of mode 0700.
#![expect(clippy::disallowed_methods, reason = "this is the room that wraps std::fs")]

use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Result};

/// Mode of files that anyone may read.
const PUBLIC: u32 = 0o644;
/// Mode of files that can hold a secret.
const PRIVATE: u32 = 0o600;

fn failed(verb: &str, path: &Path, error: std::io::Error) -> Failure {
    Failure::failed(format!("cannot {verb} {}", path.display())).caused_by(error)
}

/// Reads a whole file.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| failed("read", path, error))
}

/// Reads a whole file; `None` if it is not there.
pub fn read_if_present(path: &Path) -> Result<Option<Vec<u8>>> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed("read", path, error)),
    }
}

/// When a file was last written; `None` if that cannot be told.
pub fn modified(path: &Path) -> Option<jiff::Timestamp> {
    jiff::Timestamp::try_from(std::fs::metadata(path).ok()?.modified().ok()?).ok()
}

/// Whether there is a file or folder of that name.
pub fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// Whether there is a folder of that name.
pub fn is_folder(path: &Path) -> bool {
    path.is_dir()
}

/// Writes a file that anyone may read, atomically; makes its folder.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    write_with_mode(path, bytes, PUBLIC)
}

/// Writes a file that only its owner may read, atomically; makes its folder.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<()> {
    write_with_mode(path, bytes, PRIVATE)
}

fn write_with_mode(path: &Path, bytes: &[u8], mode: u32) -> Result<()> {
    if let Some(parent) = path.parent() {
        create_folder(parent)?;
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = path.with_file_name(format!(".{name}.{}.new", std::process::id()));
    let written = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(mode)
        .open(&temporary)
        .and_then(|mut file| file.write_all(bytes))
        .and_then(|()| std::fs::rename(&temporary, path));
    written.map_err(|error| {
        let _ = std::fs::remove_file(&temporary);
        failed("write", path, error)
    })
}

/// A file as it shall be: its bytes, or `None` if it goes.
pub type Wanted = (PathBuf, Option<Vec<u8>>);

/// Writes public files and removes others, all or none: every byte lies on the disk under a
/// temporary name before the first file gets its own.
pub fn write_all(files: &[Wanted]) -> Result<()> {
    let staged = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        path.with_file_name(format!(".{name}.{}.all", std::process::id()))
    };
    let written = files.iter().filter_map(|(path, bytes)| Some((path, bytes.as_ref()?)));
    for (path, bytes) in written.clone() {
        if let Err(failure) = write(&staged(path), bytes) {
            for (path, _) in written {
                let _ = std::fs::remove_file(staged(path));
            }
            return Err(failure);
        }
    }
    for (path, bytes) in files {
        match bytes {
            Some(_) => {
                std::fs::rename(staged(path), path)
                    .map_err(|error| failed("write", path, error))?;
            }
            None => remove_file(path)?,
        }
    }
    Ok(())
}

/// Opens a private file for appending; makes it if it is not there.
pub fn append_private(path: &Path) -> Result<std::fs::File> {
    std::fs::OpenOptions::new()
        .append(true)
        .create(true)
        .mode(PRIVATE)
        .open(path)
        .map_err(|error| failed("append to", path, error))
}

/// Makes a folder and the ones above it.
pub fn create_folder(path: &Path) -> Result<()> {
    std::fs::create_dir_all(path).map_err(|error| failed("make the folder", path, error))
}

/// Makes a folder, and the ones above it, that only their owner may enter.
pub fn create_private_folder(path: &Path) -> Result<()> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|error| failed("make the folder", path, error))
}

/// Removes a file; no error if it is not there.
pub fn remove_file(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(failed("remove", path, error)),
        _ => Ok(()),
    }
}

/// Removes a folder with everything in it; no error if it is not there.
pub fn remove_folder(path: &Path) -> Result<()> {
    match std::fs::remove_dir_all(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(failed("remove", path, error)),
        _ => Ok(()),
    }
}

/// Moves a file or folder within one file system; fails if a folder that is not empty is there.
pub fn rename(from: &Path, to: &Path) -> Result<()> {
    std::fs::rename(from, to).map_err(|error| failed("move here:", to, error))
}

/// The entries of a folder, sorted; empty if it is not there.
pub fn list(path: &Path) -> Result<Vec<PathBuf>> {
    let entries = match std::fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed("list", path, error)),
    };
    let mut paths = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<std::io::Result<Vec<_>>>()
        .map_err(|error| failed("list", path, error))?;
    paths.sort();
    Ok(paths)
}

/// Every file under a folder, sorted, as paths relative to it; links are not followed, and
/// folders whose name `skip` accepts are left out.
pub fn walk(root: &Path, skip: &dyn Fn(&str) -> bool) -> Result<Vec<PathBuf>> {
    fn visit(
        folder: &Path,
        root: &Path,
        skip: &dyn Fn(&str) -> bool,
        files: &mut Vec<PathBuf>,
    ) -> Result<()> {
        for path in list(folder)? {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_symlink() {
                continue;
            }
            if path.is_dir() {
                if !skip(&name) {
                    visit(&path, root, skip, files)?;
                }
            } else if let Ok(relative) = path.strip_prefix(root) {
                files.push(relative.to_path_buf());
            }
        }
        Ok(())
    }
    let mut files = Vec::new();
    visit(root, root, skip, &mut files)?;
    files.sort();
    Ok(files)
}

/// The absolute form of a path that exists, links resolved.
pub fn canonical(path: &Path) -> Result<PathBuf> {
    std::fs::canonicalize(path).map_err(|error| failed("find", path, error))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn all_files_are_written_or_none() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        write(&at("old"), b"old").unwrap();
        write(&at("goes"), b"goes").unwrap();
        let bytes = |text: &str| Some(text.as_bytes().to_vec());
        let mut files = vec![(at("old"), bytes("new")), (at("goes"), None)];
        // A file cannot lie in a file.
        files.push((at("old/below"), bytes("never")));
        assert!(write_all(&files).is_err());
        assert_eq!(read(&at("old")).unwrap(), b"old");
        assert_eq!(list(folder.path()).unwrap(), [at("goes"), at("old")]);
        files.pop();
        write_all(&files).unwrap();
        assert_eq!(read(&at("old")).unwrap(), b"new");
        assert_eq!(list(folder.path()).unwrap(), [at("old")]);
    }
}
