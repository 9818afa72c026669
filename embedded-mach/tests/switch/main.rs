//! Code written for `mach2` compiles after a change of one `use` line, and runs.
//!
//! The same files are checked against `mach2` itself wherever this package's tests are built for macOS.
#![allow(
    clippy::unwrap_used,
    reason = "the programs state what they expect, like tests"
)]

mod echo;
mod inspect;
mod items;
mod signatures;
mod table;

#[test]
fn a_client_and_a_server_exchange_rights_and_memory() {
    echo::run(&format!("org.example.switch.{}", std::process::id()));
}

#[test]
fn a_task_inspects_and_shares_its_memory() {
    inspect::run();
}
