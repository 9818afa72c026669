//! What is told of images of all kinds.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use image_protocol::ImageFlags;
use object::Object;

use crate::harness::{
    Launched, Monitor, Seen, Shown, folder, launch, library, program, program_with, run,
};

const NOTHING: &str = "int main(void) { return 0; }";

/// Opens and closes its second argument as often as its first says.
const REOPENS: &str = r#"
    #include <dlfcn.h>
    #include <stdio.h>
    #include <stdlib.h>
    int main(int count, char **arguments) {
        for (int turn = 0; turn < atoi(arguments[1]); turn++) {
            void *library = dlopen(arguments[2], RTLD_NOW);
            puts(library ? "opened" : "failed");
            if (library) dlclose(library);
        }
        return 0;
    }
"#;

fn build_id(path: &str) -> Vec<u8> {
    let bytes = std::fs::read(path).expect("a file");
    let file = object::File::parse(&*bytes).expect("an ELF file");
    let id = file.build_id().expect("sound notes");
    id.unwrap_or_default().to_vec()
}

fn start(launched: &Launched) -> &[Shown] {
    launched.seen[1].loaded()
}

/// A program that runs and waits at `main`, and its images.
fn stopped_at_main(program: &Path, look: impl FnOnce(i32, &[Shown])) {
    let mut monitor = Monitor::new();
    let child = launch(&mut Command::new(program), &[&monitor]);
    let mut seen = monitor.until(|seen| *seen == Seen::Main);
    look(child.id(), seen.remove(1).loaded());
    monitor.answer();
    monitor.all();
    assert!(child.wait().success());
}

/// Every image of a program is told as the kernel has mapped it.
#[test]
fn addresses_and_build_ids_are_those_of_the_files() {
    let folder = folder();
    let program = program(folder.path(), "nothing", NOTHING);
    stopped_at_main(&program, |pid, images| {
        let maps = std::fs::read_to_string(format!("/proc/{pid}/maps")).expect("a process");
        // The kernel's own has no file.
        for image in images
            .iter()
            .filter(|image| image.path != "linux-vdso.so.1")
        {
            let path = std::fs::canonicalize(&image.path).expect("a file");
            let mut lines = maps
                .lines()
                .filter(|line| line.ends_with(path.to_str().unwrap()));
            let first = lines.next().expect("it is mapped");
            let begin = u64::from_str_radix(first.split('-').next().unwrap(), 16).unwrap();
            assert_eq!(image.load_address, begin, "{image:?}");
            let last = lines.next_back().expect("several segments");
            let end = last.split(['-', ' ']).nth(1).unwrap();
            let end = u64::from_str_radix(end, 16).unwrap();
            let size = image.size.next_multiple_of(4096);
            // What has no bytes in the file is mapped from nowhere.
            assert!(
                begin + size >= end && begin + size <= end + 0x10_0000,
                "{image:?}"
            );
            assert_eq!(image.build_id, build_id(&image.path));
            assert!(image.build_id.is_empty() || image.build_id.starts_with(&image.uuid));
            assert_eq!(image.namespace, 0);
        }
        let flagged = |flag| {
            let mut found = images
                .iter()
                .filter(move |image| image.flags.contains(flag));
            (found.next().expect("one").clone(), found.count())
        };
        let (first, others) = flagged(ImageFlags::PROGRAM);
        assert_eq!((Path::new(&first.path), others), (&*program, 0));
        let (loader, others) = flagged(ImageFlags::LOADER);
        assert!(loader.path.contains("/ld-linux") && others == 0);
    });
}

#[test]
fn a_program_at_a_fixed_address() {
    let folder = folder();
    let fixed = program_with(folder.path(), "fixed", NOTHING, &["-no-pie"]);
    stopped_at_main(&fixed, |pid, images| {
        let image = &images[0];
        assert_eq!(
            (image.bias, image.path.as_str()),
            (0, fixed.to_str().unwrap())
        );
        assert!(image.load_address > 0);
        assert_eq!(crate::order::memory(pid, image.load_address, 4), b"\x7fELF");
        assert_eq!(image.build_id, build_id(&image.path));
    });
}

#[test]
fn a_library_whose_file_counts_from_elsewhere() {
    let folder = folder();
    let based = "-Wl,-Ttext-segment=0x10000000";
    let based = library(folder.path(), "based", "int value;", &[based]);
    let reopens = program(folder.path(), "reopens", REOPENS);
    let launched = run(Command::new(reopens).arg("1").arg(&based));
    let [_, _, _, Seen::Load(images), Seen::Unload(gone)] = &launched.seen[..] else {
        panic!("{:?}", launched.seen);
    };
    let image = &images[0];
    assert_eq!(image.load_address, image.bias + 0x1000_0000, "{image:?}");
    assert_eq!(image.build_id, build_id(based.to_str().unwrap()));
    assert!(image.size > 0 && image.size < 0x10_0000);
    assert_eq!(gone, images);
}

