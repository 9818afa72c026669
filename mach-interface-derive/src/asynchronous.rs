//! The client for tasks.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::expand::{Waits, method, settings};
use crate::subsystem::Subsystem;

/// The send right with the routines as `async` methods.
pub(crate) fn client(subsystem: &Subsystem) -> TokenStream {
    let Subsystem {
        visibility, name, ..
    } = subsystem;
    let krate = &subsystem.options.krate;
    let blocking = format_ident!("{name}Client");
    let client = format_ident!("{name}AsyncClient");
    let methods = subsystem
        .indexed()
        .map(|(index, routine)| method(subsystem, index, routine, Waits::Task));
    let settings = settings(krate);
    let doc = format!("A send right to a server of [`{name}`], for tasks.");
    quote! {
        #[doc = #doc]
        #[allow(dead_code)]
        #[derive(Debug, Clone)]
        #visibility struct #client(#krate::AsyncClient);

        impl #krate::TypedClient for #client {
            fn interface() -> &'static #krate::describe::Interface {
                #blocking::interface()
            }

            fn from_client(client: #krate::Client) -> Self {
                Self(client.into())
            }
        }

        #[allow(dead_code, clippy::too_many_arguments, clippy::type_complexity)]
        impl #client {
            /// Calls by this right, which wait for ever.
            #[must_use]
            pub fn new(right: #krate::export::SendRight) -> Self {
                Self(#krate::AsyncClient::new(right))
            }

            /// Asks the server, which must be one of this library, whether it has the same interface.
            ///
            /// # Errors
            ///
            /// It has another one, or cannot be asked.
            pub async fn connect(
                right: #krate::export::SendRight,
                timeout: impl ::core::convert::Into<::core::option::Option<::core::time::Duration>>,
            ) -> ::core::result::Result<Self, #krate::ConnectError> {
                let interface = #blocking::interface();
                #krate::client::connect_async(right, interface, timeout).await.map(Self)
            }

            #settings

            #(#methods)*
        }
    }
}
