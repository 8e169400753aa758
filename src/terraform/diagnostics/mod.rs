//! Terraform's complaints, told as ours: what, where, why, which key of `environment.hcl`, and
//! what to do next.

mod google;

use serde::Deserialize;

use crate::failure::Failure;

/// Names the key that produced a variable, such as "`database.main.size` in environment.hcl:14",
/// for a variable of a layer. The caller knows; this room does not.
pub type Lookup = dyn Fn(&str) -> Option<String> + Send + Sync;

/// One error or warning.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Diagnostic {
    /// How bad.
    pub severity: Severity,
    /// One line.
    #[serde(default)]
    pub summary: String,
    /// More lines; may be empty.
    #[serde(default)]
    pub detail: String,
    /// The resource it is about.
    #[serde(default)]
    pub address: Option<String>,
    #[serde(default)]
    range: Option<Range>,
    #[serde(default)]
    snippet: Option<Snippet>,
}

/// How bad a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The command fails.
    Error,
    /// It goes on.
    Warning,
    /// Newer than this program.
    #[serde(other)]
    Other,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct Range {
    filename: String,
    start: Position,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct Position {
    line: u64,
    column: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct Snippet {
    #[serde(default)]
    code: String,
    #[serde(default)]
    values: Vec<Used>,
}

/// An expression that the code uses. Its value (`statement`) is not read: it may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct Used {
    #[serde(default)]
    traversal: String,
}

/// What is known about a complaint beyond its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The state changed after the plan was made; also after a half-finished apply of it.
    StalePlan,
    /// Somebody else holds the state lock.
    StateLocked,
    /// The state could not be written; `errored.tfstate` holds it.
    StateNotSaved,
    /// Nobody is signed in, or no longer.
    Credentials,
    /// A right is missing: the action, such as `ecs:CreateService`, where the cloud names it.
    Denied(Option<String>),
    /// An API of Google's is not enabled: its name, such as `run.googleapis.com`.
    ApiDisabled(Option<String>),
    /// The project has no billing account.
    Billing,
    /// A policy of the organisation forbids it: the constraint, where the cloud names it.
    Policy(Option<String>),
    /// A quota is used up.
    Quota,
    /// Something of that name is there already.
    Exists,
    /// Providers are absent or differ from the lock file.
    NotInitialised,
    /// Anything else.
    Other,
}

impl Diagnostic {
    /// An error that we found out ourselves, in terraform's shape.
    pub(super) fn error(summary: &str, detail: &str) -> Self {
        Self {
            severity: Severity::Error,
            summary: summary.to_owned(),
            detail: detail.to_owned(),
            address: None,
            range: None,
            snippet: None,
        }
    }

    /// The resource address, else `file:line:column`.
    pub fn place(&self) -> Option<String> {
        self.address.clone().filter(|address| !address.is_empty()).or_else(|| {
            let Range { filename, start } = self.range.as_ref()?;
            Some(format!("{filename}:{}:{}", start.line, start.column))
        })
    }

    /// Names of the root variables that take part, each once.
    pub fn variables(&self) -> Vec<String> {
        let Some(snippet) = &self.snippet else { return Vec::new() };
        let is_values =
            self.range.as_ref().is_some_and(|range| range.filename.ends_with(".tfvars"));
        let code = snippet.code.trim_start();
        let declared = match code.strip_prefix("variable \"") {
            Some(rest) => Some(name_at(rest)),
            None if is_values => Some(name_at(code)),
            None => None,
        };
        let used = snippet.values.iter().filter_map(|used| used.traversal.strip_prefix("var."));
        let mut names: Vec<String> = Vec::new();
        for name in declared.into_iter().chain(used.map(name_at)) {
            if !name.is_empty() && !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        }
        names
    }

