//! Processes, as macOS tells of them.

use std::ffi::OsString;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::Duration;

use crate::calls::Name;
use crate::message::AuditToken;
use crate::sys::ffi::message::audit_token_t;

pub(crate) fn executable_path(pid: i32) -> io::Result<PathBuf> {
    let mut path = vec![0; libc::PROC_PIDPATHINFO_MAXSIZE as usize];
    // SAFETY: the buffer is valid to write for the length given.
    let len = unsafe { libc::proc_pidpath(pid, path.as_mut_ptr().cast(), path.len() as u32) };
    taken(path, len)
}

/// A token is one program's: executing another one changes the process's.
pub(crate) const TOKENS_NAME_PROGRAMS: bool = true;

/// `proc_pidpath_audittoken`, which systems before macOS 11 do not have.
type PathOfToken = unsafe extern "C" fn(*mut audit_token_t, *mut libc::c_void, u32) -> libc::c_int;

pub(crate) fn executable_of(token: &AuditToken) -> io::Result<PathBuf> {
    let Some(path_of_token) = *PATH_OF_TOKEN else {
        return executable_path(token.pid());
    };
    let mut token = token.raw();
    let mut path = vec![0; libc::PROC_PIDPATHINFO_MAXSIZE as usize];
    // SAFETY: the token can be read, and the buffer be written for the length given.
    let len = unsafe { path_of_token(&raw mut token, path.as_mut_ptr().cast(), path.len() as u32) };
    taken(path, len)
}

pub(crate) fn look_at<T>(
    token: &AuditToken,
    look: impl FnOnce(i32) -> io::Result<T>,
) -> io::Result<T> {
    let found = look(token.pid())?;
    // Only now: it fails if the id is another process's by now.
    executable_of(token)?;
    Ok(found)
}

static PATH_OF_TOKEN: LazyLock<Option<PathOfToken>> = LazyLock::new(|| {
    // SAFETY: the name is a C string.
    let found = unsafe { libc::dlsym(libc::RTLD_DEFAULT, c"proc_pidpath_audittoken".as_ptr()) };
    // SAFETY: the system's function of that name has this type, and libraries of the system are not unloaded.
    (!found.is_null())
        .then(|| unsafe { std::mem::transmute::<*mut libc::c_void, PathOfToken>(found) })
});

fn taken(mut path: Vec<u8>, len: libc::c_int) -> io::Result<PathBuf> {
    match usize::try_from(len) {
        Ok(len) if len > 0 => {
            path.truncate(len);
            Ok(OsString::from_vec(path).into())
        }
        _ => Err(io::Error::last_os_error()),
    }
}

/// What the kernel tells processes apart by, beside their ids.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Numbers {
    /// The process's own since the start of the system.
    pub(crate) unique: u64,
    /// Of the program that it executes; 0 on systems that do not tell.
    pub(crate) version: i32,
}

/// `struct proc_uniqidentifierinfo` of `sys/proc_info.h`.
#[repr(C)]
#[derive(Default)]
struct UniqueIdentifierInfo {
    uuid: [u8; 16],
    unique: u64,
    parents_unique: u64,
    version: i32,
    parents_version: u32,
    reserved: [u64; 2],
}

const PROC_PIDUNIQIDENTIFIERINFO: libc::c_int = 17;

/// The numbers of a process, which may have ended without being reaped.
pub(crate) fn numbers(pid: i32) -> Option<Numbers> {
    let mut info = UniqueIdentifierInfo::default();
    let size = size_of::<UniqueIdentifierInfo>() as libc::c_int;
    // SAFETY: the buffer is valid to write for the size given.
    let written = unsafe {
        libc::proc_pidinfo(
            pid,
            PROC_PIDUNIQIDENTIFIERINFO,
            0,
            (&raw mut info).cast(),
            size,
        )
    };
    (written == size).then_some(Numbers {
        unique: info.unique,
        version: info.version,
    })
}

/// Every message names its sender by more than an id.
pub(crate) fn identify_senders(_port: Name) -> bool {
    true
}

/// No right is a descriptor here.
pub(crate) fn room_for_rights(_count: usize) -> io::Result<()> {
    Ok(())
}

/// No right is a descriptor here.
pub(crate) fn sockets(_name: Name) -> Vec<u64> {
    Vec::new()
}

/// No right is a descriptor here.
pub(crate) fn raise_descriptor_limit(_on: bool) {}

/// What is given up is gone at once.
pub(crate) fn wait_for_closings(_patience: Duration) -> bool {
    true
}
