//! Calls that a program can be linked with, and that Linux cannot give: each returns an error, and none pretends.

/// Declares calls that return a code, and nothing else.
macro_rules! refused {
    ($reason:literal; $code:ident; $(fn $name:ident($($argument:ident: $type:ty),* $(,)?);)+) => {$(
        #[doc = concat!("[`", stringify!($code), "`], and nothing is written: ", $reason)]
        #[allow(
            unused_variables,
            non_snake_case,
            clippy::too_many_arguments,
            reason = "the parameters are those of the C header"
        )]
        pub unsafe extern "C" fn $name($($argument: $type),*) -> kern_return_t {
            $code
        }
    )+};
}

pub(crate) mod exceptions;
pub(crate) mod loader;
pub(crate) mod memory;
pub(crate) mod task;
pub(crate) mod thread;
