//! Driving the real terraform: no provider and no network, only `terraform_data` and, here alone,
//! `local-exec` to make a resource slow or broken on demand.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use landfall::cancel::Cancel;
use landfall::fs;
use landfall::plan::Action;
use landfall::terraform::{Applied, Engine, Event, Layer, Plan, Refresh, Terraform};

/// Names the folder for the helper process below, and what it does there.
const FOLDER: &str = "LANDFALL_TEST_LAYER_FOLDER";
const VERB: &str = "LANDFALL_TEST_LAYER_VERB";

/// Three resources in a row; `middle` and `last` run while they are created.
fn configuration(middle: &str, last: &str) -> String {
    format!(
        r#"
variable "size" {{
  type    = string
  default = "small"
  validation {{
    condition     = contains(["small", "large"], var.size)
    error_message = "size must be small or large"
  }}
}}
resource "terraform_data" "first" {{
  input = {{ size = var.size, password = sensitive("canary-password") }}
}}
resource "terraform_data" "second" {{
  input = terraform_data.first.id
  provisioner "local-exec" {{ command = "{middle}" }}
}}
resource "terraform_data" "third" {{
  input = terraform_data.second.id
  provisioner "local-exec" {{ command = "{last}" }}
}}
output "first" {{ value = terraform_data.first.id }}
output "password" {{
  value     = terraform_data.first.input.password
  sensitive = true
}}
"#
    )
}

/// Waits for the file `go`, after telling by `started` that it got here.
const SLOW: &str = "touch started; while [ ! -e go ]; do sleep 0.02; done";

struct Root {
    folder: PathBuf,
    layer: Layer,
    /// Removes the folder at the end.
    temporary: Option<tempfile::TempDir>,
}

impl Root {
    async fn new(main: &str) -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let mut root = Self::at(temporary.path()).await;
        root.temporary = Some(temporary);
        fs::write(&root.folder.join("main.tf"), main.as_bytes()).unwrap();
        root.layer.init().await.unwrap();
        root
    }

    async fn at(folder: &Path) -> Self {
        let terraform = Terraform::find(None, Engine::Real).await.unwrap();
        let layer = terraform.layer(folder, &folder.join("runs"), "foundation");
        Self { folder: folder.to_owned(), layer, temporary: None }
    }

    fn tfplan(&self) -> PathBuf {
        self.folder.join("runs/tfplan")
    }

    async fn plan(&self) -> bool {
        self.layer.plan(&self.tfplan(), &mut |_| {}).await.unwrap()
    }

    async fn apply(&self) -> Applied {
        self.layer.apply(&self.tfplan(), &Cancel::new(), &mut |_| {}).await.unwrap()
    }

    fn is_locked(&self) -> bool {
        self.layer.local_lock().unwrap().is_some()
    }

    /// Leaves a terraform that was started by a process which is dead by now.
    async fn orphan(&self) {
        let mut helper = self.helper("apply");
        while !fs::exists(&self.folder.join("started")) {
            assert_eq!(helper.try_wait().unwrap(), None, "the helper ended early");
            tokio::time::sleep(std::time::Duration::from_millis(5)).await; // only the poll interval
        }
        helper.kill().unwrap();
        helper.wait().unwrap();
    }

    /// Starts the helper below, to plan or to apply.
    fn helper(&self, verb: &str) -> std::process::Child {
        #[expect(clippy::disallowed_methods, reason = "a second process that can be killed")]
        std::process::Command::new(std::env::current_exe().unwrap())
            .args(["helper_works_until_it_is_killed", "--ignored"])
            .env(FOLDER, &self.folder)
            .env(VERB, verb)
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap()
    }

    fn stream(&self) -> String {
        let path = self.folder.join("runs/terraform-foundation-apply.jsonl");
        String::from_utf8(fs::read(&path).unwrap()).unwrap()
    }
}

