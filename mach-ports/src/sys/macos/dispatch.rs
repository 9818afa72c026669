//! Queues and sources of libdispatch.

use std::ffi::c_void;
use std::io;

use std::sync::Arc;

use dispatch2::{
    _dispatch_source_type_mach_recv, _dispatch_source_type_proc, DispatchObject, DispatchQueue,
    DispatchQueueAttr, DispatchRetained, DispatchSource, dispatch_source_proc_flags_t,
    dispatch_source_type_s,
};
use parking_lot::Mutex;

use crate::calls::Name;
use crate::dispatch::DispatchError;
use crate::message::AuditToken;
use crate::sys::macos::process::numbers;
use crate::sys::macos::spawn::Handle;
use crate::sys::{Event, Job};

/// A serial dispatch queue.
#[derive(Clone)]
pub(crate) struct Queue(DispatchRetained<DispatchQueue>);

impl Queue {
    pub(crate) fn new(label: &str) -> Result<Self, DispatchError> {
        Ok(Self(DispatchQueue::new(label, DispatchQueueAttr::SERIAL)))
    }

    pub(crate) fn run(&self, job: Job) {
        self.0.exec_async(job);
    }
}

/// A dispatch source that is active from the start.
pub(crate) struct Source {
    source: DispatchRetained<DispatchSource>,
    /// The process whose exit it is about, as the kernel counts them.
    process: Option<u64>,
}

/// What a source's functions find in its context.
struct Context {
    event: Event,
    cancelled: Option<Job>,
}

impl Source {
    pub(crate) fn mach_receive(
        port: Name,
        queue: &Queue,
        event: Event,
        cancelled: Job,
    ) -> Result<Self, DispatchError> {
        let kind = &raw const _dispatch_source_type_mach_recv;
        // SAFETY: the port is a receive right that outlives the source, see `crate::dispatch::receive`.
        Ok(unsafe { Self::new(kind, port as usize, 0, queue, event, cancelled) })
    }

    pub(crate) fn process_exit(
        pid: i32,
        _handle: Handle,
        queue: &Queue,
        event: Event,
        cancelled: Job,
    ) -> Result<Self, DispatchError> {
        let exit = dispatch_source_proc_flags_t::DISPATCH_PROC_EXIT.0 as usize;
        let kind = &raw const _dispatch_source_type_proc;
        let shared = Arc::new(Mutex::new(event));
        let in_source = Arc::clone(&shared);
        let event = Box::new(move || in_source.lock()());
        // SAFETY: the handle is a process id and the mask one of the type's flags.
        let mut source = unsafe { Self::new(kind, pid as usize, exit, queue, event, cancelled) };
        source.process = numbers(pid).map(|numbers| numbers.unique);
        // libdispatch reports a process that is not there as exited; one that was reaped while the source was being
        // made must not depend on that. The event knows how to run once.
        if is_gone(pid) {
            queue.run(Box::new(move || shared.lock()()));
        }
        Ok(source)
    }

    /// # Safety
    ///
    /// `handle` and `mask` are what `kind` asks for, and `handle` stays valid until `cancelled` has run.
    unsafe fn new(
        kind: *const dispatch_source_type_s,
        handle: usize,
        mask: usize,
        queue: &Queue,
        event: Event,
        cancelled: Job,
    ) -> Self {
        // SAFETY: the type is one of libdispatch's own; the rest is the caller's promise.
        let source = unsafe { DispatchSource::new(kind.cast_mut(), handle, mask, Some(&queue.0)) };
        let context = Box::new(Context {
            event,
            cancelled: Some(cancelled),
        });
        // SAFETY: the functions get this context, of their type. The first two run one at a time on the serial queue
        // and so have it to themselves, the finalizer runs when neither can run any more and frees it.
        unsafe {
            source.set_context(Box::into_raw(context).cast());
            source.set_event_handler_f(on_event);
            source.set_cancel_handler_f(on_cancelled);
            source.set_finalizer_f(on_finalized);
        }
        source.activate();
        Self {
            source,
            process: None,
        }
    }

    /// Whether it watches the exit of the process that a token is of. The token changes when the process executes another
    /// program, which ends the task that has sent the message.
    pub(crate) fn is_of(&self, token: &AuditToken) -> bool {
        let (Some(process), Some(now)) = (self.process, numbers(token.pid())) else {
            return false;
        };
        // Systems before macOS 11 tell no version.
        now.unique == process && (now.version == 0 || now.version == token.pid_version())
    }

    pub(crate) fn cancel(&self) {
        self.source.cancel();
    }

    /// Begins no further call of the event's closure, until it is resumed. It must not be released before.
    #[cfg(feature = "tokio")]
    pub(crate) fn suspend(&self) {
        self.source.suspend();
    }

    /// Takes back one [`suspend`](Self::suspend).
    #[cfg(feature = "tokio")]
    pub(crate) fn resume(&self) {
        self.source.resume();
    }
}

extern "C" fn on_event(context: *mut c_void) {
    // SAFETY: see `Source::new`.
    let context = unsafe { &mut *context.cast::<Context>() };
    (context.event)();
}

extern "C" fn on_cancelled(context: *mut c_void) {
    // SAFETY: see `Source::new`.
    let context = unsafe { &mut *context.cast::<Context>() };
    if let Some(cancelled) = context.cancelled.take() {
        cancelled();
    }
}

extern "C" fn on_finalized(context: *mut c_void) {
    // SAFETY: see `Source::new`.
    drop(unsafe { Box::from_raw(context.cast::<Context>()) });
}

/// Whether no process has this id, not even one that waits to be reaped.
fn is_gone(pid: i32) -> bool {
    // SAFETY: signal 0 sends nothing.
    let result = unsafe { libc::kill(pid, 0) };
    result != 0 && io::Error::last_os_error().raw_os_error() == Some(libc::ESRCH)
}
