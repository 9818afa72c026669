//! A message with everything that it owns.

// What a stranger sent trips no index and no sum.
#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)
)]

use zerocopy::native_endian::U64;

use crate::message::descriptor::{Descriptor, Entry};
use crate::message::disposition::moved_kind;
use crate::message::layout::{DESCRIPTORS_AT, HEADER_SIZE, PortDescriptor};
use crate::message::memory::{OolMemory, take_words};
use crate::message::wire::Wire;
use crate::right::{AnyRight, Right, RightKind, release};

/// A message's bytes *are* the record of what it owns: each right in the header or in a descriptor that has
/// a moving disposition, each memory region whose deallocate flag is set. Taking a right out blanks its
/// name; dropping the parcel releases what is left.
#[derive(Debug)]
pub(crate) struct Parcel {
    pub(crate) wire: Wire,
    /// Where the descriptors end and the inline bytes begin.
    pub(crate) body_at: usize,
    /// All descriptors are port descriptors, so they can be indexed without walking.
    only_ports: bool,
}

/// The message's descriptors contradict its size, or are of an unknown kind.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

impl Parcel {
    /// A message without descriptors or rights.
    pub(crate) fn new(id: i32) -> Self {
        let mut wire = Wire::new();
        let mut header = wire.header();
        header.id = id;
        wire.set_header(header);
        Self {
            wire,
            body_at: HEADER_SIZE,
            only_ports: true,
        }
    }

    /// Takes over a message that the kernel wrote into `wire`. Of a malformed one, what can be made out
    /// is released.
    ///
    /// # Safety
    ///
    /// The message is as the kernel delivered it, and nothing of it has been released or taken.
    pub(crate) unsafe fn from_kernel(wire: Wire) -> Result<Self, Malformed> {
        let mut parcel = Self {
            wire,
            body_at: HEADER_SIZE,
            only_ports: true,
        };
        let count = parcel.wire.descriptor_count();
        if parcel.wire.header().is_complex() {
            parcel.body_at = DESCRIPTORS_AT;
        }
        for _ in 0..count {
            let Some((mut entry, size)) = Entry::read(&parcel.wire, parcel.body_at) else {
                return Err(Malformed);
            };
            parcel.adopt(&mut entry);
            parcel.only_ports &= matches!(entry, Entry::Port(_));
            parcel.body_at = parcel.body_at.saturating_add(size);
            if entry.view().is_none() {
                return Err(Malformed);
            }
        }
        if parcel.body_at > parcel.wire.len() {
            Err(Malformed)
        } else {
            Ok(parcel)
        }
    }

    /// The receiver must free memory that arrived, whatever its deallocate flag says; from here on the
    /// flag says so.
    fn adopt(&mut self, entry: &mut Entry) {
        match entry {
            Entry::Memory(memory) => {
                memory.deallocate = u8::from(memory.size > 0);
                memory.pad1 = 0;
                self.wire.write(self.body_at, memory);
            }
            Entry::Ports(ports) => {
                ports.deallocate = u8::from(ports.count > 0);
                self.wire.write(self.body_at, ports);
            }
            Entry::Port(_) | Entry::Guarded(_) => {}
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.wire.descriptor_count() as usize
    }

    /// Where descriptor `index` stands.
    fn locate(&self, index: usize) -> Option<usize> {
        if index >= self.count() {
            return None;
        }
        if self.only_ports {
            let before = index.saturating_mul(size_of::<PortDescriptor>());
            return Some(DESCRIPTORS_AT.saturating_add(before));
        }
        let mut at = DESCRIPTORS_AT;
        for _ in 0..index {
            at = at.saturating_add(Entry::read(&self.wire, at)?.1);
        }
        Some(at)
    }

    pub(crate) fn descriptors(&self) -> impl Iterator<Item = Descriptor> + '_ {
        let mut at = DESCRIPTORS_AT;
        (0..self.count()).map_while(move |_| {
            let (entry, size) = Entry::read(&self.wire, at)?;
            at = at.saturating_add(size);
            entry.view()
        })
    }

