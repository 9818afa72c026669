//! Requests for notifications.

use crate::calls::{self, NULL};
use crate::error::Error;
use crate::right::send_once::SendOnceRight;

/// Places or, without `notify`, withdraws a notification request.
pub(super) fn request(
    name: u32,
    id: i32,
    sync: u32,
    notify: Option<SendOnceRight>,
) -> Result<Option<SendOnceRight>, Error> {
    // Whoever waits for room by a request of the library's own is to make it again.
    #[cfg(feature = "tokio")]
    let _displaced = crate::tokio::displace(name, id);
    let notify = notify.map_or(NULL, SendOnceRight::into_raw);
    let previous = calls::request_notification(name, id, sync, notify)?;
    // SAFETY: the call gives the earlier request's right to its caller.
    Ok(unsafe { SendOnceRight::from_raw(previous) })
}
