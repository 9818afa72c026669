//! What a locked-up process must still be able to do.

use std::io;
use std::process::{Command, Stdio};
use std::time::Duration;

use launcher::{Launcher, RendezvousServer, key};
use mach_ports::{Message, OolMemory, ReceiveOptions, ReceiveRight, SendOptions, SharedMemory};
use rendezvous_client::RendezvousClient;

use crate::Outcome;

const LONG: Duration = Duration::from_secs(60);

pub(crate) fn obey(name: &str, value: &str) -> Option<Outcome> {
    Some(match name {
        "say" => Ok(value.to_owned()),
        "reflect" => reflect().map_err(io::Error::other),
        "threads" => threads(value),
        "panic" => panic_in_a_thread(),
        "start-thread" => start_thread(),
        "shared" => shared(value).map_err(io::Error::other),
        "helper" => helper(value).map_err(io::Error::other),
        "run" => run(value),
        "status" => sandbox::Status::of(std::process::id().cast_signed())
            .map(|status| format!("{} {}", status.no_new_privileges, status.locks)),
        "umask" => Ok(format!("{:o}", umask())),
        _ => return None,
    })
}

fn umask() -> u32 {
    let mask = nix::sys::stat::umask(nix::sys::stat::Mode::empty());
    nix::sys::stat::umask(mask);
    mask.bits().into()
}

/// Takes its ports, and sends back the out-of-line memory that it receives, with a send right to a port of its own; then says
/// what comes there.
fn reflect() -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
    let client = RendezvousClient::instance()?;
    let work = client.take_receive(key(b"work"))?.ok_or("no work")?;
    let answers = client.take_send(key(b"answ"))?.ok_or("no answers")?;
    let options = ReceiveOptions::new().timeout(LONG);
    let mut message = work.receive(&options)?;
    let memory = message.take_memory(0).ok_or("no memory")?;
    let sum: u64 = memory.iter().map(|byte| u64::from(*byte)).sum();
    let mut back = memory.to_vec();
    back.reverse();
    let own = ReceiveRight::new()?;
    Message::new(1)
        .out_of_line(OolMemory::copy_of(&back)?)
        .right(own.make_send()?)
        .send(&answers, &SendOptions::new().timeout(LONG))?;
    let reply = own.receive(&options)?;
    Ok(format!(
        "{} bytes, sum {sum}, then {}",
        memory.len(),
        reply.id()
    ))
}

fn threads(count: &str) -> Outcome {
    let count: usize = count.parse().map_err(io::Error::other)?;
    let all: Vec<_> = (0..count)
        .map(|number| {
            std::thread::Builder::new()
                .name(format!("worker {number}"))
                .spawn(move || number)
        })
        .collect::<io::Result<_>>()?;
    let sum: usize = all
        .into_iter()
        .map(|thread| thread.join().expect("it ends"))
        .sum();
    Ok(format!("sum {sum}"))
}

/// The panic's message, with its backtrace, goes to standard error.
fn panic_in_a_thread() -> Outcome {
    let ended = std::thread::spawn(deep_inside).join();
    Ok(format!("panicked {}", ended.is_err()))
}

#[inline(never)]
fn deep_inside() {
    panic!("on purpose");
}

/// One that does not end.
fn start_thread() -> Outcome {
    std::thread::Builder::new().spawn(|| {
        loop {
            std::thread::park();
        }
    })?;
    Ok("started".to_owned())
}

fn shared(size: &str) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
    let memory = SharedMemory::new(size.parse()?)?;
    Ok(format!("{} bytes", memory.len()))
}

/// Starts this program again as a helper of its own.
fn helper(command: &str) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
    let server = RendezvousServer::unnamed()?;
    let port = ReceiveRight::new()?;
    let output = Launcher::new(std::env::current_exe()?)
        .server(&server)
        .port(key(b"port"), port.make_send()?)
        .arg(command)
        .stdin(launcher::Stdio::Inherit)
        .output()?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn run(program: &str) -> Outcome {
    let status = Command::new(program).stdin(Stdio::inherit()).status()?;
    Ok(format!("ended with {}", status.code().unwrap_or(-1)))
}
