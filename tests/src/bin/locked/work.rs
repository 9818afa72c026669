//! What a locked-up process must still be able to do.

use std::io;
use std::process::{Command, Stdio};
use std::time::Duration;

use launcher::{Launcher, RendezvousServer, key};
use mach_ports::{Message, OolMemory, ReceiveOptions, ReceiveRight, SendOptions, SharedMemory};
use rendezvous_client::RendezvousClient;
use sandbox::Profile;

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
        "read-all" => std::fs::read(value).map(|bytes| format!("{} bytes", bytes.len())),
        "calls" => calls(),
        "helper" => helper(value, None).map_err(io::Error::other),
        "locked-helper" => helper(value, Some(Profile::ports_only())).map_err(io::Error::other),
        "helper-locked-up" => Ok(refused_launch()),
        "run" => run(value),
        "status" => sandbox::Status::of(std::process::id().cast_signed())
            .map(|status| format!("{} {}", status.no_new_privileges, status.locks)),
        "umask" => Ok(umask()),
        "pid" => Ok(std::process::id().to_string()),
        "line" => std::io::stdin()
            .lines()
            .next()
            .transpose()
            .map(|line| line.unwrap_or_default()),
        _ => return None,
    })
}

fn umask() -> String {
    let mask = nix::sys::stat::umask(nix::sys::stat::Mode::empty());
    nix::sys::stat::umask(mask);
    format!("{:o}", mask.bits())
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
    let first = memory[0];
    let mut back = memory.to_vec();
    back.reverse();
    let own = ReceiveRight::new()?;
    Message::new(1)
        .out_of_line(OolMemory::copy_of(&back)?)
        .right(own.make_send()?)
        .send(&answers, &SendOptions::new().timeout(LONG))?;
    let reply = own.receive(&options)?;
    Ok(format!(
        "{} bytes from {first} on, then {}",
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

/// Sequences of Mach calls, kept ones and random ones: what the model of them says.
fn calls() -> Outcome {
    use proptest::test_runner::TestCaseError;
    use rendezvous_tests::model::call::Call;
    use rendezvous_tests::model::player::Player;
    use rendezvous_tests::model::{drawn, kept, real, step};

    let player = || Player::new(1, |_, call: &Call| real::run(call));
    for kept in kept::IN_ONE_TASK {
        let mut player = player();
        let played = player.replay(kept);
        player.finish(played).map_err(io::Error::other)?;
    }
    let played = drawn::runner(100).run(&step::steps(60), |draws| {
        let mut player = player();
        let played = player.follow(&draws);
        player.finish(played).map_err(TestCaseError::fail)
    });
    played.map_err(|error| io::Error::other(error.to_string()))?;
    Ok("as the model says".to_owned())
}

fn shared(size: &str) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
    let memory = SharedMemory::new(size.parse()?)?;
    Ok(format!("{} bytes", memory.len()))
}

/// Starts this program again as a helper of its own.
fn helper(
    command: &str,
    profile: Option<Profile>,
) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
    let server = RendezvousServer::unnamed()?;
    let port = ReceiveRight::new()?;
    let mut launcher = Launcher::new(std::env::current_exe()?);
    if let Some(profile) = profile {
        launcher.profile(profile);
    }
    let output = launcher
        .server(&server)
        .port(key(b"port"), port.make_send()?)
        .arg(command)
        .stdin(launcher::Stdio::Inherit)
        .output()?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Why a helper is not launched, up to where the causes begin.
fn refused_launch() -> String {
    let launched = Launcher::new("true").profile(Profile::ports_only()).spawn();
    match launched {
        Ok(_) => "launched".to_owned(),
        Err(error) => {
            let text = format!("{:?}: {}", error.step(), error.cause());
            text.split("): ")
                .next()
                .map_or_else(String::new, |begin| format!("{begin})"))
        }
    }
}

fn run(program: &str) -> Outcome {
    let status = Command::new(program).stdin(Stdio::inherit()).status()?;
    Ok(format!("ended with {}", status.code().unwrap_or(-1)))
}
