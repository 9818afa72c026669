//! The child's variables.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use image_protocol::environment::{AUDIT, FILLER, Launch, TUNABLES, VARIABLE};

/// How many bytes of static thread-local storage to ask for, if nobody knows better.
///
/// With any audit library the loader lays static thread-local storage out before it has seen all libraries of the program, and
/// keeps little free for them: some programs would not start. A few libraries need more than this (one says so: "cannot
/// allocate memory in static TLS block"). It is a part of each thread's stack: with 16,384 and more, programs fail that start threads with
/// stacks of 16 KiB.
pub const STATIC_TLS: u32 = 4096;

const SETTING: &str = "glibc.rtld.optional_static_tls";

/// The variables to be set in the child, and in no other process.
///
/// - `launch` is what the agent is told;
/// - `path` is the library's as the child sees it: `/proc/self/fd/` and its number, or that of a file;
/// - `audit` and `tunables` are what `LD_AUDIT` and `GLIBC_TUNABLES` would be otherwise. The program sees them so, and both are
///   obeyed;
/// - `static_tls` is how many bytes of thread-local storage to ask for, [`STATIC_TLS`] as a rule, 0 for none. It is not
///   asked for where `tunables` has a number of its own.
///
/// ```
/// use image_agent::linux::{STATIC_TLS, environment};
/// use image_protocol::environment::{Launch, Way};
///
/// let way = Way { parent: 4711, number: 3, cookie: 99, deadline_ms: 2000 };
/// let launch = Launch::new(Some(4), false, &[way]).ok_or("a way")?;
/// let set = environment(launch, "/proc/self/fd/4".as_ref(), None, None, STATIC_TLS);
/// assert_eq!(set[0], ("LD_AUDIT", "/proc/self/fd/4".into()));
/// assert_eq!(set[1], ("GLIBC_TUNABLES", "glibc.rtld.optional_static_tls=4096".into()));
/// # Ok::<(), &str>(())
/// ```
#[must_use]
pub fn environment(
    mut launch: Launch,
    path: &Path,
    audit: Option<&OsStr>,
    tunables: Option<&OsStr>,
    static_tls: u32,
) -> Vec<(&'static str, OsString)> {
    let mut set = vec![(AUDIT, before(path.as_os_str(), audit))];
    let has_own = tunables.is_some_and(|value| contains(value.as_bytes(), SETTING.as_bytes()));
    launch.tunables = static_tls > 0 && !has_own;
    if launch.tunables {
        let setting = OsString::from(format!("{SETTING}={static_tls}"));
        set.push((TUNABLES, before(&setting, tunables)));
    }
    set.push((VARIABLE, launch.to_string().into()));
    // What the agent removes: these, but for what the user has set. With the variable itself it is to be an even number.
    let removed = usize::from(audit.is_none())
        .wrapping_add(usize::from(launch.tunables && tunables.is_none()));
    if removed.is_multiple_of(2) {
        set.push((FILLER, OsString::new()));
    }
    set
}

/// An element before those that the user has set.
fn before(first: &OsStr, others: Option<&OsStr>) -> OsString {
    let mut value = first.to_owned();
    if let Some(others) = others {
        value.push(":");
        value.push(others);
    }
    value
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
mod tests {
    use image_protocol::environment::Way;

    use super::*;

    fn set(audit: Option<&str>, tunables: Option<&str>, bytes: u32) -> Vec<(&'static str, String)> {
        let launch = Launch::new(None, false, &[Way::default()]).unwrap();
        let [audit, tunables] = [audit, tunables].map(|value| value.map(OsStr::new));
        environment(launch, Path::new("/agent"), audit, tunables, bytes)
            .into_iter()
            .map(|(name, value)| (name, value.into_string().unwrap()))
            .collect()
    }

    #[test]
    fn what_the_user_has_set_comes_behind() {
        let all = set(Some("/own:/other"), Some("glibc.malloc.check=1"), 64);
        assert_eq!(all[0], (AUDIT, "/agent:/own:/other".into()));
        let setting = "glibc.rtld.optional_static_tls=64:glibc.malloc.check=1";
        assert_eq!(all[1], (TUNABLES, setting.into()));
        assert_eq!(all[2], (VARIABLE, "2;t;;0:0:0:0".into()));
    }

    #[test]
    fn a_number_of_the_users_own_is_left() {
        for (tunables, bytes) in [(Some("glibc.rtld.optional_static_tls=1"), 64), (None, 0)] {
            let all = set(None, tunables, bytes);
            assert!(all.iter().all(|(name, _)| *name != TUNABLES));
            assert!(all.contains(&(VARIABLE, "2;;;0:0:0:0".into())));
        }
    }

    #[test]
    fn an_even_number_of_variables_goes() {
        for (audit, tunables, bytes) in [
            (None, None, 64),
            (Some("/own"), None, 64),
            (None, Some("a=b"), 64),
            (Some("/own"), Some("a=b"), 64),
            (None, None, 0),
            (Some("/own"), None, 0),
        ] {
            let stays = |name| match name {
                AUDIT => audit.is_some(),
                TUNABLES => tunables.is_some(),
                _ => false,
            };
            let all = set(audit, tunables, bytes);
            let going = all.iter().filter(|(name, _)| !stays(*name)).count();
            assert!(going.is_multiple_of(2), "{all:?}");
        }
    }
}
