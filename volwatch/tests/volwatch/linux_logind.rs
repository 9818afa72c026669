//! A logind of the test's own, on a bus of its own, in a mount namespace where that is the system's.

use std::fs::{self, File};
use std::io::{PipeReader, Read, pipe};
use std::os::fd::AsRawFd;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use nix::mount::{MsFlags, mount};
use rustbus::connection::{Error, Timeout};
use rustbus::message_builder::MarshalledMessage;
use rustbus::{MessageBuilder, RpcConn, standard_messages};

use crate::bed::{Bed, LONG, Running, until, volume};
use crate::linux_mounts::apart;

const NAME: &str = "org.freedesktop.login1";
const CONFIGURATION: &str = r#"<busconfig>
  <listen>unix:path=/run/dbus/system_bus_socket</listen>
  <policy context="default">
    <allow user="*"/><allow own="*"/><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>
  </policy>
</busconfig>"#;

/// `None` where there is no bus to be had.
fn bus() -> Option<Running> {
    mount(
        Some("run"),
        "/run",
        Some("tmpfs"),
        MsFlags::empty(),
        None::<&str>,
    )
    .unwrap();
    fs::create_dir("/run/dbus").unwrap();
    fs::write("/run/dbus/configuration", CONFIGURATION).unwrap();
    let mut bus = Command::new("dbus-daemon");
    bus.args([
        "--config-file=/run/dbus/configuration",
        "--nofork",
        "--nopidfile",
    ]);
    bus.process_group(0)
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    let bus = Running::new(bus.spawn().ok()?);
    let socket = Path::new("/run/dbus/system_bus_socket");
    until("the bus", || socket.exists().then_some(()));
    Some(bus)
}

fn send(bus: &mut RpcConn, message: &mut MarshalledMessage) {
    let sent = bus.send_message(message).unwrap().write_all();
    sent.map_err(rustbus::connection::ll_conn::force_finish_on_error)
        .unwrap();
}

/// A logind in a thread.
struct Logind {
    shutdowns: Sender<bool>,
    /// The other end of each lock that it has given.
    locks: Receiver<PipeReader>,
    thread: thread::JoinHandle<()>,
}

impl Logind {
    /// Starts one, and waits until it can be found.
    fn start() -> Self {
        let (shutdowns, told) = channel();
        let (locked, locks) = channel();
        let thread = thread::spawn(move || logind(&told, &locked));
        until("logind", || {
            let mut bus = RpcConn::system_conn(Timeout::Duration(LONG)).unwrap();
            let mut ask = standard_messages::list_names();
            let serial = bus.send_message(&mut ask).unwrap().write_all().ok()?;
            let names = bus.wait_response(serial, Timeout::Duration(LONG)).ok()?;
            let names: Vec<String> = names.body.parser().get().ok()?;
            names.iter().any(|name| name == NAME).then_some(())
        });
        Self {
            shutdowns,
            locks,
            thread,
        }
    }

    fn stop(self) {
        drop(self.shutdowns);
        self.thread.join().unwrap();
    }
}

/// Answers as logind does, until `shutdowns` ends. The other end of each lock goes to `locks`.
fn logind(shutdowns: &Receiver<bool>, locks: &Sender<PipeReader>) {
    let mut bus = RpcConn::system_conn(Timeout::Duration(LONG)).unwrap();
    send(&mut bus, &mut standard_messages::request_name(NAME, 0));
    loop {
        match shutdowns.try_recv() {
            Ok(begins) => {
                let mut signal = MessageBuilder::new()
                    .signal(
                        "org.freedesktop.login1.Manager",
                        "PrepareForShutdown",
                        "/org/freedesktop/login1",
                    )
                    .build();
                signal.body.push_param(begins).unwrap();
                send(&mut bus, &mut signal);
            }
            Err(std::sync::mpsc::TryRecvError::Disconnected) => return,
            Err(std::sync::mpsc::TryRecvError::Empty) => {}
        }
        let call = match bus.wait_call(Timeout::Duration(Duration::from_millis(10))) {
            Ok(call) => call,
            Err(Error::TimedOut) => continue,
            Err(error) => panic!("{error}"),
        };
        let mut answer = call.dynheader.make_response();
        if call.dynheader.member.as_deref() == Some("Inhibit") {
            let words: (String, String, String, String) = {
                let mut parser = call.body.parser();
                parser.get4().unwrap()
            };
            assert_eq!((words.0.as_str(), words.3.as_str()), ("shutdown", "delay"));
            let (reader, writer) = pipe().unwrap();
            answer.body.push_param(&writer as &dyn AsRawFd).unwrap();
            answer.dynheader.num_fds = Some(1);
            send(&mut bus, &mut answer);
            locks.send(reader).unwrap();
        } else {
            answer.body.push_variant(60_000_000_u64).unwrap();
            send(&mut bus, &mut answer);
        }
    }
}

