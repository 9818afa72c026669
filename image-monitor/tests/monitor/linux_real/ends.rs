//! How real programs' watches end, and which do not begin.

use image_monitor::{Event, ExitCause, ImageMonitor, MonitorOptions, MonitorState, Unwatchable};
use launcher::{LaunchCause, LaunchStep, Launcher};

use crate::LONG;
use crate::fake::recording;
use crate::linux_programs::{Compiled, compiled};
use crate::linux_real::Stage;

#[test]
fn another_program_executed_is_another_program() {
    let Some(stage) = Stage::new() else { return };
    let (monitor, heard) = recording();
    let mut loader = stage.launch(&[&monitor]);
    assert_eq!(loader.hear(), "main");
    loader.tell("exec /bin/sleep");
    let lost = heard.iter().find(|event| !event.is_awaited());
    assert_eq!(lost, Some(Event::AgentLost));
    assert_eq!(monitor.state(), MonitorState::Lost);
    let (late, _heard) = recording();
    assert!(loader.child.attach_image_monitor(&late).is_err());
    assert_eq!(late.state(), MonitorState::Idle);
    loader.child.kill().unwrap();
    assert_eq!(heard.recv_timeout(LONG), Ok(Event::Exit(ExitCause::Ended)));
}

#[test]
fn a_launch_that_fails_leaves_its_monitor_for_the_next() {
    let (monitor, heard) = recording();
    let mut launcher = Launcher::new("/no/such/program");
    let error = launcher.image_monitor(&monitor).spawn().unwrap_err();
    assert_eq!(error.step(), LaunchStep::Spawn);
    assert_eq!(monitor.state(), MonitorState::Idle);
    // It went with that launch.
    let child = Launcher::new("true")
        .image_monitor(&monitor)
        .spawn()
        .unwrap();
    assert!(child.wait_timeout(LONG).unwrap().unwrap().success());
    assert!(matches!(heard.recv_timeout(LONG), Ok(Event::Load(_))));
    assert_eq!(heard.recv_timeout(LONG), Ok(Event::Main));
    assert_eq!(heard.recv_timeout(LONG), Ok(Event::Exit(ExitCause::Ended)));
    let again = Launcher::new("true").image_monitor(&monitor).spawn();
    assert_eq!(again.unwrap_err().step(), LaunchStep::ImageMonitors);
}

#[test]
fn a_static_program_is_refused_before_the_spawn_or_runs_unwatched() {
    let Some(program) = compiled("int main(void) { return 4; }", &["-static"]) else {
        return;
    };
    let (monitor, _heard) = recording();
    let refused = Launcher::new(program.path())
        .image_monitor(&monitor)
        .spawn()
        .unwrap_err();
    assert!(matches!(
        refused.cause(),
        LaunchCause::Unwatchable(Unwatchable::Static { .. })
    ));
    assert_eq!(monitor.state(), MonitorState::Idle);

    let options = MonitorOptions::new().allow_unwatched(true);
    let (monitor, notices) = ImageMonitor::queue(options).unwrap();
    let child = Launcher::new(program.path())
        .image_monitor(&monitor)
        .spawn()
        .unwrap();
    assert_eq!(child.wait_timeout(LONG).unwrap().unwrap().code(), Some(4));
    let notice = notices.next_timeout(LONG).unwrap();
    assert_eq!(notice.event(), &Event::Exit(ExitCause::NeverAttached));
}

#[test]
fn a_script_is_watched_as_its_interpreter() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("script");
    std::fs::write(&path, "#!/bin/sh\nexit 6\n").unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    std::fs::set_permissions(&path, mode).unwrap();
    let (monitor, heard) = recording();
    let child = Launcher::new(&path)
        .image_monitor(&monitor)
        .spawn()
        .unwrap();
    assert_eq!(child.wait_timeout(LONG).unwrap().unwrap().code(), Some(6));
    assert!(matches!(heard.recv_timeout(LONG), Ok(Event::Load(_))));
}

/// A library that cannot do without so many bytes of static thread-local storage.
fn storage(bytes: u32) -> Option<(Compiled, String)> {
    let source = format!(
        "__thread char big[{bytes}] __attribute__((tls_model(\"initial-exec\"))) = {{1}};\n\
         char *get(void) {{ return big; }}"
    );
    let library = compiled(&source, &["-shared", "-fPIC", "-Wl,-soname,libbig.so"])?;
    let folder = library.path().parent().unwrap();
    std::fs::copy(library.path(), folder.join("libbig.so")).unwrap();
    let link = format!("-L{}", folder.display());
    Some((library, link))
}

#[test]
fn a_program_that_needs_more_thread_local_storage_is_named_and_can_be_given_it() {
    for (needed, given, cause) in [
        (2_000, 4_096, ExitCause::Ended),
        (60_000, 4_096, ExitCause::LoaderFailed),
        (60_000, 100_000, ExitCause::Ended),
    ] {
        let Some((library, link)) = storage(needed) else {
            return;
        };
        let source = "char *get(void); int main(void) { return get()[0] - 1; }";
        let Some(program) = compiled(source, &[&link, "-Wl,--no-as-needed", "-lbig"]) else {
            return;
        };
        let options = MonitorOptions::new().static_tls(given);
        let (monitor, notices) = ImageMonitor::queue(options).unwrap();
        let child = Launcher::new(program.path())
            .env("LD_LIBRARY_PATH", library.path().parent().unwrap())
            .stderr(launcher::Stdio::Null)
            .image_monitor(&monitor)
            .spawn()
            .unwrap();
        let exit = notices
            .map(image_monitor::Notice::answer)
            .find(|event| !event.is_awaited());
        assert_eq!(exit, Some(Event::Exit(cause)), "{needed} {given}");
        let status = child.wait_timeout(LONG).unwrap().unwrap();
        assert_eq!(status.success(), cause == ExitCause::Ended, "{status}");
        drop(monitor);
    }
}
