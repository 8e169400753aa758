//! `landfall init`: asks what a default install needs and writes `environment.hcl`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::Global;
use super::answers;
use super::interview;
use super::kit_source;
use super::restore;
use super::setup::{block_on, current_folder};
use crate::engine::EngineName;
use crate::environment::read_source;
use crate::failure::{Exit, Failure, Result};
use crate::fs;
use crate::kit;
use crate::kit::model::{Kit, SecretOrigin};
use crate::site::{ENVIRONMENT_FILE, Site};
use crate::source::Problems;
use crate::workspace::quote;

/// Make an environment: asks a few questions and writes environment.hcl
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Answers by file, one a line: account_id, region, class, host, certificate, contact, and
input_NAME for every input of the kit, as `key = \"value\"`.")]
pub(super) struct Init {
    /// Name of the environment: 3 to 20 letters, digits and dashes
    name: String,
    /// Where the kit is: a git address with a tag, such as `https://HOST/kit.git@v1.0.0`, or a
    /// folder
    #[arg(long, value_name = "URL@TAG|DIR", required_unless_present = "from")]
    kit: Option<String>,
    /// State bucket of an environment whose folder is lost or lies elsewhere: rebuilds it
    #[arg(long, value_name = "BUCKET", conflicts_with_all = ["kit", "answers"])]
    from: Option<String>,
    /// Answers instead of questions; what is missing is asked, or listed
    #[arg(long, value_name = "FILE")]
    answers: Option<PathBuf>,
    /// Where the bucket is: `real`, or the `emulator` at `AWS_ENDPOINT_URL`
    #[arg(long, value_enum, default_value_t, hide_possible_values = true, requires = "from")]
    engine: EngineName,
}

/// The answer to a kit's input, by name.
fn input_key(name: &str) -> String {
    format!("input_{name}")
}

/// A question of the interview.
struct Question {
    key: String,
    text: String,
    default: Option<String>,
}

impl Init {
    pub(super) fn run(self, global: &Global) -> Result<Exit> {
        let current = current_folder()?;
        let site = match global.site() {
            Ok(site) => site,
            Err(_) => Site::create(global.root.as_deref().unwrap_or(&current), &current)?,
        };
        let path = site.folder(&self.name).join(ENVIRONMENT_FILE);
        if fs::exists(&path) {
            return Err(Failure::input(format!("the environment {} is there already", self.name))
                .at(site.shown(&path).display().to_string())
                .next("edit that file, or choose another name"));
        }
        if let Some(bucket) = &self.from {
            block_on(restore::restore(&site, &self.name, bucket, self.engine))?;
            site.load(&self.name)?;
            super::say(&format!("\nnext  landfall install {}", self.name));
            return Ok(Exit::Done);
        }
        let given = self.kit.as_deref().unwrap_or(".");
        let found = kit_source::find(&site, given, &site.folder(&self.name))?;
        let kit = read_kit(&found.folder)?;
        let given = answers::answers(self.answers.as_deref())?;
        let answers = ask(global, &questions(&kit), given)?;
        let release = found.tag.as_ref().unwrap_or(&kit.release.tag);
        let text = text(&self.name, &kit, (&found.written, release), &answers);
        fs::write(&path, text.as_bytes())?;
        // The file is checked as every later command will; if it has problems they are told now,
        // and the answers are not lost.
        let loaded = site.load(&self.name);
        super::say(&format!("wrote {}", site.shown(&path).display()));
        let environment = loaded?.environment;
        super::say(&format!("\nnext  landfall rehearse {}", environment.name));
        super::say(&format!("      landfall install {}", environment.name));
        Ok(Exit::Done)
    }
}

fn read_kit(folder: &Path) -> Result<Kit> {
    let path = folder.join("kit.hcl");
    let mut problems = Problems::new();
    let source = match read_source(&path, fs::read(&path)?) {
        Ok(source) => source,
        Err(problem) => {
            problems.push(problem);
            return Err(problems.into());
        }
    };
    match kit::parse(&source, &mut problems) {
        Some(kit) if problems.is_empty() => Ok(kit),
        _ => Err(problems.into()),
    }
}

