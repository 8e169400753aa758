//! The Cloud SQL Auth Proxy: for products that can log in to a database with a password only. It
//! runs beside the process, listens on the loopback address, and logs in by IAM for it.

use std::collections::BTreeMap;

use super::cloud_run_rules;
use super::resolver::Resolver;
use super::wiring::Consumer;
use crate::environment::model::Database;
use crate::kit::model::Process;
use crate::release::lock::LockedImage;

/// Where the first proxy listens; the next ones follow.
const FIRST_PORT: u16 = 5432;

/// The databases that a consumer reaches through a proxy, with the port of each, by name.
pub(super) fn proxies_of(
    databases: &BTreeMap<String, Database>,
    consumer: Consumer<'_>,
) -> Vec<(String, u16)> {
    let through = databases.values().filter(|it| it.proxy && consumer.uses("database", &it.name));
    through.zip(FIRST_PORT..).map(|(database, port)| (database.name.clone(), port)).collect()
}

/// The locked image of the proxy; a problem for a job, which would never end beside it.
pub(super) fn sql_proxy(
    resolver: &mut Resolver<'_>,
    process: &Process,
    consumer: Consumer<'_>,
    database: &str,
) -> Option<LockedImage> {
    if consumer.key.starts_with("job.") {
        resolver.problem(
            process.place.clone(),
            format!("{} logs in to database.{database} through a proxy", consumer.key),
            "the proxy beside a job does not end when the job has, so that neither would",
            "let the product fetch its token itself, and write `iam = { gcp = \"native\" }` in the \
             database",
        );
        return None;
    }
    let (lock, places) = resolver.lock?;
    let Some(proxy) = &lock.sql_proxy else {
        resolver.problem(
            places.get("kit.version").cloned(),
            "kit.lock has no `client \"cloud-sql-proxy\" { ... }`",
            format!("{} reaches database.{database} through it, by its digest (G3)", consumer.key),
            "run `landfall release pin` in the kit's repository; it writes kit.lock",
        );
        return None;
    };
    let at = places.get("client.cloud-sql-proxy");
    let what = "the image of the Cloud SQL Auth Proxy";
    cloud_run_rules::image(resolver, at, what, proxy).map(|(image, _)| image)
}
