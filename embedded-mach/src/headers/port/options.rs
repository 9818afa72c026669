//! Options of a port that is constructed, and guards.

use core::ffi::c_char;

use crate::headers::machine::natural_t;

use super::mach_port_limits_t;

/// `MPO_` bits.
pub type mpo_flags_t = u32;

/// The context is the guard.
pub const MPO_CONTEXT_AS_GUARD: u32 = 0x01;
/// The queue limit is given.
pub const MPO_QLIMIT: u32 = 0x02;
/// The receive right will move to another task.
pub const MPO_TEMPOWNER: u32 = 0x04;
/// The port takes importance.
pub const MPO_IMPORTANCE_RECEIVER: u32 = 0x08;
/// The name also gets a send right.
pub const MPO_INSERT_SEND_RIGHT: u32 = 0x10;
/// The guard is strict.
pub const MPO_STRICT: u32 = 0x20;
/// The port wakes napping apps.
pub const MPO_DENAP_RECEIVER: u32 = 0x40;
/// The guard forbids moving the receive right.
pub const MPO_IMMOVABLE_RECEIVE: u32 = 0x80;
/// Messages may be filtered.
pub const MPO_FILTER_MSG: u32 = 0x100;
/// Who waits for an answer lends its priority.
pub const MPO_TG_BLOCK_TRACKING: u32 = 0x200;
/// A service's port; for the service manager only.
pub const MPO_SERVICE_PORT: u32 = 0x400;
/// A port for one client of a service.
pub const MPO_CONNECTION_PORT: u32 = 0x800;
/// A port for replies, which takes one send-once right.
pub const MPO_REPLY_PORT: u32 = 0x1000;
/// Who sends here must use reply ports.
pub const MPO_ENFORCE_REPLY_PORT_SEMANTICS: u32 = 0x2000;
/// A port for replies with looser rules.
pub const MPO_PROVISIONAL_REPLY_PORT: u32 = 0x4000;
/// The newer name of [`MPO_PROVISIONAL_REPLY_PORT`].
pub const MPO_WEAK_REPLY_PORT: mpo_flags_t = 0x4000;
/// A port for notifications only.
pub const MPO_NOTIFICATION_PORT: mpo_flags_t = 0x4400;
/// A port for exceptions.
pub const MPO_EXCEPTION_PORT: mpo_flags_t = 0x8000;
/// A connection's port that takes arrays of rights.
pub const MPO_CONNECTION_PORT_WITH_PORT_ARRAY: mpo_flags_t = 0x1_0000;

/// Who has this entitlement may make [`MPO_WEAK_REPLY_PORT`]s.
pub const MACH_PORT_WEAK_REPLY_ENTITLEMENT: *const c_char =
    c"com.apple.private.allow-weak-reply-port".as_ptr();

/// What a port is to be.
#[repr(C)]
#[derive(Copy, Clone, Debug, Default, Hash, PartialOrd, PartialEq, Eq, Ord)]
pub struct mach_port_options_t {
    /// `MPO_` bits.
    pub flags: u32,
    /// The queue limit, with [`MPO_QLIMIT`].
    pub mpl: mach_port_limits_t,
    /// A service's name or port, with [`MPO_SERVICE_PORT`] or [`MPO_CONNECTION_PORT`].
    pub reserved: [u64; 2],
}
/// Where options are.
pub type mach_port_options_ptr_t = *mut mach_port_options_t;

/// How a port is to be allocated; an older form of [`mach_port_options_t`].
#[repr(C)]
#[derive(Copy, Clone, Debug, Default, Hash, PartialOrd, PartialEq, Eq, Ord)]
pub struct mach_port_qos_t {
    /// Bit 0: the name is given. Bit 1: room for a message is set aside.
    pub flags: u32,
    /// How much room.
    pub len: natural_t,
}

/// Guard: strict.
pub const MPG_STRICT: u64 = 0x01;
/// Guard: the receive right cannot be moved.
pub const MPG_IMMOVABLE_RECEIVE: u64 = 0x02;
/// Guard: nothing special.
pub const MPG_FLAGS_NONE: u64 = 0;

/// The type of an exception that a guarded port raises.
pub const GUARD_TYPE_MACH_PORT: u32 = 1;

// Why a guarded port raises an exception.
/// It was to be destroyed.
pub const kGUARD_EXC_DESTROY: u32 = 1;
/// Its references were to be changed.
pub const kGUARD_EXC_MOD_REFS: u32 = 2;
/// Options that do not go together.
pub const kGUARD_EXC_INVALID_OPTIONS: u32 = 3;
/// Its context was to be changed.
pub const kGUARD_EXC_SET_CONTEXT: u32 = 4;
/// It was to be unguarded and had no guard.
pub const kGUARD_EXC_UNGUARDED: u32 = 1 << 3;
/// The guard given was another.
pub const kGUARD_EXC_INCORRECT_GUARD: u32 = 1 << 4;
/// Its receive right was to be moved.
pub const kGUARD_EXC_IMMOVABLE: u32 = 1 << 5;
/// The rules of strict replies were broken.
pub const kGUARD_EXC_STRICT_REPLY: u32 = 1 << 6;
/// A message filter said no.
pub const kGUARD_EXC_MSG_FILTERED: u32 = 1 << 7;
/// A weak reply port where none may be.
pub const kGUARD_EXC_WEAK_REPLY_PORT: u32 = 0x0010_0002;
/// A weak reply port was to be moved.
pub const kGUARD_EXC_MOVE_WEAK_REPLY_PORT: u32 = 0x0010_0004;
/// A notification was to go to a port that is not for them.
pub const kGUARD_EXC_INVALID_NOTIFICATION_PORT: u32 = 0x0010_0006;
/// An exception handler was to set a thread's state.
pub const kGUARD_EXC_MACH_EXC_THREAD_SET_STATE: u32 = 0x0010_0007;
/// A notification request that is bound to a port for notifications.
pub const kGUARD_EXC_CV_NOTIFICATION_PORT_REQ: u32 = 0x0010_0008;

const _: () = assert!(size_of::<mach_port_options_t>() == 24 && size_of::<mach_port_qos_t>() == 8);

/// The name of a service and the domain that it is in.
#[repr(C)]
#[derive(Copy, Clone, Debug)]
pub struct mach_service_port_info {
    /// The name, ended by a 0.
    pub mspi_string_name: [c_char; 255],
    /// The domain.
    pub mspi_domain_type: u8,
}
/// Where [`mach_service_port_info`] is put.
pub type mach_service_port_info_t = *mut mach_service_port_info;
/// [`mach_service_port_info`].
pub type mach_service_port_info_data_t = mach_service_port_info;

/// A description of an object of the kernel's.
pub type kobject_description_t = [c_char; 512];
