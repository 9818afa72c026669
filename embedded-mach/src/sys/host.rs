//! What this machine has.

use std::collections::HashSet;
use std::fs;

use nix::sys::utsname::uname;

/// Processors, cores and memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Machine {
    /// Processors that work, and that there can be.
    pub(crate) online: u32,
    pub(crate) configured: u32,
    /// Cores that work.
    pub(crate) cores: u32,
    /// Bytes.
    pub(crate) memory: u64,
}

pub(crate) fn machine() -> Machine {
    let online = count(libc::_SC_NPROCESSORS_ONLN).max(1);
    Machine {
        online,
        configured: count(libc::_SC_NPROCESSORS_CONF).max(online),
        cores: cores().filter(|&cores| cores > 0).unwrap_or(online),
        memory: u64::from(count(libc::_SC_PHYS_PAGES)) * super::memory::page_size() as u64,
    }
}

fn count(what: i32) -> u32 {
    // SAFETY: a question without arguments in memory.
    let count = unsafe { libc::sysconf(what) };
    u32::try_from(count).unwrap_or(0)
}

/// Processors that share no core: each says which others it shares its own with.
fn cores() -> Option<u32> {
    let mut groups = HashSet::new();
    for entry in fs::read_dir("/sys/devices/system/cpu").ok()? {
        let siblings = entry.ok()?.path().join("topology/thread_siblings_list");
        if let Ok(siblings) = fs::read_to_string(siblings) {
            groups.insert(siblings);
        }
    }
    u32::try_from(groups.len()).ok()
}

/// The kernel's name, release and build.
pub(crate) fn kernel_version() -> String {
    uname().map_or_else(
        |_| "Linux".to_owned(),
        |names| {
            let [name, release, version] = [names.sysname(), names.release(), names.version()]
                .map(|text| text.to_string_lossy().into_owned());
            format!("{name} {release}: {version}")
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_has_processors_and_memory() {
        let machine = machine();
        assert!(0 < machine.online && machine.online <= machine.configured);
        assert!(0 < machine.cores && machine.cores <= machine.configured);
        assert!(machine.memory > 1 << 20);
        assert!(kernel_version().starts_with("Linux "));
    }
}
