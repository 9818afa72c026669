//! Whether a sending end and a receiving end belong together: what goes into the one must come out of the other.

use std::os::fd::AsFd;

use crate::kernel::Kernel;
use crate::kernel::ids::LinkKey;
use crate::kernel::right::Right;
use crate::sys::random;
use crate::wire::parcel;
use crate::wire::tree::Packet;

impl Kernel {
    /// Sends a number nobody can guess into `sending` and sees whether it comes out of `link`, from this process.
    ///
    /// All that was in the link before is in its port's queue afterwards.
    pub(super) fn belong_together(&mut self, sending: &impl AsFd, link: LinkKey) -> bool {
        self.drain_link(link);
        let nonce = random::number();
        self.probe = Some((link, nonce));
        let sent = parcel::send(sending.as_fd(), &Packet::Probe(nonce));
        if let Err(errno) = sent {
            self.probe = None;
            // A link that this task has just emptied has room, unless it is another one than it claims to be.
            tracing::debug!(%errno, "a probe could not be sent");
            return false;
        }
        self.drain_link(link);
        // Taken when it came out, and only then.
        self.probe.take().is_none()
    }

    /// Finds the receiving end of a link that a right claims to belong to, and proves the claim.
    pub(super) fn own_receiving_end(
        &mut self,
        sending: &impl AsFd,
        link: u64,
        via: u64,
    ) -> Option<Right> {
        if via != 0
            && let Some(&over) = self.receiving.get(&via)
        {
            // The receiving end was sent ahead over a link of this task's: it is among what waits there.
            self.drain_link(over);
        }
        let receiving = *self.receiving.get(&link)?;
        if !self.belong_together(sending, receiving) {
            return None;
        }
        let ended = self.remove_link(receiving)?;
        Some(self.copy_send(ended.port))
    }
}
