//! Rust types as MIG's.

use std::collections::HashMap;

use mach_interface::describe::{MemoryWay, Sent, Type};
use mach_ports::{Disposition, RightKind};
use quote::ToTokens;
use syn::{Expr, GenericArgument, Item, ItemStruct, Lit, PathArguments};

use crate::Error;

/// The types of a file.
pub(super) struct Types<'f> {
    structures: HashMap<String, &'f ItemStruct>,
    aliases: HashMap<String, &'f syn::Type>,
}

/// A type's name and what stands in its angle brackets.
struct Named<'t> {
    name: String,
    types: Vec<&'t syn::Type>,
    sizes: Vec<usize>,
}

impl<'f> Types<'f> {
    pub(super) fn of(file: &'f syn::File) -> Self {
        let (mut structures, mut aliases) = (HashMap::new(), HashMap::new());
        for item in &file.items {
            match item {
                Item::Struct(of) => {
                    structures.insert(of.ident.to_string(), of);
                }
                Item::Type(alias) => {
                    aliases.insert(alias.ident.to_string(), &*alias.ty);
                }
                _ => {}
            }
        }
        Self {
            structures,
            aliases,
        }
    }

    /// What a type is to MIG.
    pub(super) fn describe(&self, of: &syn::Type) -> Result<Type, Error> {
        if let syn::Type::Array(array) = of {
            let count = size(&array.len).ok_or_else(|| unknown(of))?;
            return Ok(Type::Array(Box::new(self.describe(&array.elem)?), count));
        }
        let named = named(of).ok_or_else(|| unknown(of))?;
        if let Some(alias) = self.aliases.get(&named.name) {
            return self.describe(alias);
        }
        if let Some((sent, nullable)) = self.right(of) {
            return Ok(Type::Port { sent, nullable });
        }
        if let Some(structure) = self.structures.get(&named.name) {
            let fields = structure.fields.iter().enumerate().map(|(index, field)| {
                let name = field
                    .ident
                    .as_ref()
                    .map_or_else(|| format!("field{index}"), ToString::to_string);
                Ok((name, self.describe(&field.ty)?))
            });
            return Ok(Type::Struct(
                named.name,
                fields.collect::<Result<_, Error>>()?,
            ));
        }
        self.kind(&named).unwrap_or_else(|| Err(unknown(of)))
    }

    fn kind(&self, named: &Named<'_>) -> Option<Result<Type, Error>> {
        let number = |name: &str| Some(Ok(Type::Number(name.into())));
        let element = || named.types.first().map(|of| self.describe(of));
        let size = named.sizes.first().copied();
        let array = |make: fn(Box<Type>, usize) -> Type| {
            Some(element()?.map(|of| make(Box::new(of), size.unwrap_or_default())))
        };
        let right = || named.types.first().and_then(|of| self.right(of));
        match named.name.as_str() {
            "i8" => number("int8_t"),
            "u8" => number("uint8_t"),
            "i16" => number("int16_t"),
            "u16" => number("uint16_t"),
            "i32" => number("int32_t"),
            "u32" => number("uint32_t"),
            "i64" => number("int64_t"),
            "u64" => number("uint64_t"),
            "f32" => number("float"),
            "f64" => number("double"),
            "bool" => number("boolean_t"),
            "Array" => array(Type::ArrayUpTo),
            "Counted" => array(Type::Counted),
            "Room" => Some(Ok(Type::Room(size?))),
            "Text" => Some(Ok(Type::Text(size?))),
            "FixedText" => Some(Ok(Type::FixedText(size?))),
            "Ports" => right().map(|(sent, nullable)| {
                let count = size.unwrap_or_default();
                Ok(Type::Ports {
                    sent,
                    nullable,
                    count,
                })
            }),
            "PortsUpTo" => right().map(|(sent, nullable)| {
                let most = size.unwrap_or_default();
                Ok(Type::PortsUpTo {
                    sent,
                    nullable,
                    most,
                })
            }),
            "OolPorts" => right().map(|(sent, nullable)| {
                let (most, fixed) = length(named.types.get(1));
                Ok(Type::OolPorts {
                    sent,
                    nullable,
                    most,
                    fixed,
                    way: way(named.types.get(2)),
                })
            }),
            "OolMemory" => Some(Ok(Type::Memory {
                of: Box::new(Type::Number("uint8_t".into())),
                most: None,
                fixed: false,
                way: MemoryWay::Move,
            })),
            "Ool" => {
                let (most, fixed) = length(named.types.get(1));
                let way = way(named.types.get(2));
                Some(element()?.map(|of| Type::Memory {
                    of: Box::new(of),
                    most,
                    fixed,
                    way,
                }))
            }
            "Value" | "ValueWithRights" => Some(Ok(Type::Value {
                schema: named.types.first()?.to_token_stream().to_string(),
                rights: named.name == "ValueWithRights",
                inline: inline(named.types.get(1)),
            })),
            _ => None,
        }
    }

