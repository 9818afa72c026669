//! Launches children, kills some, is flooded by others, moves rights back and forth, and holds after each round exactly what
//! it held before:
//!
//! ```sh
//! cargo run --release -p mach-rendezvous-tests --bin soak -- --seconds 600
//! ```
//!
//! `--seed N` has it draw another course; which one it was is said at the beginning. In the end it says what it has done.
//!
//! - `round`: what happens in one; `child`: what its children do; `held`: what the parent has.

mod child;
mod held;
mod round;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use launcher::RendezvousServer;

use held::Held;
use round::{Done, round};

/// What came of it, or what went wrong.
type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let result = match arguments.next().as_deref() {
        Some("child") => child::play(&arguments.next().unwrap_or_default()),
        first => options(first.map(str::to_owned).into_iter().chain(arguments))
            .and_then(|(time, seed)| soak(time, seed)),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("soak: {error}");
            ExitCode::FAILURE
        }
    }
}

/// For how long, and from which seed.
fn options(mut words: impl Iterator<Item = String>) -> Outcome<(Duration, u64)> {
    let (mut seconds, mut seed) = (60, 1);
    while let Some(word) = words.next() {
        let value = words.next().and_then(|value| value.parse().ok());
        match (word.as_str(), value) {
            ("--seconds", Some(value)) => seconds = value,
            ("--seed", Some(value)) => seed = value,
            _ => return Err("usage: soak [--seconds N] [--seed N]".into()),
        }
    }
    Ok((Duration::from_secs(seconds), seed))
}

fn soak(time: Duration, seed: u64) -> Outcome<()> {
    println!("seed {seed}, {} s", time.as_secs());
    let started = Instant::now();
    let server = RendezvousServer::unnamed()?;
    let (mut seed, mut done) = (seed, Done::default());
    // What is made once for all is there after the first rounds.
    for _ in 0..3 {
        round(&server, &mut seed, &mut done)?;
    }
    let before = Held::now()?;
    let mut shown = started;
    while started.elapsed() < time {
        round(&server, &mut seed, &mut done)?;
        before.must_be_all()?;
        if shown.elapsed() > Duration::from_secs(30) {
            shown = Instant::now();
            println!(
                "{:5} s: {done}; {}",
                started.elapsed().as_secs(),
                Held::now()?
            );
        }
    }
    println!("{done} in {} s", started.elapsed().as_secs());
    println!("before: {before}; after: {}", Held::now()?);
    Ok(())
}
