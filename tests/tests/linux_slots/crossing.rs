//! Whatever one side does meets whatever the other does, on the way: each before the other has read of it.
//!
//! One side stops itself (SIGSTOP), so that it reads nothing; the other does its deed and has it go on, and it does its own
//! without having read. What came of it must be the same in either order.

use mach_ports::ffi::kern_return::KERN_SUCCESS;
use mach_ports::ffi::message::*;
use mach_ports::ffi::notify::{MACH_NOTIFY_DEAD_NAME, MACH_NOTIFY_SEND_ONCE};
use mach_ports::ffi::port::*;
use nix::unistd::{Pid, getppid};
use rendezvous_tests::letter::{Letter, receive};
use rendezvous_tests::raw::{deallocate, destroy, made, request_notification, status, type_of};
use rendezvous_tests::second::Line;

use super::sides::*;
use super::stopping::{go_on, stop, until_stopped};

/// What the requester does while its rights are elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Requester {
    Waits,
    /// Its port dies.
    Kills,
    /// Its port moves to the other side.
    Moves,
    /// The last send right that the requests went by goes.
    Leaves,
    /// And then the port dies.
    LeavesAndKills,
    LeavesAndMoves,
}

/// What the replier does with each of the rights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Replier {
    Replies,
    /// With a right in the reply.
    RepliesWithRight,
    GivesUp,
    /// Asks to be told when the port dies, and replies then.
    AsksAndReplies,
    /// The port that the requests came to dies, and it replies then.
    KillsAndReplies,
    /// The port that the requests came to goes to the requester, and it replies then.
    MovesAndReplies,
}

const REQUESTERS: [Requester; 6] = [
    Requester::Waits,
    Requester::Kills,
    Requester::Moves,
    Requester::Leaves,
    Requester::LeavesAndKills,
    Requester::LeavesAndMoves,
];
const REPLIERS: [Replier; 6] = [
    Replier::Replies,
    Replier::RepliesWithRight,
    Replier::GivesUp,
    Replier::AsksAndReplies,
    Replier::KillsAndReplies,
    Replier::MovesAndReplies,
];
/// How many rights there are.
const RIGHTS: usize = 3;

fn request_deed(deed: Requester, line: &Line, serving: mach_port_name_t, port: mach_port_name_t) {
    if matches!(
        deed,
        Requester::Leaves | Requester::LeavesAndKills | Requester::LeavesAndMoves
    ) {
        assert_eq!(deallocate(serving), KERN_SUCCESS);
    }
    match deed {
        Requester::Kills | Requester::LeavesAndKills => made::kill(port),
        Requester::Moves | Requester::LeavesAndMoves => line
            .letter()
            .id(77)
            .port(port, MACH_MSG_TYPE_MOVE_RECEIVE)
            .send(),
        Requester::Waits | Requester::Leaves => {}
    }
}

/// What became of the rights at the replier.
fn reply_deed(deed: Replier, line: &Line, serving: mach_port_name_t, rights: &[mach_port_name_t]) {
    match deed {
        Replier::KillsAndReplies => made::kill(serving),
        Replier::MovesAndReplies => line
            .letter()
            .id(78)
            .port(serving, MACH_MSG_TYPE_MOVE_RECEIVE)
            .send(),
        _ => {}
    }
    let told = made::port();
    for (id, &right) in rights.iter().enumerate() {
        let id = id as i32;
        if deed == Replier::AsksAndReplies {
            // It may be known by now that the port is dead.
            let _ = request_notification(
                right,
                MACH_NOTIFY_DEAD_NAME,
                0,
                told,
                MACH_MSG_TYPE_MAKE_SEND_ONCE,
            );
        }
        if deed == Replier::GivesUp {
            assert_eq!(deallocate(right), KERN_SUCCESS);
            continue;
        }
        let mut letter = Letter::to(right, MACH_MSG_TYPE_MOVE_SEND_ONCE).id(id);
        if deed == Replier::RepliesWithRight {
            letter = letter.port(line.own, MACH_MSG_TYPE_MAKE_SEND);
        }
        let code = letter.try_send();
        if code != MACH_MSG_SUCCESS {
            // Its port is known to be dead.
            assert_eq!(code, MACH_SEND_INVALID_DEST);
            assert_eq!(type_of(right), Ok(MACH_PORT_TYPE_DEAD_NAME));
            // With the reference that the notification may have brought.
            assert_eq!(destroy(right), KERN_SUCCESS);
        }
    }
    if deed == Replier::AsksAndReplies {
        made::kill(told);
    }
}

