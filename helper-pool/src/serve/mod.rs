//! The helper's side.

mod desk;
mod error;

use std::sync::Arc;
use std::thread;

use mach_interface::Subsystem;
use mach_interface::server::serve_one;
use rendezvous_client::{RendezvousClient, key};

pub use error::ServeError;

use crate::serve::desk::{Desk, Task};

/// The key of the receive right that a helper's work comes by.
pub(crate) const WORK: u32 = key(b"hlpr");
/// The variable that says how many calls a helper is at, at the same time.
pub(crate) const THREADS: &str = "HELPER_POOL_THREADS";
/// More threads than anybody means.
const MOST_THREADS: usize = 1024;

/// Serves an object to the pool that started this process, until the pool has no more use for it.
///
/// Routines run on this thread, and where the pool asks for several calls at a time, on further ones. When the pool lets this helper
/// go, this returns. It returns an error where there is no pool: the program was started by hand, for one.
///
/// **When the parent is gone, so is this process**, whatever it is at: a routine that is not done a second later is not waited
/// for, and the process ends without what is to be done at its exit. A thread of its own watches for that from when this is called.
///
/// A routine that panics costs the helper: the caller is told, and the pool replaces it.
///
/// ```no_run
/// use mach_interface::subsystem;
/// use mach_ports::ReturnCode;
///
/// #[subsystem(base = 900)]
/// trait Adder {
///     fn add(&self, a: u32, b: u32) -> Result<u32, ReturnCode>;
/// }
///
/// struct Checked;
///
/// impl Adder for Checked {
///     fn add(&self, a: u32, b: u32) -> Result<u32, ReturnCode> {
///         a.checked_add(b).ok_or(ReturnCode::INVALID_ARGUMENT)
///     }
/// }
///
/// helper_pool::serve(AdderServer::new(Checked))?;
/// # Ok::<(), helper_pool::ServeError>(())
/// ```
///
/// # Errors
///
/// [`ServeError`].
pub fn serve(object: impl Subsystem + 'static) -> Result<(), ServeError> {
    let client = RendezvousClient::instance()?;
    let port = client.take_receive(WORK)?.ok_or(ServeError::NoPort)?;
    let objects: Arc<[Box<dyn Subsystem>]> = Arc::new([Box::new(object)]);
    let (desk, tasks) = Desk::open(port)?;
    let mut others = Vec::new();
    for _ in 1..threads() {
        let (tasks, objects) = (tasks.clone(), Arc::clone(&objects));
        let thread = thread::Builder::new()
            .name("helper-work".to_owned())
            .spawn(move || work(tasks.iter(), &objects))
            .map_err(ServeError::Thread)?;
        others.push(thread);
    }
    work(tasks.iter(), &objects);
    for thread in others {
        // Panics of routines end as answers; one of the loop itself has been told by its own message.
        let _ = thread.join();
    }
    desk.close()
}

fn work(tasks: impl Iterator<Item = Task>, objects: &[Box<dyn Subsystem>]) {
    for Task { message, at_work } in tasks {
        serve_one(message, objects).send();
        drop(at_work);
    }
}

/// How many threads the pool wants.
fn threads() -> usize {
    let asked = std::env::var(THREADS).ok();
    asked
        .and_then(|text| text.parse().ok())
        .unwrap_or(1)
        .clamp(1, MOST_THREADS)
}
