//! Types that cannot be on the wire, and what to write in their place.

use syn::{GenericArgument, PathArguments, Type, TypePath};

/// Refuses what is no kind of argument and often taken for one. The compiler finds the rest.
pub(crate) fn check(of: &Type) -> syn::Result<()> {
    let instead = match of {
        Type::Reference(_) | Type::Ptr(_) => {
            "a message holds no references: write `Array<T, N>` or `Ool<T>` for elements, `Text<N>` for a string, \
             `CopySend` or `MakeSend` for a right that is kept; clients then give references"
        }
        Type::Slice(_) => {
            "write `Array<T, N>` for at most N elements inline, or `Ool<T>` for any number out of line"
        }
        Type::ImplTrait(_) | Type::TraitObject(_) => {
            "a message holds values of one type: write the type"
        }
        Type::Tuple(_) => "write one argument, or one result, for each part of the tuple",
        Type::Path(path) => match last(path).as_deref() {
            Some("String" | "str" | "CString" | "CStr") => {
                "write `Text<N>` for a string of at most N bytes, its NUL among them"
            }
            Some("Vec") => {
                "write `Array<T, N>` for at most N elements inline, or `Ool<T>` for any number out of line"
            }
            Some("usize") => "its size is not that of every task: write `u32` or `u64`",
            Some("isize") => "its size is not that of every task: write `i32` or `i64`",
            Some("char") => "write `u8` for C's char, or `u32` for a code point",
            Some("HashMap" | "BTreeMap" | "HashSet" | "BTreeSet" | "Box" | "Arc" | "Rc") => {
                "write `Value<T>`, which Rust alone can read"
            }
            _ => return Ok(()),
        },
        _ => return Ok(()),
    };
    Err(syn::Error::new_spanned(of, instead))
}

fn last(path: &TypePath) -> Option<String> {
    path.path
        .segments
        .last()
        .map(|segment| segment.ident.to_string())
}

/// The types in the angle brackets, if the type has this name.
pub(crate) fn arguments<'t>(of: &'t Type, name: &str) -> Option<Vec<&'t Type>> {
    let Type::Path(path) = of else {
        return None;
    };
    let segment = path
        .path
        .segments
        .last()
        .filter(|segment| segment.ident == name)?;
    match &segment.arguments {
        PathArguments::AngleBracketed(list) => Some(
            list.args
                .iter()
                .filter_map(|argument| match argument {
                    GenericArgument::Type(of) => Some(of),
                    _ => None,
                })
                .collect(),
        ),
        _ => Some(Vec::new()),
    }
}

pub(crate) fn is_named(of: &Type, name: &str) -> bool {
    arguments(of, name).is_some()
}