    pub(crate) fn descriptor(&self, index: usize) -> Option<Descriptor> {
        Entry::read(&self.wire, self.locate(index)?)?.0.view()
    }

    /// Takes the right of a port descriptor; `None` if there is none (any more).
    pub(crate) fn take_right(&mut self, index: usize) -> Option<AnyRight> {
        let at = self.locate(index)?;
        let (Entry::Port(mut port), _) = Entry::read(&self.wire, at)? else {
            return None;
        };
        let kind = moved_kind(port.disposition.into())?;
        let name = std::mem::take(&mut port.name);
        self.wire.write(at, &port)?;
        // SAFETY: the message owned the right; blanking the name has given it up.
        unsafe { AnyRight::from_raw(name, kind) }
    }

    /// Takes the memory of an out-of-line descriptor; `None` if there is none (any more).
    pub(crate) fn take_memory(&mut self, index: usize) -> Option<OolMemory> {
        let at = self.locate(index)?;
        let (Entry::Memory(mut memory), _) = Entry::read(&self.wire, at)? else {
            return None;
        };
        if memory.pad1 != 0 {
            return None;
        }
        let (address, size) = (memory.address.get() as usize, memory.size as usize);
        // A byte that the kernel makes no use of tells a region that was taken from one that was empty.
        (memory.address, memory.size, memory.deallocate, memory.pad1) = (U64::new(0), 0, 0, 1);
        self.wire.write(at, &memory)?;
        // SAFETY: the message owned the region; blanking the descriptor has given it up.
        Some(unsafe { OolMemory::from_raw(address, size) })
    }

    /// Takes an array of rights of kind `R`; `None` for a place that held no right.
    pub(crate) fn take_rights<R: Right>(&mut self, index: usize) -> Option<Vec<Option<R>>> {
        let at = self.locate(index)?;
        let (Entry::Ports(mut ports), _) = Entry::read(&self.wire, at)? else {
            return None;
        };
        if moved_kind(ports.disposition.into()) != Some(R::KIND) {
            return None;
        }
        let (address, count) = (ports.address.get() as usize, ports.count);
        (ports.address, ports.count, ports.deallocate) = (U64::new(0), 0, 0);
        self.wire.write(at, &ports)?;
        // SAFETY: the message owned the array; blanking the descriptor has given it up.
        let names = unsafe { take_words(address, count) };
        // SAFETY: and so it did with the rights in it.
        Some(
            names
                .into_iter()
                .map(|name| unsafe { R::from_raw(name) })
                .collect(),
        )
    }

    /// Takes the right in the header's remote port.
    pub(crate) fn take_remote(&mut self) -> Option<AnyRight> {
        let mut header = self.wire.header();
        let (name, kind) = (header.remote, moved_kind(header.remote_disposition())?);
        header.set_remote(0, 0);
        self.wire.set_header(header);
        // SAFETY: the message owned the right; blanking the name has given it up.
        unsafe { AnyRight::from_raw(name, kind) }
    }

    /// Takes the right in the header's local port.
    pub(crate) fn take_local(&mut self) -> Option<AnyRight> {
        let mut header = self.wire.header();
        let (name, kind) = (header.local, moved_kind(header.local_disposition())?);
        header.set_local(0, 0);
        self.wire.set_header(header);
        // SAFETY: the message owned the right; blanking the name has given it up.
        unsafe { AnyRight::from_raw(name, kind) }
    }

    /// Forgets everything: the kernel has taken the message.
    pub(crate) fn sent(&mut self) {
        self.wire.clear();
    }
}

