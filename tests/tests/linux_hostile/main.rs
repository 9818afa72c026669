//! Linux: what a process can do that speaks the embedded Mach's wire format and lies.
//!
//! The liar is a second process with raw sockets. Whatever it sends, names of the victim's join nothing that did not
//! come from the liar, a packet that breaks a rule is dropped whole with its descriptors, its link is closed, and the
//! victim goes on receiving from others.
//!
//! - `sockets`: a peer that knows nothing of the format, and does with its socket what it likes;
//! - `malformed`: packets that break a rule; `claims`: packets that keep them all, and lie;
//! - `budget`: how much one process makes another hold; `sparse`: files that say to be large;
//! - `names`: bootstrap names that come with a receive right, and listening sockets that are shared;
//! - `slots`: packets about replies over the link that a request came by;
//! - `lingering`: descriptors that take for ever to be closed; `fuse`: a file system of the liar's own;
//! - `shared`: links of which a stranger keeps a copy, and holds up who reads them;
//! - `packet`, `socket`: how all of these are written and sent.
#![cfg(target_os = "linux")]

mod budget;
mod claims;
mod fuse;
mod lingering;
mod malformed;
mod names;
mod packet;
mod shared;
mod slots;
mod socket;
mod sockets;
mod sparse;
