//! The engine, with monitors in threads of the same process.

use std::thread;
use std::time::Duration;

use image_protocol::{
    ATTACH, Attach, Event, Image, LOAD, MAIN, REPLY, Reply, Stamp, UNLOAD, decode,
};
use mach_ports::{
    Message, ReceiveError, ReceiveOptions, ReceiveRight, ReceivedMessage, ReplyRight, SendError,
    SendOptions, SendRight,
};

use super::*;

const PATIENCE: Duration = Duration::from_secs(60);
const LONG_MS: u32 = 60_000;

fn agent() -> Agent {
    Agent::new(|| 42).unwrap()
}

fn images(count: usize) -> Vec<Image<'static>> {
    let image = Image {
        path: b"/usr/lib/libthing.dylib",
        ..Image::default()
    };
    vec![image; count]
}

fn receive(port: &ReceiveRight) -> ReceivedMessage {
    port.receive(&ReceiveOptions::new().timeout(PATIENCE))
        .unwrap()
}

fn is_empty(port: &ReceiveRight) -> bool {
    let options = ReceiveOptions::new().timeout(Duration::ZERO);
    matches!(port.receive(&options), Err(ReceiveError::TimedOut))
}

/// A monitor that has been greeted.
struct Monitor {
    port: ReceiveRight,
    replies: SendRight,
    number: u32,
}

impl Monitor {
    fn greeted(port: ReceiveRight) -> Self {
        let mut message = receive(&port);
        let Ok(Event::Hello(hello)) = decode(message.id(), message.body()) else {
            panic!("{message:?}");
        };
        assert_eq!((hello.pid, hello.timestamp), (std::process::id(), 42));
        let Some(ReplyRight::Send(replies)) = message.take_reply() else {
            panic!("{message:?}");
        };
        Self {
            port,
            replies,
            number: hello.monitor,
        }
    }

    fn attached(agent: &mut Agent, deadline_ms: u32) -> Self {
        let port = ReceiveRight::new().unwrap();
        agent.attach(port.make_send().unwrap(), deadline_ms);
        Self::greeted(port)
    }

    /// The next message about images: its id, how many there are, and its stamp.
    fn see(&self) -> (i32, usize, Stamp) {
        let message = receive(&self.port);
        let (count, stamp) = match decode(message.id(), message.body()).unwrap() {
            Event::Load(images) | Event::Unload(images) => (images.len(), images.stamp()),
            Event::Main(stamp) => (0, stamp),
            Event::Hello(_) => panic!("a second hello"),
        };
        assert_eq!((stamp.monitor, stamp.timestamp), (self.number, 42));
        (message.id(), count, stamp)
    }

    fn send(&self, id: i32, body: &[u8]) {
        Message::new(id)
            .bytes(body)
            .send(&self.replies, &SendOptions::new())
            .unwrap();
    }

    fn answer(&self, stamp: Stamp) {
        self.send(REPLY, &Reply::to(stamp).bytes());
    }

    fn follow(&self) -> (i32, usize) {
        let (id, count, stamp) = self.see();
        self.answer(stamp);
        (id, count)
    }
}

#[test]
fn each_message_is_waited_for() {
    let mut agent = agent();
    let monitor = Monitor::attached(&mut agent, LONG_MS);
    let thread = thread::spawn(move || [monitor.follow(), monitor.follow(), monitor.follow()]);
    agent.tell(LOAD, &images(3));
    agent.tell(MAIN, &[]);
    agent.tell(UNLOAD, &images(1));
    assert_eq!(thread.join().unwrap(), [(LOAD, 3), (MAIN, 0), (UNLOAD, 1)]);
}

#[test]
fn what_is_too_long_comes_in_parts() {
    let mut agent = agent();
    let monitor = Monitor::attached(&mut agent, LONG_MS);
    let thread = thread::spawn(move || {
        let mut parts = Vec::new();
        while parts.iter().sum::<usize>() < 900 {
            parts.push(monitor.follow().1);
        }
        parts
    });
    agent.tell(LOAD, &images(900));
    assert_eq!(thread.join().unwrap(), [225; 4]);
}

