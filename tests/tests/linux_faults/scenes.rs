//! What a program does while its system calls fail.

use std::error::Error;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use launcher::{BaseId, Launcher, RendezvousServer, Stdio};
use mach_ports::{
    Message, OolMemory, ReceiveError, ReceiveOptions, ReceiveRight, ReplyRight, Semaphore,
    SendOptions, bootstrap, census,
};
use rendezvous_tests::holding::descriptors;
use rendezvous_tests::peer;

use super::driver::{Mark, mark};
use super::helper::{ECHO, VISIT};

type Played = Result<(), Box<dyn Error>>;
type Scene = (&'static str, fn() -> Played);

/// What a program does, by name.
pub(crate) const SCENES: [Scene; 10] = [
    ("check-in", check_in),
    ("look-up", look_up),
    ("rights", rights),
    ("memory", memory),
    ("served", served),
    ("semaphore", semaphore),
    ("rendezvous", rendezvous),
    ("launch", launch),
    ("hurried", launch),
    ("exit", exit),
];

/// Whether children wait for a moment only.
static HURRY: AtomicBool = AtomicBool::new(false);

/// Which of them the program plays.
pub(crate) const SCENE: &str = "RENDEZVOUS_FAULTS_SCENE";
/// What it is called to begin with: `warm` if the scene has been played once before calls count.
pub(crate) const WARMTH: &str = "RENDEZVOUS_FAULTS_WARMTH";
/// The name of its helper.
pub(crate) const HELPER: &str = "RENDEZVOUS_FAULTS_HELPER";
/// What it holds at the end if nothing goes wrong: names and descriptors.
pub(crate) const HELD: &str = "RENDEZVOUS_FAULTS_HELD";
/// Set where nothing is lost, and only late.
pub(crate) const LATE: &str = "RENDEZVOUS_FAULTS_LATE";

/// How long a scene waits for a peer.
const PATIENCE: Duration = Duration::from_secs(20);
/// The same where something goes wrong, and what is lost does not come.
const IMPATIENCE: Duration = Duration::from_secs(2);
static PATIENT: AtomicBool = AtomicBool::new(true);
/// Before the lines that a program says to its driver.
pub(crate) const SAYS: &str = "faults:";

fn patience() -> Duration {
    if PATIENT.load(Ordering::Relaxed) {
        PATIENCE
    } else {
        IMPATIENCE
    }
}

fn patient() -> ReceiveOptions {
    ReceiveOptions::new().timeout(patience())
}

fn soon() -> SendOptions {
    SendOptions::new().timeout(patience())
}

/// Whether this process is a program that the driver runs; it has played its scene then.
pub(crate) fn performed() -> bool {
    let Ok(scene) = std::env::var(SCENE) else {
        return false;
    };
    let found = SCENES.iter().find(|(name, _)| *name == scene);
    let (_, play) = found.expect("a scene");
    if std::env::var(WARMTH).is_ok_and(|warmth| warmth == "warm") {
        play().expect("the scene goes well");
    }
    HURRY.store(scene == "hurried", Ordering::Relaxed);
    let is_patient = std::env::var(HELD).is_err() || std::env::var(LATE).is_ok();
    PATIENT.store(is_patient, Ordering::Relaxed);
    mark(Mark::Begin);
    let played = play();
    mark(Mark::End);
    HURRY.store(false, Ordering::Relaxed);
    PATIENT.store(true, Ordering::Relaxed);
    match played {
        Ok(()) => println!("{SAYS} well"),
        Err(error) => println!("{SAYS} {}", said(&*error)),
    }
    // Whatever it was, it is over.
    play().expect("the scene goes well afterwards");
    make_what_stays();
    println!("{SAYS} {}", settled());
    true
}

/// An error with its causes.
fn said(error: &dyn Error) -> String {
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        said.push_str(&format!(": {error}"));
        cause = error.source();
    }
    said.replace('\n', " ")
}

