//! Arguments that are not on the wire, reply ports that callers name, and values that Rust alone can read.

use std::time::Duration;

use mach_interface::kind::{Any, Either, UpTo};
use mach_interface::wire::{check_reply, check_request, reply, request};
use mach_interface::{
    CallError, CopySend, Deferred, DeferredReply, Inline, Kind, Limits, Moved, OolPorts,
    SecurityToken, Server, Value, ValueWithRights, subsystem,
};
use mach_ports::{
    AuditToken, ReceiveOptions, ReceiveRight, ReplyRight, ReturnCode, Right, SendError,
    SendOnceRight, SendRight,
};
use postcard_schema::Schema;
use serde::{Deserialize, Serialize};

const SOON: Duration = Duration::from_secs(60);

#[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
pub(crate) struct Pair(u8, Option<String>);

#[derive(Debug, Serialize, Deserialize, Schema)]
pub(crate) struct Port {
    name: String,
    right: Moved<SendRight>,
}

#[subsystem(base = 8000)]
pub(crate) trait Unsent {
    #[out(y, uid)]
    fn who(
        &self,
        x: i32,
        #[caller] client: SecurityToken,
        #[replier] server: AuditToken,
    ) -> Result<(i32, u32), ReturnCode>;
    fn shortly(&self, #[replier] server: SecurityToken) -> Result<(), ReturnCode>;
    /// Answered never.
    #[skip]
    #[wait_time(1)]
    fn never(&self, reply: DeferredReply<()>) -> Deferred;
    #[wait_time(1)]
    fn once(&self, #[wait_time] limit: Duration, reply: DeferredReply<()>) -> Deferred;
    #[simple]
    #[send_time(1)]
    fn post(&self, x: i32);
    #[simple]
    fn hurry(&self, #[send_time] limit: Duration);
    #[simple]
    fn made(&self, #[reply_port(make_send)] r: Option<ReplyRight>);
    #[simple]
    fn copied(&self, #[reply_port(copy_send)] r: Option<ReplyRight>);
    #[simple]
    fn moved(&self, #[reply_port(move_send)] r: Option<ReplyRight>);
    #[simple]
    fn handed(&self, #[reply_port(move_send_once)] r: Option<ReplyRight>);
    #[out(q)]
    fn maybe(
        &self,
        p: OolPorts<Option<CopySend>, Any, Either>,
    ) -> Result<OolPorts<Option<SendRight>, UpTo<4>, Either>, ReturnCode>;
    #[out(w)]
    fn small(&self, v: Value<Pair, Inline<16>>) -> Result<Value<Pair, Inline<16>>, ReturnCode>;
    #[out(w)]
    fn carried(
        &self,
        v: ValueWithRights<Port, Inline<32>>,
    ) -> Result<ValueWithRights<Port>, ReturnCode>;
}

/// Keeps the replies that nobody is to get.
#[derive(Default)]
struct Keeper(parking_lot::Mutex<Vec<DeferredReply<()>>>);

fn tell(to: Option<ReplyRight>, kind: i32) {
    let message = mach_ports::Message::new(kind);
    message
        .reply_by(to.unwrap(), &mach_ports::SendOptions::new())
        .unwrap();
}

impl Unsent for Keeper {
    fn who(&self, x: i32, client: SecurityToken) -> Result<(i32, u32), ReturnCode> {
        let y = x.checked_add(1).ok_or(ReturnCode::INVALID_ARGUMENT)?;
        Ok((y, client.uid))
    }

    fn shortly(&self) -> Result<(), ReturnCode> {
        Ok(())
    }

    fn never(&self, reply: DeferredReply<()>) -> Deferred {
        self.0.lock().push(reply);
        Deferred
    }

    fn once(&self, reply: DeferredReply<()>) -> Deferred {
        self.0.lock().push(reply);
        Deferred
    }

    fn post(&self, _: i32) {}

    fn hurry(&self) {}

    fn made(&self, r: Option<ReplyRight>) {
        assert!(matches!(r, Some(ReplyRight::Send(_))));
        tell(r, 1);
    }

    fn copied(&self, r: Option<ReplyRight>) {
        assert!(matches!(r, Some(ReplyRight::Send(_))));
        tell(r, 2);
    }

    fn moved(&self, r: Option<ReplyRight>) {
        assert!(matches!(r, Some(ReplyRight::Send(_))));
        tell(r, 3);
    }

    fn handed(&self, r: Option<ReplyRight>) {
        assert!(matches!(r, Some(ReplyRight::SendOnce(_))));
        tell(r, 4);
    }

    fn maybe(
        &self,
        p: Vec<Option<SendRight>>,
    ) -> Result<(Vec<Option<SendRight>>, bool), ReturnCode> {
        Ok((p, true))
    }

    fn small(&self, v: Pair) -> Result<Pair, ReturnCode> {
        Ok(Pair(v.0 + 1, v.1.map(|text| text + "!")))
    }

    fn carried(&self, v: Port) -> Result<Port, ReturnCode> {
        Ok(v)
    }
}

fn serve() -> (UnsentClient, mach_interface::server::Running) {
    let server = Server::new().unwrap();
    let right = server.add(UnsentServer::new(Keeper::default())).unwrap();
    let running = server.spawn(1).unwrap();
    (UnsentClient::new(right), running)
}

#[test]
fn the_client_is_told_who_replied() {
    let (client, running) = serve();
    let client = client.with_timeout(SOON);
    let ((y, uid), server) = client.who(4).unwrap();
    assert_eq!((y, server.pid()), (5, std::process::id().cast_signed()));
    assert_eq!(uid, server.euid());
    let ((), short) = client.shortly().unwrap();
    assert_eq!(short, SecurityToken::from(server));
    // A failure is no one's in particular.
    let failed = client.who(i32::MAX).unwrap_err();
    assert!(matches!(
        failed,
        CallError::Failed(ReturnCode::INVALID_ARGUMENT)
    ));
    running.stop();
}

#[test]
fn the_call_wins_over_its_client_and_that_over_the_interface() {
    let (client, running) = serve();
    // As the interface says.
    assert!(matches!(client.never(), Err(CallError::NoReplyInTime)));
    let calls = [Duration::ZERO, Duration::from_millis(2)];
    for limit in calls {
        let patient = client.clone().with_timeout(SOON);
        assert!(matches!(patient.once(limit), Err(CallError::NoReplyInTime)));
    }
    let hasty = client.with_limits(Limits::NONE.wait(Duration::ZERO));
    assert!(matches!(hasty.never(), Err(CallError::NoReplyInTime)));
    running.stop();

    // A queue that is full, and nobody who receives.
    let port = ReceiveRight::new().unwrap();
    let client = UnsentClient::new(port.make_send().unwrap());
    let full = |error| matches!(error, CallError::NotSent(SendError::TimedOut(_)));
    let posted = (0..).find_map(|x| client.post(x).err()).unwrap();
    assert!(full(posted));
    assert!(full(client.hurry(Duration::ZERO).unwrap_err()));
    let client = client.with_limits(Limits::NONE.send(Duration::ZERO));
    // To send alone; the reply could take for ever.
    assert!(full(client.who(1).unwrap_err()));
}

#[test]
fn a_reply_port_is_sent_as_the_interface_says() {
    let (client, running) = serve();
    let client = client.with_timeout(SOON);
    let port = ReceiveRight::new().unwrap();
    let send = || port.make_send().unwrap();
    let told = |id| {
        let message = port.receive(&ReceiveOptions::new().timeout(SOON)).unwrap();
        assert_eq!(message.id(), id);
    };
    client.made(&port).unwrap();
    told(1);
    let kept = send();
    client.copied(&kept).unwrap();
    told(2);
    client.moved(send()).unwrap();
    told(3);
    let once: SendOnceRight = port.make_send_once().unwrap();
    client.handed(once).unwrap();
    told(4);
    drop(kept);
    running.stop();
    assert!(!port.status().unwrap().has_senders);
}

#[test]
fn the_memory_of_an_array_of_rights_goes_or_stays() {
    let (client, running) = serve();
    let client = client.with_timeout(SOON);
    let port = ReceiveRight::new().unwrap();
    let right = port.make_send().unwrap();
    for goes in [false, true] {
        let back = client.maybe((vec![Some(&right), None], goes)).unwrap();
        let names: Vec<_> = back
            .iter()
            .map(|right| right.as_ref().map(Right::name))
            .collect();
        assert_eq!(names, [Some(port.name()), None]);
        // Where the descriptor says so.
        type Maybe = OolPorts<Option<CopySend>, Any, Either>;
        let (message, _) = request::<(Maybe,)>(8010, ((vec![None], goes),)).unwrap();
        assert_eq!(message.as_bytes()[36], u8::from(goes));
    }
    running.stop();
}

#[test]
fn values_inline() {
    let (client, running) = serve();
    let client = client.with_timeout(SOON);
    let pair = |text: &str| Pair(1, Some(text.to_owned()));
    assert_eq!(
        client.small(&pair("hello")).unwrap(),
        Pair(2, Some("hello!".to_owned()))
    );
    assert_eq!(client.small(&Pair(1, None)).unwrap(), Pair(2, None));
    // Sixteen bytes: the number, that there is a text, its length, and thirteen letters.
    let longest = "0123456789abc";
    assert!(matches!(
        client.small(&pair("0123456789abcd")),
        Err(CallError::TooLong)
    ));
    let too_long = client.small(&pair(longest)).unwrap_err();
    assert!(matches!(
        too_long,
        CallError::Failed(mach_interface::code::ARRAY_TOO_LARGE)
    ));

    let port = ReceiveRight::new().unwrap();
    let sent = Port {
        name: "port".to_owned(),
        right: Moved::new(port.make_send().unwrap()),
    };
    let back = client.carried(&sent).unwrap();
    assert_eq!(back.name, "port");
    assert_eq!(back.right.take().unwrap().name(), port.name());
    running.stop();
}

#[test]
fn a_value_inline_is_an_array_of_bytes() {
    type Small = Value<Pair, Inline<16>>;
    let pair = Pair(7, Some("ab".to_owned()));
    let (message, _) = request::<(Small,)>(8010, (&pair,)).unwrap();
    // Behind the header and the NDR record: how many bytes, postcard's, and padding.
    let body = [5, 0, 0, 0, 7, 1, 2, b'a', b'b', 0, 0, 0];
    assert_eq!(message.as_bytes().get(32..), Some(&body[..]));
    assert_eq!(
        check_request::<(Small,)>(&crate::messages::received(message.as_bytes().to_vec())),
        Ok(())
    );
    let answer = reply::<Small>(8010, pair).unwrap();
    let answer = crate::messages::received(answer.as_bytes().to_vec());
    assert!(check_reply::<Small>(8010, &answer).is_ok());
    assert_eq!(Small::SHAPE, <mach_interface::Array<u8, 16> as Kind>::SHAPE);
}
