//! Other users.

use nix::unistd::geteuid;

use crate::bed::{Bed, said, until};

/// Nobody else finds the daemon by its name, but a helper that has changed its user has the right.
#[test]
fn another_user_is_told_that_it_may_not() {
    if !geteuid().is_root() {
        eprintln!("skipped: only root can be another user");
        return;
    }
    let mut bed = Bed::new();
    let file = bed.path("status");
    let script = format!(
        "exec setpriv --reuid 65534 --regid 65534 --clear-groups {} status 2> {}",
        env!("CARGO_BIN_EXE_volwatch"),
        file.display()
    );
    bed.start(&format!(
        "helper = {{ command = ['sh', '-c', '{script}'] }}\n"
    ));
    until("an answer", || {
        let text = std::fs::read_to_string(&file).ok()?;
        text.contains("the daemon is another user's").then_some(())
    });
}

/// Whoever says in which folder names are, and may not enter it, is told so.
#[test]
fn a_user_who_may_not_look_is_told_so() {
    if !geteuid().is_root() {
        eprintln!("skipped: only root can be another user");
        return;
    }
    let mut bed = Bed::new();
    bed.start("startup_delay = '1h'\n");
    let names = bed.path("names");
    std::fs::create_dir(&names).unwrap();
    let volwatch = |argument| {
        let mut command = std::process::Command::new("setpriv");
        command.args(["--reuid", "65534", "--regid", "65534", "--clear-groups"]);
        command.args([env!("CARGO_BIN_EXE_volwatch"), argument]);
        command
    };
    let ask = |command: &mut std::process::Command| said(&command.output().unwrap());
    if ask(&mut volwatch("--version")).0 != Some(0) {
        eprintln!("skipped: the other user cannot run this program where it is");
        return;
    }
    let mut command = volwatch("status");
    let (code, text) = ask(command.env("VOLWATCH_SERVICE", &bed.service));
    assert_eq!(code, Some(69), "{text}");
    assert!(text.contains("no daemon of this user"), "{text}");
    let (code, text) = ask(command.env("EMBEDDED_MACH_BOOTSTRAP_DIR", &names));
    assert_eq!((code, text.lines().count()), (Some(77), 1), "{text}");
}
