//! The kinds of arguments: MIG's types, as Rust types.
//!
//! | in a trait | in a `.defs` | the client gives | the server gets | the server returns | the client gets |
//! |---|---|---|---|---|---|
//! | `i32`, `u64`, `f64`, … | `int32_t`, … | the number | the number | the number | the number |
//! | `bool` | `boolean_t` | `bool` | `bool` | `bool` | `bool` |
//! | `[T; N]` | `array[N] of T` | the array | the array | the array | the array |
//! | a `#[derive(Plain)]` struct | `struct[N] of T` | the struct | the struct | the struct | the struct |
//! | [`Array<T, N>`](Array) | `array[*:N] of T` | `&[T]` | `Vec<T>` | `Vec<T>` | `Vec<T>` |
//! | [`Text<N>`](Text) | `c_string[*:N]` | `&CStr` | `CString` | `CString` | `CString` |
//! | [`FixedText<N>`](FixedText) | `c_string[N]` | `&CStr` | `CString` | `CString` | `CString` |
//! | [`Room<N>`](Room), [`Counted<T, N>`](Counted) | `array[*:N] of T, CountInOut` | the room | the room | `Vec<T>` | `Vec<T>` |
//! | [`SendRight`] | `mach_port_move_send_t` | the right | the right | the right | the right |
//! | [`SendOnceRight`] | `mach_port_move_send_once_t` | the right | the right | the right | the right |
//! | [`ReceiveRight`] | `mach_port_move_receive_t` | the right | the right | the right | the right |
//! | [`CopySend`] | `mach_port_copy_send_t` | `&SendRight` | `SendRight` | `SendRight` | `SendRight` |
//! | [`MakeSend`] | `mach_port_make_send_t` | `&ReceiveRight` | `SendRight` | `Arc<ReceiveRight>` | `SendRight` |
//! | [`MakeSendOnce`] | `mach_port_make_send_once_t` | `&ReceiveRight` | `SendOnceRight` | – | `SendOnceRight` |
//! | [`AnyRight`] | `mach_port_poly_t` | [`OutgoingRight`] | `Option<AnyRight>` | [`OutgoingRight`] | `Option<AnyRight>` |
//! | [`PortSend`], [`PortSendOnce`], [`PortReceive`] | `mach_port_send_t`, … | [`OutgoingRight`] | the right | [`OutgoingRight`] | the right |
//! | `Option` of a right | the same: `MACH_PORT_NULL` | `Option` | `Option` | `Option` | `Option` |
//! | [`Ports<K, N>`](Ports) | `array[N] of K` | `[…; N]` | `[…; N]` | `[…; N]` | `[…; N]` |
//! | [`PortsUpTo<K, N>`](PortsUpTo) | `array[*:N] of K` | `Vec<…>` | `Vec<Option<AnyRight>>` | `Vec<…>` | `Vec<Option<AnyRight>>` |
//! | [`OolPorts<K>`](OolPorts) | `^array[] of K` | `Vec<…>` | `Vec<…>` | `Vec<…>` | `Vec<…>` |
//! | [`OolMemory`] | `^array[] of uint8_t, dealloc` | the memory | the memory | the memory | the memory |
//! | [`Ool<T>`](Ool) | `^array[] of T` | `&[T]` | [`OolArray<T>`](OolArray) | `OolArray<T>` | `OolArray<T>` |
//! | [`Value<T>`](Value) | bytes that C cannot read | `&T` | `T` | `T` | `T` |
//! | [`Value<T, Inline<N>>`](Inline) | the same, inline | `&T` | `T` | `T` | `T` |
//! | [`ValueWithRights<T>`](ValueWithRights) | bytes and three arrays of rights | `&T` | `T` | `T` | `T` |
//!
//! A right that is not optional must be there: a null one, or one whose port is dead, is refused with `MIG_TYPE_ERROR`.
//! C programs do without a right by `MACH_PORT_NULL`, so interfaces for them have `Option`s.
//!
//! [`SendRight`]: mach_ports::SendRight
//! [`SendOnceRight`]: mach_ports::SendOnceRight
//! [`ReceiveRight`]: mach_ports::ReceiveRight
//! [`AnyRight`]: mach_ports::AnyRight
//! [`OutgoingRight`]: mach_ports::OutgoingRight
//! [`OolMemory`]: mach_ports::OolMemory

