//! A monitor as simple as can be: it reads one message at a time, and answers when it is told to.

use std::time::{Duration, Instant};

use image_protocol::{
    ATTACH, Attach, Event, Hello, Image, ImageFlags, Images, REPLY, Reply, Stamp, decode,
};
use mach_ports::{
    Message, Notification, ReceiveOptions, ReceiveRight, ReceivedMessage, ReplyRight, SendOptions,
    SendRight,
};

use super::PATIENCE;

/// An image, as it was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) path: String,
    pub(crate) load_address: u64,
    pub(crate) bias: u64,
    pub(crate) size: u64,
    pub(crate) namespace: u32,
    pub(crate) flags: ImageFlags,
    pub(crate) build_id: Vec<u8>,
    pub(crate) uuid: [u8; 16],
}

impl Shown {
    fn new(image: Image<'_>) -> Self {
        Self {
            path: String::from_utf8_lossy(image.path).into_owned(),
            load_address: image.load_address,
            bias: image.bias,
            size: image.size,
            namespace: image.namespace,
            flags: image.flags,
            build_id: image.build_id.to_vec(),
            uuid: image.uuid,
        }
    }

    pub(crate) fn is(&self, name: &str) -> bool {
        self.path.rsplit('/').next() == Some(name)
    }
}

/// What a monitor sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    Hello(Hello),
    Load(Vec<Shown>),
    Unload(Vec<Shown>),
    Main,
    /// Nobody can send any more.
    Gone,
}

impl Seen {
    /// Its images, if it is about loads.
    pub(crate) fn loaded(&self) -> &[Shown] {
        match self {
            Self::Load(images) => images,
            _ => &[],
        }
    }

    pub(crate) fn unloaded(&self) -> &[Shown] {
        match self {
            Self::Unload(images) => images,
            _ => &[],
        }
    }

    pub(crate) fn loads(&self, name: &str) -> bool {
        self.loaded().iter().any(|image| image.is(name))
    }

    pub(crate) fn unloads(&self, name: &str) -> bool {
        self.unloaded().iter().any(|image| image.is(name))
    }
}

/// A port, and the right to answer by.
#[derive(Debug)]
pub(crate) struct Monitor {
    pub(crate) port: ReceiveRight,
    pub(crate) replies: Option<SendRight>,
    pub(crate) deadline_ms: u32,
    /// The message that has not been answered.
    pub(crate) open: Option<Stamp>,
    pub(crate) stamps: Vec<Stamp>,
    /// Who sent the last message.
    pub(crate) sender: i32,
}

impl Monitor {
    pub(crate) fn new() -> Self {
        // Longer than any wait of a test's, so that no reply is late on a busy machine.
        Self::with_deadline(PATIENCE)
    }

    pub(crate) fn with_deadline(deadline: Duration) -> Self {
        Self {
            port: ReceiveRight::new().expect("a port"),
            replies: None,
            deadline_ms: u32::try_from(deadline.as_millis()).expect("a short time"),
            open: None,
            stamps: Vec::new(),
            sender: 0,
        }
    }

    /// Has the port tell when nobody can send any more. To be called once somebody can.
    pub(crate) fn expect_end(&self) {
        let notify = self.port.make_send_once().expect("a right");
        self.port.request_no_senders(notify, 0).expect("a request");
    }

    fn receive(&mut self, patience: Duration) -> Option<ReceivedMessage> {
        self.port
            .receive(&ReceiveOptions::new().timeout(patience))
            .ok()
    }

    /// Waits for the next message, and does not answer it.
    pub(crate) fn see(&mut self) -> Seen {
        let message = self.receive(PATIENCE).expect("a message in time");
        self.read(message)
    }

    /// The next message, if it is there already.
    pub(crate) fn glance(&mut self) -> Option<Seen> {
        let message = self.receive(Duration::ZERO)?;
        Some(self.read(message))
    }

    fn read(&mut self, mut message: ReceivedMessage) -> Seen {
        if let Some(notification) = message.notification() {
            assert!(
                matches!(notification, Notification::NoSenders { .. }),
                "{notification:?}"
            );
            return Seen::Gone;
        }
        self.sender = message.audit_token().expect("a trailer").pid();
        let event = decode(message.id(), message.body()).expect("a sound message");
        let seen = match event {
            Event::Hello(hello) => Seen::Hello(hello),
            Event::Load(images) => Seen::Load(self.note(images)),
            Event::Unload(images) => Seen::Unload(self.note(images)),
            Event::Main(stamp) => {
                self.note_stamp(stamp);
                Seen::Main
            }
        };
        match message.take_reply() {
            Some(ReplyRight::Send(replies)) => self.replies = Some(replies),
            // Also of a hello, where the program has ended since.
            None => {}
            other => panic!("{other:?}"),
        }
        seen
    }

    fn note(&mut self, images: Images<'_>) -> Vec<Shown> {
        self.note_stamp(images.stamp());
        images.iter().map(Shown::new).collect()
    }

    fn note_stamp(&mut self, stamp: Stamp) {
        assert_eq!(
            self.open, None,
            "a message before the last one was answered"
        );
        self.open = Some(stamp);
        self.stamps.push(stamp);
    }

    /// Answers the last message.
    pub(crate) fn answer(&mut self) {
        if let Some(stamp) = self.open.take() {
            self.send(REPLY, &Reply::to(stamp).bytes());
        }
    }

    pub(crate) fn send(&self, id: i32, bytes: &[u8]) {
        let replies = self.replies.as_ref().expect("a hello");
        let options = SendOptions::new().timeout(PATIENCE);
        // Who is gone needs no answer.
        let _ = Message::new(id).bytes(bytes).send(replies, &options);
    }

    /// Has the child take up a further monitor.
    pub(crate) fn bring(&self, further: &Self) {
        let attach = Attach {
            deadline_ms: further.deadline_ms,
        };
        let right = further.port.make_send().expect("a right");
        Message::new(ATTACH)
            .move_send(right)
            .bytes(&attach.bytes())
            .send(
                self.replies.as_ref().expect("a hello"),
                &SendOptions::new().timeout(PATIENCE),
            )
            .expect("an agent that listens");
    }

    /// Answers everything until something is seen, which is not answered.
    pub(crate) fn until(&mut self, mut is_it: impl FnMut(&Seen) -> bool) -> Vec<Seen> {
        let begun = Instant::now();
        let mut all = Vec::new();
        loop {
            assert!(begun.elapsed() < PATIENCE, "not seen in time: {all:?}");
            let seen = self.see();
            let found = is_it(&seen);
            all.push(seen);
            if found {
                return all;
            }
            assert_ne!(all.last(), Some(&Seen::Gone), "{all:?}");
            self.answer();
        }
    }

    /// Answers everything until nobody can send any more.
    pub(crate) fn all(&mut self) -> Vec<Seen> {
        let mut all = self.until(|seen| *seen == Seen::Gone);
        all.pop();
        all
    }
}
