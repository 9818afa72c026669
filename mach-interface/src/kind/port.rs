//! Port rights.

use std::sync::Arc;

use mach_ports::{
    AnyRight, Disposition, OutgoingRight, ReceiveRight, RightKind, SendOnceRight, SendRight,
};

use crate::code::Refusal;
use crate::describe::{Sent, Type};
use crate::kind::Kind;
use crate::wire::{Cursor, Shape, Taker, TooLong, Writer};

/// A kind that is one port right.
pub trait PortKind {
    /// What a client gives to a call.
    type Given<'a>;
    /// What the receiver gets.
    type Received;
    /// What a routine returns.
    type Returned;
    /// How the right is sent; the sender says so if it is `None`.
    const SENT: Option<Disposition>;
    /// What kind of right arrives; any, if it is `None`.
    const ARRIVES: Option<RightKind>;
    /// Whether `MACH_PORT_NULL` may stand in its place.
    const NULLABLE: bool;

    /// The right as a request is to carry it.
    fn outgoing(right: Self::Given<'_>) -> OutgoingRight<'_>;

    /// The right as a reply is to carry it.
    fn returning(right: Self::Returned) -> OutgoingRight<'static>;

    /// What the receiver gets, of what arrived; `None` if that is not it.
    fn received(right: Option<AnyRight>) -> Option<Self::Received>;
}

/// A send right of which the receiver gets a copy.
#[derive(Debug)]
pub struct CopySend;

/// A send right that is made from the sender's receive right.
#[derive(Debug)]
pub struct MakeSend;

/// A send-once right that is made from the sender's receive right.
#[derive(Debug)]
pub struct MakeSendOnce;

/// Makes a kind of one right: how it is sent, what is given, received and returned, and how the two are sent.
macro_rules! right {
    ($kind:ident, $sent:ident, $given:ty => $outgoing:expr, $arrives:ident($received:ident), $returned:ty => $returning:expr) => {
        impl PortKind for $kind {
            type Given<'a> = $given;
            type Received = $received;
            type Returned = $returned;
            const SENT: Option<Disposition> = Some(Disposition::$sent);
            const ARRIVES: Option<RightKind> = Some(Disposition::$sent.arrives_as());
            const NULLABLE: bool = false;

            fn outgoing(right: Self::Given<'_>) -> OutgoingRight<'_> {
                $outgoing(right)
            }

            fn returning(right: $returned) -> OutgoingRight<'static> {
                $returning(right)
            }

            fn received(right: Option<AnyRight>) -> Option<$received> {
                match right {
                    Some(AnyRight::$arrives(right)) => Some(right),
                    _ => None,
                }
            }
        }

        impl Kind for $kind {
            one_right!($kind);
        }
    };
}

/// A kind of one port descriptor.
macro_rules! one_right {
    ($kind:ty) => {
        type Given<'a> = <$kind as PortKind>::Given<'a>;
        type Received = <$kind as PortKind>::Received;
        type Returned = <$kind as PortKind>::Returned;
        const SHAPE: Shape = Shape::ports(1);

        fn describe() -> Type {
            Type::Port {
                sent: Sent::of::<$kind>(),
                nullable: <$kind as PortKind>::NULLABLE,
            }
        }

        fn give<'a>(value: Self::Given<'a>, to: &mut Writer<'a>) -> Result<(), TooLong> {
            to.descriptor(|message| message.right(<$kind as PortKind>::outgoing(value)));
            Ok(())
        }

        fn give_back(value: Self::Returned, to: &mut Writer<'static>) -> Result<(), TooLong> {
            to.descriptor(|message| message.right(<$kind as PortKind>::returning(value)));
            Ok(())
        }

        fn descriptors(at: &mut Cursor<'_>) -> Result<(), Refusal> {
            check_port::<$kind>(at)
        }

        fn take(from: &mut Taker<'_>) -> Result<Self::Received, Refusal> {
            take_port::<$kind>(from)
        }
    };
}

