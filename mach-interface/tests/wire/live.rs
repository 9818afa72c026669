//! A client and a server of the captured interface, over real ports.

use std::ffi::{CStr, CString};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use mach_interface::kind::Source;
use mach_interface::{CallError, Deferred, DeferredReply, OolArray, Server, code};
use mach_ports::{
    AnyRight, AuditToken, OutgoingRight, ReceiveRight, ReplyRight, ReturnCode, SendRight, census,
};

use crate::kinds::{Kinds, KindsClient, KindsServer, Km, KmClient, KmServer};

const SOON: Duration = Duration::from_secs(60);

pub(crate) struct Echo {
    /// What rights are made from.
    port: Arc<ReceiveRight>,
    oneway: mpsc::Sender<i32>,
}

type Coded<T> = Result<T, ReturnCode>;

impl Kinds for Echo {
    fn nothing(&self) -> Coded<()> {
        Ok(())
    }
    fn scalars(&self, a: i32, b: u64, c: bool, d: i32) -> Coded<(i32, u64, bool, i32)> {
        Ok((a + 1, b + 1, !c, d + 1))
    }
    fn fixed(
        &self,
        u: [u8; 16],
        t: [i32; 3],
        w: [u64; 2],
        f: [u8; 5],
        z: i32,
    ) -> Coded<([u8; 16], [i32; 3], [u64; 2], [u8; 5], i32)> {
        Ok((u.map(|x| x ^ 1), t.map(|x| 2 * x), [w[1], w[0]], f, z + 1))
    }
    fn varints(&self, mut v: Vec<i32>) -> Coded<Vec<i32>> {
        v.reverse();
        Ok(v)
    }
    fn varbytes(&self, v: Vec<u8>, after: i32) -> Coded<(Vec<u8>, i32)> {
        Ok((v, after))
    }
    fn twovar(&self, v: Vec<u8>, l: Vec<u64>, after: u64) -> Coded<(Vec<u8>, Vec<u64>, u64)> {
        Ok((v, l, after))
    }
    fn strings(&self, s: CString, after: i32) -> Coded<(CString, i32)> {
        Ok((
            CString::new([b"re:", s.as_bytes()].concat()).unwrap(),
            after + 1,
        ))
    }
    fn fixstrings(&self, s: CString, after: i32) -> Coded<(CString, i32)> {
        Ok((s, after))
    }
    fn both(&self, a: i32, b: u64, u: [u8; 16]) -> Coded<(i32, u64, [u8; 16])> {
        Ok((a + 1, b + 1, u))
    }
    fn oolmem(&self, m: OolArray<u8>) -> Coded<OolArray<u8>> {
        Ok(m)
    }
    fn oolgive(&self, m: OolArray<u8>, x: i32) -> Coded<(OolArray<u8>, i32)> {
        Ok((m, x + 1))
    }
    fn oolmaybe(&self, m: OolArray<i32>) -> Coded<Source<'static, i32>> {
        Ok(if m.len().is_multiple_of(2) {
            Source::Kept(m)
        } else {
            Source::Moved(m)
        })
    }
    fn pcopy(&self, p: Option<SendRight>, x: i32) -> Coded<(Option<SendRight>, i32)> {
        Ok((p, x + 1))
    }
    fn pmoverecv(&self, p: Option<ReceiveRight>) -> Coded<Option<ReceiveRight>> {
        Ok(p)
    }
    fn ppoly(&self, p: Option<AnyRight>) -> Coded<OutgoingRight<'static>> {
        Ok(p.ok_or(ReturnCode::INVALID_RIGHT)?.into())
    }
    fn pthree(&self, p: [Option<SendRight>; 3]) -> Coded<[Option<SendRight>; 3]> {
        Ok(p)
    }
    fn pupto4(&self, p: Vec<Option<AnyRight>>, x: i32) -> Coded<(Vec<Option<SendRight>>, i32)> {
        let sends = p.into_iter().map(|right| match right {
            Some(AnyRight::Send(right)) => Some(right),
            _ => None,
        });
        Ok((sends.collect(), x + 1))
    }
    fn pmany(&self, p: Vec<Option<SendRight>>) -> Coded<Vec<Option<Arc<ReceiveRight>>>> {
        let made = p
            .iter()
            .map(|right| right.as_ref().map(|_| Arc::clone(&self.port)));
        Ok(made.collect())
    }
    fn oneway(&self, x: i32, _: [u8; 16]) -> Coded<()> {
        self.oneway.send(x).unwrap();
        if x == 0 {
            Ok(())
        } else {
            Err(ReturnCode::new(x))
        }
    }
    fn onewayreply(&self, r: Option<ReplyRight>, x: i32) {
        DeferredReply::<i32>::from_parts(5029, r).reply(x);
    }
    fn who(&self, x: i32, token: AuditToken, _: u32) -> Coded<i32> {
        Ok(if token.pid() == std::process::id() as i32 {
            x
        } else {
            -1
        })
    }
    fn counted(&self, flavor: i32, room: usize) -> Coded<Vec<i32>> {
        assert!(room <= 16);
        Ok((0..flavor).collect())
    }
    fn mixdesc(
        &self,
        a: i32,
        p: Option<SendRight>,
        s: CString,
        m: OolArray<u8>,
        b: u64,
        ps: Vec<Option<SendRight>>,
    ) -> Coded<(Option<Arc<ReceiveRight>>, i32, OolArray<u8>, CString)> {
        assert!(p.is_some() && b == 7 && ps.len() == 2);
        let text = CString::new(format!("<{}>", s.to_str().unwrap())).unwrap();
        Ok((Some(Arc::clone(&self.port)), a + 1, m, text))
    }
    fn refuse(&self, _: Option<SendRight>, _: OolArray<u8>, code: i32) -> Coded<i32> {
        assert_ne!(code, 99, "a panic that was ordered");
        Err(ReturnCode::new(code))
    }
    fn noreply(&self, _: i32) -> Coded<i32> {
        Err(code::NO_REPLY)
    }
    fn context(&self, context: u64) -> Coded<u64> {
        Ok(context + 1)
    }
    fn doubles(&self, d: f64, f: f32) -> Coded<f64> {
        Ok(d + f64::from(f))
    }
}