/// Where the first segment begins behind the headers nobody can read them: less is told, and nothing of other images.
#[test]
fn a_library_whose_headers_are_not_mapped() {
    const SCRIPT: &str = "
        PHDRS { text PT_LOAD FLAGS(5); data PT_LOAD FLAGS(6); dynamic PT_DYNAMIC FLAGS(6); }
        SECTIONS {
            . = 0x1000;
            .text : { *(.text*) *(.rodata*) } :text
            .hash : { *(.hash) } :text
            .gnu.hash : { *(.gnu.hash) } :text
            .dynsym : { *(.dynsym) } :text
            .dynstr : { *(.dynstr) } :text
            . = ALIGN(0x1000);
            .dynamic : { *(.dynamic) } :data :dynamic
            .data : { *(.data*) *(.bss*) } :data
            /DISCARD/ : { *(.comment) *(.note*) *(.eh_frame*) }
        }";
    let folder = folder();
    let script = folder.path().join("script.ld");
    std::fs::write(&script, SCRIPT).unwrap();
    let script = format!("-Wl,-T,{}", script.display());
    let options = ["-nostdlib", "-Wl,--build-id=none", &script];
    let bare = library(folder.path(), "bare", "int value = 1;", &options);
    let reopens = program(folder.path(), "reopens", REOPENS);
    let launched = run(Command::new(reopens).arg("2").arg(&bare));
    assert_eq!(launched.text(), "opened\nopened\n");
    let events = &launched.seen[3..];
    assert_eq!(events.len(), 4);
    for seen in events {
        let image = seen.loaded().iter().chain(seen.unloaded()).next().unwrap();
        assert!(image.is("libbare.so"), "{image:?}");
        assert_eq!((image.size, image.build_id.len()), (0, 0));
        assert_eq!(image.load_address, image.bias);
    }
}

#[test]
fn a_library_without_a_build_id() {
    let folder = folder();
    let bare = library(
        folder.path(),
        "bare",
        "int value;",
        &["-Wl,--build-id=none"],
    );
    let long = "-Wl,--build-id=0x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021222324";
    let long = library(folder.path(), "long", "int value;", &[long]);
    let short = library(
        folder.path(),
        "short",
        "int value;",
        &["-Wl,--build-id=0x0a0b"],
    );
    let reopens = program(folder.path(), "reopens", REOPENS);
    let shown = |path: &Path| {
        let launched = run(Command::new(&reopens).arg("1").arg(path));
        launched.seen[3].loaded()[0].clone()
    };
    let image = shown(&bare);
    assert_eq!((image.build_id, image.uuid), (vec![], [0; 16]));
    let image = shown(&long);
    assert_eq!(image.build_id, (0..32).collect::<Vec<u8>>());
    let image = shown(&short);
    assert_eq!(image.build_id, [0x0a, 0x0b]);
    assert_eq!(
        (image.uuid[..2].to_vec(), image.uuid[2..].to_vec()),
        (vec![0x0a, 0x0b], vec![0; 14])
    );
}

#[test]
fn the_program_of_a_script_is_its_interpreter() {
    let folder = folder();
    let script = folder.path().join("script");
    std::fs::write(&script, "#!/bin/sh\necho ran\n").unwrap();
    std::fs::set_permissions(&script, PermissionsExt::from_mode(0o755)).unwrap();
    let launched = run(&mut Command::new(script));
    let shell = std::fs::canonicalize("/bin/sh").unwrap();
    assert_eq!(Path::new(&start(&launched)[0].path), shell);
    assert_eq!(launched.text(), "ran\n");
}

#[test]
fn a_relative_path_is_told_as_it_was_given() {
    let folder = folder();
    library(folder.path(), "near", "int value;", &[]);
    let reopens = program(folder.path(), "reopens", REOPENS);
    let launched = run(Command::new(reopens)
        .args(["1", "./libnear.so"])
        .current_dir(folder.path()));
    assert_eq!(launched.seen[3].loaded()[0].path, "./libnear.so");
    assert!(launched.seen[3].loaded()[0].build_id.len() > 8);
}

