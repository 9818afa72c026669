//! Attributes by their flavors, in words: what `mach_port_get_attributes` and its kin give and take.

use crate::headers::kern_return::{
    KERN_FAILURE, KERN_INVALID_ARGUMENT, KERN_INVALID_CAPABILITY, kern_return_t,
};
use crate::headers::port::{
    MACH_PORT_DENAP_RECEIVER, MACH_PORT_DNREQUESTS_SIZE, MACH_PORT_GUARD_INFO,
    MACH_PORT_IMPORTANCE_RECEIVER, MACH_PORT_INFO_EXT, MACH_PORT_LIMITS_INFO,
    MACH_PORT_RECEIVE_STATUS, MACH_PORT_SERVICE_THROTTLED, MACH_PORT_TEMPOWNER, MACH_PORT_VALID,
    mach_port_flavor_t, mach_port_name_t,
};
use crate::kernel::ports::port::Purpose;
use crate::kernel::{Kernel, Result};

/// Words of `mach_port_status_t` and `mach_port_info_ext_t`.
const STATUS: usize = 10;
const INFO_EXT: usize = 17;

/// Too little room for an answer, or too little of a value, is a failure (Mach fact 21).
fn enough(room: usize, needed: usize) -> Result<()> {
    if room < needed {
        Err(KERN_FAILURE)
    } else {
        Ok(())
    }
}

impl Kernel {
    /// `mach_port_get_attributes`, with room for so many words.
    pub(crate) fn attribute(
        &mut self,
        name: mach_port_name_t,
        flavor: mach_port_flavor_t,
        room: usize,
    ) -> Result<Vec<u32>> {
        match flavor {
            MACH_PORT_LIMITS_INFO => {
                enough(room, 1)?;
                if !MACH_PORT_VALID(name) {
                    // No port has no limits, which is no error.
                    return Ok(Vec::new());
                }
                Ok(vec![self.attributed(name)?.1.qlimit])
            }
            MACH_PORT_RECEIVE_STATUS => {
                enough(room, STATUS)?;
                self.status_words(name)
            }
            MACH_PORT_DNREQUESTS_SIZE => {
                enough(room, 1)?;
                if !MACH_PORT_VALID(name) {
                    return Ok(vec![0]);
                }
                let key = self.attributed(name)?.0;
                let count = self.port(key).map_or(0, |port| port.requests.len());
                Ok(vec![count as u32])
            }
            MACH_PORT_INFO_EXT => {
                enough(room, INFO_EXT)?;
                let mut words = self.status_words(name)?;
                // The boost count and what is reserved: there are no boosts.
                words.resize(INFO_EXT, 0);
                Ok(words)
            }
            MACH_PORT_SERVICE_THROTTLED => Err(self.no_service(name)),
            _ => Err(KERN_INVALID_ARGUMENT),
        }
    }

    /// No port is one that the service manager has made.
    pub(crate) fn no_service(&mut self, name: mach_port_name_t) -> kern_return_t {
        match self.attributed(name) {
            Ok(_) => KERN_INVALID_CAPABILITY,
            Err(code) => code,
        }
    }

    fn status_words(&mut self, name: mach_port_name_t) -> Result<Vec<u32>> {
        let status = self.status(name)?;
        Ok(vec![
            status.mps_pset,
            status.mps_seqno,
            status.mps_mscount,
            status.mps_qlimit,
            status.mps_msgcount,
            status.mps_sorights,
            u32::from(status.mps_srights != 0),
            u32::from(status.mps_pdrequest != 0),
            u32::from(status.mps_nsrequest != 0),
            status.mps_flags,
        ])
    }

    /// `mach_port_set_attributes`.
    pub(crate) fn set_attribute(
        &mut self,
        name: mach_port_name_t,
        flavor: mach_port_flavor_t,
        value: &[u32],
    ) -> Result<()> {
        match flavor {
            MACH_PORT_LIMITS_INFO => {
                let limit = value.first().ok_or(KERN_FAILURE)?;
                self.set_limit(name, *limit)
            }
            MACH_PORT_DNREQUESTS_SIZE => {
                enough(value.len(), 1)?;
                // There is room for as many requests as come.
                self.attributed(name).map(drop)
            }
            MACH_PORT_TEMPOWNER | MACH_PORT_DENAP_RECEIVER | MACH_PORT_IMPORTANCE_RECEIVER => {
                let local = self.attributed(name)?.1;
                if local.purpose == Purpose::ThreadReplies {
                    return Err(KERN_INVALID_ARGUMENT);
                }
                local.importance_receiver = true;
                local.temp_owner |= flavor == MACH_PORT_TEMPOWNER;
                Ok(())
            }
            MACH_PORT_SERVICE_THROTTLED => Err(self.no_service(name)),
            _ => Err(KERN_INVALID_ARGUMENT),
        }
    }

    /// `mach_port_assert_attributes`.
    pub(crate) fn assert_attribute(
        &mut self,
        name: mach_port_name_t,
        flavor: mach_port_flavor_t,
        value: &[u32],
    ) -> Result<()> {
        if flavor != MACH_PORT_GUARD_INFO {
            return Err(KERN_INVALID_ARGUMENT);
        }
        match *value {
            [low, high, ..] => self.assert_guard(name, u64::from(low) | u64::from(high) << 32),
            _ => Err(KERN_FAILURE),
        }
    }
}
