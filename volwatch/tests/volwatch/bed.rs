//! A daemon with a folder for a volume, and what it takes to watch both.

use std::fs;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill, killpg};
use nix::sys::stat::Mode;
use nix::unistd::{Pid, mkfifo};
use serde_json::Value;

/// Nothing takes as long, but what never comes.
pub(crate) const LONG: Duration = Duration::from_secs(60);
pub(crate) const ID: &str = "0b3c9d1e-6c55-4d0e-9a3f-2f1d7c5e8a10";
const PROGRAM: &str = env!("CARGO_BIN_EXE_volwatch");

/// Waits until something is there.
pub(crate) fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + LONG;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "it never comes: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// A process that ends with its test, and all in its group.
pub(crate) struct Running(Option<Child>);

impl Running {
    /// Of a process that leads a group.
    pub(crate) const fn new(child: Child) -> Self {
        Self(Some(child))
    }

    pub(crate) fn id(&self) -> i32 {
        self.0.as_ref().unwrap().id().cast_signed()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.id()), signal).unwrap();
    }

    pub(crate) fn wait(&mut self) -> ExitStatus {
        let child = self.0.as_mut().unwrap();
        until("the end of a process", || child.try_wait().unwrap())
    }

    /// Its exit status and what it has written to its standard error.
    pub(crate) fn said(mut self) -> (Option<i32>, String) {
        self.wait();
        let output = self.0.take().unwrap().wait_with_output().unwrap();
        said(&output)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0
            && child.try_wait().is_ok_and(|status| status.is_none())
        {
            let _ = killpg(Pid::from_raw(child.id().cast_signed()), Signal::SIGKILL);
            let _ = child.wait();
        }
    }
}

pub(crate) fn said(output: &Output) -> (Option<i32>, String) {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), text)
}

/// A volume's folder, a daemon's configuration, and the daemon.
pub(crate) struct Bed {
    folder: tempfile::TempDir,
    pub(crate) service: String,
    daemon: Option<Running>,
}

