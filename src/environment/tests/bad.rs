//! Bad input: every message has the place, the value, the reason and what would be right.

use super::{Root, read_source};
use crate::failure::Exit;

/// A root that is wrong, and parts of the message: place, what, why, help.
pub(super) fn refused(root: &Root, parts: [&str; 4]) {
    let failure = root.failure();
    let text = failure.to_string();
    assert_eq!(failure.exit(), Exit::Input, "{text}");
    assert!(text.contains("nothing was written"), "{text}");
    // Long messages are wrapped by nobody, so every part stands on one line.
    for part in parts {
        assert!(text.contains(part), "no {part:?} in:\n{text}");
    }
}

const ENV: &str = "environments/demo-aws/environment.hcl";
const PROD: &str = "environments/acme-production/environment.hcl";

#[test]
fn header() {
    let demo = Root::demo;
    refused(
        &demo().with("class   = \"preview\"", ""),
        [ENV, "has no `class`", "safeguards", "class = "],
    );
    refused(
        &demo().with("\"preview\"", "\"prodution\""),
        [&format!("{ENV}:7:13"), "prodution", "not one of the words", "did you mean `production`?"],
    );
    refused(
        &demo().with("environment \"demo-aws\"", "environment \"demo\""),
        [
            &format!("{ENV}:5:13"),
            "is named `demo`, its folder `demo-aws`",
            "by its folder",
            "rename",
        ],
    );
    refused(
        &demo().with("environment \"demo-aws\"", &format!("environment \"{}\"", "x".repeat(64))),
        [ENV, &"x".repeat(64), "3 to 20 lower-case letters", "acme-production"],
    );
    refused(
        &demo().with("format  = 1", "format  = 2"),
        [ENV, "`format` is 2", "whole number", "from 1 to 1"],
    );
    let git = demo().with("\"../..\"", "\"git::https://git.ledger.example/kit.git\"");
    let git = git.with("release = \"v1.0.0\"", "release = \"v1.1.0\"");
    refused(&git, [ENV, "is \"v1.1.0\", kit.hcl is v1.0.0", "put on another release", "v1.0.0"]);
    refused(&demo().with("\"../..\"", "\"/srv/kit\""), [ENV, "/srv/kit", "relative", "../.."]);
    refused(
        &demo().with("release = \"v1.0.0\"", "release = \"main\""),
        [
            ENV,
            "`release` is \"main\", kit.hcl is v1.0.0",
            "never a range or a branch",
            "\"v1.0.0\"",
        ],
    );
    refused(
        &demo().with("release = \"v1.0.0\"", "release = \"v1.1.0\""),
        [ENV, "v1.1.0", "another release", "check out"],
    );
    refused(
        &demo().with("platform@acme.example", "platform"),
        [ENV, "`contact` is \"platform\"", "e-mail", "platform@acme.example"],
    );
    refused(
        &demo().with("contact =", "size = \"huge\"\n  contact ="),
        [ENV, "unknown size `huge`", "no size", "there are no sizes"],
    );
    refused(
        &demo().with("contact =", "kontact = \"x\"\n  contact ="),
        [ENV, "unknown attribute `kontact`", "no attribute", "did you mean `contact`?"],
    );
    refused(
        &demo().with("contact =", "class = \"staging\"\n  contact ="),
        [ENV, "`class` is given twice", "only one", "remove"],
    );
    refused(
        &demo().and("approvals {\n  required = 1\n}\n"),
        [ENV, "`approvals` is not yet supported", "cannot render", "remove the block"],
    );
}

