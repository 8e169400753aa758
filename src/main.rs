//! The door: hands over to [`landfall::cli`] and turns what comes back into an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    landfall::cli::main()
}
