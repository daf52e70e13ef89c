//! The command `sio-types`.

use std::process::ExitCode;

fn main() -> ExitCode {
    sio_types_cli::main()
}