    /// What kind of trouble this is. Texts are those of Terraform 1.11 and `OpenTofu`, and the
    /// error codes of the AWS and Google APIs that providers quote.
    pub fn trouble(&self) -> Trouble {
        let has = |words: &[&str]| {
            words.iter().any(|word| self.summary.contains(word) || self.detail.contains(word))
        };
        if self.summary.starts_with("Saved plan") {
            Trouble::StalePlan
        } else if self.summary.starts_with("Error acquiring the state lock") {
            Trouble::StateLocked
        } else if has(&["errored.tfstate", "Failed to save state", "Failed to persist state"]) {
            Trouble::StateNotSaved
        } else if has(&[
            "No valid credential sources",
            "ExpiredToken",
            "RequestExpired",
            "InvalidClientTokenId",
            "UnrecognizedClientException",
            "could not find default credentials",
            "invalid_grant",
            "oauth2: cannot fetch token",
            "invalid authentication credentials",
            "ACCESS_TOKEN_EXPIRED",
        ]) {
            Trouble::Credentials
        } else if let Some(trouble) = google::trouble(&self.line()) {
            trouble
        } else if has(&["AccessDenied", "UnauthorizedOperation", "not authorized to perform"])
            || has(&["IAM_PERMISSION_DENIED", "Error 403"])
        {
            Trouble::Denied(self.denied_action())
        } else if has(&["AlreadyExists", "already exists", "AlreadyOwnedByYou", ".Duplicate"]) {
            Trouble::Exists
        } else if has(&["LimitExceeded", "QuotaExceeded", "quotaExceeded", "QUOTA_EXCEEDED"]) {
            Trouble::Quota
        } else if has(&["Inconsistent dependency lock file", "Required plugins are not installed"])
            || has(&["Backend initialization required", "Module not installed"])
        {
            Trouble::NotInitialised
        } else {
            Trouble::Other
        }
    }

    /// The action in "is not authorized to perform: ecs:CreateService on …" (AWS); Google has
    /// several ways to say it.
    fn denied_action(&self) -> Option<String> {
        let text = self.line();
        if google::spoke(&text) {
            return google::permission(&text);
        }
        let after = |marker| text.split_once(marker).map(|(_, rest): (_, &str)| rest);
        let rest = after("not authorized to perform: ").or_else(|| after("Permission '"))?;
        let end = rest.find(|letter: char| letter.is_whitespace() || letter == '\'');
        let action = rest[..end.unwrap_or(rest.len())].trim_end_matches(['.', ',']);
        (!action.is_empty()).then(|| action.to_owned())
    }

    /// The module of the root that it is about: `database_main`.
    fn module(&self) -> Option<&str> {
        let rest = self.address.as_deref()?.strip_prefix("module.")?;
        Some(rest.split(['.', '[']).next().unwrap_or(rest))
    }

    /// How what exists is taken over; its id stands in the message.
    fn import(&self) -> Option<String> {
        let address = self.address.as_deref().filter(|_| self.trouble() == Trouble::Exists)?;
        Some(format!("to take it over, in the layer's folder: terraform import '{address}' ID"))
    }

    fn line(&self) -> String {
        let detail = self.detail.trim();
        match (self.summary.trim(), detail) {
            (summary, "") => summary.to_owned(),
            (summary, detail) if detail.starts_with(summary) => detail.to_owned(),
            (summary, detail) => format!("{summary}: {detail}"),
        }
    }
}

impl Trouble {
    /// What to do, if this room knows.
    fn next(&self) -> Option<String> {
        let next = match self {
            Self::StalePlan => {
                "run the same command again: it plans anew, and asks only if the new plan differs \
                 in meaning from what was approved"
            }
            Self::StateLocked => {
                "wait for the other run, or see who holds it with `landfall unlock NAME`"
            }
            Self::StateNotSaved => {
                "do not apply again: `errored.tfstate` in this folder is the only record of what \
                 was made; run the same command again and Landfall compares it with the stored \
                 state before pushing it"
            }
            Self::Credentials => {
                "sign in to the target account (`aws login` or `aws sso login`) and run the same \
                 command again"
            }
            Self::Denied(Some(action)) => {
                return Some(format!(
                    "ask the account's admin for the right `{action}`: for the role in \
                     `aws.roles.install` of environment.hcl, or for you where it names none"
                ));
            }
            Self::Denied(None) => {
                "ask the account's admin which right is missing: for the role in \
                 `aws.roles.install` of environment.hcl, or for you where it names none"
            }
            Self::Quota => {
                "ask the account's admin to raise the quota, free some of it, or ask for less"
            }
            Self::Exists => {
                "see whose it is: if an earlier run of this environment made it, take it over with \
                 `terraform import`; if not, give the environment another name, which is part of \
                 every name, or have it removed"
            }
            Self::NotInitialised => {
                "run the same command again: it initialises the layer; if the lock file differs, \
                 `landfall render` restores it"
            }
            Self::ApiDisabled(_) | Self::Billing | Self::Policy(_) | Self::Other => return None,
        };
        Some(next.to_owned())
    }
}

/// How many errors one failure shows; a broken network gives one per resource.
const MOST_SHOWN: usize = 10;

