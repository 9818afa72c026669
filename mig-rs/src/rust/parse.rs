//! The traits of a Rust file.

use mach_interface::describe::{Argument, Direction, Interface, Routine, Type};
use mach_ports::Disposition;
use syn::punctuated::Punctuated;
use syn::{
    Attribute, FnArg, Ident, Item, ItemTrait, LitInt, LitStr, Pat, ReturnType, Token, TraitItem,
};

use crate::Error;
use crate::rust::print::{REPLY_PORTS, snake};
use crate::rust::types::{Types, inside};

/// Reads the traits with `#[subsystem]` of a Rust file. Structures and other names of types must be in it too.
///
/// # Errors
///
/// [`Error::Rust`] and [`Error::Trait`].
pub fn parse(text: &str) -> Result<Vec<Interface>, Error> {
    let file = syn::parse_file(text)?;
    let types = Types::of(&file);
    let mut interfaces = Vec::new();
    for item in &file.items {
        if let Item::Trait(item) = item
            && let Some(attribute) = find(&item.attrs, "subsystem")
        {
            interfaces.push(interface(item, attribute, &types)?);
        }
    }
    Ok(interfaces)
}

fn find<'a>(attributes: &'a [Attribute], name: &str) -> Option<&'a Attribute> {
    attributes.iter().find(|attribute| {
        let last = attribute.path().segments.last();
        last.is_some_and(|segment| segment.ident == name)
    })
}

fn interface(
    item: &ItemTrait,
    attribute: &Attribute,
    types: &Types<'_>,
) -> Result<Interface, Error> {
    let (mut base, mut name) = (None, snake(&item.ident.to_string()));
    attribute.parse_nested_meta(|meta| {
        if meta.path.is_ident("base") {
            base = Some(meta.value()?.parse::<LitInt>()?.base10_parse()?);
        } else if meta.path.is_ident("name") {
            name = meta.value()?.parse::<LitStr>()?.value();
        } else {
            meta.value()?.parse::<syn::Path>()?;
        }
        Ok(())
    })?;
    let base = base.ok_or_else(|| Error::Trait(format!("{} has no base", item.ident)))?;
    let mut routines = Vec::new();
    for item in &item.items {
        if let TraitItem::Fn(routine) = item {
            for attribute in routine
                .attrs
                .iter()
                .filter(|attribute| attribute.path().is_ident("skip"))
            {
                let count = match &attribute.meta {
                    syn::Meta::Path(_) => 1,
                    _ => attribute.parse_args::<LitInt>()?.base10_parse()?,
                };
                routines.extend((0..count).map(|_: usize| None));
            }
            routines.push(Some(self::routine(routine, types)?));
        }
    }
    Ok(Interface::new(&name, base, routines))
}

fn routine(item: &syn::TraitItemFn, types: &Types<'_>) -> Result<Routine, Error> {
    let mut ins = Vec::new();
    let mut results = match &item.sig.output {
        ReturnType::Type(_, of) => inside(of, "Result").and_then(|parts| parts.first().copied()),
        ReturnType::Default => None,
    };
    for argument in &item.sig.inputs {
        let FnArg::Typed(argument) = argument else {
            continue;
        };
        let Pat::Ident(name) = &*argument.pat else {
            continue;
        };
        let name = name.ident.to_string();
        let is_short = inside(&argument.ty, "SecurityToken").is_some();
        let (caller, replier) = if is_short {
            (Direction::SecurityToken, Direction::UserSecurityToken)
        } else {
            (Direction::AuditToken, Direction::UserAuditToken)
        };
        let special = [
            ("caller", caller),
            ("request_port", Direction::RequestPort),
            ("sequence_number", Direction::SequenceNumber),
            ("context", Direction::ContextToken),
            ("reply_port", Direction::ReplyPort),
            ("replier", replier),
            ("wait_time", Direction::WaitTime),
            ("send_time", Direction::SendTime),
        ];
        let said = special
            .iter()
            .find_map(|(name, direction)| Some((find(&argument.attrs, name)?, *direction)));
        if let Some((attribute, direction)) = said {
            let of = match direction {
                Direction::ReplyPort => reply_port(attribute)?,
                _ => None,
            };
            ins.push(Argument::new(&name, direction, of));
        } else if let Some(parts) = inside(&argument.ty, "DeferredReply") {
            ins.push(Argument::new(&name, Direction::ServerReplyPort, None));
            results = parts.first().copied();
        } else {
            let of = types.describe(&argument.ty)?;
            ins.push(Argument::new(&name, Direction::In, Some(of)));
        }
    }
    let simple = find(&item.attrs, "simple").is_some();
    let results: Vec<_> = match results {
        Some(syn::Type::Tuple(tuple)) => tuple.elems.iter().collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    };
    let names = match find(&item.attrs, "out") {
        Some(attribute) => attribute
            .parse_args_with(Punctuated::<Ident, Token![,]>::parse_terminated)?
            .iter()
            .map(Ident::to_string)
            .collect(),
        None if results.len() == 1 => vec!["result".to_owned()],
        None => (0..results.len())
            .map(|index| format!("result{index}"))
            .collect::<Vec<_>>(),
    };
    let outs = names
        .iter()
        .zip(results)
        .map(|(name, of)| {
            Ok(Argument::new(
                name,
                Direction::Out,
                Some(types.describe(of)?),
            ))
        })
        .collect::<Result<_, Error>>()?;
    let limit = |name| {
        let attribute = find(&item.attrs, name);
        let limit = attribute.map(|attribute| attribute.parse_args::<LitInt>()?.base10_parse());
        limit.transpose()
    };
    let routine = Routine::new(&item.sig.ident.to_string(), simple, ins, outs);
    Ok(routine.with_limits(limit("wait_time")?, limit("send_time")?))
}

/// How the right to a caller's own reply port is sent, if not made as a send-once right.
fn reply_port(attribute: &Attribute) -> Result<Option<Type>, Error> {
    if let syn::Meta::Path(_) = attribute.meta {
        return Ok(None);
    }
    let name: Ident = attribute.parse_args()?;
    let known = REPLY_PORTS.iter().find(|(known, _)| name == known);
    let (_, disposition) =
        known.ok_or_else(|| Error::Trait(format!("{name} is no way to send a right to reply")))?;
    Ok((*disposition != Disposition::MakeSendOnce).then(|| Type::reply_port(*disposition)))
}
