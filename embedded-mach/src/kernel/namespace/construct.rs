//! `mach_port_construct`: a port with options (Mach fact 18).

use crate::headers::kern_return::{
    KERN_DENIED, KERN_INVALID_ARGUMENT, KERN_INVALID_CAPABILITY, KERN_INVALID_NAME,
    KERN_INVALID_VALUE,
};
use crate::headers::port::{
    MACH_PORT_NULL, MACH_PORT_QLIMIT_MAX, MPO_CONNECTION_PORT, MPO_CONTEXT_AS_GUARD,
    MPO_DENAP_RECEIVER, MPO_ENFORCE_REPLY_PORT_SEMANTICS, MPO_EXCEPTION_PORT,
    MPO_IMMOVABLE_RECEIVE, MPO_IMPORTANCE_RECEIVER, MPO_INSERT_SEND_RIGHT,
    MPO_PROVISIONAL_REPLY_PORT, MPO_QLIMIT, MPO_REPLY_PORT, MPO_SERVICE_PORT, MPO_STRICT,
    MPO_TEMPOWNER, MPO_TG_BLOCK_TRACKING, mach_port_name_t,
};
use crate::kernel::ports::port::{Guard, Purpose};
use crate::kernel::{Kernel, Result};

/// What `mach_port_construct` is asked for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Options {
    pub(crate) flags: u32,
    pub(crate) qlimit: u32,
    /// The name of the service that a connection port is for.
    pub(crate) service: mach_port_name_t,
    pub(crate) context: u64,
    /// It is for a thread's replies.
    pub(crate) thread_replies: bool,
}

/// What a port can be on behalf of the service manager: one of these at most.
const SERVICES: u32 = MPO_SERVICE_PORT | MPO_CONNECTION_PORT | MPO_TG_BLOCK_TRACKING;
/// What a port can be for: one of these at most.
const PURPOSES: u32 = MPO_REPLY_PORT
    | MPO_ENFORCE_REPLY_PORT_SEMANTICS
    | MPO_EXCEPTION_PORT
    | MPO_PROVISIONAL_REPLY_PORT;

impl Options {
    fn has(self, flag: u32) -> bool {
        self.flags & flag != 0
    }

    /// XNU looks at the flags that it knows, and passes over others.
    fn check(self) -> Result<()> {
        if [SERVICES, PURPOSES]
            .iter()
            .any(|kinds| (self.flags & kinds).count_ones() > 1)
        {
            return Err(KERN_INVALID_ARGUMENT);
        }
        if self.has(MPO_SERVICE_PORT | MPO_TG_BLOCK_TRACKING) {
            return Err(KERN_DENIED);
        }
        if self.has(MPO_CONNECTION_PORT) && self.service == MACH_PORT_NULL {
            return Err(KERN_INVALID_ARGUMENT);
        }
        Ok(())
    }

    fn check_limit(self) -> Result<()> {
        if self.has(MPO_QLIMIT) && self.qlimit > MACH_PORT_QLIMIT_MAX {
            return Err(KERN_INVALID_VALUE);
        }
        Ok(())
    }
}

impl Kernel {
    /// Makes a port with options.
    pub(crate) fn construct(&mut self, options: Options) -> Result<mach_port_name_t> {
        options.check()?;
        if options.has(MPO_CONNECTION_PORT) {
            // It is for a service port, and there are none.
            self.receive_right(options.service)?;
            return Err(KERN_INVALID_CAPABILITY);
        }
        options.check_limit()?;
        let name = self.allocate_port(None)?;
        let key = self.receive_right(name)?;
        let local = self.local_mut(key).ok_or(KERN_INVALID_NAME)?;
        local.context = options.context;
        if options.has(MPO_CONTEXT_AS_GUARD) {
            let strict = options.has(MPO_STRICT);
            local.guard = Guard::Set { strict };
            local.immovable = options.has(MPO_IMMOVABLE_RECEIVE);
        }
        if options.thread_replies {
            local.purpose = Purpose::ThreadReplies;
        } else if options.has(MPO_REPLY_PORT) {
            local.purpose = Purpose::Replies;
        }
        if options.has(MPO_QLIMIT) {
            local.qlimit = options.qlimit;
        }
        local.temp_owner = options.has(MPO_TEMPOWNER);
        local.importance_receiver =
            options.has(MPO_TEMPOWNER | MPO_IMPORTANCE_RECEIVER | MPO_DENAP_RECEIVER);
        if options.has(MPO_INSERT_SEND_RIGHT) {
            let right = self.make_send(key);
            self.copyout_right(right)?;
        }
        Ok(name)
    }
}
