//! Kits with one mistake each: where it is shown, with which value, why and what to do.

use super::{DEMO, parse, shown};

/// A mistake in the demo kit: the text that is replaced, what replaces it (`¦` marks where the
/// problem is expected), and what the message says, split at ` | `: the value, the reason, the
/// remedy.
type Mistake = (&'static str, &'static str, &'static str);

/// Reads a mistake: exactly one problem, at the marked place, with all that is expected.
fn expect(mistakes: &[Mistake]) {
    for (from, to, said) in mistakes {
        assert!(DEMO.contains(from), "the demo kit has no {from}");
        let text = DEMO.replacen(from, to, 1);
        let at = text.find('¦').unwrap_or_else(|| panic!("no place in {to}"));
        let before = &text[..at];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
        let Err(problems) = parse(&text.replace('¦', "")) else {
            panic!("accepted: {to}");
        };
        let all = shown(&problems);
        assert_eq!(problems.iter().count(), 1, "{to}\n{all}");
        assert!(all.contains(&format!("kit.hcl:{line}:{column}\n")), "{line}:{column}\n{all}");
        for part in said.split(" | ") {
            assert!(all.contains(part), "`{part}` is not in\n{all}");
        }
        let problem = problems.iter().next().unwrap();
        assert!(!problem.why.is_empty() && !problem.help.is_empty(), "{all}");
    }
}

#[test]
fn shape() {
    expect(&[
        ("memory   = \"1Gi\"", "memory = ¦\"1 GB\"", "1 GB | Mi or Gi | \"512Mi\""),
        ("cpu      = 0.5", "cpu = ¦\"0.5\"", "is \"0.5\" | without quotes | 0.05 to 64"),
        ("cpu      = 0.5", "cpu = ¦0.01", "is 0.01 | 0.05 to 64"),
        ("replicas = 2", "replicas = ¦2.5", "2.5 | whole number | 1 to 200"),
        ("replicas = 2", "replicas = 2\n  drain = ¦\"2m\"", "\"2m\" | 120 s | at most \"110s\""),
        ("replicas = 2", "replicas = 2\n  drain = ¦\"2 min\"", "2 min | a duration | \"90s\""),
        (
            "  replicas = 2",
            "  ¦replicsa = 2\n  replicas = 2",
            "`replicsa` | did you mean `replicas`",
        ),
        (
            "port \"http\" { number = 8080 }",
            "port \"http\" { number = ¦80800 }",
            "80800 | 1 to 65535",
        ),
        ("phase = \"migrate\"", "phase = ¦\"migrat\"", "\"migrat\" | did you mean `migrate`"),
        ("kind = \"hex\", bytes = 32", "kind = \"hex\", bytes = ¦4", "is 4 | 8 to 4096"),
        (
            "kind = \"hex\", bytes = 32",
            "kind = \"hex\", bytes = 32, ¦length = 3",
            "`length` | unknown | bytes",
        ),
        ("service \"worker\"", "service ¦\"Worker\"", "\"Worker\" | matches ^[a-z] | lower-case"),
        ("env \"LOG_LEVEL\"", "env ¦\"LOG-LEVEL\"", "\"LOG-LEVEL\" | matches ^[A-Za-z_] | letters"),
        ("format = 1", "format = ¦2", "is 2 | from 1 to 1"),
        (
            "title  = \"Ledger\"",
            "title = \"x\"\n  landfall = ¦\">= 99\"",
            ">= 99 | this is Landfall | use a Landfall",
        ),
        (
            "title  = \"Ledger\"",
            "title = \"x\"\n  landfall = ¦\"newest\"",
            "newest | not a version constraint | write it like",
        ),
        ("version = \"1.0.0\"", "version = ¦\"1.0\"", "\"1.0\" | not a semantic version | 1.4.0"),
    ]);
}

#[test]
fn blocks() {
    expect(&[
        (
            "secret \"licence\" { supplied = true }",
            "¦secret \"licence\" { supplied = false }",
            "secret \"licence\" has neither | `supplied = true`",
        ),
        (
            "service \"worker\"",
            "service ¦\"web\"",
            "`service \"web\"` is given twice, first on line | another name",
        ),
        (
            "job \"nightly\"",
            "job ¦\"worker\"",
            "job \"worker\" has the same name as service \"worker\" | another name",
        ),
        (
            "phase = \"migrate\"",
            "phase = \"migrate\"\n  ¦phase = \"post\"",
            "`phase` is given twice | first on line",
        ),
        ("schema \"main\"", "schema ¦\"other\"", "schema \"other\" | name of its database | main"),
        ("accepts = [1]", "accepts = ¦[0]", "[0] | migrates to 1 | add 1"),
        (
            "repository = \"registry.ledger.example/ledger\"",
            "repository = ¦\"https://registry.ledger.example/ledger:1\"",
            "https:// | without https://, tag",
        ),
        (
            "ingress \"public\" {",
            "¦ingres \"x\" {\n}\ningress \"public\" {",
            "`ingres` | did you mean `ingress`",
        ),
        (
            "default  = \"info\"",
            "default = ¦\"trace\"",
            "\"trace\" | not one of `values` | debug, info, warn",
        ),
        (
            "type   = \"email\"",
            "type = \"int\"\n  default = ¦\"many\"",
            "\"many\" | type int | a whole number",
        ),
        (
            "type   = \"email\"",
            "type = \"string\"\n  pattern = ¦\"[a-\"",
            "\"[a-\" | not a regular expression",
        ),
        (
            "schedule = \"17 3 * * *\"",
            "schedule = ¦\"17 25 * * *\"",
            "17 25 | hour `25` | five fields",
        ),
        ("live  = \"/live\"", "live = ¦\"live\"", "\"live\" | must match ^/ | start it with /"),
        (
            "engine  = \"postgres\"",
            "engine = \"postgres\"\n  parameters = { ¦max_conections = 3 }",
            "`max_conections` | list is closed | did you mean `max_connections`",
        ),
        (
            "engine  = \"postgres\"",
            "engine = \"postgres\"\n  iam = { aws = ¦proxy }",
            "proxy | native, none",
        ),
        (
            "    to       = service.web",
            "    to = service.web\n  }\n  ¦route {\n    prefixes = [\"/\"]\n    to = service.web",
            "two routes | / at any host | remove one",
        ),
        (
            "args     = [\"worker\"]",
            "args = []\n  port \"http\" { number = 8080 }\n  port \"admin\" { number = ¦8080 }",
            "8080 | port \"http\" has this number",
        ),
    ]);
}

#[test]
fn references() {
    expect(&[
        (
            "  image    = image.app\n  args     = [\"web\"]",
            "  image = ¦image.ap\n  args = [\"web\"]",
            "`image.ap` | no image \"ap\" | did you mean `app`",
        ),
        (
            "database.main.host",
            "¦database.main.hots",
            "`database.main.hots` | no field `hots` | did you mean `host`",
        ),
        ("database.main.host", "¦database.main", "`database.main` | which field | host"),
        (
            "database.main.host",
            "¦databse.main.host",
            "no source of kind `databse` | did you mean `database`",
        ),
        (
            "input.sender\n",
            "¦input.sender.name\n",
            "`input.sender` is a value | write input.sender",
        ),
        (
            "input.sender\n",
            "¦file(\"/etc/passwd\")\n",
            "`file(...)` | only fixed values | urlencode",
        ),
        ("input.sender\n", "¦var.x ? 1 : 2\n", "a condition | only fixed values"),
        (
            "to       = service.web",
            "to = ¦job.migrate",
            "`job.migrate` | not of a kind | service.NAME",
        ),
        (
            "args     = [\"worker\"]",
            "args = [\"worker\"]\n  needs = [¦database.main]",
            "`database.main` | not of a kind | service.NAME",
        ),
        (
            "uses     = [database.main]\n  cpu",
            "uses = [¦image.app]\n  cpu",
            "`image.app` | not of a kind | database.NAME",
        ),
        (
            "args     = [\"worker\"]",
            "args = [\"worker\"]\n  set = { SENDER = ¦bucket.x.name }",
            "no bucket \"x\" | there are no bucket names",
        ),
        (
            "operator = true",
            "operator = true\n  to = [¦service.wbe]",
            "no service \"wbe\" | did you mean `web`",
        ),
    ]);
}

#[test]
fn secrets_and_wiring() {
    expect(&[
        (
            "LICENCE       = secret.licence",
            "LICENCE = \"key ${¦secret.licence}\"",
            "`secret.licence` | in the clear | without quotes",
        ),
        (
            "LICENCE       = secret.licence",
            "LICENCE = urlencode(¦secret.licence)",
            "`secret.licence` | in the clear",
        ),
        (
            "args     = [\"web\"]",
            "args = [\"web\", ¦secret.licence]",
            "`args` of service \"web\" | process list | env { NAME = secret.licence }",
        ),
        (
            "args     = [\"web\"]",
            "args = [\"web\"]\n  set = { KEY = ¦secret.licence }",
            "`set` of service \"web\" | task definition | env { NAME",
        ),
        (
            "env \"LOG_LEVEL\" {",
            "env \"KEY\" {\n  type = \"string\"\n  from = ¦secret.licence\n}\nenv \"LOG_LEVEL\" {",
            "`secret.licence` | another type | type = \"secret\"",
        ),
        (
            "env \"LOG_LEVEL\" {",
            "env \"KEY\" {\n  type = \"secret\"\n  from = ¦input.sender\n}\nenv \"LOG_LEVEL\" {",
            "`input.sender` is no secret | take a secret",
        ),
        (
            "env \"LOG_LEVEL\" {",
            "env \"KEY\" {\n  type = \"secret\"\n  default = ¦\"hunter2\"\n}\nenv \"LOG_LEVEL\" {",
            "no secret | from = secret.NAME",
        ),
        (
            "DATABASE_USER = database.main.user",
            "DATABASE_PASSWORD = ¦database.main.password",
            "no password | iam = { aws = \"none\" }",
        ),
        (
            "env \"LOG_LEVEL\" {",
            "env \"KEY\" {\n  from = secret.licence\n  to = ¦[service.worker]\n}\nenv \"LOG_LEVEL\" {",
            "service.worker does not use secret.licence | add secret.licence to `uses`",
        ),
        (
            "env \"LOG_LEVEL\" {",
            "env ¦\"MAIL_FROM\" {\n  default = \"x\"\n}\nenv \"LOG_LEVEL\" {",
            "`MAIL_FROM` is given twice | on line | remove one",
        ),
        (
            "args     = [\"worker\"]",
            "args = [\"worker\"]\n  set = { ¦MAIL_FROM = \"x\" }",
            "`MAIL_FROM` is given twice | env on line | remove one",
        ),
    ]);
}

#[test]
fn data_and_routes() {
    expect(&[
        (
            "schema \"main\" {\n  version = 1",
            "schema ¦\"main\" {\n  at_start = always\n  locks = none\n  version = 1",
            "at_start = always | service \"web\" runs 2 | one replica",
        ),
        (
            "  route {\n    prefixes = [\"/\"]\n    to       = service.web",
            "  ¦route {\n    prefixes = [\"/\"]\n    to = service.worker",
            "service \"worker\" | has no port | add `port",
        ),
        (
            "job \"nightly\"",
            "¦job \"migrator\"",
            "`main_migrator` | Landfall's own role | another name",
        ),
        (
            "health {\n    live  = \"/live\"\n    ready = \"/ready\"\n  }\n}",
            "health {\n    live = \"/live\"\n    ready = \"/ready\"\n  }\n  ¦health {\n  }\n}",
            "`health` is given twice | first on line",
        ),
        (
            "  replicas = 1\n}",
            "  replicas = 1\n  ¦health {\n    live = \"/live\"\n  }\n}",
            "of service \"worker\" | no port | use `command`",
        ),
    ]);
}

/// A kit in which much is wrong: all of it is said at once, also a name that is given twice.
#[test]
fn all_problems_at_once() {
    let text = DEMO
        .replace("cpu      = 0.5", "cpu = \"half\"\n  cpu = 1")
        .replace("database.main.host", "database.main.hots")
        .replace("bytes = 32", "bytes = 3")
        .replace("number = 8080", "number = 0")
        .replace("to       = service.web", "to = service.wbe");
    let problems = parse(&text).err().unwrap();
    assert_eq!(problems.iter().count(), 6, "{}", shown(&problems));
    let all = shown(&problems);
    for part in [
        "`cpu` is \"half\"",
        "`cpu` is given twice",
        "hots",
        "`bytes` is 3",
        "`number` is 0",
        "wbe",
    ] {
        assert!(all.contains(part), "{part}\n{all}");
    }
}
