//! Which keys of environment.hcl made what terraform complains about.

use std::sync::Arc;

use super::context::Run;
use crate::environment::model::Origin;
use crate::kit::model::CloudName;
use crate::site::ENVIRONMENT_FILE;
use crate::terraform::Lookup;

impl Run {
    /// Tells, for a module such as `database_main` or a variable of the same name, what a person
    /// wrote about it, with its place; else which block they could write.
    pub(super) fn lookup(&self) -> Arc<Lookup> {
        let origins = self.environment.origins.clone();
        let cloud = self.environment.target.cloud;
        Arc::new(move |name| keys(&origins, cloud, name))
    }
}

fn keys(origins: &[Origin], cloud: CloudName, name: &str) -> Option<String> {
    let (family, block) = family(cloud, name)?;
    let is_of = |key: &str| {
        key.strip_prefix(family.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let written: Vec<String> = origins
        .iter()
        .filter(|it| is_of(&it.key) && it.origin.contains(ENVIRONMENT_FILE))
        .map(|it| format!("`{}` = {} in {}", it.key, it.value, it.origin))
        .collect();
    Some(if written.is_empty() {
        format!("`{block}` in {ENVIRONMENT_FILE}, which says nothing of it yet")
    } else {
        written.join(", ")
    })
}

/// Keys begin with the first; the second is what a person writes.
fn family(cloud: CloudName, name: &str) -> Option<(String, String)> {
    let named = |prefix: &str| name.strip_prefix(prefix).filter(|rest| !rest.is_empty());
    if let Some(name) = named("database_") {
        return Some((format!("database.{name}"), format!("database \"{name}\"")));
    }
    if let Some(name) = named("ingress_") {
        return Some((format!("ingress.{name}"), format!("ingress \"{name}\"")));
    }
    if let Some(name) = named("service_") {
        return Some((format!("service.{name}"), format!("override \"service\" \"{name}\"")));
    }
    match name {
        "network" => Some(("network".to_owned(), "network".to_owned())),
        "target" => Some(("target".to_owned(), cloud.word().to_owned())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_wrote_is_named_with_its_place() {
        let origin = |key: &str, value: &str, origin: &str| Origin {
            key: key.into(),
            value: value.into(),
            origin: origin.into(),
        };
        let origins = [
            origin("database.main.instance_class", "db.m7g.large", "e/environment.hcl:12:3"),
            origin("database.main.storage_gib", "20", "default"),
            origin("database.mainly.storage_gib", "30", "e/environment.hcl:20:3"),
        ];
        assert_eq!(
            keys(&origins, CloudName::Aws, "database_main").as_deref(),
            Some("`database.main.instance_class` = db.m7g.large in e/environment.hcl:12:3")
        );
        assert_eq!(
            keys(&origins, CloudName::Aws, "network").as_deref(),
            Some("`network` in environment.hcl, which says nothing of it yet")
        );
        assert_eq!(keys(&origins, CloudName::Aws, "keys"), None);
    }
}