    /// A right, and whether none may stand in its place.
    fn right(&self, of: &syn::Type) -> Option<(Sent, bool)> {
        let named = named(of)?;
        if let Some(alias) = self.aliases.get(&named.name) {
            return self.right(alias);
        }
        let sent = match named.name.as_str() {
            "Option" => {
                return self
                    .right(named.types.first()?)
                    .map(|(sent, _)| (sent, true));
            }
            "SendRight" => Sent::As(Disposition::MoveSend),
            "SendOnceRight" => Sent::As(Disposition::MoveSendOnce),
            "ReceiveRight" => Sent::As(Disposition::MoveReceive),
            "CopySend" => Sent::As(Disposition::CopySend),
            "MakeSend" => Sent::As(Disposition::MakeSend),
            "MakeSendOnce" => Sent::As(Disposition::MakeSendOnce),
            "PortSend" => Sent::Arrives(RightKind::Send),
            "PortSendOnce" => Sent::Arrives(RightKind::SendOnce),
            "PortReceive" => Sent::Arrives(RightKind::Receive),
            "AnyRight" => return Some((Sent::Polymorphic, true)),
            _ => return None,
        };
        Some((sent, false))
    }
}

fn unknown(of: &syn::Type) -> Error {
    Error::Trait(format!(
        "`{}` is not known in this file; the program itself can print the interface by `interface().to_defs()`",
        of.to_token_stream()
    ))
}

fn named(of: &syn::Type) -> Option<Named<'_>> {
    let syn::Type::Path(path) = of else {
        return None;
    };
    let segment = path.path.segments.last()?;
    let (mut types, mut sizes) = (Vec::new(), Vec::new());
    if let PathArguments::AngleBracketed(list) = &segment.arguments {
        for argument in &list.args {
            match argument {
                GenericArgument::Type(of) => types.push(of),
                GenericArgument::Const(expression) => sizes.extend(size(expression)),
                _ => {}
            }
        }
    }
    Some(Named {
        name: segment.ident.to_string(),
        types,
        sizes,
    })
}

fn size(expression: &Expr) -> Option<usize> {
    match expression {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Int(number) => number.base10_parse().ok(),
            _ => None,
        },
        _ => None,
    }
}

fn length(of: Option<&&syn::Type>) -> (Option<usize>, bool) {
    let Some(named) = of.and_then(|of| named(of)) else {
        return (None, false);
    };
    match named.name.as_str() {
        "UpTo" => (named.sizes.first().copied(), false),
        "Exactly" => (named.sizes.first().copied(), true),
        _ => (None, false),
    }
}

fn way(of: Option<&&syn::Type>) -> MemoryWay {
    match of
        .and_then(|of| named(of))
        .map(|named| named.name)
        .as_deref()
    {
        Some("Move") => MemoryWay::Move,
        Some("Either") => MemoryWay::Either,
        Some("Physical") => MemoryWay::Physical,
        _ => MemoryWay::Lend,
    }
}

/// How many bytes a value may have inline.
fn inline(of: Option<&&syn::Type>) -> Option<usize> {
    let named = of.and_then(|of| named(of))?;
    let size = named.sizes.first().copied()?;
    (named.name == "Inline").then_some(size)
}

/// What stands in the angle brackets of a type with this name.
pub(super) fn inside<'t>(of: &'t syn::Type, name: &str) -> Option<Vec<&'t syn::Type>> {
    named(of)
        .filter(|named| named.name == name)
        .map(|named| named.types)
}
