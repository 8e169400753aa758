//! Database servers: version, size, protection. Who logs in is added by the workloads.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;
use semver::Version;

use super::cloud_sql;
use super::header::{kit_origin, pattern};
use super::resolver::{Resolver, place};
use crate::environment::draft;
use crate::environment::model::{Class, Database};
use crate::environment::origins::DEFAULT;
use crate::kit::model::{Database as KitDatabase, DatabaseAuth, ExtensionBy};
use crate::name::name;

/// Major versions of `PostgreSQL` that RDS offers with standard support, and Cloud SQL as well, and
/// that Landfall's bootstrap is tested with, newest last.
/// Source: <https://docs.aws.amazon.com/AmazonRDS/latest/PostgreSQLReleaseNotes/postgresql-release-calendar.html>
const MAJORS: [u64; 3] = [15, 16, 17];

/// Storage when the kit says nothing: the least that RDS gives a gp3 volume.
const STORAGE_GIB: u32 = 20;

/// Storage may grow to this many times its start, but never less than [`LEAST_MAX_GIB`].
const GROWTH: u32 = 5;
const LEAST_MAX_GIB: u32 = 100;

/// When nobody chose: Sunday night in Europe, Saturday evening in America.
const MAINTENANCE: &str = "sun:02:00-sun:03:00";

pub(super) fn databases(resolver: &mut Resolver<'_>) -> BTreeMap<String, Database> {
    let (kit, draft) = (resolver.kit, resolver.draft);
    for (name, block) in &draft.databases {
        if !kit.databases.contains_key(name) {
            let names = kit.databases.keys().map(String::as_str);
            resolver.unknown(block.place.as_ref(), "database", "databases", name, names);
        }
    }
    let none = draft::Database::default();
    kit.databases
        .values()
        .map(|database| {
            let draft = draft.databases.get(&database.name).unwrap_or(&none);
            (database.name.clone(), database_of(resolver, database, draft))
        })
        .collect()
}

fn database_of(
    resolver: &mut Resolver<'_>,
    kit: &KitDatabase,
    draft: &draft::Database,
) -> Database {
    let key = format!("database.{}", kit.name);
    let at = resolver.in_kit(&key);
    let identifier = resolver.claim("database", name(resolver.name, &kit.name, 63), &key, at);
    resolver.origins.derived(format!("{key}.identifier"), &identifier);
    let engine_version = engine_version(resolver, &key, kit);
    let instance_class = if resolver.gcp() {
        cloud_sql::tier(resolver, &key, kit, draft)
    } else {
        instance_class(resolver, &key, kit, draft)
    };
    let storage_gib = kit.sizes.get(&resolver.size).and_then(|size| size.storage_gib);
    let storage_origin = match storage_gib {
        Some(_) => kit_origin(resolver, &format!("{key}.sizes")),
        None => DEFAULT.to_owned(),
    };
    let storage_gib = storage_gib.unwrap_or(STORAGE_GIB);
    resolver.origins.written_or(format!("{key}.storage_gib"), storage_gib, None, &storage_origin);
    let backup_days = backup_days(resolver, &key, draft);
    let maintenance = maintenance(resolver, &key, draft);
    let multi_az = resolver.production();
    let protected = resolver.class >= Class::Staging;
    resolver.origins.class(format!("{key}.multi_az"), multi_az, resolver.class);
    resolver.origins.class(format!("{key}.protected"), protected, resolver.class);
    let auth = if resolver.gcp() { kit.gcp_auth } else { kit.aws_auth };
    let (password, proxy) = (auth == DatabaseAuth::Password, auth == DatabaseAuth::Proxy);
    let login = match auth {
        DatabaseAuth::Native => "IAM tokens",
        DatabaseAuth::Proxy => "IAM tokens, through the Cloud SQL Auth Proxy",
        DatabaseAuth::Password => "a generated password",
    };
    if password && resolver.gcp() {
        resolver.problem(
            resolver.in_kit(&format!("{key}.iam")).cloned(),
            format!("{key} logs in with a password on Google Cloud (`iam.gcp = none`)"),
            "no user of Cloud SQL has a password here: users are service accounts",
            "write `gcp = \"proxy\"`: a proxy beside the process logs in for it, and the product \
             needs no password",
        );
    }
    let iam = kit_origin(resolver, &format!("{key}.iam"));
    resolver.origins.written_or(format!("{key}.login"), login, None, &iam);
    Database {
        name: kit.name.clone(),
        cloud: resolver.cloud,
        identifier,
        engine_version,
        instance_class,
        storage_gib,
        max_storage_gib: storage_gib.saturating_mul(GROWTH).max(LEAST_MAX_GIB),
        backup_days,
        maintenance,
        multi_az,
        protected,
        databases: kit.databases.clone(),
        schema: kit.schema.clone(),
        roles: kit.roles,
        password,
        proxy,
        extensions: kit
            .extensions
            .iter()
            .map(|(name, by)| (name.clone(), *by == ExtensionBy::Owner))
            .collect(),
        parameters: kit.parameters.clone(),
        logins: BTreeMap::new(),
        verifiers: None,
    }
}

