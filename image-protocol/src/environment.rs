//! How an agent that is loaded as an audit library is told of its monitors (Linux): by one variable.
//!
//! ```
//! use image_protocol::environment::{Launch, Way};
//!
//! let way = Way { parent: 4711, number: 3, cookie: 99, deadline_ms: 2000 };
//! let launch = Launch::new(Some(4), true, &[way]).unwrap();
//! assert_eq!(launch.to_string(), "2;t;4;4711:3:99:2000");
//! assert_eq!(Launch::parse(launch.to_string().as_bytes()), Some(launch));
//! ```

use core::fmt;

use crate::{MAX_MONITORS, VERSION};

/// The variable. The agent removes it, and [`FILLER`], before anything of the program runs.
pub const VARIABLE: &str = "MACH_RENDEZVOUS_IMAGE_AGENT";

/// A variable that means nothing. The number of variables that the agent removes must be even, for the auxiliary vector
/// behind them has entries of two words: where it would be odd the launcher adds this one.
pub const FILLER: &str = "MACH_RENDEZVOUS_IMAGE_FILLER";

/// The loader's variable that names audit libraries. The launcher puts the agent's path before what the user has set,
/// with a colon between; the agent cuts it off again.
pub const AUDIT: &str = "LD_AUDIT";

/// The C library's variable for what the launcher may have to set for the agent ([`Launch::tunables`]): it puts one setting before what the user
/// has set, with a colon between; the agent cuts it off again.
pub const TUNABLES: &str = "GLIBC_TUNABLES";

/// The rendezvous key by which a child that links its agent (macOS) takes the port of its monitor number `index`: `'img0'`
/// to `'img7'`. It is the way's [`number`](Way::number) then, and there is no cookie.
#[must_use]
pub const fn port_key(index: u32) -> u32 {
    const FIRST: u32 = u32::from_be_bytes(*b"img0");
    FIRST.saturating_add(index)
}

/// The way to a monitor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Way {
    /// The pid of the process that made the descriptor, whose child the agent must be.
    pub parent: u32,
    /// The number of the descriptor in the agent's process: a link's sending end.
    pub number: u32,
    /// That socket's cookie (`SO_COOKIE`).
    pub cookie: u64,
    /// How long to wait for this monitor's replies, in milliseconds.
    pub deadline_ms: u32,
}

/// What the variable says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Launch {
    /// The number of the descriptor of the agent's own file, which the agent closes. `None` if it was not passed by descriptor.
    pub library: Option<u32>,
    /// Whether the first setting of [`TUNABLES`] is the launcher's.
    pub tunables: bool,
    ways: [Way; MAX_MONITORS],
    count: usize,
}

impl Launch {
    /// `None` for more than [`MAX_MONITORS`] ways, or none.
    #[must_use]
    pub fn new(library: Option<u32>, tunables: bool, ways: &[Way]) -> Option<Self> {
        let mut launch = Self {
            library,
            tunables,
            ways: [Way::default(); MAX_MONITORS],
            count: ways.len(),
        };
        launch.ways.get_mut(..ways.len())?.copy_from_slice(ways);
        (!ways.is_empty()).then_some(launch)
    }

    /// The ways to the monitors, in the order of the agent's numbers of them.
    #[must_use]
    pub fn ways(&self) -> &[Way] {
        self.ways.get(..self.count).unwrap_or_default()
    }

    /// Reads a value. `None` if it is not one of this version's.
    #[must_use]
    pub fn parse(value: &[u8]) -> Option<Self> {
        let mut fields = value.split(|byte| *byte == b';');
        if number(fields.next()?)? != u64::from(VERSION) {
            return None;
        }
        let tunables = match fields.next()? {
            b"t" => true,
            b"" => false,
            _ => return None,
        };
        let library = match fields.next()? {
            b"" => None,
            text => Some(short(text)?),
        };
        let mut ways = [Way::default(); MAX_MONITORS];
        let mut count = 0_usize;
        for text in fields.next()?.split(|byte| *byte == b',') {
            *ways.get_mut(count)? = way(text)?;
            count = count.checked_add(1)?;
        }
        if fields.next().is_some() {
            return None;
        }
        Self::new(library, tunables, ways.get(..count)?)
    }
}

fn way(text: &[u8]) -> Option<Way> {
    let mut fields = text.split(|byte| *byte == b':');
    let way = Way {
        parent: short(fields.next()?)?,
        number: short(fields.next()?)?,
        cookie: number(fields.next()?)?,
        deadline_ms: short(fields.next()?)?,
    };
    fields.next().is_none().then_some(way)
}

fn short(text: &[u8]) -> Option<u32> {
    u32::try_from(number(text)?).ok()
}

/// Reads a decimal number.
fn number(text: &[u8]) -> Option<u64> {
    if text.is_empty() {
        return None;
    }
    text.iter().try_fold(0_u64, |number, digit| {
        let digit = digit.checked_sub(b'0').filter(|digit| *digit < 10)?;
        number.checked_mul(10)?.checked_add(u64::from(digit))
    })
}

impl fmt::Display for Launch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tunables = if self.tunables { "t" } else { "" };
        write!(f, "{VERSION};{tunables};")?;
        if let Some(library) = self.library {
            write!(f, "{library}")?;
        }
        for (separator, way) in core::iter::once(';')
            .chain(core::iter::repeat(','))
            .zip(self.ways())
        {
            let Way {
                parent,
                number,
                cookie,
                deadline_ms,
            } = way;
            write!(f, "{separator}{parent}:{number}:{cookie}:{deadline_ms}")?;
        }
        Ok(())
    }
}
