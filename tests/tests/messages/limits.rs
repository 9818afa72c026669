//! Mach fact 32, between tasks: a queue limit counts messages wherever they come from.

use mach_ports::ffi::kern_return::KERN_SUCCESS;
use mach_ports::ffi::message::*;
use mach_ports::ffi::notify::MACH_NOTIFY_SEND_POSSIBLE;
use mach_ports::ffi::port::*;
use rendezvous_tests::letter::{Buffer, Letter, Region, SOON, drain, receive, receive_with};
use rendezvous_tests::notice::request;
use rendezvous_tests::raw::{made, set_limit};
use rendezvous_tests::second::{Line, check_in, look_up, service_name, two};

fn to(port: mach_port_name_t) -> Letter {
    Letter::to(port, MACH_MSG_TYPE_COPY_SEND)
}

/// Sends until there is no room; how many messages there was room for.
fn fill(letter: &Letter) -> usize {
    std::iter::repeat_with(|| letter.try_send())
        .take_while(|&code| {
            assert!(
                [MACH_MSG_SUCCESS, MACH_SEND_TIMED_OUT].contains(&code),
                "{code:x}"
            );
            code == MACH_MSG_SUCCESS
        })
        .take(200)
        .count()
}

/// Has the other side receive so many messages.
fn take(line: &Line, count: usize) {
    line.letter().id(count as i32).send();
    line.wait();
}

/// Gives the other side a right to a port, and receives from it as many as it says.
fn serve(line: &Line, port: mach_port_name_t) {
    line.letter().port(port, MACH_MSG_TYPE_MAKE_SEND).send();
    serve_for(line, port);
}

fn serve_for(line: &Line, port: mach_port_name_t) {
    loop {
        match line.next().id() {
            -1 => return,
            // A limit.
            order if order >= 5000 => {
                assert_eq!(set_limit(port, order as u32 - 5000), KERN_SUCCESS);
            }
            count => {
                for _ in 0..count {
                    // It may be longer than there is room for here.
                    let _ = receive_with(port, 0, SOON);
                }
            }
        }
        line.go();
    }
}

fn limit(line: &Line, limit: i32) {
    take(line, 5000 + limit as usize);
}

fn end(line: &Line) {
    line.letter().id(-1).send();
}

#[test]
fn fact_32_the_sixth_send_to_another_task_times_out() {
    two(
        "limits::fact_32_the_sixth_send_to_another_task_times_out",
        serving,
        |line| {
            let (port, _) = line.next().only_port();
            let replies = made::port();
            let bytes = vec![7u8; 1 << 20];
            let region = Region {
                address: bytes.as_ptr() as usize,
                deallocate: 0,
                copy: MACH_MSG_VIRTUAL_COPY as u8,
                size: 1 << 20,
            };
            // Whether a reply is still wanted is found by reading on: then there is more room.
            let asking = to(port).reply(replies, MACH_MSG_TYPE_MAKE_SEND_ONCE);
            let letters = [
                to(port),
                to(port).inline(&[1; 4000]),
                to(port).inline(&[1; 20_000]),
                to(port).inline(&vec![1; 100_000]),
                to(port).memory(region),
                to(port).port(replies, MACH_MSG_TYPE_MAKE_SEND),
                to(port),
            ];
            for letter in letters {
                assert_eq!(fill(&letter), 5, "{letter:?}");
                for some in [1, 2, 5] {
                    take(&line, some);
                    assert_eq!(fill(&letter), some, "{letter:?}");
                }
                take(&line, 5);
            }
            assert_eq!(fill(&asking), 5);
            take(&line, 1);
            assert!((1..=5).contains(&fill(&asking)));
            end(&line);
        },
    );
}

fn serving(line: Line, _: &mut rendezvous_tests::second::Process) {
    serve(&line, made::port());
}

#[test]
fn fact_32_a_limit_of_another_task_is_what_it_is_set_to() {
    two(
        "limits::fact_32_a_limit_of_another_task_is_what_it_is_set_to",
        |line, _| {
            let port = made::port();
            assert_eq!(set_limit(port, 2), KERN_SUCCESS);
            serve(&line, port);
        },
        |line| {
            let (port, _) = line.next().only_port();
            assert_eq!(fill(&to(port)), 2);
            limit(&line, 7);
            assert_eq!(fill(&to(port)), 5);
            limit(&line, 9);
            assert_eq!(fill(&to(port)), 2);
            // A lower limit drops nothing.
            limit(&line, 3);
            take(&line, 6);
            assert_eq!(fill(&to(port)), 0);
            take(&line, 2);
            assert_eq!(fill(&to(port)), 2);
            take(&line, 3);
            // The same over a link by which replies come back.
            let replies = made::port();
            let asking = to(port).reply(replies, MACH_MSG_TYPE_MAKE_SEND_ONCE);
            assert_eq!(fill(&asking), 3);
            take(&line, 3);
            limit(&line, 8);
            assert_eq!(fill(&asking), 8);
            take(&line, 8);
            end(&line);
        },
    );
}