fn questions(kit: &Kit) -> Vec<Question> {
    let question = |key: &str, text: &str, default: Option<&str>| Question {
        key: key.to_owned(),
        text: text.to_owned(),
        default: default.map(str::to_owned),
    };
    let mut questions = vec![
        question("account_id", "AWS account id, 12 digits", None),
        question("region", "AWS region", Some("eu-central-1")),
        question("class", "Class: production, staging or preview", Some("preview")),
        question("contact", "E-mail address for alarms", None),
    ];
    if !kit.ingresses.is_empty() {
        questions.push(question("host", "Host name of the product", None));
        questions.push(question(
            "certificate",
            "ARN of the ACM certificate for it, or none outside production",
            Some("none"),
        ));
    }
    for input in &kit.inputs {
        questions.push(Question {
            key: input_key(&input.name),
            text: input.prompt.clone().unwrap_or_else(|| format!("Value of {}", input.name)),
            default: input.default.clone(),
        });
    }
    questions
}

/// Every answer: from the file, from the person, or by default; all that are missing at once.
fn ask(
    global: &Global,
    questions: &[Question],
    mut given: BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>> {
    let mut answers = BTreeMap::new();
    let mut missing = Vec::new();
    let by_file = !given.is_empty();
    for question in questions {
        let answer = match given.remove(&question.key) {
            Some(answer) => Some(answer),
            None if global.can_ask() && !(by_file && question.default.is_some()) => {
                let default = question.default.as_ref();
                let hint = default.map(|it| format!(" [{it}]")).unwrap_or_default();
                let answer = interview::line(&format!("{}{hint}", question.text))?;
                if answer.is_empty() { question.default.clone() } else { Some(answer) }
            }
            None => question.default.clone(),
        };
        match answer {
            Some(answer) => {
                answers.insert(question.key.clone(), answer);
            }
            None => missing.push(question),
        }
    }
    if let Some(unknown) = given.keys().next() {
        let known: Vec<&str> = questions.iter().map(|question| question.key.as_str()).collect();
        return Err(Failure::input(format!("nobody asks for {unknown}"))
            .because(format!("the questions are {}", known.join(", "))));
    }
    if missing.is_empty() {
        return Ok(answers);
    }
    let mut failure = Failure::input("answers are missing, nothing was written");
    for question in missing {
        failure = failure.because(format!("{}: {}", question.key, question.text));
    }
    Err(failure.next("add them to the answers file, or run the command at a terminal"))
}

/// The file, with its comments; every value quoted.
fn text(
    name: &str,
    kit: &Kit,
    (source, release): (&str, &str),
    answers: &BTreeMap<String, String>,
) -> String {
    let answer = |key: &str| quote(answers.get(key).map_or("", String::as_str));
    let mut out = format!("# {} for {name}: the only file here to edit.\n\n", kit.title);
    let _ = write!(
        out,
        "environment {} {{\n  format  = 1\n  class   = {}\n  kit     = {}\n  release = {}\n  contact = {}\n}}\n",
        quote(name),
        answer("class"),
        quote(source),
        quote(release),
        answer("contact"),
    );
    let _ = write!(
        out,
        "\naws {{\n  account_id = {}\n  region     = {}\n}}\n",
        answer("account_id"),
        answer("region")
    );
    for ingress in kit.ingresses.keys() {
        let _ = write!(
            out,
            "\ningress {} {{\n  host        = {}\n  reach       = \"internet\"\n  certificate = {}\n}}\n",
            quote(ingress),
            answer("host"),
            answer("certificate"),
        );
    }
    let inputs: Vec<(&str, String)> = kit
        .inputs
        .iter()
        .filter(|input| answers.contains_key(&input_key(&input.name)))
        .map(|input| (input.name.as_str(), answer(&input_key(&input.name))))
        .collect();
    if !inputs.is_empty() {
        out.push_str("\ninputs = {\n");
        for (name, value) in inputs {
            let _ = writeln!(out, "  {name} = {value}");
        }
        out.push_str("}\n");
    }
    let supplied = kit.secrets.iter().filter(|secret| secret.origin == SecretOrigin::Supplied);
    let supplied: Vec<&str> = supplied.map(|secret| secret.name.as_str()).collect();
    if !supplied.is_empty() {
        let _ = write!(
            out,
            "\n# Supplied secrets are asked for at install and never stand in a file: {}.\n",
            supplied.join(", ")
        );
    }
    crate::workspace::align(&out)
}
