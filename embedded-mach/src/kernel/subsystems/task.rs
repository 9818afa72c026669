//! `task`: calls on tasks (`mach/task.defs`), those on semaphores.

use super::reply::Reply;
use super::request::{Carries, Request, Shape};
use super::{Answer, Routine};
use crate::headers::message::MACH_MSG_TYPE_PORT_SEND;
use crate::kernel::{Kernel, Result};

/// The id of the first routine that there is: `semaphore_create`.
pub(super) const BASE: i32 = 3418;

const fn shaped(shape: Shape, answer: Answer) -> Option<Routine> {
    Some(Routine::shaped(shape, answer))
}

#[rustfmt::skip]
pub(super) static ROUTINES: [Option<Routine>; 2] = [
    /* semaphore_create */ shaped(Shape::words(2), semaphore_create),
    /* semaphore_destroy */ shaped(Shape::carrying(Carries::SendRight, 0), |k, r| { let right = r.right(); k.end_semaphore(right).map(Reply::done) }),
];

fn semaphore_create(kernel: &mut Kernel, request: &mut Request) -> Result<Reply> {
    let (policy, value) = (request.signed(), request.signed());
    let right = kernel.new_semaphore(policy, value)?;
    Ok(Reply::right(right, MACH_MSG_TYPE_PORT_SEND))
}
