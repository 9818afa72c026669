//! The library itself: what it must not have in it.

use object::elf;
use object::read::elf::{Dyn, ElfFile64, FileHeader, ProgramHeader};
use object::{Endianness, Object, ObjectSymbol};

use crate::harness::LIBRARY;

type File<'data> = ElfFile64<'data, Endianness>;

fn file() -> File<'static> {
    File::parse(&LIBRARY[..]).expect("an ELF file")
}

#[test]
fn it_is_small() {
    assert!(LIBRARY.len() < 16 * 1024, "{}", LIBRARY.len());
}

#[test]
fn it_needs_nothing_but_the_loader() {
    let file = file();
    let endian = file.endian();
    let header = file.elf_header();
    let sections = header.sections(endian, &LIBRARY[..]).unwrap();
    let (entries, strings) = sections
        .dynamic(endian, &LIBRARY[..])
        .unwrap()
        .expect("it is dynamic");
    let strings = sections.strings(endian, &LIBRARY[..], strings).unwrap();
    let needed: Vec<_> = entries
        .iter()
        .filter(|entry| entry.d_tag(endian) == elf::DT_NEEDED)
        .map(|entry| entry.string(endian, strings).unwrap())
        .collect();
    assert!(
        matches!(needed[..], [name] if name.starts_with(b"ld-linux-")),
        "{needed:?}"
    );
    for tag in [
        elf::DT_INIT,
        elf::DT_INIT_ARRAY,
        elf::DT_FINI,
        elf::DT_FINI_ARRAY,
        elf::DT_TEXTREL,
    ] {
        assert!(
            entries.iter().all(|entry| entry.d_tag(endian) != tag),
            "{tag:?}"
        );
    }
    let missing: Vec<_> = file
        .dynamic_symbols()
        .filter(|symbol| symbol.is_undefined())
        .map(|symbol| symbol.name().unwrap().to_owned())
        .filter(|name| !name.is_empty())
        .collect();
    assert_eq!(missing, ["__libc_stack_end"]);
}

#[test]
fn it_has_no_storage_of_threads_and_no_code_that_can_be_written() {
    let file = file();
    let endian = file.endian();
    let segments = file
        .elf_header()
        .program_headers(endian, &LIBRARY[..])
        .unwrap();
    for segment in segments {
        assert_ne!(segment.p_type(endian), elf::PT_TLS);
        let flags = segment.p_flags(endian);
        assert!(
            flags.0 & elf::PF_W.0 == 0 || flags.0 & elf::PF_X.0 == 0,
            "{flags:?}"
        );
    }
}

#[test]
fn it_has_the_loaders_calls_and_does_not_ask_for_bindings() {
    let file = file();
    let names: Vec<_> = file
        .dynamic_symbols()
        .filter(|symbol| symbol.is_definition())
        .map(|symbol| symbol.name().unwrap().to_owned())
        .filter(|name| name.starts_with("la_"))
        .collect();
    let mut sorted = names.clone();
    sorted.sort_unstable();
    assert_eq!(
        sorted,
        [
            "la_activity",
            "la_objclose",
            "la_objopen",
            "la_preinit",
            "la_version"
        ]
    );
}
