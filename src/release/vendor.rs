//! A vendor's repository as it lies there: `kit.hcl`, the lock it may have, what it renders with.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::lock::KitLock;
use super::{parse, tree};
use crate::environment::read_source;
use crate::failure::{Failure, Result};
use crate::fs;
use crate::kit;
use crate::kit::model::Kit;
use crate::source::Problems;
use crate::workspace::Assets;

/// The lock of the demo: its providers and client image are where a new kit starts.
const STANDARD: &str = include_str!("../../kit.lock");

/// A kit in its repository.
#[derive(Debug)]
pub struct VendorKit {
    /// Holds `kit.hcl`.
    pub folder: PathBuf,
    /// Read and checked.
    pub kit: Kit,
    /// The text of `kit.hcl`.
    pub text: String,
    /// As it was pinned last; `None` if it never was.
    pub lock: Option<KitLock>,
}

impl VendorKit {
    /// Reads a kit: every problem of both files at once.
    pub fn read(folder: &Path) -> Result<Self> {
        let path = folder.join("kit.hcl");
        let Some(bytes) = fs::read_if_present(&path)? else {
            return Err(Failure::input("there is no kit.hcl")
                .at(folder.display().to_string())
                .next("go to the kit's repository, or name it: `--kit DIR`")
                .next("to begin one: `landfall kit new DIR`"));
        };
        let lock = fs::read_if_present(&folder.join("kit.lock"))?;
        let (kit, text, lock) = read_texts(bytes, lock)?;
        Ok(Self { folder: folder.to_path_buf(), kit, text, lock })
    }

    /// The hash of the kit's tree with these templates and modules.
    pub fn tree(&self, assets: &Assets) -> Result<String> {
        tree::of_kit(&self.folder, &self.text, assets)
    }

    /// The lock to start from: the kit's own, else the standard one.
    pub fn base(&self) -> Result<KitLock> {
        self.lock.clone().map_or_else(standard_lock, Ok)
    }
}

/// Reads `kit.hcl` and `kit.lock`: every problem of both at once.
pub fn read_texts(kit: Vec<u8>, lock: Option<Vec<u8>>) -> Result<(Kit, String, Option<KitLock>)> {
    let mut problems = Problems::new();
    let mut source = |name: &str, bytes| match read_source(name, bytes) {
        Ok(source) => Some(source),
        Err(problem) => {
            problems.push(problem);
            None
        }
    };
    let kit = source("kit.hcl", kit);
    let lock = lock.map(|bytes| source("kit.lock", bytes));
    let text = kit.as_ref().map(|source| source.text.clone()).unwrap_or_default();
    let kit = kit.and_then(|source| kit::parse(&source, &mut problems));
    let lock = lock.flatten().and_then(|source| parse(&source, &mut problems));
    let kit = problems.check(kit)?;
    let kit = kit.ok_or_else(|| Failure::input("kit.hcl cannot be read"))?;
    Ok((kit, text, lock))
}

/// The providers and the client image that this Landfall starts a kit with.
pub fn standard_lock() -> Result<KitLock> {
    let (mut problems, source) =
        (Problems::new(), crate::source::Source::new("kit.lock", STANDARD));
    let lock = parse(&source, &mut problems);
    problems.check(lock)?.ok_or_else(|| Failure::failed("the standard kit.lock cannot be read"))
}

/// Templates and modules of a kit after it took the standard ones: its own files win, unless
/// `refresh`.
pub fn merged(folder: &Path, refresh: bool) -> Result<Assets> {
    let (own, mut merged) = (Assets::own(folder)?, Assets::embedded());
    let lay_over = |below: &mut BTreeMap<String, Vec<u8>>, own: BTreeMap<String, Vec<u8>>| {
        for (path, bytes) in own {
            if !(refresh && below.contains_key(&path)) {
                below.insert(path, bytes);
            }
        }
    };
    lay_over(&mut merged.templates, own.templates);
    lay_over(&mut merged.modules, own.modules);
    Ok(merged)
}
