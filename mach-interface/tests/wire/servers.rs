//! Server loops, values, and the two ends of a connection.

use std::sync::Barrier;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use mach_interface::server::{serve_on, serve_while_used};
use mach_interface::{CallError, ConnectError, Moved, Server, Value, ValueWithRights, subsystem};
use mach_ports::dispatch::SerialQueue;
use mach_ports::{ReceiveRight, ReturnCode, SendOnceRight, SendRight};
use postcard_schema::Schema;
use serde::{Deserialize, Serialize};

const SOON: Duration = Duration::from_secs(60);

#[subsystem(base = 100)]
trait Counter {
    fn add(&self, by: u32) -> Result<u32, ReturnCode>;
    /// Returns once two calls are in it.
    fn meet(&self) -> Result<(), ReturnCode>;
}

struct Number {
    value: AtomicU32,
    meeting: Barrier,
}

impl Number {
    fn new(value: u32) -> CounterServer<Self> {
        CounterServer::new(Self {
            value: AtomicU32::new(value),
            meeting: Barrier::new(2),
        })
    }
}

impl Counter for Number {
    fn add(&self, by: u32) -> Result<u32, ReturnCode> {
        Ok(self.value.fetch_add(by, Ordering::Relaxed) + by)
    }

    fn meet(&self) -> Result<(), ReturnCode> {
        self.meeting.wait();
        Ok(())
    }
}

fn client(right: SendRight) -> CounterClient {
    CounterClient::new(right).with_timeout(SOON)
}

#[test]
fn many_objects_behind_many_ports() {
    let server = Server::new().unwrap();
    let counters: Vec<_> = (0..40)
        .map(|start| client(server.add(Number::new(start)).unwrap()))
        .collect();
    let running = server.spawn(3).unwrap();
    for (start, counter) in (0..).zip(&counters) {
        assert_eq!(counter.add(1).unwrap(), start + 1);
    }
    // Added and removed while it runs.
    let late = client(server.add(Number::new(7)).unwrap());
    assert_eq!(late.add(1).unwrap(), 8);
    assert!(server.remove(late.right().name()));
    assert!(!server.remove(late.right().name()));
    let gone = late.add(1).unwrap_err();
    assert!(
        matches!(gone, CallError::NotSent(_) | CallError::ServerDied),
        "{gone:?}"
    );
    running.stop();
}

#[test]
fn a_pool_answers_several_at_once() {
    let server = Server::new().unwrap();
    let counter = client(server.add(Number::new(0)).unwrap());
    let running = server.spawn(2).unwrap();
    let other = counter.clone();
    let thread = std::thread::spawn(move || other.meet());
    counter.meet().unwrap();
    thread.join().unwrap().unwrap();
    running.stop();
    // Stopped is stopped.
    server.run().unwrap();
}

#[test]
fn an_object_that_nobody_can_reach_goes() {
    let server = Server::new().unwrap();
    let right = server.add_while_used(Number::new(0)).unwrap();
    let other = client(server.add(Number::new(0)).unwrap());
    let running = server.spawn(1).unwrap();
    assert_eq!(client(right.clone()).add(1).unwrap(), 1);
    assert_eq!(server.len(), 2);
    drop(right);
    // The notification was queued before this request, and one thread answers both.
    other.add(1).unwrap();
    assert_eq!(server.len(), 1);
    running.stop();
}

#[test]
fn a_queue_serves_a_port() {
    let queue = SerialQueue::new("counter").unwrap();
    let port = ReceiveRight::new().unwrap();
    let counter = client(port.make_send().unwrap());
    let source = serve_on(&queue, port, vec![Box::new(Number::new(5))]).unwrap();
    assert_eq!(counter.add(1).unwrap(), 6);
    drop(source.cancel_and_wait().unwrap());
    assert!(matches!(counter.add(1), Err(CallError::NotSent(_))));
}

#[test]
fn a_thread_serves_a_port_while_it_is_used() {
    let port = ReceiveRight::new().unwrap();
    let counter = client(port.make_send().unwrap());
    let thread = std::thread::spawn(move || {
        serve_while_used(
            port,
            vec![Box::new(Number::new(1)), Box::new(Number::new(2))],
        )
    });
    assert_eq!(counter.add(1).unwrap(), 2);
    drop(counter);
    thread.join().unwrap().unwrap();
}

/// What Rust alone can read.
#[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
enum Shape {
    Point,
    Circle { radius: f64, name: String },
    Polygon(Vec<(f64, f64)>),
}

