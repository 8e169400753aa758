//! The simulated provider as a running server, for as long as the value lives.

use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread::JoinHandle;

use serde_json::json;
use tokio::sync::oneshot;

use super::account::Account;
use super::backend;
use super::catalogue::catalogue;
use super::faults::Faults;
use super::platform::Platform;
use super::provider::Served;
use super::server::serve;
use super::synthesise::{hash, hex};
use crate::failure::{Failure, Result};
use crate::fs;

/// Where a provider is asked for: Terraform's registry and `OpenTofu`'s.
const REGISTRIES: [&str; 2] = ["registry.terraform.io", "registry.opentofu.org"];

/// A unix socket's path has at most 107 bytes on Linux, 103 on macOS.
const LONGEST_PATH: usize = 100;

/// A simulated provider that serves; dropping it ends it and removes its socket.
///
/// It runs on a thread of its own, so it serves also while the caller blocks.
#[derive(Debug)]
pub struct Simulator {
    platform: Platform,
    folder: PathBuf,
    socket: String,
    /// Where terraform's states are: `http://127.0.0.1:PORT/TOKEN`.
    states: String,
    stand_in: StandIn,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Simulator {
    /// Starts to serve an account: the provider of the cloud that it is in. With the text of a configuration it serves only what that
    /// names, which makes every terraform command faster; without, everything that is known.
    ///
    /// When this returns, the socket is bound: terraform may start at once.
    pub fn start(
        account: Arc<Account>,
        faults: Arc<Faults>,
        configuration: Option<&str>,
    ) -> Result<Self> {
        Self::serve(account, faults, configuration, false)
    }

    /// Starts a provider whose plans already tell what the account will answer: the outputs of a
    /// plan are those of its apply, so later layers can be planned with them.
    pub fn foreseeing(
        account: Arc<Account>,
        faults: Arc<Faults>,
        configuration: &str,
    ) -> Result<Self> {
        Self::serve(account, faults, Some(configuration), true)
    }

    fn serve(
        account: Arc<Account>,
        faults: Arc<Faults>,
        configuration: Option<&str>,
        foresight: bool,
    ) -> Result<Self> {
        let platform = Platform::of(&account.identity());
        let known = catalogue(platform)?;
        let served = configuration.map_or_else(|| known.clone(), |text| known.cut_to(text));
        let states = Arc::clone(&account);
        let served = Arc::new(Served::new(served, account, faults, foresight));
        let stand_in = StandIn::start()?;
        let folder = socket_folder()?;
        let path = folder.join(platform.provider());
        let started = listen(&path, served, states);
        let Listening { states, stop, thread } = started.map_err(|error| {
            let _ = fs::remove_folder(&folder);
            Failure::failed("cannot start the simulated provider")
                .at(path.display().to_string())
                .caused_by(error)
        })?;
        let socket = path.display().to_string();
        let (stop, thread) = (Some(stop), Some(thread));
        Ok(Self { platform, folder, socket, states, stand_in, stop, thread })
    }

    /// The address under which terraform's `http` backend finds the states in a bucket of the
    /// account. Not for printing: whoever knows it may read and write them.
    pub fn states(&self, bucket: &str) -> String {
        format!("{}/{bucket}", self.states)
    }

    /// The value of `TF_REATTACH_PROVIDERS`. With it, terraform needs no mirror and no `init` of
    /// this provider, ignores version constraints, and leaves `.terraform.lock.hcl` alone.
    pub fn reattach(&self) -> String {
        let provider = json!({
            "Protocol": "grpc",
            "ProtocolVersion": 6,
            "Pid": self.stand_in.0.id(),
            "Test": true,
            "Addr": { "Network": "unix", "String": self.socket },
        });
        let name = self.platform.provider();
        let all =
            REGISTRIES.map(|registry| (format!("{registry}/hashicorp/{name}"), provider.clone()));
        serde_json::Value::Object(all.into_iter().collect()).to_string()
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        let _ = fs::remove_folder(&self.folder);
    }
}

/// The process that terraform is told serves the provider. Terraform kills it when it cannot dial
/// the socket, so it must not be us; and it looks once a second whether it lives and cancels every
/// call if it does not, so it must exist. `cat` waits for the end of its input, which comes when
/// this value is dropped or this process dies.
#[derive(Debug)]
struct StandIn(Child);

impl StandIn {
    #[expect(clippy::disallowed_methods, reason = "the one process that the simulator needs")]
    fn start() -> Result<Self> {
        let mut command = Command::new("cat");
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        // A group of its own: Ctrl-C is for terraform to answer.
        let child = command.process_group(0).spawn();
        child.map(Self).map_err(|error| {
            Failure::failed("cannot start the simulated provider's stand-in, cat").caused_by(error)
        })
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

/// A fresh folder that only this user may enter, with a name short enough for a socket in it.
fn socket_folder() -> Result<PathBuf> {
    use std::time::{SystemTime, UNIX_EPOCH};
    static COUNT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    let count = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    let process = std::process::id().to_le_bytes();
    let seed = hash(&[&process, &count.to_le_bytes(), &time.to_le_bytes()]);
    let name = format!("landfall-{}", hex(seed, 12));
    let mut base = std::env::temp_dir();
    if base.as_os_str().len() + name.len() + "//google".len() > LONGEST_PATH || !base.is_absolute()
    {
        base = PathBuf::from("/tmp");
    }
    let folder = base.join(name);
    fs::create_private_folder(&folder)?;
    Ok(folder)
}

/// What was bound, and the thread that serves it until `stop` is dropped.
struct Listening {
    states: String,
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

/// Binds the provider's socket and a loopback port for the states, and serves both on a thread.
fn listen(
    path: &std::path::Path,
    served: Arc<Served>,
    account: Arc<Account>,
) -> std::io::Result<Listening> {
    let listener = std::os::unix::net::UnixListener::bind(path)?;
    listener.set_nonblocking(true)?;
    let states_listener = std::net::TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0))?;
    states_listener.set_nonblocking(true)?;
    let token = random_token()?;
    let states = format!("http://{}/{token}", states_listener.local_addr()?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (stop, stopped) = oneshot::channel::<()>();
    let thread = std::thread::Builder::new().name("simulated-provider".to_owned());
    let thread = thread.spawn(move || {
        runtime.block_on(async move {
            let Ok(listener) = tokio::net::UnixListener::from_std(listener) else { return };
            let Ok(states) = tokio::net::TcpListener::from_std(states_listener) else { return };
            tokio::select! {
                () = serve(listener, served) => {}
                () = backend::serve(states, account, token) => {}
                _ = stopped => {}
            }
        });
    })?;
    Ok(Listening { states, stop, thread })
}

/// 32 hexadecimal digits that nobody can guess.
fn random_token() -> std::io::Result<String> {
    let mut bytes = [0; 16];
    ring::rand::SecureRandom::fill(&ring::rand::SystemRandom::new(), &mut bytes)
        .map_err(|_| std::io::Error::other("the operating system gave no random numbers"))?;
    Ok(format!("{:032x}", u128::from_le_bytes(bytes)))
}
