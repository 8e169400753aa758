//! The simulated cloud under the real terraform.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
#![allow(clippy::disallowed_methods, reason = "terraform is run bare, to prove the wire alone")]

mod google;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use landfall::cloud::simulated::Simulated;
use landfall::cloud::{Cloud as _, Identity, JobRequest, JobState, LogCursor};
use landfall::kit::model::CloudName;
use landfall::secret::Secret;
use landfall::simulate::{Account, Faults, Simulator, refuse_foreign, served_types};
use serde_json::Value as Json;

pub(crate) use google::google_provider;

const SMALL: &str = include_str!("simulate/small.tf");
const EVERYTHING: &str = include_str!("simulate/everything.tf");

fn identity() -> Identity {
    Identity {
        project_number: None,
        account: "123456789012".to_owned(),
        arn: "arn:aws:sts::123456789012:assumed-role/admin/rehearsal".to_owned(),
        partition: "aws".to_owned(),
        region: "eu-central-1".to_owned(),
    }
}

/// A root, an account and a provider that serves it.
struct Stage {
    folder: tempfile::TempDir,
    account: Arc<Account>,
    simulator: Simulator,
    cloud: Simulated,
}

impl Stage {
    fn new(configuration: &str, faults: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("main.tf"), configuration).unwrap();
        let modules = Path::new(env!("CARGO_MANIFEST_DIR")).join("modules/aws");
        std::os::unix::fs::symlink(modules, folder.path().join("modules")).unwrap();
        Self::in_folder(folder, identity(), faults)
    }

    /// A root that is written, and an account of its own beside it.
    fn in_folder(folder: tempfile::TempDir, identity: Identity, faults: &[&str]) -> Self {
        let account = Account::open(&folder.path().join("account"), identity).unwrap();
        Self::open(folder, account, faults)
    }

    fn open(folder: tempfile::TempDir, account: Account, faults: &[&str]) -> Self {
        let account = Arc::new(account);
        let faults: Vec<String> = faults.iter().map(|fault| (*fault).to_owned()).collect();
        let faults = Arc::new(Faults::parse(&faults).unwrap());
        let simulator = Simulator::start(Arc::clone(&account), Arc::clone(&faults), None).unwrap();
        let cloud = Simulated::new(Arc::clone(&account), faults);
        let stage = Self { folder, account, simulator, cloud };
        stage.succeed(&["init"]);
        stage
    }

    /// The same root and account in a process that was started anew.
    fn reopen(self, faults: &[&str]) -> Self {
        let Self { folder, account, simulator, cloud } = self;
        drop((account, simulator, cloud));
        let account = Account::open(&folder.path().join("account"), identity()).unwrap();
        Self::open(folder, account, faults)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("terraform");
        let path = std::env::var_os("PATH").unwrap();
        command.args(arguments).arg("-no-color").current_dir(self.folder.path()).env_clear();
        command.env("PATH", path).env("HOME", self.folder.path());
        command.env("CHECKPOINT_DISABLE", "1").env("TF_IN_AUTOMATION", "1");
        command.env("TF_CLI_CONFIG_FILE", "/dev/null");
        command.env("TF_REATTACH_PROVIDERS", self.simulator.reattach());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("terraform is needed in PATH for this test")
    }

    #[track_caller]
    fn succeed(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        assert!(output.status.success(), "terraform {arguments:?}\n{out}\n{err}");
        out
    }

    #[track_caller]
    fn fail(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let all = text(&output.stdout) + &text(&output.stderr);
        assert!(!output.status.success(), "terraform {arguments:?} succeeded\n{all}");
        all
    }

    fn apply(&self, variables: &[&str]) -> String {
        self.succeed(&with("apply", variables))
    }

    /// A plan right after an apply changes nothing.
    #[track_caller]
    fn assert_steady(&self, variables: &[&str]) {
        let mut arguments = with("plan", variables);
        arguments.push("-detailed-exitcode");
        let output = self.run(&arguments);
        let all = text(&output.stdout) + &text(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "the second plan is not empty\n{all}");
    }

    fn outputs(&self) -> Json {
        serde_json::from_str(&self.succeed(&["output", "-json"])).unwrap()
    }

    /// Address → attributes of everything in the state.
    fn state(&self, address: &str) -> Json {
        let state: Json = serde_json::from_str(&self.succeed(&["show", "-json"])).unwrap();
        let resources = state["values"]["root_module"]["resources"].as_array().unwrap().clone();
        let found = resources.into_iter().find(|resource| resource["address"] == address);
        found.unwrap()["values"].clone()
    }
}