/// Has the process what it has for good once it has waited and asked to be notified, whether it had to before or not.
fn make_what_stays() {
    let port = ReceiveRight::new().expect("a port");
    let moment = ReceiveOptions::new().timeout(Duration::from_millis(1));
    let nothing = port.receive(&moment).expect_err("nothing comes");
    assert!(matches!(nothing, ReceiveError::TimedOut), "{nothing}");
    let helper = helper().expect("the helper");
    let bell = port.make_send_once().expect("a right to the port");
    let before = helper.request_dead_name(bell).expect("a request");
    assert!(before.is_none(), "somebody has asked already");
}

/// Names and descriptors.
fn held() -> [usize; 2] {
    let names = census::names().expect("a census").len();
    [names, descriptors()]
}

/// What the process holds once nothing changes that any more, or no more than is expected.
///
/// Fewer descriptors may be: some are made once for all, when something goes a certain way for the first time.
fn settled() -> String {
    let expected = std::env::var(HELD).ok();
    let deadline = Instant::now() + PATIENCE;
    let (mut before, mut same) = (held(), 0);
    while Instant::now() < deadline && (expected.is_some() || same < 40) {
        std::thread::sleep(Duration::from_millis(5));
        let now = held();
        let [names, descriptors] = now;
        let enough = expected.as_ref().is_some_and(|expected| {
            let mut numbers = expected.split(' ').map(str::parse::<usize>);
            numbers.next() == Some(Ok(names))
                && numbers
                    .next()
                    .is_some_and(|most| most.is_ok_and(|most| descriptors <= most))
        });
        if enough {
            return expected.unwrap_or_default();
        }
        same = if now == before { same + 1 } else { 0 };
        before = now;
    }
    if expected.is_some() {
        eprintln!("open: {:?}", open());
    }
    format!("{} {}", before[0], before[1])
}

/// What is open, where it is more than it should be.
fn open() -> Vec<PathBuf> {
    let files = std::fs::read_dir("/proc/self/fd").into_iter().flatten();
    files
        .flatten()
        .filter_map(|file| std::fs::read_link(file.path()).ok())
        .collect()
}

fn own_name() -> String {
    format!("rendezvous.tests.faulty.{}", std::process::id())
}

fn helper() -> Result<mach_ports::SendRight, Box<dyn Error>> {
    Ok(bootstrap::look_up(&std::env::var(HELPER)?)?)
}

fn check_in() -> Played {
    let port = bootstrap::check_in(&own_name())?;
    bootstrap::look_up(&own_name())?;
    drop(port);
    Ok(())
}

fn look_up() -> Played {
    let helper = helper()?;
    let answer = Message::new(ECHO)
        .data(b"hello")
        .call_with(&helper, &patient())?;
    expect(answer.data() == Some(b"hello"))
}

fn rights() -> Played {
    let helper = helper()?;
    let [port, moved] = [ReceiveRight::new()?, ReceiveRight::new()?];
    let to_moved = moved.make_send()?;
    Message::new(7).send(&to_moved, &soon())?;
    let mut answer = Message::new(ECHO)
        .make_send(&port)
        .make_send_once(&port)
        .move_receive(moved)
        .call_with(&helper, &patient())?;
    let back = answer.take_send(0)?.ok_or("no send right")?;
    let once = answer.take_send_once(1)?.ok_or("no send-once right")?;
    let moved = answer.take_receive(2)?.ok_or("no receive right")?;
    Message::new(8).send(&back, &soon())?;
    Message::new(9).send_once(once, &soon())?;
    expect(port.receive(&patient())?.id() == 8)?;
    expect(port.receive(&patient())?.id() == 9)?;
    expect(moved.receive(&patient())?.id() == 7)
}

fn memory() -> Played {
    let helper = helper()?;
    let mut large = OolMemory::zeroed(4 << 20)?;
    large[5] = 5;
    let mut answer = Message::new(ECHO)
        .out_of_line(large)
        .out_of_line(vec![6; 100_000])
        .bytes(&[7; 50_000])
        .call_with(&helper, &patient())?;
    expect(answer.body().len() == 50_000)?;
    let large = answer.take_memory(0).ok_or("no memory")?;
    expect(large.len() == 4 << 20 && large[5] == 5)
}

