//! How much is measured.

use clap::ValueEnum;

/// One of three amounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Scale {
    /// Each row for a moment.
    Smoke,
    /// What takes some minutes.
    Report,
    /// With thousands of children and a parent of 4 GiB.
    Full,
}

/// The numbers of an amount.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counts {
    /// Turns that each contender has.
    pub(crate) rounds: usize,
    /// Requests in one turn.
    pub(crate) calls: usize,
    /// Bytes that go one way in one turn, at least 16 messages.
    pub(crate) stream: usize,
    /// Messages one way in one turn, if that is fewer than `stream` allows.
    pub(crate) messages: usize,
    /// Pieces of memory given away in one turn.
    pub(crate) hand_overs: usize,
    /// Turns of contenders that launch something, which is one launch each.
    pub(crate) launches: usize,
    /// Children that are registered and never ask, for `spawn`.
    pub(crate) idle: &'static [usize],
    /// Children that have taken their ports, for `children`.
    pub(crate) children: &'static [usize],
    /// Ports of this task, for `names`.
    pub(crate) names: &'static [usize],
    /// Memory of a large parent, in MiB.
    pub(crate) resident: usize,
}

impl Scale {
    /// The word on the command line.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Smoke => "smoke",
            Self::Report => "report",
            Self::Full => "full",
        }
    }

    /// Its numbers.
    pub(crate) fn counts(self) -> Counts {
        let report = Counts {
            rounds: 31,
            calls: 1_000,
            stream: 32 << 20,
            messages: 20_000,
            hand_overs: 10,
            launches: 41,
            idle: &[0, 200],
            children: &[10, 100, 200],
            names: &[10, 1_000, 10_000, 100_000],
            resident: 1 << 10,
        };
        match self {
            Self::Smoke => Counts {
                rounds: 2,
                calls: 20,
                stream: 1 << 20,
                messages: 320,
                hand_overs: 2,
                launches: 2,
                idle: &[0, 10],
                children: &[1, 5],
                names: &[10, 1_000],
                resident: 64,
            },
            Self::Report => report,
            Self::Full => Counts {
                idle: &[0, 200, 1_600, 5_000],
                children: &[10, 100, 1_000, 5_000],
                resident: 4 << 10,
                ..report
            },
        }
    }
}

impl Counts {
    /// How many messages of `size` bytes go one way in one turn.
    pub(crate) fn messages_of(&self, size: usize) -> usize {
        (self.stream / size).clamp(16, self.messages)
    }
}
