//! The loader's list of a running process, by what debuggers use: the kernel's auxiliary vector leads to the program's
//! headers, these to its dynamic section, and there `DT_DEBUG` to the list.

mod link_map;
mod maps;
mod start;

use std::fs;
use std::io;
use std::path::PathBuf;

use nix::errno::Errno;

use crate::SnapshotError;
use crate::image::Image;
use crate::layout::Headers;
use crate::sys::linux::clock;
use crate::sys::linux::memory::{Mapped, Memory};

use link_map::{Found, LinkMap};
use maps::Maps;

/// The loader changes the list while it is read: it is read until it was twice the same.
const ATTEMPTS: usize = 50;

/// What keeps one attempt from its end.
#[derive(Debug)]
enum Trouble {
    /// The loader has not come so far, or is at it.
    Changing,
    /// There will be no list.
    NoList,
    OtherClass,
    Os(io::Error),
}

impl From<Errno> for Trouble {
    fn from(errno: Errno) -> Self {
        match errno {
            // What is led to is not there: the list has just changed.
            Errno::EFAULT | Errno::ENAMETOOLONG => Self::Changing,
            errno => Self::Os(errno.into()),
        }
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Os(error)
    }
}

/// The images of a process, its program first.
pub(crate) fn take(pid: i32) -> Result<Vec<Image>, SnapshotError> {
    for _ in 0..ATTEMPTS {
        match attempt(pid) {
            Ok(images) => return Ok(images),
            Err(Trouble::Changing) => std::thread::yield_now(),
            Err(trouble) => return Err(name(trouble, pid)),
        }
    }
    Err(SnapshotError::Unsettled { pid })
}

fn attempt(pid: i32) -> Result<Vec<Image>, Trouble> {
    let memory = Memory::of(pid);
    let list = || {
        let start = start::of(pid, memory)?;
        link_map::walk(memory, start)
    };
    let found = list()?;
    let maps = Maps::of(pid)?;
    let program = fs::read_link(format!("/proc/{pid}/exe"))?;
    let timestamp = clock::now();
    let images = found
        .iter()
        .map(|found| image(pid, found, &maps, &program, timestamp))
        .collect();
    // Unchanged since, so what was read of the images was theirs.
    if list()? == found {
        Ok(images)
    } else {
        Err(Trouble::Changing)
    }
}

fn image(pid: i32, found: &Found, maps: &Maps, program: &PathBuf, timestamp: u64) -> Image {
    let LinkMap { bias, dynamic, .. } = found.entry;
    let headers_at = |load_address| {
        let headers = Headers::of_memory(Mapped::new(pid, load_address))?;
        let offset = dynamic.checked_sub(load_address)?;
        let is_its = headers.lowest.wrapping_add(bias) == load_address;
        (is_its && headers.layout.contains(offset)).then_some((load_address, headers))
    };
    let known = [bias]
        .into_iter()
        .chain(maps.beginnings(dynamic))
        .find_map(headers_at);
    let path = if found.path.as_os_str().is_empty() {
        program
    } else {
        &found.path
    };
    let (load_address, headers) = known.unzip();
    let (layout, build_id) = headers
        .map(|headers| (headers.layout.into(), headers.build_id))
        .unzip();
    Image {
        load_address: load_address.unwrap_or(bias),
        build_id: build_id.flatten(),
        path: path.clone(),
        kind: found.kind,
        namespace: found.namespace,
        timestamp,
        told_size: 0,
        layout,
    }
}

/// Says whose fault it is.
fn name(trouble: Trouble, pid: i32) -> SnapshotError {
    let source = match trouble {
        Trouble::Changing => return SnapshotError::Unsettled { pid },
        Trouble::NoList => return SnapshotError::NoList { pid },
        Trouble::OtherClass => return SnapshotError::OtherClass { pid },
        Trouble::Os(source) => source,
    };
    match source.raw_os_error().map(Errno::from_raw) {
        Some(Errno::ESRCH | Errno::ENOENT) => SnapshotError::Gone { pid },
        Some(Errno::EPERM | Errno::EACCES) => denied(source, pid, yama(), is_own(pid)),
        _ => SnapshotError::Os { pid, source },
    }
}

/// Who forbids it. Yama is there where it has a setting.
fn denied(source: io::Error, pid: i32, yama: Option<u32>, is_own: bool) -> SnapshotError {
    match yama {
        Some(scope) if scope > 0 && is_own => SnapshotError::Yama { pid, scope },
        _ => SnapshotError::Denied { pid, source },
    }
}

fn yama() -> Option<u32> {
    let text = fs::read_to_string("/proc/sys/kernel/yama/ptrace_scope").ok()?;
    text.trim().parse().ok()
}

/// Whether the process is of this one's user: of others it is not Yama that forbids it.
fn is_own(pid: i32) -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(format!("/proc/{pid}"))
        .is_ok_and(|data| data.uid() == nix::unistd::geteuid().as_raw())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_found_as_its_own_loader_has_it() {
        let pid = std::process::id() as i32;
        let images = take(pid).unwrap();
        assert_eq!(images[0].path, std::env::current_exe().unwrap());
        let here = take as *const () as u64;
        assert!(images[0].contains(here));
        let libc = images
            .iter()
            .find(|image| image.path.to_string_lossy().contains("libc.so"))
            .unwrap();
        assert!(libc.contains(nix::libc::getpid as *const () as u64));
        for image in &images {
            assert!(image.size().is_some(), "{image:?}");
            assert!(image.build_id.is_some(), "{image:?}");
        }
    }

    #[test]
    fn each_refusal_has_its_name() {
        let os = |errno: Errno| name(Trouble::Os(errno.into()), 1 << 30);
        assert!(matches!(os(Errno::ESRCH), SnapshotError::Gone { .. }));
        assert!(matches!(os(Errno::EIO), SnapshotError::Os { .. }));
        assert!(matches!(os(Errno::EPERM), SnapshotError::Denied { .. }));
        assert!(matches!(take(1 << 30), Err(SnapshotError::Gone { .. })));
    }

    #[test]
    fn yama_is_named_where_it_is_what_forbids() {
        let name = |yama, is_own| denied(Errno::EPERM.into(), 7, yama, is_own);
        for scope in [1, 2, 3] {
            let error = name(Some(scope), true);
            assert!(
                matches!(error, SnapshotError::Yama { pid: 7, scope: found } if found == scope)
            );
            assert!(error.to_string().contains("kernel.yama.ptrace_scope"));
        }
        for (yama, is_own) in [(None, true), (Some(0), true), (Some(1), false)] {
            assert!(matches!(name(yama, is_own), SnapshotError::Denied { .. }));
        }
    }
}
