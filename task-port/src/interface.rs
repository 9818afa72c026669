//! The calls on a task's names, as `mach/mach_port.defs` has them, and what the library adds.

use mach_interface::kind::{Array, Counted, Ool, PortSendOnce, Room};
use mach_interface::subsystem;
use mach_ports::{AnyRight, Name, ReturnCode};

/// What can be asked of a task's port. A name is one of the task that is asked, `right` a `MACH_PORT_RIGHT_*`.
#[subsystem(base = 3200, crate = mach_interface)]
pub trait MachPort {
    /// All names, and what rights each has (`MACH_PORT_TYPE_*`).
    fn names(&self) -> Result<(Ool<Name>, Ool<u32>), ReturnCode>;
    /// What rights a name has.
    fn kind(&self, name: Name) -> Result<u32, ReturnCode>;
    /// Makes a right under a name that is given. `mach_port_rename` is used up.
    #[skip]
    fn allocate_name(&self, right: u32, name: Name) -> Result<(), ReturnCode>;
    /// Makes a right under a name that is found.
    fn allocate(&self, right: u32) -> Result<Name, ReturnCode>;
    /// Releases all that a name has.
    fn destroy(&self, name: Name) -> Result<(), ReturnCode>;
    /// Releases one reference to a send, send-once or dead name right.
    fn deallocate(&self, name: Name) -> Result<(), ReturnCode>;
    /// How many references a name has to a right.
    fn get_refs(&self, name: Name, right: u32) -> Result<u32, ReturnCode>;
    /// Adds references to a right, or takes some away.
    fn mod_refs(&self, name: Name, right: u32, delta: i32) -> Result<(), ReturnCode>;
    /// The members of a port set; `mach_port_peek` and `mach_port_set_mscount` are left out.
    #[skip]
    #[skip]
    fn get_set_status(&self, name: Name) -> Result<Ool<Name>, ReturnCode>;
    /// Moves a receive right into a port set, or out of all.
    fn move_member(&self, member: Name, after: Name) -> Result<(), ReturnCode>;
    /// Has a notification sent when something happens to a name; gives the right that was to be told so far.
    fn request_notification(
        &self,
        name: Name,
        id: i32,
        sync: u32,
        notify: Option<PortSendOnce>,
    ) -> Result<Option<PortSendOnce>, ReturnCode>;
    /// Gives a name a right.
    fn insert_right(&self, name: Name, right: AnyRight) -> Result<(), ReturnCode>;
    /// Takes a right from a name, or makes one from it, by a disposition.
    fn extract_right(&self, name: Name, disposition: u32) -> Result<AnyRight, ReturnCode>;
    /// What a receive right is like, by flavor; `mach_port_set_seqno` is left out.
    #[skip]
    fn get_attributes(
        &self,
        name: Name,
        flavor: i32,
        room: Room<17>,
    ) -> Result<Counted<u32, 17>, ReturnCode>;
    /// Changes what a receive right is like.
    fn set_attributes(
        &self,
        name: Name,
        flavor: i32,
        info: Array<u32, 17>,
    ) -> Result<(), ReturnCode>;
}

/// What the kernel has no call for, and the task's library answers.
#[subsystem(base = 0x6d72_7500, crate = mach_interface)]
pub(crate) trait Beside {
    /// The sockets behind the task's names, where there are any: names, and the inode of a socket of each.
    #[out(names, inodes)]
    fn sockets(&self) -> Result<(Ool<Name>, Ool<u64>), ReturnCode>;
}
