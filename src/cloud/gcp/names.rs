//! Names of resources: `projects/P/locations/R/services/NAME`, and the parts of them.

use super::Gcp;

/// The last part of a name.
pub(super) fn short(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// The part that follows `kind`, like the `R` of `locations/R`.
pub(super) fn part<'a>(name: &'a str, kind: &str) -> Option<&'a str> {
    let mut parts = name.split('/');
    parts.find(|part| *part == kind)?;
    parts.next().filter(|part| !part.is_empty())
}

impl Gcp {
    /// The project and region of the target, as Cloud Run names them.
    pub(super) fn location(&self) -> String {
        format!("projects/{}/locations/{}", self.project, self.region)
    }

    /// The place that a module's output `cluster_id` names; a name alone means the target's.
    pub(super) fn place(&self, cluster: &str) -> String {
        match part(cluster, "locations") {
            Some(_) if cluster.starts_with("projects/") => cluster.to_owned(),
            _ => self.location(),
        }
    }

    /// The full name of a secret: Terraform's ids are full, people write short ones.
    pub(super) fn secret_name(&self, id: &str) -> String {
        match part(id, "secrets") {
            Some(_) => id.to_owned(),
            None => format!("projects/{}/secrets/{id}", self.project),
        }
    }

    /// The same name with the project's id for its number, as Terraform writes it: some APIs
    /// answer with the number.
    pub(super) fn with_project_id(&self, name: &str) -> String {
        match name.strip_prefix(&format!("projects/{}/", self.project_number)) {
            Some(rest) => format!("projects/{}/{rest}", self.project),
            None => name.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_comes_apart() {
        let name = "projects/acme-ledger/locations/europe-west3/jobs/migrate";
        assert_eq!(short(name), "migrate");
        assert_eq!(part(name, "locations"), Some("europe-west3"));
        assert_eq!(part(name, "secrets"), None);
        assert_eq!(part("projects/acme-ledger/secrets/", "secrets"), None);
        assert_eq!(short("migrate"), "migrate");
    }
}
