//! The commands: one file each, with its arguments and a short `run`.

mod answers;
mod completions;
mod drift;
mod history;
mod init;
mod install;
mod interview;
mod kit;
mod kit_source;
mod plan;
mod rehearse;
mod release;
mod render;
mod rollback;
mod rotate;
mod secrets;
mod setup;
mod show;
mod status;
mod unlock;
mod update;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

use crate::failure::{Exit, Failure, Result};

/// Installs a vendor's product into your own cloud account and keeps it up to date: renders plain
/// Terraform from a kit and one file per environment, drives terraform to the end, and proves what
/// is running
#[derive(Debug, Parser)]
#[command(name = "landfall", version, max_term_width = 100, disable_help_subcommand = true)]
#[command(after_help = "\
Begin:       landfall rehearse            a whole install on a simulated cloud
             landfall init NAME --kit URL@TAG, then landfall install NAME
Exit codes:  0 done, 1 failed, 2 wrong input, 3 something differs, 4 not approved,
             5 serving but not fully verified, 130 interrupted")]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Option<Command>,
}

/// What every command understands.
#[derive(Debug, Clone, clap::Args)]
struct Global {
    /// Folder that holds environments/ (default: the nearest one upwards)
    #[arg(long, global = true, value_name = "DIR", help_heading = "Global options")]
    root: Option<PathBuf>,
    /// Ask nothing; what is missing is listed, all of it
    #[arg(long, global = true, help_heading = "Global options")]
    non_interactive: bool,
    /// For people, or one JSON object a line
    #[arg(long, global = true, value_enum, default_value_t, help_heading = "Global options")]
    format: Format,
    /// Tell failures and results only
    #[arg(short, long, global = true, conflicts_with = "verbose", help_heading = "Global options")]
    quiet: bool,
    /// Tell every resource
    #[arg(short, long, global = true, help_heading = "Global options")]
    verbose: bool,
    /// Path of terraform or tofu (default: terraform, then tofu, on PATH)
    #[arg(long, global = true, value_name = "PATH", help_heading = "Global options")]
    terraform: Option<PathBuf>,
}

/// For whom output is written. Its words have no help of their own: with it, every command's help
/// would be twice as long.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    #[default]
    Human,
    Json,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::Init),
    Render(render::Render),
    Show(show::Show),
    Plan(plan::Plan),
    Install(install::Install),
    Update(update::Update),
    Rollback(rollback::Rollback),
    Status(status::Status),
    Drift(drift::Drift),
    History(history::History),
    Secrets(secrets::Secrets),
    Unlock(unlock::Unlock),
    Rehearse(rehearse::Rehearse),
    Release(release::Release),
    Kit(kit::Kit),
    Completions(completions::Completions),
}

/// Parses, runs, prints what went wrong; the only place that decides an exit code.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // clap writes help and version to stdout with code 0, mistakes to stderr with 2.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let json = cli.global.format == Format::Json;
    match run(cli) {
        Ok(exit) => ExitCode::from(exit as u8),
        Err(failure) => {
            report(&failure, json);
            ExitCode::from(failure.exit() as u8)
        }
    }
}

fn run(cli: Cli) -> Result<Exit> {
    let global = &cli.global;
    match cli.command {
        None => status::Status::default().run(global),
        Some(Command::Init(command)) => command.run(global),
        Some(Command::Render(command)) => command.run(global),
        Some(Command::Show(command)) => command.run(global),
        Some(Command::Plan(command)) => command.run(global),
        Some(Command::Install(command)) => command.run(global),
        Some(Command::Update(command)) => command.run(global),
        Some(Command::Rollback(command)) => command.run(global),
        Some(Command::Status(command)) => command.run(global),
        Some(Command::Drift(command)) => command.run(global),
        Some(Command::History(command)) => command.run(global),
        Some(Command::Secrets(command)) => command.run(global),
        Some(Command::Unlock(command)) => command.run(global),
        Some(Command::Rehearse(command)) => command.run(global),
        Some(Command::Release(command)) => command.run(global),
        Some(Command::Kit(command)) => command.run(global),
        Some(Command::Completions(command)) => Ok(command.run()),
    }
}

fn report(failure: &Failure, json: bool) {
    if json {
        let line = serde_json::json!({
            "type": "failure",
            "exit": failure.exit() as u8,
            "what": failure.what(),
            "because": failure.reasons(),
        });
        let _ = writeln!(std::io::stdout().lock(), "{line}");
    }
    let _ = writeln!(std::io::stderr().lock(), "{failure}");
}

/// Data for a pipe. A reader that went away is not an error of ours.
fn print(text: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{}", text.trim_end());
}

/// Talk to a person.
fn say(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{}", text.trim_end());
}
