//! A process that nobody has prepared.

use std::io;

use crate::{ImageList, sys};

/// The images of a running process, read from outside at one moment; the process runs on meanwhile.
///
/// Nobody in the process takes part: it need not have been launched by this one. It must be one that this process could
/// trace, so of the same user; Linux's Yama module usually allows a process's own descendants only.
///
/// ```
/// use image_monitor::{Snapshot, SnapshotError};
///
/// match Snapshot::of(std::process::id() as i32) {
///     Ok(snapshot) => {
///         let here = snapshot.images.find(Snapshot::of as *const () as u64).ok_or("not in any image")?;
///         println!("this code is in {}", here.image.path.display());
///     }
///     Err(SnapshotError::NoTaskPort { .. }) => println!("macOS"),
///     Err(error) => return Err(error.into()),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Snapshot {
    /// The process.
    pub pid: i32,
    /// What it had mapped. Each image has the time of the snapshot.
    pub images: ImageList,
    /// The program's path.
    pub program: std::path::PathBuf,
}

impl Snapshot {
    /// Reads the list of a process's loader.
    ///
    /// # Errors
    /// [`SnapshotError`] says whether the process is gone, may not be looked at, or has no such list.
    pub fn of(pid: i32) -> Result<Self, SnapshotError> {
        let images = sys::snapshot::take(pid)?;
        let program = images.first().map(|image| image.path.clone());
        let mut list = ImageList::new(0);
        for image in images {
            list.load(image.into());
        }
        Ok(Self {
            pid,
            images: list,
            program: program.unwrap_or_default(),
        })
    }
}

/// Why there is no snapshot of a process.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotError {
    /// There is no such process, or there is none any more.
    #[error("there is no process {pid}")]
    Gone {
        /// The process.
        pid: i32,
    },
    /// Yama lets this process read its descendants' memory only, or nobody's: launch the process from here, have it call
    /// `prctl(PR_SET_PTRACER)`, or lower `kernel.yama.ptrace_scope`.
    #[error(
        "Yama forbids reading the memory of process {pid} (kernel.yama.ptrace_scope is {scope})"
    )]
    Yama {
        /// The process.
        pid: i32,
        /// What the system's setting is.
        scope: u32,
    },
    /// It is another user's, or has made itself unreadable, as programs with more rights than their callers are.
    #[error("process {pid} may not be looked at")]
    Denied {
        /// The process.
        pid: i32,
        /// What the system said.
        source: io::Error,
    },
    /// It is of 32 bits.
    #[error("process {pid} is not of this program's word size")]
    OtherClass {
        /// The process.
        pid: i32,
    },
    /// It has no dynamic loader, or none that debuggers could find: a static program, or one whose loader was started by
    /// hand.
    #[error(
        "process {pid} has no list of images: it is statically linked, or its loader was executed in its place"
    )]
    NoList {
        /// The process.
        pid: i32,
    },
    /// Its loader was changing the list each time that it was looked at, or the list is damaged. Try again later.
    #[error("the images of process {pid} were changing, or its list of them is damaged")]
    Unsettled {
        /// The process.
        pid: i32,
    },
    /// On macOS other processes are read by a right to their task (`task_info` with `TASK_DYLD_INFO`), which only
    /// programs with an entitlement get for a pid: launch the process with a monitor instead.
    #[error("process {pid} cannot be read without a right to its task")]
    NoTaskPort {
        /// The process.
        pid: i32,
    },
    /// The system failed in another way.
    #[error("cannot read process {pid}")]
    Os {
        /// The process.
        pid: i32,
        /// What it said.
        source: io::Error,
    },
}

mach_ports::debug_with_causes!(SnapshotError);
