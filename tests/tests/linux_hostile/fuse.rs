//! A file system that is served by the liar itself: whoever closes a file of it, or asks for its state, waits until the liar
//! answers, and not even SIGKILL ends that.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// `fuse_in_header`, of which only this is needed.
#[derive(FromBytes, KnownLayout, Immutable)]
#[repr(C)]
struct Request {
    len: u32,
    operation: u32,
    unique: u64,
    rest: [u8; 24],
}

const LOOKUP: u32 = 1;
const GETATTR: u32 = 3;
const OPEN: u32 = 14;
const INIT: u32 = 26;

/// `fuse_out_header`.
#[derive(IntoBytes, Immutable)]
#[repr(C)]
struct Reply {
    len: u32,
    error: i32,
    unique: u64,
}

/// `fuse_attr` of a file, with what comes before it in an answer.
fn attributes(before: &[u64]) -> Vec<u8> {
    let mut words = before.to_vec();
    // The inode, and no size, blocks or times.
    words.extend([2, 0, 0, 0, 0, 0]);
    let mut bytes = words.as_bytes().to_vec();
    // No parts of a second; a file that all may read, with one name.
    bytes.extend([0u32, 0, 0, libc::S_IFREG | 0o644, 1, 0, 0, 0, 4096, 0].as_bytes());
    bytes
}

/// What is answered while the file is opened.
fn answer(operation: u32) -> Option<Vec<u8>> {
    const LONG: u64 = 1000;
    match operation {
        // The protocol's version, as of Linux 5.4; what can be written at a time.
        INIT => Some(
            [
                [7u32, 31, 0, 0].as_bytes(),
                [0u32, 4096, 1, 0].as_bytes(),
                &[0; 32],
            ]
            .concat(),
        ),
        LOOKUP => Some(attributes(&[2, 0, LONG, LONG, 0])),
        GETATTR => Some(attributes(&[LONG, 0])),
        OPEN => Some(vec![0; 16]),
        _ => None,
    }
}

/// Answers for as long as this lives; but not to what comes once the file is open.
pub(crate) struct Served {
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// A file that is open, of a file system that is mounted nowhere any more. `None`, and why, where that is not to be had.
pub(crate) fn file() -> Result<(OwnedFd, Served), String> {
    if !nix::unistd::geteuid().is_root() {
        return Err("only root mounts file systems".to_owned());
    }
    let device = OpenOptions::new().read(true).write(true).open("/dev/fuse");
    let device = device.map_err(|error| format!("/dev/fuse: {error}"))?;
    let folder = std::env::temp_dir().join(format!("embedded-mach-fuse-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let data = format!(
        "fd={},rootmode=40000,user_id=0,group_id=0",
        device.as_raw_fd()
    );
    let mounted = mount(
        Some("liar"),
        &folder,
        Some("fuse"),
        MsFlags::empty(),
        Some(&*data),
    );
    if let Err(error) = mounted {
        std::fs::remove_dir(&folder).expect("the folder");
        return Err(format!("mount: {error}"));
    }
    let (over, opened) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicBool::new(false)),
    );
    let (is_over, is_open) = (Arc::clone(&over), Arc::clone(&opened));
    let thread = std::thread::spawn(move || serve(device, &is_over, &is_open));
    let file = File::open(folder.join("file")).expect("a file");
    opened.store(true, Ordering::SeqCst);
    // What is open stays.
    umount2(&folder, MntFlags::MNT_DETACH).expect("a file system");
    std::fs::remove_dir(&folder).expect("the folder");
    let served = Served {
        over,
        thread: Some(thread),
    };
    Ok((file.into(), served))
}

fn serve(mut device: File, over: &AtomicBool, opened: &AtomicBool) {
    let mut room = vec![0; 1 << 16];
    while !over.load(Ordering::SeqCst) {
        let mut fds = [PollFd::new(
            std::os::fd::AsFd::as_fd(&device),
            PollFlags::POLLIN,
        )];
        if poll(&mut fds, PollTimeout::from(10u8)) != Ok(1) {
            continue;
        }
        let Ok(len) = device.read(&mut room) else {
            continue;
        };
        let (request, _) = Request::read_from_prefix(&room[..len]).expect("a request");
        if opened.load(Ordering::SeqCst) {
            continue;
        }
        if let Some(body) = answer(request.operation) {
            let len = (size_of::<Reply>() + body.len()) as u32;
            let unique = request.unique;
            let head = Reply {
                len,
                error: 0,
                unique,
            };
            let bytes = [head.as_bytes(), &body].concat();
            device.write_all(&bytes).expect("an answer");
        }
    }
    // With the device the connection ends, and everything that waits for an answer.
}

impl Drop for Served {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            thread.join().expect("it ends");
        }
    }
}
