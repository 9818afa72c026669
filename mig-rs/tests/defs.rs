//! `.defs` files as Rust and back.
#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

use mach_interface::describe::Interface;
use mig_rs::{parse_defs, parse_rust, to_rust};

/// What was made of each file compiles, too.
#[path = "golden/kinds.rs"]
#[rustfmt::skip]
mod kinds;
#[path = "golden/old.rs"]
#[rustfmt::skip]
mod old;

const KINDS: &str = include_str!("golden/kinds.defs");
const OLD: &str = include_str!("golden/old.defs");

fn golden(defs: &str, rust: &str, name: &str) -> Interface {
    let interface = parse_defs(defs).expect("a sound file");
    let made = to_rust(&interface).expect("a sound interface");
    if let Some(folder) = std::env::var_os("WRITE_GOLDEN") {
        std::fs::write(std::path::Path::new(&folder).join(name), made)
            .expect("the folder is there");
    } else {
        assert_eq!(made, rust);
    }
    interface
}

#[test]
fn what_the_library_prints_is_read_again() {
    let interface = golden(KINDS, include_str!("golden/kinds.rs"), "kinds.rs");
    assert_eq!(interface.to_defs(), KINDS);
    let read = parse_rust(include_str!("golden/kinds.rs")).unwrap();
    assert_eq!(read, [interface]);
    // The program itself sees the same.
    assert_eq!(kinds::KindsClient::interface(), &read[0]);
}

#[test]
fn files_as_people_write_them() {
    let interface = golden(OLD, include_str!("golden/old.rs"), "old.rs");
    assert_eq!(interface.routines.len(), 18);
    let again = parse_defs(&interface.to_defs()).unwrap();
    assert_eq!((again.base, again.to_defs()), (3200, interface.to_defs()));
    // Where results stand between arguments, Rust has them behind; the messages are the same.
    let read = parse_rust(include_str!("golden/old.rs")).unwrap();
    assert_eq!(
        read[0].to_defs(),
        old::MachPortClient::interface().to_defs()
    );
}

#[test]
fn what_is_wrong_is_said_with_its_line() {
    for (text, said) in [
        ("routine f(p : mach_port_t);", "there is no `subsystem"),
        (
            "subsystem s 1;\n\nroutine f(p : no_such_t);",
            "line 3: no_such_t is not declared here",
        ),
        (
            "subsystem s 1;\n#if KERNEL\n",
            "line 2: #if is the C preprocessor's",
        ),
        ("subsystem s 1;\n/*\n", "line 3: a comment does not end"),
        (
            "subsystem s 1;\nroutine f(p : int);",
            "line 2: the first argument is the port",
        ),
        (
            "subsystem s 1;\ntype t = array[*:4] of c_string[3];",
            "line 2: an array has elements of a fixed size",
        ),
        (
            "subsystem s 1;\ntype t = struct[*:4] of int;",
            "line 2: a struct has a fixed size",
        ),
        (
            "subsystem s 1;\ntype t = array[4 - 5] of int;",
            "line 2: the size is none",
        ),
        (
            "subsystem s 1;\nsimpleroutine f(p : mach_port_t; out x : int);",
            "line 2: a simpleroutine has no results",
        ),
        (
            "subsystem s 1;\ntype t = array[*:4] of int;\nroutine f(p : mach_port_t; inout x : t);",
            "line 3: an inline array of variable length",
        ),
        (
            "subsystem s 1;\nroutine f(p : mach_port_t; in x : int, overwrite);",
            "the flag overwrite",
        ),
        (
            "subsystem s 1;\nfunction f();",
            "line 2: function is no statement",
        ),
        ("subsystem s 1;\nroutine f(p : mach_port_t", "the file ends"),
    ] {
        let error = parse_defs(text).unwrap_err().to_string();
        assert!(error.contains(said), "{error:?} for {text:?}");
    }
}

/// A file as the C preprocessor leaves it, once what it includes has been put before it.
fn preprocessed(files: [&str; 3]) -> String {
    let lines = files.iter().flat_map(|file| file.lines());
    let lines = lines.filter(|line| !line.starts_with('#'));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_files_that_others_include_are_read() {
    let text = preprocessed([
        include_str!("../../embedded-mach-c/include/mach/std_types.defs"),
        include_str!("../../embedded-mach-c/include/mach/mach_types.defs"),
        include_str!("../../embedded-mach-c/include/mach/notify.defs"),
    ]);
    let notify = parse_defs(&text).unwrap();
    assert_eq!((notify.name.as_str(), notify.base), ("notify", 64));
    // As the kernel numbers its notifications (Mach fact 48).
    let ids = (notify.base..).zip(&notify.routines);
    let ids: Vec<_> = ids
        .filter_map(|(id, routine)| Some((id, routine.as_ref()?.name.as_str())))
        .collect();
    assert_eq!(
        ids,
        [
            (65, "mach_notify_port_deleted"),
            (66, "mach_notify_send_possible"),
            (69, "mach_notify_port_destroyed"),
            (70, "mach_notify_no_senders"),
            (71, "mach_notify_send_once"),
            (72, "mach_notify_dead_name"),
        ]
    );
    to_rust(&notify).unwrap();
}
