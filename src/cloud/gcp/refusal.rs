//! An answer that is an error, in each of the forms that Google documents:
//!
//! - `google.rpc.Status` with details (`ErrorInfo`, `QuotaFailure`, `PreconditionFailure`), of most
//!   APIs: <https://cloud.google.com/apis/design/errors>
//! - `errors[].reason`, of Cloud Storage, Cloud SQL and Compute Engine:
//!   <https://cloud.google.com/storage/docs/json_api/v1/status-codes>
//! - plain text, of what stands before the APIs.

use std::collections::BTreeMap;

use serde_json::Value;

/// An answer that is an error. Everything but the status may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Refusal {
    /// HTTP status.
    pub(super) status: u16,
    /// The canonical code: `PERMISSION_DENIED`.
    pub(super) word: Option<String>,
    /// Google's words.
    pub(super) message: Option<String>,
    /// What kind of error: `SERVICE_DISABLED`, `IAM_PERMISSION_DENIED`, `forbidden`.
    pub(super) reason: Option<String>,
    /// What the reason is about: `service`, `consumer`, `permission`, `resource`, `quota_limit`.
    pub(super) metadata: BTreeMap<String, String>,
    /// What was violated: a quota or a precondition.
    pub(super) violations: Vec<Violation>,
}

/// A part of `QuotaFailure` or `PreconditionFailure`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Violation {
    /// Of a precondition: `constraints/run.allowedIngress`.
    pub(super) kind: String,
    /// On what.
    pub(super) subject: String,
    /// In words.
    pub(super) description: String,
}

impl Refusal {
    /// Reads an error; whatever came, something is made of it.
    pub(super) fn read(status: u16, body: &[u8]) -> Self {
        let mut refusal = Self { status, ..Self::default() };
        let Ok(body) = serde_json::from_slice::<Value>(body) else {
            return refusal.with_text(body);
        };
        // The upload of an object answers with an object, a batch with a list of one.
        let error = body.get("error").or_else(|| body.get(0)?.get("error")).unwrap_or(&Value::Null);
        if let Some(word) = error.as_str() {
            // OAuth: `{"error": "invalid_grant", "error_description": "..."}`.
            refusal.reason = Some(word.to_owned());
            refusal.message = text(&body["error_description"]);
            return refusal;
        }
        refusal.read_status(error);
        refusal
    }

    /// A `google.rpc.Status`, or what older APIs have in its place.
    pub(super) fn read_status(&mut self, error: &Value) {
        self.word = text(&error["status"]);
        self.message = text(&error["message"]);
        for detail in error["details"].as_array().into_iter().flatten() {
            self.read_detail(detail);
        }
        if self.reason.is_none() {
            self.reason = text(&error["errors"][0]["reason"]);
        }
    }

    /// The error of an operation that failed: `google.rpc.Status` with a number for the code.
    pub(super) fn of_operation(error: &Value) -> Self {
        let mut refusal = Self::default();
        refusal.read_status(error);
        let (word, status) = canonical(error["code"].as_u64().unwrap_or_default());
        refusal.status = status;
        refusal.word = Some(word.to_owned());
        refusal
    }

    fn read_detail(&mut self, detail: &Value) {
        let kind = detail["@type"].as_str().unwrap_or_default();
        match kind.rsplit('.').next().unwrap_or_default() {
            "ErrorInfo" => {
                self.reason = text(&detail["reason"]);
                let metadata = detail["metadata"].as_object().into_iter().flatten();
                self.metadata
                    .extend(metadata.filter_map(|(key, value)| Some((key.clone(), text(value)?))));
            }
            "QuotaFailure" | "PreconditionFailure" => {
                let all = detail["violations"].as_array().into_iter().flatten();
                self.violations.extend(all.map(|violation| Violation {
                    kind: text(&violation["type"]).unwrap_or_default(),
                    subject: text(&violation["subject"]).unwrap_or_default(),
                    description: text(&violation["description"]).unwrap_or_default(),
                }));
            }
            _ => {}
        }
    }

    /// HTML is a page about the error, not the error.
    fn with_text(mut self, body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body);
        let text = text.trim();
        if !text.is_empty() && !text.starts_with('<') {
            self.message = Some(text.to_owned());
        }
        self
    }

    /// Whether the reason is this one.
    pub(super) fn is(&self, reason: &str) -> bool {
        self.reason.as_deref() == Some(reason)
    }

    /// Whether Google's words hold this.
    pub(super) fn says(&self, text: &str) -> bool {
        self.message.as_deref().is_some_and(|message| message.contains(text))
    }

    /// Whether the API is not switched on in the project: then nothing of it exists.
    pub(super) fn is_api_disabled(&self) -> bool {
        self.is("SERVICE_DISABLED") || self.is("accessNotConfigured")
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

/// `google.rpc.Code`: its name, and the HTTP status that stands for it.
fn canonical(code: u64) -> (&'static str, u16) {
    match code {
        1 => ("CANCELLED", 499),
        3 => ("INVALID_ARGUMENT", 400),
        4 => ("DEADLINE_EXCEEDED", 504),
        5 => ("NOT_FOUND", 404),
        6 => ("ALREADY_EXISTS", 409),
        7 => ("PERMISSION_DENIED", 403),
        8 => ("RESOURCE_EXHAUSTED", 429),
        9 => ("FAILED_PRECONDITION", 400),
        10 => ("ABORTED", 409),
        14 => ("UNAVAILABLE", 503),
        16 => ("UNAUTHENTICATED", 401),
        _ => ("UNKNOWN", 500),
    }
}
