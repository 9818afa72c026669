//! Monitors that go, come, are late, or say nonsense.

use std::process::Command;
use std::time::{Duration, Instant};

use image_protocol::{ATTACH, REPLY, Reply, Stamp};
use mach_ports::{Message, SendError, SendOptions};

use crate::harness::{Child, Monitor, PATIENCE, Seen, folder, launch, library, program};

/// Opens its argument whenever a line comes.
const ON_DEMAND: &str = r#"
    #include <dlfcn.h>
    #include <unistd.h>
    int main(int count, char **arguments) {
        char line;
        while (read(0, &line, 1) == 1) {
            dlclose(dlopen(arguments[1], RTLD_NOW));
            write(1, &line, 1);
        }
        return 0;
    }
"#;

/// A program that opens and closes a library when it is told to.
struct OnDemand {
    child: Child,
    input: std::process::ChildStdin,
    output: std::process::ChildStdout,
    asked: Instant,
    _folder: tempfile::TempDir,
}

impl OnDemand {
    fn new(monitors: &[&Monitor]) -> Self {
        let folder = folder();
        let small = library(folder.path(), "small", "", &["-nostdlib"]);
        let program = program(folder.path(), "on-demand", ON_DEMAND);
        let mut child = launch(Command::new(program).arg(small), monitors);
        Self {
            input: child.stdin(),
            output: child.stdout(),
            asked: Instant::now(),
            child,
            _folder: folder,
        }
    }

    /// Has it open and close the library.
    fn go(&mut self) {
        self.asked = Instant::now();
        std::io::Write::write_all(&mut self.input, b"x").expect("a pipe");
    }

    /// Waits until it has done that, which is long before the deadline of a monitor that should not be waited for any more.
    fn done(&mut self) {
        std::io::Read::read_exact(&mut self.output, &mut [0]).expect("a pipe");
        let taken = self.asked.elapsed();
        assert!(taken < PATIENCE - PATIENCE / 4, "{taken:?}");
    }

    fn end(self) {
        drop(self.input);
        assert!(self.child.wait().success());
    }
}

/// Answers up to `main`.
fn begin(monitor: &mut Monitor) {
    monitor.until(|seen| *seen == Seen::Main);
    monitor.answer();
}

/// Sees the library come and go, and answers.
fn follow(monitor: &mut Monitor) {
    assert!(monitor.see().loads("libsmall.so"));
    monitor.answer();
    assert!(monitor.see().unloads("libsmall.so"));
    monitor.answer();
}

const SHORT: Duration = Duration::from_millis(50);

#[test]
fn one_that_goes_while_it_is_waited_for_is_waited_for_no_longer() {
    let mut monitor = Monitor::new();
    let mut child = OnDemand::new(&[&monitor]);
    begin(&mut monitor);
    child.go();
    assert!(monitor.see().loads("libsmall.so"));
    // Its deadline is far away: what ends the wait is that the port is gone.
    drop(monitor);
    child.done();
    child.go();
    child.done();
    child.end();
}

#[test]
fn one_that_gives_up_its_right_to_answer_is_waited_for_no_longer() {
    let mut monitor = Monitor::new();
    let mut child = OnDemand::new(&[&monitor]);
    begin(&mut monitor);
    child.go();
    assert!(monitor.see().loads("libsmall.so"));
    monitor.replies = None;
    child.done();
    assert_eq!(monitor.see(), Seen::Gone);
    child.end();
}

#[test]
fn one_without_a_port_is_waited_for_no_longer_though_it_could_answer() {
    let mut monitor = Monitor::new();
    let mut child = OnDemand::new(&[&monitor]);
    begin(&mut monitor);
    child.go();
    assert!(monitor.see().loads("libsmall.so"));
    let replies = monitor.replies.take();
    drop(monitor);
    child.done();
    drop(replies);
    child.end();
}

