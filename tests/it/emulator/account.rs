//! An emulated account and a repository whose environment is pinned to it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use landfall::cloud::Cloud as _;
use landfall::cloud::aws::Aws;
use serde_json::{Value, json};

use crate::support::{DEMO, Root, Said, Terminal, wait_until};
use crate::validate::configuration;

/// The account that every fixture is pinned to; the emulator takes any.
const ACCOUNT: &str = "111122223333";

/// The environment of the smallest kit.
pub(crate) const BEAT: &str = "beat-preview";

/// The environment of the kit whose database takes passwords.
pub(crate) const TURNS: &str = "turns-preview";

/// What is piped in where a kit has supplied secrets.
pub(crate) const LICENCE: &str = "a-licence-of-no-value";

/// An emulator that ends with this value, and a root for it.
pub(crate) struct Emulated {
    pub(crate) root: Root,
    pub(crate) name: &'static str,
    /// What it printed when it was ready.
    told: Value,
    serving: Child,
}

impl Emulated {
    /// The demo: a database, visitors, a secret that a person supplies.
    pub(crate) fn demo() -> Self {
        Self::start(Root::demo(), DEMO)
    }

    /// The smallest kit, whose install takes seconds.
    pub(crate) fn beat() -> Self {
        Self::start(Root::fixture("beat"), BEAT)
    }

    /// A database that takes passwords, and a worker that writes into it.
    pub(crate) fn turns() -> Self {
        Self::start(Root::fixture("turns"), TURNS)
    }

