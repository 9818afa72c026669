//! Typed interfaces over Mach messages: MIG's role, in Rust, on MIG's wire.
//!
//! A trait says what a server offers; [`subsystem`] makes the client, the server's side and the checks of it. The bytes
//! are those of Apple's MIG, so that C programs with stubs that MIG generated are clients of Rust servers and servers of
//! Rust clients.
//!
//! [`Server`] has an example of both sides, [`kind`] a table of what arguments can be, and [`wire`] the messages alone, for
//! those who receive by a loop of their own.

// The macros name the crate as its users do.
#[allow(unused_extern_crates)]
extern crate self as mach_interface;

pub mod client;
pub mod code;
pub mod describe;
pub mod kind;
pub mod server;
mod token;
pub mod wire;
pub mod work_loop;

#[cfg(feature = "tokio")]
pub use client::AsyncClient;
pub use client::{CallError, Client, ConnectError, Limits, TypedClient};
pub use code::Refusal;
pub use kind::{
    Array, CopySend, Counted, FixedText, Inline, Kind, Kinds, MakeSend, MakeSendOnce, Moved, Ool,
    OolArray, OolPorts, Plain, PortReceive, PortSend, PortSendOnce, Ports, PortsUpTo, Room, Text,
    Value, ValueWithRights,
};
pub use mach_interface_derive::{Plain, subsystem};
pub use server::{Deferred, DeferredReply, Server, Subsystem};
pub use token::SecurityToken;

/// What the code that [`subsystem`] and the derive macros write refers to.
#[doc(hidden)]
pub mod export {
    pub use mach_ports::{Disposition, ReceiveRight, SendOnceRight, SendRight};
}