/// What is sent to it then is sent to nobody, and that is all.
#[test]
fn one_that_has_lost_its_port_unasked_does_not_harm_the_program() {
    let mut monitor = Monitor::new();
    let mut child = OnDemand::new(&[&monitor]);
    begin(&mut monitor);
    let replies = monitor.replies.take();
    drop(monitor);
    child.go();
    child.done();
    drop(replies);
    child.end();
}

#[test]
fn one_that_was_gone_before_is_not_missed() {
    let monitor = Monitor::new();
    let mut child = OnDemand::new(&[&monitor]);
    drop(monitor);
    child.go();
    child.done();
    child.end();
}

#[test]
fn one_that_is_late_is_told_nothing_more() {
    let mut monitor = Monitor::with_deadline(SHORT);
    let mut child = OnDemand::new(&[&monitor]);
    assert!(matches!(monitor.see(), Seen::Hello(_)));
    assert!(monitor.see().loads("on-demand"));
    // It is stopped, say. The program goes on.
    child.go();
    child.done();
    // A late answer changes nothing.
    monitor.answer();
    child.go();
    child.done();
    assert_eq!(monitor.glance(), None);
    child.end();
    assert_eq!(monitor.see(), Seen::Gone);
}

#[test]
fn one_that_never_stops_talking_is_late_like_any_other() {
    let mut monitor = Monitor::with_deadline(SHORT);
    let mut child = OnDemand::new(&[&monitor]);
    monitor.see();
    let replies = monitor.replies.take().unwrap();
    let talker = std::thread::spawn(move || {
        let options = SendOptions::new().timeout(Duration::from_millis(1));
        loop {
            let message = Message::new(REPLY).bytes(&[1; 16]);
            if let Err(SendError::DestinationDead) = message.send(&replies, &options) {
                return;
            }
        }
    });
    child.go();
    child.done();
    child.end();
    talker.join().unwrap();
}

#[test]
fn eight_are_told_side_by_side_and_a_late_one_keeps_nobody_from_it() {
    let mut late = Monitor::with_deadline(SHORT);
    let mut others: Vec<Monitor> = (0..7).map(|_| Monitor::new()).collect();
    let mut all: Vec<&Monitor> = others.iter().collect();
    all.insert(3, &late);
    let mut child = OnDemand::new(&all);
    for monitor in &mut others {
        assert!(matches!(monitor.see(), Seen::Hello(_)));
        // All are told before any has answered.
        assert!(monitor.see().loads("on-demand"));
    }
    assert!(matches!(late.see(), Seen::Hello(hello) if hello.monitor == 3));
    assert!(late.see().loads("on-demand"));
    for monitor in &mut others {
        monitor.answer();
    }
    for monitor in &mut others {
        assert_eq!(monitor.see(), Seen::Main);
    }
    for monitor in &mut others {
        monitor.answer();
    }
    child.go();
    for monitor in &mut others {
        assert!(monitor.see().loads("libsmall.so"));
    }
    // One of them dies with the message unanswered.
    others.pop();
    for monitor in &mut others {
        monitor.answer();
    }
    for monitor in &mut others {
        assert!(monitor.see().unloads("libsmall.so"));
    }
    for monitor in &mut others {
        monitor.answer();
    }
    child.done();
    assert_eq!(late.glance(), None);
    child.end();
}

#[test]
fn nonsense_is_no_answer() {
    let mut monitor = Monitor::new();
    let mut child = OnDemand::new(&[&monitor]);
    begin(&mut monitor);
    child.go();
    assert!(monitor.see().loads("libsmall.so"));
    let stamp = monitor.open.unwrap();
    let sequence = stamp.sequence;
    for stamp in [
        Stamp {
            sequence: sequence - 1,
            ..stamp
        },
        Stamp {
            sequence: sequence + 1,
            ..stamp
        },
        Stamp {
            monitor: 1,
            ..stamp
        },
    ] {
        monitor.send(REPLY, &Reply::to(stamp).bytes());
    }
    let right = Reply::to(stamp).bytes();
    monitor.send(REPLY + 1, &right);
    monitor.send(REPLY, &right[..8]);
    monitor.send(REPLY, &[]);
    monitor.send(REPLY, &[0; 400]);
    monitor.send(ATTACH, &[0; 8]);
    let mut old = right;
    old[0] = 1;
    monitor.send(REPLY, &old);
    // It has read all that, and waits.
    let waits = || crate::order::is_waiting(child.child.id());
    assert!(waits());
    assert_eq!(monitor.glance(), None);
    monitor.answer();
    assert!(monitor.see().unloads("libsmall.so"));
    monitor.answer();
    child.done();
    child.end();
}

