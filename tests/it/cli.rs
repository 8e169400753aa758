//! The program as people meet it: help, mistakes, questions, and what a script reads.

use std::io::Write as _;
use std::process::Stdio;

use expectrl::Expect as _;
use expectrl::session::OsSession;

use crate::render::support::{Answer, Root, landfall, repository, snapshots};

const COMMANDS: [&str; 16] = [
    "init",
    "render",
    "show",
    "plan",
    "install",
    "update",
    "rollback",
    "status",
    "drift",
    "history",
    "secrets",
    "unlock",
    "rehearse",
    "release",
    "kit",
    "completions",
];

/// Help is read by people: a reviewer sees every word of it.
#[test]
fn help() {
    let root = Root::demo();
    let top = root.landfall(&["--help"]).exits(0);
    let listed: Vec<&str> = top
        .out
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert_eq!(listed, COMMANDS, "a command without a snapshot");
    snapshots().bind(|| insta::assert_snapshot!("help/landfall", top.out));
    for command in COMMANDS {
        let answer = root.landfall(&[command, "--help"]).exits(0);
        assert!(answer.err.is_empty(), "{}", answer.err);
        snapshots().bind(|| insta::assert_snapshot!(format!("help/{command}"), answer.out));
    }
    // One text for both: nobody looks for what only `--help` says.
    assert_eq!(root.landfall(&["-h"]).exits(0).out, top.out);
}

#[test]
fn version_and_completions() {
    let root = Root::demo();
    let version = root.landfall(&["--version"]).exits(0);
    assert_eq!(version.out.trim(), concat!("landfall ", env!("CARGO_PKG_VERSION")));
    for shell in ["bash", "zsh", "fish"] {
        let script = root.landfall(&["completions", shell]).exits(0);
        for command in COMMANDS {
            assert!(script.out.contains(command), "{shell} does not know {command}");
        }
    }
    let mut bash = std::process::Command::new("bash");
    let mut bash = bash.args(["-n"]).stdin(Stdio::piped()).spawn().unwrap();
    let script = root.landfall(&["completions", "bash"]).out;
    bash.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    assert!(bash.wait().unwrap().success(), "bash cannot read its completions");
}

#[test]
fn mistakes_are_told_with_what_would_be_right() {
    let root = Root::demo();
    root.landfall(&["instal"]).exits(2).says(&["instal", "install"]);
    root.landfall(&["render", "--chek"]).exits(2).says(&["--chek", "--check"]);
    root.landfall(&["render", "--check", "--overwrite"]).exits(2).says(&["cannot be used with"]);
    root.landfall(&["render", "demo-aws", "--all"]).exits(2).says(&["cannot be used with"]);
    root.landfall(&["-q", "-v", "show"]).exits(2).says(&["cannot be used with"]);
    root.landfall(&["show", "--format", "xml"]).exits(2).says(&["xml", "human", "json"]);
    root.landfall(&["render", "demo"]).exits(2).says(&[
        "there is no environment demo",
        "environments here: demo-aws",
        "landfall init demo",
    ]);
    root.landfall(&["secrets", "demo-aws", "set", "nothing", "--engine", "simulated"])
        .exits(2)
        .says(&["nothing is not a supplied secret", "supplied secrets here: licence"]);
    root.landfall(&["plan", "--fault", "job=migrate:exit=1"])
        .exits(2)
        .says(&["`--fault` needs `--engine simulated`"]);
    root.landfall(&["plan", "--engine", "simulated", "--fault", "nonsense"])
        .exits(2)
        .says(&["nonsense"]);
    let nowhere = tempfile::tempdir().unwrap();
    let answer = Answer::of(landfall(nowhere.path()).arg("status")).exits(2);
    answer.says(&["there is no folder environments/", "--root DIR", "landfall init"]);
}

#[test]
fn status_says_where_one_is_and_what_to_type_next() {
    let root = Root::demo();
    std::fs::remove_dir_all(root.own("")).unwrap();
    for arguments in [&["status"][..], &[]] {
        root.landfall(arguments).exits(0).says(&["no environments yet", "landfall init NAME"]);
    }

    let root = Root::demo();
    let text = root.read(root.own("environment.hcl"));
    root.write("environments/second/environment.hcl", text.replace("demo-aws", "third"));
    let answer = root.landfall(&[]).exits(0);
    snapshots().bind(|| insta::assert_snapshot!("cli/status", answer.out));
    let rows = lines(&root.landfall(&["status", "--format", "json"]).exits(0));
    assert_eq!(rows[0]["environment"], "demo-aws");
    assert_eq!(rows[0]["wanted"], "v1.0.0");
    assert_eq!(rows[0]["next"], "landfall install demo-aws");
    assert_eq!(rows[1]["wanted"], "(has problems)");
    // From below, too.
    let mut below = landfall(&root.own(""));
    assert_eq!(Answer::of(&mut below).exits(0).out, answer.out);
}

