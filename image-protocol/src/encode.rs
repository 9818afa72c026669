//! From images to a body.

use crate::bytes::{put, put_u32s};
use crate::layout::{
    BUILD_ID, DETAIL, DETAIL_BIAS, DETAIL_BUILD_ID, DETAIL_BUILD_ID_LEN, DETAIL_FLAGS,
    DETAIL_NAMESPACE, DETAIL_SIZE, ENTRY, ENTRY_LOAD_ADDRESS, ENTRY_PATH, ENTRY_UUID, FIELDS,
    HEADER, MONITOR, SEQUENCE, TIMESTAMP, VERSION,
};
use crate::{Image, MAX_BODY, Stamp, TooLong};

/// Writes the body of a message ([`LOAD`](crate::LOAD), [`UNLOAD`](crate::UNLOAD), or [`MAIN`](crate::MAIN), which has no
/// images) and returns its length, a multiple of 4.
///
/// # Errors
/// [`TooLong`] if it does not fit into `buffer` or [`MAX_BODY`].
pub fn encode<'a>(
    buffer: &mut [u8],
    stamp: Stamp,
    images: impl ExactSizeIterator<Item = Image<'a>>,
) -> Result<usize, TooLong> {
    let most = buffer.len().min(MAX_BODY);
    let room = buffer.get_mut(..most).ok_or(TooLong)?;
    write(room, stamp, images).ok_or(TooLong)
}

fn write<'a>(
    buffer: &mut [u8],
    stamp: Stamp,
    images: impl ExactSizeIterator<Item = Image<'a>>,
) -> Option<usize> {
    let count = images.len();
    let details = FIELDS.checked_add(count.checked_mul(ENTRY)?)?;
    let strings = details.checked_add(count.checked_mul(DETAIL)?)?;
    // Refused at once, before anything is looked at: this is how a long list is found to be too long.
    buffer.get(..strings)?;
    let offset = |at: usize| u32::try_from(at.checked_add(HEADER)?).ok();
    let number = u32::try_from(count).ok()?;
    let fields = [crate::VERSION, number, offset(FIELDS)?, offset(strings)?];
    put_u32s(buffer, VERSION, &fields)?;
    put(buffer, TIMESTAMP, &stamp.timestamp.to_ne_bytes())?;
    let fields = [stamp.sequence, stamp.monitor, offset(details)?, 0];
    put_u32s(buffer, SEQUENCE, &fields)?;

    let (mut entry, mut detail, mut path) = (FIELDS, details, 0_usize);
    for image in images.take(count) {
        write_entry(buffer, entry, &image, path)?;
        write_detail(buffer, detail, &image)?;
        let at = strings.checked_add(path)?;
        put(buffer, at, image.path)?;
        let end = at.checked_add(image.path.len())?;
        put(buffer, end, &[0])?;
        path = path.checked_add(image.path.len())?.checked_add(1)?;
        entry = entry.checked_add(ENTRY)?;
        detail = detail.checked_add(DETAIL)?;
    }
    let end = strings.checked_add(path)?;
    let padded = end.checked_next_multiple_of(4)?;
    buffer.get_mut(end..padded)?.fill(0);
    Some(padded)
}

fn write_entry(buffer: &mut [u8], at: usize, image: &Image<'_>, path: usize) -> Option<()> {
    let place = |field: usize| at.checked_add(field);
    put(buffer, place(ENTRY_UUID)?, &image.uuid)?;
    let address = image.load_address.to_ne_bytes();
    put(buffer, place(ENTRY_LOAD_ADDRESS)?, &address)?;
    let len = u32::try_from(image.path.len()).ok()?;
    put_u32s(
        buffer,
        place(ENTRY_PATH)?,
        &[u32::try_from(path).ok()?, len],
    )
}

fn write_detail(buffer: &mut [u8], at: usize, image: &Image<'_>) -> Option<()> {
    let place = |field: usize| at.checked_add(field);
    put(buffer, place(DETAIL_BIAS)?, &image.bias.to_ne_bytes())?;
    put(buffer, place(DETAIL_SIZE)?, &image.size.to_ne_bytes())?;
    let id = image.build_id.get(..BUILD_ID).unwrap_or(image.build_id);
    let len = u32::try_from(id.len()).ok()?;
    let fields = [image.namespace, image.flags.0, len, 0];
    put_u32s(buffer, place(DETAIL_NAMESPACE)?, &fields)?;
    put(buffer, place(DETAIL_BUILD_ID)?, &[0; BUILD_ID])?;
    put(buffer, place(DETAIL_BUILD_ID)?, id)
}

const _: () =
    assert!(DETAIL_FLAGS == DETAIL_NAMESPACE + 4 && DETAIL_BUILD_ID_LEN == DETAIL_FLAGS + 4);

/// Has a message that [`encode`] has written be for another monitor.
pub fn readdress(body: &mut [u8], monitor: u32) {
    // A body that `encode` has written has the field.
    let _ = put_u32s(body, MONITOR, &[monitor]);
}