impl Drop for Parcel {
    fn drop(&mut self) {
        drop(self.take_remote());
        drop(self.take_local());
        let header = self.wire.header();
        if header.voucher_disposition() != 0 {
            // A voucher arrives only where it was asked for, always as a send right.
            release(header.voucher, RightKind::Send);
        }
        let mut at = DESCRIPTORS_AT;
        for _ in 0..self.wire.descriptor_count() {
            let Some((entry, size)) = Entry::read(&self.wire, at) else {
                break;
            };
            // SAFETY: the record says what is still owned, and nobody reads it again.
            unsafe { entry.release() };
            at = at.saturating_add(size);
        }
        self.wire.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ffi::message as raw;
    use crate::right::SendRight;

    /// A complex message as a kernel would deliver it, but with these bytes behind the header. None names
    /// anything that could be released.
    fn parse(count: u32, descriptors: &[u8]) -> Result<Parcel, Malformed> {
        let mut wire = Wire::new();
        let mut header = wire.header();
        header.bits = raw::MACH_MSGH_BITS_COMPLEX;
        wire.set_header(header);
        wire.append(&count.to_ne_bytes());
        wire.append(descriptors);
        // SAFETY: it owns nothing.
        unsafe { Parcel::from_kernel(wire) }
    }

    const fn descriptor<const N: usize>(disposition: u8, type_: u32) -> [u8; N] {
        let mut bytes = [0; N];
        (bytes[10], bytes[11]) = (disposition, type_ as u8);
        bytes
    }

    const PORT: [u8; 12] = descriptor(17, raw::MACH_MSG_PORT_DESCRIPTOR);
    const MEMORY: [u8; 16] = descriptor(0, raw::MACH_MSG_OOL_DESCRIPTOR);
    const PORTS: [u8; 16] = descriptor(18, raw::MACH_MSG_OOL_PORTS_DESCRIPTOR);
    const GUARDED: [u8; 16] = descriptor(16, raw::MACH_MSG_GUARDED_PORT_DESCRIPTOR);

    #[test]
    fn descriptors_of_all_sizes_are_found() {
        let bytes = [&PORT[..], &MEMORY, &PORT, &GUARDED, &PORTS, b"tail"].concat();
        let mut parcel = parse(5, &bytes).unwrap();
        assert_eq!(parcel.descriptors().count(), 5);
        assert_eq!(
            parcel.wire.bytes().get(parcel.body_at..),
            Some(&b"tail"[..])
        );
        let port = Descriptor::Port {
            kind: RightKind::Send,
            present: false,
        };
        assert_eq!(parcel.descriptor(2), Some(port));
        assert_eq!(parcel.descriptor(3), Some(Descriptor::Guarded));
        let ports = Descriptor::OutOfLinePorts {
            count: 0,
            kind: RightKind::SendOnce,
        };
        assert_eq!(parcel.descriptor(4), Some(ports));
        assert_eq!(parcel.descriptor(5), None);
        assert!(parcel.take_right(3).is_none() && parcel.take_memory(0).is_none());
        assert!(parcel.take_rights::<SendRight>(4).is_none());
    }

    #[test]
    fn a_count_beyond_the_message_is_malformed() {
        assert!(parse(1, &PORT).is_ok());
        assert!(parse(0, &[]).is_ok_and(|parcel| parcel.count() == 0));
        for count in [2, 1000, u32::MAX] {
            assert_eq!(parse(count, &PORT).unwrap_err(), Malformed);
            assert_eq!(parse(count, &[]).unwrap_err(), Malformed);
        }
    }

    #[test]
    fn a_cut_descriptor_is_malformed() {
        for whole in [&PORT[..], &MEMORY, &PORTS, &GUARDED] {
            for len in 0..whole.len() {
                assert!(parse(1, whole.get(..len).unwrap()).is_err());
            }
        }
    }

    #[test]
    fn what_cannot_arrive_is_malformed() {
        for type_ in 5..=255 {
            assert!(parse(1, &descriptor::<16>(17, type_)).is_err());
        }
        for disposition in (0..16).chain(19..=255) {
            let mut port = descriptor::<12>(disposition, raw::MACH_MSG_PORT_DESCRIPTOR);
            // Nothing may stand behind any disposition.
            assert!(parse(1, &port).is_ok());
            port[0] = 1;
            assert!(parse(1, &port).is_err());
        }
    }

    #[test]
    fn a_complex_message_without_a_count_is_malformed() {
        let mut wire = Wire::new();
        let mut header = wire.header();
        header.bits = raw::MACH_MSGH_BITS_COMPLEX;
        wire.set_header(header);
        // SAFETY: it owns nothing.
        assert!(unsafe { Parcel::from_kernel(wire) }.is_err());
    }
}
