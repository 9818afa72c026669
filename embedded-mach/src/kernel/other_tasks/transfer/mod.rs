//! Rights that leave for another task, or come from one.
//!
//! A right that leaves leaves with a link of its own. What arrives is recognised on the word of the kernel below:
//! by the number of a socket that this task made, by a probe that comes out of the other end of a link, or because
//! the same process sent the same port before.

#[cfg(test)]
mod apart;
mod arriving;
mod leaving;
#[cfg(test)]
mod liars;
mod probe;
mod told;

pub(crate) use leaving::Why;
pub(crate) use probe::Probe;
pub(crate) use told::{Told, ToldBy};
