//! `#[derive(Plain)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Fields, Path};

pub(crate) fn expand(item: &DeriveInput) -> syn::Result<TokenStream> {
    let Data::Struct(data) = &item.data else {
        return Err(syn::Error::new_spanned(
            &item.ident,
            "bytes are not always one of an enum's values: write a number, or a structure around one",
        ));
    };
    if !item.generics.params.is_empty() {
        return Err(syn::Error::new_spanned(
            &item.generics,
            "a structure on the wire has one form: write the types in place of the parameters",
        ));
    }
    let is_c = item.attrs.iter().any(|attribute| {
        attribute.path().is_ident("repr")
            && attribute
                .parse_args::<syn::Ident>()
                .is_ok_and(|form| form == "C" || form == "transparent")
    });
    if !is_c {
        return Err(syn::Error::new_spanned(
            &item.ident,
            "a structure on the wire is laid out as C does it: write `#[repr(C)]`",
        ));
    }
    let mut krate: Path = syn::parse_str("::mach_interface")?;
    for attribute in &item.attrs {
        if attribute.path().is_ident("plain") {
            attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("crate") {
                    krate = meta.value()?.parse()?;
                    Ok(())
                } else {
                    Err(meta.error("write `#[plain(crate = path)]`"))
                }
            })?;
        }
    }
    let name = &item.ident;
    let wire_name = name.to_string();
    let fields = match &data.fields {
        Fields::Named(fields) => fields.named.iter().collect::<Vec<_>>(),
        Fields::Unnamed(fields) => fields.unnamed.iter().collect(),
        Fields::Unit => Vec::new(),
    };
    let names = fields.iter().enumerate().map(|(index, field)| {
        field
            .ident
            .as_ref()
            .map_or_else(|| format!("field{index}"), ToString::to_string)
    });
    let types = fields.iter().map(|field| &field.ty);
    Ok(quote! {
        impl #krate::Plain for #name {
            fn describe() -> #krate::describe::Type {
                #krate::describe::Type::Struct(
                    ::std::string::String::from(#wire_name),
                    ::std::vec![#((
                        ::std::string::String::from(#names),
                        <#types as #krate::Plain>::describe(),
                    )),*],
                )
            }
        }
    })
}
