//! `/proc/self/mountinfo`, one line for each mount (proc_pid_mountinfo(5)).

use std::collections::{BTreeSet, HashMap};
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use super::nature::nature;
use crate::VolumeId;
use crate::volumes::Mount;

/// One mount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    id: u64,
    device: u64,
    /// What part of the file system is mounted: `/` is all of it, anything else a bind mount.
    part: PathBuf,
    at: PathBuf,
    read_only: bool,
    kind: String,
    source: OsString,
}

impl Entry {
    fn parse(line: &[u8]) -> Option<Self> {
        let mut fields = line.split(|&byte| byte == b' ');
        let mut field = || fields.next().filter(|field| !field.is_empty());
        let id = text(field()?)?.parse().ok()?;
        let _parent = field()?;
        let (major, minor) = text(field()?)?.split_once(':')?;
        let part = unescape(field()?).into();
        let at = unescape(field()?).into();
        let options = text(field()?)?.to_owned();
        while field()? != b"-" {} // optional fields
        let kind = text(field()?)?.to_owned();
        let source = unescape(field()?);
        let of_all = text(field()?).unwrap_or_default();
        let is_ro = |options: &str| options.split(',').any(|option| option == "ro");
        Some(Self {
            id,
            device: libc::makedev(major.parse().ok()?, minor.parse().ok()?),
            part,
            at,
            read_only: is_ro(&options) || is_ro(of_all),
            kind,
            source,
        })
    }

    pub(super) fn mount(self, uuids: &HashMap<u64, VolumeId>) -> Mount {
        let uuid = uuids.get(&self.device).copied().or_else(|| {
            // A btrfs has a number of its own, which is not that of the device that holds it.
            let holder = std::fs::metadata(&self.source).ok()?.rdev();
            uuids.get(&holder).copied()
        });
        Mount {
            nature: nature(&self.kind, self.read_only),
            number: Some(self.id),
            device: Some(self.device),
            root: self.at,
            source: self.source.to_string_lossy().into_owned(),
            kind: self.kind,
            uuid,
        }
    }
}

/// Each file system once: where all of it is mounted, or else the largest part of it, writable rather than not; of several such
/// places one that is known already, since numbers are used again, or else the first.
pub(super) fn volumes(mountinfo: &[u8], known: &BTreeSet<PathBuf>) -> Vec<Entry> {
    let lines = mountinfo.split(|&byte| byte == b'\n');
    let entry = |line: &[u8]| {
        let entry = Entry::parse(line);
        if entry.is_none() {
            tracing::warn!(line = %String::from_utf8_lossy(line), "a mount that cannot be read");
        }
        entry
    };
    let entries: Vec<_> = lines
        .filter(|line| !line.is_empty())
        .filter_map(entry)
        .collect();
    // What is mounted later at the same place hides what was there.
    let seen: HashMap<_, _> = entries
        .iter()
        .map(|entry| (entry.at.clone(), entry.id))
        .collect();
    let rank = |entry: &Entry| {
        let (part, is_new) = (entry.part.components().count(), !known.contains(&entry.at));
        (part, entry.read_only, is_new, entry.id)
    };
    let mut by_device: HashMap<u64, Entry> = HashMap::new();
    for entry in entries {
        let is_seen = seen.get(&entry.at) == Some(&entry.id);
        let known = by_device.get(&entry.device);
        if is_seen && known.is_none_or(|known| rank(&entry) < rank(known)) {
            by_device.insert(entry.device, entry);
        }
    }
    let mut volumes: Vec<_> = by_device.into_values().collect();
    volumes.sort_by_key(|entry| entry.id);
    volumes
}

fn text(field: &[u8]) -> Option<&str> {
    str::from_utf8(field).ok()
}

