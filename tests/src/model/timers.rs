//! The calls on timers.

use mach_ports::ffi::kern_return::{KERN_INVALID_ARGUMENT, KERN_INVALID_NAME, KERN_INVALID_RIGHT};
use mach_ports::ffi::port::{MACH_PORT_RIGHT_RECEIVE, MACH_PORT_TYPE_RECEIVE};

use super::call::Outcome;
use super::names::Done;
use super::world::{PortId, TaskId, World};

impl World {
    pub(super) fn create_timer(&mut self, task: TaskId) -> Outcome {
        let made = self.allocate(task, MACH_PORT_RIGHT_RECEIVE);
        if let Some(port) = self.ports.last_mut() {
            port.timer = Some(false);
            // The kernel's own right, which is there as long as the timer.
            (port.sends, port.make_sends) = (1, 1);
        }
        made
    }

    fn timer(&self, task: TaskId, name: u32) -> Result<PortId, i32> {
        let port = self.receive_right(task, name)?;
        self.ports[port]
            .timer
            .map(|_| port)
            .ok_or(KERN_INVALID_ARGUMENT)
    }

    pub(super) fn arm_timer(&mut self, task: TaskId, name: u32, past: bool) -> Done {
        let timer = self.timer(task, name)?;
        self.ports[timer].timer = Some(!past);
        if past {
            self.expire(timer);
        }
        Ok(())
    }

    pub(super) fn cancel_timer(&mut self, task: TaskId, name: u32) -> Outcome {
        match self.timer(task, name) {
            Ok(timer) => {
                let armed = self.ports[timer].timer.replace(false);
                Outcome::Value(u32::from(armed == Some(true)))
            }
            Err(code) => Outcome::Code(code),
        }
    }

    pub(super) fn destroy_timer(&mut self, task: TaskId, name: u32) -> Done {
        let entry = self.entry(task, name).ok_or(KERN_INVALID_NAME)?;
        if !entry.has(MACH_PORT_TYPE_RECEIVE) {
            return Err(KERN_INVALID_RIGHT);
        }
        self.timer(task, name)?;
        self.destroy(task, name)
    }
}