#[tokio::test]
async fn a_layer_from_nothing_to_an_empty_plan() {
    let root = Root::new(&configuration("true", "true")).await;
    assert_eq!(root.layer.state().await.unwrap(), None);
    let mut planned = Vec::new();
    let mut watch = |event| {
        if let Event::PlannedChange { address, .. } = event {
            planned.push(address);
        }
    };
    assert!(root.layer.plan(&root.tfplan(), &mut watch).await.unwrap());
    assert_eq!(planned, ["terraform_data.first", "terraform_data.second", "terraform_data.third"]);

    let plan = root.layer.show(&root.tfplan()).await.unwrap();
    assert_eq!(plan.layer, "foundation");
    assert!(plan.changes.iter().all(|change| change.action == Action::Create));
    assert!(!format!("{plan:?}").contains("canary"));

    let Applied::Complete(progress) = root.apply().await else { panic!("complete") };
    assert_eq!(progress.done.len(), 3);
    assert_eq!(progress.summary.unwrap().add, 3);
    assert!(!root.plan().await, "a second plan is empty");
    assert!(root.layer.show(&root.tfplan()).await.unwrap().is_empty());

    let outputs = root.layer.outputs().await.unwrap();
    assert_eq!(outputs.keys().collect::<Vec<_>>(), ["first"], "a sensitive output is left out");
    assert_eq!(root.layer.state().await.unwrap().unwrap().resources, 3);
}

#[tokio::test]
async fn a_plan_without_changes_is_read_without_terraform_printing_it() {
    let root = Root::new(&configuration("true", "true")).await;
    let read = async |refresh| {
        let options = Plan { refresh, ..Plan::default() };
        root.layer.plan_and_read(&root.tfplan(), &options, &mut |_| {}).await.unwrap()
    };
    assert_eq!(read(Refresh::Before).await.changes.len(), 3, "a plan with changes is printed");
    let _ = root.apply().await;

    let planned = read(Refresh::Before).await;
    assert_eq!(planned, root.layer.show(&root.tfplan()).await.unwrap(), "as it would be printed");
    assert_eq!(planned.unchanged, 3);
    assert!(planned.outputs.contains_key("first") && !planned.outputs.contains_key("password"));

    let looked = read(Refresh::Only).await;
    assert_eq!(looked.drift, root.layer.show(&root.tfplan()).await.unwrap().drift);
    assert!(looked.is_empty());
}

