//! C strings.

use std::ffi::{CStr, CString};

use crate::code::Refusal;
use crate::describe::Type;
use crate::kind::Kind;
use crate::wire::{Cursor, Shape, Taker, TooLong, Writer, padded};

/// `c_string[*:N]`: at most `N` bytes, the NUL among them. Longer ones are cut when they are sent, as MIG does.
///
/// On receipt the string must end within the bytes that it says it has; MIG would read on.
#[derive(Debug)]
pub struct Text<const N: usize>;

/// `c_string[N]`: always `N` bytes, the string and zeros. Longer ones are cut when they are sent, as MIG does.
#[derive(Debug)]
pub struct FixedText<const N: usize>;

/// The bytes that are sent, without the NUL.
fn cut(text: &CStr, most: usize) -> &[u8] {
    let bytes = text.to_bytes();
    bytes.get(..most.saturating_sub(1)).unwrap_or(bytes)
}

fn until_nul(bytes: &[u8]) -> Result<&CStr, Refusal> {
    CStr::from_bytes_until_nul(bytes).map_err(|_| Refusal::BadArguments)
}

/// Puts a string's bytes and zeros, `len` in all.
fn put_padded(text: &[u8], len: usize, to: &mut Writer<'_>) {
    let mut bytes = Vec::with_capacity(len);
    bytes.extend_from_slice(text);
    bytes.resize(len, 0);
    to.inline(&bytes);
}

impl<const N: usize> Kind for Text<N> {
    type Given<'a> = &'a CStr;
    type Received = CString;
    type Returned = CString;
    // An offset, which is unused, and the count.
    const SHAPE: Shape = Shape::inline(8, 8 + padded(N));

    fn describe() -> Type {
        Type::Text(N)
    }

    fn give<'a>(value: &'a CStr, to: &mut Writer<'a>) -> Result<(), TooLong> {
        let text = cut(value, N);
        to.count(0)?;
        to.count(text.len() + 1)?;
        put_padded(text, text.len() + 1, to);
        Ok(())
    }

    fn give_back(value: CString, to: &mut Writer<'static>) -> Result<(), TooLong> {
        let text = cut(&value, N);
        to.count(0)?;
        to.count(text.len() + 1)?;
        put_padded(text, text.len() + 1, to);
        Ok(())
    }

    fn lengths(at: &mut Cursor<'_>) -> Result<(), Refusal> {
        bytes(at, N).map(drop)
    }

    fn text(at: &mut Cursor<'_>) -> Result<(), Refusal> {
        until_nul(bytes(at, N)?).map(drop)
    }

    fn take(from: &mut Taker<'_>) -> Result<CString, Refusal> {
        from.count()?;
        let count = from.count()?.min(N);
        until_nul(from.inline(count)?).map(CStr::to_owned)
    }
}

/// The bytes of a string of variable length.
fn bytes<'m>(at: &mut Cursor<'m>, most: usize) -> Result<&'m [u8], Refusal> {
    at.count()?;
    let count = at.count()?;
    if count > most {
        return Err(Refusal::BadArguments);
    }
    at.inline(count)
}

impl<const N: usize> Kind for FixedText<N> {
    type Given<'a> = &'a CStr;
    type Received = CString;
    type Returned = CString;
    const SHAPE: Shape = Shape::inline(padded(N), padded(N));

    fn describe() -> Type {
        Type::FixedText(N)
    }

    fn give<'a>(value: &'a CStr, to: &mut Writer<'a>) -> Result<(), TooLong> {
        put_padded(cut(value, N), N, to);
        Ok(())
    }

    fn give_back(value: CString, to: &mut Writer<'static>) -> Result<(), TooLong> {
        put_padded(cut(&value, N), N, to);
        Ok(())
    }

    fn text(at: &mut Cursor<'_>) -> Result<(), Refusal> {
        until_nul(at.inline(N)?).map(drop)
    }

    fn take(from: &mut Taker<'_>) -> Result<CString, Refusal> {
        until_nul(from.inline(N)?).map(CStr::to_owned)
    }
}
