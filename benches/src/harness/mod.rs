//! How things are measured: in rounds, in which every contender has its turn, so that what else the machine does hits
//! all of them. Ratios are formed within a round.

pub(crate) mod contender;
pub(crate) mod peer;
pub(crate) mod rounds;
pub(crate) mod scale;
pub(crate) mod series;
pub(crate) mod threads;

pub(crate) use contender::{Batch, Contender};
pub(crate) use peer::Peer;
pub(crate) use scale::Counts;
