//! The questions of `landfall init`, in the order in which a person is asked, and where each answer
//! comes from: the answers file, the person, or the default.

use std::collections::{BTreeMap, BTreeSet};

use crate::cli::{Global, interview, say};
use crate::environment::model::{Class, MANAGED_CERTIFICATE};
use crate::failure::{Failure, Result};
use crate::kit::model::{CloudName, Kit};

/// The answer that says which cloud, where no other one tells.
const CLOUD: &str = "cloud";

/// Both, the default first.
const CLOUDS: [CloudName; 2] = [CloudName::Aws, CloudName::Gcp];

/// What was answered.
#[derive(Debug)]
pub(super) struct Answers {
    /// Where the environment goes.
    pub(super) cloud: CloudName,
    answers: BTreeMap<String, String>,
}

impl Answers {
    /// An answer; empty if nobody was asked.
    pub(super) fn get(&self, key: &str) -> &str {
        self.answers.get(key).map_or("", String::as_str)
    }

    /// The answer to an input of the kit; `None` if it was not given.
    pub(super) fn input(&self, name: &str) -> Option<&str> {
        self.answers.get(&input_key(name)).map(String::as_str)
    }
}

/// The answer to a kit's input, by name.
fn input_key(name: &str) -> String {
    format!("input_{name}")
}

/// The answers that only one of the clouds has a question for.
fn own(cloud: CloudName) -> &'static [&'static str] {
    match cloud {
        CloudName::Aws => &["account_id"],
        CloudName::Gcp => &["project", "project_number"],
    }
}

fn other(cloud: CloudName) -> CloudName {
    match cloud {
        CloudName::Aws => CloudName::Gcp,
        CloudName::Gcp => CloudName::Aws,
    }
}

/// Every answer: from the file, from the person, or by default; all that are missing at once.
pub(super) fn ask(global: &Global, kit: &Kit, given: BTreeMap<String, String>) -> Result<Answers> {
    let questions = Questions { can_ask: global.can_ask(), ..Questions::of(given) };
    questions.answers(kit)
}

/// The questions while they are asked.
#[derive(Debug, Default)]
struct Questions {
    /// Whether there is a person at a terminal.
    can_ask: bool,
    /// Whoever gives a file is asked only for what has no default.
    by_file: bool,
    /// What the file says and nobody asked for yet.
    given: BTreeMap<String, String>,
    asked: BTreeSet<String>,
    answers: BTreeMap<String, String>,
    /// Key and text of what nobody answered.
    missing: Vec<(String, String)>,
}

impl Questions {
    /// Nobody can be asked.
    fn of(given: BTreeMap<String, String>) -> Self {
        Self { by_file: !given.is_empty(), given, ..Self::default() }
    }

    fn answers(mut self, kit: &Kit) -> Result<Answers> {
        let cloud = self.cloud(kit)?;
        self.all(kit, cloud)?;
        self.end(cloud)
    }

    /// Which cloud: as the file says, in so many words or by an answer that only one of them has;
    /// else the only one of the kit; else whatever the person says.
    fn cloud(&mut self, kit: &Kit) -> Result<CloudName> {
        self.asked.insert(CLOUD.to_owned());
        let told: Vec<(CloudName, &str)> = CLOUDS
            .into_iter()
            .filter_map(|cloud| {
                let key = own(cloud).iter().find(|key| self.given.contains_key(**key))?;
                Some((cloud, *key))
            })
            .collect();
        let cloud = match (self.given.remove(CLOUD), told.as_slice(), kit.clouds.as_slice()) {
            (Some(word), ..) => named(&word).ok_or_else(|| {
                Failure::input(format!("`{CLOUD}` is \"{word}\"")).next("write \"aws\" or \"gcp\"")
            })?,
            (None, [(cloud, _)], _) | (None, [], [cloud]) => *cloud,
            (None, [(_, one), (_, two), ..], _) => {
                return Err(Failure::input(format!(
                    "the answers are for both clouds: {one}, {two}"
                ))
                .because("an environment lives in one cloud, nothing was written")
                .next("remove those of the other one"));
            }
            (None, [], _) => self.ask_for_cloud()?,
        };
        if kit.clouds.is_empty() || kit.clouds.contains(&cloud) {
            return Ok(cloud);
        }
        let words: Vec<&str> = kit.clouds.iter().map(|cloud| cloud.word()).collect();
        Err(Failure::input(format!("the kit \"{}\" does not run on {}", kit.name, cloud.title()))
            .because(format!("its `clouds` names {}, nothing was written", words.join(", ")))
            .next("ask the vendor, or answer with a cloud that it names"))
    }

    /// The first question: where to. What is answered tells the cloud.
    fn ask_for_cloud(&mut self) -> Result<CloudName> {
        if !self.can_ask || self.by_file {
            return Ok(CLOUDS[0]);
        }
        loop {
            let answer =
                interview::line("AWS account id, 12 digits, or id of the Google Cloud project")?;
            let (cloud, key) = if answer.len() == 12 && answer.bytes().all(|it| it.is_ascii_digit())
            {
                (CloudName::Aws, "account_id")
            } else if answer.starts_with(|first: char| first.is_ascii_lowercase()) {
                (CloudName::Gcp, "project")
            } else {
                say(
                    "an account id has 12 digits; a project's id, not its name or number, begins with a letter",
                );
                continue;
            };
            self.given.insert(key.to_owned(), answer);
            return Ok(cloud);
        }
    }

