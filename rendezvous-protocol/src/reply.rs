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
