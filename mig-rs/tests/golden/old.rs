//! The interface `mach_port`, made by mig-rs.

use std::time::Duration;

use mach_interface::kind::{Either, Exactly, Move, Physical, UpTo};
use mach_interface::{
    Counted, Deferred, DeferredReply, FixedText, MakeSendOnce, Ool, OolPorts, PortSend,
    PortSendOnce, Ports, Room, SecurityToken, Text, subsystem,
};
use mach_ports::{
    AnyRight, AuditToken, ReceiveRight, ReplyRight, ReturnCode, SendOnceRight, SendRight,
};

/// The interface `mach_port`.
#[subsystem(base = 3200)]
pub trait MachPort {
    /// Routine 3200 of `mach_port`.
    #[out(names, types)]
    #[wait_time(1000)]
    fn mach_port_names(&self) -> Result<(Ool<u32>, Ool<u32>), ReturnCode>;
    /// Routine 3203 of `mach_port`.
    #[skip(2)]
    #[wait_time(1000)]
    fn port_insert(&self, name: u32, poly: AnyRight) -> Result<(), ReturnCode>;
    /// Routine 3204 of `mach_port`.
    #[out(info)]
    #[wait_time(1000)]
    fn attributes(&self, info: Room<16>, flavor: i32) -> Result<Counted<i32, 16>, ReturnCode>;
    /// Routine 3206 of `mach_port`.
    #[skip]
    #[out(flags, few)]
    #[wait_time(1000)]
    fn mixed(
        &self,
        #[caller] who: AuditToken,
        #[caller] sec: SecurityToken,
        #[sequence_number] number: u32,
        #[context] r#where: u64,
        flags: [u8; 8],
        r#type: [[u32; 3]; 2],
        page: Ool<u8, Exactly<4096>, Physical>,
        one: Ool<i32, Exactly<12>, Either>,
        #[wait_time] w: Duration,
        #[send_time] s: Duration,
        #[replier] server: AuditToken,
    ) -> Result<([u8; 8], Ool<u64, UpTo<16>, Move>), ReturnCode>;
    /// Routine 3207 of `mach_port`.
    #[simple]
    #[send_time(250)]
    fn tell(&self, #[reply_port] r: Option<ReplyRight>, label: Text<32>, yes: bool);
    /// Routine 3208 of `mach_port`.
    #[simple]
    fn tell_again(&self, #[reply_port(make_send)] r: Option<ReplyRight>);
    /// Routine 3209 of `mach_port`.
    fn short_names(&self, #[replier] server: SecurityToken) -> Result<(), ReturnCode>;
    /// Routine 3210 of `mach_port`.
    #[out(got, count)]
    fn later(
        &self,
        reply: DeferredReply<(Option<PortSend>, u32)>,
        right: Option<SendRight>,
    ) -> Deferred;
    /// Routine 3211 of `mach_port`.
    #[out(given)]
    fn rights(
        &self,
        all: OolPorts<Option<SendOnceRight>, UpTo<8>, Move>,
        maybe: OolPorts<Option<SendOnceRight>, UpTo<8>, Either>,
        any: Option<PortSendOnce>,
        self_: Option<MakeSendOnce>,
    ) -> Result<Ports<Option<ReceiveRight>, 3>, ReturnCode>;
    /// Routine 3212 of `mach_port`.
    #[out(text)]
    fn all(&self, array: u64, data: Ool<u8>) -> Result<FixedText<64>, ReturnCode>;
    /// Routine 3216 of `mach_port`.
    #[skip(3)]
    fn bools(&self, all: [u32; 4]) -> Result<(), ReturnCode>;
    /// Routine 3217 of `mach_port`.
    fn nothing(&self) -> Result<(), ReturnCode>;
}
