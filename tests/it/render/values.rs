//! Whatever text a person or a vendor writes arrives in the container as that text: judged by the
//! real terraform, which evaluates the rendered layer with modules that hand out what they get.
#![expect(clippy::format_push_string, reason = "the texts are short, and clearer like this")]

use std::collections::BTreeSet;
use std::path::Path;

use regex::Regex;
use serde_json::{Value as Json, json};

use super::support::{Answer, Root, fixtures, terraform};

/// Texts that something on the way could take for code.
const TEXTS: [&str; 10] = [
    r#"${file("/etc/passwd")}"#,
    "%{ for x in y }",
    r"$${a} %%{b} $$${c} ${",
    r#"say "hello" \ and \n"#,
    "first line\nsecond\tline\r\nthird",
    "Zürich 漢字 🦀 \u{feff}",
    "{{ name }} {% raw %} {# note #}",
    "<<EOT\nEOT\n",
    "'; DROP TABLE users; --",
    "# not a comment // nor this /* nor this */",
];

/// A text as HCL, made without Landfall: JSON's quoting, and template markers doubled.
fn literal(text: &str) -> String {
    json!(text).to_string().replace("${", "$${").replace("%{", "%%{")
}

/// The demo, with every text in an answer, an operator's variable, a vendor's variable, an
/// argument, and beside a reference that only Terraform can follow.
fn hostile() -> Root {
    let root = Root::demo();
    let environment = root.own("environment.hcl");
    root.replace(&environment, "\"v1.0.0\"", "\"dev\"");
    let (mut kit, mut answers, mut set, mut args) =
        (String::new(), String::new(), String::new(), String::new());
    for (number, text) in TEXTS.iter().enumerate() {
        let quoted = literal(text);
        kit.push_str(&format!(
            "input \"text_{number}\" {{\n  type = \"string\"\n  prompt = \"Text\"\n}}\n\
             env \"INPUT_{number}\" {{ from = input.text_{number} }}\n\
             env \"VENDOR_{number}\" {{ default = {quoted} }}\n\
             env \"BESIDE_{number}\" {{ from = \"${{database.main.host}}|${{input.text_{number}}}\" }}\n\
             env \"OPERATOR_{number}\" {{\n  type = \"string\"\n  default = \"\"\n  operator = true\n}}\n",
        ));
        answers.push_str(&format!("  text_{number} = {quoted}\n"));
        set.push_str(&format!("  OPERATOR_{number} = {quoted}\n"));
        args.push_str(&format!(", input.text_{number}, {quoted}"));
    }
    root.append("kit.hcl", &kit);
    root.replace("kit.hcl", "args     = [\"web\"]", &format!("args     = [\"web\"{args}]"));
    root.replace(&environment, "inputs = {", &format!("env = {{\n{set}}}\ninputs = {{\n{answers}"));
    root
}

#[test]
fn every_text_arrives_as_that_text() {
    let root = hostile();
    root.render();
    let format = terraform(root.path())
        .args(["fmt", "-check", "-diff", "-recursive", "environments"])
        .output()
        .unwrap();
    assert!(format.status.success(), "{}", String::from_utf8_lossy(&format.stdout));

    let seen = evaluate(&root, "services", &["service_web", "service_worker"]);
    for (number, text) in TEXTS.iter().enumerate() {
        for workload in ["service_web", "service_worker"] {
            let environment = &seen[workload]["environment"];
            for variable in ["INPUT", "VENDOR", "OPERATOR"] {
                assert_eq!(environment[format!("{variable}_{number}")], *text, "{variable}");
            }
            let beside = format!("db.internal.example|{text}");
            assert_eq!(environment[format!("BESIDE_{number}")], beside);
        }
    }
    let arguments: Vec<&str> =
        ["web"].into_iter().chain(TEXTS.iter().flat_map(|text| [*text, *text])).collect();
    assert_eq!(seen["service_web"]["container"]["command"], json!(arguments));
}

/// Tags take what AWS takes, and that arrives; the rest is refused before anything is rendered.
#[test]
fn tags_arrive_or_are_refused() {
    let root = Root::demo();
    let environment = root.own("environment.hcl");
    root.append(&environment, "tags = { \"Kosten stelle\" = \"Zürich 漢字 a+b=c:/@_.-\" }");
    root.render();
    let seen = evaluate(&root, "services", &[]);
    assert_eq!(seen["tags"]["Kosten stelle"], "Zürich 漢字 a+b=c:/@_.-");
    assert_eq!(seen["tags"]["landfall:environment"], "demo-aws");

    for text in [TEXTS[0], TEXTS[1], TEXTS[3], TEXTS[4]] {
        let root = Root::demo();
        root.append(root.own("environment.hcl"), &format!("tags = {{ a = {} }}", literal(text)));
        root.landfall(&["render"]).exits(2).says(&["is not a tag's value", "letters, digits"]);
    }
}

