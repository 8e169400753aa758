//! What is refused on Google Cloud: the place, the value, the reason and what would be right.

use std::collections::BTreeSet;

use super::Root;
use super::bad::refused;
use super::gcp::{production, workload};
use crate::environment::model::WorkloadKind;

const ENV: &str = "environments/demo-gcp/environment.hcl";

#[test]
fn target() {
    let demo = Root::demo_gcp;
    let project = |text: &str| demo().with("\"acme-ledger\"", text);
    refused(
        &project("\"Acme Ledger\""),
        [
            &format!("{ENV}:15:20"),
            "`project` is \"Acme Ledger\"",
            "6 to 30 lower-case",
            "not the name or number",
        ],
    );
    refused(
        &project("\"123456789012\""),
        [ENV, "`project` is \"123456789012\"", "the number of a project", "as `project_number`"],
    );
    refused(
        &project("\"acme.example:x\""),
        [ENV, "acme.example:x", "domain in front", "another project"],
    );
    let number = |text: &str| demo().with("\"123456789012\"", text);
    refused(&number("123456789012"), [ENV, "123456789012", "project number is a name", "quotes"]);
    refused(
        &number("\"acme-ledger\""),
        [
            ENV,
            "`project_number` is \"acme-ledger\"",
            "the id of a project",
            "gcloud projects describe acme-ledger",
        ],
    );
    refused(
        &number("\"12\""),
        [ENV, "`project_number` is \"12\"", "digits only", "gcloud projects describe"],
    );
    let region = |text: &str| demo().with("\"europe-west3\"", text);
    refused(&region("\"eu-central-1\""), [ENV, "eu-central-1", "a region of AWS", "europe-west3"]);
    refused(&region("\"EU\""), [ENV, "`region` is \"EU\"", "a multi-region", "europe-west3"]);
    refused(
        &region("\"europe-west3-b\""),
        [ENV, "europe-west3-b", "it is a zone", "write \"europe-west3\""],
    );
    refused(
        &region("\"europe-wset3\""),
        [ENV, "europe-wset3", "no region of that name", "did you mean `europe-west3`?"],
    );
    let without = |line: &str| demo().with(line, "");
    refused(
        &without("  project        = \"acme-ledger\"\n"),
        [ENV, "`gcp` has no `project`", "(G1)", "add `project ="],
    );
    refused(
        &without("  project_number = \"123456789012\"\n"),
        [ENV, "`gcp` has no `project_number`", "names the accounts", "projectNumber"],
    );
    refused(
        &without("  region         = \"europe-west3\"\n"),
        [ENV, "`gcp` has no `region`", "the data stays there", "add `region ="],
    );
    for (bucket, why) in [("goog-state", "keeps names"), ("s3://x", "lower-case letters")] {
        refused(
            &demo().and(&format!("state {{ bucket = \"{bucket}\" }}\n")),
            [ENV, bucket, why, "write the name of the bucket"],
        );
    }
    let key = "projects/acme-keys/locations/europe-west4/keyRings/state/cryptoKeys/state";
    for (key, why) in [
        (key, "it lies in europe-west4, the bucket in europe-west3"),
        (&*format!("{key}/cryptoKeyVersions/1"), "one version of a key"),
        ("arn:aws:kms:eu-central-1:111122223333:key/x", "a key of AWS"),
        ("state", "not the name of a key of Cloud KMS"),
    ] {
        refused(
            &demo().and(&format!("state {{ key = \"{key}\" }}\n")),
            [ENV, key, why, "locations/europe-west3/keyRings/"],
        );
    }
    refused(
        &demo().with("\"remote\"", "\"ghcr.io/acme\""),
        [
            ENV,
            "`images` is \"ghcr.io/acme\"",
            "neither \"remote\"",
            "docker.pkg.dev/acme-ledger/mirror",
        ],
    );
}