/// One failure for everything terraform complained about: `failed to <purpose>`.
pub fn failure(purpose: &str, diagnostics: &[Diagnostic], lookup: Option<&Lookup>) -> Failure {
    let errors: Vec<&Diagnostic> =
        diagnostics.iter().filter(|one| one.severity == Severity::Error).collect();
    let mut failure = Failure::failed(format!("failed to {purpose}"));
    if let Some(place) = errors.first().and_then(|first| first.place()) {
        failure = failure.at(place);
    }
    for (at, error) in errors.iter().take(MOST_SHOWN).enumerate() {
        failure = failure.because(match error.place() {
            Some(place) if at > 0 => format!("{place}: {}", error.line()),
            _ => error.line(),
        });
    }
    if errors.len() > MOST_SHOWN {
        failure = failure.because(format!("and {} more", errors.len() - MOST_SHOWN));
    }
    let mut nexts: Vec<String> = Vec::new();
    for error in &errors {
        let module = error.module().map(str::to_owned);
        let names = error.variables().into_iter().chain(module);
        let keys = names.filter_map(|name| lookup.and_then(|lookup| lookup(&name)));
        nexts.extend(keys.map(|key| format!("check {key}")));
        let trouble = error.trouble();
        let google = google::next(&trouble, &error.line());
        nexts.extend(google.or_else(|| trouble.next()));
        nexts.extend(error.import());
    }
    let mut said: Vec<&String> = Vec::new();
    for next in &nexts {
        if !said.contains(&next) {
            said.push(next);
            failure = failure.next(next);
        }
    }
    failure
}

/// The identifier that a text begins with.
fn name_at(text: &str) -> &str {
    let end = text.find(|letter: char| !(letter.is_alphanumeric() || matches!(letter, '_' | '-')));
    &text[..end.unwrap_or(text.len())]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn diagnostic(json: &str) -> Diagnostic {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn an_error_in_a_value_names_the_key_that_produced_it() {
        let invalid = diagnostic(
            r#"{"severity":"error","summary":"Invalid value for variable",
                "detail":"size must be one of small, large",
                "range":{"filename":"terraform.tfvars","start":{"line":7,"column":8,"byte":0}},
                "snippet":{"context":null,"code":"database = {","values":[
                  {"traversal":"var.database.size","statement":"is \"huge\""}]}}"#,
        );
        let lookup = |name: &str| {
            (name == "database").then(|| "`database.main` in environment.hcl:14:3".to_owned())
        };
        assert_eq!(
            failure("plan layer foundation", &[invalid], Some(&lookup)).to_string(),
            "error: failed to plan layer foundation\n  \
               at: terraform.tfvars:7:8\n  \
               because: Invalid value for variable: size must be one of small, large\n  \
               next: check `database.main` in environment.hcl:14:3"
        );
    }

    #[test]
    fn a_missing_right_is_named() {
        let denied = Diagnostic::error(
            "creating ECS Service (web)",
            "AccessDeniedException: User: arn:aws:sts::1:x is not authorized to perform: \
             ecs:CreateService on resource: *",
        );
        assert_eq!(denied.trouble(), Trouble::Denied(Some("ecs:CreateService".into())));
        let google =
            Diagnostic::error("x", "googleapi: Error 403: Permission 'run.jobs.run' denied");
        assert_eq!(google.trouble(), Trouble::Denied(Some("run.jobs.run".into())));
    }

    #[test]
    fn troubles_that_have_their_own_way_out() {
        let trouble = |summary: &str| Diagnostic::error(summary, "").trouble();
        assert_eq!(trouble("Saved plan is stale"), Trouble::StalePlan);
        assert_eq!(trouble("Error acquiring the state lock"), Trouble::StateLocked);
        assert_eq!(trouble("Failed to save state"), Trouble::StateNotSaved);
        assert_eq!(trouble("No valid credential sources found"), Trouble::Credentials);
        assert_eq!(trouble("VpcLimitExceeded: the maximum"), Trouble::Quota);
        assert_eq!(trouble("EntityAlreadyExists: Role with name x"), Trouble::Exists);
        assert_eq!(trouble("Inconsistent dependency lock file"), Trouble::NotInitialised);
        assert_eq!(trouble("Invalid index"), Trouble::Other);
        assert_eq!(trouble("Error: oauth2: cannot fetch token: 400"), Trouble::Credentials);
    }

    #[test]
    fn the_same_advice_is_given_once_and_warnings_are_no_reasons() {
        let warning = diagnostic(r#"{"severity":"warning","summary":"Deprecated"}"#);
        let stale = Diagnostic::error("Saved plan is stale", "");
        let text = failure("apply layer jobs", &[warning, stale.clone(), stale], None).to_string();
        assert_eq!(text.matches("next:").count(), 1, "{text}");
        assert!(!text.contains("Deprecated"), "{text}");
    }
}
