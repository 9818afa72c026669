//! A profile in the language of macOS's sandbox.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use crate::profile::{Access, Network};
use crate::{EnterError, Profile};

/// What every process needs that is already running: to look at itself, and the server of its ports by name. Of what is denied
/// by name the default is no denial. Later rules go before earlier ones.
const ALWAYS: &str = r#"(version 1)
(deny default)
(deny iokit-get-properties process-info* nvram*)
(allow process-info* (target self))
(allow signal (target self))
(allow sysctl-read)
(allow file-read-metadata)
(allow mach-lookup (global-name-regex #"\.MachPortRendezvousServer\.[0-9]+$"))
"#;

/// What the loader needs.
const LOADING: &str = r#"(allow file-read* (literal "/") (literal "/dev/null") (literal "/dev/urandom"))
(allow file-read* file-map-executable
    (subpath "/usr/lib") (subpath "/System/Library") (subpath "/System/Cryptexes")
    (subpath "/System/Volumes/Preboot/Cryptexes") (subpath "/private/var/db/dyld"))
"#;

/// What the system itself says of that, from macOS 13 on.
const LOADER_SUPPORT: &str = "/System/Library/Sandbox/Profiles/dyld-support.sb";

/// Programs that are executed in place of the process, which is not to start others.
pub(super) struct Executed<'a>(pub(super) &'a Path);

/// The text. Paths are free of links, as the kernel compares them.
pub(super) fn text(
    profile: &Profile,
    executed: Option<Executed<'_>>,
) -> Result<String, EnterError> {
    let mut text = String::from(ALWAYS);
    if let Ok(own) = std::env::current_exe() {
        // A backtrace looks for names in it.
        allow(&mut text, "file-read*", &own)?;
    }
    if executed.is_some() || profile.processes {
        text.push_str(LOADING);
        if Path::new(LOADER_SUPPORT).exists() {
            text.push_str("(import \"dyld-support.sb\")\n");
        }
    }
    if let Some(Executed(program)) = executed {
        allow(
            &mut text,
            "process-exec file-read* file-map-executable",
            program,
        )?;
    }
    for (access, path) in &profile.paths {
        let operations = match access {
            Access::Read => "file-read*",
            Access::Write => "file-write-create file-write-data file-write-unlink",
            Access::Execute if profile.processes => "process-exec file-read* file-map-executable",
            Access::Execute => "file-read* file-map-executable",
        };
        allow(&mut text, operations, path)?;
    }
    if profile.processes {
        text.push_str("(allow process-fork)\n(allow signal (target same-sandbox))\n");
    }
    text.push_str(match profile.network {
        Network::None => "",
        Network::Loopback => {
            // What goes out has a local address, too: only the remote one says where it goes.
            "(allow system-socket (socket-domain AF_INET) (socket-domain AF_INET6))\n\
             (allow network-bind network-inbound (local ip \"localhost:*\"))\n\
             (allow network-outbound (remote ip \"localhost:*\"))\n"
        }
        Network::Any => {
            "(allow system-socket (socket-domain AF_INET) (socket-domain AF_INET6))\n\
             (allow network-bind network-inbound (local ip \"*:*\"))\n\
             (allow network-outbound (remote ip \"*:*\"))\n"
        }
    });
    Ok(text)
}

fn allow(text: &mut String, operations: &str, path: &Path) -> Result<(), EnterError> {
    let failed = |source| EnterError::Path {
        path: path.to_owned(),
        source,
    };
    let resolved: PathBuf = path.canonicalize().map_err(failed)?;
    let name = resolved.to_str().ok_or_else(|| {
        failed(std::io::Error::new(
            std::io::ErrorKind::InvalidData,
            "the system's sandbox takes paths in UTF-8 only",
        ))
    })?;
    let quoted = name.replace('\\', "\\\\").replace('"', "\\\"");
    // Writing into a string does not fail.
    let _ = writeln!(text, "(allow {operations} (subpath \"{quoted}\"))");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_allowed_is_in_it() {
        let strictest = text(&Profile::ports_only(), None).unwrap();
        assert!(strictest.starts_with("(version 1)\n(deny default)\n"));
        for absent in ["network", "process-fork", "process-exec", "file-write"] {
            assert!(!strictest.contains(absent), "{strictest}");
        }
        let wider = Profile::ports_only()
            .write("/tmp")
            .execute("/bin/sh")
            .start_processes()
            .network(Network::Loopback);
        let wider = text(&wider, None).unwrap();
        for present in [
            "file-write-data",
            "process-exec",
            "process-fork",
            "localhost",
        ] {
            assert!(wider.contains(present), "{wider}");
        }
        // A rule about local addresses alone would let everything out.
        assert!(!wider.contains("network*"), "{wider}");
    }

    /// As macOS's own profiles and those of other programs name them: one that the system does not know is an error at run
    /// time, on a Mac.
    #[test]
    fn every_operation_is_known() {
        const KNOWN: [&str; 19] = [
            "default",
            "file-map-executable",
            "file-read*",
            "file-read-metadata",
            "file-write-create",
            "file-write-data",
            "file-write-unlink",
            "iokit-get-properties",
            "mach-lookup",
            "network-bind",
            "network-inbound",
            "network-outbound",
            "nvram*",
            "process-exec",
            "process-fork",
            "process-info*",
            "signal",
            "sysctl-read",
            "system-socket",
        ];
        for network in [Network::None, Network::Loopback, Network::Any] {
            let profile = Profile::ports_only()
                .network(network)
                .read("/")
                .write("/tmp")
                .execute("/bin/sh")
                .start_processes();
            let text = text(&profile, Some(Executed(Path::new("/bin/sh")))).unwrap();
            let rules = text.lines().filter_map(|line| {
                let rule = line
                    .strip_prefix("(allow ")
                    .or(line.strip_prefix("(deny "))?;
                Some(rule.split(" (").next()?.trim_end_matches(')'))
            });
            let operations: Vec<_> = rules.flat_map(str::split_whitespace).collect();
            assert!(operations.len() > 10, "{text}");
            for operation in operations {
                assert!(KNOWN.contains(&operation), "{operation} in {text}");
            }
        }
    }

    #[test]
    fn paths_cannot_leave_their_quotes() {
        let folder = std::env::temp_dir().join(format!("sandbox \"\\{}", std::process::id()));
        std::fs::create_dir(&folder).unwrap();
        let text = text(&Profile::ports_only().read(&folder), None);
        std::fs::remove_dir(&folder).unwrap();
        assert!(text.unwrap().contains("sandbox \\\"\\\\"));
    }

    #[test]
    fn parentheses_are_closed() {
        let profile = Profile::ports_only()
            .network(Network::Any)
            .start_processes();
        let text = text(&profile, Some(Executed(Path::new("/bin/sh")))).unwrap();
        assert_eq!(text.matches('(').count(), text.matches(')').count());
    }

    #[test]
    fn a_path_that_is_not_there_is_named() {
        let error = text(&Profile::ports_only().read("/no/such"), None).unwrap_err();
        assert!(error.to_string().contains("/no/such"));
    }
}