#[test]
fn show_says_where_every_value_comes_from() {
    for root in [Root::demo(), Root::fixture("password")] {
        let answer = root.landfall(&["show"]).exits(0);
        snapshots().bind(|| insta::assert_snapshot!(format!("cli/show-{}", root.name), answer.out));
        let rows = lines(&root.landfall(&["show", "--format", "json"]).exits(0));
        assert_eq!(rows.len(), answer.out.lines().count());
        for row in rows {
            for key in ["key", "value", "origin"] {
                assert!(row[key].is_string(), "{row}");
            }
            assert!(!row["origin"].as_str().unwrap().is_empty(), "{row}");
        }
    }
}

/// Every line of stdout as JSON.
fn lines(answer: &Answer) -> Vec<serde_json::Value> {
    let parse = |line| {
        serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}\n{}", answer.err))
    };
    let lines: Vec<_> = answer.out.lines().map(parse).collect();
    assert!(!lines.is_empty(), "nothing on stdout; stderr:\n{}", answer.err);
    lines
}

/// A plan in the simulated account, read by a program; the failure of one, too.
#[test]
fn json_lines_parse() {
    let root = Root::demo();
    let arguments = ["plan", "--engine", "simulated", "--format", "json"];
    let events = lines(&root.landfall(&arguments).exits(0));
    assert!(events.len() > 5, "{events:?}");
    let last = events.last().unwrap();
    assert_eq!((&last["type"], &last["changes"]), (&"proposal".into(), &true.into()));
    assert!(last["digest"].as_str().unwrap().starts_with("sha256:"), "{last}");

    root.replace(root.own("environment.hcl"), "111122223333", "1");
    let failure = lines(&root.landfall(&arguments).exits(2)).pop().unwrap();
    assert_eq!((&failure["type"], &failure["exit"]), (&"failure".into(), &2.into()));
}

#[test]
fn secrets_are_listed_and_never_shown() {
    let root = Root::demo();
    let simulated = ["--engine", "simulated"];
    let list = root.landfall(&[&["secrets", "demo-aws", "list"][..], &simulated].concat()).exits(0);
    for part in ["licence", "session_key", "supplied", "generated", "no value"] {
        assert!(list.out.contains(part), "no {part} in {}", list.out);
    }
    let json = [&["secrets", "demo-aws", "list", "--format", "json"][..], &simulated].concat();
    let rows = lines(&root.landfall(&json).exits(0));
    assert_eq!(rows.len(), list.out.lines().count());
    assert_eq!(rows[0]["version"], serde_json::Value::Null);
    root.landfall(&[&["secrets", "demo-aws", "check"][..], &simulated].concat()).exits(1).says(&[
        "required secrets have no value",
        "licence",
        "landfall install demo-aws",
    ]);
    root.landfall(&[&["secrets", "demo-aws", "set", "licence"][..], &simulated].concat())
        .exits(2)
        .says(&["no value for licence", "--from FILE"]);
}

// --- init -------------------------------------------------------------------------------------

const ANSWERS: &str = "\
account_id       = \"111122223333\"
region           = \"eu-west-1\"
class            = \"staging\"
contact          = \"ops@acme.example\"
host             = \"ledger.acme.example\"
certificate      = \"none\"
input_sender     = \"ledger@acme.example\"
";

/// A kit, and no environment yet.
fn kit() -> Root {
    let root = Root::demo();
    std::fs::remove_dir_all(root.path().join("environments")).unwrap();
    root
}

const GOOGLE: &str = "\
project          = \"acme-ledger\"
project_number   = \"123456789012\"
contact          = \"ops@acme.example\"
host             = \"ledger.acme.example\"
certificate      = \"managed\"
input_sender     = \"ledger@acme.example\"
";

const ACME: &str = "environments/acme/environment.hcl";

#[test]
fn init_takes_answers_from_a_file() {
    let root = kit();
    root.write("answers.hcl", ANSWERS);
    let init = ["init", "acme", "--kit", ".", "--answers", "answers.hcl"];
    root.landfall(&init).exits(0).says(&[ACME, "next  landfall rehearse acme"]);
    snapshots().bind(|| insta::assert_snapshot!("cli/init", root.read(ACME)));
    root.landfall(&["render", "acme"]).exits(0);
    root.landfall(&["render", "acme", "--check"]).exits(0);

    let before = root.tree();
    root.landfall(&init).exits(2).says(&["the environment acme is there already", ACME]);
    assert_eq!(root.tree(), before);
}

