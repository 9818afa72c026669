//! The interface `mach_port`, made by mig-rs.

use mach_interface::kind::{Either, Exactly, Move, Physical, UpTo};
use mach_interface::{
    Counted, Deferred, DeferredReply, FixedText, MakeSendOnce, Ool, OolPorts, PortSend, Ports,
    Room, Text, subsystem,
};
use mach_ports::{
    AnyRight, AuditToken, ReceiveRight, ReplyRight, ReturnCode, SendOnceRight, SendRight,
};

/// The interface `mach_port`.
#[subsystem(base = 3200)]
pub trait MachPort {
    /// Routine 3200 of `mach_port`.
    #[out(names, types)]
    fn mach_port_names(&self) -> Result<(Ool<u32>, Ool<u32>), ReturnCode>;
    /// Routine 3203 of `mach_port`.
    #[skip(2)]
    fn port_insert(&self, name: u32, poly: AnyRight) -> Result<(), ReturnCode>;
    /// Routine 3204 of `mach_port`.
    #[out(info)]
    fn attributes(&self, info: Room<16>, flavor: i32) -> Result<Counted<i32, 16>, ReturnCode>;
    /// Routine 3206 of `mach_port`.
    #[skip]
    #[out(flags, few)]
    fn mixed(
        &self,
        #[caller] who: AuditToken,
        #[caller] sec: AuditToken,
        #[sequence_number] number: u32,
        #[context] r#where: u64,
        flags: [u8; 8],
        r#type: [[u32; 3]; 2],
        page: Ool<u8, Exactly<4096>, Physical>,
        one: Ool<i32, Exactly<12>, Either>,
    ) -> Result<([u8; 8], Ool<u64, UpTo<16>, Move>), ReturnCode>;
    /// Routine 3207 of `mach_port`.
    #[simple]
    fn tell(&self, #[reply_port] r: Option<ReplyRight>, label: Text<32>, yes: bool);
    /// Routine 3208 of `mach_port`.
    #[out(got, count)]
    fn later(
        &self,
        reply: DeferredReply<(Option<PortSend>, u32)>,
        right: Option<SendRight>,
    ) -> Deferred;
    /// Routine 3209 of `mach_port`.
    #[out(given)]
    fn rights(
        &self,
        all: OolPorts<Option<SendOnceRight>, UpTo<8>, Move>,
        self_: Option<MakeSendOnce>,
    ) -> Result<Ports<Option<ReceiveRight>, 3>, ReturnCode>;
    /// Routine 3210 of `mach_port`.
    #[out(text)]
    fn all(&self, array: u64, data: Ool<u8>) -> Result<FixedText<64>, ReturnCode>;
    /// Routine 3214 of `mach_port`.
    #[skip(3)]
    fn bools(&self, all: [u32; 4]) -> Result<(), ReturnCode>;
    /// Routine 3215 of `mach_port`.
    fn nothing(&self) -> Result<(), ReturnCode>;
}
