//! The command `volwatch`.

use std::process::ExitCode;

fn main() -> ExitCode {
    volwatch::command::main()
}
