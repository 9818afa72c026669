//! What the library exports has the types that the headers declare.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::compilers::{compile, compilers, scratch};
use crate::{headers, listed};

/// A function or a variable, declared once more in C.
struct Export {
    name: String,
    declaration: String,
}

/// The exports that the sources of the library list.
fn exports() -> Vec<Export> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let sources = fs::read_dir(sources).unwrap().map(|file| file.unwrap());
    sources
        // The macros are there.
        .filter(|file| file.file_name() != "lib.rs")
        .map(|file| fs::read_to_string(file.path()).unwrap())
        .flat_map(|text| exports_of(&text))
        .collect()
}

fn exports_of(text: &str) -> Vec<Export> {
    let code = text.lines().filter(|line| !line.starts_with("//"));
    let words = code.flat_map(str::split_whitespace).collect::<Vec<_>>();
    words.join(" ").split(';').filter_map(export).collect()
}

fn export(statement: &str) -> Option<Export> {
    if let Some((_, function)) = statement.split_once(" fn ") {
        let (name, rest) = function.split_once('(')?;
        let (arguments, result) = rest.rsplit_once(')')?;
        let result = result.trim().strip_prefix("->").unwrap_or("c_void");
        let arguments = arguments.split(", ").filter_map(|argument| {
            let (_, kind) = argument.split_once(':')?;
            Some(in_c(kind.trim_end_matches(',')))
        });
        let arguments = arguments.collect::<Vec<_>>().join(", ");
        let arguments = if arguments.is_empty() {
            "void"
        } else {
            &arguments
        };
        return Some(Export {
            name: name.to_owned(),
            // Between parentheses, because some names are macros with arguments, too.
            declaration: format!("extern {} ({name})({arguments});", in_c(result)),
        });
    }
    let variable = match statement.split_once(" static ") {
        Some((_, variable)) => variable.split_once(" = ")?.0,
        None => statement,
    };
    let (before, kind) = variable.rsplit_once(": ")?;
    let name = before.split(' ').next_back()?;
    Some(Export {
        name: name.to_owned(),
        declaration: format!("extern {} {name};", in_c(kind)),
    })
}

/// A type as C writes it. Most have C's name already.
fn in_c(kind: &str) -> String {
    let kind = kind.trim();
    // Where C's type of an argument is an array.
    if let Some(element) = kind
        .strip_prefix("*mut ")
        .filter(|name| name.ends_with("vm_read_entry"))
    {
        return format!("{element}_t");
    }
    if let Some(target) = kind.strip_prefix("*mut ") {
        return format!("{} *", in_c(target));
    }
    if let Some(target) = kind.strip_prefix("*const ") {
        return format!("const {} *", in_c(target));
    }
    match kind {
        "c_void" => "void",
        "c_char" => "char",
        "c_int" => "int",
        "c_uint" => "unsigned int",
        "i32" => "int32_t",
        "u32" => "uint32_t",
        "u64" => "uint64_t",
        "timespec" => "struct timespec",
        "au_tid" => "au_tid_t",
        name => name,
    }
    .to_owned()
}

#[test]
fn the_library_has_the_types_of_the_headers() {
    let exports = exports();
    let names: BTreeSet<String> = exports.iter().map(|export| export.name.clone()).collect();
    assert_eq!(names, listed());

    let Some(compilers) = compilers() else { return };
    let mut text = String::new();
    for header in headers() {
        writeln!(text, "#include <{header}>").unwrap();
    }
    text += "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\
             typedef boolean_t (*mig_demux_t)(mach_msg_header_t *, mach_msg_header_t *);\n";
    for export in &exports {
        writeln!(text, "{}", export.declaration).unwrap();
    }
    text += "#ifdef __cplusplus\n}\n#endif\n";
    let source = scratch("prototypes").join("prototypes.c");
    fs::write(&source, text).unwrap();
    for compiler in compilers {
        compile(compiler, std::slice::from_ref(&source));
    }
}
