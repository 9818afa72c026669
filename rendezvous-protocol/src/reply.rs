use std::collections::BTreeMap;

use mach_ports::{AnyRight, Descriptor, Message, ReceivedMessage};

use crate::MalformedReply;
use crate::wire::{self, Body};

/// What a client received: the ports and the data of its collection.
#[derive(Debug, Default)]
pub struct Reply {
    /// The rights by key. `None` is a right that died on its way.
    pub ports: BTreeMap<u32, Option<AnyRight>>,
    /// The additional data.
    pub data: Vec<u8>,
}

impl Reply {
    /// Builds the message that carries `ports` and `data`; it owns the rights
    /// until it is sent.
    pub fn message(ports: BTreeMap<u32, AnyRight>, data: &[u8]) -> Message<'static> {
        let keys: Vec<u32> = ports.keys().copied().collect();
        // Complex even without ports: readers expect the descriptor count.
        let message = ports
            .into_values()
            .fold(Message::new(wire::REPLY).complex(), Message::move_right);
        message.bytes(&wire::encode_body(&keys, data))
    }

    /// Takes what a server sent.
    ///
    /// # Errors
    /// [`MalformedReply`]; everything in the message is destroyed with it.
    pub fn read(mut message: ReceivedMessage) -> Result<Self, MalformedReply> {
        if message.id() != wire::REPLY {
            return Err(MalformedReply::Id { id: message.id() });
        }
        if message.take_reply().is_some() {
            return Err(MalformedReply::AsksForReply);
        }
        let count = message.descriptor_count();
        let stranger = message
            .descriptors()
            .position(|d| !matches!(d, Descriptor::Port { .. }));
        if let Some(index) = stranger {
            return Err(MalformedReply::NotAPort { index });
        }
        let Body { keys, data } = Body::decode(count, after_descriptors(&message)?)?;
        let data = data.to_vec();
        let ports = keys
            .into_iter()
            .enumerate()
            .map(|(index, key)| (key, message.take_right(index)));
        Ok(Self {
            ports: ports.collect(),
            data,
        })
    }
}

/// The bytes behind the descriptors, or behind a descriptor count of zero: a
/// kernel may take the complex bit from a message without descriptors, and
/// then counts that word among the inline bytes.
fn after_descriptors(message: &ReceivedMessage) -> Result<&[u8], MalformedReply> {
    let body = message.body();
    if message.is_complex() {
        return Ok(body);
    }
    match body.split_first_chunk() {
        Some((&[0, 0, 0, 0], rest)) => Ok(rest),
        _ => Err(MalformedReply::Truncated { len: body.len() }),
    }
}

#[cfg(test)]
mod tests {
    use mach_ports::{ReceiveRight, RightKind};

    use super::*;
    use crate::arrived::arrived;

    #[test]
    fn ports_and_data_arrive_under_their_keys() {
        let port = ReceiveRight::new().unwrap();
        let mut ports = BTreeMap::new();
        ports.insert(9, AnyRight::Send(port.make_send().unwrap()));
        ports.insert(4, AnyRight::SendOnce(port.make_send_once().unwrap()));
        ports.insert(5, AnyRight::Receive(ReceiveRight::new().unwrap()));
        let message = arrived(Reply::message(ports, b"more"));
        assert_eq!(message.header_size() as usize, wire::reply_size(3, 4));
        let reply = Reply::read(message).unwrap();
        let kinds = reply
            .ports
            .iter()
            .map(|(key, right)| (*key, right.as_ref().unwrap().kind()));
        let expected = [
            (4, RightKind::SendOnce),
            (5, RightKind::Receive),
            (9, RightKind::Send),
        ];
        assert!(kinds.eq(expected), "{reply:?}");
        assert_eq!(reply.ports[&9].as_ref().unwrap().name(), port.name());
        assert_eq!(reply.data, b"more");
    }

    #[test]
    fn an_empty_reply_has_its_descriptor_count() {
        let message = arrived(Reply::message(BTreeMap::new(), &[]));
        assert_eq!(message.header_size(), 36);
        let reply = Reply::read(message).unwrap();
        assert!(reply.ports.is_empty() && reply.data.is_empty());
    }

    #[test]
    fn an_empty_reply_may_have_lost_its_complex_bit() {
        let plain = arrived(Message::new(wire::REPLY).bytes(&[0; 12]));
        assert!(Reply::read(plain).unwrap().ports.is_empty());
        let counted = arrived(Message::new(wire::REPLY).bytes(&[1, 0, 0, 0, 0, 0, 0, 0]));
        assert_eq!(
            Reply::read(counted).unwrap_err(),
            MalformedReply::Truncated { len: 8 }
        );
    }

    #[test]
    fn a_port_that_died_on_the_way_has_its_place() {
        let port = ReceiveRight::new().unwrap();
        let right = port.make_send().unwrap();
        drop(port);
        let ports = BTreeMap::from([(1, AnyRight::Send(right))]);
        let reply = Reply::read(arrived(Reply::message(ports, &[]))).unwrap();
        assert!(matches!(reply.ports.get(&1), Some(None)), "{reply:?}");
    }

    #[test]
    fn what_is_no_reply_is_refused_and_released() {
        let port = ReceiveRight::new().unwrap();
        let (reply, body) = (Message::new(wire::REPLY), wire::encode_body(&[1], &[]));
        let other_id = Message::new(wire::REQUEST).make_send(&port).bytes(&body);
        let memory = reply.out_of_line(vec![1; 10]).bytes(&body);
        let keys = wire::encode_body(&[1, 1], &[]);
        let twice = Message::new(wire::REPLY)
            .make_send(&port)
            .make_send(&port)
            .bytes(&keys);
        let asking = Message::new(wire::REPLY)
            .make_send(&port)
            .bytes(&body)
            .reply_to_make_send_once(&port);
        for (message, expected) in [
            (other_id, MalformedReply::Id { id: wire::REQUEST }),
            (memory, MalformedReply::NotAPort { index: 0 }),
            (twice, MalformedReply::DuplicateKey { key: 1 }),
            (asking, MalformedReply::AsksForReply),
        ] {
            assert_eq!(Reply::read(arrived(message)).unwrap_err(), expected);
            assert!(
                !port.status().unwrap().has_senders,
                "{expected:?} kept a right"
            );
        }
    }
}
