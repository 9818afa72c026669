//! The types that are known without a declaration: those of `mach/std_types.defs` and `mach/machine_types.defs`, and
//! MIG's own.

use mach_interface::describe::{MemoryWay, Sent, Type};
use mach_ports::{Disposition, RightKind};

fn port(sent: Sent) -> Type {
    Type::Port {
        sent,
        nullable: true,
    }
}

fn memory(of: &str) -> Type {
    Type::Memory {
        of: Box::new(Type::Number(of.into())),
        most: None,
        fixed: false,
        way: MemoryWay::Lend,
    }
}

/// A type of MIG's own, by its name.
pub(super) fn primitive(name: &str) -> Option<Type> {
    let number = |name: &str| Type::Number(name.into());
    if name.eq_ignore_ascii_case("polymorphic") {
        return Some(port(Sent::Polymorphic));
    }
    Some(match name.strip_prefix("MACH_MSG_TYPE_")? {
        "BOOLEAN" => number("boolean_t"),
        "INTEGER_8" | "CHAR" | "BYTE" => number("uint8_t"),
        "INTEGER_16" => number("uint16_t"),
        "INTEGER_32" => number("int32_t"),
        "INTEGER_64" => number("uint64_t"),
        "REAL_32" => number("float"),
        "REAL_64" => number("double"),
        "PORT_NAME" => number("uint32_t"),
        "MOVE_RECEIVE" => port(Sent::As(Disposition::MoveReceive)),
        "COPY_SEND" => port(Sent::As(Disposition::CopySend)),
        "MAKE_SEND" => port(Sent::As(Disposition::MakeSend)),
        "MOVE_SEND" => port(Sent::As(Disposition::MoveSend)),
        "MAKE_SEND_ONCE" => port(Sent::As(Disposition::MakeSendOnce)),
        "MOVE_SEND_ONCE" => port(Sent::As(Disposition::MoveSendOnce)),
        "PORT_RECEIVE" => port(Sent::Arrives(RightKind::Receive)),
        "PORT_SEND" => port(Sent::Arrives(RightKind::Send)),
        "PORT_SEND_ONCE" => port(Sent::Arrives(RightKind::SendOnce)),
        "POLYMORPHIC" => port(Sent::Polymorphic),
        _ => return None,
    })
}

/// The number that a name stands for, whatever type it is declared as: C's names say whether there is a sign.
pub(super) fn number(name: &str) -> Option<&'static str> {
    Some(match name {
        "int8_t" => "int8_t",
        "uint8_t" | "char" => "uint8_t",
        "int16_t" | "short" => "int16_t",
        "uint16_t" => "uint16_t",
        "int" | "int32" | "int32_t" | "integer_t" | "kern_return_t" | "mach_port_delta_t"
        | "mach_msg_id_t" | "mach_msg_options_t" => "int32_t",
        "unsigned"
        | "unsigned32"
        | "uint32_t"
        | "natural_t"
        | "mach_port_name_t"
        | "mach_port_right_t"
        | "mach_port_type_t"
        | "mach_port_urefs_t"
        | "mach_port_seqno_t"
        | "mach_port_mscount_t"
        | "mach_port_msgcount_t"
        | "mach_port_rights_t"
        | "mach_msg_size_t"
        | "mach_msg_type_name_t" => "uint32_t",
        "int64" | "int64_t" => "int64_t",
        "unsigned64"
        | "uint64_t"
        | "vm_address_t"
        | "vm_offset_t"
        | "vm_size_t"
        | "mach_vm_address_t"
        | "mach_vm_offset_t"
        | "mach_vm_size_t"
        | "mach_port_context_t" => "uint64_t",
        "float" => "float",
        "double" => "double",
        "boolean_t" => "boolean_t",
        _ => return None,
    })
}

/// A type by its name, if it is known.
pub(super) fn known(name: &str) -> Option<Type> {
    if let Some(number) = number(name) {
        return Some(Type::Number(number.into()));
    }
    let array = |element: Type| match element {
        Type::Port { sent, nullable } => Type::OolPorts {
            sent,
            nullable,
            most: None,
            fixed: false,
            way: MemoryWay::Lend,
        },
        other => other,
    };
    Some(match name {
        "mach_port_t" | "mach_port_copy_send_t" | "task_t" | "host_t" | "thread_t" => {
            port(Sent::As(Disposition::CopySend))
        }
        "mach_port_array_t" => array(port(Sent::As(Disposition::CopySend))),
        "mach_port_move_receive_t" => port(Sent::As(Disposition::MoveReceive)),
        "mach_port_make_send_t" => port(Sent::As(Disposition::MakeSend)),
        "mach_port_move_send_t" => port(Sent::As(Disposition::MoveSend)),
        "mach_port_make_send_once_t" => port(Sent::As(Disposition::MakeSendOnce)),
        "mach_port_move_send_once_t" => port(Sent::As(Disposition::MoveSendOnce)),
        "mach_port_receive_t" => port(Sent::Arrives(RightKind::Receive)),
        "mach_port_send_t" => port(Sent::Arrives(RightKind::Send)),
        "mach_port_send_once_t" => port(Sent::Arrives(RightKind::SendOnce)),
        "mach_port_poly_t" => port(Sent::Polymorphic),
        "mach_port_name_array_t" | "mach_port_type_array_t" => memory("uint32_t"),
        "pointer_t" => memory("uint8_t"),
        "audit_token_t" => Type::Array(Box::new(Type::Number("uint32_t".into())), 8),
        "security_token_t" => Type::Array(Box::new(Type::Number("uint32_t".into())), 2),
        _ => return None,
    })
}
