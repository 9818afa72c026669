//! The name space as a whole: how large it is, and a row for each name.

use super::space::Object;
use crate::headers::port::{MACH_PORT_TYPE_PORT_SET, MACH_PORT_TYPE_RECEIVE, MACH_PORT_TYPE_SEND};
use crate::kernel::Kernel;
use crate::kernel::ports::ids;

/// The bits of a name that are its generation.
const GENERATION: u32 = 0xff;
/// Keeps the numbers of sets apart from those of ports.
const A_SET: u32 = 1 << 31;

impl Kernel {
    /// `ipc_info_space_basic_t`: how many names there are, and room for how many.
    pub(crate) fn space_in_short(&self) -> [u32; 6] {
        let used = self.space.names().count() as u32;
        [GENERATION, self.space.size(), 0, used, 0, 0]
    }

    /// `ipc_info_space_t`: room for how many names there is.
    pub(crate) fn space_in_general(&self) -> [u32; 6] {
        [GENERATION, self.space.size(), 0, 0, 0, 0]
    }

    /// `ipc_info_name_t` of each name: name, collision, type, user references, the port as a number, its request, hash.
    pub(crate) fn name_table(&mut self) -> Vec<[u32; 7]> {
        let names = self.all_names();
        let row = |(name, kind)| {
            let entry = self.space.get(name)?;
            // A receive right or set alone has no user references to count.
            let alone = MACH_PORT_TYPE_RECEIVE | MACH_PORT_TYPE_PORT_SET;
            let counted = !entry.has(alone) || entry.has(MACH_PORT_TYPE_SEND);
            let references = if counted { entry.urefs } else { 0 };
            let object = match entry.object {
                Object::Gone => 0,
                Object::Port(key) => ids::number(key) as u32,
                Object::Set(key) => ids::number(key) as u32 | A_SET,
            };
            let request = u32::from(entry.request.is_some());
            Some([name, 0, kind, references, object, request, 0])
        };
        names.into_iter().filter_map(row).collect()
    }
}
