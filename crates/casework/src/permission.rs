//! Who may be told what: contact permissions and the only way to obtain one.
//! Knows no channel's workings and no text; a message cannot be built without the value made here.

use chrono::{DateTime, NaiveTime, Utc};
use serde::{Deserialize, Serialize};

/// How a person is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// Electronic mail.
    Email,
    /// A text message to a phone.
    Sms,
}

impl Channel {
    /// The word stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
        }
    }
}

/// How much a message may disclose: 0 "please call", 1 that there is news, 2 neutral reference and dates, 3 full.
/// Families are at 0 until an advocate's plan says otherwise; nothing above 0 is built for them yet.
pub type Level = u8;

/// A recorded permission to contact one person through one channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactPermission {
    /// The channel.
    pub channel: Channel,
    /// The address or number, E.164 for phones.
    pub address: String,
    /// `en`, `ur` or `ur-Latn`.
    pub language: String,
    /// What may be said.
    pub level: Level,
    /// Local hours in which it is safe; none means any hour outside the night.
    #[serde(default)]
    pub safe_from: Option<NaiveTime>,
    /// End of the safe hours.
    #[serde(default)]
    pub safe_until: Option<NaiveTime>,
    /// Somebody else, perhaps the captor, may see the phone.
    #[serde(default)]
    pub phone_at_risk: bool,
    /// When it was given.
    pub granted_at: DateTime<Utc>,
    /// When it must be asked again.
    pub expires_at: DateTime<Utc>,
}

/// Why a message may not go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// Nobody was asked.
    #[error("no permission is recorded")]
    NoPermission,
    /// The answer is too old.
    #[error("the permission has expired and must be asked again")]
    Expired,
    /// The captor may hold this phone.
    #[error("somebody dangerous may hold this phone")]
    PhoneAtRisk,
    /// Safety is critical: automatic messages are frozen.
    #[error("the family's safety is critical: automatic messages are frozen")]
    SafetyCritical,
    /// The message says more than is allowed.
    #[error("the message says more than the permission allows")]
    LevelTooHigh,
    /// No person in the case has the role that should be told.
    #[error("nobody in the case has the role that should be told")]
    NoContact,
    /// The account was closed.
    #[error("the account is closed")]
    AccountClosed,
    /// The recipient may not open the case.
    #[error("the recipient may not open this case")]
    NoAccess,
    /// What it announces is over or has moved.
    #[error("what it announces is over or has moved")]
    Superseded,
    /// The moment has passed.
    #[error("it came too late to be useful")]
    TooLate,
    /// The rung lay before the date was known.
    #[error("the reminder would have been due before the date was known")]
    BeforeCreation,
    /// The reader switched these messages off.
    #[error("the reader has switched these messages off")]
    SwitchedOff,
    /// There is nothing to say.
    #[error("there was nothing to report")]
    NothingToSay,
}

impl Refusal {
    /// The key stored in the job row and worded in the locales as `reason-KEY`.
    pub fn key(self) -> &'static str {
        match self {
            Self::NoPermission => "no_permission",
            Self::Expired => "permission_expired",
            Self::PhoneAtRisk => "phone_at_risk",
            Self::SafetyCritical => "safety_critical",
            Self::LevelTooHigh => "level_too_high",
            Self::NoContact => "no_contact",
            Self::AccountClosed => "account_closed",
            Self::NoAccess => "no_access",
            Self::Superseded => "superseded",
            Self::TooLate => "too_late",
            Self::BeforeCreation => "before_creation",
            Self::SwitchedOff => "switched_off",
            Self::NothingToSay => "nothing_to_say",
        }
    }
}

/// A permission that was checked at one instant for one level: the value every message is built from.
/// Its fields are private; [`Permission::check`] is the only way to make one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permission {
    channel: Channel,
    address: String,
    language: String,
    level: Level,
}

impl Permission {
    /// The first of `recorded` that allows a message of `level` at `now`.
    ///
    /// # Errors
    /// The reason why none does; `frozen` (critical safety) refuses everything.
    pub fn check<'a>(
        recorded: impl IntoIterator<Item = &'a ContactPermission>,
        level: Level,
        frozen: bool,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        if frozen {
            return Err(Refusal::SafetyCritical);
        }
        let mut why = Refusal::NoPermission;
        for p in recorded {
            if p.phone_at_risk {
                why = Refusal::PhoneAtRisk;
            } else if p.expires_at <= now {
                why = Refusal::Expired;
            } else if level > p.level {
                why = Refusal::LevelTooHigh;
            } else {
                return Ok(Self {
                    channel: p.channel,
                    address: p.address.clone(),
                    language: p.language.clone(),
                    level,
                });
            }
        }
        Err(why)
    }

    /// The channel.
    pub fn channel(&self) -> Channel {
        self.channel
    }

    /// The address or number.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The language of the text.
    pub fn language(&self) -> &str {
        &self.language
    }

    /// What may be said.
    pub fn level(&self) -> Level {
        self.level
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permission(level: Level, expires: &str, at_risk: bool) -> ContactPermission {
        ContactPermission {
            channel: Channel::Sms,
            address: "+923000000000".to_owned(),
            language: "ur".to_owned(),
            level,
            safe_from: None,
            safe_until: None,
            phone_at_risk: at_risk,
            granted_at: "2026-01-01T00:00:00Z".parse().unwrap(),
            expires_at: expires.parse().unwrap(),
        }
    }

    #[test]
    fn silence_is_the_default() {
        let now = "2026-02-01T00:00:00Z".parse().unwrap();
        let good = permission(0, "2026-03-01T00:00:00Z", false);
        let old = permission(3, "2026-01-31T00:00:00Z", false);
        let risky = permission(3, "2026-03-01T00:00:00Z", true);
        assert_eq!(Permission::check([], 0, false, now), Err(Refusal::NoPermission));
        assert_eq!(Permission::check([&old], 0, false, now), Err(Refusal::Expired));
        assert_eq!(
            Permission::check([&risky], 0, false, now),
            Err(Refusal::PhoneAtRisk)
        );
        assert_eq!(
            Permission::check([&good], 1, false, now),
            Err(Refusal::LevelTooHigh)
        );
        assert_eq!(
            Permission::check([&good], 0, true, now),
            Err(Refusal::SafetyCritical)
        );
        assert_eq!(
            Permission::check([&old, &good], 0, false, now).unwrap().address(),
            "+923000000000"
        );
    }
}
