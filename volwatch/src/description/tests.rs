use std::fs;
use std::os::unix::fs::symlink;

use nix::sys::stat::Mode;
use nix::unistd::mkfifo;

use super::*;

const ID: &str = "0b3c9d1e-6c55-4d0e-9a3f-2f1d7c5e8a10";

fn names() -> Vec<PathBuf> {
    vec!["d.plist".into(), "d.toml".into()]
}

/// What is said of a volume with that file.
fn said(name: &str, bytes: impl AsRef<[u8]>) -> Result<Option<Description>, DescriptionError> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(name), bytes).unwrap();
    load(&Root::open(folder.path()).unwrap(), &names())
}

fn refused(name: &str, bytes: impl AsRef<[u8]>) -> String {
    format!("{:?}", said(name, bytes).unwrap_err())
}

fn property_list(body: &str) -> String {
    format!("<?xml version=\"1.0\"?><plist version=\"1.0\"><dict>{body}</dict></plist>")
}

fn paths(key: &str, paths: &[&str]) -> String {
    let paths = paths.iter().map(|path| format!("<string>{path}</string>"));
    format!(
        "<key>{key}</key><array>{}</array>",
        paths.collect::<String>()
    )
}

#[test]
fn both_forms_say_the_same() {
    let toml = format!("id = '{ID}'\nsources = ['a', 'b/c']\ntargets = ['t']\nstamps = ['s']\n");
    let list = [
        &format!("<key>id</key><string>{ID}</string>"),
        &paths("sources", &["a", "b/c"])[..],
        &paths("targets", &["t"]),
        &paths("stamps", &["s"]),
    ]
    .concat();
    let of_toml = said("d.toml", toml).unwrap().unwrap();
    let of_list = said("d.plist", property_list(&list)).unwrap().unwrap();
    let facts = |description: Description| {
        let Description {
            id,
            sources,
            targets,
            stamps,
            ..
        } = description;
        (id, sources, targets, stamps)
    };
    assert_eq!(of_toml.id, Some(VolumeId::parse_str(ID).unwrap()));
    assert_eq!(facts(of_toml), facts(of_list));
}

#[test]
fn a_binary_property_list_is_read_and_a_cut_one_refused() {
    let mut list = plist::Dictionary::new();
    for key in ["sources", "stamps"] {
        let paths = vec![plist::Value::String(key.to_owned())];
        list.insert(key.to_owned(), plist::Value::Array(paths));
    }
    let mut bytes = Vec::new();
    plist::Value::Dictionary(list)
        .to_writer_binary(&mut bytes)
        .unwrap();
    let description = said("d.plist", &bytes).unwrap().unwrap();
    assert_eq!(description.sources, [Path::new("sources")]);
    for length in 0..bytes.len() {
        assert!(said("d.plist", &bytes[..length]).is_err(), "{length}");
    }
    // Each byte turned: refused or read, and nothing worse.
    for at in 0..bytes.len() {
        for flip in [0x01, 0x80, 0xff] {
            let mut turned = bytes.clone();
            turned[at] ^= flip;
            let _ = said("d.plist", &turned);
        }
    }
}

#[test]
fn a_volume_without_a_description_has_none() {
    assert_eq!(said("other", "x").unwrap(), None);
}

#[test]
fn what_is_not_known_refuses_the_whole() {
    let known = "sources = ['a']\nstamps = ['s']\n";
    assert!(refused("d.toml", format!("{known}command = ['rm']")).contains("command"));
    assert!(refused("d.toml", format!("{known}[helper]\ncommand = 'rm'")).contains("helper"));
    let list = [
        paths("sources", &["a"]),
        paths("stamps", &["s"]),
        paths("command", &["rm"]),
    ];
    assert!(refused("d.plist", property_list(&list.concat())).contains("command"));
}

