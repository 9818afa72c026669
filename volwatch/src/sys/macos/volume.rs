//! What is mounted, the UUIDs of volumes, and whether their owners count.

use std::collections::BTreeSet;
use std::ffi::{CStr, CString, OsStr, c_char};
use std::io;
use std::mem::size_of;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::VolumeId;
use crate::volumes::{Mount, Nature};

/// Nobody mounts more.
const MOST: usize = 4096;
/// `ATTR_VOL_UUID` of `<sys/attr.h>`.
const VOLUME_UUID: u32 = 0x0004_0000;

/// What is mounted, each volume once: there are no bind mounts, among which `known` would choose.
pub(crate) fn mounts(_known: &BTreeSet<PathBuf>) -> io::Result<Vec<Mount>> {
    let described = statistics()?;
    let mount = |volume: &libc::statfs| {
        let root = Path::new(OsStr::from_bytes(text(&volume.f_mntonname).to_bytes())).to_owned();
        let has = |flag: i32| volume.f_flags & flag.cast_unsigned() != 0;
        Mount {
            nature: match (has(libc::MNT_LOCAL), has(libc::MNT_RDONLY)) {
                _ if text(&volume.f_fstypename).to_bytes() == b"devfs" => Nature::Virtual,
                (false, _) => Nature::Network,
                (true, true) => Nature::ReadOnly,
                (true, false) => Nature::Local,
            },
            number: None,
            device: None,
            source: text(&volume.f_mntfromname).to_string_lossy().into_owned(),
            kind: text(&volume.f_fstypename).to_string_lossy().into_owned(),
            uuid: uuid(&root),
            root,
        }
    };
    Ok(described.iter().map(mount).collect())
}

fn statistics() -> io::Result<Vec<libc::statfs>> {
    let mut described: Vec<libc::statfs> = Vec::with_capacity(MOST);
    let bytes = i32::try_from(MOST * size_of::<libc::statfs>()).map_err(io::Error::other)?;
    // SAFETY: the buffer has room for as many bytes as the call is told.
    let count = unsafe { libc::getfsstat(described.as_mut_ptr(), bytes, libc::MNT_NOWAIT) };
    let count = usize::try_from(count).map_err(|_| io::Error::last_os_error())?;
    // SAFETY: the call has written that many, and no more than there is room for.
    unsafe { described.set_len(count.min(MOST)) };
    Ok(described)
}

/// The text up to its zero, which the kernel writes.
fn text(field: &[c_char]) -> &CStr {
    // SAFETY: `c_char` is a byte, and the slice is as long as the field.
    let bytes = unsafe { std::slice::from_raw_parts(field.as_ptr().cast::<u8>(), field.len()) };
    CStr::from_bytes_until_nul(bytes).unwrap_or_default()
}

#[repr(C, packed(4))]
struct UuidAttribute {
    length: u32,
    uuid: [u8; 16],
}

/// The volume's UUID; a nil one counts as none.
fn uuid(root: &Path) -> Option<VolumeId> {
    let path = CString::new(root.as_os_str().as_bytes()).ok()?;
    let mut wanted = libc::attrlist {
        bitmapcount: libc::ATTR_BIT_MAP_COUNT,
        reserved: 0,
        commonattr: 0,
        volattr: libc::ATTR_VOL_INFO | VOLUME_UUID,
        dirattr: 0,
        fileattr: 0,
        forkattr: 0,
    };
    let mut answer = UuidAttribute {
        length: 0,
        uuid: [0; 16],
    };
    // SAFETY: path and list are valid for the call, and the buffer for as many bytes as it is told.
    let code = unsafe {
        libc::getattrlist(
            path.as_ptr(),
            (&raw mut wanted).cast(),
            (&raw mut answer).cast(),
            size_of::<UuidAttribute>(),
            0,
        )
    };
    let (length, uuid) = (answer.length, VolumeId::from_bytes(answer.uuid));
    (code == 0 && length as usize == size_of::<UuidAttribute>() && !uuid.is_nil()).then_some(uuid)
}

/// Has the owners of a volume's files count, or no longer. `false` if they do, or do not, already.
pub(crate) fn set_owners(root: &Path, enabled: bool) -> io::Result<bool> {
    let path = CString::new(root.as_os_str().as_bytes())?;
    // SAFETY: all zeroes are a valid value of this structure of numbers.
    let mut volume: libc::statfs = unsafe { std::mem::zeroed() };
    // SAFETY: the path is a C string, and the structure is valid to write.
    if unsafe { libc::statfs(path.as_ptr(), &raw mut volume) } != 0 {
        return Err(io::Error::last_os_error());
    }
    let flags = volume.f_flags.cast_signed();
    if (flags & libc::MNT_IGNORE_OWNERSHIP == 0) == enabled {
        return Ok(false);
    }
    let flags = (flags ^ libc::MNT_IGNORE_OWNERSHIP) | libc::MNT_UPDATE;
    // SAFETY: type and path are C strings, and an update needs no data.
    let code = unsafe {
        libc::mount(
            volume.f_fstypename.as_ptr(),
            path.as_ptr(),
            flags,
            std::ptr::null_mut(),
        )
    };
    if code == 0 {
        Ok(true)
    } else {
        Err(io::Error::last_os_error())
    }
}
