//! The macros of `mach-rendezvous-interface`, which documents them.

mod argument;
mod asynchronous;
mod expand;
mod kinds;
mod options;
mod plain;
mod result;
mod routine;
mod subsystem;

use proc_macro::TokenStream;
use quote::ToTokens;

/// Makes a client and the server's side of a trait: MIG's subsystem.
///
/// ```ignore (the guide has ones that are compiled)
/// use mach_interface::{CopySend, Deferred, DeferredReply, Text, subsystem};
/// use mach_ports::{AuditToken, OolMemory, ReturnCode, SendRight};
///
/// #[subsystem(base = 5000)]
/// trait Decoder {
///     /// Id 5000.
///     fn decode(&self, image: OolMemory, max: u32) -> Result<(OolMemory, u64), ReturnCode>;
///     /// Id 5001, without a reply.
///     #[simple]
///     fn cancel(&self, job: u64);
///     /// Id 5003: 5002 is used up.
///     #[skip]
///     fn watch(&self, #[caller] who: AuditToken, client: CopySend, reply: DeferredReply<u32>) -> Deferred;
///     /// Id 5004. The names of results are for `.defs` files.
///     #[out(name, version)]
///     fn about(&self) -> Result<(Text<64>, u32), ReturnCode>;
/// }
/// # fn main() {}
/// ```
///
/// It makes:
///
/// - the trait `Decoder` for servers to implement, with each kind of argument replaced by what a server gets, and each
///   result by what it returns (`mach_interface::kind` has the table);
/// - `DecoderServer`, which is an implementor of `Decoder` behind a port;
/// - `DecoderClient`, a send right with a method for each routine;
/// - `DecoderAsyncClient`, where `mach_interface` has its feature `tokio`: the same with `async` methods.
///
/// In front of the trait: `base`, the id of the first routine; `name`, the name in a `.defs`, without which it is the
/// trait's in small letters; `crate`, the path of `mach_interface` where that is not its name.
///
/// In front of a routine: `#[simple]`, it has no reply; `#[skip]` or `#[skip(n)]`, ids that are used up before it;
/// `#[out(a, b)]`, the names of its results: one that has the name of an argument is `inout`; `#[wait_time(ms)]` and
/// `#[send_time(ms)]`, how long a call may take, or its sending, where neither the call nor its client says.
///
/// In front of an argument, what is not on the wire. What the server is told: `#[caller]`, an `AuditToken` or a
/// `SecurityToken`; `#[request_port]`, the `Name` of the port that the request came to; `#[sequence_number]`, a `u32`;
/// `#[context]`, the port's, a `u64`. What the client is told, behind the results: `#[replier]`, an `AuditToken` or a
/// `SecurityToken`, who sent the reply. What the client says: `#[wait_time]` and `#[send_time]`, each a `Duration`.
///
/// In front of an argument of a simple routine: `#[reply_port]`, an `Option<ReplyRight>`, the right to a port that the
/// caller names. The right is made as a send-once right, or sent as `#[reply_port(make_send)]`, `copy_send`, `move_send` or
/// `move_send_once` say.
#[proc_macro_attribute]
pub fn subsystem(attribute: TokenStream, item: TokenStream) -> TokenStream {
    let options = syn::parse_macro_input!(attribute as options::Options);
    let item = syn::parse_macro_input!(item as syn::ItemTrait);
    match subsystem::Subsystem::parse(options, item) {
        Ok(subsystem) => expand::expand(&subsystem).into(),
        Err(error) => error.into_compile_error().into(),
    }
}

/// Makes a structure a kind of argument: `#[repr(C)]`, with zerocopy's `FromBytes`, `IntoBytes` and `Immutable`, and of
/// fields that are kinds of that sort themselves.
///
/// ```ignore (the guide has ones that are compiled)
/// use mach_interface::Plain;
/// use zerocopy::{FromBytes, Immutable, IntoBytes};
///
/// #[derive(FromBytes, IntoBytes, Immutable, Plain)]
/// #[repr(C)]
/// struct Size {
///     width: u32,
///     height: u32,
/// }
/// ```
#[proc_macro_derive(Plain, attributes(plain))]
pub fn plain(item: TokenStream) -> TokenStream {
    let item = syn::parse_macro_input!(item as syn::DeriveInput);
    plain::expand(&item)
        .unwrap_or_else(|error| error.into_compile_error())
        .into_token_stream()
        .into()
}