#[test]
fn a_shutdown_is_delayed_until_what_is_stale_is_rebuilt() {
    apart(|| {
        let Some(_bus) = bus() else {
            eprintln!("skipped: no dbus-daemon");
            return;
        };
        let logind = Logind::start();
        let Logind {
            shutdowns, locks, ..
        } = &logind;

        let mut bed = Bed::new();
        bed.start("startup_delay = '1h'\n");
        let status = bed.wait_for("delayed", |status| status["shutdown_delayed"] == true);
        assert_eq!(status["shutdown_delay_ms"], 60_000);
        let lock = locks.recv_timeout(LONG).unwrap();
        assert_eq!(bed.builds(), 0);

        shutdowns.send(true).unwrap();
        assert_eq!(
            File::from(std::os::fd::OwnedFd::from(lock))
                .read(&mut [0])
                .unwrap(),
            0
        );
        assert_eq!(bed.builds(), 1, "it was rebuilt before the delay ended");
        let status = bed.status().unwrap();
        assert_eq!(status["shutdown_holder"], bed.daemon().id());
        assert_eq!(bed.run(&["lock", "images", "--", "true"]).0, Some(75));

        // It was called off.
        shutdowns.send(false).unwrap();
        let _lock = locks.recv_timeout(LONG).unwrap();
        let status = bed.wait_for("delayed", |status| status["shutdown_delayed"] == true);
        assert!(status["shutdown_holder"].is_null() && volume(&status)["failures"] == 0);
        assert_eq!(bed.run(&["lock", "images", "--", "true"]).0, Some(0));

        bed.daemon().signal(nix::sys::signal::Signal::SIGTERM);
        assert_eq!(bed.daemon().wait().code(), Some(0));
        logind.stop();
    });
}

#[test]
fn a_logind_that_comes_later_or_anew_is_asked_then() {
    apart(|| {
        let Some(_bus) = bus() else {
            eprintln!("skipped: no dbus-daemon");
            return;
        };
        let mut bed = Bed::new();
        bed.start("startup_delay = '1h'\n");
        let is_delayed = |status: &serde_json::Value| status["shutdown_delayed"] == true;
        for _ in 0..2 {
            let status = bed.wait_for("not delayed", |status| !is_delayed(status));
            assert!(status["shutdown_delay_ms"].is_null());
            let logind = Logind::start();
            let lock = logind.locks.recv_timeout(LONG).unwrap();
            bed.wait_for("delayed", is_delayed);
            logind.stop();
            drop(lock);
        }
        // It goes in the middle of a shutdown, which goes on.
        let logind = Logind::start();
        let _lock = logind.locks.recv_timeout(LONG).unwrap();
        logind.shutdowns.send(true).unwrap();
        let is_held = |status: &serde_json::Value| status["shutdown_holder"].is_i64();
        bed.wait_for("held", is_held);
        logind.stop();
        assert_eq!(bed.run(&["lock", "images", "--", "true"]).0, Some(75));
        // Another one knows of no shutdown.
        let logind = Logind::start();
        let _lock = logind.locks.recv_timeout(LONG).unwrap();
        bed.wait_for("free", |status| !is_held(status) && is_delayed(status));
        logind.stop();
    });
}
