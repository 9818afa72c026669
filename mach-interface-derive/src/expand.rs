//! The code that is made.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::argument::{Argument, ReplyPort, Role};
use crate::asynchronous;
use crate::kinds;
use crate::result;
use crate::routine::{Answer, Limits, Routine};
use crate::subsystem::Subsystem;

pub(crate) fn expand(subsystem: &Subsystem) -> TokenStream {
    let service = service(subsystem);
    let server = server(subsystem);
    let client = client(subsystem);
    let asynchronous = cfg!(feature = "tokio").then(|| asynchronous::client(subsystem));
    quote! {
        #service
        #server
        #client
        #asynchronous
    }
}

/// The arguments' kinds, as a list.
fn sent_kinds(routine: &Routine) -> TokenStream {
    let kinds = routine.sent().map(|argument| &argument.of);
    quote! { (#(#kinds,)*) }
}

/// The trait that servers implement.
fn service(subsystem: &Subsystem) -> TokenStream {
    let Subsystem {
        attributes,
        visibility,
        name,
        ..
    } = subsystem;
    let krate = &subsystem.options.krate;
    let routines = subsystem.routines.iter().map(|routine| {
        let Routine { docs, name, .. } = routine;
        let arguments = routine.arguments.iter().filter_map(|argument| {
            let Argument { name, of, role } = argument;
            match role {
                Role::Sent => Some(quote! { #name: <#of as #krate::Kind>::Received }),
                _ if role.is_clients_own() => None,
                _ => Some(quote! { #name: #of }),
            }
        });
        let returns = match &routine.answer {
            Answer::Now { results, error } => {
                let returned = match results {
                    syn::Type::Tuple(tuple) => {
                        let parts = tuple.elems.iter();
                        quote! { (#(<#parts as #krate::Kind>::Returned,)*) }
                    }
                    one => quote! { <#one as #krate::Kind>::Returned },
                };
                quote! { -> ::core::result::Result<#returned, #error> }
            }
            Answer::Simple { returns } => quote! { #returns },
            Answer::Later { returns, .. } => quote! { #returns },
        };
        quote! {
            #(#docs)*
            fn #name(&self, #(#arguments),*) #returns;
        }
    });
    quote! {
        #(#attributes)*
        #[allow(clippy::too_many_arguments, clippy::type_complexity)]
        #visibility trait #name {
            #(#routines)*
        }
    }
}

/// The implementor as a subsystem.
fn server(subsystem: &Subsystem) -> TokenStream {
    let Subsystem {
        visibility, name, ..
    } = subsystem;
    let krate = &subsystem.options.krate;
    let server = format_ident!("{name}Server");
    let client = format_ident!("{name}Client");
    let base = subsystem.options.base;
    let arms = subsystem.indexed().map(|(index, routine)| {
        let call = call(subsystem, routine);
        quote! { #index => #call, }
    });
    let doc = format!("An implementor of [`{name}`] behind a port.");
    quote! {
        #[doc = #doc]
        #[derive(Debug, Clone)]
        #visibility struct #server<T>(T);

        #[allow(dead_code)]
        impl<T: #name + Send + Sync + 'static> #server<T> {
            /// Makes an object ready to be served.
            #[must_use]
            pub const fn new(object: T) -> Self {
                Self(object)
            }

            /// The object.
            #[must_use]
            pub const fn object(&self) -> &T {
                &self.0
            }
        }

        impl<T: #name + Send + Sync + 'static> #krate::Subsystem for #server<T> {
            fn interface(&self) -> &'static #krate::describe::Interface {
                #client::interface()
            }

            fn answer(&self, request: #krate::server::Request) -> #krate::server::Outcome {
                match request.id().wrapping_sub(#base) {
                    #(#arms)*
                    _ => request.refuse(#krate::Refusal::BadId),
                }
            }
        }
    }
}

/// The call of a routine with what is in a request.
fn call(subsystem: &Subsystem, routine: &Routine) -> TokenStream {
    let krate = &subsystem.options.krate;
    let (trait_name, name) = (&subsystem.name, &routine.name);
    let kinds = sent_kinds(routine);
    let names = routine.sent().map(|argument| &argument.name);
    let arguments = routine.arguments.iter().filter_map(|argument| {
        let name = &argument.name;
        Some(match &argument.role {
            Role::Sent => quote! { #name },
            Role::Caller => quote! { ::core::convert::From::from(call.caller()?) },
            Role::RequestPort => quote! { call.request_port() },
            Role::SequenceNumber => quote! { call.sequence_number()? },
            Role::Context => quote! { call.context()? },
            Role::ReplyPort(_) => quote! { call.reply_port() },
            Role::Deferred(results) => quote! { call.defer::<#results>() },
            Role::Replier | Role::WaitTime | Role::SendTime => return None,
        })
    });
    let routine_call = quote! { <T as #trait_name>::#name(&self.0, #(#arguments),*) };
    let closure = |body: TokenStream| {
        quote! {
            |(#(#names,)*), call| {
                let _ = &call;
                #body
            }
        }
    };
    match &routine.answer {
        Answer::Now { results, .. } => {
            let body = closure(quote! { #routine_call.map_err(#krate::server::Failure::of) });
            quote! { #krate::server::routine::<#kinds, #results>(request, #body) }
        }
        Answer::Simple { .. } => {
            let body = closure(quote! { ::core::result::Result::Ok(#routine_call) });
            quote! { #krate::server::simple_routine::<#kinds, _>(request, #body) }
        }
        Answer::Later { .. } => {
            let body = closure(quote! { ::core::result::Result::Ok(#routine_call) });
            quote! { #krate::server::deferred_routine::<#kinds>(request, #body) }
        }
    }
}

/// The send right with the routines as methods.
fn client(subsystem: &Subsystem) -> TokenStream {
    let Subsystem {
        visibility, name, ..
    } = subsystem;
    let krate = &subsystem.options.krate;
    let client = format_ident!("{name}Client");
    let methods = subsystem
        .indexed()
        .map(|(index, routine)| method(subsystem, index, routine, Waits::Thread));
    let interface = interface(subsystem);
    let settings = settings(krate);
    let doc = format!("A send right to a server of [`{name}`].");
    quote! {
        #[doc = #doc]
        #[derive(Debug, Clone)]
        #visibility struct #client(#krate::Client);

        #[allow(dead_code, clippy::too_many_arguments, clippy::type_complexity)]
        impl #client {
            /// Calls by this right, which wait for ever.
            #[must_use]
            pub const fn new(right: #krate::export::SendRight) -> Self {
                Self(#krate::Client::new(right))
            }

            /// Asks the server, which must be one of this library, whether it has the same interface.
            ///
            /// # Errors
            ///
            /// It has another one, or cannot be asked.
            pub fn connect(
                right: #krate::export::SendRight,
                timeout: impl ::core::convert::Into<::core::option::Option<::core::time::Duration>>,
            ) -> ::core::result::Result<Self, #krate::ConnectError> {
                #krate::client::connect(right, Self::interface(), timeout).map(Self)
            }

            #settings

            /// The interface as data.
            #[must_use]
            pub fn interface() -> &'static #krate::describe::Interface {
                static INTERFACE: ::std::sync::OnceLock<#krate::describe::Interface> =
                    ::std::sync::OnceLock::new();
                INTERFACE.get_or_init(|| #interface)
            }

            #(#methods)*
        }

        impl #krate::TypedClient for #client {
            fn interface() -> &'static #krate::describe::Interface {
                Self::interface()
            }

            fn from_client(client: #krate::Client) -> Self {
                Self(client)
            }
        }
    }
}

/// What both kinds of client have beside their routines.
pub(crate) fn settings(krate: &syn::Path) -> TokenStream {
    quote! {
        /// Gives each call so long, from sending to the reply; `None` is for ever.
        #[must_use]
        pub fn with_timeout(
            self,
            timeout: impl ::core::convert::Into<::core::option::Option<::core::time::Duration>>,
        ) -> Self {
            Self(self.0.with_timeout(timeout))
        }

        /// How long each call may take.
        #[must_use]
        pub const fn limits(&self) -> #krate::Limits {
            self.0.limits()
        }

        /// Limits each call.
        #[must_use]
        pub fn with_limits(self, limits: #krate::Limits) -> Self {
            Self(self.0.with_limits(limits))
        }

        /// The right that requests go by.
        #[must_use]
        pub const fn right(&self) -> &#krate::export::SendRight {
            self.0.right()
        }
    }
}

/// Who waits for a call.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Waits {
    Thread,
    Task,
}

/// A routine as a client's method.
pub(crate) fn method(
    subsystem: &Subsystem,
    index: i32,
    routine: &Routine,
    waits: Waits,
) -> TokenStream {
    let krate = &subsystem.options.krate;
    let Routine { docs, name, .. } = routine;
    let id = subsystem.options.base.wrapping_add(index);
    let kinds = sent_kinds(routine);
    let values: Vec<_> = routine.sent().map(|argument| &argument.name).collect();
    let mut reply_to = quote! { ::core::option::Option::None };
    let mut replier = None;
    let mut limits = limits(krate, routine);
    let mut arguments = Vec::new();
    for Argument { name, of, role } in &routine.arguments {
        match role {
            Role::Sent => arguments.push(quote! { #name: <#of as #krate::Kind>::Given<'_> }),
            Role::ReplyPort(sent) => {
                let (of, value) = reply_port(krate, *sent, name);
                arguments.push(quote! { #name: #of });
                reply_to = quote! { ::core::option::Option::Some(#value) };
            }
            Role::WaitTime => {
                arguments.push(quote! { #name: #of });
                limits = quote! { #limits.wait(#name) };
            }
            Role::SendTime => {
                arguments.push(quote! { #name: #of });
                limits = quote! { #limits.send(#name) };
            }
            Role::Replier => replier = Some(of),
            _ => {}
        }
    }
    let (asynchronous, wait) = match waits {
        Waits::Thread => (quote! {}, quote! {}),
        Waits::Task => (quote! { async }, quote! { .await }),
    };
    let (results, body) = match &routine.answer {
        Answer::Now { results, .. } | Answer::Later { results, .. } => {
            let received = quote! { <#results as #krate::Kinds>::Received };
            let call = quote! {
                self.0.exchange::<#kinds, #results>(#limits, #id, (#(#values,)*))#wait
            };
            match replier {
                Some(of) => (
                    quote! { (#received, #of) },
                    quote! { #call.and_then(#krate::client::Answer::told) },
                ),
                None => (received, quote! { #call.map(|answer| answer.results) }),
            }
        }
        Answer::Simple { .. } => (
            quote! { () },
            quote! { self.0.post::<#kinds>(#limits, #id, (#(#values,)*), #reply_to)#wait },
        ),
    };
    quote! {
        #(#docs)*
        ///
        /// # Errors
        ///
        /// See `CallError`.
        pub #asynchronous fn #name(
            &self,
            #(#arguments),*
        ) -> ::core::result::Result<#results, #krate::CallError> {
            #body
        }
    }
}

/// How long a call may take if it does not say: as its client says, or else as the routine does.
fn limits(krate: &syn::Path, routine: &Routine) -> TokenStream {
    let mut own = quote! { #krate::Limits::NONE };
    let milliseconds = |limit: u32| {
        let limit = u64::from(limit);
        quote! { ::core::time::Duration::from_millis(#limit) }
    };
    let Limits { wait, send } = routine.limits;
    if let Some(limit) = wait.map(milliseconds) {
        own = quote! { #own.wait(#limit) };
    }
    if let Some(limit) = send.map(milliseconds) {
        own = quote! { #own.send(#limit) };
    }
    if wait.or(send).is_none() {
        return quote! { self.0.limits() };
    }
    quote! { self.0.limits().or(#own) }
}

/// The type of a reply port that a caller names, and what is made of it.
fn reply_port(krate: &syn::Path, sent: ReplyPort, name: &syn::Ident) -> (TokenStream, TokenStream) {
    let export = quote! { #krate::export };
    let to = quote! { #krate::client::ReplyTo };
    match sent {
        ReplyPort::MakeSendOnce => (
            quote! { &#export::ReceiveRight },
            quote! { #to::MakeSendOnce(#name) },
        ),
        ReplyPort::MakeSend => (
            quote! { &#export::ReceiveRight },
            quote! { #to::MakeSend(#name) },
        ),
        ReplyPort::CopySend => (
            quote! { &#export::SendRight },
            quote! { #to::CopySend(#name) },
        ),
        ReplyPort::MoveSend => (quote! { #export::SendRight }, quote! { #to::from(#name) }),
        ReplyPort::MoveSendOnce => (
            quote! { #export::SendOnceRight },
            quote! { #to::from(#name) },
        ),
    }
}

/// The interface as data.
fn interface(subsystem: &Subsystem) -> TokenStream {
    let krate = &subsystem.options.krate;
    let name = subsystem.wire_name();
    let base = subsystem.options.base;
    let mut slots = Vec::new();
    for routine in &subsystem.routines {
        slots.extend((0..routine.skipped).map(|_| quote! { ::core::option::Option::None }));
        let description = description(krate, routine);
        slots.push(quote! { ::core::option::Option::Some(#description) });
    }
    quote! {
        #krate::describe::Interface::new(#name, #base, ::std::vec![#(#slots),*])
    }
}

fn description(krate: &syn::Path, routine: &Routine) -> TokenStream {
    let name = routine.name.to_string();
    let describe = quote! { #krate::describe };
    let argument = |name: &str, direction: TokenStream, of: TokenStream| {
        quote! { #describe::Argument::new(#name, #describe::Direction::#direction, #of) }
    };
    let none = || quote! { ::core::option::Option::None };
    let some = |of: &syn::Type| {
        quote! { ::core::option::Option::Some(<#of as #krate::Kind>::describe()) }
    };
    let right = |disposition: &str| {
        let disposition = format_ident!("{disposition}");
        quote! {
            ::core::option::Option::Some(#describe::Type::reply_port(
                #krate::export::Disposition::#disposition
            ))
        }
    };
    let ins = routine.arguments.iter().map(|Argument { name, of, role }| {
        let name = name.to_string();
        match role {
            Role::Sent => argument(&name, quote! { In }, some(of)),
            Role::Caller if kinds::is_named(of, "SecurityToken") => {
                argument(&name, quote! { SecurityToken }, none())
            }
            Role::Caller => argument(&name, quote! { AuditToken }, none()),
            Role::Replier if kinds::is_named(of, "SecurityToken") => {
                argument(&name, quote! { UserSecurityToken }, none())
            }
            Role::Replier => argument(&name, quote! { UserAuditToken }, none()),
            Role::WaitTime => argument(&name, quote! { WaitTime }, none()),
            Role::SendTime => argument(&name, quote! { SendTime }, none()),
            Role::RequestPort => argument(&name, quote! { RequestPort }, none()),
            Role::SequenceNumber => argument(&name, quote! { SequenceNumber }, none()),
            Role::Context => argument(&name, quote! { ContextToken }, none()),
            Role::ReplyPort(sent) => {
                let of = match sent {
                    ReplyPort::MakeSendOnce => none(),
                    ReplyPort::MakeSend => right("MakeSend"),
                    ReplyPort::CopySend => right("CopySend"),
                    ReplyPort::MoveSend => right("MoveSend"),
                    ReplyPort::MoveSendOnce => right("MoveSendOnce"),
                };
                argument(&name, quote! { ReplyPort }, of)
            }
            Role::Deferred(_) => argument(&name, quote! { ServerReplyPort }, none()),
        }
    });
    let (simple, results) = match &routine.answer {
        Answer::Now { results, .. } | Answer::Later { results, .. } => {
            (false, result::list(results))
        }
        Answer::Simple { .. } => (true, Vec::new()),
    };
    let outs = routine
        .outs
        .iter()
        .zip(results)
        .map(|(name, of)| argument(name, quote! { Out }, some(of)));
    let limit = |limit: Option<u32>| match limit {
        Some(limit) => quote! { ::core::option::Option::Some(#limit) },
        None => none(),
    };
    let limits = match routine.limits {
        Limits {
            wait: None,
            send: None,
        } => quote! {},
        Limits { wait, send } => {
            let (wait, send) = (limit(wait), limit(send));
            quote! { .with_limits(#wait, #send) }
        }
    };
    quote! {
        #describe::Routine::new(
            #name,
            #simple,
            ::std::vec![#(#ins),*],
            ::std::vec![#(#outs),*],
        )#limits
    }
}
