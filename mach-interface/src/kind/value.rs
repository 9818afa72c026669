//! Values of any `serde` type, for Rust on both ends.

use std::cell::RefCell;
use std::marker::PhantomData;

use mach_ports::{AnyRight, ReceiveRight, Right, SendOnceRight, SendRight};
use parking_lot::Mutex;
use postcard_schema::Schema;
use postcard_schema::schema::owned::OwnedNamedType;
use serde::de::{DeserializeOwned, Error as _};
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::code::Refusal;
use crate::describe::Type;
use crate::kind::place::{OutOfLine, Place};
use crate::kind::{Kind, Kinds, OolPorts};
use crate::wire::{Cursor, Shape, Taker, TooLong, Writer};

/// A value of any type with `serde` and a postcard [`Schema`], as postcard's bytes, in out-of-line memory or
/// [inline](crate::Inline). C programs see bytes that they cannot read. Types that contain themselves have no `Schema`.
///
/// ```
/// use mach_interface::{Inline, Value};
///
/// type Any = Value<Vec<String>>; // ^array[] of uint8_t, dealloc
/// type Small = Value<Option<u64>, Inline<16>>; // array[*:16] of uint8_t
/// ```
#[derive(Debug)]
pub struct Value<T, P = OutOfLine>(PhantomData<(T, P)>);

/// Like [`Value`], with rights inside, each in a [`Moved`]. Beside the bytes, three arrays hold the send rights, the
/// send-once rights and the receive rights, in the order in which the value has them.
#[derive(Debug)]
pub struct ValueWithRights<T, P = OutOfLine>(PhantomData<(T, P)>);

/// A right inside of a [`ValueWithRights`]. It is moved out when the value is sent, by reference though that is.
pub struct Moved<R>(Mutex<Option<R>>);

impl<R> Moved<R> {
    /// Puts a right into a value.
    pub fn new(right: R) -> Self {
        Self(Mutex::new(Some(right)))
    }

    /// Takes the right; `None` once it has been sent.
    pub fn take(&self) -> Option<R> {
        self.0.lock().take()
    }
}

impl<R: Right> std::fmt::Debug for Moved<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &*self.0.lock() {
            Some(right) => write!(f, "Moved({:#x})", right.name()),
            None => f.write_str("Moved"),
        }
    }
}

/// The rights of a value that this thread is writing or reading.
#[derive(Debug, Default)]
struct Rights {
    send: Vec<Option<SendRight>>,
    send_once: Vec<Option<SendOnceRight>>,
    receive: Vec<Option<ReceiveRight>>,
}

thread_local! {
    static RIGHTS: RefCell<Option<Rights>> = const { RefCell::new(None) };
}

/// Runs `work` with these rights in reach, and gives back what is left of them.
fn with_rights<T>(rights: Option<Rights>, work: impl FnOnce() -> T) -> (T, Rights) {
    /// Puts the outer value's rights back, whatever happens: a value may be written while another one is.
    struct Outer(Option<Rights>);
    impl Drop for Outer {
        fn drop(&mut self) {
            RIGHTS.set(self.0.take());
        }
    }
    let outer = Outer(RIGHTS.replace(rights));
    let result = work();
    let rest = RIGHTS.take().unwrap_or_default();
    drop(outer);
    (result, rest)
}

/// A right that can be inside of a value.
pub trait Movable: Right + Into<AnyRight> + sealed::Place {}

mod sealed {
    use super::{ReceiveRight, Rights, SendOnceRight, SendRight};

    pub trait Place: Sized {
        #[expect(private_interfaces, reason = "sealed")]
        fn place(rights: &mut Rights) -> &mut Vec<Option<Self>>;
    }
    macro_rules! place {
        ($($right:ident: $field:ident),+) => {$(
            impl Place for $right {
                #[expect(private_interfaces, reason = "sealed")]
                fn place(rights: &mut Rights) -> &mut Vec<Option<Self>> {
                    &mut rights.$field
                }
            }
            impl super::Movable for $right {}
        )+};
    }
    place!(SendRight: send, SendOnceRight: send_once, ReceiveRight: receive);
}

impl<R: Movable> Serialize for Moved<R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let index = RIGHTS.with_borrow_mut(|rights| {
            let places = R::place(rights.as_mut()?);
            places.push(Some(self.take()?));
            u32::try_from(places.len() - 1).ok()
        });
        let index = index.ok_or_else(|| {
            S::Error::custom("the right has been sent already, or is in no `ValueWithRights`")
        })?;
        serializer.serialize_u32(index)
    }
}

impl<'de, R: Movable> Deserialize<'de> for Moved<R> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let index = u32::deserialize(deserializer)? as usize;
        let right = RIGHTS.with_borrow_mut(|rights| {
            let places = R::place(rights.as_mut()?);
            places.get_mut(index)?.take()
        });
        right
            .map(Self::new)
            .ok_or_else(|| D::Error::custom("the message has no such right"))
    }
}