/// Blanks, tabs, line ends and backslashes stand as `\` and three octal digits.
fn unescape(field: &[u8]) -> OsString {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field;
    while let [first, tail @ ..] = rest {
        let octal = |digits: &[u8]| {
            let value = u32::from_str_radix(text(digits)?, 8).ok()?;
            u8::try_from(value).ok()
        };
        let escaped = (*first == b'\\').then(|| tail.get(..3).and_then(octal));
        if let Some(Some(byte)) = escaped {
            bytes.push(byte);
            rest = &tail[3..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    OsString::from_vec(bytes)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::volumes::Nature;

    fn places(mountinfo: &str) -> Vec<String> {
        let volumes = volumes(mountinfo.as_bytes(), &BTreeSet::new());
        let place = |entry: &Entry| entry.at.display().to_string();
        volumes.iter().map(place).collect()
    }

    #[test]
    fn fields_are_read_and_escapes_undone() {
        let line = br"36 35 98:4 / /mnt/a\040b\134c rw,noatime master:1 shared:7 - ext3 /dev/sd\011a ro,errors=continue";
        let entry = Entry::parse(line).unwrap();
        assert_eq!(entry.at, Path::new("/mnt/a b\\c"));
        assert_eq!(entry.source, "/dev/sd\ta");
        assert_eq!(entry.device, libc::makedev(98, 4));
        assert!(entry.read_only, "the file system is, though not the mount");
        let uuid = VolumeId::from_u128(7);
        let mount = entry.mount(&HashMap::from([(libc::makedev(98, 4), uuid)]));
        assert_eq!((mount.nature, mount.uuid), (Nature::ReadOnly, Some(uuid)));
    }

    #[test]
    fn bind_mounts_are_one_volume_at_the_place_that_shows_all() {
        let text = "\
            20 1 8:1 /srv /bound rw - ext4 /dev/sda1 rw\n\
            21 1 8:1 / /whole rw - ext4 /dev/sda1 rw\n\
            22 1 8:1 / /again rw - ext4 /dev/sda1 rw\n\
            23 1 8:2 / /other rw - ext4 /dev/sda2 rw\n";
        assert_eq!(places(text), ["/whole", "/other"]);
    }

    #[test]
    fn a_place_that_is_known_stays_the_volumes() {
        let text = "\
            20 1 8:1 / /bound rw - ext4 /dev/sda1 rw\n\
            30 1 8:1 / /mnt rw - ext4 /dev/sda1 rw\n";
        assert_eq!(places(text), ["/bound"]);
        let known = BTreeSet::from(["/mnt".into()]);
        assert_eq!(volumes(text.as_bytes(), &known)[0].at, Path::new("/mnt"));
    }

    #[test]
    fn what_is_hidden_by_a_later_mount_is_none() {
        let text = "\
            20 1 8:1 / /mnt rw - ext4 /dev/sda1 rw\n\
            21 1 0:9 / /mnt rw - tmpfs tmpfs rw\n";
        assert_eq!(places(text), ["/mnt"]);
        assert_eq!(volumes(text.as_bytes(), &BTreeSet::new())[0].kind, "tmpfs");
    }

    #[test]
    fn natures_are_told_apart() {
        for (kind, expected) in [
            ("ext4", Nature::Local),
            ("tmpfs", Nature::Local),
            ("nfs4", Nature::Network),
            ("fuse.sshfs", Nature::Network),
            ("proc", Nature::Virtual),
            ("autofs", Nature::Virtual),
        ] {
            assert_eq!(nature(kind, false), expected, "{kind}");
        }
        assert_eq!(nature("ext4", true), Nature::ReadOnly);
    }

    #[test]
    fn lines_that_are_cut_short_are_passed_over() {
        let whole = "36 35 98:4 / /mnt rw shared:7 - ext3 /dev/sda rw";
        for length in 0..whole.len() - 2 {
            assert_eq!(Entry::parse(&whole.as_bytes()[..length]), None, "{length}");
        }
        assert!(Entry::parse(whole.as_bytes()).is_some());
        assert!(!places(&std::fs::read_to_string("/proc/self/mountinfo").unwrap()).is_empty());
    }
}
