//! An interface as a Rust trait.

use std::collections::BTreeSet;

use mach_interface::describe::{Argument, Direction, Interface, MemoryWay, Routine, Sent, Type};
use mach_ports::{Disposition, RightKind};

use crate::Error;

/// The longest line, as rustfmt has it.
const WIDTH: usize = 100;

/// The ways of sending a right to a caller's own reply port, as `#[reply_port]` has them.
pub(super) const REPLY_PORTS: [(&str, Disposition); 5] = [
    ("make_send_once", Disposition::MakeSendOnce),
    ("make_send", Disposition::MakeSend),
    ("copy_send", Disposition::CopySend),
    ("move_send", Disposition::MoveSend),
    ("move_send_once", Disposition::MoveSendOnce),
];

/// Names that the text uses.
#[derive(Default)]
struct Names {
    std: BTreeSet<&'static str>,
    interface: BTreeSet<&'static str>,
    kinds: BTreeSet<&'static str>,
    ports: BTreeSet<&'static str>,
}

/// The interface as the text of a Rust module.
///
/// # Errors
///
/// [`Error::Trait`]: it has a value that Rust alone can read, whose type is not known here.
pub fn print(interface: &Interface) -> Result<String, Error> {
    let mut names = Names::default();
    names.interface.insert("subsystem");
    let mut routines = String::new();
    let (mut skipped, mut index) = (0, interface.base);
    for slot in &interface.routines {
        match slot {
            None => skipped += 1,
            Some(routine) => {
                routines += &print_routine(routine, skipped, index, &interface.name, &mut names)?;
                skipped = 0;
            }
        }
        index = index.wrapping_add(1);
    }
    let trait_name = camel(&interface.name);
    let name = if snake(&trait_name) == interface.name {
        String::new()
    } else {
        format!(", name = {:?}", interface.name)
    };
    let mut std = uses("std::time", &names.std);
    if !std.is_empty() {
        std.push('\n');
    }
    let uses = std
        + &uses("mach_interface::kind", &names.kinds)
        + &uses("mach_interface", &names.interface)
        + &uses("mach_ports", &names.ports);
    Ok(format!(
        "//! The interface `{}`, made by mig-rs.\n\n{uses}\n/// The interface `{}`.\n#[subsystem(base = {}{name})]\npub trait {trait_name} {{\n{routines}}}\n",
        interface.name, interface.name, interface.base
    ))
}

fn uses(krate: &str, names: &BTreeSet<&'static str>) -> String {
    let list: Vec<_> = names.iter().copied().collect();
    match list.as_slice() {
        [] => String::new(),
        [one] => format!("use {krate}::{one};\n"),
        many => {
            let line = format!("use {krate}::{{{}}};\n", many.join(", "));
            if line.len() <= WIDTH {
                return line;
            }
            let mut text = format!("use {krate}::{{\n");
            let mut line = String::from("   ");
            for name in many {
                if line.len() + name.len() + 2 >= WIDTH {
                    text += &format!("{line}\n");
                    line = String::from("   ");
                }
                line += &format!(" {name},");
            }
            text + &format!("{line}\n}};\n")
        }
    }
}

fn print_routine(
    routine: &Routine,
    skipped: usize,
    id: i32,
    interface: &str,
    names: &mut Names,
) -> Result<String, Error> {
    let mut arguments = vec!["&self".to_owned()];
    let (mut outs, mut out_names) = (Vec::new(), Vec::new());
    for argument in &routine.arguments {
        collect(
            argument,
            routine.simple,
            names,
            &mut arguments,
            &mut outs,
            &mut out_names,
        )?;
    }
    let results = match outs.as_slice() {
        [one] => one.clone(),
        many => format!("({})", many.join(", ")),
    };
    let is_deferred = routine
        .arguments
        .iter()
        .any(|argument| argument.direction == Direction::ServerReplyPort);
    let returns = if routine.simple {
        String::new()
    } else if is_deferred {
        names.interface.extend(["Deferred", "DeferredReply"]);
        for argument in &mut arguments {
            *argument = argument.replace("DeferredReply<_>", &format!("DeferredReply<{results}>"));
        }
        " -> Deferred".to_owned()
    } else {
        names.ports.insert("ReturnCode");
        format!(" -> Result<{results}, ReturnCode>")
    };
    let mut text = format!("    /// Routine {id} of `{interface}`.\n");
    text += &match skipped {
        0 => String::new(),
        1 => "    #[skip]\n".to_owned(),
        many => format!("    #[skip({many})]\n"),
    };
    if routine.simple {
        text += "    #[simple]\n";
    } else if !out_names.is_empty() {
        text += &format!("    #[out({})]\n", out_names.join(", "));
    }
    if let Some(limit) = routine.wait_time {
        text += &format!("    #[wait_time({limit})]\n");
    }
    if let Some(limit) = routine.send_time {
        text += &format!("    #[send_time({limit})]\n");
    }
    let name = identifier(&routine.name);
    let line = format!("    fn {name}({}){returns};\n", arguments.join(", "));
    if line.len() <= WIDTH {
        return Ok(text + &line);
    }
    let arguments: String = arguments
        .iter()
        .map(|argument| format!("        {argument},\n"))
        .collect();
    Ok(text + &format!("    fn {name}(\n{arguments}    ){returns};\n"))
}

