//! An agent that says what it is told to say: this executable, started again.

use std::io::{BufRead, BufReader, PipeReader, PipeWriter, Write};
use std::sync::mpsc::Receiver;
use std::time::Duration;

use image_monitor::{Claim, Event, ImageMonitor, MonitorOptions, Notice, Notices, Target};
use image_protocol::{
    ATTACH, HELLO, Hello, Image, LOAD, MAIN, REPLY, Reply, Stamp, UNLOAD, encode,
};
use launcher::{Child, Launcher, Stdio, key};
use mach_ports::{Message, ReceiveError, ReceiveOptions, ReceiveRight, SendOptions, SendRight};
use rendezvous_client::RendezvousClient;

use crate::LONG;

/// Says to this executable that it is an agent.
const AGENT: &str = "IMAGE_MONITOR_TEST_AGENT";
const PORT: u32 = key(b"port");
/// By which it answers; the test harness writes to the standard output.
const ANSWERS: i32 = 5;

/// What the agent does; nothing, if this is not it.
#[test]
fn agent() {
    if std::env::var_os(AGENT).is_none() {
        return;
    }
    let client = RendezvousClient::instance().unwrap();
    let mut agent = Agent {
        monitor: client.take_send(PORT).unwrap(),
        replies: ReceiveRight::new().unwrap(),
        further: None,
    };
    let mut answers = std::fs::File::options()
        .write(true)
        .open(format!("/dev/fd/{ANSWERS}"))
        .unwrap();
    for line in std::io::stdin().lines() {
        let answer = agent.obey(&line.unwrap());
        writeln!(answers, "{answer}").unwrap();
    }
}

struct Agent {
    monitor: Option<SendRight>,
    replies: ReceiveRight,
    further: Option<SendRight>,
}

impl Agent {
    fn obey(&mut self, line: &str) -> String {
        let words: Vec<_> = line.split(' ').collect();
        let number = |index: usize| words[index].parse::<u32>().unwrap();
        match words[0] {
            "hello" => self.say(HELLO, &hello()),
            "load" | "unload" => {
                let id = if words[0] == "load" { LOAD } else { UNLOAD };
                self.say(id, &body(number(1), &[number(2).into()]))
            }
            "main" => self.say(MAIN, &body(number(1), &[])),
            "raw" => self.say(number(1).cast_signed(), &vec![0xa5; number(2) as usize]),
            "wait" => self.wait(number(1)),
            // Speaks to the monitor that was attached, from now on.
            "switch" => {
                self.monitor = self.further.take();
                self.say(HELLO, &hello())
            }
            "drop" => {
                self.monitor = None;
                "done".to_owned()
            }
            "exit" => std::process::exit(number(1).cast_signed()),
            other => panic!("{other}"),
        }
    }

    fn say(&self, id: i32, body: &[u8]) -> String {
        let Some(monitor) = &self.monitor else {
            return "no monitor".to_owned();
        };
        let sent = Message::new(id)
            .bytes(body)
            .reply_to_make_send(&self.replies)
            .send(monitor, &SendOptions::new().timeout(LONG));
        match sent {
            Ok(()) => "sent".to_owned(),
            Err(error) => error.to_string(),
        }
    }

    fn wait(&mut self, milliseconds: u32) -> String {
        let patience = Duration::from_millis(milliseconds.into());
        match self
            .replies
            .receive(&ReceiveOptions::new().timeout(patience))
        {
            Ok(message) if message.id() == REPLY => {
                format!("reply {}", Reply::read(message.body()).unwrap().sequence)
            }
            Ok(mut message) if message.id() == ATTACH => {
                self.further = message.take_send(0).unwrap();
                "attach".to_owned()
            }
            Ok(message) => format!("{message:?}"),
            Err(ReceiveError::TimedOut) => "nothing".to_owned(),
            Err(error) => panic!("{error}"),
        }
    }
}

fn hello() -> [u8; Hello::LEN] {
    let hello = Hello {
        monitor: 0,
        pid: std::process::id(),
        deadline_ms: 2000,
        timestamp: 1,
    };
    hello.bytes()
}

