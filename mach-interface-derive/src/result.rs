//! What routines return.

use syn::{ReturnType, Type};

use crate::kinds;

const RESULT: &str = "a routine returns `Result<T, ReturnCode>`, where `T` is `()`, one kind of argument, or a tuple of them; \
                      one without a reply has `#[simple]` in front";

/// The results of a routine, and the type of its error.
pub(crate) fn results(output: &ReturnType, routine: &syn::Ident) -> syn::Result<(Type, Type)> {
    let ReturnType::Type(_, of) = output else {
        return Err(syn::Error::new_spanned(routine, RESULT));
    };
    let parts = kinds::arguments(of, "Result").unwrap_or_default();
    let [results, error] = parts.as_slice() else {
        return Err(syn::Error::new_spanned(of, RESULT));
    };
    check(results)?;
    Ok(((*results).clone(), (*error).clone()))
}

/// Each result is a kind of argument.
pub(crate) fn check(results: &Type) -> syn::Result<()> {
    list(results).into_iter().try_for_each(kinds::check)
}

/// The results one by one.
pub(crate) fn list(results: &Type) -> Vec<&Type> {
    match results {
        Type::Tuple(tuple) => tuple.elems.iter().collect(),
        one => vec![one],
    }
}
