//! The tiers that Cloud SQL has, and when it does maintenance.

use super::header::kit_origin;
use super::resolver::Resolver;
use crate::environment::draft;
use crate::kit::model::Database as KitDatabase;

/// Most vCPU of a custom tier.
const MOST_CPU: u32 = 96;

/// Least memory of a custom tier, and the step of all of them, in MiB.
const LEAST_MEMORY: u32 = 3840;
const STEP: u32 = 256;

/// Why a text is no tier of the edition that Landfall uses, and what is.
///
/// Source: <https://cloud.google.com/sql/docs/postgres/create-instance#machine-types>
pub(super) fn tier_trouble(text: &str) -> Option<(String, String)> {
    let like = || "write it like \"db-custom-2-8192\"".to_owned();
    if text.starts_with("db.") {
        return Some(("it is an instance class of AWS".to_owned(), like()));
    }
    if text.starts_with("db-perf-") || text.starts_with("db-c4a-") || text.starts_with("db-n2-") {
        let why = "it belongs to the edition Enterprise Plus, and Landfall uses Enterprise";
        return Some((why.to_owned(), like()));
    }
    if ["db-f1-micro", "db-g1-small"].contains(&text) {
        return Some((
            "a shared core has no service level, not even for a week".to_owned(),
            like(),
        ));
    }
    let numbers = text.strip_prefix("db-custom-").and_then(|rest| {
        let (cpu, memory) = rest.split_once('-')?;
        Some((whole(cpu)?, whole(memory)?))
    });
    let Some((cpu, memory)) = numbers else {
        let why = "a tier of Cloud SQL is db-custom-, the number of vCPU, and memory in MiB";
        return Some((why.to_owned(), like()));
    };
    if cpu != 1 && (cpu == 0 || cpu % 2 == 1 || cpu > MOST_CPU) {
        let help = format!("write 1, or an even number from 2 to {MOST_CPU}, for the first number");
        return Some((format!("Cloud SQL has no instances with {cpu} vCPU"), help));
    }
    // 0.9 to 6.5 GB for each vCPU.
    let least = (cpu * 9 * 1024).div_ceil(10).next_multiple_of(STEP).max(LEAST_MEMORY);
    let most = cpu * 65 * 1024 / 10 / STEP * STEP;
    if (least..=most).contains(&memory) && memory % STEP == 0 {
        return None;
    }
    Some((
        format!("Cloud SQL has no instances with {cpu} vCPU and {memory} MiB"),
        format!("memory for {cpu} vCPU: {least} to {most} in steps of {STEP}"),
    ))
}

fn whole(text: &str) -> Option<u32> {
    let digits = (1..=7).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok())?
}

/// The tier: the environment's, else the size's, else the class's.
pub(super) fn tier(
    resolver: &mut Resolver<'_>,
    key: &str,
    kit: &KitDatabase,
    draft: &draft::Database,
) -> String {
    let shown = format!("{key}.instance_class");
    if let Some(given) = &draft.instance {
        if let Some((why, help)) = tier_trouble(&given.value) {
            let what = format!("`instance` is \"{}\"", given.value);
            resolver.problem(given.place.clone(), what, why, help);
        }
        resolver.origins.written(shown, &given.value, &given.place);
        return given.value.clone();
    }
    let size = kit.sizes.get(&resolver.size);
    let origin = kit_origin(resolver, &format!("{key}.sizes"));
    if let Some(tier) = size.and_then(|size| size.tier.as_ref()) {
        if let Some((why, help)) = tier_trouble(tier) {
            let at = resolver.in_kit(&format!("{key}.sizes.{}", resolver.size)).cloned();
            resolver.problem(at, format!("{key} wants the tier {tier}"), why, help);
        }
        resolver.origins.written_or(shown, tier, None, &origin);
        return tier.clone();
    }
    if let Some(class) = size.and_then(|size| size.instance.as_ref()) {
        let at = resolver.in_kit(&format!("{key}.sizes.{}", resolver.size)).cloned();
        resolver.problem(
            at,
            format!("size {} of {key} is {class}, an instance class of AWS", resolver.size),
            "the kit says nothing for Google Cloud",
            format!(
                "write `database \"{}\" {{ instance = \"db-custom-2-8192\" }}` in environment.hcl, \
                 or ask the vendor for `instance = {{ aws = ..., gcp = ... }}`",
                kit.name
            ),
        );
    }
    let tier = if resolver.production() { "db-custom-2-8192" } else { "db-custom-1-3840" };
    resolver.origins.class(shown, tier, resolver.class);
    tier.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiers_that_exist_and_that_do_not() {
        for good in
            ["db-custom-1-3840", "db-custom-2-8192", "db-custom-4-26624", "db-custom-96-638976"]
        {
            assert_eq!(tier_trouble(good), None, "{good}");
        }
        for (bad, part) in [
            ("db.m7g.large", "instance class of AWS"),
            ("db-perf-optimized-N-2", "Enterprise Plus"),
            ("db-f1-micro", "shared core"),
            ("db-custom-3-8192", "no instances with 3 vCPU"),
            ("db-custom-0-8192", "no instances with 0 vCPU"),
            ("db-custom-98-98304", "no instances with 98 vCPU"),
            ("db-custom-2-2048", "2 vCPU and 2048 MiB"),
            ("db-custom-2-8000", "2 vCPU and 8000 MiB"),
            ("db-custom-1-7168", "1 vCPU and 7168 MiB"),
            ("db-custom-2", "a tier of Cloud SQL"),
            ("db-custom-2-99999999999", "a tier of Cloud SQL"),
            ("large", "a tier of Cloud SQL"),
        ] {
            let why = tier_trouble(bad).map(|(why, _)| why);
            assert!(why.as_ref().is_some_and(|why| why.contains(part)), "{bad}: {why:?}");
        }
        let help = tier_trouble("db-custom-1-7168").map(|(_, help)| help);
        assert_eq!(help.as_deref(), Some("memory for 1 vCPU: 3840 to 6656 in steps of 256"));
    }
}
