//! What children do.

use std::time::Duration;

use mach_ports::{Message, ReceiveOptions, SendError, SendOptions};
use rendezvous_client::{ConnectOptions, RendezvousClient};
use rendezvous_tests::LONG;

use crate::Outcome;

/// A send right to the parent's port.
pub(crate) const HOME: u32 = 1;
/// A receive right of the parent's.
pub(crate) const MOVED: u32 = 2;
/// The id of what a child says once it has done its part.
pub(crate) const DONE: i32 = 100;

/// Plays a part.
pub(crate) fn play(part: &str) -> Outcome<()> {
    match part {
        "greet" => {
            let client = connect()?;
            let home = client.take_send(HOME)?.ok_or("no way home")?;
            Message::new(DONE).send(&home, &patient())?;
        }
        "flood" => flood()?,
        "move" => {
            let client = connect()?;
            let home = client.take_send(HOME)?.ok_or("no way home")?;
            let moved = client.take_receive(MOVED)?.ok_or("no receive right")?;
            let message = moved.receive(&ReceiveOptions::new().timeout(LONG))?;
            let back = Message::new(DONE).move_receive(moved).data(message.body());
            back.send(&home, &patient())?;
        }
        // Until it is killed.
        "wait" => loop {
            std::thread::park();
        },
        "take-and-wait" => {
            let client = connect()?;
            let home = client.take_send(HOME)?.ok_or("no way home")?;
            Message::new(DONE).send(&home, &patient())?;
            loop {
                std::thread::park();
            }
        }
        "leave" => {}
        _ => return Err(format!("no part {part}").into()),
    }
    Ok(())
}

fn connect() -> Outcome<RendezvousClient> {
    Ok(RendezvousClient::connect(
        &ConnectOptions::new().deadline(LONG),
    )?)
}

fn patient() -> SendOptions {
    SendOptions::new().timeout(LONG)
}

/// Sends until the parent's queue is full, and then once more, with rights and memory.
fn flood() -> Outcome<()> {
    let home = connect()?.take_send(HOME)?.ok_or("no way home")?;
    let at_once = SendOptions::new().timeout(Duration::ZERO);
    for number in 0..10_000 {
        let message = Message::new(number % DONE).copy_send(&home);
        let message = message.out_of_line(vec![1; 5000]);
        match message.send(&home, &at_once) {
            Ok(()) => {}
            Err(SendError::TimedOut(_)) => break,
            Err(error) => return Err(error.into()),
        }
    }
    Message::new(DONE).send(&home, &patient())?;
    Ok(())
}