#[test]
fn target() {
    let demo = Root::demo;
    refused(
        &demo().with("\"eu-central-1\"", "\"europe-west3\""),
        [
            &format!("{ENV}:16:16"),
            "`region` is \"europe-west3\"",
            "a region of Google Cloud",
            "eu-west-3",
        ],
    );
    refused(
        &demo().with("\"eu-central-1\"", "\"eu-centrl-1\""),
        [ENV, "eu-centrl-1", "no region of that name", "did you mean `eu-central-1`?"],
    );
    refused(
        &demo().with("\"111122223333\"", "\"1111\""),
        [ENV, "`account_id` is \"1111\"", "twelve digits", "get-caller-identity"],
    );
    refused(
        &demo().with("\"111122223333\"", "111122223333"),
        [ENV, "111122223333", "leading zeros", "quotes"],
    );
    refused(
        &demo().and("gcp {\n  project = \"ledger-prod\"\n  region = \"europe-west3\"\n}\n"),
        [ENV, "both `aws` and `gcp`", "one cloud", "defaults.hcl"],
    );
    refused(
        &demo()
            .with("aws {\n  account_id = \"111122223333\"", "gcp {\n  project = \"ledger-prod\""),
        [ENV, "`region` is \"eu-central-1\"", "it is a region of AWS", "europe-west3"],
    );
    refused(
        &Root::production()
            .with("111122223333:role/landfall-read", "999922223333:role/landfall-read"),
        [
            PROD,
            "roles.read",
            "belongs to the account 999922223333",
            "arn:aws:iam::111122223333:role/",
        ],
    );
    refused(
        &Root::production().with("policy/boundary", "role/boundary"),
        [PROD, "permissions_boundary", "not the ARN of a policy", ":policy/name"],
    );
    refused(
        &demo().and("state { bucket = \"s3://Bucket\" }\n"),
        [ENV, "`bucket` is \"s3://Bucket\"", "lower-case", "not its ARN"],
    );
    refused(
        &demo().and("state { key = \"arn:aws:kms:eu-central-1:111122223333:key/x\" }\n"),
        [ENV, "a key of the state bucket on AWS", "not yet supported", "remove `key`"],
    );
}

#[test]
fn network() {
    let demo = |text: &str| Root::demo().and(&format!("network {{ {text} }}\n"));
    refused(
        &demo("cidr = \"10.40.0.0/26\""),
        [&format!("{ENV}:29:18"), "10.40.0.0/26", "too small for 2 zones", "/16 to a /22"],
    );
    refused(
        &demo("cidr = \"8.8.0.0/16\""),
        [ENV, "8.8.0.0/16", "belong to others", "192.168.0.0/16"],
    );
    refused(&demo("zones = 1"), [ENV, "`zones` is 1", "load balancer needs two", "zones = 2"]);
    refused(&demo("zones = 7"), [ENV, "`zones` is 7", "more than three", "zones = 3"]);
    refused(
        &demo("vpc_id = \"vpc-1\""),
        [
            ENV,
            "an existing network (`vpc-1`) is not yet supported",
            "cannot render",
            "remove the line",
        ],
    );
    refused(
        &Root::production().with("zones = 3", "zones = 1"),
        [PROD, "`zones` is 1", "class production", "zones = 3"],
    );
}

#[test]
fn ingress() {
    let host = |text: &str| Root::demo().with("\"ledger.acme.example\"", text);
    refused(
        &host("\"https://ledger\""),
        [ENV, "https://ledger", "a host is only its middle", "ledger.acme"],
    );
    let certificate = |text: &str| {
        Root::production().with("\"arn:aws:acm:eu-central-1:111122223333:certificate/1f6b5c1e-9f5e-4c6a-8d8e-0a4f9e2b7c31\"", text)
    };
    refused(
        &certificate("\"none\""),
        [PROD, "`certificate` is \"none\"", "class production has no plain HTTP", "ACM"],
    );
    refused(
        &certificate("\"managed\""),
        [
            PROD,
            "`certificate = \"managed\"` on AWS is not yet supported",
            "cannot render",
            "write its ARN",
        ],
    );
    refused(
        &certificate("\"arn:aws:acm:us-east-1:111122223333:certificate/x\""),
        [
            PROD,
            "acm:us-east-1",
            "it lies in us-east-1, the load balancer in eu-central-1",
            "eu-central-1:111122223333",
        ],
    );
    refused(
        &Root::production().with("\"198.51.100.0/24\"", "\"198.51.100.7/24\""),
        [PROD, "198.51.100.7/24", "behind its prefix", "write \"198.51.100.0/24\""],
    );
    refused(
        &Root::demo().with("ingress \"public\"", "ingress \"pubic\""),
        [
            ENV,
            "unknown ingress `pubic`",
            "there is no `ingress \"public\"",
            "did you mean `public`?",
        ],
    );
    refused(
        &Root::demo().with("  certificate = \"none\"", "#"),
        [ENV, "has no `certificate`", "passwords", "\"none\""],
    );
}

