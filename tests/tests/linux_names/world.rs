//! Processes in surroundings of their own.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use launcher::Launcher;
use rendezvous_tests::peer::Peer;
use tempfile::TempDir;

/// Names the folder of names.
pub(crate) const DIRECTORY: &str = "EMBEDDED_MACH_BOOTSTRAP_DIR";
/// Names one more.
pub(crate) const SPARE: &str = "EMBEDDED_MACH_SPARE_DIR";
/// Names the folder of a session.
pub(crate) const RUNTIME: &str = "XDG_RUNTIME_DIR";

/// How long a call may take that waits for nobody, on a machine that is busy with something else.
const SOON: Duration = Duration::from_secs(20);

/// A folder that only this user can enter.
pub(crate) fn private() -> TempDir {
    let mut builder = tempfile::Builder::new();
    builder.permissions(Permissions::from_mode(0o700));
    builder.tempdir().unwrap()
}

/// A service name that nobody else has.
pub(crate) fn name(of: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("tests.names.{of}.{}.{number}", std::process::id())
}

/// Asks a peer for something that must not have to wait.
pub(crate) fn ask_soon(peer: &mut Peer, command: &str) -> String {
    let asked = Instant::now();
    let answer = peer.ask(command);
    assert!(
        asked.elapsed() < SOON,
        "{command}: {answer} after {:?}",
        asked.elapsed()
    );
    answer
}

/// Has one peer check a name in and another find it, and a message go that way.
pub(crate) fn assert_meet(server: &mut Peer, client: &mut Peer, service: &str) {
    let checked_in = server.ask(&format!("check-in {service} {service}"));
    assert_eq!(checked_in, "checked in");
    assert_leads(client, server, service);
}

/// Whoever looks a name up reaches that server, which has it under the same name.
pub(crate) fn assert_leads(client: &mut Peer, server: &mut Peer, service: &str) {
    let look_up = format!("look-up found {service}");
    assert_eq!(client.ask(&look_up), "found");
    assert_eq!(client.ask("send found 77"), "sent");
    assert_eq!(server.ask(&format!("receive {service}")), "received 77");
}

/// A peer that begins in surroundings of its own.
pub(crate) struct World {
    /// What is shared with no other process, as `unshare` calls it.
    apart: Vec<String>,
    /// What a shell does first.
    first: String,
    user: Option<u32>,
    variables: Vec<(&'static str, PathBuf)>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self {
            apart: Vec::new(),
            first: String::new(),
            user: None,
            variables: Vec::new(),
        }
    }

    /// Processes that share nothing that `flags` name; what is mounted there is mounted nowhere else.
    pub(crate) fn apart(mut self, flags: &[&str]) -> Self {
        self.apart.extend(flags.iter().map(|&flag| flag.to_owned()));
        if nix::unistd::geteuid().is_root() {
            return self;
        }
        // Others may do so as the masters of a user namespace, in which they keep their number.
        for flag in ["--user", "--map-current-user", "--keep-caps"] {
            self.apart.push(flag.to_owned());
        }
        self
    }

    /// Commands that a shell runs before, in which `$1` and so on are nothing yet.
    pub(crate) fn first(mut self, commands: impl AsRef<str>) -> Self {
        self.first.push_str(commands.as_ref());
        self.first.push_str(" || exit 9\n");
        self
    }

    pub(crate) fn user(mut self, uid: u32) -> Self {
        self.user = Some(uid);
        self
    }

    pub(crate) fn env(mut self, variable: &'static str, value: impl AsRef<Path>) -> Self {
        self.variables.push((variable, value.as_ref().to_owned()));
        self
    }

    /// The command line that ends in a program and its arguments.
    fn words(&self, program: &str) -> Vec<String> {
        let mut words = Vec::new();
        if !self.apart.is_empty() {
            words.push("unshare".to_owned());
            words.extend(self.apart.iter().cloned());
        }
        let exec = match self.user {
            Some(uid) => format!("exec setpriv --reuid {uid} --regid {uid} --clear-groups"),
            None => "exec".to_owned(),
        };
        let script = format!("{}{exec} \"$0\" \"$@\"", self.first);
        words.extend(["sh", "-c", &script, program].map(str::to_owned));
        words
    }

    /// Starts the peer. `None`, and a printed reason, where this machine does not let processes live like that.
    pub(crate) fn start(self) -> Option<Peer> {
        let mut trial = Command::new("/usr/bin/env");
        trial
            .args(self.words("true"))
            .stdin(Stdio::null())
            .env_remove(DIRECTORY);
        let tried = trial.output().unwrap();
        if !tried.status.success() {
            let why = String::from_utf8_lossy(&tried.stderr);
            eprintln!("not tested: {} ({})", why.trim(), tried.status);
            return None;
        }
        let mut launcher = Launcher::new("/usr/bin/env");
        launcher
            .args(self.words(env!("CARGO_BIN_EXE_peer")))
            .arg("-");
        for variable in [DIRECTORY, SPARE, RUNTIME] {
            launcher.env_remove(variable);
        }
        for (variable, value) in &self.variables {
            launcher.env(variable, value);
        }
        Some(Peer::start(launcher))
    }
}

/// A user whom nobody else is, and that one's folders, which are gone with it.
pub(crate) struct User(pub(crate) u32);

impl User {
    /// `None`, and a printed reason, if this process may not run others as whom it likes.
    pub(crate) fn new() -> Option<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        if !nix::unistd::geteuid().is_root() {
            eprintln!("not tested: only root runs processes as other users");
            return None;
        }
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        Some(Self(
            0x2000_0000 + 64 * (std::process::id() & 0xff_ffff) + number,
        ))
    }

    pub(crate) fn world(&self) -> World {
        World::new().user(self.0)
    }

    /// Where this user's names are without a session.
    pub(crate) fn usual(&self) -> [PathBuf; 2] {
        ["/tmp", "/dev/shm"].map(|at| Path::new(at).join(format!("embedded-mach-{}", self.0)))
    }

    /// Further folders of this user's beside those.
    pub(crate) fn others(&self) -> Vec<PathBuf> {
        let start = format!("embedded-mach-{}-", self.0);
        ["/tmp", "/dev/shm"]
            .into_iter()
            .flat_map(|at| std::fs::read_dir(at).unwrap().flatten())
            .filter(|entry| entry.file_name().to_string_lossy().starts_with(&start))
            .map(|entry| entry.path())
            .collect()
    }
}

impl Drop for User {
    fn drop(&mut self) {
        for path in self.usual().into_iter().chain(self.others()) {
            let _ = std::fs::remove_dir_all(&path).or_else(|_| std::fs::remove_file(&path));
        }
    }
}
