//! What the loader calls: the interface of rtld-audit(7), version 2 (glibc 2.35 and newer).

use core::ffi::{c_long, c_uint};
use core::sync::atomic::{AtomicBool, Ordering};

use crate::image::{LinkMap, Mapped};
use crate::lock::Lock;
use crate::monitors::Agent;
use crate::stack::Stack;

/// The version of the interface from which on `la_preinit` comes at the right time.
const VERSION: c_uint = 2;
const LA_ACT_CONSISTENT: c_uint = 0;

// All of it is zeros at first, which take no room in the file.
static AGENT: Lock<Agent> = Lock::new(Agent::new());

/// Set when the process is about to end: what the loader says from there on is no news.
static SILENT: AtomicBool = AtomicBool::new(false);

/// Has the agent do something, unless it is busy: with a thread that is at the same place, or further up on this one's stack.
fn with_agent(act: impl FnOnce(&mut Agent)) {
    if !SILENT.load(Ordering::Relaxed) {
        AGENT.try_with(act);
    }
}

/// The first call. The answer is the version that this library wants, or 0 to be unloaded again.
#[unsafe(no_mangle)]
extern "C" fn la_version(version: c_uint) -> c_uint {
    // SAFETY: the loader calls this once, on the initial thread, before anything of the program has run.
    let Some(mut stack) = (unsafe { Stack::initial() }) else {
        return 0;
    };
    let Some(launch) = stack.take_launch() else {
        return 0;
    };
    let mut told = false;
    AGENT.try_with(|agent| told = agent.begin(&launch, &stack, version >= VERSION));
    if told { VERSION } else { 0 }
}

/// An image was mapped.
///
/// # Safety
/// `map` is the loader's, and `cookie` that of the map.
#[unsafe(no_mangle)]
unsafe extern "C" fn la_objopen(
    map: *mut LinkMap,
    namespace: c_long,
    cookie: *mut usize,
) -> c_uint {
    with_agent(|agent| {
        // SAFETY: the loader's promise.
        let mapped = unsafe { Mapped::opened(map, namespace, cookie) };
        agent.opened(mapped);
    });
    // No interest in the binding of symbols: with it, each call by way of the PLT would be slower.
    0
}

/// The loader begins or ends to change what is loaded.
#[unsafe(no_mangle)]
extern "C" fn la_activity(_: *mut usize, activity: c_uint) {
    if activity == LA_ACT_CONSISTENT {
        with_agent(Agent::tell_opened);
    }
}

/// All constructors have run, and `main` is next.
#[unsafe(no_mangle)]
extern "C" fn la_preinit(_: *mut usize) {
    with_agent(Agent::tell_main);
}

/// An image is about to be unmapped.
///
/// # Safety
/// `cookie` is that of one of the loader's maps.
#[unsafe(no_mangle)]
unsafe extern "C" fn la_objclose(cookie: *mut usize) -> c_uint {
    // SAFETY: the loader's promise.
    let mapped = unsafe { Mapped::closed(cookie) };
    if mapped.is_program() {
        SILENT.store(true, Ordering::Relaxed);
    }
    with_agent(|agent| agent.closed(mapped));
    0
}
