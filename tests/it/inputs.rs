//! Bad input through the program, one table: every row says what is changed, at which place the
//! problem is told, and which words (value, reason, remedy) the message has. Exit 2, and the root
//! is afterwards what it was before, byte for byte.

use crate::render::support::Root;

const ENV: &str = "environments/demo-aws/environment.hcl";
const KIT: &str = "kit.hcl";
const LOCK: &str = "kit.lock";

/// One way to be wrong.
struct Row {
    name: &'static str,
    change: fn(&Root),
    /// `path:line:column` of the problem.
    place: &'static str,
    words: &'static [&'static str],
}

fn replace(root: &Root, file: &str, old: &str, new: &str) {
    root.replace(file, old, new);
}

/// The kit may be anything: the tree's hash is not what is tested.
fn kit(root: &Root, old: &str, new: &str) {
    root.replace(ENV, "release = \"v1.0.0\"", "release = \"dev\"");
    root.replace(KIT, old, new);
}

/// A production environment beside the demo, at the demo's host.
fn beside_production(root: &Root) {
    let production = Root::fixture("production");
    let text = production.read(production.own("environment.hcl"));
    root.write("environments/acme-production/environment.hcl", text);
}

fn a_digest(root: &Root) -> String {
    let lock = root.read(LOCK);
    let line = lock.lines().find(|line| line.trim_start().starts_with("digest ")).unwrap();
    line.split('"').nth(1).unwrap().to_owned()
}

