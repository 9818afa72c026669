//! A message with everything that it owns.

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
            parcel.body_at += size;
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
            return Some(DESCRIPTORS_AT + index * size_of::<PortDescriptor>());
        }
        let mut at = DESCRIPTORS_AT;
        for _ in 0..index {
            at += Entry::read(&self.wire, at)?.1;
        }
        Some(at)
    }

    pub(crate) fn descriptors(&self) -> impl Iterator<Item = Descriptor> + '_ {
        let mut at = DESCRIPTORS_AT;
        (0..self.count()).map_while(move |_| {
            let (entry, size) = Entry::read(&self.wire, at)?;
            at += size;
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
            at += size;
        }
        self.wire.clear();
    }
}
