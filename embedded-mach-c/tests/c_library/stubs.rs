//! Typed interfaces: C stubs and Rust, each at either end.

use std::ffi::{CStr, CString};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use mach_interface::{CopySend, Ool, OolArray, Server, Text, subsystem};
use mach_ports::{ReceiveRight, ReturnCode, SendRight, bootstrap};

use crate::{DEADLINE, build_program, here};

#[subsystem(base = 5000)]
trait Kinds {
    #[skip]
    fn scalars(&self, a: i32, b: u64, c: bool, d: i32)
    -> Result<(i32, u64, bool, i32), ReturnCode>;
    #[skip(5)]
    fn strings(&self, s: Text<64>, after: i32) -> Result<(Text<64>, i32), ReturnCode>;
    #[skip(2)]
    fn oolmem(&self, m: Ool<u8>) -> Result<Ool<u8>, ReturnCode>;
    #[skip(5)]
    fn pcopy(&self, p: Option<CopySend>, x: i32) -> Result<(Option<CopySend>, i32), ReturnCode>;
    #[simple]
    #[skip(10)]
    fn oneway(&self, x: i32, u: [u8; 16]);
}

struct Echo(std::sync::mpsc::Sender<i32>);

impl Kinds for Echo {
    fn scalars(
        &self,
        a: i32,
        b: u64,
        c: bool,
        d: i32,
    ) -> Result<(i32, u64, bool, i32), ReturnCode> {
        let a = a.checked_add(1).ok_or(ReturnCode::INVALID_ARGUMENT)?;
        Ok((a, b + 1, !c, d + 1))
    }

    fn strings(&self, s: CString, after: i32) -> Result<(CString, i32), ReturnCode> {
        let text = [b"re:", s.as_bytes()].concat();
        Ok((CString::new(text).unwrap(), after + 1))
    }

    fn oolmem(&self, m: OolArray<u8>) -> Result<OolArray<u8>, ReturnCode> {
        let more: Vec<u8> = m.iter().map(|byte| byte + 1).collect();
        OolArray::try_from(more).map_err(|_| ReturnCode::RESOURCE_SHORTAGE)
    }

    fn pcopy(&self, p: Option<SendRight>, x: i32) -> Result<(Option<SendRight>, i32), ReturnCode> {
        Ok((p, x + 1))
    }

    fn oneway(&self, x: i32, u: [u8; 16]) {
        assert_eq!(u, [x as u8; 16]);
        self.0.send(x).unwrap();
    }
}

/// The program, as a client of the server with a name, or as that.
fn start(program: &Path, part: &str, name: &str) -> Child {
    Command::new(program)
        .args([part, name])
        .env_remove("LD_LIBRARY_PATH")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// A name that no other test has.
fn name(part: &str, number: usize) -> String {
    format!(
        "embedded-mach-c.stubs.{part}.{number}.{}",
        std::process::id()
    )
}

/// The program, by each compiler.
fn built() -> Vec<PathBuf> {
    let dir = crate::scratch("stubs");
    let compilers = crate::compilers::compilers().unwrap_or_default();
    let source = here("tests/c/stubs.c");
    let build = |(number, compiler): (usize, crate::compilers::Compiler)| {
        let program = dir.join(number.to_string());
        build_program(compiler, &source, crate::Linkage::Shared, &program);
        program
    };
    compilers.into_iter().enumerate().map(build).collect()
}

#[test]
fn stubs_in_c_call_a_server_in_rust_and_serve_a_client_in_rust() {
    for (number, program) in built().iter().enumerate() {
        calls_rust(program, &name("server", number));
        serves_rust(program, &name("client", number));
    }
}

fn calls_rust(program: &Path, name: &str) {
    let (oneway, told) = std::sync::mpsc::channel();
    let server = Server::new().unwrap();
    let port = bootstrap::check_in(name).unwrap();
    let objects = vec![Box::new(KindsServer::new(Echo(oneway))) as _];
    server.add_port(port, objects).unwrap();
    let running = server.spawn(1).unwrap();
    crate::wait(&mut start(program, "client", name), "a client in C");
    assert_eq!(told.recv_timeout(DEADLINE), Ok(42));
    running.stop();
}

fn serves_rust(program: &Path, name: &str) {
    let mut child = start(program, "server", name);
    let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
    assert_eq!(said.next().unwrap().unwrap(), "ready");
    let client = KindsClient::new(bootstrap::look_up(name).unwrap()).with_timeout(DEADLINE);
    assert_eq!(
        client.scalars(1, 1 << 40, true, -3).unwrap(),
        (2, (1 << 40) + 1, false, -2)
    );
    let failed = client.scalars(i32::MAX, 0, false, 0).unwrap_err();
    assert_eq!(failed.code(), ReturnCode::INVALID_ARGUMENT);
    for (s, t) in [(c"hello", c"re:hello"), (c"", c"re:")] {
        let (text, after) = client.strings(s, 5).unwrap();
        assert_eq!((&*text, after), (t as &CStr, 6));
    }
    assert_eq!(
        &client.oolmem(&[0, 1, 2, 3, 4]).unwrap()[..],
        [1, 2, 3, 4, 5]
    );
    let port = ReceiveRight::new().unwrap();
    let right = port.make_send().unwrap();
    let (back, y) = client.pcopy(Some(&right), 7).unwrap();
    assert_eq!((back.unwrap().name(), y), (port.name(), 8));
    assert!(client.pcopy(None, 1).unwrap().0.is_none());
    // It has kept none.
    drop(right);
    assert!(!port.status().unwrap().has_senders);
    // The last that it serves.
    assert!(client.oneway(9, [9; 16]).is_ok());
    crate::wait(&mut child, "a server in C");
}