#[rustfmt::skip]
const ROWS: &[Row] = &[
    // What is installed where.
    Row { name: "a CIDR that is too small", place: "environments/demo-aws/environment.hcl:30:18",
        change: |root| root.append(ENV, "network { cidr = \"10.40.0.0/26\" }"),
        words: &["`cidr` is \"10.40.0.0/26\"", "64 addresses are too small for 2 zones", "from a /16 to a /22"] },
    Row { name: "a CIDR that is not private", place: "environments/demo-aws/environment.hcl:30:18",
        change: |root| root.append(ENV, "network { cidr = \"8.8.0.0/16\" }"),
        words: &["8.8.0.0/16", "belong to others on the internet", "take it from 10.0.0.0/8"] },
    Row { name: "a CIDR with bits behind its prefix", place: "environments/demo-aws/environment.hcl:30:18",
        change: |root| root.append(ENV, "network { cidr = \"10.40.1.0/16\" }"),
        words: &["not the first address of a /16", "write \"10.40.0.0/16\""] },
    Row { name: "a region of another cloud", place: "environments/demo-aws/environment.hcl:16:16",
        change: |root| replace(root, ENV, "\"eu-central-1\"", "\"europe-west3\""),
        words: &["`region` is \"europe-west3\"", "it is a region of Google Cloud", "eu-west-3"] },
    Row { name: "a region that does not exist", place: "environments/demo-aws/environment.hcl:16:16",
        change: |root| replace(root, ENV, "\"eu-central-1\"", "\"eu-centrl-1\""),
        words: &["eu-centrl-1", "no region of that name", "did you mean `eu-central-1`?"] },
    Row { name: "an account id that is a number", place: "environments/demo-aws/environment.hcl:15:16",
        change: |root| replace(root, ENV, "\"111122223333\"", "111122223333"),
        words: &["111122223333", "leading zeros", "quotes"] },
    Row { name: "a name of 64 characters", place: "environments/demo-aws/environment.hcl:5:13",
        change: |root| replace(root, ENV, "environment \"demo-aws\"", concat!("environment \"abcdefghabcdefghabcdefghabcdefgh", "abcdefghabcdefghabcdefghabcdefgh\"")),
        words: &["abcdefghabcdefghabcdefghabcdefgh", "3 to 20 lower-case letters", "acme-production"] },
    Row { name: "a name that is not its folder's", place: "environments/demo-aws/environment.hcl:5:13",
        change: |root| replace(root, ENV, "environment \"demo-aws\"", "environment \"demo\""),
        words: &["is named `demo`, its folder `demo-aws`", "by its folder", "rename"] },
    Row { name: "an unknown class", place: "environments/demo-aws/environment.hcl:7:13",
        change: |root| replace(root, ENV, "\"preview\"", "\"prodution\""),
        words: &["prodution", "not one of the words", "did you mean `production`?"] },
    Row { name: "an unknown key", place: "environments/demo-aws/environment.hcl:10:3",
        change: |root| replace(root, ENV, "  contact =", "  kontact ="),
        words: &["unknown attribute `kontact`", "no attribute of that name", "did you mean `contact`?"] },
    Row { name: "a key twice", place: "environments/demo-aws/environment.hcl:11:3",
        change: |root| replace(root, ENV, "  contact = \"platform@acme.example\"", "  contact = \"a@acme.example\"\n  contact = \"b@acme.example\""),
        words: &["`contact` is given twice", "first on line 10", "remove one"] },
    Row { name: "a number out of range", place: "environments/demo-aws/environment.hcl:30:33",
        change: |root| root.append(ENV, "database \"main\" { backup_days = 50 }"),
        words: &["`backup_days` is 50", "1 to 35 days", "from 1 to 35"] },
    Row { name: "a service that does not exist", place: "environments/demo-aws/environment.hcl:30:1",
        change: |root| root.append(ENV, "override \"service\" \"wep\" { replicas = 4 }"),
        words: &["unknown service `wep`", "no service of that name", "did you mean `web`?"] },
    Row { name: "cpu and memory that Fargate does not have", place: "environments/demo-aws/environment.hcl:30:37",
        change: |root| root.append(ENV, "override \"service\" \"web\" { memory = \"512Mi\" }"),
        words: &["0.5 vCPU and 512Mi", "Fargate has no tasks", "1Gi to 4Gi"] },
    // Answers and values.
    Row { name: "no answers at all", place: "environments/demo-aws/environment.hcl",
        change: |root| { replace(root, ENV, "  sender = \"ledger@acme.example\"\n", "");
            kit(root, "input \"sender\" {", "input \"motto\" {\n  type   = \"string\"\n  prompt = \"Motto of the house\"\n}\n\ninput \"sender\" {"); },
        words: &["`sender` has no answer", "From address of outgoing mail", "`motto` has no answer", "Motto of the house", "2 problems"] },
    Row { name: "an answer of another type", place: "environments/demo-aws/environment.hcl:27:12",
        change: |root| replace(root, ENV, "\"ledger@acme.example\"", "\"ledger\""),
        words: &["`sender` is \"ledger\"", "email", "name@acme.example"] },
    Row { name: "an answer that is a reference", place: "environments/demo-aws/environment.hcl:27:12",
        change: |root| replace(root, ENV, "\"ledger@acme.example\"", "input.sender"),
        words: &["input.sender", "references are not evaluated", "quotes"] },
    Row { name: "a variable that is not the operator's", place: "environments/demo-aws/environment.hcl:30:22",
        change: |root| root.append(ENV, "env = { PUBLIC_URL = \"x\" }"),
        words: &["`PUBLIC_URL` is not the environment's to set", "operator = true"] },
    Row { name: "a secret in env", place: "environments/demo-aws/environment.hcl:30:",
        change: |root| root.append(ENV, "env = { LICENCE = \"hunter2-canary\" }"),
        words: &["`LICENCE` is a secret and has a value in the file", "(G2)", "let Landfall ask"] },
    Row { name: "a tag that is AWS's", place: "environments/demo-aws/environment.hcl:30:20",
        change: |root| root.append(ENV, "tags = { \"aws:x\" = \"y\" }"),
        words: &["`aws:x` starts with `aws:`", "belongs to", "another key"] },
    // The kit.
    Row { name: "a reference to nothing", place: "kit.hcl:32:19",
        change: |root| kit(root, "= ingress.public.url", "= ingress.pubic.url"),
        words: &["`ingress.pubic.url`", "there is no ingress \"pubic\"", "public"] },
    Row { name: "a secret in a plain variable", place: "kit.hcl:45:10",
        change: |root| kit(root, "env \"LOG_LEVEL\" {", "env \"KEY\" {\n  type = \"string\"\n  from = secret.licence\n}\nenv \"LOG_LEVEL\" {"),
        words: &["secret.licence", "type", "secret"] },
    Row { name: "two blocks of one name", place: "kit.hcl:79:5",
        change: |root| kit(root, "job \"nightly\"", "job \"worker\""),
        words: &["job \"worker\" has the same name as service \"worker\"", "share one space of names", "another name"] },
    Row { name: "two resources of one name", place: "",
        change: |root| kit(root, "job \"nightly\"", "job \"bootstrap_main\""),
        words: &["demo-aws-bootstrap-main", "must differ", "rename"] },
    Row { name: "a variable that is Landfall's", place: "kit.hcl:39:3",
        change: |root| kit(root, "  SESSION_KEY   =", "  LANDFALL_CLASS = \"x\"\n  SESSION_KEY   ="),
        words: &["LANDFALL_CLASS", "set by Landfall", "another name"] },
    Row { name: "a service with two triggers", place: "kit.hcl:",
        change: |root| kit(root, "service \"worker\" {", "service \"worker\" {\n  trigger  = queue.jobs\n  schedule = \"17 3 * * *\""),
        words: &["worker", "unknown attribute `schedule`", "no attribute of that name"] },
    Row { name: "a tree that is not the locked one", place: "kit.lock:8:",
        change: |root| replace(root, KIT, "title  = \"Ledger\"", "title  = \"Ledgr\""),
        words: &["sha256:", "release pin"] },
    Row { name: "a release that is not there", place: "environments/demo-aws/environment.hcl:9:13",
        change: |root| replace(root, ENV, "\"v1.0.0\"", "\"v1.1.0\""),
        words: &["`release` is \"v1.1.0\"", "kit.hcl is v1.0.0", "check out"] },
    Row { name: "a branch for a release", place: "environments/demo-aws/environment.hcl:9:13",
        change: |root| replace(root, ENV, "\"v1.0.0\"", "\"main\""),
        words: &["`release` is \"main\"", "never a range or a branch", "\"v1.0.0\""] },
    Row { name: "no kit.hcl", place: "kit.hcl",
        change: |root| std::fs::remove_file(root.path().join(KIT)).unwrap(),
        words: &["there is no kit.hcl", "correct `kit` in environment.hcl"] },
    // Images run by their digest (G3).
    Row { name: "a tag for a digest", place: "kit.lock:14:",
        change: |root| { let digest = a_digest(root); replace(root, LOCK, &digest, "v1.0.0"); },
        words: &["`digest` is \"v1.0.0\"", "this is a tag", "release pin"] },
    Row { name: "half a digest", place: "kit.lock:14:",
        change: |root| { let digest = a_digest(root); replace(root, LOCK, &digest, "sha256:abc"); },
        words: &["sha256:abc", "64 hex digits", "release pin"] },
    Row { name: "an image that is not locked", place: "kit.hcl:11:1",
        change: |root| replace(root, LOCK, "image \"app\"", "image \"web\""),
        words: &["image \"app\" is not in kit.lock", "only ever run by its digest", "release pin"] },
    Row { name: "an image of another repository", place: "kit.lock:11:",
        change: |root| replace(root, LOCK, "\"registry.ledger.example/ledger\"", "\"registry.ledger.example/other\""),
        words: &["registry.ledger.example/other:v1.0.0", "other bytes", "release pin"] },
    // Classes.
    Row { name: "production without TLS", place: "environments/demo-aws/environment.hcl:21:17",
        change: |root| replace(root, ENV, "\"preview\"", "\"production\""),
        words: &["`certificate` is \"none\"", "class production has no plain HTTP", "ACM"] },
    Row { name: "production that is not pinned", place: "environments/demo-aws/environment.hcl:9:13",
        change: |root| { replace(root, ENV, "\"preview\"", "\"production\""); replace(root, ENV, "\"v1.0.0\"", "\"dev\""); },
        words: &["`release` is \"dev\"", "class production runs pinned releases only", "\"v1.0.0\""] },
    Row { name: "a preview at production's host (G8)", place: "environments/demo-aws/environment.hcl:20:17",
        change: beside_production,
        words: &["host `ledger.acme.example` belongs to the production environment `acme-production`", "(G8)", "of its own"] },
    // Files that are hardly files.
    Row { name: "not UTF-8", place: "environments/demo-aws/environment.hcl:1:14",
        change: |root| root.write(ENV, b"environment \"\xff\" {}"),
        words: &["0xff", "UTF-8"] },
    Row { name: "an empty file", place: "environments/demo-aws/environment.hcl:1:1",
        change: |root| root.write(ENV, ""),
        words: &["the file is empty", "nothing can be installed", "version control"] },
    Row { name: "an empty kit.lock", place: "kit.lock:1:1",
        change: |root| root.write(LOCK, ""),
        words: &["the file is empty", "version control"] },
    Row { name: "10 MB of braces", place: "environments/demo-aws/environment.hcl:",
        change: |root| root.write(ENV, "{".repeat(10 * 1024 * 1024)),
        words: &["1 problem"] },
    Row { name: "text that is not HCL", place: "environments/demo-aws/environment.hcl:1:",
        change: |root| root.write(ENV, "dear Landfall, please install the ledger\n"),
        words: &["1 problem"] },
    // Everything at once.
    Row { name: "problems in three files", place: "environments/demo-aws/environment.hcl:16:16",
        change: |root| { replace(root, ENV, "\"eu-central-1\"", "\"europe-west3\""); replace(root, LOCK, "\"h1:+X3t", "\"h2:+X3t");
            kit(root, "title  = \"Ledger\"", "titel  = \"Ledger\""); root.append(ENV, "network { zones = 9 }"); },
        words: &["europe-west3", "kit.lock:", "h2:+X3t", "kit.hcl:6:3", "did you mean `title`?", "`zones` is 9"] },
];

