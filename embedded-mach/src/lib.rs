//! Mach IPC for Linux: the calls, types and semantics of macOS's ports, in the process itself.
//!
//! Module paths, names, signatures, constants and layouts are those of the crate `mach2`, so that code written for
//! it compiles after a change of the crate's name; what `mach2` lacks is in [`extra`], what only Linux has in
//! [`linux`]. There is no daemon and nothing to install: a process is a task from its first call on.
//!
//! ```
//! use embedded_mach::mach_port::{mach_port_allocate, mach_port_mod_refs};
//! use embedded_mach::port::{MACH_PORT_NULL, MACH_PORT_RIGHT_RECEIVE};
//! use embedded_mach::traps::mach_task_self;
//!
//! let mut name = MACH_PORT_NULL;
//! // SAFETY: `name` is a live local, and the right that it then names is released once.
//! unsafe {
//!     assert_eq!(mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &mut name), 0);
//!     assert_eq!(mach_port_mod_refs(mach_task_self(), name, MACH_PORT_RIGHT_RECEIVE, -1), 0);
//! }
//! ```
//!
//! # How it works
//!
//! Names, references, queues and notifications of one task are tables in its process, in safe Rust behind one lock
//! (`src/kernel/`). Between tasks a right to send is the end of a `SEQPACKET` socket pair that nobody else has, a
//! *link*; a message is one packet on it, rights travel as passed descriptors (`src/wire/`), large memory as sealed
//! memfds. What the Linux kernel says of a socket stands for what Mach knows of a port: a hang-up is a dead name,
//! the end of a link a sender less, passed credentials the audit token (`src/sys/`, with all that is unsafe).
//!
//! The process at the other end of a link may be hostile and need not use this library. Every packet is checked
//! before anything of it is used; one that breaks a rule is dropped whole, with its link, and the receiver goes on.
//! Ports are recognised on the kernel's word only, never by what a message claims.
//!
//! A thread of the library's own exists from the first notification request on that depends on another task. It
//! blocks all signals and wakes only when such a task's ports change.
//!
//! # Deviations
//!
//! What Linux cannot give, each with what happens instead:
//!
//! - **Other tasks** cannot be worked on: their task ports are not to be had (`task_for_pid`: `KERN_FAILURE`), and
//!   calls with another task's name return `MACH_SEND_INVALID_DEST`. A task or thread port that is sent to another task
//!   arrives as `MACH_PORT_DEAD`.
//! - **Names**: send rights to one port that reach a third task from different senders are two names there. A task
//!   knows its own ports again however a right to them comes back, and a right that the same sender sends again.
//! - **Order**: a port is first-in first-out over all its senders by the Linux kernel's time of each send, and by the
//!   sender's word where that kernel was not asked yet: for what a new sender sent before the receiver first looked.
//!   Messages of one sender keep their order; a wall clock that is set back can swap messages of different senders.
//! - **Queue limit**: counted in messages within a task; a sender in another task is held back by bytes instead (about
//!   50 KiB unread). The message count of a status includes only some of what senders elsewhere sent and nobody received.
//! - **Audit tokens**: effective ids are the real ones, audit user is the real user, session and pid version are 0. The
//!   messages that wait in a queue when its receive right moves, as far as they came from the moving task or were already taken
//!   from the socket, carry the token of the task that moved it. A notification made in another task (a send-once notification
//!   apart) carries that task's token instead of the kernel's zeros.
//! - **`fork`** without `exec` leaves the child without rights from its first step on. Until that step, or in a spawned
//!   child until it executes, send rights that the parent gives up do not seem to go: no-senders notifications wait.
//! - **Nesting**: receive rights in the queues of receive rights that move, 16 deep at most with the one that moves:
//!   `MACH_SEND_NO_BUFFER`. The same code tells a want of descriptors: each right between tasks is one.
//! - **Cycles** of receive rights in each other's queues, or saved by nobody but each other, are destroyed at once within
//!   a task; where they have been in several tasks the Linux kernel finds them in its own time.
//! - **Lost rights**: a task without free descriptors receives `MACH_RCV_BODY_ERROR` and a message without body.
//! - **Message buffers** that cannot be read or written are a fault of the caller, not `MACH_SEND_INVALID_DATA` or
//!   `MACH_RCV_INVALID_DATA`; out-of-line memory that cannot be read is `MACH_SEND_INVALID_MEMORY`.
//! - **Guards**: a violation is its code, and no exception unless the program asks for it
//!   ([`linux::set_guard_exceptions`]); the exception then ends the process, for there are no handlers.
//! - **Vouchers** do not exist (`MACH_SEND_INVALID_VOUCHER`); importance and turnstiles are accepted without effect.
//! - **Bootstrap**: `bootstrap_register` takes ports that this task receives on, others are
//!   `BOOTSTRAP_NOT_PRIVILEGED`. A bootstrap port that is not the directory (an inherited one) has no names:
//!   `BOOTSTRAP_UNKNOWN_SERVICE`. A bootstrap port that the task set (or was passed with
//!   [`linux::bootstrap_for_child`]) and its registered ports (`mach_ports_register`) are inherited by forked and
//!   spawned children through open descriptors and the environment ([`linux::INHERITED_PORTS_VARIABLE`]): a child
//!   without these has the directory, and no registered ports. Semaphores, memory entries and file ports are not inherited.
//! - **Requests** of a task that ends, by itself or killed, end with it: their notify ports in other tasks get
//!   send-once notifications in place of port-destroyed ones (the receive right is gone) and port-deleted ones.
//! - **Semaphores** end with the task that made them as soon as somebody waits for them, or looks. Waiting threads wake in
//!   no particular order, and a signal may be taken by a thread that came after the one it woke.
//! - **Shared memory** is a memfd. Memory at an address that `mach_make_memory_entry`, `vm_remap` without copy or
//!   `VM_INHERIT_SHARE` names becomes shared where it is, with forked children, too; no other thread may write to it during the call. The
//!   heap, the first thread's stack and shared mappings that are the program's own are `KERN_NOT_SUPPORTED`, as is
//!   `VM_INHERIT_COPY` or `VM_PROT_COPY` of shared memory. Of a memory entry's rights, reading and writing are kept, not
//!   execution; a read-only entry keeps a receiver from mistakes, not from opening the memory again in `/proc`.
//! - **Protections**: there is no maximum beside the current one, except that a mapping without the right to write never
//!   gets it. `MAP_MEM_ONLY` is `KERN_NOT_SUPPORTED`.
//! - **File ports** of one open file are as many ports as were made; one that comes home has another name.
//! - **Refused**: `task_info` beside basic, event and time flavors and tokens, and memory set aside by `mach_port_allocate_full`, are
//!   `KERN_NOT_SUPPORTED`; `bootstrap_create_server`, `bootstrap_create_service`, `bootstrap_subset`, `bootstrap_unprivileged`
//!   and `bootstrap_parent` are `BOOTSTRAP_NOT_PRIVILEGED`. Other calls of `mach2` are not declared.
//! - **Threads**: `thread_switch` cannot choose who runs next; priorities do not follow messages through a special reply port.
#![cfg(target_os = "linux")]

mod calls;
mod headers;
mod kernel;
pub mod linux;
mod sys;
mod wire;

pub use calls::by_header::{
    bootstrap, error, extra, mach_init, mach_port, mach_time, message, mig, semaphore, task,
    task_special_ports, thread_switch, traps, vm, vm_page_size,
};
pub use headers::{
    boolean, clock_types, kern_return, mach_debug, mach_types, mach_voucher_types,
    memory_object_types, ndr, notify, policy, port, sync_policy, task_info, time_value,
    vm_behavior, vm_inherit, vm_prot, vm_statistics, vm_types,
};
