//! What the kit is and what may follow what: `kit`, `release`, `schema`, `size`, `feature`.

use std::collections::BTreeMap;

use semver::{Version, VersionReq};

use super::draft::{By, Draft, Role, matches};
use super::model::{AtStart, CloudName, Expression, Feature, Locks, Release, Schema, Size, Update};
use super::variable::ENV_NAME;
use crate::hcl::{Body, Value};
use crate::source::Problem;

/// `kit NAME { }`.
pub(super) struct Header {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) vendor: Option<String>,
    pub(super) landfall: Option<VersionReq>,
    pub(super) clouds: Vec<CloudName>,
}

/// A git tag or image tag that needs no quoting anywhere.
const TAG: &str = r"^[A-Za-z0-9][A-Za-z0-9._/+-]{0,126}$";

/// The words for both ways to replace a service.
pub(super) const UPDATE: [(&str, Update); 2] =
    [("rolling", Update::Rolling), ("recreate", Update::Recreate)];

pub(super) fn header(file: &mut Body, draft: &mut Draft) -> Header {
    let mut header = Header {
        name: String::new(),
        title: String::new(),
        vendor: None,
        landfall: None,
        clouds: Vec::new(),
    };
    let mut blocks = file.named_blocks("kit", &mut draft.problems).into_iter();
    let Some((label, mut body)) = blocks.next() else {
        draft.problems.push(Problem::new(
            file.place().clone(),
            "the kit has no block `kit`",
            "it names the product and the format of the file",
            "add `kit \"name\" { format = 1, title = \"...\" }`, each attribute on its line",
        ));
        return header;
    };
    for (label, second) in blocks {
        draft.problems.push(Problem::new(
            label.place,
            format!("a second block `{}`", second.title()),
            "a file holds one kit",
            "move the other kit to a repository of its own",
        ));
    }
    header.name = draft.enter("kit", &label, &body);
    draft.place("kit", &body);
    let problems = &mut draft.problems;
    body.require("format", problems).and_then(|value| value.integer(1..=1_i64, problems));
    header.title = body
        .require("title", problems)
        .and_then(|value| value.string(problems))
        .unwrap_or_default();
    header.vendor = body.take("vendor").and_then(|value| value.string(problems));
    header.landfall = body.take("landfall").and_then(|value| landfall(&value, draft));
    let problems = &mut draft.problems;
    let words = [("aws", CloudName::Aws), ("gcp", CloudName::Gcp)];
    header.clouds = body
        .take("clouds")
        .and_then(|value| {
            value.list_of(problems, |item, problems| item.enumeration(&words, problems))
        })
        .unwrap_or_default();
    header.clouds.sort_unstable();
    header.clouds.dedup();
    body.finish(problems);
    header
}

/// The constraint on Landfall itself, which this version must meet.
fn landfall(value: &Value, draft: &mut Draft) -> Option<VersionReq> {
    const OWN: &str = env!("CARGO_PKG_VERSION");
    let constraint = value.constraint(&mut draft.problems)?;
    if !OWN.parse::<Version>().is_ok_and(|own| constraint.matches(&own)) {
        draft.problems.push(value.problem(
            format!("this is Landfall {OWN}, which the kit does not accept"),
            "use a Landfall that the kit accepts, or a release of the kit for this one",
        ));
    }
    Some(constraint)
}

pub(super) fn release(file: &mut Body, kit: &str, draft: &mut Draft) -> Release {
    let mut release = Release {
        version: Version::new(0, 0, 0),
        tag: String::new(),
        from: None,
        stops: Vec::new(),
        window: None,
        update: Update::Rolling,
        rollback: true,
    };
    let Some(mut body) = file.block("release", &mut draft.problems) else {
        draft.problems.push(Problem::new(
            file.place().clone(),
            "the kit has no block `release`",
            "without a version nothing can be pinned",
            "add `release { version = \"1.0.0\" }`",
        ));
        return release;
    };
    draft.place("release", &body);
    let problems = &mut draft.problems;
    if let Some(version) =
        body.require("version", problems).and_then(|value| value.version(problems))
    {
        release.version = version;
    }
    release.tag = match body.take("tag") {
        Some(value) => tag(&value, kit, &release, draft).unwrap_or_default(),
        None => format!("v{}", release.version),
    };
    let problems = &mut draft.problems;
    release.from = body.take("from").and_then(|value| value.constraint(problems));
    release.stops = body
        .take("stops")
        .and_then(|value| value.list_of(problems, Value::version))
        .unwrap_or_default();
    release.window = body.take("window").and_then(|value| value.duration(problems));
    if let Some(update) = body.take("update").and_then(|value| value.enumeration(&UPDATE, problems))
    {
        release.update = update;
    }
    let rollback = [("image", true), ("none", false)];
    release.rollback = body
        .take("rollback")
        .and_then(|value| value.enumeration(&rollback, problems))
        .unwrap_or(true);
    body.finish(problems);
    release
}

/// Evaluates a tag: a text with `release.version`, `release.tag` (in an image) and `kit.name`.
pub(super) fn tag(
    value: &Value,
    kit: &str,
    release: &Release,
    draft: &mut Draft,
) -> Option<String> {
    let written = value.expression(&mut draft.problems)?;
    let known = |path: &[String]| match path.join(".").as_str() {
        "release.version" => Some(release.version.to_string()),
        "release.tag" if !release.tag.is_empty() => Some(release.tag.clone()),
        "kit.name" => Some(kit.to_owned()),
        _ => None,
    };
    let text = evaluate(&written.expression, &known);
    let fitting = text.filter(|text| matches(TAG, text));
    if fitting.is_none() {
        draft.problems.push(value.problem(
            format!("a tag is a text that matches {TAG}"),
            "write it like \"v${release.version}\"; release.version and kit.name can be used in it",
        ));
    }
    fitting
}

