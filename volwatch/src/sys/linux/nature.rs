//! What the types of file systems are to the watcher.

use crate::volumes::Nature;

/// The kernel's tables, and `autofs`, at which a mere look mounts something.
const VIRTUAL: &[&str] = &[
    "autofs",
    "binfmt_misc",
    "bpf",
    "cgroup",
    "cgroup2",
    "configfs",
    "debugfs",
    "devpts",
    "efivarfs",
    "fusectl",
    "hugetlbfs",
    "mqueue",
    "nsfs",
    "proc",
    "pstore",
    "resctrl",
    "rpc_pipefs",
    "securityfs",
    "selinuxfs",
    "sysfs",
    "tracefs",
];

/// Others answer for them. FUSE too: a process does, and may be any user's.
const NETWORK: &[&str] = &[
    "9p",
    "afs",
    "beegfs",
    "ceph",
    "cifs",
    "coda",
    "fuse",
    "gfs2",
    "glusterfs",
    "gpfs",
    "lustre",
    "ncpfs",
    "nfs",
    "nfs4",
    "ocfs2",
    "orangefs",
    "smb3",
    "smbfs",
    "virtiofs",
];

pub(super) fn nature(kind: &str, read_only: bool) -> Nature {
    if VIRTUAL.contains(&kind) {
        Nature::Virtual
    } else if NETWORK.contains(&kind) || kind.starts_with("fuse.") {
        Nature::Network
    } else if read_only {
        Nature::ReadOnly
    } else {
        Nature::Local
    }
}
