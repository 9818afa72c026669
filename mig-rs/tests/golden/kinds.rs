//! The interface `kinds`, made by mig-rs.

use mach_interface::kind::{Any, Either, Move};
use mach_interface::{
    Array, CopySend, Counted, FixedText, MakeSend, Ool, OolPorts, Ports, PortsUpTo, Room, Text,
    subsystem,
};
use mach_ports::{AnyRight, AuditToken, ReceiveRight, ReplyRight, ReturnCode, SendRight};

/// The interface `kinds`.
#[subsystem(base = 5000)]
pub trait Kinds {
    /// Routine 5000 of `kinds`.
    fn nothing(&self) -> Result<(), ReturnCode>;
    /// Routine 5001 of `kinds`.
    #[out(e, f, g, h)]
    fn scalars(
        &self,
        a: i32,
        b: u64,
        c: bool,
        d: i32,
    ) -> Result<(i32, u64, bool, i32), ReturnCode>;
    /// Routine 5003 of `kinds`.
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
    /// Routine 5004 of `kinds`.
    #[out(w)]
    fn varints(&self, v: Array<i32, 16>) -> Result<Array<i32, 16>, ReturnCode>;
    /// Routine 5005 of `kinds`.
    #[out(w, oafter)]
    fn varbytes(&self, v: Array<u8, 10>, after: i32) -> Result<(Array<u8, 10>, i32), ReturnCode>;
    /// Routine 5006 of `kinds`.
    #[out(w, m, oafter)]
    fn twovar(
        &self,
        v: Array<u8, 10>,
        l: Array<u64, 4>,
        after: u64,
    ) -> Result<(Array<u8, 10>, Array<u64, 4>, u64), ReturnCode>;
    /// Routine 5007 of `kinds`.
    #[out(t, oafter)]
    fn strings(&self, s: Text<64>, after: i32) -> Result<(Text<64>, i32), ReturnCode>;
    /// Routine 5008 of `kinds`.
    #[out(t, oafter)]
    fn fixstrings(&self, s: FixedText<32>, after: i32) -> Result<(FixedText<32>, i32), ReturnCode>;
    /// Routine 5009 of `kinds`.
    #[out(a, b, u)]
    fn both(&self, a: i32, b: u64, u: [u8; 16]) -> Result<(i32, u64, [u8; 16]), ReturnCode>;
    /// Routine 5010 of `kinds`.
    #[out(n)]
    fn oolmem(&self, m: Ool<u8>) -> Result<Ool<u8>, ReturnCode>;
    /// Routine 5011 of `kinds`.
    #[out(n, y)]
    fn oolgive(
        &self,
        m: Ool<u8, Any, Move>,
        x: i32,
    ) -> Result<(Ool<u8, Any, Move>, i32), ReturnCode>;
    /// Routine 5012 of `kinds`.
    #[out(n)]
    fn oolmaybe(&self, m: Ool<i32, Any, Either>) -> Result<Ool<i32, Any, Either>, ReturnCode>;
    /// Routine 5016 of `kinds`.
    #[skip(3)]
    #[out(q, y)]
    fn pcopy(&self, p: Option<CopySend>, x: i32) -> Result<(Option<CopySend>, i32), ReturnCode>;
    /// Routine 5020 of `kinds`.
    #[skip(3)]
    #[out(q)]
    fn pmoverecv(&self, p: Option<ReceiveRight>) -> Result<Option<ReceiveRight>, ReturnCode>;
    /// Routine 5021 of `kinds`.
    #[out(q)]
    fn ppoly(&self, p: AnyRight) -> Result<AnyRight, ReturnCode>;
    /// Routine 5022 of `kinds`.
    #[out(q)]
    fn pthree(
        &self,
        p: Ports<Option<CopySend>, 3>,
    ) -> Result<Ports<Option<CopySend>, 3>, ReturnCode>;
    /// Routine 5023 of `kinds`.
    #[out(q, y)]
    fn pupto4(
        &self,
        p: PortsUpTo<Option<CopySend>, 4>,
        x: i32,
    ) -> Result<(PortsUpTo<Option<CopySend>, 4>, i32), ReturnCode>;
    /// Routine 5024 of `kinds`.
    #[out(q)]
    fn pmany(
        &self,
        p: OolPorts<Option<CopySend>>,
    ) -> Result<OolPorts<Option<MakeSend>, Any, Move>, ReturnCode>;
    /// Routine 5027 of `kinds`.
    #[skip(2)]
    #[simple]
    fn oneway(&self, x: i32, u: [u8; 16]);
    /// Routine 5029 of `kinds`.
    #[skip]
    #[simple]
    fn onewayreply(&self, #[reply_port] r: Option<ReplyRight>, x: i32);
    /// Routine 5033 of `kinds`.
    #[skip(3)]
    #[out(y)]
    fn who(
        &self,
        x: i32,
        #[caller] token: AuditToken,
        #[sequence_number] number: u32,
    ) -> Result<i32, ReturnCode>;
    /// Routine 5038 of `kinds`.
    #[skip(4)]
    #[out(info)]
    fn counted(&self, flavor: i32, info: Room<16>) -> Result<Counted<i32, 16>, ReturnCode>;
    /// Routine 5039 of `kinds`.
    #[out(q, oa, n, os)]
    fn mixdesc(
        &self,
        a: i32,
        p: Option<MakeSend>,
        s: Text<64>,
        m: Ool<u8>,
        b: u64,
        ps: OolPorts<Option<CopySend>>,
    ) -> Result<(Option<MakeSend>, i32, Ool<u8, Any, Move>, Text<64>), ReturnCode>;
    /// Routine 5042 of `kinds`.
    #[skip(2)]
    #[out(y)]
    fn refuse(&self, p: Option<SendRight>, m: Ool<u8>, code: i32) -> Result<i32, ReturnCode>;
    /// Routine 5043 of `kinds`.
    #[out(y)]
    fn noreply(&self, x: i32) -> Result<i32, ReturnCode>;
    /// Routine 5044 of `kinds`.
    #[out(y)]
    fn context(&self, #[context] context: u64) -> Result<u64, ReturnCode>;
    /// Routine 5047 of `kinds`.
    #[skip(2)]
    #[out(e)]
    fn doubles(&self, d: f64, f: f32) -> Result<f64, ReturnCode>;
}