/// Nine hundred libraries that one call brings, with paths so long that they are told in parts.
#[test]
fn many_at_once_come_in_parts_and_each_once() {
    const MANY: usize = 900;
    let folder = folder();
    let deep = folder
        .path()
        .join("a-folder-with-a-name-of-some-length")
        .join("d".repeat(120));
    std::fs::create_dir_all(&deep).unwrap();
    let one = library(&deep, "one", "", &["-nostdlib"]);
    let names: Vec<String> = (0..MANY)
        .map(|number| format!("lib{number:03}.so"))
        .collect();
    for name in &names {
        std::fs::copy(&one, deep.join(name)).unwrap();
    }
    let response = folder.path().join("all");
    let all: String = names
        .iter()
        .map(|name| format!("{}/{name}\n", deep.display()))
        .collect();
    std::fs::write(&response, all).unwrap();
    let response = format!("@{}", response.display());
    let options = ["-nostdlib", "-Wl,--no-as-needed", &response];
    let whole = library(folder.path(), "whole", "", &options);
    let reopens = program(folder.path(), "reopens", REOPENS);

    let mut monitor = Monitor::new();
    let child = launch(Command::new(reopens).arg("1").arg(&whole), &[&monitor]);
    monitor.until(|seen| *seen == Seen::Main);
    monitor.answer();
    let mut told = Vec::new();
    let mut parts = 0;
    while told.len() <= MANY {
        let seen = monitor.see();
        assert!(!seen.loaded().is_empty(), "{seen:?}");
        told.extend(seen.loaded().iter().map(|image| image.path.clone()));
        parts += 1;
        monitor.answer();
    }
    assert!(parts > 4, "{parts}");
    told.sort_unstable();
    told.dedup();
    assert_eq!(told.len(), MANY + 1);
    let gone: usize = monitor.all().iter().map(|seen| seen.unloaded().len()).sum();
    assert_eq!(gone, MANY + 1);
    // All parts of what was split have one time.
    let stamps = &monitor.stamps[2..2 + parts];
    let first = stamps[0].timestamp;
    assert!(
        stamps.iter().all(|stamp| stamp.timestamp == first),
        "{stamps:?}"
    );
    assert!(child.wait().success());
}

#[test]
fn a_thousand_reloads_are_all_told() {
    let folder = folder();
    let small = library(folder.path(), "small", "", &["-nostdlib"]);
    let reopens = program(folder.path(), "reopens", REOPENS);
    let launched = run(Command::new(reopens).arg("1000").arg(small));
    let events = &launched.seen[3..];
    assert_eq!(events.len(), 2000);
    for pair in events.chunks(2) {
        let [Seen::Load(loaded), Seen::Unload(gone)] = pair else {
            panic!("{pair:?}");
        };
        assert!(loaded.len() == 1 && loaded == gone);
        // The address is the same again and again: nothing but the events tells the one from the other.
        assert_eq!(loaded, events[0].loaded());
    }
}

#[test]
fn what_fails_to_load_comes_and_goes() {
    let folder = folder();
    let lacks = library(
        folder.path(),
        "lacks",
        "int absent(void); int use(void) { return absent(); }",
        &[],
    );
    let near = library(folder.path(), "near", "int near(void) { return 1; }", &[]);
    let path = near.to_str().unwrap();
    let source = "int near(void); int needs(void) { return near(); }";
    let needs = library(folder.path(), "needs", source, &[path]);
    std::fs::remove_file(&near).unwrap();
    let reopens = program(folder.path(), "reopens", REOPENS);
    for fails in [lacks, needs] {
        let launched = run(Command::new(&reopens).arg("2").arg(&fails));
        assert_eq!(launched.text(), "failed\nfailed\n");
        let events = &launched.seen[3..];
        let name = fails.file_name().unwrap().to_str().unwrap();
        assert_eq!(events.len(), 4, "{events:?}");
        for pair in events.chunks(2) {
            assert!(pair[0].loads(name) && pair[1].unloads(name), "{pair:?}");
        }
    }
    let launched = run(Command::new(reopens).args(["1", "/nonexistent.so"]));
    assert_eq!(launched.seen.len(), 3, "{:?}", launched.seen);
}

#[test]
fn a_namespace_of_its_own() {
    const APART: &str = r#"
        #include <dlfcn.h>
        int main(int count, char **arguments) {
            for (int turn = 0; turn < 2; turn++) {
                void *library = dlmopen(LM_ID_NEWLM, arguments[1], RTLD_NOW);
                if (!library) return 1;
                dlclose(library);
            }
            return 0;
        }
    "#;
    let folder = folder();
    let source = "#include <stdio.h>\nint use(void) { return puts(\"\"); }";
    let inner = library(folder.path(), "inner", source, &[]);
    let apart = program(folder.path(), "apart", APART);
    let launched = run(Command::new(apart).arg(&inner));
    launched.text();
    let events = &launched.seen[3..];
    let loads: Vec<&Shown> = events.iter().flat_map(Seen::loaded).collect();
    let mut gone: Vec<&Shown> = events.iter().flat_map(Seen::unloaded).collect();
    assert_eq!(loads.len(), 4, "{loads:?}");
    for image in &loads {
        assert!(image.namespace > 0, "{image:?}");
        assert!(!image.flags.contains(ImageFlags::PROGRAM));
        let at = gone
            .iter()
            .position(|other| other == image)
            .expect("it goes as it came");
        gone.remove(at);
    }
    assert!(gone.is_empty(), "{gone:?}");
}
