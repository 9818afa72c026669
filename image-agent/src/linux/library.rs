//! The library's bytes, and a descriptor of them.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::OwnedFd;

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, SealFlag, fcntl};
use nix::sys::memfd::{MFdFlags, memfd_create};

/// The audit library.
pub const LIBRARY: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/agent.so"));

/// `MFD_NOEXEC_SEAL`, since Linux 6.3: the only kind that is left where `vm.memfd_noexec` is 2. It keeps nobody from mapping the file.
const NOEXEC_SEAL: MFdFlags = MFdFlags::from_bits_retain(8);

/// A file in memory with the library in it, which nobody can change. It is close-on-exec.
///
/// # Errors
/// What the system says: there is no memory, or no descriptor.
pub fn library() -> io::Result<OwnedFd> {
    let flags = MFdFlags::MFD_CLOEXEC | MFdFlags::MFD_ALLOW_SEALING;
    let made = match memfd_create(c"image-agent", flags | NOEXEC_SEAL) {
        // An older kernel.
        Err(Errno::EINVAL) => memfd_create(c"image-agent", flags),
        made => made,
    };
    let mut file = File::from(made?);
    file.write_all(LIBRARY)?;
    let seals = SealFlag::F_SEAL_WRITE
        | SealFlag::F_SEAL_GROW
        | SealFlag::F_SEAL_SHRINK
        | SealFlag::F_SEAL_SEAL;
    fcntl(&file, FcntlArg::F_ADD_SEALS(seals))?;
    Ok(file.into())
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn it_has_the_library_in_it_and_takes_nothing_else() {
        let file = File::from(library().unwrap());
        let path = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&file));
        let mut bytes = Vec::new();
        File::open(&path).unwrap().read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes, LIBRARY);
        let opened = std::fs::OpenOptions::new().append(true).open(&path);
        assert!(opened.and_then(|mut file| file.write_all(b"x")).is_err());
    }
}