/// Keeps what it is asked until it is told what to do with it.
struct Volumes(mpsc::Sender<DeferredReply<i32>>);

impl Km for Volumes {
    fn lock_volume(
        &self,
        reply: DeferredReply<i32>,
        _: Option<SendRight>,
        vol: [u8; 16],
        _: i32,
    ) -> Deferred {
        assert_ne!(vol[0], 99, "a panic that was ordered");
        self.0.send(reply).unwrap();
        Deferred
    }
}

fn text(text: &CStr) -> CString {
    text.to_owned()
}

/// Calls every routine, and compares what comes back.
pub(crate) fn every_kind(client: &KindsClient) {
    client.nothing().unwrap();
    assert_eq!(client.scalars(1, 2, true, 3).unwrap(), (2, 3, false, 4));
    let fixed = client.fixed([7; 16], [1, 2, 3], [4, 5], [6; 5], 8).unwrap();
    assert_eq!(fixed, ([6; 16], [2, 4, 6], [5, 4], [6; 5], 9));
    assert_eq!(client.varints(&[1, 2, 3]).unwrap(), [3, 2, 1]);
    assert!(client.varints(&[]).unwrap().is_empty());
    assert_eq!(client.varbytes(&[1; 10], -1).unwrap(), (vec![1; 10], -1));
    assert_eq!(
        client.twovar(&[1], &[2, 3], 4).unwrap(),
        (vec![1], vec![2, 3], 4)
    );
    assert_eq!(client.strings(c"hello", 5).unwrap(), (text(c"re:hello"), 6));
    assert_eq!(client.fixstrings(c"hello", 5).unwrap(), (text(c"hello"), 5));
    assert_eq!(client.both(1, 2, [3; 16]).unwrap(), (2, 3, [3; 16]));
    assert_eq!(client.oolmem(&[5; 5000]).unwrap()[..], [5; 5000]);
    assert!(client.oolmem(&[]).unwrap().is_empty());
    let (memory, y) = client
        .oolgive(OolArray::copy_of(&[1, 2]).unwrap(), 1)
        .unwrap();
    assert_eq!((&memory[..], y), (&[1, 2][..], 2));
    assert_eq!(
        client.oolmaybe(Source::Lent(&[-1, 2])).unwrap()[..],
        [-1, 2]
    );
    let given = Source::Moved(OolArray::copy_of(&[-1, 2, 3]).unwrap());
    assert_eq!(client.oolmaybe(given).unwrap()[..], [-1, 2, 3]);

    let port = ReceiveRight::new().unwrap();
    let right = port.make_send().unwrap();
    let (back, y) = client.pcopy(Some(&right), 1).unwrap();
    assert_eq!(
        (back.as_ref().map(SendRight::name), y),
        (Some(port.name()), 2)
    );
    assert!(client.pcopy(None, 1).unwrap().0.is_none());
    assert!(
        client
            .pmoverecv(ReceiveRight::new().ok())
            .unwrap()
            .is_some()
    );
    let poly = client.ppoly(OutgoingRight::MakeSendOnce(&port)).unwrap();
    assert!(matches!(poly, Some(AnyRight::SendOnce(_))));
    let three = client.pthree([Some(&right), None, Some(&right)]).unwrap();
    assert_eq!(three.each_ref().map(Option::is_some), [true, false, true]);
    let (four, y) = client
        .pupto4(vec![Some(&right), None, Some(&right)], 1)
        .unwrap();
    assert_eq!((four.len(), y), (3, 2));
    assert!(four[1].is_none() && four[2].is_some());
    let many = client.pmany(vec![Some(&right), None]).unwrap();
    assert_eq!(
        many.iter().map(Option::is_some).collect::<Vec<_>>(),
        [true, false]
    );
    assert_eq!(client.who(4).unwrap(), 4);
    assert_eq!(client.context().unwrap(), 1);
    assert_eq!(client.counted(3, 16).unwrap(), [0, 1, 2]);
    let (made, oa, n, os) = client
        .mixdesc(1, Some(&port), c"a", &[9], 7, vec![Some(&right), None])
        .unwrap();
    assert!(made.is_some() && oa == 2 && n[..] == [9] && os == text(c"<a>"));
    assert_eq!(
        client.doubles(1.5, 2.25).unwrap().to_bits(),
        3.75_f64.to_bits()
    );
}