#[test]
fn bad_input_is_told_with_its_place_and_nothing_is_written() {
    assert!(ROWS.len() >= 30);
    let mut faults = Vec::new();
    for row in ROWS {
        let root = Root::demo();
        (row.change)(&root);
        let before = root.tree();
        let answer = root.landfall(&["render", "demo-aws"]);
        let mut wrong = Vec::new();
        if answer.code != Some(2) {
            wrong.push(format!("exit {:?}", answer.code));
        }
        if !answer.out.is_empty() {
            wrong.push(format!("something on stdout: {}", answer.out));
        }
        let missing = |part: &&str| !answer.err.contains(*part);
        let parts = [&[row.place], row.words].concat();
        wrong.extend(parts.iter().filter(|part| missing(part)).map(|part| format!("no {part:?}")));
        // A message is for a person: bad input does not flood the screen, nor is a secret in it.
        if answer.err.len() > 5000 || answer.err.contains("hunter2") {
            wrong.push(format!("{} bytes", answer.err.len()));
        }
        if root.tree() != before {
            wrong.push("something was written".to_owned());
        }
        if !wrong.is_empty() {
            let said: String = answer.err.chars().take(3000).collect();
            faults.push(format!("{}: {}\n{said}", row.name, wrong.join(", ")));
        }
    }
    assert!(faults.is_empty(), "{} of {}:\n\n{}", faults.len(), ROWS.len(), faults.join("\n"));
}

/// The other half of the table: what looks odd and is right, so that rows above fail for their own
/// reason.
#[test]
fn what_is_unusual_but_right_is_taken() {
    type Change = fn(&Root);
    let good: [(&str, Change); 6] = [
        ("as it is", |_| {}),
        ("another release of the kit's text", |root| {
            kit(root, "title  = \"Ledger\"", "title = \"L\"");
        }),
        ("a carrier-grade range", |root| root.append(ENV, "network { cidr = \"100.64.0.0/22\" }")),
        ("Windows line ends", |root| root.write(ENV, root.read(ENV).replace('\n', "\r\n"))),
        ("a host of its own beside production", |root| {
            beside_production(root);
            root.replace(ENV, "ledger.acme.example", "demo.acme.example");
        }),
        ("a long address", |root| {
            root.replace(ENV, "ledger@acme.example", &format!("{}@acme.example", "x".repeat(200)));
        }),
    ];
    for (name, change) in good {
        let root = Root::demo();
        change(&root);
        let answer = root.landfall(&["render", "demo-aws"]);
        assert_eq!(answer.code, Some(0), "{name}: {}", answer.err);
    }
}
