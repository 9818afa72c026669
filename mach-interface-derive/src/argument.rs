//! Arguments.

use syn::{Attribute, FnArg, Ident, Pat, Type};

use crate::kinds;

/// What an argument is.
pub(crate) enum Role {
    /// It is in the request.
    Sent,
    /// Not on the wire: what the server is told of the call.
    Caller,
    RequestPort,
    SequenceNumber,
    Context,
    ReplyPort,
    /// The right to reply later, with results of this type.
    Deferred(Box<Type>),
}

pub(crate) struct Argument {
    pub(crate) name: Ident,
    pub(crate) of: Type,
    pub(crate) role: Role,
}

const IN_FRONT: &str = "in front of an argument stand `#[caller]`, `#[request_port]`, `#[sequence_number]`, `#[context]` or \
                        `#[reply_port]`";

impl Argument {
    pub(crate) fn parse(argument: &FnArg) -> syn::Result<Self> {
        let FnArg::Typed(argument) = argument else {
            return Err(syn::Error::new_spanned(argument, "`self` stands first"));
        };
        let Pat::Ident(name) = &*argument.pat else {
            return Err(syn::Error::new_spanned(
                &argument.pat,
                "an argument has a name: write `name: Type`",
            ));
        };
        let role = match argument.attrs.as_slice() {
            [] => None,
            [attribute] => Some(role(attribute)?),
            [_, second, ..] => return Err(syn::Error::new_spanned(second, IN_FRONT)),
        };
        let of = (*argument.ty).clone();
        let deferred = kinds::arguments(&of, "DeferredReply");
        let role = match (role, deferred) {
            (None, Some(results)) => match results.as_slice() {
                [results] => Role::Deferred(Box::new((*results).clone())),
                _ => {
                    return Err(syn::Error::new_spanned(
                        &of,
                        "the results are said here: write `DeferredReply<u32>`, or `DeferredReply<()>` for none",
                    ));
                }
            },
            (Some(role), _) => role,
            (None, None) => {
                kinds::check(&of)?;
                Role::Sent
            }
        };
        Ok(Self {
            name: name.ident.clone(),
            of,
            role,
        })
    }
}

fn role(attribute: &Attribute) -> syn::Result<Role> {
    let name = attribute.path().get_ident().map(Ident::to_string);
    Ok(match name.as_deref() {
        Some("caller") => Role::Caller,
        Some("request_port") => Role::RequestPort,
        Some("sequence_number") => Role::SequenceNumber,
        Some("context") => Role::Context,
        Some("reply_port") => Role::ReplyPort,
        _ => return Err(syn::Error::new_spanned(attribute, IN_FRONT)),
    })
}
