//! Two processes call each other's routines of every kind again and again, and hold what they held before.
//!
//! An executable of its own: it counts what its whole process has.
#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

#[path = "wire/echo.rs"]
mod echo;
#[path = "wire/kinds.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod kinds;

use std::env;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use launcher::{Launcher, Stdio, key};
use mach_interface::server::serve_while_used;
use mach_interface::subsystem;
use mach_ports::{ReceiveRight, ReturnCode, census};
use rendezvous_client::RendezvousClient;

use echo::{Echo, every_kind};
use kinds::{KindsClient, KindsServer};

/// Ten thousand where it is fast, by `cargo test --release`.
const ROUNDS: usize = if cfg!(debug_assertions) { 500 } else { 10_000 };
const SOON: Duration = Duration::from_secs(60);
const PORT: u32 = key(b"kind");
/// Says to this program that it is the server.
const SERVER: &str = "MACH_INTERFACE_LEAKS_SERVER";
/// Threads that macOS's libraries start by themselves hold names of their own.
const NOISE: u64 = 20;

#[subsystem(base = 90)]
trait Held {
    /// How many names, references and descriptors the process has.
    fn held(&self) -> Result<[u64; 3], ReturnCode>;
}

struct Process;

impl Held for Process {
    fn held(&self) -> Result<[u64; 3], ReturnCode> {
        Ok(held())
    }
}

fn held() -> [u64; 3] {
    let names = census::names().unwrap();
    let references = names.iter().map(|entry| u64::from(entry.references)).sum();
    let descriptors = std::fs::read_dir("/dev/fd").unwrap().count();
    [names.len() as u64, references, descriptors as u64]
}

/// What the other process does; nothing, if this is not it.
#[test]
fn server() {
    if env::var_os(SERVER).is_none() {
        return;
    }
    let client = RendezvousClient::instance().unwrap();
    let port = client.take_receive(PORT).unwrap().unwrap();
    let echo = KindsServer::new(Echo {
        port: Arc::new(ReceiveRight::new().unwrap()),
        oneway: mpsc::channel().0,
    });
    let held = HeldServer::new(Process);
    serve_while_used(port, vec![Box::new(echo), Box::new(held)]).unwrap();
}

/// Every kind, and a routine that fails with all that it was given.
fn round(client: &KindsClient) {
    every_kind(client);
    let right = ReceiveRight::new().unwrap();
    let given = right.make_send().unwrap();
    let failed = client.refuse(Some(given), &[1; 100], 5).unwrap_err();
    assert_eq!(failed.code(), ReturnCode::new(5));
}

#[test]
fn calls_of_every_kind_leave_nothing() {
    let port = ReceiveRight::new().unwrap();
    let right = port.make_send().unwrap();
    let child = Launcher::new(env::current_exe().unwrap())
        .args(["--exact", "server"])
        .env(SERVER, "1")
        .stdout(Stdio::Null)
        .port(PORT, port)
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let client = KindsClient::new(right.clone()).with_timeout(SOON);
    let other = HeldClient::new(right).with_timeout(SOON);
    // What is made once and kept by design is made in the first rounds.
    (0..20).for_each(|_| round(&client));
    let before = (held(), other.held().unwrap());
    (0..ROUNDS).for_each(|_| round(&client));
    let after = (held(), other.held().unwrap());
    for (before, after) in [(before.0, after.0), (before.1, after.1)] {
        for (before, after) in before.into_iter().zip(after) {
            assert!(after < before + NOISE, "{before} became {after}");
        }
    }
    // The server ends when nobody can call it.
    drop((client, other));
    assert!(child.wait_timeout(SOON).unwrap().unwrap().success());
}