#[test]
fn database() {
    let database = |text: &str| Root::demo().and(&format!("database \"main\" {{ {text} }}\n"));
    refused(
        &database("instance = \"m7g.large\""),
        [ENV, "m7g.large", "starts with db.", "db.m7g.large"],
    );
    refused(&database("backup_days = 50"), [ENV, "`backup_days` is 50", "1 to 35", "from 1 to 35"]);
    refused(&database("maintenance = \"sunday\""), [ENV, "sunday", "weekly window", "sun:02:00"]);
    refused(
        &Root::production().with("backup_days = 30", "backup_days = 3"),
        [PROD, "`backup_days` is 3", "class production", "from 7 to 35"],
    );
    refused(
        &Root::demo().with_kit("\">= 16\"", "\">= 99\""),
        ["kit.hcl:15:", "PostgreSQL >=99", "none of the versions", "15, 16, 17"],
    );
}

#[test]
fn values() {
    let demo = Root::demo;
    refused(
        &demo().with("  sender = \"ledger@acme.example\"\n", ""),
        [ENV, "`sender` has no answer", "From address of outgoing mail", "add `sender = ...`"],
    );
    refused(
        &demo().with("\"ledger@acme.example\"", "\"ledger\""),
        [&format!("{ENV}:27:12"), "`sender` is \"ledger\"", "email", "name@acme.example"],
    );
    refused(
        &demo().with("  sender =", "  sendr = \"x\"\n  sender ="),
        [ENV, "unknown input `sendr`", "no input of that name", "did you mean `sender`?"],
    );
    refused(
        &demo().with("\"ledger@acme.example\"", "input.sender"),
        [ENV, "input.sender", "references are not evaluated", "quotes"],
    );
    refused(
        &demo().and("env = { LOG_LEVEL = \"trace\" }\n"),
        [ENV, "`LOG_LEVEL` is \"trace\"", "not one of the allowed values", "debug, info, warn"],
    );
    refused(
        &demo().and("env = { PUBLIC_URL = \"x\" }\n"),
        [ENV, "`PUBLIC_URL` is not the environment's to set", "operator = true", "vendor"],
    );
    refused(
        &demo().and("tags = { \"aws:x\" = \"y\" }\n"),
        [ENV, "`aws:x` starts with `aws:`", "belongs to", "another key"],
    );
    refused(
        &demo().and("tags = { a = \"${file(\\\"/etc/passwd\\\")}\" }\n"),
        [ENV, "${file(\"/etc/passwd\")}", "letters, digits", "another value"],
    );
    refused(
        &demo().and("override \"service\" \"wep\" { replicas = 4 }\n"),
        [ENV, "unknown service `wep`", "no service of that name", "did you mean `web`?"],
    );
    refused(
        &demo().and("override \"service\" \"web\" { memory = \"512Mi\" }\n"),
        [ENV, "0.5 vCPU and 512Mi", "Fargate has no tasks", "1Gi to 4Gi in steps of 1Gi"],
    );
    refused(
        &demo().and("override \"job\" \"migrate\" { replicas = 2 }\n"),
        [ENV, "job.migrate has no number of replicas", "runs once", "`cpu` and `memory` only"],
    );
    refused(
        &demo().and("override \"service\" \"web\" { max = 2 }\n"),
        [ENV, "service.web does not scale", "no `scale`", "`replicas` instead"],
    );
    refused(
        &demo().and("drift { customer_owned = [ingress.pubic.firewall] }\n"),
        [ENV, "`ingress.pubic.firewall`", "named by its block", "ingress.public.firewall"],
    );
    refused(
        &demo().and("secrets = { licence = \"existing:arn:aws:secretsmanager:eu-central-1:111122223333:secret:x\" }\n"),
        [ENV, "adopting the secret `licence` is not yet supported", "cannot render", "remove the line"],
    );
}

