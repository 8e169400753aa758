//! G5: what runs is what is in git. Only what people wrote counts: what Landfall renders and
//! records never blocks it, so a resume is never blocked by the run before.

use std::path::Path;

use super::{Situation, Verdict, Waivable, Waivers, verdict};
use crate::environment::model::Class;
use crate::failure::{Failure, Result};
use crate::fs;
use crate::git::{self, Repository};
use crate::hash::sha256;
use crate::report::plural;
use crate::run::Run;
use crate::site::ENVIRONMENT_FILE;
use crate::workspace::disk;

/// What is held against git.
#[derive(Clone, Copy, Debug)]
pub struct WorkTree<'a> {
    /// The folder that holds `environments/`.
    pub root: &'a Path,
    /// The environment's name.
    pub name: &'a str,
    /// Its class.
    pub class: Class,
    /// What was given to waive with.
    pub waivers: &'a Waivers,
    /// Whether a person asked to have it committed.
    pub commit: bool,
}

/// A gate that was passed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Passed {
    /// What a person should know all the same.
    pub note: Option<String>,
    /// What was waived, and why.
    pub waived: Option<(Waivable, String)>,
}

/// Holds what people wrote for an environment against git, by its class.
pub async fn work_tree(tree: &WorkTree<'_>) -> Result<Passed> {
    if tree.commit && tree.class == Class::Production {
        return Err(Failure::input("`--commit` is not for production")
            .because("what runs in production was looked at before it was committed")
            .next(tree.remedy()));
    }
    let paths = tree.paths();
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let changed = match git::repository(tree.root, &paths).await? {
        Repository::None => return tree.no_repository(),
        Repository::Here { changed } => tree.made_by_people(changed)?,
    };
    if changed.is_empty() {
        return Ok(Passed::default());
    }
    if tree.commit {
        let message = format!("{}: what is wanted", tree.name);
        git::commit(tree.root, &paths, &message).await?;
        let note = format!("committed {}", changed.join(", "));
        return Ok(Passed { note: Some(note), waived: None });
    }
    tree.uncommitted(&changed)
}

impl Run {
    /// Takes over what the gate in front of the run let pass: a note, a waiver for the receipt.
    pub fn passes(&self, passed: Passed) {
        if let Some(note) = passed.note {
            self.reporter.note(note);
        }
        if let Some((situation, reason)) = passed.waived {
            self.waive(situation.word(), &reason);
        }
    }
}

impl WorkTree<'_> {
    /// Everything of the environment that is committed, as far as it is there.
    fn paths(&self) -> Vec<String> {
        let all = [
            format!("environments/{}", self.name),
            "environments/defaults.hcl".to_owned(),
            "environments/.modules".to_owned(),
        ];
        // What was deleted is still known to git, which takes only paths that it knows or sees.
        let mut there = all.into_iter();
        let own = there.next();
        own.into_iter().chain(there.filter(|path| fs::exists(&self.root.join(path)))).collect()
    }

    /// Of changed files, those that a person wrote: the two that people write, and rendered ones
    /// that are no longer what Landfall recorded.
    fn made_by_people(&self, changed: Vec<String>) -> Result<Vec<String>> {
        let environments = self.root.join("environments");
        let recorded = disk::recorded(&environments, self.name)?;
        let own = format!("{}/{ENVIRONMENT_FILE}", self.name);
        let mut made = Vec::new();
        for path in changed {
            let Some(inside) = path.strip_prefix("environments/") else { continue };
            let by_hand = if inside == own || inside == "defaults.hcl" {
                true
            } else if let Some(hash) = recorded.get(inside) {
                let found = fs::read_if_present(&environments.join(inside))?;
                found.is_some_and(|bytes| sha256(&bytes) != *hash)
            } else {
                false
            };
            if by_hand {
                made.push(path);
            }
        }
        Ok(made)
    }

    fn no_repository(&self) -> Result<Passed> {
        let what = "needs a git repository, and there is none";
        match verdict(self.class, Situation::NoRepository) {
            Verdict::GoesOn => Ok(Passed::default()),
            _ => Err(Failure::input(format!("{} {what}", self.class.word()))
                .at(self.root.display().to_string())
                .because("the lock and the rendered Terraform are kept and reviewed there")
                .next(format!(
                    "cd {} && git init && git add . && git commit",
                    self.root.display()
                ))),
        }
    }

    fn uncommitted(&self, changed: &[String]) -> Result<Passed> {
        let what = match changed {
            [_] => "a file is not committed".to_owned(),
            many => format!("{} are not committed", plural(many.len(), "file")),
        };
        let decided = verdict(self.class, Situation::Uncommitted);
        match decided {
            Verdict::Waive(situation) if self.waivers.reason(situation).is_some() => {
                let reason = self.waivers.reason(situation).unwrap_or_default().to_owned();
                let note = format!("waived: {what} ({}): {reason}", changed.join(", "));
                return Ok(Passed { note: Some(note), waived: Some((situation, reason)) });
            }
            Verdict::GoesOn => {
                let note = format!("{what}: {}", changed.join(", "));
                return Ok(Passed { note: Some(note), waived: None });
            }
            _ => {}
        }
        let failure = Failure::input(what)
            .because(changed.join("\n"))
            .because(format!("what runs in {} is what is in git", self.class.word()));
        Err(match decided {
            Verdict::Waive(_) => failure
                .next(self.remedy())
                .next("or let Landfall commit it: `--commit`")
                .next("or waive it, with a reason that the receipt keeps: `--waive uncommitted=REASON`"),
            _ => failure.because("no flag waives this").next(self.remedy()),
        })
    }

    fn remedy(&self) -> String {
        format!("git add environments/{} && git commit", self.name)
    }
}
