//! What takes part in a race.

use std::time::{Duration, Instant};

use crate::harness::Peer;
use crate::{Result, sys};

/// What one turn gave.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Batch {
    /// The time of one operation.
    pub(crate) each: Duration,
    /// How many there were.
    pub(crate) operations: usize,
    /// See [`Series::fairness`](crate::harness::series::Series).
    pub(crate) fairness: Option<f64>,
}

/// One way to do what the group is about.
pub(crate) struct Contender {
    pub(crate) name: String,
    // Before the peers: what it owns may have something to tell them in the end.
    turn: Box<dyn FnMut() -> Result<Batch>>,
    peers: Vec<Peer>,
}

impl Contender {
    /// A contender whose turns are what `turn` does, with the help of these processes.
    pub(crate) fn new(
        name: impl Into<String>,
        peers: impl IntoIterator<Item = Peer>,
        turn: impl FnMut() -> Result<Batch> + 'static,
    ) -> Self {
        Self {
            name: name.into(),
            peers: peers.into_iter().collect(),
            turn: Box::new(turn),
        }
    }

    /// A contender that does `once` a number of times in each turn; the turn's time is the median.
    pub(crate) fn repeating(
        name: impl Into<String>,
        peers: impl IntoIterator<Item = Peer>,
        times: usize,
        mut once: impl FnMut() -> Result<()> + 'static,
    ) -> Self {
        Self::timing(name, peers, times, move || {
            let begun = Instant::now();
            once()?;
            Ok(begun.elapsed())
        })
    }

    /// As [`repeating`](Self::repeating), where `once` says how long the part took that counts.
    pub(crate) fn timing(
        name: impl Into<String>,
        peers: impl IntoIterator<Item = Peer>,
        times: usize,
        mut once: impl FnMut() -> Result<Duration> + 'static,
    ) -> Self {
        let mut taken = Vec::with_capacity(times);
        Self::new(name, peers, move || {
            taken.clear();
            for _ in 0..times {
                taken.push(once()?);
            }
            taken.sort_unstable();
            Ok(Batch {
                each: taken[times / 2],
                operations: times,
                fairness: None,
            })
        })
    }

    /// A contender whose turn is a stream of `messages`; the turn's time is the mean.
    pub(crate) fn streaming(
        name: impl Into<String>,
        peers: impl IntoIterator<Item = Peer>,
        messages: usize,
        mut all: impl FnMut() -> Result<()> + 'static,
    ) -> Self {
        Self::new(name, peers, move || {
            let begun = Instant::now();
            all()?;
            Ok(Batch {
                each: begun.elapsed().div_f64(messages as f64),
                operations: messages,
                fairness: None,
            })
        })
    }

    /// One turn.
    pub(crate) fn turn(&mut self) -> Result<Batch> {
        (self.turn)().map_err(|error| format!("{}: {error}", self.name).into())
    }

    /// The processor time that this process, those it has waited for, and the peers have used so far.
    pub(crate) fn cpu_time(&self) -> Duration {
        let peers = self.peers.iter().map(|peer| sys::cpu_time(peer.id()));
        sys::own_cpu_time() + peers.sum::<Duration>()
    }
}
