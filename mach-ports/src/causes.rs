//! Errors that read the same whether `Display` or `Debug` shows them.

use std::error::Error;
use std::fmt::{self, Write as _};

/// Writes what `error` says and, behind it, each cause that says something new, in one line.
///
/// It is the `Debug` of these crates' errors, and not for use elsewhere: a `main` that returns an error, `unwrap` and
/// `expect` show an error by its `Debug`, to people who want to know what went wrong. `{:#?}` is the same line, which
/// is what fits into the dump of whatever holds the error.
///
/// # Errors
///
/// Those of the formatter.
#[doc(hidden)]
pub fn fmt_with_causes(error: &dyn Error, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut text = String::new();
    write!(text, "{error}")?;
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        // Some errors repeat their causes.
        if !text.contains(&more) {
            write!(text, ": {more}")?;
        }
        cause = error.source();
    }
    f.write_str(&text)
}

/// Gives error types a `Debug` by [`fmt_with_causes`].
#[doc(hidden)]
#[macro_export]
macro_rules! debug_with_causes {
    ($($error:ty),+ $(,)?) => {$(
        impl ::std::fmt::Debug for $error {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                $crate::fmt_with_causes(self, f)
            }
        }
    )+};
}

#[cfg(test)]
mod tests {
    use std::io;

    #[derive(thiserror::Error)]
    enum Example {
        #[error("cannot greet")]
        Outer(#[source] Box<Example>),
        #[error("cannot write ({0}) to the end")]
        Repeats(#[source] io::Error),
        #[error(transparent)]
        Transparent(Box<Example>),
        #[error("nobody is there")]
        Innermost,
    }

    debug_with_causes!(Example);

    /// What a `main` that returns the error prints behind "Error: ".
    fn shown(error: Example) -> String {
        let error: Box<dyn std::error::Error> = error.into();
        format!("{error:?}")
    }

    #[test]
    fn every_cause_is_told_once() {
        let outer = |inner| Example::Outer(Box::new(inner));
        let nobody = "cannot greet: nobody is there";
        assert_eq!(shown(outer(Example::Innermost)), nobody);
        let transparent = Example::Transparent(Box::new(outer(Example::Innermost)));
        assert_eq!(shown(transparent), nobody);
        let repeats = Example::Repeats(io::Error::other("disk full"));
        assert_eq!(
            shown(outer(repeats)),
            "cannot greet: cannot write (disk full) to the end"
        );
        assert_eq!(shown(outer(outer(Example::Innermost))), nobody);
    }

    #[test]
    fn it_is_one_line_in_the_dump_of_what_holds_it() {
        let held = Some(Example::Outer(Box::new(Example::Innermost)));
        assert_eq!(
            format!("{held:#?}"),
            "Some(\n    cannot greet: nobody is there,\n)"
        );
    }
}
