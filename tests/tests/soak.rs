//! A second of what goes on for longer: see `src/bin/soak`.

use std::process::Command;

#[test]
fn a_second_leaves_nothing_behind() {
    let soak = Command::new(env!("CARGO_BIN_EXE_soak"))
        .args(["--seconds", "1"])
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&soak.stdout);
    let complaint = String::from_utf8_lossy(&soak.stderr);
    assert!(soak.status.success(), "{complaint}{said}");
    assert!(said.contains(" kills, "), "{said}");
}