/// The values of every layer of every fixture have the types that its variables declare, and every
/// expression of `main.tf` can be evaluated.
#[test]
fn every_layer_evaluates() {
    for root in fixtures() {
        root.render();
        for layer in ["foundation", "jobs", "services"] {
            let seen = evaluate(&root, layer, &[]);
            assert_eq!(seen["tags"]["landfall:environment"], root.name.as_str());
        }
    }
}

/// Applies a rendered layer with terraform but without a provider: every module is replaced by one
/// that takes the same arguments and hands them out. Returns the arguments of the named workloads,
/// and the layer's tags.
fn evaluate(root: &Root, layer: &str, workloads: &[&str]) -> Json {
    let folder = tempfile::tempdir().unwrap();
    let from = root.own(&format!("terraform/{layer}"));
    for entry in std::fs::read_dir(&from).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name();
        if !["backend.tf", "versions.tf", "outputs.tf", ".terraform.lock.hcl"]
            .contains(&name.to_str().unwrap())
        {
            std::fs::copy(entry.path(), folder.path().join(name)).unwrap();
        }
    }
    let main = std::fs::read_to_string(from.join("main.tf")).unwrap();
    std::fs::write(folder.path().join("main.tf"), without_provider(&main, folder.path())).unwrap();
    if layer != "foundation" {
        let foundation = foundation(&main, folder.path());
        let text = json!({ "foundation": foundation.0, "secret_versions": foundation.1 });
        std::fs::write(folder.path().join("made-up.auto.tfvars.json"), text.to_string()).unwrap();
    }
    let mut outputs = String::from("output \"tags\" {\n  value = var.tags\n}\n");
    for workload in workloads {
        outputs.push_str(&format!(
            "output \"{workload}\" {{\n  value = module.{workload}.arguments\n}}\n"
        ));
    }
    std::fs::write(folder.path().join("outputs.tf"), outputs).unwrap();
    Answer::of(terraform(folder.path()).args(["init", "-input=false", "-no-color"])).exits(0);
    let apply = ["apply", "-auto-approve", "-input=false", "-no-color"];
    Answer::of(terraform(folder.path()).args(apply)).exits(0);
    let outputs = Answer::of(terraform(folder.path()).args(["output", "-json"])).exits(0);
    let outputs: Json = serde_json::from_str(&outputs.out).unwrap();
    let entries = outputs.as_object().unwrap().iter();
    entries.map(|(name, output)| (name.clone(), output["value"].clone())).collect()
}