fn serve() -> (
    KindsClient,
    mach_interface::server::Running,
    mpsc::Receiver<i32>,
) {
    let (oneway, told) = mpsc::channel();
    let server = Server::new().unwrap();
    let right = server
        .add(KindsServer::new(Echo {
            port: Arc::new(ReceiveRight::new().unwrap()),
            oneway,
        }))
        .unwrap();
    let running = server.spawn(2).unwrap();
    (KindsClient::new(right).with_timeout(SOON), running, told)
}

#[test]
fn every_kind_goes_there_and_back() {
    let (client, running, told) = serve();
    every_kind(&client);
    client.oneway(5, [0; 16]).unwrap();
    assert_eq!(told.recv_timeout(SOON), Ok(5));
    let port = ReceiveRight::new().unwrap();
    client.onewayreply(&port, 6).unwrap();
    let reply = port
        .receive(&mach_ports::ReceiveOptions::new().timeout(SOON))
        .unwrap();
    assert_eq!(
        (reply.id(), reply.body().get(12..)),
        (5129, Some(&[6, 0, 0, 0][..]))
    );
    running.stop();
}

#[test]
fn errors_say_what_went_wrong() {
    let (client, running, _told) = serve();
    let right = ReceiveRight::new().unwrap();
    let refuse = |code| {
        let given = right.make_send().unwrap();
        client.refuse(Some(given), &[1, 2], code)
    };
    assert!(matches!(refuse(5), Err(CallError::Failed(code)) if code.get() == 5));
    assert!(matches!(
        refuse(code::NO_REPLY.get()),
        Err(CallError::ServerDied)
    ));
    assert!(matches!(client.noreply(1), Err(CallError::ServerDied)));
    // A panic is an answer, and the server goes on.
    assert!(matches!(
        refuse(99),
        Err(CallError::Failed(code::EXCEPTION))
    ));
    client.nothing().unwrap();
    assert!(matches!(
        client.counted(5, 4),
        Err(CallError::NoRoom { count: 5 })
    ));
    assert!(matches!(
        client.counted(17, 20),
        Err(CallError::Failed(code::ARRAY_TOO_LARGE))
    ));
    assert!(matches!(client.varints(&[0; 17]), Err(CallError::TooLong)));
    // Everything that the failed calls brought has gone.
    assert_eq!(client.nothing().map_err(|error| error.code()), Ok(()));
    assert!(!right.status().unwrap().has_senders);

    let other = KmClient::new(client.right().clone()).with_timeout(SOON);
    let refused = other.lock_volume(None, [0; 16], 1).unwrap_err();
    assert!(matches!(
        refused,
        CallError::Refused(mach_interface::Refusal::BadId)
    ));
    running.stop();

    let gone = ReceiveRight::new().unwrap().make_send().unwrap();
    let dead = KindsClient::new(gone).nothing().unwrap_err();
    assert!(matches!(
        dead,
        CallError::NotSent(mach_ports::SendError::DestinationDead)
    ));
    let silent = ReceiveRight::new().unwrap();
    let client =
        KindsClient::new(silent.make_send().unwrap()).with_timeout(Duration::from_millis(1));
    assert!(matches!(client.nothing(), Err(CallError::NoReplyInTime)));
    // The request's reply port is gone: a late answer reaches nobody.
    let mut late = silent
        .receive(&mach_ports::ReceiveOptions::new().timeout(SOON))
        .unwrap();
    match late.take_reply() {
        None => {}
        Some(ReplyRight::SendOnce(right)) => assert!(right.is_dead()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn deferred_replies() {
    let (asked, questions) = mpsc::channel();
    let server = Server::new().unwrap();
    let right = server.add(KmServer::new(Volumes(asked))).unwrap();
    let running = server.spawn(1).unwrap();
    let client = KmClient::new(right).with_timeout(SOON);
    let call = |volume| {
        let client = client.clone();
        std::thread::spawn(move || client.lock_volume(None, [volume; 16], 1))
    };
    let next = || questions.recv_timeout(SOON).unwrap();

    // In another order than they were asked.
    let (one, first) = (call(1), next());
    let (other, second) = (call(2), next());
    second.reply(2);
    assert_eq!(other.join().unwrap().unwrap(), 2);
    assert!(first.is_awaited());
    first.reply(1);
    assert_eq!(one.join().unwrap().unwrap(), 1);

    let failed = call(3);
    next().fail(ReturnCode::new(7));
    assert!(matches!(failed.join().unwrap(), Err(CallError::Failed(code)) if code.get() == 7));
    let dropped = call(4);
    drop(next());
    assert!(matches!(
        dropped.join().unwrap(),
        Err(CallError::ServerDied)
    ));
    let panicked = call(99).join().unwrap();
    assert!(matches!(panicked, Err(CallError::Failed(code::EXCEPTION))));
    running.stop();
}

#[test]
fn nothing_is_left_of_calls() {
    let (client, running, _told) = serve();
    every_kind(&client);
    let before = census::names().unwrap().len();
    for _ in 0..50 {
        every_kind(&client);
    }
    // Other tests of this process come and go; a leak of one right for each call would be many more.
    let after = census::names().unwrap().len();
    assert!(after < before + 50, "{before} names became {after}");
    running.stop();
}