/// The answers tell which cloud it is; what the kit's images need there is written, too.
#[test]
fn init_writes_an_environment_of_google_cloud() {
    let root = kit();
    root.write("answers.hcl", GOOGLE);
    let init = ["init", "acme", "--kit", ".", "--answers", "answers.hcl"];
    root.landfall(&init).exits(0).says(&[ACME, "next  landfall rehearse acme"]);
    snapshots().bind(|| insta::assert_snapshot!("cli/init-gcp", root.read(ACME)));
    root.landfall(&["render", "acme"]).exits(0);

    let root = kit();
    root.write("answers.hcl", format!("{GOOGLE}account_id = \"111122223333\"\ncloud = \"gcp\"\n"));
    root.landfall(&init)
        .exits(2)
        .says(&["goes to Google Cloud: account_id", "nothing was written"]);
    assert!(!root.path().join(ACME).exists());
}

/// What `init` has to be told for one of the fixtures' kits.
fn answers_for(kit: &str, cloud: &str) -> String {
    let mut answers = match cloud {
        "aws" => vec!["account_id = \"111122223333\""],
        _ => vec!["project = \"acme-ledger\"", "project_number = \"123456789012\""],
    };
    answers.push("contact = \"ops@acme.example\"");
    for (block, answer) in [
        ("\ningress \"", "host = \"x.acme.example\""),
        ("input \"sender\"", "input_sender = \"a@acme.example\""),
        ("input \"jwt_issuer\"", "input_jwt_issuer = \"https://login.acme.example/\""),
        ("input \"title\"", "input_title = \"Acme Wiki\""),
    ] {
        if kit.contains(block) {
            answers.push(answer);
        }
    }
    answers.join("\n")
}

/// One of the fixtures' kits, whose lock knows the providers of both clouds.
fn fixture_kit(name: &str) -> Root {
    let root = Root::fixture(name);
    std::fs::remove_dir_all(root.path().join("environments")).unwrap();
    if !root.read("kit.lock").contains("hashicorp/google") {
        let demo = std::fs::read_to_string(repository().join("kit.lock")).unwrap();
        let start = demo.find("provider \"registry.terraform.io/hashicorp/google\"").unwrap();
        let end = start + demo[start..].find("\n}\n").unwrap() + 3;
        root.append("kit.lock", &demo[start..end]);
    }
    root
}

/// Whatever a kit asks, what is written loads on every cloud that the kit is for.
#[test]
fn init_writes_what_loads_for_every_kit() {
    // Their kits have what Cloud Run has not: a health command, a proxy beside a migration.
    let only_aws = ["password", "deal-brain", "projection"];
    for name in ["beat", "deal-brain", "password", "production", "projection", "turns"] {
        for cloud in ["aws", "gcp"] {
            if cloud == "gcp" && only_aws.contains(&name) {
                continue;
            }
            let root = fixture_kit(name);
            root.write("answers.hcl", answers_for(&root.read("kit.hcl"), cloud));
            let said = root.landfall(&["init", "acme", "--kit", ".", "--answers", "answers.hcl"]);
            // A kit whose lock names no tree is one that its vendor works at.
            if said.code != Some(0) {
                said.says(&["kit.lock says sha256:0000", "error: 1 problem"]);
                let text = root.read(ACME);
                let release = text.lines().find(|it| it.contains("release =")).unwrap();
                root.replace(ACME, release, "  release = \"dev\"");
            }
            root.landfall(&["show", "acme"]).exits(0);
        }
    }
}

#[test]
fn init_lists_every_missing_answer() {
    let root = kit();
    root.write("answers.hcl", "region = \"eu-west-1\"\n");
    let before = root.tree();
    let arguments = ["init", "acme", "--kit", ".", "--answers", "answers.hcl"];
    root.landfall(&arguments).exits(2).says(&[
        "answers are missing, nothing was written",
        "account_id: AWS account id, 12 digits",
        "contact: ",
        "host: ",
        "input_sender: From address of outgoing mail",
        "answers file",
    ]);
    root.write("answers.hcl", format!("{ANSWERS}regoin = \"x\"\n"));
    root.landfall(&arguments).exits(2).says(&["nobody asks for regoin", "region"]);
    root.write("answers.hcl", "region = eu-west-1 oops");
    root.landfall(&arguments).exits(2).says(&["the answers cannot be read", "answers.hcl"]);
    root.write("answers.hcl", "region = \"eu-west-1\"\n");
    let environments = |file: &&String| !file.starts_with("environments");
    let after = root.tree();
    assert!(after.keys().filter(environments).eq(before.keys()), "{:?}", after.keys());
    assert!(!root.path().join(ACME).exists());
}