fn with<'a>(verb: &'a str, variables: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec![verb, "-input=false"];
    if verb != "plan" {
        arguments.push("-auto-approve");
    }
    arguments.extend(variables);
    arguments
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_stack_is_made_changed_replaced_and_destroyed() {
    let stage = Stage::new(SMALL, &[]);
    stage.succeed(&["validate"]);
    let applied = stage.apply(&[]);
    assert!(applied.contains("11 added, 0 changed, 0 destroyed"), "{applied}");
    stage.assert_steady(&[]);

    let bigger = ["-var=class=db.t4g.small"];
    let changed = stage.apply(&bigger);
    assert!(changed.contains("0 added, 1 changed, 0 destroyed"), "{changed}");
    stage.assert_steady(&bigger);

    let moved = ["-var=class=db.t4g.small", "-var=cidr=10.50.0.0/16"];
    let replaced = stage.succeed(&with("plan", &moved));
    assert!(replaced.contains("# aws_vpc.this must be replaced"), "{replaced}");
    stage.apply(&moved);
    stage.assert_steady(&moved);

    stage.succeed(&with("destroy", &moved));
    assert_eq!(stage.account.resources(), []);
}

#[test]
fn what_the_service_answers_is_shaped_like_aws() {
    let stage = Stage::new(SMALL, &[]);
    stage.apply(&[]);
    let database = stage.outputs()["database"]["value"].clone();
    let arn = "arn:aws:rds:eu-central-1:123456789012:db:acme-main";
    assert_eq!(database["arn"], arn);
    let host = database["host"].as_str().unwrap();
    assert!(host.starts_with("acme-main.") && host.ends_with(".eu-central-1.rds.amazonaws.com"));
    let secret = database["secret"].as_str().unwrap();
    assert!(secret.starts_with("arn:aws:secretsmanager:eu-central-1:123456789012:secret:rds!db-"));
    let twins = ["aws_eip.twin[0]", "aws_eip.twin[1]"].map(|address| stage.state(address));
    assert_ne!(twins[0]["id"], twins[1]["id"], "identical resources have their own identities");
    assert_eq!(stage.state("aws_vpc.this")["tags_all"]["environment"], "acme-prod");
}

/// A root whose plans depend on ids, and two resources that nothing tells apart.
const FORESEEN: &str = r#"
provider "aws" {
  region = "eu-central-1"
}

resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_subnet" "main" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.0.0/24"
}

resource "aws_eip" "twin" {
  count  = 2
  domain = "vpc"
}

resource "aws_ecs_task_definition" "main" {
  family                = "main"
  container_definitions = jsonencode([{ name = aws_subnet.main.id, image = "i", memory = 128 }])
}

output "network" {
  value = { vpc = aws_vpc.main.id, subnet = aws_subnet.main.arn }
}

output "task" {
  value = aws_ecs_task_definition.main.arn
}

"#;