fn all() -> impl Iterator<Item = (Requester, Replier, bool)> {
    REQUESTERS.into_iter().flat_map(|requester| {
        REPLIERS
            .into_iter()
            .flat_map(move |replier| [true, false].map(|first| (requester, replier, first)))
    })
}

#[test]
fn deeds_cross_in_either_order() {
    apart(
        "crossing::deeds_cross_in_either_order",
        |line, process| {
            let replier_pid = Pid::from_raw(process.id() as i32);
            for (requester, replier, requester_first) in all() {
                let case = format!("{requester:?} {replier:?} {requester_first}");
                let (serving, _) = line.next().only_port();
                let port = made::port();
                // With a way back, as there is from the first request on.
                ask_at(serving, port, 100);
                assert_eq!(receive(port).id(), 100, "{case}");
                for id in 0..RIGHTS {
                    ask_at(serving, port, id as i32);
                }
                if requester_first {
                    until_stopped(replier_pid);
                    request_deed(requester, &line, serving, port);
                    go_on(replier_pid);
                } else {
                    stop();
                    request_deed(requester, &line, serving, port);
                }
                let expected = match replier {
                    Replier::GivesUp => vec![MACH_NOTIFY_SEND_ONCE; RIGHTS],
                    _ => (0..RIGHTS as i32).collect(),
                };
                let mut came_home = None;
                let next = |came_home: &mut Option<mach_port_name_t>| loop {
                    let mail = receive(line.own);
                    if mail.id() != 78 {
                        return mail;
                    }
                    *came_home = Some(mail.only_port().0);
                };
                match requester {
                    Requester::Waits | Requester::Leaves => {
                        assert_eq!(heard(port, RIGHTS), expected, "{case}");
                        assert_eq!(status(port).unwrap().sorights, 0, "{case}");
                        made::kill(port);
                    }
                    Requester::Moves | Requester::LeavesAndMoves => {
                        // It comes back from there, with what it heard.
                        let (port, _) = next(&mut came_home).only_port();
                        assert_eq!(heard(port, RIGHTS), expected, "{case}");
                        assert_eq!(status(port).unwrap().sorights, 0, "{case}");
                        made::kill(port);
                    }
                    Requester::Kills | Requester::LeavesAndKills => {}
                }
                // The other side is done, and holds nothing.
                assert_eq!(next(&mut came_home).id(), 79, "{case}");
                if let Some(port) = came_home {
                    made::kill(port);
                }
                if type_of(serving).is_ok() {
                    deallocate(serving);
                }
                line.go();
            }
            assert_eq!(rests(&line), [0; 0]);
        },
        |line| {
            let requester_pid = getppid();
            for (requester, replier, requester_first) in all() {
                let case = format!("{requester:?} {replier:?} {requester_first}");
                let serving = made::port();
                line.letter().port(serving, MACH_MSG_TYPE_MAKE_SEND).send();
                reply(receive(serving).remote(), 100);
                let rights: Vec<_> = (0..RIGHTS).map(|_| receive(serving).remote()).collect();
                if requester_first {
                    stop();
                } else {
                    until_stopped(requester_pid);
                }
                reply_deed(replier, &line, serving, &rights);
                if !requester_first {
                    go_on(requester_pid);
                }
                if matches!(requester, Requester::Moves | Requester::LeavesAndMoves) {
                    let mail = line.next();
                    assert_eq!(mail.id(), 77, "{case}");
                    line.letter()
                        .port(mail.only_port().0, MACH_MSG_TYPE_MOVE_RECEIVE)
                        .send();
                }
                for &right in &rights {
                    assert!(type_of(right).is_err(), "{case}");
                }
                line.letter().id(79).send();
                line.wait();
                if type_of(serving).is_ok() {
                    made::kill(serving);
                }
            }
        },
    );
}

/// What has come that nobody has waited for.
fn rests(line: &Line) -> Vec<i32> {
    rendezvous_tests::letter::drain(line.own)
}
