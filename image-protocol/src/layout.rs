//! Where things stand in a body, in bytes. What a message itself says of places counts from the Mach header, [`HEADER`] bytes
//! before the body.

/// `mach_msg_header_t`.
pub(crate) const HEADER: usize = 24;

// As in dyld's `dyld_process_info_notify_header`.
pub(crate) const VERSION: usize = 0;
pub(crate) const IMAGE_COUNT: usize = 4;
pub(crate) const IMAGES_OFFSET: usize = 8;
pub(crate) const STRINGS_OFFSET: usize = 12;
pub(crate) const TIMESTAMP: usize = 16;
// Version 2's.
pub(crate) const SEQUENCE: usize = 24;
pub(crate) const MONITOR: usize = 28;
pub(crate) const DETAILS_OFFSET: usize = 32;
// And one word that is 0.
/// Where version 2's fields end.
pub(crate) const FIELDS: usize = 40;

/// dyld's `dyld_process_info_image_entry`: UUID, load address, where the path is in the strings, how long it is.
pub(crate) const ENTRY: usize = 32;
pub(crate) const ENTRY_UUID: usize = 0;
pub(crate) const ENTRY_LOAD_ADDRESS: usize = 16;
pub(crate) const ENTRY_PATH: usize = 24;
pub(crate) const ENTRY_PATH_LEN: usize = 28;

/// What version 2 says of an image beside that.
pub(crate) const DETAIL: usize = 64;
pub(crate) const DETAIL_BIAS: usize = 0;
pub(crate) const DETAIL_SIZE: usize = 8;
pub(crate) const DETAIL_NAMESPACE: usize = 16;
pub(crate) const DETAIL_FLAGS: usize = 20;
pub(crate) const DETAIL_BUILD_ID_LEN: usize = 24;
// And one word that is 0.
pub(crate) const DETAIL_BUILD_ID: usize = 32;
/// The most bytes of a build id. A longer one is cut.
pub(crate) const BUILD_ID: usize = 32;