#[test]
fn what_a_plan_foresees_is_what_its_apply_makes() {
    let mut stage = Stage::new(FORESEEN, &[]);
    let (account, faults) = (Arc::clone(&stage.account), Arc::new(Faults::none()));
    stage.simulator = Simulator::foreseeing(account, faults, FORESEEN).unwrap();
    for round in 1..=2 {
        stage.succeed(&["plan", "-input=false", "-out=plan"]);
        let plan: Json = serde_json::from_str(&stage.succeed(&["show", "-json", "plan"])).unwrap();
        let planned = &plan["planned_values"]["outputs"];
        stage.succeed(&["apply", "-input=false", "plan"]);
        let made = stage.outputs();
        for output in ["network", "task"] {
            assert!(planned[output]["value"].is_string() || planned[output]["value"].is_object());
            assert_eq!(made[output]["value"], planned[output]["value"], "round {round}");
        }
        let twin = |at: usize| stage.state(&format!("aws_eip.twin[{at}]"))["id"].clone();
        assert_ne!(twin(0), twin(1), "two, not one");
        stage.assert_steady(&[]);
        // What is made again after a destroy is not what was.
        let task = made["task"]["value"].as_str().unwrap();
        assert!(task.ends_with(&format!(":{round}")), "{task}");
        stage.succeed(&with("destroy", &[]));
    }
}

#[test]
fn a_failed_create_is_labelled_and_the_retry_succeeds() {
    let stage = Stage::new(SMALL, &["create=aws_subnet:nth=2", "create=aws_iam_role:partial"]);
    let failed = stage.fail(&with("apply", &[]));
    assert!(failed.contains("simulated fault: create=aws_subnet:nth=2"), "{failed}");
    assert!(failed.contains("simulated fault: create=aws_iam_role:partial"), "{failed}");
    let tainted = stage.succeed(&with("plan", &[]));
    assert!(tainted.contains("is tainted, so must be replaced"), "{tainted}");
    stage.apply(&[]);
    stage.assert_steady(&[]);
}

#[test]
fn what_changes_behind_terraform_is_drift() {
    let stage = Stage::new(SMALL, &[]);
    stage.apply(&[]);
    let arn = "arn:aws:rds:eu-central-1:123456789012:db:acme-main";
    let resize = |state: &mut Json| state["instance_class"] = "db.r7g.large".into();
    assert!(stage.account.tamper("aws_db_instance", arn, resize).unwrap());
    let plan = stage.succeed(&with("plan", &["-refresh-only"]));
    assert!(plan.contains("\"db.t4g.micro\" -> \"db.r7g.large\""), "{plan}");

    let stage = stage.reopen(&["read=aws_db_instance:gone"]);
    let plan = stage.succeed(&with("plan", &[]));
    assert!(plan.contains("# aws_db_instance.this will be created"), "{plan}");
}

#[test]
fn the_wrong_account_is_refused_before_anything_is_made() {
    let elsewhere = SMALL.replace("\"123456789012\"", "\"210987654321\"");
    let stage = Stage::new(&elsewhere, &[]);
    let refused = stage.fail(&with("plan", &[]));
    assert!(refused.contains("AWS account ID not allowed: 123456789012"), "{refused}");
}

#[test]
fn two_resources_of_one_name_are_refused() {
    let twice = SMALL.replace("\"acme-${each.key}\"", "\"acme-task\"");
    let stage = Stage::new(&twice, &[]);
    let refused = stage.fail(&with("apply", &[]));
    assert!(refused.contains("creating aws_iam_role: already exists"), "{refused}");
}

#[test]
fn several_terraforms_are_served_at_once() {
    let stage = Stage::new(SMALL, &[]);
    std::thread::scope(|scope| {
        let plan = || stage.succeed(&["plan", "-input=false", "-lock=false"]);
        for plan in [(); 3].map(|()| scope.spawn(plan)) {
            let planned = plan.join().unwrap();
            assert!(planned.contains("11 to add"), "{planned}");
        }
    });
}

/// Terraform looks once a second whether the process that it was told of lives, and cancels every
/// call if it does not.
#[test]
fn a_long_call_is_not_cancelled() {
    let stage = Stage::new(SMALL, &["create=aws_vpc:delay=2500ms"]);
    stage.apply(&[]);
    stage.assert_steady(&[]);
}