fn evaluate(
    expression: &Expression,
    known: &impl Fn(&[String]) -> Option<String>,
) -> Option<String> {
    match expression {
        Expression::Literal(serde_json::Value::String(text)) => Some(text.clone()),
        Expression::Reference(path) => known(path),
        Expression::Template(parts) => parts.iter().map(|part| evaluate(part, known)).collect(),
        _ => None,
    }
}

pub(super) fn schemas(file: &mut Body, draft: &mut Draft) -> BTreeMap<String, Schema> {
    let mut schemas = BTreeMap::new();
    for (label, mut body) in file.named_blocks("schema", &mut draft.problems) {
        let name = draft.enter("schema", &label, &body);
        schemas.insert(name, schema(&mut body, draft));
        body.finish(&mut draft.problems);
    }
    schemas
}

fn schema(body: &mut Body, draft: &mut Draft) -> Schema {
    let by = By::block(body);
    let problems = &mut draft.problems;
    let version = body.require("version", problems).and_then(|value| value.scalar(problems));
    let accepts_value = body.take("accepts");
    let accepts = accepts_value
        .as_ref()
        .and_then(|value| value.list_of(problems, Value::scalar))
        .unwrap_or_default();
    if let (Some(version), Some(value)) = (&version, &accepts_value)
        && !accepts.contains(version)
    {
        problems.push(value.problem(
            format!("the release migrates to {version} and could not serve that"),
            format!("add {version} to `accepts`"),
        ));
    }
    let at_start = [
        ("never", AtStart::Never),
        ("unless_env", AtStart::UnlessEnv),
        ("always", AtStart::Always),
    ];
    let locks = [("advisory", Locks::Advisory), ("table", Locks::Table), ("none", Locks::None)];
    let ahead = [("serve", true), ("refuse", false)];
    let off = body.take("off");
    let schema = Schema {
        tool: body.take("tool").and_then(|value| value.string(problems)),
        version,
        accepts,
        at_start: body
            .take("at_start")
            .and_then(|value| value.enumeration(&at_start, problems))
            .unwrap_or(AtStart::Never),
        off: off
            .as_ref()
            .and_then(|value| value.map_of(problems, Value::scalar))
            .unwrap_or_default(),
        locks: body
            .take("locks")
            .and_then(|value| value.enumeration(&locks, problems))
            .unwrap_or(Locks::Advisory),
        ahead_serves: body
            .take("ahead")
            .and_then(|value| value.enumeration(&ahead, problems))
            .unwrap_or(true),
        probe: body
            .take("probe")
            .and_then(|value| draft.reference(&value, &by, Role::Probe))
            .and_then(|path| path.into_iter().nth(1)),
    };
    check_off(&schema, off.as_ref(), body, draft);
    schema
}

/// `off` and `at_start = unless_env` belong together.
fn check_off(schema: &Schema, off: Option<&Value>, body: &Body, draft: &mut Draft) {
    for name in schema.off.keys().filter(|name| !matches(ENV_NAME, name)) {
        draft.problems.push(Problem::new(
            off.map(Value::place),
            format!("`off` has the variable \"{name}\""),
            format!("a variable's name matches {ENV_NAME}"),
            "write the variable that switches the migration at start off",
        ));
    }
    if (schema.at_start == AtStart::UnlessEnv) == off.is_some() {
        return;
    }
    draft.problems.push(match off {
        Some(off) => off.problem(
            "the variables are only set when `at_start` is unless_env",
            "write `at_start = \"unless_env\"`, or remove `off`",
        ),
        None => Problem::new(
            body.place().clone(),
            format!("{} has at_start = unless_env and no `off`", body.title()),
            "the variables that switch the migration at start off are not known",
            "add `off = { VARIABLE = \"value\" }`",
        ),
    });
}

pub(super) fn sizes(file: &mut Body, draft: &mut Draft) -> Vec<Size> {
    let mut sizes: Vec<Size> = Vec::new();
    for (label, mut body) in file.named_blocks("size", &mut draft.problems) {
        let name = draft.enter("size", &label, &body);
        let problems = &mut draft.problems;
        let title = body.require("title", problems).and_then(|value| value.string(problems));
        let default = body.take("default");
        let is_default = default.as_ref().and_then(|value| value.bool(problems)).unwrap_or(false);
        if let (true, Some(value), Some(first)) =
            (is_default, default, sizes.iter().find(|size| size.default))
        {
            problems.push(value.problem(
                format!("size \"{}\" is the default already", first.name),
                "make one size the default",
            ));
        }
        body.finish(problems);
        sizes.push(Size { name, title: title.unwrap_or_default(), default: is_default });
    }
    sizes
}

pub(super) fn features(file: &mut Body, draft: &mut Draft) -> Vec<Feature> {
    let mut features = Vec::new();
    for (label, mut body) in file.named_blocks("feature", &mut draft.problems) {
        let name = draft.enter("feature", &label, &body);
        let by = By::block(&body);
        let problems = &mut draft.problems;
        let default = body.require("default", problems).and_then(|value| value.bool(problems));
        let title = body.take("title").and_then(|value| value.string(problems));
        let requires = draft.references(body.take("requires"), &by, Role::Requires);
        body.finish(&mut draft.problems);
        features.push(Feature { name, default: default.unwrap_or(false), requires, title });
    }
    features
}
