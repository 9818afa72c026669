//! The send-once right.

use std::num::NonZeroU32;

use crate::calls;
use crate::right::kind::RightKind;
use crate::right::owned::{is_dead, right};

/// The right to send one message to a port, mostly a reply.
///
/// Exactly one message comes of it: if it is dropped unused, the kernel sends the receiver a send-once
/// notification in its place ([`Notification::SendOnce`](crate::Notification::SendOnce)).
#[derive(PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct SendOnceRight(NonZeroU32);

right!(SendOnceRight, RightKind::SendOnce, calls::deallocate);

impl SendOnceRight {
    /// Whether the port has been destroyed. `false` may be out of date at once, `true` never is.
    #[must_use]
    pub fn is_dead(&self) -> bool {
        is_dead(self.name())
    }
}