#[test]
fn fact_32_a_name_has_the_limit_that_its_server_set() {
    two(
        "limits::fact_32_a_name_has_the_limit_that_its_server_set",
        |line, _| {
            let name = service_name();
            let port = check_in(&name).expect("a service");
            line.letter().inline(name.to_bytes_with_nul()).send();
            assert_eq!(set_limit(port, 12), KERN_SUCCESS);
            serve_for(&line, port);
        },
        |line| {
            let name = line.next().inline();
            let name = std::ffi::CStr::from_bytes_until_nul(&name).expect("a name");
            let port = look_up(name).expect("the service");
            // The usual limit, until the server has taken up its new client.
            let at_first = fill(&to(port));
            assert!([5, 12].contains(&at_first), "{at_first}");
            take(&line, 1);
            assert!([13, 14].contains(&(at_first + fill(&to(port)))));
            limit(&line, 13);
            // Where a port has several links one message of each may have been read.
            assert!([1, 2].contains(&fill(&to(port))));
            end(&line);
        },
    );
}

#[test]
fn fact_32_who_waits_for_room_in_another_task_goes_on_when_there_is_some() {
    two(
        "limits::fact_32_who_waits_for_room_in_another_task_goes_on_when_there_is_some",
        |line, _| {
            let port = made::port();
            line.letter().port(port, MACH_MSG_TYPE_MAKE_SEND).send();
            line.wait();
            // Each receive lets one on; a higher limit all.
            for id in 0..3 {
                assert_eq!(receive(port).id(), id);
                line.wait();
            }
            assert_eq!(set_limit(port, 10), KERN_SUCCESS);
            line.wait();
            line.wait();
            let left: Vec<_> = (3..10).collect();
            assert_eq!(drain(port), left);
            line.go();
        },
        |line| {
            let (port, _) = line.next().only_port();
            assert_eq!(
                (0..5).filter(|&id| to(port).id(id).try_send() == 0).count(),
                5
            );
            assert_eq!(to(port).id(9).try_send(), MACH_SEND_TIMED_OUT);
            line.go();
            for id in 5..10 {
                assert_eq!(to(port).id(id).send_with(MACH_SEND_TIMEOUT, SOON).0, 0);
                line.go();
            }
            line.wait();
        },
    );
}

/// Lengths of bodies around those from which on they go another way.
const LENGTHS: [usize; 11] = [
    0, 1000, 4096, 32_000, 32_800, 40_000, 65_536, 69_000, 69_700, 200_000, 4,
];

fn pattern(len: usize) -> Vec<u8> {
    (0..len).map(|at| (at % 251) as u8).collect()
}

#[test]
fn what_is_sent_to_a_deep_queue_arrives_whole_whatever_its_length() {
    two(
        "limits::what_is_sent_to_a_deep_queue_arrives_whole_whatever_its_length",
        |line, _| {
            let port = made::port();
            assert_eq!(set_limit(port, 1024), KERN_SUCCESS);
            line.letter().port(port, MACH_MSG_TYPE_MAKE_SEND).send();
            let mut buffer = Buffer::new(256 << 10);
            for len in LENGTHS.repeat(3) {
                // With less room than it needs, but with some, it stays as it is.
                let room = len.clamp(64, 16_000);
                let large = MACH_RCV_MSG | MACH_RCV_TIMEOUT | MACH_RCV_LARGE;
                let mut code = buffer.mach_msg(large, 0, room, port, SOON);
                if len + 24 + 8 > room {
                    assert_eq!((code, buffer.size()), (MACH_RCV_TOO_LARGE, len + 24));
                    let all = buffer.len();
                    code = buffer.mach_msg(large, 0, all, port, SOON);
                }
                assert_eq!((code, buffer.size()), (MACH_MSG_SUCCESS, len + 24));
                assert!(buffer.inline() == pattern(len), "{len}");
                assert_eq!(buffer.trailer_kind(), (0, 8));
            }
            line.go();
        },
        |line| {
            let (port, _) = line.next().only_port();
            // More than has room at once: it waits.
            for len in LENGTHS.repeat(3) {
                let (code, _) = to(port).inline(&pattern(len)).send_with(0, 0);
                assert_eq!(code, MACH_MSG_SUCCESS);
            }
            line.wait();
        },
    );
}

#[test]
fn fact_53_send_possible_of_another_task_counts_messages() {
    two(
        "limits::fact_53_send_possible_of_another_task_counts_messages",
        serving,
        |line| {
            let (port, _) = line.next().only_port();
            let notify = made::port();
            assert_eq!(fill(&to(port)), 5);
            request(port, MACH_NOTIFY_SEND_POSSIBLE, 0, notify).expect("a request");
            let (code, _) = to(port).send_with(MACH_SEND_NOTIFY | MACH_SEND_TIMEOUT, 0);
            assert_eq!(code, MACH_SEND_TIMED_OUT);
            assert!(receive_with(notify, 0, 0).is_err());
            take(&line, 1);
            assert_eq!(receive(notify).id(), MACH_NOTIFY_SEND_POSSIBLE);
            assert_eq!(fill(&to(port)), 1);
            // Once the queue is not full it comes at once.
            take(&line, 5);
            request(port, MACH_NOTIFY_SEND_POSSIBLE, 1, notify).expect("a request");
            assert_eq!(receive(notify).id(), MACH_NOTIFY_SEND_POSSIBLE);
            end(&line);
        },
    );
}
