//! A port that who started this process passed to it, for a purpose that the two agree on: a sending end that nobody
//! else has, and a variable that says which it is and whose children it is for.
//!
//! Whoever starts a process does not know the pid that it will have, but the process knows whose child it is. So a
//! grandchild that has both by accident, from a child that is no task or has not become one yet, is told from the child:
//! it must not speak where another one speaks.

use super::bequest::taken_over;
use crate::kernel::Kernel;
use crate::kernel::ports::right::Right;
use crate::sys::foreign::Foreign;
use crate::sys::{environment, process, random, socket};

/// The environment variable: the parent's pid, descriptor number and socket cookie, in decimal.
pub(crate) const VARIABLE: &str = "EMBEDDED_MACH_PASSED_PORT";

/// What the variable says of an end that is `target` in the child.
pub(crate) fn describe(target: i32, cookie: u64) -> String {
    format!("{}:{target}:{cookie}", std::process::id())
}

/// Takes over the end that the parent has passed to this process. One that was meant for another is closed.
pub(in crate::kernel) fn take_over() -> Option<Foreign> {
    let value = environment::take(VARIABLE)?;
    let (parent, end) = value.to_str()?.split_once(':')?;
    let end = Foreign::arrived(taken_over(end)?);
    socket::close_on_exec(&end).ok()?;
    let parent: i32 = parent.parse().ok()?;
    // The variable is a claim. Who made the end the kernel below knows.
    let maker = socket::peer(&end)?.pid;
    // The parent made it for this process alone.
    (process::parent() == parent && maker == parent).then(|| Foreign::own_end(end.into_plain()))
}

impl Kernel {
    /// The send right that was passed: the first time only.
    pub(crate) fn take_passed(&mut self) -> Option<Right> {
        let end = self.passed.take()?;
        let link = random::number();
        Some(self.new_remote(end, link, link, None))
    }
}
