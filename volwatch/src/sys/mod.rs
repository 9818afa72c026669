//! What the two systems do differently. Each supplies the same functions:
//!
//! - `open_regular`: opens a file that is regular, without opening it if it is not;
//! - `mounts`: what is mounted, each volume once;
//! - `mount_number`: the number of the mount that something open is on;
//! - `WATCHES_ALL_WITHIN`: whether to watch a folder is to watch all that is in it;
//! - `MountChanges`: waits for something to be mounted or unmounted;
//! - `pin`: what keeps a volume mounted, for as long as it is open;
//! - `unmount`: unmounts a volume;
//! - `Logind`: who can delay a shutdown, where there is one;
//! - `die_with_parent`: has this process killed when its parent dies, where the system can;
//! - `set_owners`: what the system itself does for owners, if anything.

/// What logind says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "nobody says it"))]
pub(crate) enum Said {
    /// A shutdown begins.
    Begins,
    /// It was called off.
    CalledOff,
    /// Another logind is there.
    Appeared,
    /// It is gone.
    Gone,
}

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;

#[cfg(target_os = "linux")]
pub(crate) use linux::{
    Logind, MountChanges, WATCHES_ALL_WITHIN, die_with_parent, mount_number, mounts, open_regular,
    pin, set_owners, unmount,
};
#[cfg(target_os = "macos")]
pub(crate) use macos::{
    Logind, MountChanges, WATCHES_ALL_WITHIN, die_with_parent, mount_number, mounts, open_regular,
    pin, set_owners, unmount,
};