    fn start(mut root: Root, name: &'static str) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/emulator/serve.py");
        let mut command = Command::new(python());
        command.arg(script).args(["--account", ACCOUNT, "--folder"]).arg(root.kept("emulator"));
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut serving = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(serving.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let told: Value = serde_json::from_str(&line).expect("the emulator did not start");
        let providers = configuration(&root.kept("terraform"));
        for (name, value) in [
            ("AWS_ENDPOINT_URL", told["endpoint"].as_str().unwrap()),
            ("AWS_ACCESS_KEY_ID", "emulated"),
            ("AWS_SECRET_ACCESS_KEY", "emulated"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("TF_CLI_CONFIG_FILE", providers.to_str().unwrap()),
        ] {
            root.set(name, value);
        }
        Self { root, name, told, serving }
    }

    /// The same account for a repository in another folder.
    pub(crate) fn move_to(&mut self, root: Root) -> Root {
        let mut root = root;
        root.take_variables(&self.root);
        std::mem::replace(&mut self.root, root)
    }

    /// A command of landfall with the engine.
    pub(crate) fn arguments<'a>(&self, verb: &'a str, more: &[&'a str]) -> Vec<&'a str> {
        [&[verb, self.name, "--engine", "emulator"], more].concat()
    }

    pub(crate) fn landfall(&self, verb: &str, more: &[&str]) -> Said {
        self.root.landfall(&self.arguments(verb, more))
    }

    /// Plans, and runs without a terminal with the approval of exactly that.
    pub(crate) fn approved_by_digest(&self, verb: &str) -> Said {
        let digest = self.landfall("plan", &[]).ends_with(0).digest();
        let approval = ["--approve", &digest, "--secrets", "-"];
        let secrets = format!("licence={LICENCE}\n");
        self.root.piped(&self.arguments(verb, &approval), &secrets)
    }

    /// Runs to its end, approved at a terminal.
    pub(crate) fn approved(&self, verb: &str) -> Said {
        self.at_terminal(verb, &[]).end()
    }

    /// A run at a terminal, approved.
    pub(crate) fn at_terminal(&self, verb: &str, more: &[&str]) -> Terminal {
        let mut terminal = Terminal::landfall(&self.root, &self.arguments(verb, more));
        terminal.approves();
        terminal
    }

    /// The environment's folder.
    pub(crate) fn folder(&self) -> PathBuf {
        self.root.path().join("environments").join(self.name)
    }

    /// Terraform by hand in a layer of a repository, as anybody would without Landfall.
    pub(crate) fn terraform(&self, repository: &Path, layer: &str, arguments: &[&str]) -> Output {
        let mut command = Command::new("terraform");
        let folder = repository.join("environments").join(self.name).join("terraform").join(layer);
        command.args(arguments).arg("-no-color").current_dir(folder);
        self.root.clean(&mut command);
        command.output().expect("terraform is needed in PATH for this test")
    }

    /// The folder of the newest run that applied something.
    pub(crate) fn newest_run(&self) -> PathBuf {
        let runs = std::fs::read_dir(self.folder().join("runs")).unwrap();
        let runs = runs.map(|run| run.unwrap().path());
        runs.filter(|run| run.join("terraform-foundation-apply.jsonl").exists())
            .max()
            .expect("a run")
    }

    /// The newest run's record of how it ended.
    pub(crate) fn receipt(&self) -> Value {
        let text = std::fs::read(self.newest_run().join("receipt.json")).unwrap();
        serde_json::from_slice(&text).unwrap()
    }

    /// What terraform said in the newest run.
    pub(crate) fn stream(&self, layer: &str, command: &str) -> String {
        let file = self.newest_run().join(format!("terraform-{layer}-{command}.jsonl"));
        std::fs::read_to_string(file).unwrap()
    }

    /// Name of the state bucket.
    pub(crate) fn bucket(&self) -> String {
        format!("landfall-{ACCOUNT}-eu-central-1-{}", self.name)
    }

    /// How the tests themselves reach the account.
    pub(crate) fn sdk_config(&self) -> aws_config::SdkConfig {
        aws_config::SdkConfig::builder()
            .endpoint_url(self.told["endpoint"].as_str().unwrap())
            .region(aws_config::Region::new("eu-central-1"))
            .behavior_version(aws_config::BehaviorVersion::latest())
            .credentials_provider(aws_credential_types::provider::SharedCredentialsProvider::new(
                aws_credential_types::Credentials::new("emulated", "emulated", None, None, "tests"),
            ))
            .http_client(
                aws_smithy_http_client::Builder::new()
                    .tls_provider(aws_smithy_http_client::tls::Provider::Rustls(
                        aws_smithy_http_client::tls::rustls_provider::CryptoMode::Ring,
                    ))
                    .build_https(),
            )
            .build()
    }

    /// What a run needs of the account, for the tests themselves.
    pub(crate) fn cloud<T>(&self, ask: impl AsyncFnOnce(Aws) -> T) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async { ask(Aws::with_config(&self.sdk_config(), ACCOUNT)).await })
    }

    /// An object of the state bucket.
    pub(crate) fn object(&self, key: &str) -> Option<Vec<u8>> {
        let object = self.cloud(async |aws| aws.get_object(&self.bucket(), key).await);
        object.unwrap().map(|object| object.body)
    }

    /// Writes an object of the state bucket.
    pub(crate) fn put_object(&self, key: &str, body: &Value) {
        let body = body.to_string().into_bytes();
        self.cloud(async |aws| aws.put_object(&self.bucket(), key, body).await).unwrap();
    }

    /// Asks the emulator for something that AWS would not do on demand.
    pub(crate) fn control(&self, name: &str, body: &Value) -> Value {
        self.http("POST", name, &body.to_string())
    }

    /// Asks the emulator for what it has seen.
    pub(crate) fn look(&self, name: &str) -> Value {
        self.http("GET", name, "")
    }

    /// Lets the nth call of an operation be carried out and its answer wait.
    pub(crate) fn hold(&self, service: &str, operation: &str) {
        self.control("hold", &json!({ "service": service, "operation": operation }));
    }

    /// Waits until a call is held.
    #[track_caller]
    pub(crate) fn until_held(&self) {
        wait_until("a call that is held", || self.look("held") != json!([]));
    }

    pub(crate) fn release(&self) {
        self.control("release", &json!({}));
    }

    /// How often an operation was asked for.
    pub(crate) fn asked(&self, service: &str, operation: &str) -> usize {
        let requests = self.look("requests");
        let fits = |it: &&Value| it["service"] == service && it["operation"] == operation;
        requests.as_array().unwrap().iter().filter(fits).count()
    }

    /// The smallest HTTP client: one request, one connection.
    fn http(&self, method: &str, name: &str, body: &str) -> Value {
        let endpoint = self.told["endpoint"].as_str().unwrap().trim_start_matches("http://");
        let mut stream = TcpStream::connect(endpoint).unwrap();
        write!(
            stream,
            "{method} /_control/{name} HTTP/1.1\r\nHost: {endpoint}\r\nConnection: close\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200"), "{method} {name}: {answer}");
        serde_json::from_str(body).unwrap()
    }
}

impl Drop for Emulated {
    /// The emulator ends everything that it started when nobody holds its input any more.
    fn drop(&mut self) {
        drop(self.serving.stdin.take());
        let _ = self.serving.wait();
    }
}

/// The Python that has what the emulators need.
pub(crate) fn python() -> PathBuf {
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let tools = std::env::var_os("LANDFALL_TOOLS").map(PathBuf::from);
    let places = [Some(PathBuf::from("/var/cache/landfall")), Some(home.join(".cache/landfall"))];
    let mut all = std::iter::once(tools).chain(places).flatten();
    all.find_map(|place| Some(place.join("emulator/bin/python")).filter(|it| it.exists()))
        .expect("no emulator: run `scripts/test`, which installs it")
}
