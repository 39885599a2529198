//! The small vocabularies the tables use, each stored as a plain word: kinds and states of jobs, states of agenda items.
//!
//! It does not know what a timer does or when a deadline is missed; it only keeps spelling in one place.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A word in the database that this version of Peshi does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{word:?} is not one of: {known}")]
pub struct UnknownWord {
    /// The word found.
    pub word: String,
    /// The words that are known, separated by commas.
    pub known: String,
}

macro_rules! words {
    ($(#[$outer:meta])* $name:ident { $($(#[$inner:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$outer])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$inner])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// Every member, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The word as stored.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(word: &str) -> Result<Self, UnknownWord> {
                Self::ALL.iter().copied().find(|member| member.as_str() == word).ok_or_else(|| UnknownWord {
                    word: word.to_owned(),
                    known: [$($word,)+].join(", "),
                })
            }
        }
    };
}

words! {
    /// What a job is.
    JobKind {
        /// A command on a case that becomes due.
        Timer = "timer",
        /// A message to one recipient.
        Message = "message",
        /// One occurrence of a schedule.
        Schedule = "schedule",
    }
}

words! {
    /// What an organisation key is to a database.
    KeyState {
        /// Everything is sealed with it.
        Current = "current",
        /// It is being replaced: some cases may be sealed with the next one already.
        Retiring = "retiring",
        /// It is becoming the current one.
        Next = "next",
        /// It was current once; backups from then need it.
        Former = "former",
    }
}

words! {
    /// Where a job stands.
    JobState {
        /// Nobody works on it; it may be claimed once it is due.
        Waiting = "waiting",
        /// A worker holds its lease.
        Running = "running",
        /// Its work was done.
        Done = "done",
        /// The far end refused for good, for instance an address that does not exist.
        Failed = "failed",
        /// It was decided not to do it; the reason says why.
        Suppressed = "suppressed",
        /// It lost its purpose before it was due; the reason says why.
        Cancelled = "cancelled",
        /// Its attempts are used up; a person must look.
        Dead = "dead",
    }
}

words! {
    /// Where an agenda item stands.
    AgendaState {
        /// It lies ahead, or waits for an outcome.
        Open = "open",
        /// Its time passed without the expected fact.
        Missed = "missed",
        /// It was done.
        Done = "done",
        /// Another item took its place.
        Superseded = "superseded",
    }
}

words! {
    /// How often a staff member wants a digest.
    DigestRate {
        /// Every morning.
        Daily = "daily",
        /// Once a week.
        Weekly = "weekly",
        /// Never.
        Off = "off",
    }
}

words! {
    /// Which database answers.
    Backend {
        /// One file on this machine.
        Sqlite = "sqlite",
        /// A PostgreSQL server shared by many nodes.
        Postgres = "postgres",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back() {
        for kind in JobKind::ALL {
            assert_eq!(kind.as_str().parse::<JobKind>().unwrap(), *kind);
        }
        for state in JobState::ALL {
            assert_eq!(state.to_string().parse::<JobState>().unwrap(), *state);
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
        }
        for state in AgendaState::ALL {
            assert_eq!(state.as_str().parse::<AgendaState>().unwrap(), *state);
        }
    }

    #[test]
    fn an_unknown_word_names_the_known_ones() {
        assert_eq!(
            "often".parse::<DigestRate>().unwrap_err().to_string(),
            "\"often\" is not one of: daily, weekly, off"
        );
    }
}
