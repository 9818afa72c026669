//! How a child differs from its parent.

use std::ffi::CStr;
use std::io;
use std::sync::Arc;

use embedded_mach::linux;

use crate::platform::spawn::{BeforeExec, ResourceLimit};

/// How the child differs from its parent. It always has the soft limit of descriptors that this process had before the
/// library raised it.
#[derive(Debug)]
pub(crate) struct Attributes {
    pub(super) group: Option<i32>,
    pub(super) leads_session: bool,
    pub(super) user: Option<u32>,
    pub(super) users_group: Option<u32>,
    pub(super) umask: Option<u32>,
    pub(super) limits: Vec<ResourceLimit>,
    pub(super) before_exec: Option<Arc<dyn BeforeExec>>,
    pub(super) unblock_signals: bool,
    pub(super) reset_sigpipe: bool,
    pub(super) descriptors: Option<libc::rlim_t>,
}

impl Attributes {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self {
            group: None,
            leads_session: false,
            user: None,
            users_group: None,
            umask: None,
            limits: Vec::new(),
            before_exec: None,
            unblock_signals: false,
            reset_sigpipe: false,
            descriptors: linux::descriptor_limit_for_children(),
        })
    }

    pub(crate) fn process_group(&mut self, group: i32) -> io::Result<()> {
        self.group = Some(group);
        Ok(())
    }

    pub(crate) fn unblock_signals(&mut self) -> io::Result<()> {
        self.unblock_signals = true;
        Ok(())
    }

    pub(crate) fn reset_sigpipe(&mut self) -> io::Result<()> {
        self.reset_sigpipe = true;
        Ok(())
    }

    pub(crate) fn user(&mut self, id: u32) -> io::Result<()> {
        self.user = Some(id);
        Ok(())
    }

    pub(crate) fn users_group(&mut self, id: u32) -> io::Result<()> {
        self.users_group = Some(id);
        Ok(())
    }

    pub(crate) fn umask(&mut self, mask: u32) -> io::Result<()> {
        self.umask = Some(mask);
        Ok(())
    }

    pub(crate) fn limit(&mut self, limit: ResourceLimit) -> io::Result<()> {
        self.limits.push(limit);
        Ok(())
    }

    pub(crate) fn before_exec(&mut self, action: Arc<dyn BeforeExec>) -> io::Result<()> {
        self.before_exec = Some(action);
        Ok(())
    }

    pub(crate) fn sandbox(&mut self, _text: &CStr, _limits: &[ResourceLimit]) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn clone_flags(&self) -> i32 {
        let action = self.before_exec.as_ref();
        action.map_or(0, |action| action.clone_flags())
    }

    pub(super) fn changes_user(&self) -> bool {
        self.user.is_some() || self.users_group.is_some()
    }

    pub(crate) fn new_session(&mut self) -> io::Result<()> {
        self.leads_session = true;
        Ok(())
    }
}
