//! Whose message is next: the oldest, unless its sender has had its turn and others wait.
//!
//! A queue is first-in first-out, and holds no more than its limit. A process that sends by many links has more than that
//! waiting, and would have all others wait for all of it. So each process has as many messages in turn as the queue may
//! hold; as long as none has more than that waiting the oldest is always next.

use std::collections::{HashMap, VecDeque};

use crate::kernel::messages::kmsg::Kmsg;

/// How many messages a process has in turn at least, where the queue limit is less.
const AT_LEAST: u32 = 16;

/// How many messages of each process have been taken in this turn.
#[derive(Debug, Default)]
pub(crate) struct Turns(HashMap<i32, u32>);

impl Turns {
    /// Where the next message stands, and whether a new turn begins with it.
    fn find(&self, queue: &VecDeque<Kmsg>, qlimit: u32) -> (usize, bool) {
        if self.0.is_empty() {
            return (0, false);
        }
        let turn = qlimit.max(AT_LEAST);
        let mut waits = None;
        for (at, message) in queue.iter().enumerate() {
            let pid = message.sender.pid;
            if waits == Some(pid) {
                continue;
            }
            if self.0.get(&pid).is_none_or(|&taken| taken < turn) {
                return (at, false);
            }
            waits = Some(pid);
        }
        (0, true)
    }

    /// Where the next message stands in a queue of that limit.
    pub(crate) fn next(&self, queue: &VecDeque<Kmsg>, qlimit: u32) -> usize {
        self.find(queue, qlimit).0
    }

    /// Takes the next message of a queue of that limit.
    pub(crate) fn take(&mut self, queue: &mut VecDeque<Kmsg>, qlimit: u32) -> Option<Kmsg> {
        if queue.len() <= 1 {
            // Nobody waits for another's turn to end.
            self.0.clear();
            return queue.pop_front();
        }
        let (at, is_new_turn) = self.find(queue, qlimit);
        if is_new_turn {
            self.0.clear();
        }
        let message = queue.remove(at)?;
        *self.0.entry(message.sender.pid).or_default() += 1;
        Some(message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::messages::kmsg::Sender;
    use crate::kernel::ports::right::Right;

    fn from(pid: i32, id: i32) -> Kmsg {
        let sender = Sender {
            pid,
            uid: 1,
            gid: 1,
            version: 0,
        };
        Kmsg::simple(id, Right::Null, Vec::new(), sender)
    }

    const QLIMIT: u32 = 5;

    fn ids(turns: &mut Turns, queue: &mut VecDeque<Kmsg>) -> Vec<i32> {
        std::iter::from_fn(|| turns.take(queue, QLIMIT))
            .map(|message| message.id)
            .collect()
    }

    #[test]
    fn the_oldest_is_next_as_long_as_nobody_sends_more_than_its_turn() {
        let mut turns = Turns::default();
        let mut queue: VecDeque<_> = (0..48).map(|id| from(id % 3, id)).collect();
        assert_eq!(ids(&mut turns, &mut queue), (0..48).collect::<Vec<_>>());
    }

    #[test]
    fn what_a_queue_may_hold_is_received_in_order() {
        let mut turns = Turns::default();
        let mut queue: VecDeque<_> = (0..1024).map(|id| from(1, id)).collect();
        queue.push_back(from(2, 1024));
        let taken = std::iter::from_fn(|| turns.take(&mut queue, 1024));
        assert!(taken.map(|message| message.id).eq(0..1025));
    }

    #[test]
    fn whoever_floods_is_served_in_turn_with_others() {
        for flooding in [1, 3] {
            let mut turns = Turns::default();
            let flood = (0..1000).map(|id| from(id % flooding, id));
            let mut queue: VecDeque<_> = flood.collect();
            // It has had some turns when another comes.
            for _ in 0..100 {
                let at = turns.next(&queue, QLIMIT);
                let id = queue[at].id;
                assert_eq!(
                    turns.take(&mut queue, QLIMIT).map(|message| message.id),
                    Some(id)
                );
            }
            queue.push_back(from(77, -1));
            let before = ids(&mut turns, &mut queue);
            let before = before.iter().position(|&id| id == -1).unwrap();
            assert!(before <= (flooding as u32 * AT_LEAST) as usize, "{before}");
        }
    }

    #[test]
    fn the_messages_of_a_process_stay_in_order() {
        let mut turns = Turns::default();
        let mut queue: VecDeque<_> = (0..200).map(|id| from(id % 2, id)).collect();
        queue.extend((200..400).map(|id| from(2, id)));
        let taken = ids(&mut turns, &mut queue);
        for pid in 0..2 {
            let own = taken.iter().filter(|&&id| id < 200 && id % 2 == pid);
            assert!(own.is_sorted());
        }
        assert!(taken.iter().filter(|&&id| id >= 200).is_sorted());
    }
}
