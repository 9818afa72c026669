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
    ReplyPort(ReplyPort),
    /// What the client is told of the reply: who sent it.
    Replier,
    /// What the client says of the call: how long it may take, from sending to the reply or for sending alone.
    WaitTime,
    SendTime,
    /// The right to reply later, with results of this type.
    Deferred(Box<Type>),
}

/// How the right to a caller's own reply port is sent.
#[derive(Clone, Copy)]
pub(crate) enum ReplyPort {
    MakeSendOnce,
    MakeSend,
    CopySend,
    MoveSend,
    MoveSendOnce,
}

impl Role {
    /// Whether the server knows nothing of it.
    pub(crate) const fn is_clients_own(&self) -> bool {
        matches!(self, Self::Replier | Self::WaitTime | Self::SendTime)
    }
}

pub(crate) struct Argument {
    pub(crate) name: Ident,
    pub(crate) of: Type,
    pub(crate) role: Role,
}

const IN_FRONT: &str = "in front of an argument stand `#[caller]`, `#[request_port]`, `#[sequence_number]`, `#[context]`, \
                        `#[reply_port]`, `#[replier]`, `#[wait_time]` or `#[send_time]`";
const DISPOSITIONS: &str = "a reply port is sent as `make_send_once`, `make_send`, `copy_send`, `move_send` or \
                            `move_send_once`: write `#[reply_port]` for the first, or `#[reply_port(make_send)]`";

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
            (Some(role), _) => {
                check_type(&role, &of)?;
                role
            }
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
        Some("reply_port") => Role::ReplyPort(reply_port(attribute)?),
        Some("replier") => Role::Replier,
        Some("wait_time") => Role::WaitTime,
        Some("send_time") => Role::SendTime,
        _ => return Err(syn::Error::new_spanned(attribute, IN_FRONT)),
    })
}

fn reply_port(attribute: &Attribute) -> syn::Result<ReplyPort> {
    if let syn::Meta::Path(_) = attribute.meta {
        return Ok(ReplyPort::MakeSendOnce);
    }
    let disposition: Ident = attribute.parse_args()?;
    Ok(match disposition.to_string().as_str() {
        "make_send_once" => ReplyPort::MakeSendOnce,
        "make_send" => ReplyPort::MakeSend,
        "copy_send" => ReplyPort::CopySend,
        "move_send" => ReplyPort::MoveSend,
        "move_send_once" => ReplyPort::MoveSendOnce,
        _ => return Err(syn::Error::new_spanned(disposition, DISPOSITIONS)),
    })
}

/// What is not on the wire is of few types.
fn check_type(role: &Role, of: &Type) -> syn::Result<()> {
    let (types, instead): (&[&str], _) = match role {
        Role::Caller | Role::Replier => (
            &["AuditToken", "SecurityToken"],
            "who it was is an `AuditToken` or a `SecurityToken`",
        ),
        Role::WaitTime | Role::SendTime => (&["Duration"], "a limit is a `Duration`"),
        _ => return Ok(()),
    };
    if types.iter().any(|name| kinds::is_named(of, name)) {
        Ok(())
    } else {
        Err(syn::Error::new_spanned(of, instead))
    }
}
