//! Asking another task for a notification.

use super::{OtherTask, Result, Routine};
use crate::headers::message::{mach_msg_id_t, mach_msg_type_name_t};
use crate::headers::notify::{MACH_NOTIFY_DEAD_NAME, MACH_NOTIFY_SEND_POSSIBLE};
use crate::headers::port::{mach_port_mscount_t, mach_port_name_t};
use crate::kernel::namespace::space::Entry;
use crate::kernel::other_tasks::deleted_names::{NameThere, asking};
use crate::kernel::task;

impl OtherTask {
    /// `mach_port_request_notification`: the right that an earlier request held. The other task's end deletes its names, which
    /// is told to who asked of one.
    pub(in crate::calls) fn request_notification(
        self,
        name: mach_port_name_t,
        id: mach_msg_id_t,
        sync: mach_port_mscount_t,
        (notify, disposition): (mach_port_name_t, mach_msg_type_name_t),
    ) -> Result<mach_port_name_t> {
        let words = [name, id.cast_unsigned(), sync];
        let request = self.request(Routine::RequestNotification, &words);
        let request = request.right(notify, disposition);
        let port_of = |name| task::lock().space.get(name).and_then(Entry::port);
        let there = port_of(self.0).map(|task| NameThere { task, name });
        let (answer, link) = match port_of(notify) {
            Some(port) => asking(port, || request.takes_right()),
            None => (request.takes_right(), None),
        };
        let (previous, _) = answer?;
        if let Some(there) = there
            && matches!(id, MACH_NOTIFY_DEAD_NAME | MACH_NOTIFY_SEND_POSSIBLE)
        {
            task::lock().tell_deleted(there, link);
        }
        Ok(previous)
    }
}