fn collect(
    argument: &Argument,
    simple: bool,
    names: &mut Names,
    arguments: &mut Vec<String>,
    outs: &mut Vec<String>,
    out_names: &mut Vec<String>,
) -> Result<(), Error> {
    let name = identifier(&argument.name);
    let mut special = |attribute: &str, of: &'static str| {
        arguments.push(format!("#[{attribute}] {name}: {of}"));
        of
    };
    match argument.direction {
        Direction::AuditToken => {
            names.ports.insert(special("caller", "AuditToken"));
            return Ok(());
        }
        Direction::SecurityToken => {
            names.interface.insert(special("caller", "SecurityToken"));
            return Ok(());
        }
        // There is none of a simpleroutine's.
        Direction::UserAuditToken | Direction::UserSecurityToken if simple => return Ok(()),
        Direction::UserAuditToken => {
            names.ports.insert(special("replier", "AuditToken"));
            return Ok(());
        }
        Direction::UserSecurityToken => {
            names.interface.insert(special("replier", "SecurityToken"));
            return Ok(());
        }
        Direction::WaitTime => {
            names.std.insert(special("wait_time", "Duration"));
            return Ok(());
        }
        Direction::SendTime => {
            names.std.insert(special("send_time", "Duration"));
            return Ok(());
        }
        Direction::RequestPort => {
            names.ports.insert(special("request_port", "Name"));
            return Ok(());
        }
        Direction::SequenceNumber => {
            special("sequence_number", "u32");
            return Ok(());
        }
        Direction::ContextToken => {
            special("context", "u64");
            return Ok(());
        }
        Direction::ReplyPort | Direction::ServerReplyPort if simple => {
            let sent = match &argument.of {
                Some(Type::Port {
                    sent: Sent::As(sent),
                    ..
                }) => REPLY_PORTS.iter().find(|(_, of)| of == sent),
                _ => None,
            };
            let attribute = match sent {
                Some((sent, _)) => format!("reply_port({sent})"),
                None => "reply_port".to_owned(),
            };
            special(&attribute, "Option<ReplyRight>");
            names.ports.insert("ReplyRight");
            return Ok(());
        }
        // The library has a reply port for each call.
        Direction::ReplyPort => return Ok(()),
        Direction::ServerReplyPort => {
            arguments.push(format!("{name}: DeferredReply<_>"));
            return Ok(());
        }
        _ => {}
    }
    let Some(of) = &argument.of else {
        return Ok(());
    };
    let kind = kind(of, names)?;
    if let Type::Counted(_, most) = of {
        names.interface.insert("Room");
        arguments.push(format!("{name}: Room<{most}>"));
    } else if matches!(argument.direction, Direction::In | Direction::InOut) {
        arguments.push(format!("{name}: {kind}"));
    }
    if matches!(argument.direction, Direction::Out | Direction::InOut) {
        outs.push(kind);
        out_names.push(name);
    }
    Ok(())
}

fn number(name: &str) -> &'static str {
    match name {
        "int8_t" => "i8",
        "uint8_t" => "u8",
        "int16_t" => "i16",
        "uint16_t" => "u16",
        "uint32_t" => "u32",
        "int64_t" => "i64",
        "uint64_t" => "u64",
        "float" => "f32",
        "double" => "f64",
        _ => "i32",
    }
}

fn right(sent: Sent, names: &mut Names) -> String {
    let in_ports = |name: &'static str, names: &mut Names| {
        names.ports.insert(name);
        name
    };
    let name = match sent {
        Sent::As(Disposition::MoveReceive) => in_ports("ReceiveRight", names),
        Sent::As(Disposition::MoveSend) => in_ports("SendRight", names),
        Sent::As(Disposition::MoveSendOnce) => in_ports("SendOnceRight", names),
        Sent::Polymorphic => return in_ports("AnyRight", names).to_owned(),
        other => {
            let name = match other {
                Sent::As(Disposition::CopySend) => "CopySend",
                Sent::As(Disposition::MakeSend) => "MakeSend",
                Sent::As(Disposition::MakeSendOnce) => "MakeSendOnce",
                Sent::Arrives(RightKind::SendOnce) => "PortSendOnce",
                Sent::Arrives(RightKind::Receive) => "PortReceive",
                _ => "PortSend",
            };
            names.interface.insert(name);
            name
        }
    };
    // C programs send no right as MACH_PORT_NULL.
    format!("Option<{name}>")
}