/// A message about images that have no memory behind them.
fn body(sequence: u32, addresses: &[u64]) -> Vec<u8> {
    let image = |address: &u64| Image {
        load_address: *address,
        size: 0x1000,
        path: b"/no/such/library.so",
        ..Image::default()
    };
    let stamp = Stamp {
        timestamp: u64::from(sequence) * 10,
        sequence,
        monitor: 0,
    };
    let mut body = vec![0; 4096];
    let len = encode(&mut body, stamp, addresses.iter().map(image)).unwrap();
    body.truncate(len);
    body
}

/// The process with such an agent.
pub(crate) struct Fake {
    pub(crate) child: Child,
    pub(crate) target: Target,
    answers: BufReader<PipeReader>,
    commands: PipeWriter,
}

impl Fake {
    /// Starts one that is watched by these.
    pub(crate) fn start(monitors: &[&ImageMonitor]) -> Self {
        let target = Target::new();
        let claims: Vec<_> = monitors
            .iter()
            .map(|monitor| target.claim(monitor).unwrap())
            .collect();
        Self::with(target, claims)
    }

    /// Starts one that speaks to the first of these.
    pub(crate) fn with(target: Target, claims: Vec<Claim>) -> Self {
        let fake = Self::speaking_by(claims[0].right().unwrap(), target);
        fake.target
            .started(&fake.child.exit_event(), claims)
            .unwrap();
        fake
    }

    /// Starts one that nobody watches.
    pub(crate) fn speaking_by(right: SendRight, target: Target) -> Self {
        Self::watched(right, target, None)
    }

    /// Starts one whose program is watched as well, where it need not speak for that itself.
    pub(crate) fn watched(
        right: SendRight,
        target: Target,
        monitor: Option<&ImageMonitor>,
    ) -> Self {
        let (answers, answerer) = std::io::pipe().unwrap();
        let mut launcher = Launcher::new(std::env::current_exe().unwrap());
        if let Some(monitor) = monitor {
            launcher.image_monitor(monitor);
        }
        let mut child = launcher
            .args(["--exact", "fake::agent", "--nocapture"])
            .env(AGENT, "1")
            .stdin(Stdio::Pipe)
            .stdout(Stdio::Null)
            .fd(ANSWERS, answerer)
            .port(PORT, right)
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        Self {
            commands: child.stdin.take().unwrap(),
            answers: BufReader::new(answers),
            child,
            target,
        }
    }

    pub(crate) fn tell(&mut self, command: &str) {
        writeln!(self.commands, "{command}").unwrap();
    }

    pub(crate) fn hear(&mut self) -> String {
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        answer.trim_end().to_owned()
    }

    pub(crate) fn ask(&mut self, command: &str) -> String {
        self.tell(command);
        self.hear()
    }

    /// Tells it something, which must be answered with that number.
    pub(crate) fn exchange(&mut self, command: &str, sequence: u32) {
        assert_eq!(self.ask(command), "sent");
        assert_eq!(self.ask("wait 60000"), format!("reply {sequence}"));
    }

    /// Has it say hello.
    pub(crate) fn hello(mut self) -> Self {
        assert_eq!(self.ask("hello"), "sent");
        self
    }
}

/// A monitor whose events are answered as soon as they are here.
pub(crate) fn recording() -> (ImageMonitor, Receiver<Event>) {
    let (events, heard) = std::sync::mpsc::channel();
    let monitor = ImageMonitor::new(move |notice: Notice| {
        let _ = events.send(notice.answer());
    });
    (monitor.unwrap(), heard)
}

/// A monitor whose events wait.
pub(crate) fn waiting() -> (ImageMonitor, Notices) {
    ImageMonitor::queue(MonitorOptions::new()).unwrap()
}

/// The next event's notice.
pub(crate) fn next(notices: &Notices) -> Notice {
    notices.next_timeout(LONG).expect("an event")
}
