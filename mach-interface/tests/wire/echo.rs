//! A server of the captured interface, and calls of all its routines.

use std::ffi::{CStr, CString};
use std::sync::{Arc, mpsc};

use mach_interface::kind::Source;
use mach_interface::{DeferredReply, OolArray, code};
use mach_ports::{
    AnyRight, AuditToken, OutgoingRight, ReceiveRight, ReplyRight, ReturnCode, SendRight,
};

use crate::kinds::{Kinds, KindsClient};

pub(crate) struct Echo {
    /// What rights are made from.
    pub(crate) port: Arc<ReceiveRight>,
    /// Is told what the simple routine is.
    pub(crate) oneway: mpsc::Sender<i32>,
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
        Ok(token.pid() + x)
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
    assert_eq!(client.who(4).unwrap(), std::process::id() as i32 + 4);
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
