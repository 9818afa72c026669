//! The interface, and its server.

use std::ffi::CString;

use mach_ports::{AnyRight, ReturnCode, SendRight};
use mach_rendezvous::interface::{
    Array, CopySend, Counted, FixedText, Ool, OolArray, OolPorts, Ports, PortsUpTo, Room, Text,
    subsystem,
};

/// The first id, and how many routines there are.
pub(super) const BASE: i32 = 9000;
pub(super) const ROUTINES: i32 = 7;

/// A routine of each shape.
#[subsystem(base = 9000, crate = mach_rendezvous::interface)]
pub(super) trait Shapes {
    fn numbers(&self, small: i32, large: u64, yes: bool, fixed: [u8; 5])
    -> Result<u64, ReturnCode>;
    fn arrays(
        &self,
        bytes: Array<u8, 10>,
        words: Array<u64, 4>,
    ) -> Result<Array<u8, 10>, ReturnCode>;
    fn text(&self, short: Text<64>, fixed: FixedText<32>) -> Result<Text<64>, ReturnCode>;
    fn counted(&self, room: Room<16>) -> Result<Counted<u32, 16>, ReturnCode>;
    fn rights(
        &self,
        one: Option<CopySend>,
        three: Ports<Option<CopySend>, 3>,
        some: PortsUpTo<Option<CopySend>, 4>,
    ) -> Result<(), ReturnCode>;
    fn memory(&self, bytes: Ool<u8>, words: Ool<u64>) -> Result<Ool<u8>, ReturnCode>;
    fn any(&self, right: AnyRight, all: OolPorts<Option<CopySend>>) -> Result<(), ReturnCode>;
}

pub(super) struct Answers;

impl Shapes for Answers {
    fn numbers(
        &self,
        small: i32,
        large: u64,
        yes: bool,
        fixed: [u8; 5],
    ) -> Result<u64, ReturnCode> {
        let small = u64::from(small.unsigned_abs()) + u64::from(yes) + u64::from(fixed[0]);
        Ok(large.wrapping_add(small))
    }

    fn arrays(&self, bytes: Vec<u8>, _: Vec<u64>) -> Result<Vec<u8>, ReturnCode> {
        Ok(bytes)
    }

    fn text(&self, short: CString, _: CString) -> Result<CString, ReturnCode> {
        Ok(short)
    }

    fn counted(&self, room: usize) -> Result<Vec<u32>, ReturnCode> {
        Ok(vec![7; room])
    }

    fn rights(
        &self,
        _: Option<SendRight>,
        _: [Option<SendRight>; 3],
        _: Vec<Option<AnyRight>>,
    ) -> Result<(), ReturnCode> {
        Ok(())
    }

    fn memory(&self, bytes: OolArray<u8>, _: OolArray<u64>) -> Result<OolArray<u8>, ReturnCode> {
        Ok(bytes)
    }

    fn any(&self, _: Option<AnyRight>, _: Vec<Option<SendRight>>) -> Result<(), ReturnCode> {
        Err(ReturnCode::INVALID_ARGUMENT)
    }
}
