//! Which folders always answer: those on file systems of the kernel's own.
//!
//! Only a file system that somebody else serves, a program or another machine, may never answer. What is mounted where the
//! kernel tells without asking any of them.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

/// The types of file systems that the kernel serves from memory and from disks.
const OWN: [&str; 11] = [
    "bcachefs", "btrfs", "devtmpfs", "ext2", "ext3", "ext4", "f2fs", "ramfs", "tmpfs", "xfs", "zfs",
];

/// Whether whatever is asked of some folders, and of what is in them, is answered.
pub(super) fn always_answer<'a>(folders: impl IntoIterator<Item = &'a Path>) -> bool {
    let Ok(told) = std::fs::read("/proc/self/mountinfo") else {
        return false;
    };
    let mounts = Mounts::read(&told);
    folders
        .into_iter()
        .all(|folder| mounts.always_answer(folder))
}

/// Mounts: where, and whether by the kernel's own file systems.
struct Mounts(Vec<(PathBuf, bool)>);

impl Mounts {
    fn read(told: &[u8]) -> Self {
        let lines = told.split(|&byte| byte == b'\n');
        Self(lines.filter_map(mount).collect())
    }

    /// Whether nothing but the kernel's own is on the way to a folder and below it. Links are not followed, which may lead
    /// anywhere: a folder behind one counts as one that may not answer.
    fn always_answer(&self, folder: &Path) -> bool {
        let way: Vec<_> = folder.ancestors().collect();
        // From the root on, so that no look at what is behind a link follows it.
        self.are_own(folder) && !way.into_iter().rev().any(Path::is_symlink)
    }

    fn are_own(&self, folder: &Path) -> bool {
        let concerned = |at: &Path| folder.starts_with(at) || at.starts_with(folder);
        let mut mounts = self.0.iter().filter(|(at, _)| concerned(at)).peekable();
        mounts.peek().is_some() && mounts.all(|(_, own)| *own)
    }
}

/// What a line says: `id parent device root place options [optional]... - type source options`.
fn mount(line: &[u8]) -> Option<(PathBuf, bool)> {
    let mut words = line.split(|&byte| byte == b' ');
    let place = PathBuf::from(OsString::from_vec(unescaped(words.nth(4)?)));
    let kind = words.skip_while(|word| *word != b"-").nth(1)?;
    // The layers may be anything; but if the root does not answer, this program does not run.
    let root = [&b"overlay"[..], b"rootfs"].contains(&kind) && place == Path::new("/");
    let own = root || OWN.iter().any(|own| own.as_bytes() == kind);
    Some((place, own))
}

/// White space and `\` are written as `\` and three octal digits.
fn unescaped(word: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(word.len());
    let mut rest = word;
    while let [first, behind @ ..] = rest {
        let octal = |digit: &u8| digit.checked_sub(b'0').filter(|value| *value < 8);
        let code = (*first == b'\\')
            .then(|| {
                behind.get(..3)?.iter().try_fold(0u32, |code, digit| {
                    Some(code * 8 + u32::from(octal(digit)?))
                })
            })
            .flatten()
            .and_then(|code| u8::try_from(code).ok());
        (rest, _) = match code {
            Some(code) => (&behind[3..], bytes.push(code)),
            None => (behind, bytes.push(*first)),
        };
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOLD: &str = "\
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
23 22 0:5 / /dev rw - devtmpfs udev rw
24 22 0:40 / /home/a\\040b rw - fuse.sshfs a@b:/ rw
25 22 0:41 / /run/user/7/doc rw master:3 - fuse.portal portal rw
26 22 0:42 / /net rw - nfs4 c:/ rw
27 26 0:43 / /net/local rw - tmpfs tmpfs rw
28 22 0:44 / /srv rw - tmpfs tmpfs rw
29 28 0:45 / /srv rw - fuse f rw
30 22 0:46 / /var rw - overlay overlay rw,lowerdir=x
nonsense
";

    #[test]
    fn what_is_on_the_way_and_below_counts() {
        let mounts = Mounts::read(TOLD.as_bytes());
        for path in [
            "/no-such-folder/x",
            "/run/user/7/embedded-mach",
            "/dev/shm",
            "/network",
        ] {
            assert!(mounts.are_own(Path::new(path)), "{path}");
        }
        for path in [
            "/",
            "/home/a b/x",
            "/run/user/7/doc",
            "/run/user/7",
            "/net/x",
            "/net/local/x",
            "/srv/x",
            "/var/x",
        ] {
            assert!(!mounts.are_own(Path::new(path)), "{path}");
        }
        assert!(!Mounts::read(b"").are_own(Path::new("/")));
    }

    #[test]
    fn a_link_may_lead_anywhere() {
        let told = b"1 0 0:9 / / rw - ext4 ext4 rw\n2 1 0:8 / /proc rw - tmpfs p rw";
        let mounts = Mounts::read(told);
        assert!(mounts.always_answer(Path::new("/proc/no-such")));
        assert!(!mounts.always_answer(Path::new("/proc/self/x")));
    }

    #[test]
    fn a_root_of_layers_is_the_programs_own() {
        let told = b"1 0 0:9 / / rw - overlay overlay rw\n2 1 0:8 / /tmp rw - tmpfs tmpfs rw";
        assert!(Mounts::read(told).always_answer(Path::new("/tmp")));
    }
}
