//! Traits.

use syn::{Attribute, Ident, ItemTrait, TraitItem, Visibility};

use crate::options::Options;
use crate::routine::Routine;

pub(crate) struct Subsystem {
    pub(crate) options: Options,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) name: Ident,
    pub(crate) routines: Vec<Routine>,
}

impl Subsystem {
    pub(crate) fn parse(options: Options, item: ItemTrait) -> syn::Result<Self> {
        if !item.generics.params.is_empty() {
            return Err(syn::Error::new_spanned(
                &item.generics,
                "an interface is the same for all: write the types in place of the parameters",
            ));
        }
        if !item.supertraits.is_empty() {
            return Err(syn::Error::new_spanned(
                &item.supertraits,
                "an interface has no supertraits: serve several behind one port by `Server::add_port`",
            ));
        }
        let mut routines = Vec::new();
        let mut errors: Option<syn::Error> = None;
        for item in item.items {
            let routine = match item {
                TraitItem::Fn(routine) => Routine::parse(routine),
                other => Err(syn::Error::new_spanned(
                    other,
                    "an interface has routines only: move this out of the trait",
                )),
            };
            match (routine, &mut errors) {
                (Ok(routine), _) => routines.push(routine),
                (Err(error), Some(errors)) => errors.combine(error),
                (Err(error), none) => *none = Some(error),
            }
        }
        match errors {
            Some(errors) => Err(errors),
            None => Ok(Self {
                options,
                attributes: item.attrs,
                visibility: item.vis,
                name: item.ident,
                routines,
            }),
        }
    }

    /// The name in a `.defs`.
    pub(crate) fn wire_name(&self) -> String {
        let small = || {
            let mut name = String::new();
            for (index, letter) in self.name.to_string().char_indices() {
                if letter.is_uppercase() && index > 0 {
                    name.push('_');
                }
                name.extend(letter.to_lowercase());
            }
            name
        };
        self.options.name.clone().unwrap_or_else(small)
    }

    /// Each routine with its index.
    pub(crate) fn indexed(&self) -> impl Iterator<Item = (i32, &Routine)> {
        self.routines.iter().scan(0_i32, |next, routine| {
            let index = next.saturating_add(i32::try_from(routine.skipped).unwrap_or(i32::MAX));
            *next = index.saturating_add(1);
            Some((index, routine))
        })
    }
}
