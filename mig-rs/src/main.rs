//! `mig-rs FILE.defs` prints the Rust trait, `mig-rs FILE.rs` the `.defs` file.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use mig_rs::{Interface, parse_defs, parse_rust, to_rust};

/// Makes a Rust interface of a MIG .defs file, and a .defs file of a Rust interface.
///
/// Which of them is said by the file's name. The result is printed.
#[derive(Debug, Parser)]
#[command(name = "mig-rs", version)]
struct Args {
    /// A .defs file, or a Rust file with a #[subsystem] trait.
    file: PathBuf,

    /// Where to write the result instead.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Makes the C header with the types that a .defs file of a Rust interface imports.
    #[arg(long)]
    header: bool,

    /// The interface to print, if the Rust file has several.
    #[arg(long, value_name = "NAME")]
    interface: Option<String>,
}

fn main() -> ExitCode {
    let args = Args::parse();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let mut text = error.to_string();
            if let Some(cause) = error.source() {
                text = format!("{text}: {cause}");
            }
            eprintln!("mig-rs: {}: {text}", args.file.display());
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<(), Box<dyn std::error::Error>> {
    let text = fs::read_to_string(&args.file)?;
    let is_defs = args
        .file
        .extension()
        .is_some_and(|extension| extension == "defs");
    let result = if is_defs {
        let interface = parse_defs(&text)?;
        if args.header {
            interface.to_c_header()
        } else {
            to_rust(&interface)?
        }
    } else {
        let interface = choose(parse_rust(&text)?, args.interface.as_deref())?;
        if args.header {
            interface.to_c_header()
        } else {
            interface.to_defs()
        }
    };
    match &args.output {
        Some(file) => fs::write(file, result)?,
        None => io::stdout().lock().write_all(result.as_bytes())?,
    }
    Ok(())
}

fn choose(interfaces: Vec<Interface>, name: Option<&str>) -> Result<Interface, String> {
    let names: Vec<_> = interfaces
        .iter()
        .map(|interface| interface.name.clone())
        .collect();
    let mut chosen = interfaces
        .into_iter()
        .filter(|interface| name.is_none_or(|name| name == interface.name));
    match (chosen.next(), chosen.next()) {
        (Some(interface), None) => Ok(interface),
        (None, _) if names.is_empty() => Err("there is no trait with #[subsystem]".to_owned()),
        _ => Err(format!(
            "say which one with --interface: {}",
            names.join(", ")
        )),
    }
}
