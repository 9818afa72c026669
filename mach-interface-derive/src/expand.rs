//! The code that is made.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::argument::{Argument, Role};
use crate::asynchronous;
use crate::result;
use crate::routine::{Answer, Routine};
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
        let arguments = routine
            .arguments
            .iter()
            .map(|Argument { name, of, role }| match role {
                Role::Sent => quote! { #name: <#of as #krate::Kind>::Received },
                _ => quote! { #name: #of },
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
    let arguments = routine.arguments.iter().map(|argument| {
        let name = &argument.name;
        match &argument.role {
            Role::Sent => quote! { #name },
            Role::Caller => quote! { call.caller()? },
            Role::RequestPort => quote! { call.request_port() },
            Role::SequenceNumber => quote! { call.sequence_number()? },
            Role::Context => quote! { call.context()? },
            Role::ReplyPort => quote! { call.reply_port() },
            Role::Deferred(results) => quote! { call.defer::<#results>() },
        }
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
    let mut reply_port = None;
    let arguments: Vec<_> = routine
        .arguments
        .iter()
        .filter_map(|Argument { name, of, role }| match role {
            Role::Sent => Some(quote! { #name: <#of as #krate::Kind>::Given<'_> }),
            Role::ReplyPort => {
                reply_port = Some(name);
                Some(quote! { #name: &#krate::export::ReceiveRight })
            }
            _ => None,
        })
        .collect();
    let (results, body) = match &routine.answer {
        Answer::Now { results, .. } | Answer::Later { results, .. } => (
            quote! { <#results as #krate::Kinds>::Received },
            quote! { self.0.call::<#kinds, #results>(#id, (#(#values,)*)) },
        ),
        Answer::Simple { .. } => (
            quote! { () },
            match reply_port {
                Some(port) => {
                    quote! { self.0.send_with_reply_port::<#kinds>(#id, (#(#values,)*), #port) }
                }
                None => quote! { self.0.send::<#kinds>(#id, (#(#values,)*)) },
            },
        ),
    };
    let (asynchronous, wait) = match waits {
        Waits::Thread => (quote! {}, quote! {}),
        Waits::Task => (quote! { async }, quote! { .await }),
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
            #body #wait
        }
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
    let ins = routine.arguments.iter().map(|Argument { name, of, role }| {
        let name = name.to_string();
        match role {
            Role::Sent => argument(&name, quote! { In }, some(of)),
            Role::Caller => argument(&name, quote! { AuditToken }, none()),
            Role::RequestPort => argument(&name, quote! { RequestPort }, none()),
            Role::SequenceNumber => argument(&name, quote! { SequenceNumber }, none()),
            Role::Context => argument(&name, quote! { ContextToken }, none()),
            Role::ReplyPort => argument(&name, quote! { ReplyPort }, none()),
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
    quote! {
        #describe::Routine::new(
            #name,
            #simple,
            ::std::vec![#(#ins),*],
            ::std::vec![#(#outs),*],
        )
    }
}
