//! The register of violations: what was done to the person or withheld from her, how well it is proven, what it was used for.
//! Knows one record and how it may move on; who may move it is asked where the command comes in.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::approximate;
use crate::command::FieldError;
use crate::fact::Fields;
use crate::form;
use crate::ids::InstanceId;

/// What may be said of a violation, as `with` and the forms call it.
pub const DETAILS: [&str; 6] = ["at", "place", "by", "account", "proof", "reason"];

/// What proves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// A paper or a file.
    Document,
    /// Somebody who saw or heard it.
    Witness,
    /// A recording of sound or picture.
    Recording,
    /// Nothing; the reason is told.
    None,
}

impl Proof {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Document, Self::Witness, Self::Recording, Self::None];

    /// The word in packs and locales.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Document => "document",
            Self::Witness => "witness",
            Self::Recording => "recording",
            Self::None => "none",
        }
    }

    /// The one that a word names.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.as_str() == word)
    }
}

/// How far it has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Somebody or a rule noted that it happened.
    #[default]
    Noted,
    /// It is told what happened and what proves it.
    Documented,
    /// Somebody looked at account and proof.
    Verified,
    /// A complaint rests on it.
    Used,
}

impl Status {
    /// Every one, in order.
    pub const ALL: [Self; 4] = [Self::Noted, Self::Documented, Self::Verified, Self::Used];

    /// The word in rows and locales.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Noted => "noted",
            Self::Documented => "documented",
            Self::Verified => "verified",
            Self::Used => "used",
        }
    }

    /// The one that a word names.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == word)
    }
}

/// What is known of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// When: a local date and time, or a date known roughly; none: when the event happened that noted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// By whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// What happened, as told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// What proves it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Proof>,
    /// Why nothing does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Details {
    /// Details from filled-in fields; an empty one says nothing.
    ///
    /// # Errors
    /// Every fault at once.
    pub fn read(fields: &Fields) -> Result<Self, Vec<FieldError>> {
        let mut faults = Vec::new();
        let mut fault = |field: &str, problem: &str| {
            faults.push(FieldError {
                field: field.to_owned(),
                problem: problem.to_owned(),
            });
        };
        let text = |name: &str| {
            let text = fields.get(name).and_then(serde_json::Value::as_str)?.trim();
            (!text.is_empty()).then(|| text.to_owned())
        };
        for (name, value) in fields {
            if !DETAILS.contains(&name.as_str()) {
                fault(name, "unknown_field");
            } else if !(value.is_string() || value.is_null()) {
                fault(name, "not_a_value");
            } else if value.as_str().is_some_and(|s| s.chars().count() > form::MAX_TEXT) {
                fault(name, "too_long");
            }
        }
        let at = text("at").and_then(|text| {
            let kept = approximate::moment(&text);
            if kept.is_none() {
                fault("at", "not_an_approximate_date");
            }
            kept
        });
        let proof = text("proof").and_then(|word| {
            let proof = Proof::named(&word);
            if proof.is_none() {
                fault("proof", "not_a_choice");
            }
            proof
        });
        let read = Self {
            at,
            place: text("place"),
            by: text("by"),
            account: text("account"),
            proof,
            reason: text("reason"),
        };
        if faults.is_empty() { Ok(read) } else { Err(faults) }
    }

    /// Nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// These with what `newer` says instead.
    #[must_use]
    pub fn with(&self, newer: &Self) -> Self {
        Self {
            at: newer.at.clone().or_else(|| self.at.clone()),
            place: newer.place.clone().or_else(|| self.place.clone()),
            by: newer.by.clone().or_else(|| self.by.clone()),
            account: newer.account.clone().or_else(|| self.account.clone()),
            proof: newer.proof.or(self.proof),
            // A proof that was found takes the reason why there was none away.
            reason: match newer.proof.or(self.proof) {
                Some(Proof::None) => newer.reason.clone().or_else(|| self.reason.clone()),
                _ => newer.reason.clone(),
            },
        }
    }

    /// What is missing before it counts as documented: what happened, and a proof or the reason why there is none.
    pub fn missing(&self) -> Vec<FieldError> {
        let wanted = [
            ("account", self.account.is_none()),
            ("proof", self.proof.is_none()),
            ("reason", self.proof == Some(Proof::None) && self.reason.is_none()),
        ];
        wanted
            .into_iter()
            .filter(|(_, missing)| *missing)
            .map(|(field, _)| FieldError {
                field: field.to_owned(),
                problem: "required".to_owned(),
            })
            .collect()
    }
}

/// A violation in a case's register. Its number is its place there, from 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Violation {
    /// The code.
    pub code: String,
    /// When the event happened that noted it.
    pub occurred_at: DateTime<Utc>,
    /// The instance it concerns; none for records of before this was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concerns: Option<InstanceId>,
    /// What is known of it.
    #[serde(default, skip_serializing_if = "Details::is_empty")]
    pub details: Details,
    /// How far it has come.
    #[serde(default, skip_serializing_if = "is_noted")]
    pub status: Status,
    /// The complaints that rest on it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub used: Vec<String>,
    /// It may be published: said by a coordinator, with a reason.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub publishable: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_noted(status: &Status) -> bool {
    *status == Status::Noted
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn details(value: &serde_json::Value) -> Result<Details, Vec<(String, String)>> {
        Details::read(value.as_object().unwrap())
            .map_err(|faults| faults.into_iter().map(|f| (f.field, f.problem)).collect())
    }

    #[test]
    fn details_are_read_and_faults_listed_together() {
        let read =
            details(&json!({"at": "about 03/2026", "by": " A ", "proof": "witness", "place": ""})).unwrap();
        assert_eq!(read.at.as_deref(), Some("2026-03~"));
        assert_eq!(
            (read.by.as_deref(), read.proof, read.place),
            (Some("A"), Some(Proof::Witness), None)
        );
        let faults = details(&json!({"at": "soon", "proof": "rumour", "colour": "x"})).unwrap_err();
        let expected = [
            ("colour", "unknown_field"),
            ("at", "not_an_approximate_date"),
            ("proof", "not_a_choice"),
        ];
        assert_eq!(faults, expected.map(|(f, p)| (f.to_owned(), p.to_owned())));
    }

    #[test]
    fn a_proof_or_the_reason_why_there_is_none() {
        let missing = |d: &Details| d.missing().into_iter().map(|f| f.field).collect::<Vec<_>>();
        let none = details(&json!({"account": "x", "proof": "none"})).unwrap();
        assert_eq!(missing(&none), ["reason"]);
        let told = none.with(&details(&json!({"reason": "the register was hidden"})).unwrap());
        assert!(missing(&told).is_empty());
        let found = told.with(&details(&json!({"proof": "document"})).unwrap());
        assert!(missing(&found).is_empty());
        assert_eq!(found.reason, None);
        assert_eq!(missing(&Details::default()), ["account", "proof"]);
    }

    #[test]
    fn a_record_of_before_reads_and_writes_as_it_was() {
        let before = json!({"code": "P01", "occurred_at": "2026-03-02T04:00:00Z"});
        let read: Violation = serde_json::from_value(before.clone()).unwrap();
        assert_eq!(read.status, Status::Noted);
        assert_eq!(serde_json::to_value(read).unwrap(), before);
    }
}