/// The program serves a name, and the helper calls it.
fn served() -> Played {
    let helper = helper()?;
    let name = format!("{}.served", own_name());
    let port = bootstrap::check_in(&name)?;
    Message::new(VISIT)
        .data(name.as_bytes())
        .send(&helper, &soon())?;
    let mut request = port.receive(&patient())?;
    let reply = request.take_reply().ok_or("no reply right")?;
    let right = request.take_right(0).ok_or("no right")?;
    let answer = Message::new(ECHO).move_right(right);
    match reply {
        ReplyRight::SendOnce(reply) => answer.send_once(reply, &soon())?,
        ReplyRight::Send(reply) => answer.send(&reply, &soon())?,
    }
    Ok(())
}

fn semaphore() -> Played {
    let semaphore = Semaphore::new(1)?;
    Ok(semaphore.wait(patience())?)
}

/// A server and its client in one process.
fn rendezvous() -> Played {
    let server = RendezvousServer::new(&BaseId::new(own_name())?)?;
    let port = ReceiveRight::new()?;
    let mut collection = rendezvous_server::PortCollection::new();
    collection.insert(7, port.make_send()?)?;
    let registration = server
        .lock()
        .register(std::process::id().cast_signed(), collection)?;
    let way = server.send_right()?;
    let request = rendezvous_protocol::Request::Ports.message();
    let reply = rendezvous_protocol::Reply::read(request.call_with(&way, &patient())?)?;
    expect(reply.ports.contains_key(&7))?;
    expect(registration.wait(patience()).is_settled())
}

fn expect(it: bool) -> Played {
    if it {
        Ok(())
    } else {
        Err("another answer".into())
    }
}

/// Two children that greet, one after the other.
fn launch() -> Played {
    let server = RendezvousServer::new(&BaseId::new(own_name())?)?;
    let [first, second] = [ReceiveRight::new()?, ReceiveRight::new()?];
    let connect = if HURRY.load(Ordering::Relaxed) {
        "connect deadline=20"
    } else {
        "connect"
    };
    let greet = |port: &ReceiveRight| -> Result<launcher::Child, Box<dyn Error>> {
        let mut launcher: Launcher = peer![connect, "greet-all"];
        launcher.server(&server).kill_on_drop(true);
        launcher.stdin(Stdio::Null).stdout(Stdio::Null);
        Ok(launcher.port(1, port.make_send()?).spawn()?)
    };
    let one = greet(&first)?;
    let other = greet(&second)?;
    let greeted = second.receive(&patient())?.id() == 1;
    other
        .wait_timeout(patience())?
        .ok_or("the second child goes on")?;
    // Whatever has become of the first.
    mark(Mark::GoOn);
    expect(greeted)?;
    let status = one
        .wait_timeout(patience())?
        .ok_or("the first child goes on")?;
    let settled = one.wait_rendezvous(patience()).ok_or("no rendezvous")?;
    expect(settled.is_settled())?;
    if !status.success() {
        return Err(format!("the first child: {status}").into());
    }
    expect(first.receive(&patient())?.id() == 1)
}

/// A child that dies without asking for its ports.
fn exit() -> Played {
    let server = RendezvousServer::unnamed()?;
    let port = ReceiveRight::new()?;
    let mut launcher: Launcher = peer!["exit 0"];
    launcher.server(&server).kill_on_drop(true);
    launcher.stdin(Stdio::Null).stdout(Stdio::Null);
    let child = launcher.port(1, port.make_send()?).spawn()?;
    let (told, tell) = std::sync::mpsc::channel();
    child.exit_event().notify(move || {
        let _ = told.send(());
    });
    child.wait_timeout(patience())?.ok_or("the child goes on")?;
    tell.recv_timeout(patience())?;
    let settled = child.wait_rendezvous(patience());
    expect(matches!(settled, Some(launcher::Rendezvous::ExitedFirst)))
}
