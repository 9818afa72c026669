//! A typed interface's server: what decodes requests, and gives back what they brought.

use std::ffi::CString;
use std::sync::OnceLock;

use arbitrary::{Result, Unstructured};
use mach_ports::ffi::message::{MACH_MSG_TYPE_COPY_SEND, MACH_SEND_TIMEOUT};
use mach_ports::{AnyRight, ReturnCode, SendRight};
use mach_rendezvous::interface::{
    Array, CopySend, Counted, FixedText, Ool, OolArray, OolPorts, Ports, PortsUpTo, Room, Server,
    Text, subsystem,
};

use super::given::{self, Names};
use super::left::nothing_left;
use crate::LONG;
use crate::letter::SOON;

/// The first id, and how many routines there are.
const BASE: i32 = 9000;
const ROUTINES: i32 = 7;

/// A routine of each shape.
#[subsystem(base = 9000, crate = mach_rendezvous::interface)]
trait Shapes {
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

struct Answers;

impl Shapes for Answers {
    fn numbers(
        &self,
        small: i32,
        large: u64,
        yes: bool,
        fixed: [u8; 5],
    ) -> std::result::Result<u64, ReturnCode> {
        let small = u64::from(small.unsigned_abs()) + u64::from(yes) + u64::from(fixed[0]);
        Ok(large.wrapping_add(small))
    }

    fn arrays(&self, bytes: Vec<u8>, _: Vec<u64>) -> std::result::Result<Vec<u8>, ReturnCode> {
        Ok(bytes)
    }

    fn text(&self, short: CString, _: CString) -> std::result::Result<CString, ReturnCode> {
        Ok(short)
    }

    fn counted(&self, room: usize) -> std::result::Result<Vec<u32>, ReturnCode> {
        Ok(vec![7; room])
    }

    fn rights(
        &self,
        _: Option<SendRight>,
        _: [Option<SendRight>; 3],
        _: Vec<Option<AnyRight>>,
    ) -> std::result::Result<(), ReturnCode> {
        Ok(())
    }

    fn memory(
        &self,
        bytes: OolArray<u8>,
        _: OolArray<u64>,
    ) -> std::result::Result<OolArray<u8>, ReturnCode> {
        Ok(bytes)
    }

    fn any(
        &self,
        _: Option<AnyRight>,
        _: Vec<Option<SendRight>>,
    ) -> std::result::Result<(), ReturnCode> {
        Err(ReturnCode::INVALID_ARGUMENT)
    }
}

/// Sends a server the messages that the bytes say, and then an honest request.
///
/// # Panics
/// If that is not answered as it should be, or something is left behind.
pub fn run(data: &[u8]) {
    static SERVER: OnceLock<SendRight> = OnceLock::new();
    let way = SERVER.get_or_init(|| {
        let server = Server::new().expect("a server");
        let way = server.add(ShapesServer::new(Answers)).expect("its port");
        // It runs for as long as the process does.
        std::mem::forget(server.spawn(1).expect("a thread"));
        // This thread has a port for replies from now on.
        ask(&way);
        way
    });
    nothing_left(|| {
        let mut input = Unstructured::new(data);
        let names = Names::new();
        while !input.is_empty() {
            if one(&mut input, way, &names).is_err() {
                break;
            }
        }
        drop(names);
        ask(way);
    });
}

/// An honest request.
fn ask(way: &SendRight) {
    let way = way.try_clone().expect("its port");
    let client = ShapesClient::new(way).with_timeout(LONG);
    let answer = client.numbers(-2, 40, true, [3; 5]);
    assert_eq!(answer.expect("an answer"), 46);
}

fn one(input: &mut Unstructured<'_>, way: &SendRight, names: &Names) -> Result<()> {
    let given = given::message(input, (way.name(), MACH_MSG_TYPE_COPY_SEND), names)?;
    let id = input.int_in_range(0..=ROUTINES)?;
    // The server makes room: what a send that timed out gives back would have to be released.
    // One that cannot be sent is no request.
    let _ = given
        .with_id(BASE + id)
        .letter
        .send_with(MACH_SEND_TIMEOUT, SOON);
    Ok(())
}