#[test]
fn paths_that_leave_are_refused_wherever_they_stand() {
    for path in [
        "/etc/passwd",
        "..",
        "../x",
        "a/../../x",
        "./a",
        "a//b",
        "a/",
        "",
    ] {
        for (sources, targets, stamps) in [(path, "t", "s"), ("a", path, "s"), ("a", "t", path)] {
            let text =
                format!("sources = ['{sources}']\ntargets = ['{targets}']\nstamps = ['{stamps}']");
            assert!(
                refused("d.toml", text).contains("not a plain path"),
                "{path}"
            );
        }
    }
}

#[test]
fn what_is_no_description_is_refused() {
    let deep = "<array>".repeat(5000);
    let entity = "<?xml version=\"1.0\"?><!DOCTYPE p [<!ENTITY x SYSTEM \"/etc/passwd\">]><plist><string>&x;</string></plist>";
    for bytes in [
        "",
        "x",
        "bplist00",
        "<plist>",
        "<plist><string>a</string></plist>",
        &deep,
        entity,
    ] {
        assert!(said("d.plist", bytes).is_err(), "{bytes:.20}");
    }
    let deep = format!("sources = {}", "[".repeat(20_000));
    for text in ["x", "sources = 'a'", "sources = [1]\nstamps = ['s']", &deep] {
        assert!(said("d.toml", text).is_err(), "{text:.20}");
    }
    assert!(refused("d.toml", b"sources = ['\xff']").contains("UTF-8"));
    assert!(refused("d.toml", "id = 'x'\nsources = ['a']\nstamps = ['s']").contains("UUID"));
}

#[test]
fn sizes_are_bounded() {
    let limit = usize::try_from(MAX_BYTES).unwrap();
    let text = format!("sources = ['a']\nstamps = ['s']\n#{}", "x".repeat(limit));
    assert!(refused("d.toml", &text).contains("larger than"));
    assert!(said("d.toml", &text[..limit]).is_ok());
    let many = "'a',".repeat(MAX_PATHS + 1);
    assert!(
        refused("d.toml", format!("sources = [{many}]\nstamps = ['s']")).contains("at most 64")
    );
    let list = [
        paths("sources", &["a"; MAX_PATHS + 1]),
        paths("stamps", &["s"]),
    ]
    .concat();
    assert!(refused("d.plist", property_list(&list)).contains("at most 64"));
}

#[test]
fn what_would_never_be_fresh_is_refused() {
    for text in [
        "sources = []\nstamps = ['s']",
        "sources = ['a']\nstamps = []",
        "stamps = ['s']",
        "sources = ['a']",
    ] {
        said("d.toml", text).unwrap_err();
    }
    for text in [
        "sources = ['a']\nstamps = ['a']",
        "sources = ['a']\nstamps = ['a/s']",
        "sources = ['a']\ntargets = ['a/t']\nstamps = ['s']",
        "sources = ['a']\ntargets = ['t']\nstamps = ['t/s']",
    ] {
        assert!(refused("d.toml", text).contains("is written"), "{text}");
    }
    // The name only begins alike.
    said("d.toml", "sources = ['a']\nstamps = ['ab']").unwrap();
}

#[test]
fn a_description_that_is_no_file_is_refused_without_opening_it() {
    let folder = tempfile::tempdir().unwrap();
    let root = Root::open(folder.path()).unwrap();
    let path = folder.path().join("d.plist");
    let refused = |word: &str| {
        let error = load(&root, &names()).unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
    };
    mkfifo(&path, Mode::S_IRWXU).unwrap();
    refused("not a regular file");
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    refused("not a regular file");
    fs::remove_dir(&path).unwrap();
    for target in ["/etc/passwd", "/dev/zero", "d.toml"] {
        symlink(target, &path).unwrap();
        refused("by a link");
        fs::remove_file(&path).unwrap();
    }
    // A terabyte of zeroes.
    fs::File::create(&path).unwrap().set_len(1 << 40).unwrap();
    refused("larger than");
}