/// `main.tf` without its provider, its modules replaced.
fn without_provider(main: &str, folder: &Path) -> String {
    let start = main.find("provider \"aws\" {").unwrap();
    let end = start + main[start..].find("\n}\n").unwrap() + 3;
    let main = format!("{}{}", &main[..start], &main[end..]);
    let source = Regex::new(r#"source = "[^"]*/aws/([a-z]+)""#).unwrap();
    for (_, [module]) in source.captures_iter(&main).map(|found| found.extract()) {
        stub(module, &folder.join("stubs").join(module));
    }
    source.replace_all(&main, "source = \"./stubs/$1\"").into_owned()
}

/// The variables of the real module as they are, and outputs of the right names.
fn stub(module: &str, folder: &Path) {
    let real = super::support::repository().join("modules/aws").join(module);
    std::fs::create_dir_all(folder).unwrap();
    std::fs::copy(real.join("variables.tf"), folder.join("variables.tf")).unwrap();
    let variables = std::fs::read_to_string(real.join("variables.tf")).unwrap();
    locals(&real, &variables, folder);
    let names = Regex::new(r#"(?m)^variable "([a-z_]+)""#).unwrap();
    let mut text = String::from("output \"arguments\" {\n  value = {\n");
    for (_, [name]) in names.captures_iter(&variables).map(|found| found.extract()) {
        text.push_str(&format!("    {name} = var.{name}\n"));
    }
    text.push_str("  }\n}\n");
    let outputs = std::fs::read_to_string(real.join("outputs.tf")).unwrap();
    let names = Regex::new(r#"(?m)^output "([a-z_]+)""#).unwrap();
    for (_, [name]) in names.captures_iter(&outputs).map(|found| found.extract()) {
        let value = match name {
            "public_subnet_ids" | "private_subnet_ids" | "database_subnet_ids" => {
                "[\"subnet-0a1b2c3d\", \"subnet-0a1b2c3e\"]".to_owned()
            }
            "security_group_ids" => "{ for kind, names in { load_balancers = keys(var.load_balancers), databases = var.databases, workloads = keys(var.workloads) } : kind => { for name in names : name => \"sg-0123456789abcdef0\" } }".to_owned(),
            "log_groups" => "{ for key, name in var.log_groups : key => { name = name, arn = \"arn:aws:logs:eu-central-1:111122223333:log-group:${name}\" } }".to_owned(),
            "arns" => "{ for key, secret in var.secrets : key => \"arn:aws:secretsmanager:eu-central-1:111122223333:secret:${secret.name}-AbCdEf\" }".to_owned(),
            "cluster_arn" => "\"arn:aws:ecs:eu-central-1:111122223333:cluster/made-up\"".to_owned(),
            "key_arn" => "\"arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab\"".to_owned(),
            "master_secret_arn" => "\"arn:aws:secretsmanager:eu-central-1:111122223333:secret:made-up-AbCdEf\"".to_owned(),
            "topic_arn" => "\"arn:aws:sns:eu-central-1:111122223333:made-up\"".to_owned(),
            "resource_id" => "\"db-ABCDEFGHIJKLMNOPQRSTUVWXYZ\"".to_owned(),
            "vpc_id" => "\"vpc-0123456789abcdef0\"".to_owned(),
            _ => format!("\"made-up-{name}\""),
        };
        text.push_str(&format!("output \"{name}\" {{\n  value = {value}\n}}\n"));
    }
    std::fs::write(folder.join("outputs.tf"), text).unwrap();
}

/// The blocks of `locals` that conditions of variables refer to.
fn locals(real: &Path, variables: &str, folder: &Path) {
    let blocks = Regex::new(r"(?ms)^locals \{\n.*?^\}\n").unwrap();
    let mut text = String::new();
    for name in Regex::new(r"\blocal\.(\w+)").unwrap().captures_iter(variables) {
        let defined = Regex::new(&format!(r"(?m)^  {}\s+=", &name[1])).unwrap();
        for entry in std::fs::read_dir(real).unwrap().map(|entry| entry.unwrap().path()) {
            let file =
                if entry.is_file() { std::fs::read_to_string(entry).unwrap() } else { continue };
            for block in blocks.find_iter(&file).map(|block| block.as_str()) {
                if defined.is_match(block) && !text.contains(block) {
                    text.push_str(block);
                }
            }
        }
    }
    std::fs::write(folder.join("locals.tf"), text).unwrap();
}

/// Made-up outputs of a foundation, for everything that the layer refers to, and secret versions.
fn foundation(main: &str, folder: &Path) -> (Json, Json) {
    let variables = std::fs::read_to_string(folder.join("variables.tf")).unwrap();
    let values = std::fs::read_to_string(folder.join("terraform.tfvars")).unwrap();
    let named = |pattern: &str, text: &str| -> BTreeSet<String> {
        let pattern = Regex::new(pattern).unwrap();
        pattern.captures_iter(text).map(|found| found[1].to_owned()).collect()
    };
    let each = |names: BTreeSet<String>, value: &dyn Fn(&str) -> Json| -> Json {
        names.into_iter().map(|name| (name.clone(), value(&name))).collect()
    };
    let arn =
        |service: &str, rest: &str| format!("arn:aws:{service}:eu-central-1:111122223333:{rest}");
    let balancer =
        arn("elasticloadbalancing", "listener/app/made-up/50dc6c495c0c9188/f2f7dc8efc522ab2");
    let versions = Regex::new(r"(?s)secret_versions.*?object\(\{(.*?)\}\)").unwrap();
    let versions = &versions.captures(&variables).expect("secret_versions")[1];
    let foundation = json!({
        "key_arn": arn("kms", "key/1234abcd-12ab-34cd-56ef-1234567890ab"),
        "topic_arn": arn("sns", "made-up"),
        "network": { "vpc_id": "vpc-0123456789abcdef0",
                     "private_subnet_ids": ["subnet-0a1b2c3d", "subnet-0a1b2c3e"] },
        "cluster": { "arn": arn("ecs", "cluster/made-up"), "name": "made-up" },
        "databases": each(named(r"foundation\.databases\.(\w+)", main), &|_| json!({
            "host": "db.internal.example",
            "master_secret_arn": arn("secretsmanager", "secret:made-up-AbCdEf"),
            "resource_id": "db-ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        })),
        "secrets": each(named(r"foundation\.secrets\.(\w+)", main), &|name| json!({
            "arn": arn("secretsmanager", &format!("secret:{name}-AbCdEf")),
        })),
        "ingresses": each(named(r#"ingress\s*= "(\w+)""#, &values), &|_| json!({
            "dns_name": "made-up.elb.amazonaws.com",
            "listener_arn": balancer,
            "load_balancer_arn_suffix": "app/made-up/50dc6c495c0c9188",
            "zone_id": "Z215JYRZR1TBD5",
        })),
        "workloads": each(named(r"foundation\.workloads\.(\w+)", main), &|name| json!({
            "execution_role_arn": "arn:aws:iam::111122223333:role/made-up-execution",
            "log_group_name": format!("/landfall/made-up/{name}"),
            "scheduler_role_arn": "arn:aws:iam::111122223333:role/made-up-scheduler",
            "security_group_id": "sg-0123456789abcdef0",
            "task_role_arn": "arn:aws:iam::111122223333:role/made-up-task",
        })),
    });
    let versions = each(named(r"(?m)^\s*(\w+)\s*=", versions), &|_| {
        json!("EXAMPLE1-90ab-cdef-fedc-ba987EXAMPLE")
    });
    (foundation, versions)
}
