//! Which programs glibc's loader will not load an agent into.

use std::ffi::OsStr;
use std::fs::{File, Metadata};
use std::io::Read;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use nix::sys::statvfs::{FsFlags, fstatvfs};
use nix::unistd::{AccessFlags, access, getegid, geteuid, getgid, getuid};
use object::elf::{self, FileHeader64};
use object::read::ReadCache;
use object::read::elf::{FileHeader, ProgramHeader};
use object::{Endianness, elf::Machine};

use crate::{Program, Unwatchable};

const MACHINE: Machine = if cfg!(target_arch = "aarch64") {
    elf::EM_AARCH64
} else {
    elf::EM_X86_64
};
/// Interpreters of interpreters: the kernel follows four.
const MAX_SCRIPTS: usize = 5;
/// The kernel looks no further for a script's interpreter.
const FIRST_LINE: u64 = 256;
const LONGEST_INTERPRETER: u64 = 4096;

/// Whether an agent can be in the program. A file that is not there is not refused: executing it will say so.
pub(crate) fn check(program: &Program<'_>) -> Result<(), Unwatchable> {
    let Some(mut path) = find(program.name) else {
        return Ok(());
    };
    for _ in 0..MAX_SCRIPTS {
        let file = match open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(source) => return Err(Unwatchable::Unreadable { path, source }),
        };
        match interpreter(&file) {
            Some(next) => path = next,
            None => return check_elf(&path, file, program),
        }
    }
    Err(Unwatchable::NoElf { path })
}

/// The file that is executed for this name, as `execvp` would find it.
fn find(name: &OsStr) -> Option<PathBuf> {
    if name.as_bytes().contains(&b'/') {
        return Some(name.into());
    }
    let executable = |path: &PathBuf| path.is_file() && access(path, AccessFlags::X_OK).is_ok();
    std::env::split_paths(&std::env::var_os("PATH")?)
        .map(|folder| folder.join(name))
        .find(executable)
}

/// What is no regular file is not waited for.
fn open(path: &Path) -> std::io::Result<File> {
    File::options()
        .read(true)
        .custom_flags(nix::libc::O_NONBLOCK)
        .open(path)
}

/// The interpreter that a script names in its first line.
fn interpreter(file: &File) -> Option<PathBuf> {
    let mut line = Vec::new();
    file.take(FIRST_LINE).read_to_end(&mut line).ok()?;
    let line = line.strip_prefix(b"#!")?;
    let line = line.split(|byte| *byte == b'\n').next()?;
    let mut words = line.split(|byte| b" \t".contains(byte));
    let path = words.find(|word| !word.is_empty())?;
    Some(PathBuf::from(OsStr::from_bytes(path)))
}

fn check_elf(path: &Path, file: File, program: &Program<'_>) -> Result<(), Unwatchable> {
    let path = || path.to_owned();
    let is_privileged = is_privileged(&file, program);
    let agent = can_open_descriptors(&file);
    let data = &ReadCache::new(file);
    let Ok(header) = FileHeader64::<Endianness>::parse(data) else {
        let is_elf = elf::FileHeader32::<Endianness>::parse(data).is_ok();
        return Err(if is_elf {
            Unwatchable::OtherClass { path: path() }
        } else {
            Unwatchable::NoElf { path: path() }
        });
    };
    let broken = |_| Unwatchable::NoElf { path: path() };
    let endian = header.endian().map_err(broken)?;
    if header.e_machine(endian) != MACHINE {
        return Err(Unwatchable::OtherClass { path: path() });
    }
    let programs = header.program_headers(endian, data).map_err(broken)?;
    let loader = programs
        .iter()
        .filter(|program| program.p_filesz(endian) <= LONGEST_INTERPRETER)
        .find_map(|program| program.interpreter(endian, data).ok()?);
    let Some(loader) = loader else {
        return Err(Unwatchable::Static { path: path() });
    };
    let loader = PathBuf::from(OsStr::from_bytes(loader));
    if !is_glibcs(&loader) {
        return Err(Unwatchable::OtherLoader {
            path: path(),
            loader,
        });
    }
    if is_privileged {
        return Err(Unwatchable::Privileged { path: path() });
    }
    agent.map_err(|source| Unwatchable::NoProc {
        path: path(),
        source,
    })
}

/// Whether the loader will open the agent: that is a descriptor, and its name in `/proc` what the loader is told.
fn can_open_descriptors(file: &File) -> std::io::Result<()> {
    File::open(format!("/proc/self/fd/{}", file.as_raw_fd())).map(drop)
}

/// glibc's loaders have its names for them, wherever they lie.
fn is_glibcs(loader: &Path) -> bool {
    loader
        .file_name()
        .is_some_and(|name| name.as_bytes().starts_with(b"ld-linux-"))
}

/// Whether the program runs with other rights than its caller has: those that the kernel gives it, or those that this process has
/// taken on for a while. Its loader then heeds no wishes of the caller's.
fn is_privileged(file: &File, program: &Program<'_>) -> bool {
    let Ok(data) = file.metadata() else {
        return false;
    };
    let is_ignored = fstatvfs(file).is_ok_and(|system| system.flags().contains(FsFlags::ST_NOSUID));
    changes_ids(&data, is_ignored, program) || (!is_ignored && has_capabilities(file, program))
}

/// Whether its effective user or group will be another than the real one, which is what the kernel looks at.
fn changes_ids(data: &Metadata, is_ignored: bool, program: &Program<'_>) -> bool {
    const SET_USER: u32 = 0o4000;
    const SET_GROUP: u32 = 0o2010;
    let sets = |bits| !is_ignored && data.mode() & bits == bits;
    let real_user = program.user.unwrap_or_else(|| getuid().as_raw());
    let real_group = program.group.unwrap_or_else(|| getgid().as_raw());
    let group = program.group.unwrap_or_else(|| getegid().as_raw());
    let user = if sets(SET_USER) {
        data.uid()
    } else {
        user(program)
    };
    let group = if sets(SET_GROUP) { data.gid() } else { group };
    user != real_user || group != real_group
}

fn has_capabilities(file: &File, program: &Program<'_>) -> bool {
    let attribute = rustix::fs::fgetxattr(file, "security.capability", &mut [0_u8; 64][..]);
    user(program) != 0 && attribute.is_ok_and(|size| size > 0)
}

fn user(program: &Program<'_>) -> u32 {
    program.user.unwrap_or_else(|| geteuid().as_raw())
}