#[test]
fn the_socket_is_gone_with_the_simulator() {
    let account = Arc::new(Account::ephemeral(identity()).unwrap());
    let text = "resource \"aws_vpc\" \"this\" {}";
    let simulator = Simulator::start(account, Arc::new(Faults::none()), Some(text)).unwrap();
    let reattach: Json = serde_json::from_str(&simulator.reattach()).unwrap();
    let address = &reattach["registry.opentofu.org/hashicorp/aws"];
    assert_ne!(address["Pid"], std::process::id(), "terraform may kill that process");
    let socket = PathBuf::from(address["Addr"]["String"].as_str().unwrap());
    assert!(socket.is_absolute() && socket.as_os_str().len() < 100);
    assert!(socket.exists());
    drop(simulator);
    assert!(!socket.exists() && !socket.parent().unwrap().exists());
}

const VERSION: &str = "5f0c1a2b-0000-4000-8000-000000000001";

fn job(stage: &Stage, token: &str) -> JobRequest {
    let identity = stage.outputs()["foundation"]["value"]["identity"]["job_migrate"].clone();
    let group = identity["log_group_name"].as_str().unwrap();
    JobRequest {
        name: "migrate".to_owned(),
        cluster: "acme-prod".to_owned(),
        task_definition: "acme-prod-migrate".to_owned(),
        subnets: Vec::new(),
        security_groups: Vec::new(),
        log_group: group.to_owned(),
        log_stream_prefix: "migrate".to_owned(),
        token: token.to_owned(),
        started_by: "landfall/1".to_owned(),
        environment: std::collections::BTreeMap::new(),
    }
}

fn digest(digit: char) -> String {
    std::iter::repeat_n(digit, 64).collect()
}

#[tokio::test]
async fn every_module_applies_and_what_runs_is_read_back() {
    let stage = Stage::new(EVERYTHING, &["job=migrate:exit=3"]);
    stage.apply(&[]);
    stage.assert_steady(&[]);
    let cloud = &stage.cloud;

    let secret = stage.outputs()["secrets"]["value"]["api_key"].as_str().unwrap().to_owned();
    assert_eq!(cloud.secret(&secret).await.unwrap().version, None);
    let value = Secret::new("canary-3f81".to_owned());
    assert_eq!(cloud.put_secret(&secret, &value, VERSION).await.unwrap(), VERSION);

    let first = cloud.start_job(&job(&stage, "token-1")).await.unwrap();
    let ended = cloud.job(&first).await.unwrap();
    assert!(matches!(ended, JobState::Stopped { exit_code: Some(3), .. }), "{ended:?}");
    let second = cloud.start_job(&job(&stage, "token-2")).await.unwrap();
    assert_eq!(second, cloud.start_job(&job(&stage, "token-2")).await.unwrap());
    let ended = cloud.job(&second).await.unwrap();
    assert!(matches!(ended, JobState::Stopped { exit_code: Some(0), .. }), "{ended:?}");
    let (lines, cursor) = cloud.job_log(&second, &LogCursor::default()).await.unwrap();
    assert_eq!(lines.last().unwrap().text, "simulated: migrate ran to its end");
    assert_eq!(cloud.job_log(&second, &cursor).await.unwrap().0, []);

    let version = format!("-var=api_key_version={VERSION}");
    let variables = [version.as_str(), "-var=replicas=3"];
    stage.apply(&variables);
    stage.assert_steady(&variables);
    let service = cloud.service("acme-prod", "acme-prod-web").await.unwrap().unwrap();
    assert_eq!((service.desired, service.running, service.deployments), (3, 3, 1));
    assert_eq!(service.rollout, "COMPLETED");
    let definition = cloud.task_definition(&service.task_definition).await.unwrap();
    let main = &definition.containers[0];
    assert_eq!((main.name.as_str(), main.secrets.len()), ("main", 1));
    let health = cloud.target_health(&service.target_groups[0]).await.unwrap();
    assert_eq!(health.iter().filter(|target| target.state == "healthy").count(), 3);

    let running = || async { cloud.running_tasks("acme-prod", "acme-prod-web").await.unwrap() };
    let applied = format!("sha256:{}", digest('1'));
    assert!(running().await.iter().all(|task| task.digest == applied));
    let other = format!("registry.example/acme/web@sha256:{}", digest('9'));
    let swap = |containers: &mut Json| containers[0]["image"] = other.into();
    assert!(stage.account.tamper_containers(&service.task_definition, swap).unwrap());
    assert!(running().await.iter().all(|task| task.digest != applied));

    let written = std::fs::read_to_string(stage.folder.path().join("account/account.json"));
    assert!(!written.unwrap().contains("canary-3f81"), "a secret's value is in the file");
    stage.succeed(&with("destroy", &variables));
}

