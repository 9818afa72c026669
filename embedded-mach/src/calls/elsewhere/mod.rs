//! Calls on another task's names: what MIG's client stubs are on Mach, a request to that task's port.
//!
//! Who has such a port got it from a child that lends its own (the library's `task-port`). The routines are those that
//! `kernel::subsystems` answers; what comes back is checked as MIG's stubs check it.
//!
//! - `request`: a request, put together;
//! - `answer`: its reply, taken apart;
//! - `notification`: the one request whose answer may have to come from here.

mod answer;
mod notification;
mod request;

use crate::headers::kern_return::kern_return_t;
use crate::headers::message::MACH_SEND_INVALID_DEST;
use crate::headers::port::mach_port_name_t;
use crate::kernel::Kernel;
use crate::kernel::objects::kobject::TaskPort;
use crate::kernel::task;

pub(super) use answer::Array;
pub(super) use request::Request;

type Result<T> = core::result::Result<T, kern_return_t>;

/// A right to the port of another task.
#[derive(Clone, Copy)]
pub(super) struct OtherTask(mach_port_name_t);

/// The routines of the subsystem `mach_port`, by their ids.
#[derive(Clone, Copy)]
#[repr(i32)]
pub(super) enum Routine {
    Names = 3200,
    Type,
    Rename,
    AllocateName,
    Allocate,
    Destroy,
    Deallocate,
    GetRefs,
    ModRefs,
    Peek,
    SetMscount,
    GetSetStatus,
    MoveMember,
    RequestNotification,
    InsertRight,
    ExtractRight,
    SetSeqno,
    GetAttributes,
    SetAttributes,
    AllocateQos,
    AllocateFull,
    GetSrights = 3222,
    SpaceInfo,
    InsertMember = 3226,
    ExtractMember,
    GetContext,
    SetContext,
    Construct = 3231,
    Destruct,
    Guard,
    Unguard,
    SpaceBasicInfo,
    GuardWithFlags = 3237,
    SwapGuard,
    AssertAttributes = 3242,
}

impl OtherTask {
    /// A request with these words.
    pub(super) fn request(self, routine: Routine, words: &[u32]) -> Request {
        Request::new(self.0, routine as i32, words)
    }
}

/// A number of 64 bits as two words.
pub(super) const fn long(value: u64) -> [u32; 2] {
    [value as u32, (value >> 32) as u32]
}

/// Does a call on a task's names: `own` if the task is this one, `there` if the name is a right to another one's port.
/// Neither this task nor another is `MACH_SEND_INVALID_DEST`; that is also a port on which this task itself receives, for
/// nobody else could answer.
pub(super) fn on_names<T>(
    task: mach_port_name_t,
    own: impl FnOnce(&mut Kernel) -> Result<T>,
    there: impl FnOnce(OtherTask) -> Result<T>,
) -> Result<T> {
    on_names_by(task, TaskPort::Control, own, there)
}

/// As [`on_names`], by a port that is good for as much.
pub(super) fn on_names_by<T>(
    name: mach_port_name_t,
    least: TaskPort,
    own: impl FnOnce(&mut Kernel) -> Result<T>,
    there: impl FnOnce(OtherTask) -> Result<T>,
) -> Result<T> {
    let mut kernel = task::lock();
    if kernel.is_self(name, least) {
        return own(&mut kernel);
    }
    if !kernel.leads_elsewhere(name) {
        return Err(MACH_SEND_INVALID_DEST);
    }
    drop(kernel);
    there(OtherTask(name))
}