impl Bed {
    /// A volume that is stale, and no daemon yet.
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let bed = Self {
            folder: tempfile::tempdir().unwrap(),
            service: format!("volwatch.tests.{}.{number}", std::process::id()),
            daemon: None,
        };
        fs::create_dir_all(bed.volume("src")).unwrap();
        bed.describe(&description());
        fs::write(bed.volume("src/file"), "first").unwrap();
        bed
    }

    /// The same, with a daemon whose usual helper has rebuilt the volume.
    pub(crate) fn built() -> Self {
        let mut bed = Self::new();
        bed.start("");
        bed.wait_for_builds(1);
        bed.wait_for("quiet", |status| volume(status)["state"] == "quiet");
        bed
    }

    /// A path beside the volume.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// A path in the volume.
    pub(crate) fn volume(&self, path: &str) -> PathBuf {
        self.folder.path().join("volume").join(path)
    }

    pub(crate) fn describe(&self, text: &str) {
        // All at once, as an installer does.
        fs::write(self.path("description"), text).unwrap();
        fs::rename(self.path("description"), self.volume(".volwatch.toml")).unwrap();
    }

    /// A helper that locks, runs a script and unlocks.
    pub(crate) fn helper(&self, script: &str) -> String {
        format!(
            "helper = {{ command = ['{PROGRAM}', 'lock', '{{uuid}}', '--', 'sh', '-c', '''{script}'''], deadline = '60s' }}\n"
        )
    }

    /// What the usual helper does: it builds, and counts.
    pub(crate) fn build(&self) -> String {
        let builds = self.path("builds");
        format!(
            "find \"$VOLWATCH_ROOT/src\" -type f | sort | xargs cat > \"$VOLWATCH_ROOT/out\" && echo x >> {}",
            builds.display()
        )
    }

    pub(crate) fn builds(&self) -> usize {
        let builds = fs::read_to_string(self.path("builds"));
        builds.map_or(0, |builds| builds.lines().count())
    }

    pub(crate) fn wait_for_builds(&self, count: usize) {
        until("a rebuild", || (self.builds() >= count).then_some(()));
    }

    /// Settings for the folder as a volume. `more` replaces the helper and the times if it has any.
    pub(crate) fn settings(&self, more: &str) -> String {
        let helper = self.helper(&self.build());
        let usual = [
            ("helper", helper.as_str()),
            ("settle ", "settle = '50ms'\n"),
            ("startup_delay", "startup_delay = '0s'\n"),
            ("mounts", "mounts = false\n"),
        ];
        let usual = usual.iter().filter(|(key, _)| !more.contains(key));
        let usual: String = usual.map(|(_, line)| *line).collect();
        let path = self.folder.path().join("volume");
        format!(
            "service = '{}'\n{usual}{more}\n[[volume]]\npath = '{}'\nname = 'images'\n",
            self.service,
            path.display()
        )
    }

    pub(crate) fn configure(&self, text: &str) -> PathBuf {
        let path = self.path("volwatch.toml");
        fs::write(&path, text).unwrap();
        path
    }

    /// Starts the daemon and waits until it can be asked.
    pub(crate) fn start(&mut self, more: &str) {
        let settings = self.settings(more);
        self.start_with(&settings);
    }

    pub(crate) fn start_with(&mut self, settings: &str) {
        let config = self.configure(settings);
        let log = fs::File::create(self.path("log")).unwrap();
        let mut daemon = Command::new(PROGRAM);
        daemon.args(["run", "--config"]).arg(config);
        daemon.env("RUST_LOG", "debug,embedded_mach=info");
        daemon
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log);
        self.daemon = Some(Running::new(daemon.process_group(0).spawn().unwrap()));
        self.wait_for("ready", |status| status["ready"] == true);
    }

    pub(crate) fn daemon(&mut self) -> &mut Running {
        self.daemon.as_mut().unwrap()
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap_or_default()
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command
            .args(arguments)
            .env("VOLWATCH_SERVICE", &self.service);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command.process_group(0);
        command
    }

    /// Starts `volwatch` with these arguments.
    pub(crate) fn spawn(&self, arguments: &[&str]) -> Running {
        Running::new(self.command(arguments).spawn().unwrap())
    }

    /// Runs `volwatch` to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> (Option<i32>, String) {
        self.spawn(arguments).said()
    }

    pub(crate) fn status(&self) -> Option<Value> {
        let output = self.command(&["status", "--json"]).output().unwrap();
        serde_json::from_slice(&output.stdout).ok()
    }

    /// Waits until the status says so.
    pub(crate) fn wait_for(&self, what: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + LONG;
        loop {
            let status = self.status();
            if let Some(status) = status.clone().filter(&is_it) {
                return status;
            }
            assert!(
                Instant::now() < deadline,
                "not {what}: {status:?}\n{}",
                self.log()
            );
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// A command that says by a file that it has begun, and goes on until it is told.
    pub(crate) fn gate(&self, name: &str) -> Gate {
        let gate = Gate {
            begun: self.path(&format!("{name}.begun")),
            fifo: self.path(&format!("{name}.gate")),
        };
        mkfifo(&gate.fifo, Mode::S_IRWXU).unwrap();
        gate
    }
}

pub(crate) fn description() -> String {
    format!("id = '{ID}'\nsources = ['src']\ntargets = ['out']\nstamps = ['.stamp']\n")
}

/// The only volume of a status; null if there is none.
pub(crate) fn volume(status: &Value) -> &Value {
    &status["volumes"][0]
}

/// A command that waits.
pub(crate) struct Gate {
    begun: PathBuf,
    fifo: PathBuf,
}

impl Gate {
    /// For a shell. Its process id is in the file, under which it goes on.
    pub(crate) fn script(&self) -> String {
        let (begun, fifo) = (self.begun.display(), self.fifo.display());
        // All at once: who sees the file sees the whole number.
        format!("echo $$ > {begun}.new && mv {begun}.new {begun} && read word < {fifo}")
    }

    /// Waits until the command runs: its process id.
    pub(crate) fn wait(&self) -> i32 {
        until("a command", || self.begun())
    }

    /// Its process id if it has begun.
    pub(crate) fn begun(&self) -> Option<i32> {
        fs::read_to_string(&self.begun).ok()?.trim().parse().ok()
    }

    /// Lets the command end.
    pub(crate) fn open(&self) {
        let mut fifo = fs::File::options().write(true).open(&self.fifo).unwrap();
        fifo.write_all(b"on\n").unwrap();
    }
}

pub(crate) fn is_alive(pid: i32) -> bool {
    // A zombie has ended.
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"));
    if Path::new("/proc/self/stat").exists() {
        return stat.is_ok_and(|stat| !stat.contains(") Z "));
    }
    kill(Pid::from_raw(pid), None).is_ok()
}