#[test]
fn words_of_the_other_cloud() {
    let gcp = |line: &str| Root::demo_gcp().with("  region  ", &format!("  {line}\n  region  "));
    refused(
        &gcp("account_id = \"111122223333\""),
        [ENV, "111122223333", "accounts are AWS's", "write `project ="],
    );
    refused(
        &gcp("permissions_boundary = \"arn:aws:iam::111122223333:policy/boundary\""),
        [ENV, "policy/boundary", "has no boundaries", "organization policy"],
    );
    refused(
        &gcp("roles = { read = \"x\" }"),
        [ENV, "roles", "nobody assumes a role", "--impersonate-service-account"],
    );
    let of_aws = "environments/demo-aws/environment.hcl";
    let aws = |line: &str| Root::demo().with("  region ", &format!("  {line}\n  region "));
    for word in ["project = \"acme-ledger\"", "project_number = \"123456789012\""] {
        refused(
            &aws(word),
            [of_aws, word.split('"').nth(1).unwrap(), "AWS has accounts", "write `account_id ="],
        );
    }
    refused(&aws("images = \"remote\""), [of_aws, "remote", "every registry", "remove the line"]);
    let certificate = |text: &str| Root::demo_gcp().with("\"none\"", text);
    refused(
        &certificate("\"arn:aws:acm:eu-central-1:111122223333:certificate/x\""),
        [ENV, "arn:aws:acm", "it is a certificate of AWS", "write \"managed\", or \"none\""],
    );
    refused(
        &Root::demo_gcp().with("  certificate = \"none\"", "#"),
        [ENV, "has no `certificate`", "passwords", "add `certificate = \"managed\"`, or \"none\""],
    );
    refused(
        &production().with("certificate = \"managed\"", "certificate = \"none\""),
        [
            "acme-prod-gcp",
            "`certificate` is \"none\"",
            "class production has no plain HTTP",
            "\"managed\"",
        ],
    );
    refused(
        &Root::demo_gcp().with("certificate =", "reach = \"internal\"\n  certificate ="),
        [
            ENV,
            "`reach = \"internal\"` on Google Cloud is not yet supported",
            "cannot render",
            "`allow`",
        ],
    );
    let network = |text: &str| Root::demo_gcp().and(&format!("network {{ {text} }}\n"));
    refused(&network("vpc_id = \"vpc-1\""), [ENV, "(`vpc-1`)", "words of AWS", "`cidr` chooses"]);
    refused(&network("zones = 2"), [ENV, "`zones` is 2", "spans all zones", "remove the line"]);
    refused(
        &network("cidr = \"8.8.0.0/16\""),
        [ENV, "8.8.0.0/16", "belong to others", "192.168.0.0/16"],
    );
    let database = |text: &str| Root::demo_gcp().and(&format!("database \"main\" {{ {text} }}\n"));
    refused(
        &database("instance = \"db.m7g.large\""),
        [ENV, "`instance` is \"db.m7g.large\"", "instance class of AWS", "db-custom-2-8192"],
    );
    refused(
        &database("instance = \"db-custom-3-8192\""),
        [ENV, "db-custom-3-8192", "no instances with 3 vCPU", "an even number"],
    );
    refused(
        &database("backup_days = 400"),
        [ENV, "`backup_days` is 400", "1 to 365", "from 1 to 365"],
    );
    for window in ["sun:02:30-sun:03:30", "sun:02:00-sun:04:00"] {
        refused(
            &database(&format!("maintenance = \"{window}\"")),
            [ENV, window, "one whole hour", "sun:02:00-sun:03:00"],
        );
    }
    refused(
        &Root::demo().and("database \"main\" { instance = \"db-custom-2-8192\" }\n"),
        [of_aws, "db-custom-2-8192", "a tier of Google Cloud", "db.m7g.large"],
    );
    refused(
        &Root::demo_gcp().and("secrets = { licence = \"existing:arn:aws:secretsmanager:x\" }\n"),
        [ENV, "arn:aws:secretsmanager", "it is a secret of AWS", "existing:projects/"],
    );
}

#[test]
fn labels() {
    let tags = |text: &str| Root::demo_gcp().and(&format!("tags = {{ {text} }}\n"));
    assert_eq!(tags("cost-center = \"4711\"").resolve().unwrap().tags["cost-center"], "4711");
    refused(
        &tags("\"Cost Center\" = \"x\""),
        [ENV, "`Cost Center`", "tags become labels", "\"cost-center\""],
    );
    refused(
        &tags("a = \"Team A\""),
        [ENV, "`Team A` is not a label's value", "up to 63", "\"team-a\""],
    );
    refused(
        &tags("landfall-x = \"y\""),
        [ENV, "starts with `landfall-`", "belongs to", "another key"],
    );
    refused(
        &tags(&format!("a = \"{}\"", "x".repeat(64))),
        [ENV, "not a label's value", "63", "write"],
    );
}

