//! `mach_port`: the calls on a task's names (`mach/mach_port.defs`).

use super::reply::Reply;
use super::request::{Carries, MOST_WORDS, Request, Shape};
use super::{Answer, Receiver, Routine};
use crate::headers::kern_return::{KERN_INVALID_ARGUMENT, KERN_INVALID_CAPABILITY};
use crate::headers::message::{MACH_MSG_TYPE_PORT_SEND_ONCE, mach_msg_option_t};
use crate::headers::port::{MPG_IMMOVABLE_RECEIVE, MPG_STRICT};
use crate::kernel::namespace::construct::Options;
use crate::kernel::objects::kobject::TaskPort;
use crate::kernel::ports::right::Right;
use crate::kernel::{Kernel, Result};

/// The id of the first routine.
pub(super) const BASE: i32 = 3200;

/// The bytes of `mach_port_options_t`.
const OPTIONS: usize = 24;

const fn of(words: usize, answer: Answer) -> Option<Routine> {
    Some(Routine::new(words, answer))
}

const fn reading(words: usize, answer: Answer) -> Option<Routine> {
    Some(Routine::by(Receiver::Task(TaskPort::Read), words, answer))
}

const fn inspecting(words: usize, answer: Answer) -> Option<Routine> {
    Some(Routine::by(
        Receiver::Task(TaskPort::Inspect),
        words,
        answer,
    ))
}

const fn shaped(shape: Shape, answer: Answer) -> Option<Routine> {
    Some(Routine::shaped(shape, answer))
}

/// By id, from the first on. XNU has no routine for some ids any more; others are of calls that are not to be had here.
#[rustfmt::skip]
pub(super) static ROUTINES: [Option<Routine>; 43] = [
    /* names */ of(0, names),
    /* type */ of(1, |k, r| k.type_of(r.word()).map(Reply::word)),
    /* rename */ None,
    /* allocate_name */ of(2, |k, r| { let right = r.word(); k.allocate(right, Some(r.word())).map(|_| Reply::default()) }),
    /* allocate */ of(1, |k, r| k.allocate(r.word(), None).map(Reply::word)),
    /* destroy */ of(1, |k, r| k.destroy(r.word()).map(Reply::done)),
    /* deallocate */ of(1, |k, r| k.deallocate(r.word()).map(Reply::done)),
    /* get_refs */ of(2, |k, r| k.get_refs(r.word(), r.word()).map(Reply::word)),
    /* mod_refs */ of(3, |k, r| k.mod_refs(r.word(), r.word(), r.signed()).map(Reply::done)),
    /* peek */ of(4, peek),
    /* set_mscount */ of(2, |k, r| k.set_make_send_count(r.word(), r.word()).map(Reply::done)),
    /* get_set_status */ reading(1, |k, r| k.set_status(r.word()).map(|names| Reply::default().with_memory(names.len(), names))),
    /* move_member */ of(2, |k, r| k.move_member(r.word(), r.word()).map(Reply::done)),
    /* request_notification */ shaped(Shape::carrying(Carries::SendOnceRight, 3), request_notification),
    /* insert_right */ shaped(Shape::carrying(Carries::AnyRight, 1), insert_right),
    /* extract_right */ of(2, |k, r| k.extract(r.word(), r.word()).map(|(right, as_)| Reply::right(right, as_))),
    /* set_seqno */ of(2, |k, r| k.set_sequence_number(r.word(), r.word()).map(Reply::done)),
    /* get_attributes */ reading(3, get_attributes),
    /* set_attributes */ shaped(Shape::with_array(3), |k, r| k.set_attribute(r.word(), r.signed(), &r.array()).map(Reply::done)),
    /* allocate_qos */ of(3, allocate_qos),
    /* allocate_full */ shaped(Shape::carrying(Carries::SendRight, 4), allocate_full),
    /* task_set_port_space */ of(1, |_, _| Ok(Reply::default())),
    /* get_srights */ of(1, |k, r| k.send_rights(r.word()).map(Reply::word)),
    /* space_info */ reading(0, space_info),
    /* dnrequest_info */ None,
    /* kernel_object */ None,
    /* insert_member */ of(2, |k, r| k.insert_member(r.word(), r.word()).map(Reply::done)),
    /* extract_member */ of(2, |k, r| k.extract_member(r.word(), r.word()).map(Reply::done)),
    /* get_context */ reading(1, |k, r| k.context(r.word()).map(Reply::long)),
    /* set_context */ of(3, |k, r| k.set_context(r.word(), r.long()).map(Reply::done)),
    /* kobject */ None,
    /* construct */ shaped(Shape::carrying(Carries::Memory(OPTIONS), 2), construct),
    /* destruct */ of(4, |k, r| k.destruct(r.word(), r.signed(), r.long()).map(Reply::done)),
    /* guard */ of(4, |k, r| k.guard(r.word(), r.long(), r.word() != 0, false).map(Reply::done)),
    /* unguard */ of(3, |k, r| k.unguard(r.word(), r.long()).map(Reply::done)),
    /* space_basic_info */ inspecting(0, |k, _| Ok(Reply::words(k.space_in_short().to_vec()))),
    /* special_reply_port_reset_link */ None,
    /* guard_with_flags */ of(5, guard_with_flags),
    /* swap_guard */ of(5, |k, r| k.swap_guard(r.word(), r.long(), r.long()).map(Reply::done)),
    /* kobject_description */ None,
    /* is_connection_for_service */ None,
    /* get_service_port_info */ None,
    /* assert_attributes */ shaped(Shape::with_array(3), |k, r| k.assert_attribute(r.word(), r.signed(), &r.array()).map(Reply::done)),
];

