//! What commands that reach a cloud have in common: site, engine, run.

use std::future::Future;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use super::interview::Interview;
use super::{Format, Global};
use crate::cancel::Cancel;
use crate::engine::{Engine, EngineName, Weight};
use crate::failure::{Failure, Result};
use crate::release::{foreign, vendor_modified};
use crate::report::{Reporter, Style, plural};
use crate::run::gates::Waivers;
use crate::run::{Run, Verb, new_run_id};
use crate::simulate::Killer;
use crate::site::{Loaded, Site};
use crate::workspace::Workspace;

/// Which cloud, and what goes wrong in a simulated one.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct EngineArguments {
    /// `real` is your account; `simulated` is one in .landfall/rehearsal/NAME: nothing real is read
    /// or changed; `emulator` is the real provider against the AWS emulator at `AWS_ENDPOINT_URL`
    #[arg(long, value_enum, default_value_t, global = true, hide_possible_values = true)]
    pub engine: EngineName,
    /// Let something go wrong in the simulated cloud, such as `create=aws_nat_gateway`,
    /// `job=migrate:exit=1` or `unhealthy=web`; may be given more than once
    #[arg(long = "fault", value_name = "FAULT", global = true)]
    pub faults: Vec<String>,
}

impl Global {
    /// The root, found from where the command was started.
    pub(super) fn site(&self) -> Result<Site> {
        Site::find(self.root.as_deref(), &current_folder()?)
    }

    /// How runs are told.
    pub(super) fn style(&self) -> Style {
        match self.format {
            Format::Json => Style::Json,
            Format::Human => Style::Human {
                terminal: std::io::stderr().is_terminal(),
                verbose: self.verbose,
                quiet: self.quiet,
            },
        }
    }

    /// Whether a person can be asked.
    pub(super) fn can_ask(&self) -> bool {
        !self.non_interactive && std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
    }
}

/// Where the command was started.
pub(super) fn current_folder() -> Result<PathBuf> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the door of every command: read once, passed on"
    )]
    std::env::current_dir()
        .map_err(|error| Failure::failed("cannot tell the current folder").caused_by(error))
}

/// Runs asynchronous work to its end.
pub(super) fn block_on<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::failed("cannot start").caused_by(error))?
        .block_on(work)
}

/// Makes a run and the engine that must outlive it.
pub(super) async fn start(
    global: &Global,
    site: &Site,
    loaded: Loaded,
    arguments: &EngineArguments,
    weight: Weight,
    interview: Interview,
    command: String,
) -> Result<(Run, Engine)> {
    let Loaded { environment, assets, kit_tree, bundle, written, kit } = loaded;
    let simulated = arguments.engine == EngineName::Simulated;
    if !simulated && !arguments.faults.is_empty() {
        return Err(Failure::input("`--fault` needs `--engine simulated`"));
    }
    let workspace = Workspace::render(&environment, &assets)?;
    let modified = vendor_modified(&assets);
    if !modified.is_empty() {
        let providers = environment.lock.providers.keys().map(String::as_str);
        foreign::refuse(workspace.texts(), providers)?;
    }
    let rehearsal = site.rehearsal(&environment.name);
    let terraform = global.terraform.as_deref();
    let engine = if simulated {
        site.private()?;
        crate::simulate::refuse_foreign(environment.target.cloud, workspace.texts())?;
        let configuration = workspace.configuration();
        let (target, faults) = (&environment.target, &arguments.faults);
        Engine::simulated(target, &rehearsal, &configuration, faults, terraform).await?
    } else if arguments.engine == EngineName::Emulator {
        Engine::emulator(&environment.target, weight, terraform).await?
    } else {
        Engine::real(&environment.target, weight, terraform).await?
    };
    let environments = if simulated { rehearsal.join("environments") } else { site.environments() };
    let reporter = Reporter::new(global.style());
    let cancel = Cancel::new();
    cancel
        .listen()
        .map_err(|error| Failure::failed("cannot listen for Ctrl-C").caused_by(error))?;
    let run = Run {
        id: new_run_id(),
        command,
        verb: Verb::Install,
        started: std::time::Instant::now(),
        workspace,
        kit_tree,
        bundle,
        signer: kit.signer.clone(),
        accepted_signer: None,
        written,
        retagged: false,
        preview: false,
        before: None,
        environments,
        engine: arguments.engine,
        overwrite: false,
        vendor_modified: modified.clone(),
        hand_edited: Mutex::default(),
        terraform: engine.terraform.clone(),
        cloud: engine.cloud.clone(),
        reporter,
        cancel,
        asks: Arc::new(interview),
        prepared: Mutex::default(),
        version_ids: Mutex::default(),
        pins: Mutex::default(),
        stopped_at: Mutex::default(),
        lock: Mutex::default(),
        waivers: Waivers::default(),
        waived: Mutex::default(),
        initialised: Mutex::default(),
        undrifted: Mutex::default(),
        environment,
    };
    run.reporter.record(&run.run_folder())?;
    if simulated {
        run.reporter.add(Box::new(Killer::new(&arguments.faults)?));
    }
    if let Some(note) = kit.note {
        run.reporter.note(note);
    }
    if let Some(first) = modified.first() {
        let count = plural(modified.len(), "file");
        run.reporter.note(format!(
            "{count} of the kit's templates and modules differ from the standard ones of this \
             Landfall (vendor-modified, or pinned by another version): {first}{}",
            if modified.len() > 1 { ", ..." } else { "" }
        ));
    }
    Ok((run, engine))
}