#[test]
fn a_further_one_is_told_from_the_next_event_on() {
    let mut first = Monitor::new();
    let mut child = OnDemand::new(&[&first]);
    begin(&mut first);
    let mut second = Monitor::with_deadline(Duration::from_secs(50));
    first.bring(&second);
    second.expect_end();
    child.go();
    let Seen::Hello(hello) = second.see() else {
        panic!("no hello");
    };
    assert_eq!((hello.monitor, hello.deadline_ms), (1, 50_000));
    for phase in 0..2 {
        for monitor in [&mut first, &mut second] {
            let seen = monitor.see();
            assert!(if phase == 0 {
                seen.loads("libsmall.so")
            } else {
                seen.unloads("libsmall.so")
            });
        }
        first.answer();
        second.answer();
    }
    child.done();
    // The first one goes; the second one stays.
    drop(first);
    child.go();
    follow(&mut second);
    child.done();
    child.end();
    assert_eq!(second.see(), Seen::Gone);
}

#[test]
fn a_ninth_finds_no_place_until_one_has_gone() {
    let mut monitors: Vec<Monitor> = (0..8).map(|_| Monitor::new()).collect();
    let mut child = OnDemand::new(&monitors.iter().collect::<Vec<_>>());
    let together = |monitors: &mut [Monitor], expected: &dyn Fn(&Seen) -> bool| {
        for monitor in monitors.iter_mut() {
            let seen = monitor.see();
            assert!(expected(&seen), "{seen:?}");
        }
        monitors.iter_mut().for_each(Monitor::answer);
    };
    together(&mut monitors, &|seen| matches!(seen, Seen::Hello(_)));
    together(&mut monitors, &|seen| seen.loads("on-demand"));
    together(&mut monitors, &|seen| *seen == Seen::Main);
    let mut ninth = Monitor::new();
    monitors[5].bring(&ninth);
    ninth.expect_end();
    child.go();
    assert_eq!(ninth.see(), Seen::Gone);
    together(&mut monitors, &|seen| seen.loads("libsmall.so"));
    together(&mut monitors, &|seen| seen.unloads("libsmall.so"));
    child.done();
    drop(monitors.remove(2));
    let ninth = Monitor::new();
    monitors[5].bring(&ninth);
    ninth.expect_end();
    monitors.push(ninth);
    child.go();
    let ninth = monitors.last_mut().unwrap();
    assert!(matches!(ninth.see(), Seen::Hello(hello) if hello.monitor == 2));
    together(&mut monitors, &|seen| seen.loads("libsmall.so"));
    together(&mut monitors, &|seen| seen.unloads("libsmall.so"));
    child.done();
    child.end();
}

#[test]
fn the_place_of_one_that_was_late_is_free_when_it_has_gone() {
    let mut late = Monitor::with_deadline(SHORT);
    let mut child = OnDemand::new(&[&late]);
    late.see();
    late.see();
    child.go();
    child.done();
    // Answers that come too late are in the way of nothing.
    late.answer();
    let mut fresh = Monitor::new();
    late.bring(&fresh);
    fresh.expect_end();
    drop(late);
    child.go();
    assert!(matches!(fresh.see(), Seen::Hello(hello) if hello.monitor == 0));
    follow(&mut fresh);
    child.done();
    child.end();
}