/// A value that may be a secret is named, never shown.
#[test]
fn secrets_in_the_file_are_refused_without_showing_them() {
    for text in ["secrets = { licence = \"hunter2\" }\n", "env = { LICENCE = \"hunter2\" }\n"] {
        let root = Root::demo().and(text);
        let places = format!("{ENV}:29:");
        refused(&root, [&places, "has a value in the file", "(G2)", "let Landfall ask"]);
        assert!(!root.failure().to_string().contains("hunter2"));
    }
}

#[test]
fn kit() {
    let kit = |old: &str, new: &str| Root::demo().with_kit(old, new);
    refused(
        &kit("  PUBLIC_URL    = ingress.public.url", "  PUBLIC_URL    = ingress.pubic.url"),
        ["kit.hcl:32:19", "`ingress.pubic.url`", "there is no ingress \"pubic\"", "public"],
    );
    refused(
        &kit(
            "env \"LOG_LEVEL\" {",
            "env \"KEY\" {\n  type = \"string\"\n  from = secret.licence\n}\nenv \"LOG_LEVEL\" {",
        ),
        ["kit.hcl:45:10", "secret.licence", "secret", "type"],
    );
    refused(
        &kit("schedule = \"17 3 * * *\"", "schedule = \"17 3 * * *\"\n  trigger = queue.main"),
        ["kit.hcl", "trigger", "job", "attributes"],
    );
    refused(
        &kit(
            "service \"worker\" {",
            "service \"worker\" {\n  trigger = queue.jobs\n  port \"http\" { number = 80 }",
        ),
        ["kit.hcl", "queue.jobs", "no queue", "queue"],
    );
    refused(
        &kit("job \"nightly\"", "job \"worker\""),
        ["kit.hcl", "worker", "share one space of names", "another name"],
    );
    refused(
        &kit("job \"nightly\"", "job \"bootstrap_main\""),
        ["the bootstrap job of database.main", "demo-aws-bootstrap-main", "must differ", "rename"],
    );
    refused(
        &kit("  SESSION_KEY   =", "  LANDFALL_CLASS = \"x\"\n  SESSION_KEY   ="),
        ["kit.hcl:39:3", "LANDFALL_CLASS", "set by Landfall", "another name"],
    );
    refused(
        &kit(
            "service \"web\" {",
            "cache \"main\" {\n  engine = \"valkey\"\n  version = \">= 8\"\n  auth = \"none\"\n}\nservice \"web\" {",
        ),
        ["kit.hcl:49:1", "cache \"main\" is not yet supported", "cannot render", "use a release"],
    );
    // The environment's own problems are told although the kit is wrong.
    refused(
        &kit("title  = \"Ledger\"", "titel  = \"Ledger\"")
            .with("\"eu-central-1\"", "\"europe-west3\""),
        ["kit.hcl", "titel", "a region of Google Cloud", "did you mean `title`?"],
    );
}

