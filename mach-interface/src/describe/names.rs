//! The names of types in `.defs` files and C headers.

use mach_ports::{Disposition, RightKind};

use crate::describe::{Sent, Type};

/// A type of a `.defs` file: its name, what it is, and what its values are called in C.
pub(super) struct Named {
    pub(super) name: String,
    /// What stands behind `type NAME =`.
    pub(super) spec: String,
    /// The declaration in the header; none where C has the type.
    pub(super) declaration: Option<String>,
}

/// The MIG type of a number.
fn number(name: &str) -> &'static str {
    match name {
        "int8_t" | "uint8_t" => "MACH_MSG_TYPE_INTEGER_8",
        "char" => "MACH_MSG_TYPE_CHAR",
        "int16_t" | "uint16_t" => "MACH_MSG_TYPE_INTEGER_16",
        "int64_t" | "uint64_t" => "MACH_MSG_TYPE_INTEGER_64",
        "float" => "MACH_MSG_TYPE_REAL_32",
        "double" => "MACH_MSG_TYPE_REAL_64",
        "boolean_t" => "MACH_MSG_TYPE_BOOLEAN",
        _ => "MACH_MSG_TYPE_INTEGER_32",
    }
}

/// The name and the MIG type of a right.
fn port(sent: Sent) -> (&'static str, &'static str) {
    match sent {
        Sent::As(Disposition::MoveReceive) => {
            ("mach_port_move_receive_t", "MACH_MSG_TYPE_MOVE_RECEIVE")
        }
        Sent::As(Disposition::MoveSend) => ("mach_port_move_send_t", "MACH_MSG_TYPE_MOVE_SEND"),
        Sent::As(Disposition::MoveSendOnce) => {
            ("mach_port_move_send_once_t", "MACH_MSG_TYPE_MOVE_SEND_ONCE")
        }
        Sent::As(Disposition::CopySend) => ("mach_port_copy_send_t", "MACH_MSG_TYPE_COPY_SEND"),
        Sent::As(Disposition::MakeSend) => ("mach_port_make_send_t", "MACH_MSG_TYPE_MAKE_SEND"),
        Sent::As(Disposition::MakeSendOnce) => {
            ("mach_port_make_send_once_t", "MACH_MSG_TYPE_MAKE_SEND_ONCE")
        }
        Sent::Arrives(RightKind::Send) => ("mach_port_send_t", "MACH_MSG_TYPE_PORT_SEND"),
        Sent::Arrives(RightKind::SendOnce) => {
            ("mach_port_send_once_t", "MACH_MSG_TYPE_PORT_SEND_ONCE")
        }
        Sent::Arrives(RightKind::Receive) => ("mach_port_receive_t", "MACH_MSG_TYPE_PORT_RECEIVE"),
        Sent::Polymorphic => ("mach_port_poly_t", "polymorphic"),
    }
}

/// A type that C has.
fn builtin(name: &str, spec: String) -> Named {
    Named {
        name: name.to_owned(),
        spec,
        declaration: None,
    }
}

/// The name of an element, for names that are made of it.
fn stem(name: &str) -> &str {
    let name = name.strip_prefix("mach_port_").unwrap_or(name);
    name.strip_suffix("_t").unwrap_or(name)
}

/// The types that a type needs, each behind those that it is made of; the last is the type itself.
pub(super) fn of(interface: &str, of: &Type) -> Vec<Named> {
    let array = |element: Vec<Named>, form: &str, suffix: &str, in_c: &dyn Fn(&str) -> String| {
        compose(interface, element, form, suffix, in_c)
    };
    match of {
        Type::Number(name) => vec![builtin(name, number(name).to_owned())],
        Type::Struct(name, fields) => {
            let mut types: Vec<_> = fields
                .iter()
                .flat_map(|(_, of)| self::of(interface, of))
                .collect();
            let bytes = size(of);
            let declared: String = fields
                .iter()
                .map(|(field, of)| format!("\t{};\n", member(field, of)))
                .collect();
            // Structures are what their header says; MIG wants to know how large they are.
            types.retain(|of| of.declaration.is_some());
            types.extend(self::of(interface, &Type::Number("uint8_t".into())));
            types.push(Named {
                name: name.clone(),
                spec: format!("struct[{bytes}] of uint8_t"),
                declaration: Some(format!("typedef struct {{\n{declared}}} {name}")),
            });
            types
        }
        Type::Array(element, count) => array(
            self::of(interface, element),
            &format!("array[{count}] of"),
            &format!("_x{count}"),
            &|name| format!("[{count}]{name}"),
        ),
        Type::ArrayUpTo(element, most) | Type::Counted(element, most) => array(
            self::of(interface, element),
            &format!("array[*:{most}] of"),
            &format!("_upto{most}"),
            &|name| format!("[{most}]{name}"),
        ),
        Type::Text(most) => vec![text(interface, &format!("*:{most}"), "upto", *most)],
        Type::FixedText(most) => vec![text(interface, &most.to_string(), "x", *most)],
        Type::Room(_) => self::of(interface, &Type::Number("uint32_t".into())),
        Type::Port { sent, .. } => {
            let (name, spec) = port(*sent);
            vec![builtin(name, format!("{spec}\n\tctype: mach_port_t"))]
        }
        Type::Ports { sent, count, .. } => array(
            self::of(interface, &right(*sent)),
            &format!("array[{count}] of"),
            &format!("_x{count}"),
            &|name| format!("[{count}]{name}"),
        ),
        Type::PortsUpTo { sent, most, .. } => array(
            self::of(interface, &right(*sent)),
            &format!("array[*:{most}] of"),
            &format!("_upto{most}"),
            &|name| format!("[{most}]{name}"),
        ),
        Type::OolPorts {
            sent, most, fixed, ..
        } => {
            let (form, suffix) = out_of_line(*most, *fixed);
            array(
                self::of(interface, &right(*sent)),
                &form,
                &suffix,
                &|name| format!("*{name}"),
            )
        }
        Type::Memory {
            of, most, fixed, ..
        } => {
            let (form, suffix) = out_of_line(*most, *fixed);
            array(self::of(interface, of), &form, &suffix, &|name| {
                format!("*{name}")
            })
        }
        Type::Value { inline, .. } => value(interface, *inline),
    }
}

