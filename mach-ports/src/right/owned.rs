//! What the three kinds of owned right have in common.

use std::num::NonZeroU32;

use crate::calls::{self, DEAD, Name};
use crate::error::Error;
use crate::ffi::port::MACH_PORT_TYPE_DEAD_NAME;
use crate::right::kind::RightKind;

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

pub(super) mod sealed {
    pub trait Sealed {}
}

/// Neither null nor dead: a name under which something can be held.
pub(super) fn valid(name: Name) -> Option<NonZeroU32> {
    NonZeroU32::new(name).filter(|name| name.get() != DEAD)
}

/// Whether the port that the name meant is gone. A name that nothing can be found under counts as dead.
pub(super) fn is_dead(name: Name) -> bool {
    calls::port_type(name).map_or(true, |bits| bits & MACH_PORT_TYPE_DEAD_NAME != 0)
}

/// A release that the kernel refuses means that someone else released the reference: worth a warning,
/// never a panic, for it is met in a destructor.
pub(super) fn warn_unreleased(name: Name, kind: RightKind, error: Error) {
    tracing::warn!(name, ?kind, %error, "a right could not be released");
}

/// Gives a newtype of a name the parts that all rights share. `$release` releases one reference.
macro_rules! right {
    ($type:ident, $kind:expr, $release:expr) => {
        impl $crate::right::owned::sealed::Sealed for $type {}

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
                $crate::right::owned::valid(name).map(Self)
            }
        }

        impl $crate::right::owned::Right for $type {
            const KIND: $crate::right::kind::RightKind = $kind;

            fn name(&self) -> $crate::Name {
                self.0.get()
            }

            fn into_raw(self) -> $crate::Name {
                std::mem::ManuallyDrop::new(self).name()
            }

            unsafe fn from_raw(name: $crate::Name) -> Option<Self> {
                $crate::right::owned::valid(name).map(Self)
            }
        }

        impl Drop for $type {
            fn drop(&mut self) {
                let release: fn($crate::Name) -> Result<(), $crate::Error> = $release;
                if let Err(error) = release(self.name()) {
                    $crate::right::owned::warn_unreleased(self.name(), $kind, error);
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
pub(super) use right;