#[test]
fn lock() {
    let digest = |root: &Root| {
        let line = root.lock.lines().find(|line| line.contains("digest ")).unwrap();
        line.split('"').nth(1).unwrap().to_owned()
    };
    let demo = Root::demo();
    let old = digest(&demo);
    let with = |new: &str| Root::demo().with_lock(&old, new);
    refused(
        &with("v1.0.0"),
        ["kit.lock:14:", "`digest` is \"v1.0.0\"", "this is a tag", "release pin"],
    );
    refused(&with("sha256:abc"), ["kit.lock:14:", "sha256:abc", "64 hex digits", "release pin"]);
    let upper = old.to_uppercase().replace("SHA256", "sha256");
    refused(&with(&upper), ["kit.lock:14:", "`digest` is", "0-9 and a-f", "release pin"]);
    let lock = |old: &str, new: &str| Root::demo().with_lock(old, new);
    refused(
        &lock("\"registry.ledger.example/ledger\"", "\"registry.ledger.example/other\""),
        [
            "kit.lock:11:",
            "locked as registry.ledger.example/other:v1.0.0",
            "other bytes",
            "release pin",
        ],
    );
    refused(
        &lock("image \"app\"", "image \"web\""),
        [
            "kit.hcl",
            "image \"app\" is not in kit.lock",
            "only ever run by its digest",
            "release pin",
        ],
    );
    refused(
        &lock("version = \"1.0.0\"", "version = \"1.0.1\""),
        ["kit.lock:7:", "locks 1.0.1, kit.hcl is 1.0.0", "one version", "release pin"],
    );
    refused(
        &lock("linux/amd64", "linux/riscv64"),
        ["kit.lock", "linux/riscv64", "not a platform", "linux/amd64, linux/arm64"],
    );
    refused(
        &lock("\"h1:+X3t", "\"h2:+X3t"),
        ["kit.lock", "h2:+X3t", "h1: and 44", ".terraform.lock.hcl"],
    );
    refused(
        &Root { lock: String::new(), ..Root::demo() },
        ["kit.lock:1:1", "the file is empty", "nothing can be installed", "version control"],
    );
    refused(
        &Root::production().with("release = \"v1.0.0\"", "release = \"dev\""),
        [PROD, "`release` is \"dev\"", "class production runs pinned releases only", "\"v1.0.0\""],
    );
}

/// The cases of hostile files.
#[test]
fn files_that_are_no_hcl() {
    let problem = read_source(ENV, b"environment \"\xff\" {}".to_vec()).unwrap_err().to_string();
    for part in [&format!("{ENV}:1:14"), "0xff", "UTF-8"] {
        assert!(problem.contains(part), "{problem}");
    }
    refused(
        &Root { environment: String::new(), ..Root::demo() },
        [&format!("{ENV}:1:1"), "the file is empty", "nothing can be installed", "version control"],
    );
    refused(
        &Root { environment: "aws {}\n".to_owned(), ..Root::demo() },
        [&format!("{ENV}:1:1"), "has no `environment", "what is installed", "landfall init"],
    );
    let braces = "{".repeat(10 * 1024 * 1024);
    let failure = Root { environment: braces, ..Root::demo() }.failure();
    assert_eq!(failure.exit(), Exit::Input);
    let text = failure.to_string();
    assert!(text.len() < 5000 && text.contains(ENV), "{} bytes", text.len());
}

/// Every problem of every file at once.
#[test]
fn all_problems_are_told_together() {
    let root = Root::demo()
        .with("\"eu-central-1\"", "\"europe-west3\"")
        .with("\"ledger@acme.example\"", "\"ledger\"")
        .with_lock("\"h1:+X3t", "\"h2:+X3t")
        .and("network { zones = 9 }\n");
    let text = root.failure().to_string();
    for part in ["europe-west3", "\"ledger\"", "h2:+X3t", "`zones` is 9"] {
        assert!(text.contains(part), "no {part} in {text}");
    }
    let mut shared = Root::password();
    shared.defaults = shared.defaults.map(|text| text.replace("ap-northeast-1", "mars-1"));
    refused(&shared, ["environments/defaults.hcl:9:16", "mars-1", "no region", "regions: "]);
}
