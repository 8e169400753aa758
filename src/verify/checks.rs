//! The kit's own checks, through the load balancer.

use super::Doubt;
use crate::cloud::probe::{Answer, Probe};
use crate::environment::model::Check;
use crate::failure::Result;
use crate::run::{Outputs, Run};

/// Holds every check of the kit; what does not hold, by name of the check.
pub(super) async fn doubts(run: &Run, foundation: &Outputs) -> Result<Vec<(String, Doubt)>> {
    let mut doubts = Vec::new();
    for check in &run.environment.checks {
        let Some(connect_to) = load_balancer(run, foundation, check) else { continue };
        let probe = Probe { url: check.url.clone(), connect_to };
        let found = match run.cloud.probe(&probe).await? {
            None => Some(Doubt::not_known(format!("{} cannot be reached from here", check.url))),
            Some(answer) => judge(check, &answer, run.is_simulated()),
        };
        doubts.extend(found.map(|doubt| (format!("check {}", check.name), doubt)));
    }
    Ok(doubts)
}

/// The load balancer of the ingress that the check's URL belongs to.
fn load_balancer(run: &Run, foundation: &Outputs, check: &Check) -> Option<String> {
    let ingress =
        run.environment.ingresses.values().find(|ingress| check.url.starts_with(&ingress.url))?;
    let outputs = foundation.get("foundation")?;
    Some(outputs["ingresses"][&ingress.name]["dns_name"].as_str()?.to_owned())
}

fn judge(check: &Check, answer: &Answer, simulated: bool) -> Option<Doubt> {
    if answer.status != check.status {
        let what = format!("{} answers {}, not {}", check.url, answer.status, check.status);
        return Some(Doubt::wrong(what));
    }
    // What a product says is not simulated.
    let (Some(path), Some(wanted)) = (&check.json, &check.equals) else { return None };
    if simulated {
        return None;
    }
    let Ok(document) = serde_json::from_slice::<serde_json::Value>(&answer.body) else {
        return Some(Doubt::wrong(format!("{} does not answer with JSON", check.url)));
    };
    let found = path.split('.').fold(&document, |value, key| &value[key]);
    let found = found.as_str().map_or_else(|| found.to_string(), str::to_owned);
    (found != *wanted)
        .then(|| Doubt::wrong(format!("{}: {path} is {found}, not {wanted}", check.url)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check() -> Check {
        Check {
            name: "version".to_owned(),
            url: "https://ledger.acme.example/version".to_owned(),
            status: 200,
            json: Some("build.version".to_owned()),
            equals: Some("1.0.0".to_owned()),
            after_bootstrap: false,
        }
    }

    fn said(status: u16, body: &str) -> Option<String> {
        let answer = Answer { status, body: body.as_bytes().to_vec() };
        judge(&check(), &answer, false).map(|doubt| doubt.what)
    }

    #[test]
    fn a_check_holds_status_and_field() {
        assert_eq!(said(200, r#"{"build":{"version":"1.0.0"}}"#), None);
        let url = "https://ledger.acme.example/version";
        let wrong = said(200, r#"{"build":{"version":"0.9.0"}}"#);
        assert_eq!(wrong, Some(format!("{url}: build.version is 0.9.0, not 1.0.0")));
        assert_eq!(said(503, "{}"), Some(format!("{url} answers 503, not 200")));
        assert_eq!(said(200, "<html>"), Some(format!("{url} does not answer with JSON")));
        assert_eq!(said(200, "{}"), Some(format!("{url}: build.version is null, not 1.0.0")));
    }
}