    /// All questions, the first one again where it was not asked.
    fn all(&mut self, kit: &Kit, cloud: CloudName) -> Result<()> {
        let region = match cloud {
            CloudName::Aws => {
                self.ask("account_id", "AWS account id, 12 digits", None)?;
                ("AWS region", "eu-central-1")
            }
            CloudName::Gcp => {
                let text = "Id of the Google Cloud project, not its name or number";
                let project = self.ask("project", text, None)?;
                let project = project.as_deref().unwrap_or("PROJECT");
                let text = format!(
                    "Number of the project, as `gcloud projects describe {project} \
                     --format='value(projectNumber)'` prints it"
                );
                self.ask("project_number", &text, None)?;
                ("Google Cloud region", "europe-west3")
            }
        };
        self.ask("region", region.0, Some(region.1))?;
        let class = self.ask("class", "Class: production, staging or preview", Some("preview"))?;
        self.ask("contact", "E-mail address for alarms", None)?;
        if !kit.ingresses.is_empty() {
            self.ask("host", "Host name of the product", None)?;
            let production = class.as_deref() == Some(Class::Production.word());
            let (text, default) = certificate(cloud, production);
            self.ask("certificate", text, default)?;
        }
        for input in &kit.inputs {
            let text = input.prompt.clone().unwrap_or_else(|| format!("Value of {}", input.name));
            self.ask(&input_key(&input.name), &text, input.default.as_deref())?;
        }
        Ok(())
    }

    /// One question; `None` if nobody answers it and it has no default.
    fn ask(&mut self, key: &str, text: &str, default: Option<&str>) -> Result<Option<String>> {
        self.asked.insert(key.to_owned());
        let answer = match self.given.remove(key) {
            Some(answer) => Some(answer),
            None if self.can_ask && !(self.by_file && default.is_some()) => {
                let hint = default.map(|it| format!(" [{it}]")).unwrap_or_default();
                let answer = interview::line(&format!("{text}{hint}"))?;
                Some(answer).filter(|it| !it.is_empty()).or_else(|| default.map(str::to_owned))
            }
            None => default.map(str::to_owned),
        };
        match &answer {
            Some(answer) => {
                self.answers.insert(key.to_owned(), answer.clone());
            }
            None => self.missing.push((key.to_owned(), text.to_owned())),
        }
        Ok(answer)
    }

    /// Refuses what nobody asks for, and says what nobody answered.
    fn end(self, cloud: CloudName) -> Result<Answers> {
        let elsewhere = other(cloud);
        let given = |key: &&&str| self.given.contains_key(**key);
        let foreign: Vec<&str> = own(elsewhere).iter().filter(given).copied().collect();
        if !foreign.is_empty() {
            let (here, there) = (cloud.title(), elsewhere.title());
            let (foreign, word) = (foreign.join(", "), elsewhere.word());
            return Err(Failure::input(format!(
                "an answer is for {there}, and the environment goes to {here}: {foreign}"
            ))
            .because(format!("{here} is asked for {}, nothing was written", own(cloud).join(", ")))
            .next(format!("remove {foreign}, or answer `{CLOUD} = \"{word}\"`")));
        }
        if let Some(unknown) = self.given.keys().next() {
            let known: Vec<&str> = self.asked.iter().map(String::as_str).collect();
            return Err(Failure::input(format!("nobody asks for {unknown}"))
                .because(format!("the questions are {}", known.join(", "))));
        }
        if self.missing.is_empty() {
            return Ok(Answers { cloud, answers: self.answers });
        }
        let mut failure = Failure::input("answers are missing, nothing was written");
        for (key, text) in self.missing {
            failure = failure.because(format!("{key}: {text}"));
        }
        Err(failure.next("add them to the answers file, or run the command at a terminal"))
    }
}

fn named(word: &str) -> Option<CloudName> {
    CLOUDS.into_iter().find(|cloud| cloud.word() == word)
}

/// The question for the certificate and its default: production has no plain HTTP, and on AWS only
/// the customer knows the certificate's ARN.
fn certificate(cloud: CloudName, production: bool) -> (&'static str, Option<&'static str>) {
    match (cloud, production) {
        (CloudName::Aws, false) => {
            ("ARN of the ACM certificate for it, or none outside production", Some("none"))
        }
        (CloudName::Aws, true) => ("ARN of the ACM certificate for it", None),
        (CloudName::Gcp, false) => (
            "Certificate: managed (Google makes and renews it), or none outside production",
            Some("none"),
        ),
        (CloudName::Gcp, true) => {
            ("Certificate: managed (Google makes and renews it)", Some(MANAGED_CERTIFICATE))
        }
    }
}

#[cfg(test)]
#[path = "questions_tests.rs"]
mod tests;