impl<R: Movable> Schema for Moved<R> {
    const SCHEMA: &'static postcard_schema::schema::NamedType =
        &postcard_schema::schema::NamedType {
            name: match R::KIND {
                mach_ports::RightKind::Send => "Moved<SendRight>",
                mach_ports::RightKind::SendOnce => "Moved<SendOnceRight>",
                mach_ports::RightKind::Receive => "Moved<ReceiveRight>",
            },
            ty: &postcard_schema::schema::DataModelType::U32,
        };
}

/// The type's structure, in words that are the same for the same structure.
fn schema<T: Schema>() -> String {
    format!("{:?}", OwnedNamedType::from(T::SCHEMA))
}

fn write<T: Serialize, P: Place>(
    value: &T,
    rights: Option<Rights>,
) -> Result<(P::Owned, Rights), TooLong> {
    let (bytes, rights) = with_rights(rights, || postcard::to_allocvec(value));
    let bytes = bytes.map_err(|error| {
        tracing::warn!(%error, "a value could not be written");
        TooLong
    })?;
    Ok((P::owned(bytes)?, rights))
}

/// A value that uses all its bytes and all its rights.
fn read<T: DeserializeOwned>(bytes: &[u8], rights: Option<Rights>) -> Result<T, Refusal> {
    let (value, rest) = with_rights(rights, || postcard::take_from_bytes::<T>(bytes));
    let used = rest.send.iter().all(Option::is_none)
        && rest.send_once.iter().all(Option::is_none)
        && rest.receive.iter().all(Option::is_none);
    match value {
        Ok((value, [])) if used => Ok(value),
        _ => Err(Refusal::BadArguments),
    }
}

impl<T, P: Place> Kind for Value<T, P>
where
    T: Serialize + DeserializeOwned + Schema + 'static,
{
    type Given<'a> = &'a T;
    type Received = T;
    type Returned = T;
    const SHAPE: Shape = <P::Bytes as Kind>::SHAPE;

    fn describe() -> Type {
        Type::Value {
            schema: schema::<T>(),
            rights: false,
            inline: P::INLINE,
        }
    }

    fn give<'a>(value: &'a T, to: &mut Writer<'a>) -> Result<(), TooLong> {
        <P::Bytes as Kind>::give(write::<T, P>(value, None)?.0, to)
    }

    fn give_back(value: T, to: &mut Writer<'static>) -> Result<(), TooLong> {
        <P::Bytes as Kind>::give_back(write::<T, P>(&value, None)?.0, to)
    }

    fn descriptors(at: &mut Cursor<'_>) -> Result<(), Refusal> {
        <P::Bytes as Kind>::descriptors(at)
    }

    fn lengths(at: &mut Cursor<'_>) -> Result<(), Refusal> {
        <P::Bytes as Kind>::lengths(at)
    }

    fn counts(at: &mut Cursor<'_>) -> Result<(), Refusal> {
        <P::Bytes as Kind>::counts(at)
    }

    fn take(from: &mut Taker<'_>) -> Result<T, Refusal> {
        read(&<P::Bytes as Kind>::take(from)?, None)
    }
}

/// What a value with rights is on the wire.
type Parts<P> = (
    <P as Place>::Bytes,
    OolPorts<Option<SendRight>>,
    OolPorts<Option<SendOnceRight>>,
    OolPorts<Option<ReceiveRight>>,
);

impl<T, P: Place> Kind for ValueWithRights<T, P>
where
    T: Serialize + DeserializeOwned + Schema + 'static,
{
    type Given<'a> = &'a T;
    type Received = T;
    type Returned = T;
    const SHAPE: Shape = <Parts<P> as Kinds>::SHAPE;

    fn describe() -> Type {
        Type::Value {
            schema: schema::<T>(),
            rights: true,
            inline: P::INLINE,
        }
    }

    fn give<'a>(value: &'a T, to: &mut Writer<'a>) -> Result<(), TooLong> {
        let (bytes, rights) = write::<T, P>(value, Some(Rights::default()))?;
        Parts::<P>::give((bytes, rights.send, rights.send_once, rights.receive), to)
    }

    fn give_back(value: T, to: &mut Writer<'static>) -> Result<(), TooLong> {
        let (bytes, rights) = write::<T, P>(&value, Some(Rights::default()))?;
        Parts::<P>::give_back((bytes, rights.send, rights.send_once, rights.receive), to)
    }

    fn descriptors(at: &mut Cursor<'_>) -> Result<(), Refusal> {
        Parts::<P>::descriptors(at)
    }

    fn lengths(at: &mut Cursor<'_>) -> Result<(), Refusal> {
        Parts::<P>::lengths(at)
    }

    fn counts(at: &mut Cursor<'_>) -> Result<(), Refusal> {
        Parts::<P>::counts(at)
    }

    fn take(from: &mut Taker<'_>) -> Result<T, Refusal> {
        let (bytes, send, send_once, receive) = Parts::<P>::take(from)?;
        read(
            &bytes,
            Some(Rights {
                send,
                send_once,
                receive,
            }),
        )
    }
}