/// Answers that are wrong are told with their place in the file that was written, so that none of
/// them has to be typed again.
#[test]
fn init_keeps_answers_that_are_wrong() {
    let root = kit();
    root.write("answers.hcl", ANSWERS.replace("eu-west-1", "eu-west-9"));
    root.landfall(&["init", "acme", "--kit", ".", "--answers", "answers.hcl"]).exits(2).says(&[
        &format!("{ACME}:13:16"),
        "eu-west-9",
        "did you mean",
    ]);
    assert!(root.read(ACME).contains("ops@acme.example"));
}

/// A kit whose `init` a person answered at a terminal, question by question, and the file it wrote.
fn interviewed(answers: &[(&str, &str)]) -> (Root, String) {
    let root = kit();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_landfall"));
    command.current_dir(root.path()).env("TERM", "xterm").args(["init", "acme", "--kit", "."]);
    let mut session = OsSession::spawn(command).unwrap();
    session.set_expect_timeout(Some(std::time::Duration::from_mins(1)));
    for (question, answer) in answers {
        session.expect(*question).unwrap_or_else(|error| panic!("no question {question}: {error}"));
        session.send_line(*answer).unwrap();
    }
    session.expect("next  landfall rehearse acme").unwrap();
    session.expect(expectrl::Eof).unwrap();
    let text = root.read(ACME);
    (root, text)
}

/// At a terminal it asks; Enter takes the default.
#[test]
fn init_asks_at_a_terminal() {
    let (root, text) = interviewed(&[
        ("AWS account id, 12 digits, or id of the Google Cloud project", "111122223333"),
        ("AWS region [eu-central-1]", ""),
        ("Class: production, staging or preview [preview]", ""),
        ("E-mail address for alarms", "ops@acme.example"),
        ("Host name of the product", "ledger.acme.example"),
        ("none outside production [none]", ""),
        ("From address of outgoing mail", "ledger@acme.example"),
    ]);
    for line in ["account_id = \"111122223333\"", "region     = \"eu-central-1\""] {
        assert!(text.contains(line), "{text}");
    }
    root.landfall(&["render", "acme"]).exits(0);
}

/// The same for Google Cloud: what is no id of either is asked for again, and what the person
/// answered is in the questions after it.
#[test]
fn init_asks_for_google_cloud_at_a_terminal() {
    let (root, text) = interviewed(&[
        ("id of the Google Cloud project", "123456789012345"),
        ("not its name or number", ""),
        ("id of the Google Cloud project", "acme-ledger"),
        ("`gcloud projects describe acme-ledger", "123456789012"),
        ("Google Cloud region [europe-west3]", ""),
        ("Class: production, staging or preview [preview]", "staging"),
        ("E-mail address for alarms", "ops@acme.example"),
        ("Host name of the product", "ledger.acme.example"),
        ("none outside production [none]", "managed"),
        ("From address of outgoing mail", "ledger@acme.example"),
    ]);
    for line in ["region         = \"europe-west3\"", "certificate = \"managed\""] {
        assert!(text.contains(line), "{text}");
    }
    root.landfall(&["render", "acme"]).exits(0);
}

// --- permissions --------------------------------------------------------------------------------

/// All that are missing are told at once, before there is a bucket.
#[test]
fn an_install_on_google_cloud_touches_nothing_where_permissions_are_missing() {
    let root = Root::demo_gcp();
    let install = [
        &["install", "demo-gcp", "--engine", "simulated", "--non-interactive"][..],
        &["--fault", "deny=storage:buckets.create", "--fault", "deny=run:jobs.create"],
    ]
    .concat();
    root.landfall(&install).exits(1).says(&[
        "permissions missing in project acme-ledger",
        "storage.buckets.create (in roles/storage.admin)",
        "run.jobs.create (in roles/run.admin)",
        "nothing was touched",
        "`gcloud projects add-iam-policy-binding acme-ledger --member=serviceAccount:rehearsal@",
        "--role=roles/storage.admin --condition=None`",
    ]);
    let account = root.path().join(".landfall/rehearsal/demo-gcp/account");
    assert!(!account.join("bucket").exists(), "a bucket was made");
}
