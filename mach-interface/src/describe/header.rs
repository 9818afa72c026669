//! The C header with the types of a `.defs` file.

use std::collections::HashSet;
use std::fmt::Write as _;

use crate::describe::{Interface, Type, names};

impl Interface {
    /// A C header that declares the types of [`to_defs`](Self::to_defs), which imports it: `NAME_types.h`.
    #[must_use]
    pub fn to_c_header(&self) -> String {
        let guard = format!("_{}_TYPES_H_", self.name.to_uppercase());
        let mut text = format!(
            "#ifndef {guard}\n#define {guard}\n\n#include <stdint.h>\n#include <mach/boolean.h>\n#include <mach/port.h>\n\n"
        );
        let mut seen = HashSet::new();
        for of in self.types() {
            for named in names::of(&self.name, of) {
                if let Some(declaration) = named.declaration
                    && seen.insert(named.name)
                {
                    // Infallible: it is a string.
                    let _ = writeln!(text, "{declaration};");
                }
            }
        }
        let _ = write!(text, "\n#endif /* {guard} */\n");
        text
    }

    /// The types of all arguments.
    pub(super) fn types(&self) -> impl Iterator<Item = &Type> {
        self.routines
            .iter()
            .flatten()
            .flat_map(|routine| &routine.arguments)
            .filter_map(|argument| argument.of.as_ref())
    }
}
