//! Names in object files.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use object::{Object, ObjectSymbol};

/// The names that the library has to export, all of them and no other.
pub(crate) fn listed() -> BTreeSet<String> {
    let list = Path::new(env!("CARGO_MANIFEST_DIR")).join("include/symbols.txt");
    let list = fs::read_to_string(list).unwrap();
    list.lines().map(str::to_owned).collect()
}

/// What a shared library offers to others.
pub(crate) fn exported(library: &Path) -> BTreeSet<String> {
    let bytes = fs::read(library).unwrap();
    let file = object::File::parse(&*bytes).unwrap();
    let symbols = file.dynamic_symbols();
    names(symbols.filter(|symbol| symbol.is_definition() && symbol.is_global()))
}

/// Everything that has a name in a program.
pub(crate) fn defined(program: &Path) -> BTreeSet<String> {
    let bytes = fs::read(program).unwrap();
    let file = object::File::parse(&*bytes).unwrap();
    names(file.symbols().filter(ObjectSymbol::is_definition))
}

fn names<'a>(symbols: impl Iterator<Item = impl ObjectSymbol<'a>>) -> BTreeSet<String> {
    symbols
        .map(|symbol| symbol.name().unwrap().to_owned())
        .collect()
}
