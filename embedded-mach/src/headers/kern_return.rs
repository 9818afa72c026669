//! What the kernel calls return: `mach/kern_return.h`.
#![allow(non_camel_case_types, reason = "the names are those of the C header")]

use core::ffi::c_int;

/// The result of a kernel call: 0 is success.
pub type kern_return_t = c_int;

/// The call did what was asked.
pub const KERN_SUCCESS: kern_return_t = 0;
/// The address is not valid, or not mapped.
pub const KERN_INVALID_ADDRESS: kern_return_t = 1;
/// The memory's protection forbids the access.
pub const KERN_PROTECTION_FAILURE: kern_return_t = 2;
/// No room at that address, or no name of that number can exist.
pub const KERN_NO_SPACE: kern_return_t = 3;
/// An argument is not one the call takes.
pub const KERN_INVALID_ARGUMENT: kern_return_t = 4;
/// The call cannot be done; which reason depends on the call.
pub const KERN_FAILURE: kern_return_t = 5;
/// The system lacks memory, descriptors or names for it.
pub const KERN_RESOURCE_SHORTAGE: kern_return_t = 6;
/// The task does not hold the receive right.
pub const KERN_NOT_RECEIVER: kern_return_t = 7;
/// Access is limited.
pub const KERN_NO_ACCESS: kern_return_t = 8;
/// The memory object was destroyed while it was used.
pub const KERN_MEMORY_FAILURE: kern_return_t = 9;
/// The memory object gave no data.
pub const KERN_MEMORY_ERROR: kern_return_t = 10;
/// The receive right is in the set already.
pub const KERN_ALREADY_IN_SET: kern_return_t = 11;
/// The receive right is not in the set.
pub const KERN_NOT_IN_SET: kern_return_t = 12;
/// The name denotes something already.
pub const KERN_NAME_EXISTS: kern_return_t = 13;
/// The call was broken off, for instance by a signal.
pub const KERN_ABORTED: kern_return_t = 14;
/// The name denotes nothing.
pub const KERN_INVALID_NAME: kern_return_t = 15;
/// The task is not one this call can act on.
pub const KERN_INVALID_TASK: kern_return_t = 16;
/// The name denotes something, but not the right the call needs.
pub const KERN_INVALID_RIGHT: kern_return_t = 17;
/// A value is out of range.
pub const KERN_INVALID_VALUE: kern_return_t = 18;
/// User references would overflow; no call returns it any more.
pub const KERN_UREFS_OVERFLOW: kern_return_t = 19;
/// The right is dead or of another kind of object.
pub const KERN_INVALID_CAPABILITY: kern_return_t = 20;
/// The task holds the right already, under another name.
pub const KERN_RIGHT_EXISTS: kern_return_t = 21;
/// The host port is not one.
pub const KERN_INVALID_HOST: kern_return_t = 22;
/// The page is there already.
pub const KERN_MEMORY_PRESENT: kern_return_t = 23;
/// The page was moved away.
pub const KERN_MEMORY_DATA_MOVED: kern_return_t = 24;
/// The copy must be started again.
pub const KERN_MEMORY_RESTART_COPY: kern_return_t = 25;
/// The processor set port is not one.
pub const KERN_INVALID_PROCESSOR_SET: kern_return_t = 26;
/// The scheduling parameters are over their limit.
pub const KERN_POLICY_LIMIT: kern_return_t = 27;
/// The scheduling policy is not one.
pub const KERN_INVALID_POLICY: kern_return_t = 28;
/// The object is not one.
pub const KERN_INVALID_OBJECT: kern_return_t = 29;
/// Somebody waits already.
pub const KERN_ALREADY_WAITING: kern_return_t = 30;
/// The default set cannot be destroyed.
pub const KERN_DEFAULT_SET: kern_return_t = 31;
/// The exception port is protected.
pub const KERN_EXCEPTION_PROTECTED: kern_return_t = 32;
/// The ledger is not one.
pub const KERN_INVALID_LEDGER: kern_return_t = 33;
/// The memory control port is not one.
pub const KERN_INVALID_MEMORY_CONTROL: kern_return_t = 34;
/// The security token is not that of the host.
pub const KERN_INVALID_SECURITY: kern_return_t = 35;
/// The thread's priority was not depressed.
pub const KERN_NOT_DEPRESSED: kern_return_t = 36;
/// The object is gone or going.
pub const KERN_TERMINATED: kern_return_t = 37;
/// The lock set was destroyed.
pub const KERN_LOCK_SET_DESTROYED: kern_return_t = 38;
/// The holder of the lock died.
pub const KERN_LOCK_UNSTABLE: kern_return_t = 39;
/// Somebody else holds the lock.
pub const KERN_LOCK_OWNED: kern_return_t = 40;
/// The caller holds the lock already.
pub const KERN_LOCK_OWNED_SELF: kern_return_t = 41;
/// The semaphore was destroyed.
pub const KERN_SEMAPHORE_DESTROYED: kern_return_t = 42;
/// The server died during the call.
pub const KERN_RPC_SERVER_TERMINATED: kern_return_t = 43;
/// An orphaned activation is to end.
pub const KERN_RPC_TERMINATE_ORPHAN: kern_return_t = 44;
/// An orphaned activation is to go on.
pub const KERN_RPC_CONTINUE_ORPHAN: kern_return_t = 45;
/// The call exists but does nothing here.
pub const KERN_NOT_SUPPORTED: kern_return_t = 46;
/// The other machine is down.
pub const KERN_NODE_DOWN: kern_return_t = 47;
/// Nobody waits.
pub const KERN_NOT_WAITING: kern_return_t = 48;
/// The time was up first.
pub const KERN_OPERATION_TIMED_OUT: kern_return_t = 49;
/// A page failed its code signature.
pub const KERN_CODESIGN_ERROR: kern_return_t = 50;
/// The policy cannot be changed.
pub const KERN_POLICY_STATIC: kern_return_t = 51;
/// The buffer is too small for the answer.
pub const KERN_INSUFFICIENT_BUFFER_SIZE: kern_return_t = 52;
/// A security policy forbids it.
pub const KERN_DENIED: kern_return_t = 53;
/// The kernel collection is missing.
pub const KERN_MISSING_KC: kern_return_t = 54;
/// The kernel collection is not valid.
pub const KERN_INVALID_KC: kern_return_t = 55;
/// The search found nothing.
pub const KERN_NOT_FOUND: kern_return_t = 56;
/// The place in a guarded memory object is not one.
pub const KERN_INVALID_GUARD_OBJECT_SLOT: kern_return_t = 57;
/// No kernel code is above this.
pub const KERN_RETURN_MAX: kern_return_t = 0x100;