#[tokio::test]
async fn plans_and_streams_are_for_the_owner_only() {
    let root = Root::new(&configuration("true", "true")).await;
    root.plan().await;
    let _ = root.apply().await;
    for name in ["tfplan", "terraform-foundation-plan.jsonl", "terraform-foundation-apply.jsonl"] {
        let mode = root.folder.join("runs").join(name).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    let mode = root.folder.join("runs").metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

#[tokio::test]
async fn a_plan_that_was_applied_is_stale() {
    let root = Root::new(&configuration("true", "true")).await;
    root.plan().await;
    let _ = root.apply().await;
    let again = root.layer.apply(&root.tfplan(), &Cancel::new(), &mut |_| {}).await;
    let text = again.unwrap_err().to_string();
    assert!(text.starts_with("error: failed to apply layer foundation\n"), "{text}");
    assert!(text.contains("because: Saved plan is stale: "), "{text}");
    assert!(text.contains("next: run the same command again: it plans anew"), "{text}");
}

#[tokio::test]
async fn an_error_in_the_third_resource_leaves_two_and_the_next_run_goes_on() {
    let root = Root::new(&configuration("true", "test -e go")).await;
    root.plan().await;
    let applied = root.apply().await;
    let Applied::Partial(progress) = &applied else { panic!("{applied:?}") };
    assert_eq!(progress.done, ["terraform_data.first", "terraform_data.second"]);
    assert_eq!(progress.failed, ["terraform_data.third"]);
    let text = applied.failure("apply layer foundation", None).unwrap().to_string();
    assert!(text.contains("\n  at: terraform_data.third\n"), "{text}");
    assert!(text.contains("because: local-exec provisioner error: "), "{text}");

    fs::write(&root.folder.join("go"), b"").unwrap();
    assert!(root.plan().await);
    let plan = root.layer.show(&root.tfplan()).await.unwrap();
    assert_eq!(plan.changes.len(), 1);
    assert!(plan.changes[0].tainted);
    assert!(matches!(root.apply().await, Applied::Complete(_)));
}

#[tokio::test]
async fn an_interrupt_stops_safely_and_a_second_one_never_reaches_terraform() {
    let root = Root::new(&configuration(SLOW, "true")).await;
    root.plan().await;
    let cancel = Cancel::new();
    let (mut asked, mut explained, mut locked) = (0, 0, false);
    let mut watch = |event| match event {
        Event::ApplyStart { address, .. } if address == "terraform_data.second" => {
            locked = root.is_locked();
            cancel.request();
        }
        Event::AskedToStop => {
            asked += 1;
            cancel.request();
        }
        Event::StillWaiting { .. } => explained += 1,
        _ => {}
    };
    let applied = root.layer.apply(&root.tfplan(), &cancel, &mut watch).await.unwrap();
    let Applied::Interrupted(progress) = &applied else { panic!("{applied:?}") };
    assert_eq!(progress.done, ["terraform_data.first"]);
    assert!(locked, "it held the lock while it worked");
    assert_eq!((asked, explained), (1, 1));
    assert!(root.stream().contains("Interrupt received"), "it got the first");
    assert!(!root.stream().contains("Two interrupts received"), "and never a second");
    assert!(!root.is_locked(), "the lock is free");
    assert_eq!(root.layer.state().await.unwrap().unwrap().resources, 2, "first, tainted second");
}

#[tokio::test]
async fn an_apply_does_not_start_after_an_interrupt() {
    let root = Root::new(&configuration("touch started", "true")).await;
    root.plan().await;
    let cancel = Cancel::new();
    cancel.request();
    let applied = root.layer.apply(&root.tfplan(), &cancel, &mut |_| {}).await.unwrap();
    assert!(matches!(applied, Applied::Interrupted(_)));
    assert!(!fs::exists(&root.folder.join("started")));
    assert_eq!(root.layer.state().await.unwrap(), None);
}

/// Not a test: the process that gets killed in the tests below.
#[tokio::test]
#[ignore = "started by another test, in a process of its own"]
async fn helper_works_until_it_is_killed() {
    #[expect(clippy::disallowed_methods, reason = "how the test tells its helper what to do")]
    let given = |name| std::env::var_os(name).expect("told by the test that starts it");
    let root = Root::at(Path::new(&given(FOLDER))).await;
    if given(VERB) == "plan" {
        let _ = root.plan().await;
    } else {
        let _ = root.apply().await;
    }
}

#[tokio::test]
async fn terraform_finishes_when_landfall_is_killed_and_a_later_run_attaches() {
    let root = Root::new(&configuration(SLOW, "true")).await;
    root.plan().await;
    root.orphan().await;

    let busy = root.layer.apply(&root.tfplan(), &Cancel::new(), &mut |_| {}).await.unwrap_err();
    assert!(busy.to_string().contains("still writing there"), "{busy}");

    let go = root.folder.join("go");
    let mut seen = Vec::new();
    let mut watch = |event| {
        if let Event::ApplyStart { address, .. } = event {
            if address == "terraform_data.second" {
                fs::write(&go, b"").unwrap();
            }
            seen.push(address);
        }
    };
    let applied = root.layer.attach(&Cancel::new(), &mut watch).await.unwrap();
    let applied = applied.expect("terraform still ran");
    let Applied::Complete(progress) = &applied else { panic!("{applied:?}") };
    assert_eq!(progress.done.len(), 3);
    assert_eq!(seen.len(), 3, "what was before is replayed: {seen:?}");
    assert!(!root.is_locked());
    assert!(!root.plan().await, "everything is there");
    let nobody = root.layer.attach(&Cancel::new(), &mut |_| {}).await.unwrap();
    assert!(nobody.is_none());
}

#[tokio::test]
async fn an_orphan_hears_the_interrupt_of_a_later_run() {
    let root = Root::new(&configuration(SLOW, "true")).await;
    root.plan().await;
    root.orphan().await;
    let cancel = Cancel::new();
    cancel.request();
    let applied = root.layer.attach(&cancel, &mut |_| {}).await.unwrap();
    assert!(matches!(applied, Some(Applied::Interrupted(_))), "{applied:?}");
    assert!(!root.is_locked());
}

#[tokio::test]
async fn a_plan_that_nobody_will_read_is_stopped_and_frees_the_state() {
    let root = Root::new(r#"output "text" { value = file("text") }"#).await;
    let text = root.folder.join("text");
    // Terraform waits where it reads the file until somebody has written it.
    rustix::fs::mkfifoat(rustix::fs::CWD, &text, 0o600.into()).unwrap();
    let mut helper = root.helper("plan");
    let writer = std::fs::OpenOptions::new().write(true).open(&text).unwrap();
    helper.kill().unwrap();
    helper.wait().unwrap();
    assert!(root.is_locked(), "it plans");

    let stream = root.folder.join("runs/terraform-foundation-plan.jsonl");
    let goes_on = async {
        while !String::from_utf8_lossy(&fs::read(&stream).unwrap()).contains("Interrupt received") {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await; // only the poll interval
        }
        fs::remove_file(&text).unwrap();
        fs::write(&text, b"text").unwrap();
        drop(writer);
    };
    let (stopped, ()) = tokio::join!(root.layer.stop_plan(), goes_on);
    assert!(stopped.unwrap());
    assert!(!root.is_locked());
    assert!(!root.layer.stop_plan().await.unwrap(), "nobody plans any more");
    assert!(root.plan().await);
}

#[tokio::test]
async fn a_state_that_was_not_saved_stops_the_next_apply_until_it_is_pushed() {
    let root = Root::new(&configuration("true", "true")).await;
    root.plan().await;
    let _ = root.apply().await;
    let stored = fs::read(&root.folder.join("terraform.tfstate")).unwrap();
    let errored = root.folder.join("errored.tfstate");
    fs::write(&errored, &stored).unwrap();

    let stopped = root.layer.apply(&root.tfplan(), &Cancel::new(), &mut |_| {}).await.unwrap_err();
    assert_eq!(stopped.what(), "terraform could not store the state of its last apply");
    root.layer.push_errored().await.unwrap();
    assert!(root.layer.errored().is_none(), "it was stored, and only the answer got lost");

    let text = String::from_utf8(stored.clone()).unwrap();
    let other = text.replace("canary-password", "another-password");
    assert_ne!(other, text);
    fs::write(&errored, other.as_bytes()).unwrap();
    let same = root.layer.push_errored().await.unwrap_err().to_string();
    assert!(same.contains("stored state: lineage"), "an equal serial is no successor: {same}");

    let serial = root.layer.state().await.unwrap().unwrap().serial;
    let newer = String::from_utf8(stored)
        .unwrap()
        .replace(&format!("\"serial\": {serial}"), &format!("\"serial\": {}", serial + 3));
    fs::write(&errored, newer.as_bytes()).unwrap();
    root.layer.push_errored().await.unwrap();
    assert!(root.layer.errored().is_none());
    assert_eq!(root.layer.state().await.unwrap().unwrap().serial, serial + 3);
}

#[tokio::test]
async fn a_wrong_value_names_the_key_that_produced_it() {
    let root = Root::new(&configuration("true", "true")).await;
    fs::write(&root.folder.join("terraform.tfvars"), b"size = \"huge\"\n").unwrap();
    let layer = root.layer.clone().with_lookup(Arc::new(|name: &str| {
        (name == "size").then(|| "`database.main.size` in environment.hcl:14:3".to_owned())
    }));
    let failed = layer.plan(&root.tfplan(), &mut |_| {}).await.unwrap_err().to_string();
    assert!(failed.contains("at: terraform.tfvars:1:8"), "{failed}");
    assert!(failed.contains("size must be small or large"), "{failed}");
    assert!(
        failed.contains("next: check `database.main.size` in environment.hcl:14:3"),
        "{failed}"
    );
}

#[tokio::test]
async fn broken_configurations_fail_with_a_place_in_every_command() {
    let root = Root::new("locals { a = 1 }").await;
    fs::write(&root.folder.join("main.tf"), b"output \"a\" { value = local.b }\n").unwrap();
    let invalid = root.layer.validate().await.unwrap_err().to_string();
    assert!(invalid.contains("at: main.tf:1:22"), "{invalid}");
    assert!(invalid.contains("undeclared local value"), "{invalid}");
    fs::write(&root.folder.join("main.tf"), b"resource {\n").unwrap();
    let text = root.layer.init().await.unwrap_err().to_string();
    assert!(text.starts_with("error: failed to initialise layer foundation\n"), "{text}");
    let unreadable = root.layer.show(&root.folder.join("nothing")).await.unwrap_err().to_string();
    assert!(unreadable.contains("Failed to read the given file"), "{unreadable}");
}

#[tokio::test]
async fn a_destroy_plan_and_a_look_without_refresh() {
    let root = Root::new(&configuration("true", "true")).await;
    root.plan().await;
    let _ = root.apply().await;
    let skip = Plan { refresh: Refresh::Skip, unlocked: true, ..Plan::default() };
    assert!(!root.layer.plan_with(&root.tfplan(), &skip, &mut |_| {}).await.unwrap());
    let destroy = Plan { destroy: true, ..Plan::default() };
    assert!(root.layer.plan_with(&root.tfplan(), &destroy, &mut |_| {}).await.unwrap());
    let plan = root.layer.show(&root.tfplan()).await.unwrap();
    assert!(plan.changes.iter().all(|change| change.action == Action::Delete), "{plan:?}");
    let applied = root.apply().await;
    assert!(matches!(applied, Applied::Complete(_)), "{applied:?}");
    assert_eq!(root.layer.state().await.unwrap().unwrap().resources, 0);
}