#[test]
fn nonsense_is_no_reply_and_the_right_one_is() {
    let mut agent = agent();
    let monitor = Monitor::attached(&mut agent, LONG_MS);
    let thread = thread::spawn(move || {
        let (_, _, stamp) = monitor.see();
        let sequence = stamp.sequence.wrapping_add(1);
        monitor.answer(Stamp { sequence, ..stamp });
        monitor.answer(Stamp {
            monitor: 3,
            ..stamp
        });
        monitor.send(REPLY, &[1]);
        monitor.send(REPLY + 1, &Reply::to(stamp).bytes());
        monitor.send(ATTACH, &[0; 8]);
        assert!(is_empty(&monitor.port));
        monitor.answer(stamp);
        monitor
    });
    agent.tell(MAIN, &[]);
    let monitor = thread.join().unwrap();
    assert!(is_empty(&monitor.port));
}

#[test]
fn one_that_is_late_is_told_nothing_more_and_its_place_is_free_when_it_goes() {
    let mut agent = agent();
    let late = Monitor::attached(&mut agent, 1);
    agent.tell(LOAD, &images(1));
    let (_, _, stamp) = late.see();
    late.answer(stamp);
    agent.tell(MAIN, &[]);
    assert!(is_empty(&late.port) && !agent.has_monitors());
    drop(late);
    agent.tell(MAIN, &[]);
    let fresh = Monitor::attached(&mut agent, LONG_MS);
    assert_eq!(fresh.number, 0);
    let thread = thread::spawn(move || fresh.follow());
    agent.tell(MAIN, &[]);
    assert_eq!(thread.join().unwrap(), (MAIN, 0));
}

#[test]
fn one_that_never_stops_talking_is_late_like_any_other() {
    let mut agent = agent();
    let monitor = Monitor::attached(&mut agent, 20);
    let quiet = Monitor::attached(&mut agent, LONG_MS);
    let thread = thread::spawn(move || {
        let options = SendOptions::new().timeout(Duration::from_millis(1));
        let mut sent = 0;
        loop {
            match Message::new(REPLY)
                .bytes(&[1; 16])
                .send(&monitor.replies, &options)
            {
                Ok(()) => sent += 1,
                // Nobody reads any more.
                Err(SendError::DestinationDead) => return sent,
                Err(_) => {}
            }
        }
    });
    let other = thread::spawn(move || [quiet.follow(), quiet.follow()]);
    agent.tell(LOAD, &images(1));
    agent.tell(MAIN, &[]);
    assert_eq!(other.join().unwrap(), [(LOAD, 1), (MAIN, 0)]);
    drop(agent);
    assert!(thread.join().unwrap() > 0);
}

#[test]
fn who_goes_is_not_waited_for() {
    let mut agent = agent();
    for gives_up_only_the_reply in [false, true] {
        let monitor = Monitor::attached(&mut agent, LONG_MS);
        let thread = thread::spawn(move || {
            monitor.see();
            let Monitor { port, replies, .. } = monitor;
            drop(replies);
            gives_up_only_the_reply.then_some(port)
        });
        agent.tell(MAIN, &[]);
        drop(thread.join().unwrap());
        assert!(!agent.has_monitors());
    }
    let gone = ReceiveRight::new().unwrap().make_send().unwrap();
    agent.attach(gone, LONG_MS);
    assert!(!agent.has_monitors());
}

#[test]
fn eight_have_places_and_a_further_one_comes_by_any_of_them() {
    let mut agent = agent();
    let mut monitors: Vec<_> = (0..8)
        .map(|_| Monitor::attached(&mut agent, LONG_MS))
        .collect();
    let bring = |by: &Monitor| {
        let port = ReceiveRight::new().unwrap();
        Message::new(ATTACH)
            .move_send(port.make_send().unwrap())
            .bytes(
                &Attach {
                    deadline_ms: LONG_MS,
                }
                .bytes(),
            )
            .send(&by.replies, &SendOptions::new())
            .unwrap();
        port
    };
    let ninth = bring(&monitors[7]);
    let everybody = |agent: &mut Agent, monitors: &[Monitor]| {
        thread::scope(|scope| {
            for monitor in monitors {
                scope.spawn(|| assert_eq!(monitor.follow(), (MAIN, 0)));
            }
            agent.tell(MAIN, &[]);
        });
    };
    everybody(&mut agent, &monitors);
    assert!(is_empty(&ninth) && !ninth.status().unwrap().has_senders);
    drop(monitors.remove(4));
    everybody(&mut agent, &monitors);
    let ninth = bring(&monitors[2]);
    thread::scope(|scope| {
        scope.spawn(|| {
            for monitor in &monitors {
                monitor.follow();
            }
        });
        let ninth = scope.spawn(|| {
            let ninth = Monitor::greeted(ninth);
            ninth.follow();
            ninth
        });
        agent.tell(MAIN, &[]);
        assert_eq!(ninth.join().unwrap().number, 4);
    });
}
