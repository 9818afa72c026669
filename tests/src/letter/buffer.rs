//! Room for a message: its bytes, its header, its trailer.

use mach_ports::ffi::message::{
    MACH_MSGH_BITS_COMPLEX, mach_msg, mach_msg_header_t, mach_msg_option_t, mach_msg_return_t,
    mach_msg_type_name_t,
};
use mach_ports::ffi::port::{MACH_PORT_NULL, mach_port_name_t};

use super::HEADER;

/// Room for a message and its trailer, and what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Buffer(pub(super) Vec<u32>);

impl Buffer {
    /// Room for `len` bytes, filled with a pattern that shows what was written.
    #[must_use]
    pub fn new(len: usize) -> Self {
        Self(vec![0xa5a5_a5a5; len.div_ceil(4)])
    }

    /// The buffer's length in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len() * 4
    }

    /// Whether there is no room at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All bytes.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|word| word.to_ne_bytes()).collect()
    }

    /// The bytes at an offset.
    #[must_use]
    pub fn at<const N: usize>(&self, offset: usize) -> [u8; N] {
        std::array::from_fn(|i| self.0[(offset + i) / 4].to_ne_bytes()[(offset + i) % 4])
    }

    /// The word at an offset.
    #[must_use]
    pub fn u32_at(&self, offset: usize) -> u32 {
        u32::from_ne_bytes(self.at(offset))
    }

    /// The two words at an offset, as one number.
    #[must_use]
    pub fn u64_at(&self, offset: usize) -> u64 {
        u64::from_ne_bytes(self.at(offset))
    }

    /// Puts a word at an offset that is a multiple of 4.
    pub fn put_u32(&mut self, offset: usize, value: u32) {
        assert!(offset.is_multiple_of(4));
        self.0[offset / 4] = value;
    }

    /// The header as C has it.
    pub fn header(&mut self) -> *mut mach_msg_header_t {
        assert!(self.len() >= HEADER);
        self.0.as_mut_ptr().cast()
    }

    /// `mach_msg` on this buffer, with nothing decided.
    pub fn mach_msg(
        &mut self,
        option: mach_msg_option_t,
        send_size: usize,
        receive_size: usize,
        from: mach_port_name_t,
        timeout: u32,
    ) -> mach_msg_return_t {
        assert!(send_size <= self.len() && receive_size <= self.len());
        // SAFETY: the buffer is as large as both sizes say, and `mach_msg` keeps to them.
        unsafe {
            mach_msg(
                self.0.as_mut_ptr().cast(),
                option,
                send_size as u32,
                receive_size as u32,
                from,
                timeout,
                MACH_PORT_NULL,
            )
        }
    }

    /// `msgh_bits`.
    #[must_use]
    pub fn bits(&self) -> u32 {
        self.u32_at(0)
    }

    /// The disposition of the remote port.
    #[must_use]
    pub fn remote_disposition(&self) -> mach_msg_type_name_t {
        self.bits() & 0x1f
    }

    /// The disposition of the local port.
    #[must_use]
    pub fn local_disposition(&self) -> mach_msg_type_name_t {
        self.bits() >> 8 & 0x1f
    }

    /// Whether there are descriptors.
    #[must_use]
    pub fn is_complex(&self) -> bool {
        self.bits() & MACH_MSGH_BITS_COMPLEX != 0
    }

    /// `msgh_size`.
    #[must_use]
    pub fn size(&self) -> usize {
        self.u32_at(4) as usize
    }

    /// `msgh_remote_port`.
    #[must_use]
    pub fn remote(&self) -> mach_port_name_t {
        self.u32_at(8)
    }

    /// `msgh_local_port`.
    #[must_use]
    pub fn local(&self) -> mach_port_name_t {
        self.u32_at(12)
    }

    /// `msgh_voucher_port`.
    #[must_use]
    pub fn voucher(&self) -> mach_port_name_t {
        self.u32_at(16)
    }

    /// `msgh_id`.
    #[must_use]
    pub fn id(&self) -> i32 {
        self.u32_at(20) as i32
    }

    /// Where the trailer begins.
    #[must_use]
    pub fn trailer(&self) -> usize {
        self.size().next_multiple_of(4)
    }

    /// The trailer's type and size.
    #[must_use]
    pub fn trailer_kind(&self) -> (u32, u32) {
        let at = self.trailer();
        (self.u32_at(at), self.u32_at(at + 4))
    }

    /// The trailer's sequence number, if it was asked for.
    #[must_use]
    pub fn seqno(&self) -> u32 {
        self.u32_at(self.trailer() + 8)
    }

    /// The trailer's audit token, if it was asked for.
    #[must_use]
    pub fn audit_token(&self) -> [u32; 8] {
        std::array::from_fn(|i| self.u32_at(self.trailer() + 20 + 4 * i))
    }
}
