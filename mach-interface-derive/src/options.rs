//! What stands in the attribute's brackets.

use syn::parse::{Parse, ParseStream};
use syn::{Ident, LitInt, LitStr, Path, Token};

pub(crate) struct Options {
    pub(crate) base: i32,
    pub(crate) name: Option<String>,
    /// Where `mach_interface` is.
    pub(crate) krate: Path,
}

impl Parse for Options {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let (mut base, mut name, mut krate) = (None, None, None);
        while !input.is_empty() {
            if input.peek(Token![crate]) {
                input.parse::<Token![crate]>()?;
                input.parse::<Token![=]>()?;
                krate = Some(input.call(Path::parse_mod_style)?);
            } else {
                let key: Ident = input.parse()?;
                input.parse::<Token![=]>()?;
                match key.to_string().as_str() {
                    "base" => base = Some(input.parse::<LitInt>()?.base10_parse()?),
                    "name" => name = Some(input.parse::<LitStr>()?.value()),
                    _ => {
                        return Err(syn::Error::new(
                            key.span(),
                            "there is no such option: write `base = 5000`, `name = \"decoder\"` or `crate = path`",
                        ));
                    }
                }
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        let base = base.ok_or_else(|| {
            syn::Error::new(
                proc_macro2::Span::call_site(),
                "a subsystem has a base, the id of its first routine: write `#[subsystem(base = 5000)]`",
            )
        })?;
        let krate = match krate {
            Some(path) => path,
            None => syn::parse_str("::mach_interface")?,
        };
        Ok(Self { base, name, krate })
    }
}