#[tokio::test]
async fn an_unhealthy_update_goes_back_and_the_postcondition_tells() {
    let stage = Stage::new(EVERYTHING, &["unhealthy=web:nth=2"]);
    stage.apply(&[]);
    let before = stage.cloud.service("acme-prod", "acme-prod-web").await.unwrap().unwrap();
    let new = format!("-var=digest={}", digest('2'));
    let failed = stage.fail(&with("apply", &[&new]));
    assert!(failed.contains("took the deployment of acme-prod-web back"), "{failed}");
    let after = stage.cloud.service("acme-prod", "acme-prod-web").await.unwrap().unwrap();
    assert_eq!(after.task_definition, before.task_definition);
    assert_eq!((after.running, after.rollout.as_str()), (2, "COMPLETED"));
    let stopped = stage.cloud.stopped_tasks("acme-prod", "acme-prod-web").await.unwrap();
    assert!(stopped.len() >= 3);
    assert!(stopped.iter().all(|task| task.reason.starts_with("Task failed ELB health checks")));
    stage.apply(&[&new]);
    stage.assert_steady(&[&new]);
}

#[tokio::test]
async fn a_service_without_its_secret_hangs_until_it_is_interrupted() {
    let stage = Stage::new(EVERYTHING, &[]);
    let version = format!("-var=api_key_version={VERSION}");
    let log = std::fs::File::create(stage.folder.path().join("apply.log")).unwrap();
    let mut child = stage.command(&with("apply", &[&version])).stdout(log).spawn().unwrap();
    // Until the platform shows what a person would see: three stopped tasks with one reason.
    let stopped = loop {
        let stopped = stage.cloud.stopped_tasks("acme-prod", "acme-prod-web").await.unwrap();
        if stopped.len() >= 3 {
            break stopped;
        }
        assert!(child.try_wait().unwrap().is_none(), "terraform ended before the service failed");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    };
    assert!(stopped[0].reason.contains("ResourceInitializationError"), "{}", stopped[0].reason);
    let service = stage.cloud.service("acme-prod", "acme-prod-web").await.unwrap().unwrap();
    assert_eq!(service.running, 0);
    assert_ne!(service.rollout, "COMPLETED");
    let id = child.id().to_string();
    Command::new("kill").args(["-INT", &id]).status().unwrap();
    assert!(!child.wait().unwrap().success());

    let value = Secret::new("x".to_owned());
    stage.cloud.put_secret("acme-prod/api-key", &value, VERSION).await.unwrap();
    stage.apply(&[&version]);
    stage.assert_steady(&[&version]);
}

#[test]
fn the_modules_are_not_refused() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("modules/aws");
    let mut files = Vec::new();
    for module in std::fs::read_dir(folder).unwrap() {
        for file in std::fs::read_dir(module.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "tf") {
                files.push((path.display().to_string(), std::fs::read_to_string(path).unwrap()));
            }
        }
    }
    assert!(files.len() > 20 && served_types(CloudName::Aws).unwrap().len() > 60);
    let files = files.iter().map(|(path, text)| (path.as_str(), text.as_str()));
    refuse_foreign(CloudName::Aws, files).unwrap();
}
