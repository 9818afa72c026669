//! One round: as many children as fit, each with a part that is drawn.

use std::fmt;

use launcher::{Launcher, RendezvousServer, Stdio};
use mach_ports::{Message, ReceiveOptions, ReceiveRight, ReceivedMessage, SendOptions};
use rendezvous_tests::LONG;

use crate::Outcome;
use crate::child::{DONE, HOME, MOVED};

/// Threads that launch children at the same time.
const THREADS: usize = 4;
/// Children of each, one after the other.
const CHILDREN: usize = 6;
/// The parts, and whether who plays it is killed.
const PARTS: [(&str, bool); 6] = [
    ("greet", false),
    ("flood", false),
    ("move", false),
    ("leave", false),
    ("wait", true),
    ("take-and-wait", true),
];

/// What has been done.
#[derive(Debug, Default)]
pub(crate) struct Done {
    rounds: u64,
    launches: u64,
    kills: u64,
    messages: u64,
    moves: u64,
}

impl fmt::Display for Done {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            rounds,
            launches,
            kills,
            messages,
            moves,
        } = self;
        write!(
            f,
            "{rounds} rounds, {launches} launches, {kills} kills, {messages} messages, {moves} rights moved back"
        )
    }
}

impl Done {
    fn add(&mut self, other: &Self) {
        self.launches += other.launches;
        self.kills += other.kills;
        self.messages += other.messages;
        self.moves += other.moves;
    }
}

/// The next number of a course that its seed determines (a linear congruence; the high half is the better one).
fn draw(seed: &mut u64, below: usize) -> usize {
    *seed = seed
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    (*seed >> 33) as usize % below
}

/// Plays one.
pub(crate) fn round(server: &RendezvousServer, seed: &mut u64, done: &mut Done) -> Outcome<()> {
    let parts: Vec<Vec<usize>> = (0..THREADS)
        .map(|_| (0..CHILDREN).map(|_| draw(seed, PARTS.len())).collect())
        .collect();
    let played: Vec<Outcome<Done>> = std::thread::scope(|scope| {
        let threads = parts
            .iter()
            .map(|parts| scope.spawn(|| launches(server, parts)));
        let threads: Vec<_> = threads.collect();
        let joined = threads.into_iter().map(|thread| thread.join());
        joined
            .map(|played| played.unwrap_or_else(|_| Err("a thread panicked".into())))
            .collect()
    });
    for played in played {
        done.add(&played?);
    }
    done.rounds += 1;
    Ok(())
}

fn launches(server: &RendezvousServer, parts: &[usize]) -> Outcome<Done> {
    let mut done = Done::default();
    for part in parts {
        let (part, killed) = PARTS[*part];
        launch(server, part, killed, &mut done).map_err(|error| format!("{part}: {error}"))?;
    }
    Ok(done)
}

/// Receives all that a child says, up to the last.
fn hear(port: &ReceiveRight, done: &mut Done) -> Outcome<ReceivedMessage> {
    loop {
        let message = port.receive(&ReceiveOptions::new().timeout(LONG))?;
        done.messages += 1;
        if message.id() == DONE {
            return Ok(message);
        }
    }
}

fn launch(server: &RendezvousServer, part: &str, killed: bool, done: &mut Done) -> Outcome<()> {
    let [port, moved] = [ReceiveRight::new()?, ReceiveRight::new()?];
    let to_moved = moved.make_send()?;
    Message::new(1)
        .data(b"on its way")
        .send(&to_moved, &SendOptions::new())?;
    let mut launcher = Launcher::new(std::env::current_exe()?);
    launcher
        .args(["child", part])
        .server(server)
        .stdin(Stdio::Null);
    let child = launcher
        .port(HOME, port.make_send()?)
        .port(MOVED, moved)
        .kill_on_drop(true)
        .spawn()?;
    done.launches += 1;
    if !matches!(part, "wait" | "leave") {
        let mut last = hear(&port, done)?;
        if part == "move" {
            let moved = last.take_receive(0)?.ok_or("it came without it")?;
            Message::new(2).send(&to_moved, &SendOptions::new().timeout(LONG))?;
            let message = moved.receive(&ReceiveOptions::new().timeout(LONG))?;
            if message.id() != 2 {
                return Err("another message".into());
            }
            done.moves += 1;
        }
    }
    if killed {
        child.kill()?;
        done.kills += 1;
    }
    let status = child.wait_timeout(LONG)?.ok_or("it goes on")?;
    if !killed && !status.success() {
        return Err(format!("{status}").into());
    }
    child
        .wait_rendezvous(LONG)
        .filter(launcher::Rendezvous::is_settled)
        .ok_or("nobody knows what became of its ports")?;
    Ok(())
}
