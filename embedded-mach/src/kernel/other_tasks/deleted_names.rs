//! Names of other tasks that somebody here asked to be told of.
//!
//! The other task's kernel tells what happens to the name. When the task dies it can tell nothing: all that is seen of it is
//! a send-once right that ends unused. On Mach the notification is "port deleted" then, for the name went with its task.

use std::cell::Cell;

use crate::headers::port::mach_port_name_t;
use crate::kernel::Kernel;
use crate::kernel::ports::ids::{LinkKey, PortKey};

/// A right to a port, made for the request that this thread sends, and the link that it left with.
#[derive(Clone, Copy, Default)]
struct Asking {
    port: PortKey,
    link: Option<LinkKey>,
}

thread_local! {
    static ASKING: Cell<Option<Asking>> = const { Cell::new(None) };
}

/// Has a request sent by which a send-once right to a port of this task leaves; and the link that it left with.
pub(crate) fn asking<T>(port: PortKey, ask: impl FnOnce() -> T) -> (T, Option<LinkKey>) {
    ASKING.set(Some(Asking { port, link: None }));
    let answer = ask();
    let asking = ASKING.take().and_then(|asking| asking.link);
    (answer, asking)
}

/// A send-once right to a port of this task leaves with a link.
pub(super) fn note(port: PortKey, link: Option<LinkKey>) {
    if let Some(asking) = ASKING.get()
        && asking.port == port
    {
        ASKING.set(Some(Asking { link, ..asking }));
    }
}

/// A name of another task, whose port this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NameThere {
    pub(crate) task: PortKey,
    pub(crate) name: mach_port_name_t,
}

impl Kernel {
    /// Has it told that a name is deleted when the link ends unused. The right of an earlier request for it has been given back,
    /// and its end tells nothing any more; so it is without a link, where a request was only taken back.
    pub(crate) fn tell_deleted(&mut self, there: NameThere, link: Option<LinkKey>) {
        self.deleted_names.retain(|_, told| *told != there);
        if let Some(link) = link.filter(|&link| self.links.contains_key(link)) {
            self.deleted_names.insert(link, there);
        }
    }
}
