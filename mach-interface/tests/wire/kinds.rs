//! The interface that the vectors were captured from.

use mach_interface::kind::{Any, Either, Move};
use mach_interface::{
    Array, CopySend, Counted, Deferred, DeferredReply, FixedText, MakeSend, Ool, OolPorts, Ports,
    PortsUpTo, Room, Text, subsystem,
};
use mach_ports::{AnyRight, AuditToken, ReceiveRight, ReplyRight, ReturnCode, SendRight};

type Copied = Option<CopySend>;
type Made = Option<MakeSend>;
type Moved = Option<SendRight>;
type MovedReceive = Option<ReceiveRight>;

#[subsystem(base = 5000)]
pub(crate) trait Kinds {
    fn nothing(&self) -> Result<(), ReturnCode>;
    #[out(e, f, g, h)]
    fn scalars(&self, a: i32, b: u64, c: bool, d: i32)
    -> Result<(i32, u64, bool, i32), ReturnCode>;
    #[skip]
    #[out(ou, ot, ow, of5, oz)]
    fn fixed(
        &self,
        u: [u8; 16],
        t: [i32; 3],
        w: [u64; 2],
        f: [u8; 5],
        z: i32,
    ) -> Result<([u8; 16], [i32; 3], [u64; 2], [u8; 5], i32), ReturnCode>;
    #[out(w)]
    fn varints(&self, v: Array<i32, 16>) -> Result<Array<i32, 16>, ReturnCode>;
    #[out(w, oafter)]
    fn varbytes(&self, v: Array<u8, 10>, after: i32) -> Result<(Array<u8, 10>, i32), ReturnCode>;
    #[out(w, m, oafter)]
    fn twovar(
        &self,
        v: Array<u8, 10>,
        l: Array<u64, 4>,
        after: u64,
    ) -> Result<(Array<u8, 10>, Array<u64, 4>, u64), ReturnCode>;
    #[out(t, oafter)]
    fn strings(&self, s: Text<64>, after: i32) -> Result<(Text<64>, i32), ReturnCode>;
    #[out(t, oafter)]
    fn fixstrings(&self, s: FixedText<32>, after: i32) -> Result<(FixedText<32>, i32), ReturnCode>;
    #[out(a, b, u)]
    fn both(&self, a: i32, b: u64, u: [u8; 16]) -> Result<(i32, u64, [u8; 16]), ReturnCode>;
    #[out(n)]
    fn oolmem(&self, m: Ool<u8>) -> Result<Ool<u8>, ReturnCode>;
    #[out(n, y)]
    fn oolgive(
        &self,
        m: Ool<u8, Any, Move>,
        x: i32,
    ) -> Result<(Ool<u8, Any, Move>, i32), ReturnCode>;
    #[out(n)]
    fn oolmaybe(&self, m: Ool<i32, Any, Either>) -> Result<Ool<i32, Any, Either>, ReturnCode>;
    #[skip(3)]
    #[out(q, y)]
    fn pcopy(&self, p: Copied, x: i32) -> Result<(Copied, i32), ReturnCode>;
    #[skip(3)]
    #[out(q)]
    fn pmoverecv(&self, p: MovedReceive) -> Result<MovedReceive, ReturnCode>;
    #[out(q)]
    fn ppoly(&self, p: AnyRight) -> Result<AnyRight, ReturnCode>;
    #[out(q)]
    fn pthree(&self, p: Ports<Copied, 3>) -> Result<Ports<Copied, 3>, ReturnCode>;
    #[out(q, y)]
    fn pupto4(
        &self,
        p: PortsUpTo<Copied, 4>,
        x: i32,
    ) -> Result<(PortsUpTo<Copied, 4>, i32), ReturnCode>;
    #[out(q)]
    fn pmany(&self, p: OolPorts<Copied>) -> Result<OolPorts<Made, Any, Move>, ReturnCode>;
    #[skip(2)]
    #[simple]
    fn oneway(&self, x: i32, u: [u8; 16]) -> Result<(), ReturnCode>;
    #[skip]
    #[simple]
    fn onewayreply(&self, #[reply_port] r: Option<ReplyRight>, x: i32);
    #[skip(3)]
    #[out(y)]
    fn who(
        &self,
        x: i32,
        #[caller] token: AuditToken,
        #[sequence_number] number: u32,
    ) -> Result<i32, ReturnCode>;
    #[skip(4)]
    #[out(info)]
    fn counted(&self, flavor: i32, info: Room<16>) -> Result<Counted<i32, 16>, ReturnCode>;
    #[out(q, oa, n, os)]
    fn mixdesc(
        &self,
        a: i32,
        p: Made,
        s: Text<64>,
        m: Ool<u8>,
        b: u64,
        ps: OolPorts<Copied>,
    ) -> Result<(Made, i32, Ool<u8, Any, Move>, Text<64>), ReturnCode>;
    #[skip(2)]
    #[out(y)]
    fn refuse(&self, p: Moved, m: Ool<u8>, code: i32) -> Result<i32, ReturnCode>;
    #[out(y)]
    fn noreply(&self, x: i32) -> Result<i32, ReturnCode>;
    #[out(y)]
    fn context(&self, #[context] context: u64) -> Result<u64, ReturnCode>;
    #[skip(2)]
    #[out(e)]
    fn doubles(&self, d: f64, f: f32) -> Result<f64, ReturnCode>;
}

#[subsystem(base = 70_000)]
pub(crate) trait Km {
    #[skip]
    #[out(lock_status)]
    fn lock_volume(
        &self,
        reply: DeferredReply<i32>,
        client: Made,
        vol: [u8; 16],
        wait_for_lock: i32,
    ) -> Deferred;
}

#[subsystem(base = 3200, name = "mach_port")]
pub(crate) trait MachPort {
    #[out(names, types)]
    fn names(&self) -> Result<(Ool<u32>, Ool<u32>), ReturnCode>;
}
