//! `clock` and `clock_priv`: the calls on clocks (`mach/clock.defs`, `mach/clock_priv.defs`).

use super::reply::Reply;
use super::request::{Carries, Request, Shape};
use super::{Answer, Receiver, Routine};
use crate::headers::clock_types::mach_timespec_t;
use crate::headers::kern_return::{KERN_FAILURE, KERN_INVALID_ARGUMENT};
use crate::kernel::objects::kobject::{ClockPort, KernelObject};
use crate::kernel::time::clocks::{attribute_of, time_of};
use crate::kernel::{Kernel, Result};

/// The id of the first routine.
pub(super) const BASE: i32 = 1000;
pub(super) const PRIVILEGED_BASE: i32 = 1200;

const fn of(words: usize, answer: Answer) -> Option<Routine> {
    Some(Routine::by(Receiver::Clock, words, answer))
}

#[rustfmt::skip]
pub(super) static ROUTINES: [Option<Routine>; 3] = [
    /* get_time */ of(0, |k, r| k.clock_of(r).map(|clock| time(time_of(clock)))),
    /* get_attributes */ of(2, get_attributes),
    /* alarm */ Some(Routine {
        receiver: Receiver::Clock,
        ..Routine::shaped(Shape::carrying(Carries::SendOnceRight, 3), alarm)
    }),
];

/// Nobody may set a clock.
#[rustfmt::skip]
pub(super) static PRIVILEGED: [Option<Routine>; 1] = [
    /* set_time */ of(2, |_, _| Err(KERN_FAILURE)),
];

fn time(time: mach_timespec_t) -> Reply {
    Reply::words(vec![time.tv_sec, time.tv_nsec.cast_unsigned()])
}

fn get_attributes(kernel: &mut Kernel, request: &mut Request) -> Result<Reply> {
    let clock = kernel.clock_of(request)?;
    let (flavor, room) = (request.signed(), request.word());
    let attribute = attribute_of(clock, flavor, room)?;
    Ok(Reply::array(vec![attribute.cast_unsigned()]))
}

fn alarm(kernel: &mut Kernel, request: &mut Request) -> Result<Reply> {
    let clock = kernel.clock_of(request)?;
    let (to, kind) = (request.right(), request.signed());
    let at = mach_timespec_t {
        tv_sec: request.word(),
        tv_nsec: request.signed(),
    };
    kernel.alarm(clock, kind, at, to).map(Reply::done)
}

impl Kernel {
    fn clock_of(&self, request: &Request) -> Result<ClockPort> {
        match self.object_of_right(request.receiver()) {
            Some(&KernelObject::Clock(clock)) => Ok(clock),
            _ => Err(KERN_INVALID_ARGUMENT),
        }
    }
}
