//! What happens to this library at `fork`.

use std::sync::Once;

static REGISTER: Once = Once::new();

/// Has `prepare` run before every later `fork`, `parent` and `child` after it, in their processes.
pub(crate) fn at_fork(prepare: extern "C" fn(), parent: extern "C" fn(), child: extern "C" fn()) {
    REGISTER.call_once(|| {
        // SAFETY: the three are functions of this library, which is never unloaded while its handlers are set: Rust
        // libraries do not support it. A failure (no memory) only means that a forked child sees its parent's names.
        let _ = unsafe {
            libc::pthread_atfork(
                Some(prepare_fn(prepare)),
                Some(prepare_fn(parent)),
                Some(prepare_fn(child)),
            )
        };
    });
}

fn prepare_fn(f: extern "C" fn()) -> unsafe extern "C" fn() {
    f
}
