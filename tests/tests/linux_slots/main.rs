//! Linux: send-once rights that are slots of the link that their message went by, and what ends them.
//!
//! In each test the first side is the requester, which makes the rights, and the second the replier, which has them. That
//! the rights are slots shows by the sockets that they do not cost.
//!
//! - `life`: replies, rights given up, the end of either side;
//! - `departure`, `sequences`: ports that die or move, last send rights that go, one thing after the other;
//! - `crossing`: whatever one side does meets whatever the other does, on the way; `third`: a third task;
//! - `ends`, `room`, `shortage`: a side that is killed, links that are full, no descriptors;
//! - `idle`: nobody is woken by what has ended; `many`: nothing is left behind.
//!
//! Peers that break the rules are in `linux_hostile`.
#![cfg(target_os = "linux")]

mod crossing;
mod departure;
mod ends;
mod idle;
mod life;
mod many;
mod room;
mod sequences;
mod shortage;
mod sides;
mod stopping;
mod third;