/// What runs the databases, in words.
fn platform(resolver: &Resolver<'_>) -> &'static str {
    if resolver.gcp() { "Cloud SQL" } else { "RDS" }
}

/// The newest major version that the kit can live with.
fn engine_version(resolver: &mut Resolver<'_>, key: &str, kit: &KitDatabase) -> String {
    let fits = |major: &&u64| kit.version.matches(&Version::new(**major, 0, 0));
    let newest = MAJORS.iter().rev().find(fits);
    let platform = platform(resolver);
    if newest.is_none() {
        let known: Vec<String> = MAJORS.iter().map(ToString::to_string).collect();
        resolver.problem(
            resolver.in_kit(&format!("{key}.version")).cloned(),
            format!("{key} wants PostgreSQL {}", kit.version),
            format!("none of the versions that {platform} offers and this Landfall knows is that"),
            format!("versions: {}", known.join(", ")),
        );
    }
    let version = newest.map(ToString::to_string).unwrap_or_default();
    let origin = kit_origin(resolver, &format!("{key}.version"));
    resolver.origins.written_or(format!("{key}.engine_version"), &version, None, &origin);
    version
}

fn instance_class(
    resolver: &mut Resolver<'_>,
    key: &str,
    kit: &KitDatabase,
    draft: &draft::Database,
) -> String {
    static PATTERN: LazyLock<Option<Regex>> =
        LazyLock::new(|| pattern(r"^db\.[a-z][a-z0-9-]*\.[a-z0-9]+$"));
    let size = kit.sizes.get(&resolver.size);
    let shown = format!("{key}.instance_class");
    if let Some(given) = &draft.instance {
        if !PATTERN.as_ref().is_some_and(|class| class.is_match(&given.value)) {
            let why = if given.value.starts_with("db-") {
                "it is a tier of Google Cloud"
            } else {
                "an instance class of RDS starts with db."
            };
            let what = format!("`instance` is \"{}\"", given.value);
            resolver.problem(given.place.clone(), what, why, "write it like \"db.m7g.large\"");
        }
        resolver.origins.written(shown, &given.value, &given.place);
        return given.value.clone();
    }
    if let Some(class) = size.and_then(|size| size.instance.as_ref()) {
        let origin = kit_origin(resolver, &format!("{key}.sizes"));
        resolver.origins.written_or(shown, class, None, &origin);
        return class.clone();
    }
    if let Some(tier) = size.and_then(|size| size.tier.as_ref()) {
        let at = resolver.in_kit(&format!("{key}.sizes.{}", resolver.size)).cloned();
        resolver.problem(
            at,
            format!("size {} of {key} is {tier}, a tier of Google Cloud", resolver.size),
            "the kit says nothing for AWS",
            format!(
                "write `database \"{}\" {{ instance = \"db.m7g.large\" }}` in environment.hcl, or \
                 ask the vendor for `instance = {{ aws = ..., gcp = ... }}`",
                kit.name
            ),
        );
    }
    let class = if resolver.production() { "db.m7g.large" } else { "db.t4g.small" };
    resolver.origins.class(shown, class, resolver.class);
    class.to_owned()
}

fn backup_days(resolver: &mut Resolver<'_>, key: &str, draft: &draft::Database) -> u32 {
    let default = match resolver.class {
        Class::Production => 14,
        Class::Staging => 7,
        Class::Preview => 1,
    };
    let shown = format!("{key}.backup_days");
    let Some(given) = &draft.backup_days else {
        resolver.origins.class(shown, default, resolver.class);
        return default;
    };
    let least = if resolver.production() { 7 } else { 1 };
    let most = if resolver.gcp() { 365 } else { 35 };
    if !(least..=most).contains(&given.value) {
        let why = if resolver.production() && given.value < most {
            "class production keeps a week of backups at least".to_owned()
        } else {
            format!("{} keeps backups for 1 to {most} days", platform(resolver))
        };
        resolver.problem(
            given.place.clone(),
            format!("`backup_days` is {}", given.value),
            why,
            format!("write a number from {least} to {most}"),
        );
    }
    resolver.origins.written(shown, given.value, &given.place);
    given.value
}

fn maintenance(resolver: &mut Resolver<'_>, key: &str, draft: &draft::Database) -> String {
    let given = draft.maintenance.as_ref();
    let text = given.map_or(MAINTENANCE, |given| given.value.as_str());
    let minutes = window_minutes(text);
    let why = if resolver.gcp() {
        let whole_hour = minutes == Some(60) && text.matches(":00").count() == 2;
        (!whole_hour).then_some("Cloud SQL wants one whole hour of the week, in UTC")
    } else {
        let fits = minutes.is_some_and(|minutes| (30..24 * 60).contains(&minutes));
        (!fits).then_some("RDS wants a weekly window in UTC, from 30 minutes to less than a day")
    };
    if let Some(why) = why {
        let what = format!("`maintenance` is \"{text}\"");
        let help = format!("write it like \"{MAINTENANCE}\"");
        resolver.problem(place(given).cloned(), what, why, help);
    }
    resolver.origins.written_or(format!("{key}.maintenance"), text, place(given), DEFAULT);
    text.to_owned()
}

/// How long `sun:02:00-sun:03:00` is.
fn window_minutes(text: &str) -> Option<u32> {
    const WEEK: u32 = 7 * 24 * 60;
    let (from, to) = text.split_once('-')?;
    Some((minute_of_week(to)? + WEEK - minute_of_week(from)?) % WEEK)
}

fn minute_of_week(text: &str) -> Option<u32> {
    let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let mut parts = text.split(':');
    let day = parts.next()?;
    let day = u32::try_from(days.iter().position(|known| *known == day)?).ok()?;
    let mut two_digits = |most: u32| {
        let part = parts.next().filter(|part| part.len() == 2)?;
        part.bytes()
            .all(|byte| byte.is_ascii_digit())
            .then(|| part.parse().ok())?
            .filter(|number: &u32| *number <= most)
    };
    let (hour, minute) = (two_digits(23)?, two_digits(59)?);
    parts.next().is_none().then_some((day * 24 + hour) * 60 + minute)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maintenance_windows() {
        assert_eq!(window_minutes("sun:02:00-sun:03:00"), Some(60));
        assert_eq!(window_minutes("sun:23:30-mon:00:15"), Some(45));
        for bad in [
            "",
            "sun:02:00",
            "sun:2:00-sun:03:00",
            "day:02:00-sun:03:00",
            "sun:24:00-sun:03:00",
            "sun:+2:00-sun:03:00",
        ] {
            assert_eq!(window_minutes(bad), None, "{bad}");
        }
    }
}
