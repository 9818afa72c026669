//! Attacks from inside: each works without the sandbox, and the kernel refuses it inside.

use std::fs::Permissions;
use std::net::TcpListener;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{SocketAddr, UnixDatagram, UnixListener};
use std::path::{Path, PathBuf};

use launcher::{Child, Launcher, Profile, Stdio};
use sandbox::Network;
use tempfile::TempDir;

use super::super::{can, can_have_helpers, can_lock_up, lines};

/// Nobody's.
const USER: u32 = 0x3456_7891;

/// Attacks that some machines forbid everybody.
const MAY_BE_FORBIDDEN: [&str; 6] = [
    "raise-limits",
    "trace",
    "peek",
    "take-descriptor",
    "io-uring",
    "namespace",
];

/// Something to attack.
struct World {
    folder: TempDir,
    program: PathBuf,
    user: Option<u32>,
    tcp: TcpListener,
    _path: UnixListener,
    _abstract: (UnixListener, UnixDatagram),
}

impl World {
    fn new(user: Option<u32>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let all = Permissions::from_mode(0o777);
        std::fs::set_permissions(folder.path(), all.clone()).unwrap();
        let program = folder.path().join("locked");
        std::fs::copy(env!("CARGO_BIN_EXE_locked"), &program).unwrap();
        std::fs::set_permissions(&program, all.clone()).unwrap();
        let path = UnixListener::bind(folder.path().join("socket")).unwrap();
        std::fs::set_permissions(folder.path().join("socket"), all).unwrap();
        let name = |kind: &str| {
            let name = format!("{kind}{}", folder.path().display());
            SocketAddr::from_abstract_name(name).unwrap()
        };
        let listener = UnixListener::bind_addr(&name("stream")).unwrap();
        let datagrams = UnixDatagram::bind_addr(&name("datagram")).unwrap();
        Self {
            program,
            user,
            tcp: TcpListener::bind("127.0.0.1:0").unwrap(),
            _path: path,
            _abstract: (listener, datagrams),
            folder,
        }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn launcher(&self, commands: &[String]) -> Launcher {
        let mut launcher = Launcher::new(&self.program);
        if let Some(user) = self.user {
            launcher.uid(user).gid(user);
        }
        launcher.args(commands);
        launcher
    }

    /// A process of the same user that waits until it is killed.
    fn victim(&self) -> Child {
        let mut launcher = Launcher::new("cat");
        if let Some(user) = self.user {
            launcher.uid(user).gid(user);
        }
        launcher
            .stdin(Stdio::Pipe)
            .stdout(Stdio::Null)
            .kill_on_drop(true)
            .spawn()
            .unwrap()
    }

    /// A file of the user's own.
    fn file(&self, name: &str) -> String {
        let path = self.path().join(name);
        std::fs::write(&path, "x").unwrap();
        std::os::unix::fs::chown(&path, self.user, self.user).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// All attacks, upon these.
    fn attacks(&self, victims: &[Child; 3], round: &str) -> Vec<String> {
        let folder = self.path().display();
        let [seen, killed, killed_too] = victims.each_ref().map(Child::id);
        let mut all = vec![
            "open:/etc/passwd".to_owned(),
            "list:/".to_owned(),
            format!("create:{folder}/new-{round}"),
            format!("append:{}", self.file(&format!("append-{round}"))),
            format!("truncate:{}", self.file(&format!("truncate-{round}"))),
            format!(
                "truncate-unwritten:{}",
                self.file(&format!("unwritten-{round}"))
            ),
            format!("make-public:{}", self.file(&format!("public-{round}"))),
            format!("remove:{}", self.file(&format!("remove-{round}"))),
            format!("connect:{}", self.tcp.local_addr().unwrap()),
            format!("connect-path:{folder}/socket"),
            format!("connect-abstract:stream{folder}"),
            format!("datagram-abstract:datagram{folder}"),
            "fork".to_owned(),
            "run:/bin/true".to_owned(),
            format!("trace:{seen}"),
            format!("peek:{seen}"),
            format!("take-descriptor:{seen}"),
            format!("owner:{seen}"),
            "io-uring".to_owned(),
            format!("kill:{killed}"),
            format!("kill-by-descriptor:{killed_too}"),
            "namespace-in-thread".to_owned(),
        ];
        if self.user.is_none() {
            // The parent is this process, and another user's otherwise.
            all.push("parent:environ".to_owned());
            if nix::unistd::geteuid().is_root() {
                all.push("raise-limits".to_owned());
                all.push("user".to_owned());
            }
        }
        // After this a process has other rights over files.
        all.push("namespace".to_owned());
        all
    }

    /// What came of each attack without a sandbox, and with: by the process itself, or imposed.
    fn attack(&self) {
        let free = self.round("free", |_| {});
        for (name, _, outcome) in &free {
            let worked = matches!(outcome.as_str(), "done" | "ended with 0");
            let may_fail = MAY_BE_FORBIDDEN.iter().any(|one| name.starts_with(one));
            assert!(worked || may_fail, "{name} without a sandbox: {outcome}");
            if !worked {
                eprintln!("not tested: this machine forbids {name}: {outcome}");
            }
        }
        let entered = self.round("entered", |_| {});
        let imposed = self.round("imposed", |launcher| {
            launcher.profile(Profile::ports_only());
        });
        for (name, survived, outcome) in entered.iter().chain(&imposed) {
            assert!(
                matches!(outcome.as_str(), "EPERM" | "EACCES"),
                "{name} inside: {outcome}"
            );
            assert!(survived, "{name} inside killed");
        }
    }

    fn round(&self, round: &str, lock: impl FnOnce(&mut Launcher)) -> Vec<(String, bool, String)> {
        let victims = [(); 3].map(|()| self.victim());
        let attacks = self.attacks(&victims, round);
        let mut commands = attacks.clone();
        if round == "entered" {
            commands.insert(0, "--enter".to_owned());
        }
        let mut launcher = self.launcher(&commands);
        lock(&mut launcher);
        let output = launcher.output().unwrap();
        let mut said = lines(&output);
        if round == "entered" {
            assert_eq!(said.remove(0), "entered without 0");
        }
        assert_eq!(said.len(), attacks.len(), "{output:?}");
        let alive = victims
            .iter()
            .all(|victim| victim.try_wait().unwrap().is_none());
        assert!(alive || round == "free");
        attacks
            .into_iter()
            .zip(said)
            .map(|(attack, outcome)| (attack, alive, outcome))
            .collect()
    }
}

#[test]
fn attacks_work_outside_and_fail_inside() {
    if !can_lock_up() {
        return;
    }
    World::new(None).attack();
}

#[test]
fn attacks_of_an_ordinary_user_fail_as_well() {
    if !can_lock_up() {
        return;
    }
    if nix::unistd::geteuid().is_root() {
        World::new(Some(USER)).attack();
    } else {
        eprintln!("not tested again: all tests are an ordinary user's here");
    }
}

/// The program that a process is started with it may execute again, and is no further for it.
#[test]
fn no_other_program_can_be_executed() {
    if !can_lock_up() {
        return;
    }
    let world = World::new(None);
    let own = world.program.display();
    let commands = [
        "exec:/bin/echo".to_owned(),
        format!("exec:{own}"),
        "open:/".to_owned(),
    ];
    let free = world.launcher(&commands).output().unwrap();
    assert_eq!(lines(&free), [""], "echo is executed");
    let entering: Vec<_> = ["--enter".to_owned()]
        .into_iter()
        .chain(commands.clone())
        .collect();
    let entered = world.launcher(&entering).output().unwrap();
    assert_eq!(
        lines(&entered),
        ["entered without 0", "EPERM", "EPERM", "EACCES"]
    );
    let imposed = world
        .launcher(&commands)
        .profile(Profile::ports_only())
        .output()
        .unwrap();
    assert_eq!(lines(&imposed), ["EACCES"], "{imposed:?}");
    assert!(imposed.status.success());
}

#[test]
fn paths_are_open_that_the_profile_names() {
    if !can_lock_up() {
        return;
    }
    let world = World::new(None);
    let (read, write) = (world.path().join("read"), world.path().join("write"));
    for folder in [&read, &write] {
        std::fs::create_dir(folder).unwrap();
        std::fs::write(folder.join("file"), "x").unwrap();
    }
    let (read, write) = (read.display(), write.display());
    let commands = [
        format!("open:{read}/file"),
        format!("list:{read}"),
        format!("create:{read}/new"),
        format!("append:{read}/file"),
        format!("truncate-unwritten:{read}/file"),
        format!("open:{write}/file"),
        format!("append:{write}/file"),
        format!("create:{write}/new"),
        format!("remove:{write}/new"),
        format!("make-public:{write}/file"),
        "open:/etc/passwd".to_owned(),
    ];
    let expected = [
        "done", "done", "EACCES", "EACCES", "EACCES", "EACCES", "done", "done", "done", "EPERM",
        "EACCES",
    ];
    let profile = [
        format!("--read:{read}"),
        format!("--write:{write}"),
        "--enter".to_owned(),
    ];
    let entering: Vec<_> = profile.into_iter().chain(commands.clone()).collect();
    let entered = world.launcher(&entering).output().unwrap();
    assert_eq!(lines(&entered)[1..], expected);
    let mut imposed = world.launcher(&commands);
    let profile = Profile::ports_only()
        .read(read.to_string())
        .write(write.to_string());
    let imposed = imposed.profile(profile).output().unwrap();
    assert_eq!(lines(&imposed), expected);
}

/// A helper with helpers: they may be killed, and nobody else.
#[test]
fn helpers_of_a_helper_are_locked_up_with_it() {
    if !can_have_helpers() {
        return;
    }
    let world = World::new(None);
    let victim = world.victim();
    let own = world.program.display();
    let helper = |command: &str| format!("helper:{command}");
    let commands = [
        "--processes".to_owned(),
        format!("--execute:{own}"),
        "--enter".to_owned(),
        helper("open:/etc/passwd"),
        helper("fork"),
        helper(&format!("kill:{}", victim.id())),
        helper("namespace-in-thread"),
        format!("kill:{}", victim.id()),
        "run:/bin/true".to_owned(),
        "parent:environ".to_owned(),
    ];
    let output = world.launcher(&commands).output().unwrap();
    assert_eq!(
        lines(&output),
        [
            "entered without 0",
            "EACCES",
            "done",
            "EPERM",
            "EPERM",
            "EPERM",
            "EACCES",
            "EACCES"
        ],
        "{output:?}"
    );
    assert!(victim.try_wait().unwrap().is_none());
}

#[test]
fn the_network_is_open_where_the_profile_says_so() {
    if !can_lock_up() {
        return;
    }
    let world = World::new(None);
    let folder = world.path().display();
    let commands = [
        "--network:any".to_owned(),
        "--enter".to_owned(),
        format!("connect:{}", world.tcp.local_addr().unwrap()),
        format!("connect-path:{folder}/socket"),
        format!("connect-abstract:stream{folder}"),
    ];
    let output = world.launcher(&commands).output().unwrap();
    assert_eq!(
        lines(&output),
        ["entered without 0", "done", "EPERM", "EPERM"]
    );
}

#[test]
fn a_loopback_of_its_own_reaches_itself_and_nobody_else() {
    if !can(&Profile::ports_only().network(Network::Loopback)) {
        return;
    }
    let world = World::new(None);
    let folder = world.path().display();
    let commands = [
        "serve-itself".to_owned(),
        format!("connect:{}", world.tcp.local_addr().unwrap()),
        // Of a network for documents only.
        "connect:192.0.2.1:80".to_owned(),
        format!("connect-abstract:stream{folder}"),
        "namespace-in-thread".to_owned(),
        "open:/etc/passwd".to_owned(),
    ];
    let expected = [
        "done",
        "ECONNREFUSED",
        "ENETUNREACH",
        "EPERM",
        "EPERM",
        "EACCES",
    ];
    let mut entering = vec!["--network:loopback".to_owned(), "--enter".to_owned()];
    entering.extend(commands.clone());
    let entered = world.launcher(&entering).output().unwrap();
    assert_eq!(lines(&entered)[1..], expected, "{entered:?}");
    let profile = Profile::ports_only().network(Network::Loopback);
    let imposed = world.launcher(&commands).profile(profile).output().unwrap();
    assert_eq!(lines(&imposed), expected, "{imposed:?}");
}

/// What landlock has no say in, and no filter can judge.
#[test]
fn the_metadata_of_files_can_be_asked_for() {
    if !can_lock_up() {
        return;
    }
    let world = World::new(None);
    let commands = ["--enter", "metadata:/etc/passwd", "open:/etc/passwd"].map(str::to_owned);
    let output = world.launcher(&commands).output().unwrap();
    assert_eq!(lines(&output)[1..], ["done", "EACCES"]);
}