#[test]
fn what_cloud_run_does_not_have() {
    let kit = |old: &str, new: &str| Root::demo_gcp().with_kit(old, new);
    refused(
        &kit("\"/ready\"", "\"/readyz\""),
        ["kit.hcl", "`ready` of service.web is /readyz", "end in z", "such as /ready"],
    );
    refused(
        &kit("live  = \"/live\"", "live  = \"/healthz\""),
        ["kit.hcl", "`live` of service.web is /healthz", "end in z", "such as /health"],
    );
    refused(
        &kit("args     = [\"worker\"]", "args     = [\"worker\"]\n  health { command = [\"ok\"] }"),
        [
            "kit.hcl",
            "service.worker is asked by a command",
            "runs no command",
            "leave `health` out",
        ],
    );
    refused(
        &kit(
            "port \"http\" { number = 8080 }",
            "port \"http\" { number = 8080 }\n  port \"admin\" { number = 9090 }",
        )
        .with_kit("live  = \"/live\"", "port = \"http\"\n    live  = \"/live\"")
        .with_kit("to       = service.web", "to       = service.web\n    port     = \"http\""),
        ["kit.hcl", "service.web has the ports admin and http", "one port", "a service of each"],
    );
    refused(
        &kit("replicas = 2", "replicas = 2\n  arch = \"arm64\""),
        ["kit.hcl", "service.web wants arm64", "x86_64 only", "leave `arch` out"],
    );
    refused(
        &kit("replicas = 2", "replicas = 2\n  update = \"recreate\""),
        ["kit.hcl", "`update = recreate`", "both run for a while", "rolling"],
    );
    refused(
        &kit(
            "replicas = 2",
            "replicas = 2\n  scale {\n    metric = \"memory\"\n    target = 70\n    max = 4\n  }",
        ),
        ["kit.hcl", "service.web scales by memory", "requests and cpu", "`metric = cpu`"],
    );
    refused(
        &kit("ready = \"/ready\"", "ready = \"/ready\"\n    startup = \"10m\""),
        ["kit.hcl", "`startup` of service.web is 600 seconds", "5 to 240", "240s"],
    );
    refused(
        &kit("phase = \"migrate\"", "phase = \"migrate\"\n  timeout = \"25h\""),
        ["kit.hcl", "job.migrate may take 90000 seconds", "a day", "24h"],
    );
    refused(
        &kit("version = \">= 16\"", "version = \">= 16\"\n  iam = { gcp = \"none\" }"),
        ["kit.hcl", "iam.gcp = none", "users are service accounts", "`gcp = \"proxy\"`"],
    );
    refused(
        &kit("to       = service.web", "to       = service.web\n    timeout  = \"61m\""),
        ["kit.hcl", "3660 seconds", "Cloud Run waits", "answer earlier"],
    );
    let check = "check \"up\" { path = \"/statusz\" }\ningress \"public\" {";
    refused(
        &kit("ingress \"public\" {", check),
        ["kit.hcl", "`path` of check.up is /statusz", "end in z", "such as /status"],
    );
    refused(
        &Root::demo_gcp().and("override \"service\" \"web\" { cpu = 16 }\n"),
        [ENV, "service.web has 16 vCPU", "Cloud Run has no instances", "1, or 2, 4, 6, 8"],
    );
    refused(
        &Root::demo_gcp().and("override \"service\" \"web\" { memory = \"8Gi\" }\n"),
        [ENV, "0.5 vCPU and 8Gi", "Cloud Run has no instances", "512Mi to 4Gi"],
    );
    refused(
        &kit("format = 1", "format = 1\n  clouds = [aws]"),
        ["kit.hcl", "does not run on Google Cloud", "does not name gcp", "vendor"],
    );
    refused(
        &Root::demo_gcp().with_lock("hashicorp/google\"", "hashicorp/goggles\""),
        [
            "kit.lock",
            "no provider \"registry.terraform.io/hashicorp/google\"",
            "exact provider",
            "release pin",
        ],
    );
}

