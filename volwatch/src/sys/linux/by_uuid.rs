//! The UUIDs of file systems, as udev has read them.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::MetadataExt;

use crate::VolumeId;

const BY_UUID: &str = "/dev/disk/by-uuid";

/// The UUIDs by the numbers of the devices that hold the file systems. Empty where there is no udev.
///
/// What is no whole UUID (FAT and NTFS have shorter ids) is left out, and so is the nil one.
pub(super) fn read() -> HashMap<u64, VolumeId> {
    let Ok(links) = fs::read_dir(BY_UUID) else {
        return HashMap::new();
    };
    let device = |link: fs::DirEntry| {
        let id = VolumeId::parse_str(link.file_name().to_str()?).ok()?;
        let device = fs::metadata(link.path()).ok()?.rdev();
        (!id.is_nil()).then_some((device, id))
    };
    links.filter_map(Result::ok).filter_map(device).collect()
}
