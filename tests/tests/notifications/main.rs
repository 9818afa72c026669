//! Notifications: how they are asked for, and what brings each.

mod dead_names;
mod no_senders;
mod port_destroyed;
mod requests;
mod send_once;
mod send_possible;
