//! The text of a `.defs` file.

use std::collections::HashSet;
use std::fmt::Write as _;

use mach_ports::{Disposition, RightKind};

use crate::describe::{Argument, Direction, Interface, MemoryWay, Routine, Sent, Type, names};

/// The type of the port that requests go to.
const REQUEST_PORT: Type = Type::Port {
    sent: Sent::As(Disposition::CopySend),
    nullable: true,
};
/// The type of a reply port.
const REPLY_PORT: Type = Type::Port {
    sent: Sent::As(Disposition::MakeSendOnce),
    nullable: true,
};
const TOKENS: [(Direction, &str, &str, &str); 4] = [
    (
        Direction::AuditToken,
        "ServerAuditToken",
        "audit_token_t",
        "struct[8] of uint32_t",
    ),
    (
        Direction::SecurityToken,
        "ServerSecToken",
        "security_token_t",
        "struct[2] of uint32_t",
    ),
    (
        Direction::ContextToken,
        "ServerContextToken",
        "mach_port_context_t",
        "MACH_MSG_TYPE_INTEGER_64",
    ),
    (
        Direction::SequenceNumber,
        "MsgSeqno",
        "mach_port_seqno_t",
        "MACH_MSG_TYPE_INTEGER_32",
    ),
];

impl Interface {
    /// The interface as a `.defs` file for MIG, which needs no other one.
    ///
    /// Values that Rust alone can read stand there as memory, with their rights as arrays behind it. The types' C
    /// declarations are in [`to_c_header`](Self::to_c_header).
    #[must_use]
    pub fn to_defs(&self) -> String {
        let mut text = format!("subsystem {} {};\n\n", self.name, self.base);
        let _ = writeln!(
            text,
            "import <stdint.h>;\nimport \"{}_types.h\";\n",
            self.name
        );
        self.write_types(&mut text);
        for slot in &self.routines {
            match slot {
                None => text.push_str("\nskip;\n"),
                Some(routine) => self.write_routine(routine, &mut text),
            }
        }
        text
    }

    fn write_types(&self, text: &mut String) {
        let word = Type::Number("uint32_t".into());
        let arguments = self
            .routines
            .iter()
            .flatten()
            .flat_map(|routine| &routine.arguments);
        let mut directions: Vec<_> = arguments
            .clone()
            .map(|argument| argument.direction)
            .collect();
        directions.dedup();
        let rights: Vec<_> = arguments
            .filter(|argument| matches!(argument.of, Some(Type::Value { rights: true, .. })))
            .flat_map(|_| rights_inside().map(|(_, of)| of))
            .collect();
        let mut all = vec![&REQUEST_PORT];
        if directions
            .iter()
            .any(|of| matches!(of, Direction::ReplyPort | Direction::ServerReplyPort))
        {
            all.push(&REPLY_PORT);
        }
        let tokens = TOKENS.iter().filter(|token| directions.contains(&token.0));
        if tokens.clone().any(|token| token.3.ends_with("uint32_t")) {
            all.push(&word);
        }
        all.extend(self.types());
        all.extend(&rights);
        let mut seen = HashSet::new();
        for of in all {
            for named in names::of(&self.name, of) {
                if seen.insert(named.name.clone()) {
                    let _ = writeln!(text, "type {} = {};", named.name, named.spec);
                }
            }
        }
        for (_, _, name, spec) in tokens {
            let _ = writeln!(text, "type {name} = {spec};");
        }
    }

    fn write_routine(&self, routine: &Routine, text: &mut String) {
        let word = if routine.simple {
            "simpleroutine"
        } else {
            "routine"
        };
        let request_port = routine
            .arguments
            .iter()
            .find(|argument| argument.direction == Direction::RequestPort)
            .map_or_else(|| "server".to_owned(), |argument| safe(&argument.name));
        let mut arguments = vec![format!(
            "requestport {request_port} : {}",
            self.type_name(&REQUEST_PORT)
        )];
        for argument in &routine.arguments {
            self.write_argument(argument, &mut arguments);
        }
        let _ = write!(
            text,
            "\n{word} {}(\n\t\t{});\n",
            safe(&routine.name),
            arguments.join(";\n\t\t")
        );
    }

    fn write_argument(&self, argument: &Argument, to: &mut Vec<String>) {
        let name = safe(&argument.name);
        let direction = match argument.direction {
            Direction::In => "in",
            Direction::Out => "out",
            Direction::InOut => "inout",
            Direction::ReplyPort => {
                to.push(format!(
                    "replyport {name} : {}",
                    self.type_name(&REPLY_PORT)
                ));
                return;
            }
            Direction::ServerReplyPort => {
                to.push(format!(
                    "sreplyport {name} : {}",
                    self.type_name(&REPLY_PORT)
                ));
                return;
            }
            // It is the first one.
            Direction::RequestPort => return,
            token => {
                if let Some((_, word, of, _)) = TOKENS.iter().find(|(of, ..)| *of == token) {
                    to.push(format!("{word} {name} : {of}"));
                }
                return;
            }
        };
        let Some(of) = &argument.of else {
            return;
        };
        to.push(format!(
            "{direction} {name} : {}{}",
            self.type_name(of),
            flags(of)
        ));
        if let Type::Value { rights: true, .. } = of {
            for (suffix, of) in rights_inside() {
                to.push(format!(
                    "{direction} {name}_{suffix} : {}",
                    self.type_name(&of)
                ));
            }
        }
    }

    fn type_name(&self, of: &Type) -> String {
        names::of(&self.name, of)
            .pop()
            .map(|named| named.name)
            .unwrap_or_default()
    }
}

/// Words that MIG reads in another way, in whatever letters; the second line are C's.
const RESERVED: &str = "routine simpleroutine subsystem msgoption in out inout type array of struct skip error import const auto \
    requestport replyport waittime sendtime dealloc polymorphic overwrite msgseqno sectoken audittoken retcode ctype \
    break case char continue default do double else enum extern float for goto if int long register return short \
    signed sizeof static switch typedef union unsigned void volatile while restrict inline";

/// A name that MIG and C have no other use for.
fn safe(name: &str) -> String {
    let is_reserved = RESERVED
        .split_whitespace()
        .any(|word| word.eq_ignore_ascii_case(name));
    if is_reserved {
        format!("{name}_")
    } else {
        name.to_owned()
    }
}

/// The arrays of rights behind a value.
fn rights_inside() -> impl Iterator<Item = (&'static str, Type)> {
    [
        ("send", RightKind::Send),
        ("send_once", RightKind::SendOnce),
        ("receive", RightKind::Receive),
    ]
    .into_iter()
    .map(|(suffix, kind)| {
        let of = Type::OolPorts {
            sent: Sent::As(Disposition::moving(kind)),
            nullable: true,
            most: None,
            fixed: false,
            gives: false,
        };
        (suffix, of)
    })
}

fn flags(of: &Type) -> &'static str {
    match of {
        Type::Memory {
            way: MemoryWay::Move,
            ..
        }
        | Type::OolPorts { gives: true, .. }
        | Type::Value { .. } => ", dealloc",
        Type::Memory {
            way: MemoryWay::Either,
            ..
        } => ", dealloc[]",
        Type::Memory {
            way: MemoryWay::Physical,
            ..
        } => ", physicalcopy",
        Type::Counted(..) => ", CountInOut",
        _ => "",
    }
}