#[test]
fn images_are_where_cloud_run_can_pull_them() {
    let at = |repository: &str, images: &str| {
        let root = Root::demo_gcp().with("images         = \"remote\"", images);
        let root =
            root.with_lock("\"registry.ledger.example/ledger\"", &format!("\"{repository}\""));
        root.with_kit("\"registry.ledger.example/ledger\"", &format!("\"{repository}\""))
    };
    for host in [
        "registry.ledger.example",
        "ghcr.io",
        "quay.io",
        "111122223333.dkr.ecr.eu-central-1.amazonaws.com",
    ] {
        refused(
            &at(&format!("{host}/acme/ledger"), ""),
            [
                "kit.hcl",
                &format!("image \"app\" is at {host}"),
                "Artifact Registry and Docker Hub only",
                "`images = \"remote\"`",
            ],
        );
    }
    let image =
        |root: &Root| workload(&root.resolve().unwrap(), "service_web").image.repository.clone();
    for own in ["europe-west3-docker.pkg.dev/acme-ledger/apps/ledger", "docker.io/acme/ledger"] {
        assert_eq!(image(&at(own, "")), own);
    }
    let mirror = "images = \"europe-west3-docker.pkg.dev/acme-ledger/mirror\"";
    assert_eq!(
        image(&at("ghcr.io/acme/ledger", mirror)),
        "europe-west3-docker.pkg.dev/acme-ledger/mirror/acme/ledger"
    );
    refused(
        &Root::demo_gcp().with_kit(
            "image \"app\" { repository = \"registry.ledger.example/ledger\" }",
            "image \"app\" {\n  repository = \"registry.ledger.example/ledger\"\n  pull = secret.licence\n}",
        ),
        ["kit.hcl", "pulled with secret.licence", "takes no credentials", "remote repository"],
    );
}

/// An instance class of AWS in a size of the kit is not guessed at.
#[test]
fn sizes_name_a_tier_or_say_nothing() {
    let sized = |instance: &str| {
        Root::demo_gcp()
            .with_kit(
                "secret \"licence\"",
                "size \"small\" { title = \"Small\" }\nsecret \"licence\"",
            )
            .with_kit(
                "version = \">= 16\"",
                &format!(
                    "version = \">= 16\"\n  sizes = {{ small = {{ instance = {instance} }} }}"
                ),
            )
    };
    let class = |root: &Root| root.resolve().unwrap().databases["main"].instance_class.clone();
    assert_eq!(
        class(&sized("{ aws = \"db.m7g.large\", gcp = \"db-custom-4-16384\" }")),
        "db-custom-4-16384"
    );
    assert_eq!(class(&sized("\"db-custom-4-16384\"")), "db-custom-4-16384");
    refused(
        &sized("\"db.m7g.large\""),
        [
            "kit.hcl",
            "size small of database.main is db.m7g.large",
            "nothing for Google Cloud",
            "db-custom-2-8192",
        ],
    );
    let chosen =
        sized("\"db.m7g.large\"").and("database \"main\" { instance = \"db-custom-2-7680\" }\n");
    assert_eq!(class(&chosen), "db-custom-2-7680");
}

/// Names that Google cuts at 30 characters stay different, or are refused.
#[test]
fn service_accounts_have_names_of_their_own() {
    let long = "nightly_reconcile_xy";
    let root = Root::demo_gcp().with_kit("job \"nightly\"", &format!("job \"{long}\""));
    let environment = root.resolve().unwrap();
    let WorkloadKind::Job(job) = &workload(&environment, &format!("job_{long}")).kind else {
        panic!()
    };
    let account = job.schedule.as_ref().unwrap().account.clone().unwrap();
    let names: BTreeSet<String> =
        environment.workloads.iter().map(|it| it.role_name.clone()).chain([account]).collect();
    assert_eq!(names.len(), environment.workloads.len() + 1);
    assert!(names.iter().all(|name| (6..=30).contains(&name.len())), "{names:?}");
    refused(
        &Root::demo_gcp().with_kit("service \"worker\" {", "service \"nightly-schedule\" {"),
        [
            "kit.hcl",
            "the schedule of job.nightly",
            "the service account `demo-gcp-nightly-schedule`",
            "rename",
        ],
    );
}