right!(SendRight, MoveSend, SendRight => OutgoingRight::from, Send(SendRight), SendRight => OutgoingRight::from);
right!(SendOnceRight, MoveSendOnce, SendOnceRight => OutgoingRight::from, SendOnce(SendOnceRight), SendOnceRight => OutgoingRight::from);
right!(ReceiveRight, MoveReceive, ReceiveRight => OutgoingRight::from, Receive(ReceiveRight), ReceiveRight => OutgoingRight::from);
right!(CopySend, CopySend, &'a SendRight => OutgoingRight::CopySend, Send(SendRight), SendRight => OutgoingRight::CopySendKept);
right!(MakeSend, MakeSend, &'a ReceiveRight => OutgoingRight::MakeSend, Send(SendRight), Arc<ReceiveRight> => OutgoingRight::MakeSendShared);
right!(MakeSendOnce, MakeSendOnce, &'a ReceiveRight => OutgoingRight::MakeSendOnce, SendOnce(SendOnceRight), Arc<ReceiveRight> => OutgoingRight::MakeSendOnceShared);

/// A polymorphic right: the sender says how it goes, and any kind is taken.
impl PortKind for AnyRight {
    type Given<'a> = OutgoingRight<'a>;
    type Received = Option<AnyRight>;
    type Returned = OutgoingRight<'static>;
    const SENT: Option<Disposition> = None;
    const ARRIVES: Option<RightKind> = None;
    const NULLABLE: bool = true;

    fn outgoing(right: Self::Given<'_>) -> OutgoingRight<'_> {
        right
    }

    fn returning(right: OutgoingRight<'static>) -> OutgoingRight<'static> {
        right
    }

    fn received(right: Option<AnyRight>) -> Option<Option<AnyRight>> {
        Some(right)
    }
}

impl Kind for AnyRight {
    one_right!(AnyRight);
}

/// Makes a kind of one right whose sender says how it goes.
macro_rules! sender_says {
    ($($(#[$doc:meta])* $kind:ident, $arrives:ident($received:ident));+ $(;)?) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $kind;

        impl PortKind for $kind {
            type Given<'a> = OutgoingRight<'a>;
            type Received = $received;
            type Returned = OutgoingRight<'static>;
            const SENT: Option<Disposition> = None;
            const ARRIVES: Option<RightKind> = Some(RightKind::$arrives);
            const NULLABLE: bool = false;

            fn outgoing(right: Self::Given<'_>) -> OutgoingRight<'_> {
                right
            }

            fn returning(right: OutgoingRight<'static>) -> OutgoingRight<'static> {
                right
            }

            fn received(right: Option<AnyRight>) -> Option<$received> {
                match right {
                    Some(AnyRight::$arrives(right)) => Some(right),
                    _ => None,
                }
            }
        }

        impl Kind for $kind {
            one_right!($kind);
        }
    )+};
}

sender_says! {
    /// A right that arrives as a send right, by whatever way: `MACH_MSG_TYPE_PORT_SEND`.
    PortSend, Send(SendRight);
    /// A right that arrives as a send-once right, by whatever way: `MACH_MSG_TYPE_PORT_SEND_ONCE`.
    PortSendOnce, SendOnce(SendOnceRight);
    /// A right that arrives as a receive right: `MACH_MSG_TYPE_PORT_RECEIVE`.
    PortReceive, Receive(ReceiveRight);
}

/// A right in whose place none may stand.
impl<K: PortKind> PortKind for Option<K> {
    type Given<'a> = Option<K::Given<'a>>;
    type Received = Option<K::Received>;
    type Returned = Option<K::Returned>;
    const SENT: Option<Disposition> = K::SENT;
    const ARRIVES: Option<RightKind> = K::ARRIVES;
    const NULLABLE: bool = true;

    fn outgoing(right: Self::Given<'_>) -> OutgoingRight<'_> {
        match right {
            Some(right) => K::outgoing(right),
            None => null::<K>(),
        }
    }

    fn returning(right: Option<K::Returned>) -> OutgoingRight<'static> {
        match right {
            Some(right) => K::returning(right),
            None => null::<K>(),
        }
    }

    fn received(right: Option<AnyRight>) -> Option<Self::Received> {
        match right {
            None => Some(None),
            right => K::received(right).map(Some),
        }
    }
}

impl<K: PortKind> Kind for Option<K> {
    one_right!(Option<K>);
}

/// What stands in the place of a right that is not there.
pub(super) fn null<K: PortKind>() -> OutgoingRight<'static> {
    OutgoingRight::Null(K::SENT.unwrap_or(Disposition::CopySend))
}

/// Whether a disposition is the one with which a right of this kind is received.
pub(super) fn arrives<K: PortKind>(disposition: u8) -> bool {
    K::ARRIVES.is_none_or(|kind| Disposition::moving(kind).raw() == u32::from(disposition))
}

pub(super) fn check_port<K: PortKind>(at: &mut Cursor<'_>) -> Result<(), Refusal> {
    let (name, disposition) = at.port()?;
    let is_null = matches!(name, 0 | u32::MAX);
    if arrives::<K>(disposition) && (K::NULLABLE || !is_null) {
        Ok(())
    } else {
        Err(Refusal::Type)
    }
}

pub(super) fn take_port<K: PortKind>(from: &mut Taker<'_>) -> Result<K::Received, Refusal> {
    let index = from.descriptor();
    K::received(from.message.take_right(index)).ok_or(Refusal::Type)
}
