//! Other users.

use nix::unistd::geteuid;

use crate::bed::{Bed, until};

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
