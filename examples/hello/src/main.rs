//! Parent and child: one send right, one message.

use std::env;
use std::error::Error;
use std::time::Duration;

use mach_rendezvous::{
    Launcher, Message, Profile, ReceiveOptions, ReceiveRight, RendezvousClient, SendOptions, key,
};

/// The child asks for its port by this.
const GREETINGS: u32 = key(b"helo");

fn main() -> Result<(), Box<dyn Error>> {
    match env::args_os().nth(1) {
        Some(argument) if argument == "child" => child(),
        _ => parent(),
    }
}

fn parent() -> Result<(), Box<dyn Error>> {
    let greetings = ReceiveRight::new()?;
    let child = Launcher::new(env::current_exe()?)
        .arg("child")
        .profile(Profile::ports_only())
        .port(GREETINGS, greetings.make_send()?)
        .spawn()?;

    let message = greetings.receive(&ReceiveOptions::new().timeout(Duration::from_secs(10)))?;
    let sender = message
        .audit_token()
        .ok_or("the kernel does not say who sent this")?;
    let greeting = message.data().ok_or("this is no greeting")?;
    println!(
        "process {} says: {}",
        sender.pid(),
        str::from_utf8(greeting)?
    );
    println!("the child {} ended with {}", child.id(), child.wait()?);
    Ok(())
}

fn child() -> Result<(), Box<dyn Error>> {
    let greetings = RendezvousClient::instance()?
        .take_send(GREETINGS)?
        .ok_or("the parent left no port")?;
    Message::new(1)
        .data(b"hello from your child")
        .send(&greetings, &SendOptions::new())?;
    Ok(())
}