/// A value with a right of each kind.
#[derive(Debug, Serialize, Deserialize, Schema)]
struct Bundle {
    name: String,
    send: Vec<Moved<SendRight>>,
    once: Option<Moved<SendOnceRight>>,
    receive: Moved<ReceiveRight>,
}

#[subsystem(base = 300)]
trait Shapes {
    fn largest(&self, of: Value<Shape>) -> Result<Value<Shape>, ReturnCode>;
    fn pass(&self, bundle: ValueWithRights<Bundle>) -> Result<ValueWithRights<Bundle>, ReturnCode>;
}

struct Geometer;

impl Shapes for Geometer {
    fn largest(&self, of: Shape) -> Result<Shape, ReturnCode> {
        match of {
            Shape::Polygon(corners) if corners.is_empty() => Err(ReturnCode::INVALID_ARGUMENT),
            shape => Ok(shape),
        }
    }

    fn pass(&self, bundle: Bundle) -> Result<Bundle, ReturnCode> {
        if bundle.name == "refuse" {
            return Err(ReturnCode::INVALID_VALUE);
        }
        Ok(bundle)
    }
}

#[test]
fn values_of_any_type() {
    let server = Server::new().unwrap();
    let right = server.add(ShapesServer::new(Geometer)).unwrap();
    let running = server.spawn(1).unwrap();
    let shapes = ShapesClient::connect(right, SOON).unwrap();
    for shape in [
        Shape::Point,
        Shape::Circle {
            radius: 1.5,
            name: "round".to_owned(),
        },
        Shape::Polygon(vec![(0.0, 1.0); 1000]),
    ] {
        assert_eq!(shapes.largest(&shape).unwrap(), shape);
    }
    let failed = shapes.largest(&Shape::Polygon(Vec::new())).unwrap_err();
    assert_eq!(failed.code(), ReturnCode::INVALID_ARGUMENT);

    let (one, other) = (ReceiveRight::new().unwrap(), ReceiveRight::new().unwrap());
    let bundle = |name: &str| Bundle {
        name: name.to_owned(),
        send: vec![
            Moved::new(one.make_send().unwrap()),
            Moved::new(other.make_send().unwrap()),
        ],
        once: Some(Moved::new(one.make_send_once().unwrap())),
        receive: Moved::new(ReceiveRight::new().unwrap()),
    };
    let back = shapes.pass(&bundle("all")).unwrap();
    let names = back.send.iter().map(|right| right.take().unwrap().name());
    assert_eq!(names.collect::<Vec<_>>(), [one.name(), other.name()]);
    assert!(back.once.unwrap().take().is_some() && back.receive.take().is_some());

    // A right goes once; nothing is sent the second time, and nothing is lost.
    let sent = bundle("twice");
    shapes.pass(&sent).unwrap();
    assert!(matches!(shapes.pass(&sent), Err(CallError::TooLong)));
    assert!(shapes.pass(&bundle("refuse")).is_err());
    drop(shapes.pass(&bundle("last")));
    assert!(!one.status().unwrap().has_senders);
    running.stop();
}

/// The same routines by number, and other types.
mod other {
    use super::{ReturnCode, Schema, Value, subsystem};
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Serialize, Deserialize, Schema)]
    pub(super) enum Shape {
        Point,
        Square { side: f32 },
    }

    #[subsystem(base = 300, name = "other_shapes")]
    pub(super) trait Shapes {
        fn largest(&self, of: Value<Shape>) -> Result<Value<Shape>, ReturnCode>;
    }
}

#[test]
fn a_connection_of_two_interfaces_is_refused() {
    let server = Server::new().unwrap();
    let shapes = server.add(ShapesServer::new(Geometer)).unwrap();
    let counter = server.add(Number::new(0)).unwrap();
    let running = server.spawn(1).unwrap();
    assert!(CounterClient::connect(counter.clone(), SOON).is_ok());
    match other::ShapesClient::connect(shapes, SOON) {
        Err(ConnectError::Mismatch { ours, theirs, .. }) => {
            assert_eq!((&*ours, &*theirs), ("other_shapes", "shapes"));
        }
        other => panic!("{other:?}"),
    }
    let unknown = ShapesClient::connect(counter, SOON).unwrap_err();
    assert!(matches!(unknown, ConnectError::Unknown), "{unknown:?}");
    running.stop();
    let _ = (other::Shape::Point, other::Shape::Square { side: 1.0 });
}
