//! Arguments, variables, the directory.

use super::{output, shell};
use crate::Launcher;

#[test]
fn arguments_and_environment_arrive() {
    let mut launcher = shell("echo \"$0 $1 $A ${HOME-none} $MACH_RENDEZVOUS_SERVER_PID\"");
    launcher
        .args(["zero", "one two"])
        .env("A", "b=c")
        .env_remove("HOME");
    assert_eq!(
        output(launcher),
        format!("zero one two b=c none {}\n", std::process::id())
    );
}

#[test]
fn a_cleared_environment_has_the_rendezvous_alone() {
    let mut launcher = Launcher::new("/usr/bin/env");
    launcher
        .env("GONE", "1")
        .env_clear()
        .envs([("A", "1"), ("B", "2")]);
    let expected = format!(
        "A=1\nB=2\nMACH_RENDEZVOUS_SERVER_PID={}\n",
        std::process::id()
    );
    assert_eq!(output(launcher), expected);
}

#[test]
fn a_childs_variables_are_about_its_own_parent() {
    // As if this process had been launched itself, and told its child to look
    // where it looks.
    let mut launcher = shell("env | grep ^MACH_RENDEZVOUS");
    launcher
        .env("MACH_RENDEZVOUS_BASE_ID", "grandparent")
        .env("MACH_RENDEZVOUS_SERVER_PID", "1")
        .env("MACH_RENDEZVOUS_PORT", "bootstrap")
        .base_id("tests.launcher.own");
    let text = output(launcher);
    let mut lines: Vec<_> = text.lines().collect();
    lines.sort_unstable();
    let pid = format!("MACH_RENDEZVOUS_SERVER_PID={}", std::process::id());
    assert_eq!(lines, ["MACH_RENDEZVOUS_BASE_ID=tests.launcher.own", &pid]);
}

#[test]
fn a_bare_name_is_searched_for() {
    assert_eq!(output(Launcher::new("echo").arg("found")), "found\n");
}

#[test]
fn the_directory_is_the_childs() {
    assert_eq!(output(shell("pwd -P").current_dir("/")), "/\n");
}
