//! What is said of an image.

use crate::layout::BUILD_ID;

/// A program or library in a process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Image<'a> {
    /// Where it begins: the address of its first segment, which is that of its ELF or Mach header where the file begins with
    /// that.
    pub load_address: u64,
    /// Its UUID on macOS; on Linux the first 16 bytes of its build id, zeros where there are fewer.
    pub uuid: [u8; 16],
    /// Its path, as the loader has it: without a zero byte, not always UTF-8, and relative if it was loaded by such a path.
    pub path: &'a [u8],
    /// What was added to the addresses in its file: the same as `load_address` for most libraries, 0 for a program that is
    /// not position-independent.
    pub bias: u64,
    /// Bytes from its first segment's begin to its last one's end; 0 where it is not known.
    pub size: u64,
    /// The loader's namespace (`Lmid_t`): 0 but for what `dlmopen` loads. A number may be that of an earlier namespace again.
    pub namespace: u32,
    /// What kind of image it is.
    pub flags: ImageFlags,
    /// Its build id, of 32 bytes at most; empty if it has none.
    pub build_id: &'a [u8],
}

impl<'a> Image<'a> {
    /// Sets the build id, cut to its 32 first bytes, and the UUID that is made of it.
    #[must_use]
    pub fn with_build_id(mut self, id: &'a [u8]) -> Self {
        self.build_id = id.get(..BUILD_ID).unwrap_or(id);
        self.uuid = [0; 16];
        for (to, from) in self.uuid.iter_mut().zip(id) {
            *to = *from;
        }
        self
    }
}

/// What kind of image it is: bits, of which a reader ignores those that it does not know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImageFlags(pub u32);

impl ImageFlags {
    /// The program itself.
    pub const PROGRAM: Self = Self(1);
    /// The loader: ld.so, dyld.
    pub const LOADER: Self = Self(2);

    /// Whether all bits of `other` are set.
    #[must_use]
    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// Which message it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    /// When it happened, on the clock of `mach_absolute_time` (Linux: `CLOCK_MONOTONIC`, in nanoseconds). The parts of a split
    /// message have the same.
    pub timestamp: u64,
    /// The message's number, by which the reply names it. Each part of a split message has its own.
    pub sequence: u32,
    /// The agent's number of the monitor that it is for.
    pub monitor: u32,
}
