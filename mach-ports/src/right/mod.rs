//! Owned port rights.
//!
//! A value of one of these types is one reference to one right in this task's name space: dropping the
//! value releases exactly that reference. The kernel gives all send and receive rights of one port the
//! same name, so a [`ReceiveRight`] and a [`SendRight`] may show the same [`Name`] and still be two things.
//!
//! ```
//! use mach_ports::ReceiveRight;
//!
//! let port = ReceiveRight::new()?;
//! let right = port.make_send()?;
//! assert_eq!(right.clone().references()?, 2);
//! assert_eq!(right.references()?, 1);
//! drop(port);
//! assert!(right.is_dead()); // the name stays, as a dead name
//! # Ok::<(), mach_ports::Error>(())
//! ```
//!
//! A forked child holds none of its parent's rights (its name space starts empty), so values that it
//! inherited must be forgotten there, not dropped.

mod any;
mod receive;
mod send;
mod send_once;

#[cfg(test)]
mod tests;

use std::num::NonZeroU32;

pub use any::{AnyRight, RightKind};
pub use receive::{PortStatus, ReceiveRight};
pub use send::SendRight;
pub use send_once::SendOnceRight;

use crate::calls::{self, DEAD, Name};
use crate::error::Error;
use crate::ffi::port::MACH_PORT_TYPE_DEAD_NAME;

/// One of the three kinds of owned right; implemented by them and by nothing else.
pub trait Right: Sized + sealed::Sealed {
    /// Which of the three it is.
    const KIND: RightKind;

    /// The name under which the task holds it.
    fn name(&self) -> Name;

    /// Gives up ownership without releasing the reference.
    fn into_raw(self) -> Name;

    /// Takes ownership of one reference; `None` for `MACH_PORT_NULL` and `MACH_PORT_DEAD`.
    ///
    /// # Safety
    ///
    /// This task holds a right of this kind, or the dead name that such a right became, under `name`,
    /// and one reference of it has no other owner.
    unsafe fn from_raw(name: Name) -> Option<Self>;
}

mod sealed {
    pub trait Sealed {}
}

/// Neither null nor dead: a name under which something can be held.
fn valid(name: Name) -> Option<NonZeroU32> {
    NonZeroU32::new(name).filter(|name| name.get() != DEAD)
}

/// Whether the port that the name meant is gone. A name that nothing can be found under counts as dead.
fn is_dead(name: Name) -> bool {
    calls::port_type(name).map_or(true, |bits| bits & MACH_PORT_TYPE_DEAD_NAME != 0)
}

/// A release that the kernel refuses means that someone else released the reference: worth a warning,
/// never a panic, for it is met in a destructor.
fn warn_unreleased(name: Name, kind: RightKind, error: Error) {
    tracing::warn!(name, ?kind, %error, "a right could not be released");
}

/// Gives a newtype of a name the parts that all rights share. `$release` releases one reference.
macro_rules! right {
    ($type:ident, $kind:expr, $release:expr) => {
        impl $crate::right::sealed::Sealed for $type {}

        impl $type {
            /// The name under which the task holds it.
            #[must_use]
            pub fn name(&self) -> $crate::Name {
                self.0.get()
            }

            /// Gives up ownership without releasing the reference.
            #[must_use = "the reference is never released unless the name is owned again"]
            pub fn into_raw(self) -> $crate::Name {
                std::mem::ManuallyDrop::new(self).name()
            }

            /// Takes ownership of one reference; `None` for `MACH_PORT_NULL` and `MACH_PORT_DEAD`.
            ///
            /// # Safety
            ///
            /// This task holds a right of this kind, or the dead name that such a right became, under
            /// `name`, and one reference of it has no other owner.
            #[must_use]
            pub unsafe fn from_raw(name: $crate::Name) -> Option<Self> {
                $crate::right::valid(name).map(Self)
            }
        }

        impl $crate::right::Right for $type {
            const KIND: $crate::RightKind = $kind;

            fn name(&self) -> $crate::Name {
                self.0.get()
            }

            fn into_raw(self) -> $crate::Name {
                std::mem::ManuallyDrop::new(self).name()
            }

            unsafe fn from_raw(name: $crate::Name) -> Option<Self> {
                $crate::right::valid(name).map(Self)
            }
        }

        impl Drop for $type {
            fn drop(&mut self) {
                let release: fn($crate::Name) -> Result<(), $crate::Error> = $release;
                if let Err(error) = release(self.name()) {
                    $crate::right::warn_unreleased(self.name(), $kind, error);
                }
            }
        }

        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($type), "({:#x})"), self.name())
            }
        }

        // The layout is part of the promise: an `Option` of a right is a name, and `None` is MACH_PORT_NULL.
        const _: () = assert!(size_of::<Option<$type>>() == size_of::<$crate::Name>());
    };
}
pub(crate) use right;

/// Releases one reference that a message's descriptor or header says is held under a name.
pub(crate) fn release(name: Name, kind: RightKind) {
    // SAFETY: the caller owns the reference and gives it up here.
    drop(unsafe { AnyRight::from_raw(name, kind) });
}
