//! Linux: the agent is an audit library, which glibc's loader loads from a descriptor.

pub(crate) mod agent {
    use std::ffi::OsString;
    use std::io;
    use std::os::fd::RawFd;
    use std::path::PathBuf;

    use image_agent::linux::{environment, library};
    use image_monitor::Claim;
    use image_protocol::environment::{AUDIT, Launch, TUNABLES, Way};
    use mach_ports::platform::spawn::pass_port;
    use rendezvous_server::PortCollection;

    use crate::error::LaunchCause;
    use crate::sys::Preparation;

    /// It comes before the program's own code, and has descriptors of its own.
    pub(crate) fn add_ports(
        _claims: &[Claim],
        collection: Option<PortCollection>,
    ) -> Result<Option<PortCollection>, LaunchCause> {
        Ok(collection)
    }

    /// `numbers` are free in the child, one more than there are monitors; `variable` says what the child will have for one.
    pub(crate) fn prepare(
        claims: &[Claim],
        numbers: &[RawFd],
        variable: impl Fn(&str) -> Option<OsString>,
        static_tls: u32,
    ) -> Result<Preparation, LaunchCause> {
        let mut descriptors = Vec::new();
        let mut ways = Vec::new();
        for (claim, number) in claims.iter().zip(numbers) {
            // A way of the agent's own to the monitor, which no other process has.
            let passed = pass_port(&claim.right()?, *number)?.ok_or_else(unlike_linux)?;
            let deadline_ms = claim.deadline_ms();
            ways.push(way(&passed.value, deadline_ms).ok_or_else(unlike_linux)?);
            descriptors.push((*number, passed.descriptor));
        }
        let number = numbers.last().copied().ok_or_else(unlike_linux)?;
        descriptors.push((number, library()?));
        let path = PathBuf::from(format!("/proc/self/fd/{number}"));
        let launch = Launch::new(Some(number.cast_unsigned()), static_tls > 0, &ways)
            .ok_or_else(unlike_linux)?;
        let (audit, tunables) = (variable(AUDIT), variable(TUNABLES));
        let variables = environment(
            launch,
            &path,
            audit.as_deref(),
            tunables.as_deref(),
            static_tls,
        );
        Ok(Preparation {
            descriptors,
            variables,
        })
    }

    /// Reads what the embedded Mach says of a passed port: `parent:number:cookie`.
    fn way(value: &str, deadline_ms: u32) -> Option<Way> {
        let mut fields = value.split(':');
        let way = Way {
            parent: fields.next()?.parse().ok()?,
            number: fields.next()?.parse().ok()?,
            cookie: fields.next()?.parse().ok()?,
            deadline_ms,
        };
        fields.next().is_none().then_some(way)
    }

    /// Of what this crate and the embedded Mach make themselves.
    fn unlike_linux() -> io::Error {
        io::Error::other("a port was not passed as Linux passes them")
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_passed_port_is_read_and_nothing_else() {
            let read = way("4711:5:99", 7).unwrap();
            let expected = Way {
                parent: 4711,
                number: 5,
                cookie: 99,
                deadline_ms: 7,
            };
            assert_eq!(read, expected);
            for other in ["", "1:2", "1:2:3:4", "a:2:3", "1:-2:3"] {
                assert_eq!(way(other, 7), None, "{other}");
            }
        }
    }
}