fn names(kernel: &mut Kernel, _: &mut Request) -> Result<Reply> {
    let (names, types): (Vec<_>, Vec<_>) = kernel.all_names().into_iter().unzip();
    let count = names.len();
    Ok(Reply::default()
        .with_memory(count, names)
        .with_memory(count, types))
}

fn peek(kernel: &mut Kernel, request: &mut Request) -> Result<Reply> {
    let (name, trailer, seqno) = (request.word(), request.word(), request.word());
    let room = request.word() as usize;
    let peeked = kernel.peek(name, seqno, trailer as mach_msg_option_t, room)?;
    let told = [peeked.seqno, peeked.size, peeked.id.cast_unsigned()];
    let trailer = peeked.trailer.as_bytes();
    let words = trailer.as_chunks::<4>().0.iter();
    let words = words.map(|word| u32::from_ne_bytes(*word));
    let told = told.into_iter().chain([trailer.len() as u32]).chain(words);
    Ok(Reply::words(told.collect()))
}

fn request_notification(kernel: &mut Kernel, request: &mut Request) -> Result<Reply> {
    let notify = request.right();
    if notify == Right::Dead {
        return Err(KERN_INVALID_CAPABILITY);
    }
    let (name, id, sync) = (request.word(), request.signed(), request.word());
    let previous = kernel.request_with(name, id, sync, notify)?;
    Ok(Reply::right(previous, MACH_MSG_TYPE_PORT_SEND_ONCE))
}

fn insert_right(kernel: &mut Kernel, request: &mut Request) -> Result<Reply> {
    let right = request.right();
    kernel.insert(right, request.word()).map(Reply::done)
}

fn get_attributes(kernel: &mut Kernel, request: &mut Request) -> Result<Reply> {
    let (name, flavor) = (request.word(), request.signed());
    let room = MOST_WORDS.min(request.word() as usize);
    kernel.attribute(name, flavor, room).map(Reply::array)
}

fn allocate_qos(kernel: &mut Kernel, request: &mut Request) -> Result<Reply> {
    let (right, flags, len) = (request.word(), request.word(), request.word());
    let name = kernel.allocate_qos(right, flags)?;
    Ok(Reply::words(vec![flags, len, name]))
}

fn allocate_full(kernel: &mut Kernel, request: &mut Request) -> Result<Reply> {
    let proto = request.right();
    let given = proto != Right::Null;
    kernel.release(proto);
    let (right, flags, len) = (request.word(), request.word(), request.word());
    let name = kernel.allocate_full(right, given, flags, request.word())?;
    Ok(Reply::words(vec![flags, len, name]))
}

fn space_info(kernel: &mut Kernel, _: &mut Request) -> Result<Reply> {
    let space = kernel.space_in_general().to_vec();
    let table = kernel.name_table();
    let elements = table.len();
    let words = table.into_iter().flatten().collect();
    Ok(Reply::words(space)
        .with_memory(elements, words)
        .with_memory(0, Vec::new()))
}

fn construct(kernel: &mut Kernel, request: &mut Request) -> Result<Reply> {
    let (options, context) = (request.memory(), request.long());
    let [flags, qlimit, service, ..] = *options else {
        return Err(KERN_INVALID_ARGUMENT);
    };
    let options = Options {
        flags,
        qlimit,
        service,
        context,
        thread_replies: false,
    };
    kernel.construct(options).map(Reply::word)
}

fn guard_with_flags(kernel: &mut Kernel, request: &mut Request) -> Result<Reply> {
    let (name, guard, flags) = (request.word(), request.long(), request.long());
    let has = |flag| flags & flag != 0;
    let (strict, immovable) = (has(MPG_STRICT), has(MPG_IMMOVABLE_RECEIVE));
    kernel
        .guard(name, guard, strict, immovable)
        .map(Reply::done)
}
