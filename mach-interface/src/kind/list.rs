//! Lists of arguments: tuples of kinds.

use crate::code::Refusal;
use crate::describe::Type;
use crate::kind::Kind;
use crate::wire::{Cursor, Shape, Taker, TooLong, Writer};

/// The arguments of a routine, or its results: a tuple of [`Kind`]s, or one alone.
pub trait Kinds {
    /// What a client gives to a call.
    type Given<'a>;
    /// What the receiver gets.
    type Received;
    /// What a routine returns.
    type Returned;
    /// How much room they take.
    const SHAPE: Shape;

    /// What they are in terms of MIG.
    fn describe() -> Vec<Type>;

    /// Puts all into a request.
    ///
    /// # Errors
    ///
    /// As for [`Kind::give`].
    fn give<'a>(values: Self::Given<'a>, to: &mut Writer<'a>) -> Result<(), TooLong>;

    /// Puts all into a reply.
    ///
    /// # Errors
    ///
    /// As for [`Kind::give_back`].
    fn give_back(values: Self::Returned, to: &mut Writer<'static>) -> Result<(), TooLong>;

    /// Checks all descriptors.
    ///
    /// # Errors
    ///
    /// As for [`Kind::descriptors`].
    fn descriptors(at: &mut Cursor<'_>) -> Result<(), Refusal>;

    /// Checks all lengths.
    ///
    /// # Errors
    ///
    /// As for [`Kind::lengths`].
    fn lengths(at: &mut Cursor<'_>) -> Result<(), Refusal>;

    /// Checks all counts of what is out of line.
    ///
    /// # Errors
    ///
    /// As for [`Kind::counts`].
    fn counts(at: &mut Cursor<'_>) -> Result<(), Refusal>;

    /// Checks all strings.
    ///
    /// # Errors
    ///
    /// As for [`Kind::text`].
    fn text(at: &mut Cursor<'_>) -> Result<(), Refusal>;

    /// Takes all out of a message that has passed the checks.
    ///
    /// # Errors
    ///
    /// As for [`Kind::take`].
    fn take(from: &mut Taker<'_>) -> Result<Self::Received, Refusal>;
}

impl<K: Kind> Kinds for K {
    type Given<'a> = K::Given<'a>;
    type Received = K::Received;
    type Returned = K::Returned;
    const SHAPE: Shape = K::SHAPE;

    fn describe() -> Vec<Type> {
        vec![K::describe()]
    }

    fn give<'a>(values: Self::Given<'a>, to: &mut Writer<'a>) -> Result<(), TooLong> {
        K::give(values, to)
    }

    fn give_back(values: Self::Returned, to: &mut Writer<'static>) -> Result<(), TooLong> {
        K::give_back(values, to)
    }

    fn descriptors(at: &mut Cursor<'_>) -> Result<(), Refusal> {
        K::descriptors(at)
    }

    fn lengths(at: &mut Cursor<'_>) -> Result<(), Refusal> {
        K::lengths(at)
    }

    fn counts(at: &mut Cursor<'_>) -> Result<(), Refusal> {
        K::counts(at)
    }

    fn text(at: &mut Cursor<'_>) -> Result<(), Refusal> {
        K::text(at)
    }

    fn take(from: &mut Taker<'_>) -> Result<Self::Received, Refusal> {
        K::take(from)
    }
}

macro_rules! lists {
    ($($kind:ident)*) => {
        lists!(@one $($kind)*);
        lists!(@shorter $($kind)*);
    };
    (@shorter) => {};
    (@shorter $first:ident $($kind:ident)*) => { lists!($($kind)*); };
    (@one $($kind:ident)*) => {
        #[allow(non_snake_case, unused_variables, clippy::unused_unit)]
        impl<$($kind: Kind),*> Kinds for ($($kind,)*) {
            type Given<'a> = ($($kind::Given<'a>,)*);
            type Received = ($($kind::Received,)*);
            type Returned = ($($kind::Returned,)*);
            const SHAPE: Shape = Shape::NONE$(.and($kind::SHAPE))*;

            fn describe() -> Vec<Type> {
                vec![$($kind::describe()),*]
            }

            fn give<'a>(values: Self::Given<'a>, to: &mut Writer<'a>) -> Result<(), TooLong> {
                let ($($kind,)*) = values;
                $(<$kind as Kind>::give($kind, to)?;)*
                Ok(())
            }

            fn give_back(values: Self::Returned, to: &mut Writer<'static>) -> Result<(), TooLong> {
                let ($($kind,)*) = values;
                $(<$kind as Kind>::give_back($kind, to)?;)*
                Ok(())
            }

            fn descriptors(at: &mut Cursor<'_>) -> Result<(), Refusal> {
                $(<$kind as Kind>::descriptors(at)?;)*
                Ok(())
            }

            fn lengths(at: &mut Cursor<'_>) -> Result<(), Refusal> {
                $(<$kind as Kind>::lengths(at)?;)*
                Ok(())
            }

            fn counts(at: &mut Cursor<'_>) -> Result<(), Refusal> {
                $(<$kind as Kind>::counts(at)?;)*
                Ok(())
            }

            fn text(at: &mut Cursor<'_>) -> Result<(), Refusal> {
                $(<$kind as Kind>::text(at)?;)*
                Ok(())
            }

            fn take(from: &mut Taker<'_>) -> Result<Self::Received, Refusal> {
                Ok(($(<$kind as Kind>::take(from)?,)*))
            }
        }
    };
}

lists!(A B C D E F G H I J K L M N O P Q R S T U V W X);