fn length(most: Option<usize>, fixed: bool, names: &mut Names) -> String {
    match most {
        None => {
            names.kinds.insert("Any");
            "Any".to_owned()
        }
        Some(count) => {
            let name = if fixed { "Exactly" } else { "UpTo" };
            names.kinds.insert(name);
            format!("{name}<{count}>")
        }
    }
}

/// A kind with the parameters that are not the usual ones.
fn out_of_line(
    head: &str,
    (most, fixed): (Option<usize>, bool),
    way: Option<&'static str>,
    names: &mut Names,
) -> String {
    let way = way.inspect(|way| {
        names.kinds.insert(way);
    });
    match (most, way) {
        (None, None) => format!("{head}>"),
        (most, None) => format!("{head}, {}>", length(most, fixed, names)),
        (most, Some(way)) => format!("{head}, {}, {way}>", length(most, fixed, names)),
    }
}

fn kind(of: &Type, names: &mut Names) -> Result<String, Error> {
    let mut plain = |name: &'static str| {
        names.interface.insert(name);
    };
    Ok(match of {
        Type::Number(name) if name == "boolean_t" => "bool".to_owned(),
        Type::Number(name) => number(name).to_owned(),
        Type::Array(of, count) => format!("[{}; {count}]", element(of)?),
        Type::ArrayUpTo(of, most) => {
            plain("Array");
            format!("Array<{}, {most}>", element(of)?)
        }
        Type::Counted(of, most) => {
            plain("Counted");
            format!("Counted<{}, {most}>", element(of)?)
        }
        Type::Room(most) => {
            plain("Room");
            format!("Room<{most}>")
        }
        Type::Text(most) => {
            plain("Text");
            format!("Text<{most}>")
        }
        Type::FixedText(size) => {
            plain("FixedText");
            format!("FixedText<{size}>")
        }
        Type::Port { sent, .. } => right(*sent, names),
        Type::Ports { sent, count, .. } => {
            plain("Ports");
            format!("Ports<{}, {count}>", right(*sent, names))
        }
        Type::PortsUpTo { sent, most, .. } => {
            plain("PortsUpTo");
            format!("PortsUpTo<{}, {most}>", right(*sent, names))
        }
        Type::OolPorts {
            sent,
            most,
            fixed,
            way,
            ..
        } => {
            plain("OolPorts");
            let head = format!("OolPorts<{}", right(*sent, names));
            out_of_line(&head, (*most, *fixed), name_of(*way), names)
        }
        Type::Memory {
            of,
            most,
            fixed,
            way,
        } => {
            plain("Ool");
            let head = format!("Ool<{}", element(of)?);
            out_of_line(&head, (*most, *fixed), name_of(*way), names)
        }
        other => return element(other),
    })
}

/// What becomes of the sender's memory, where that is not the usual.
const fn name_of(way: MemoryWay) -> Option<&'static str> {
    match way {
        MemoryWay::Lend => None,
        MemoryWay::Move => Some("Move"),
        MemoryWay::Either => Some("Either"),
        MemoryWay::Physical => Some("Physical"),
    }
}

/// An element of an array.
fn element(of: &Type) -> Result<String, Error> {
    match of {
        // Any word is one of C's booleans.
        Type::Number(name) if name == "boolean_t" => Ok("u32".to_owned()),
        Type::Number(name) => Ok(number(name).to_owned()),
        Type::Array(of, count) => Ok(format!("[{}; {count}]", element(of)?)),
        Type::Struct(name, _) => Ok(name.clone()),
        other => Err(Error::Trait(format!(
            "{other:?} is no type of a .defs file"
        ))),
    }
}

fn camel(name: &str) -> String {
    let parts = name.split('_').filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let mut letters = part.chars();
            let first = letters.next().map(|letter| letter.to_ascii_uppercase());
            first.into_iter().chain(letters).collect::<String>()
        })
        .collect()
}

/// The name that the library takes where none is said.
pub(super) fn snake(name: &str) -> String {
    let mut snake = String::new();
    for (index, letter) in name.char_indices() {
        if letter.is_uppercase() && index > 0 {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

/// A name that Rust has no other use for.
fn identifier(name: &str) -> String {
    if syn::parse_str::<syn::Ident>(name).is_ok() {
        name.to_owned()
    } else if ["self", "Self", "super", "crate", "_"].contains(&name) {
        format!("{name}_")
    } else {
        format!("r#{name}")
    }
}