/// Bytes that mean something to Rust alone, as their name says.
fn value(interface: &str, inline: Option<usize>) -> Vec<Named> {
    let mut types = of(interface, &Type::Number("uint8_t".into()));
    types.push(match inline {
        None => {
            let name = format!("{interface}_rust_value_t");
            Named {
                spec: "^array[] of uint8_t".to_owned(),
                declaration: Some(format!("typedef uint8_t *{name}")),
                name,
            }
        }
        Some(most) => {
            let name = format!("{interface}_rust_value_upto{most}_t");
            Named {
                spec: format!("array[*:{most}] of uint8_t"),
                declaration: Some(format!("typedef uint8_t {name}[{most}]")),
                name,
            }
        }
    });
    types
}

fn right(sent: Sent) -> Type {
    Type::Port {
        sent,
        nullable: true,
    }
}

fn out_of_line(most: Option<usize>, fixed: bool) -> (String, String) {
    match (most, fixed) {
        (None, _) => ("^array[] of".to_owned(), "_ool".to_owned()),
        (Some(count), true) => (format!("^array[{count}] of"), format!("_ool_x{count}")),
        (Some(most), false) => (format!("^array[*:{most}] of"), format!("_ool_upto{most}")),
    }
}

fn text(interface: &str, bound: &str, word: &str, most: usize) -> Named {
    let name = format!("{interface}_string_{word}{most}_t");
    Named {
        spec: format!("c_string[{bound}]"),
        declaration: Some(format!("typedef char {name}[{most}]")),
        name,
    }
}

/// A type of elements of another one. `in_c` puts what makes an array or a pointer of a name in front of it.
fn compose(
    interface: &str,
    mut types: Vec<Named>,
    form: &str,
    suffix: &str,
    in_c: &dyn Fn(&str) -> String,
) -> Vec<Named> {
    let Some(element) = types.last() else {
        return types;
    };
    let prefix = format!("{interface}_");
    let element_stem = stem(&element.name);
    let element_stem = element_stem.strip_prefix(&prefix).unwrap_or(element_stem);
    let name = format!("{prefix}{element_stem}{suffix}_t");
    let element_in_c = if element.spec.contains("ctype: mach_port_t") {
        "mach_port_t"
    } else {
        &element.name
    };
    let declarator = in_c(&name);
    let declaration = match declarator
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
    {
        Some((count, name)) => format!("typedef {element_in_c} {name}[{count}]"),
        None => format!("typedef {element_in_c} {declarator}"),
    };
    types.push(Named {
        spec: format!("{form} {}", element.name),
        declaration: Some(declaration),
        name,
    });
    types
}

/// The bytes of a plain type.
pub(super) fn size(of: &Type) -> usize {
    match of {
        Type::Number(name) => match name.as_str() {
            "int8_t" | "uint8_t" | "char" => 1,
            "int16_t" | "uint16_t" => 2,
            "int64_t" | "uint64_t" | "double" => 8,
            _ => 4,
        },
        Type::Array(element, count) => size(element) * count,
        Type::Struct(_, fields) => fields.iter().map(|(_, of)| size(of)).sum(),
        _ => 0,
    }
}

/// A member of a structure, as C declares it.
fn member(name: &str, of: &Type) -> String {
    match of {
        Type::Number(number) => format!("{number} {name}"),
        Type::Struct(structure, _) => format!("{structure} {name}"),
        Type::Array(element, count) => member(&format!("{name}[{count}]"), element),
        _ => name.to_owned(),
    }
}