mod array;
mod list;
mod memory;
mod ool_array;
mod place;
mod plain;
mod port;
mod ports;
mod text;
mod value;

pub use array::{Array, Counted, Room};
pub use list::Kinds;
pub use memory::{Any, Either, Exactly, Lend, Length, Move, Ool, Physical, Source, UpTo, Way};
pub use ool_array::OolArray;
pub use place::{Inline, InlineBytes, OutOfLine, Place};
pub use plain::Plain;
pub use port::{CopySend, MakeSend, MakeSendOnce, PortKind, PortReceive, PortSend, PortSendOnce};
pub use ports::{ArrayWay, OolPorts, Ports, PortsUpTo};
pub use text::{FixedText, Text};
pub use value::{Moved, Value, ValueWithRights};

use crate::code::Refusal;
use crate::describe::Type;
use crate::wire::{Cursor, Shape, Taker, TooLong, Writer};

/// A kind of argument: how it stands in a message, and what the two sides have to do with it.
///
/// The checks run over all arguments one after the other, in MIG's order of errors. Each passes the argument's own
/// part of the message, so that the next argument finds its.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no kind of argument",
    label = "this cannot stand in a message",
    note = "for a structure of C's, write `#[derive(Plain)]`; for a type with `serde` that Rust alone is to read, `Value<{Self}>`"
)]
pub trait Kind {
    /// What a client gives to a call.
    type Given<'a>;
    /// What the receiver gets, be it the server of an argument or the client of a result.
    type Received;
    /// What a routine returns.
    type Returned;
    /// How much room it takes.
    const SHAPE: Shape;

    /// What it is in terms of MIG.
    fn describe() -> Type;

    /// Puts an argument into a request.
    ///
    /// # Errors
    ///
    /// It is longer than its bound; nothing is sent then.
    fn give<'a>(value: Self::Given<'a>, to: &mut Writer<'a>) -> Result<(), TooLong>;

    /// Puts a result into a reply.
    ///
    /// # Errors
    ///
    /// It is longer than its bound; the caller is told so then.
    fn give_back(value: Self::Returned, to: &mut Writer<'static>) -> Result<(), TooLong>;

    /// Checks its descriptors: type, disposition, a size that is fixed.
    ///
    /// # Errors
    ///
    /// [`Refusal::Type`].
    fn descriptors(at: &mut Cursor<'_>) -> Result<(), Refusal> {
        at.skip_descriptors(Self::SHAPE.descriptor_bytes);
        Ok(())
    }

    /// Checks its inline counts and passes its inline bytes.
    ///
    /// # Errors
    ///
    /// [`Refusal::BadArguments`].
    fn lengths(at: &mut Cursor<'_>) -> Result<(), Refusal> {
        at.inline(Self::SHAPE.most).map(drop)
    }

    /// Compares inline counts with descriptors.
    ///
    /// # Errors
    ///
    /// [`Refusal::Type`].
    fn counts(at: &mut Cursor<'_>) -> Result<(), Refusal> {
        at.skip_descriptors(Self::SHAPE.descriptor_bytes);
        Self::lengths(at)
    }

    /// Checks that strings end.
    ///
    /// # Errors
    ///
    /// [`Refusal::BadArguments`].
    fn text(at: &mut Cursor<'_>) -> Result<(), Refusal> {
        Self::lengths(at)
    }

    /// Takes it out of a message that has passed the checks.
    ///
    /// # Errors
    ///
    /// What the checks cannot see is wrong, such as bytes that are no value of a type.
    fn take(from: &mut Taker<'_>) -> Result<Self::Received, Refusal>;
}
