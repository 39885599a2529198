//! The last look before a message goes out: is it still right, still allowed, and to whom? The answer carries a
//! [`Permission`], without which nothing can be written to anybody. Renders nothing, sends nothing.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use peshi_casework::pack::Standing;
use peshi_casework::{AccountId, Case, Channel, ContactPermission, Deadline, EffectId, Permission, Refusal};
use peshi_store::{DigestRate, JobRow};

use crate::Service;
use crate::access::{Action, Viewer, may};
use crate::alarm::{ALARM, silence, told};
use crate::case_view::shown;
use crate::erasure::is_erased;
use crate::error::ServiceError;
use crate::heads::CaseHead;
use crate::views::{BoardView, DayView};

/// What a staff message may say: everything its reader may open.
const STAFF_LEVEL: u8 = 2;
/// Hours in which a family's phone stays silent unless its owner said otherwise.
const NIGHT_FROM: NaiveTime = NaiveTime::from_hms_opt(21, 0, 0).expect("21:00 is a time of day");
/// End of those hours.
const NIGHT_UNTIL: NaiveTime = NaiveTime::from_hms_opt(8, 0, 0).expect("08:00 is a time of day");

/// What is to be done with an expected message now.
#[derive(Debug, Clone)]
pub enum Prepared {
    /// Write it and send it.
    Send(Box<Outgoing>),
    /// Do not.
    Suppress(Refusal),
    /// Not yet.
    Defer {
        /// When to look again.
        until: DateTime<Utc>,
        /// Why: a locale key without `reason-`.
        reason: &'static str,
    },
}

/// A message that may go out.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// To whom, how, in which language, and how much may be said.
    pub permission: Permission,
    /// The template's name.
    pub kind: String,
    /// The pack whose words it uses.
    pub pack: Option<String>,
    /// What it says.
    pub about: About,
}

/// What a message says, as data.
#[derive(Debug, Clone)]
pub enum About {
    /// A hearing or a deadline.
    Deadline(Box<DeadlineAbout>),
    /// A meeting, with its moment and nothing else.
    Family {
        /// The moment.
        moment: Option<DateTime<Utc>>,
        /// The zone it is read in.
        zone: Tz,
    },
    /// A person's morning.
    Morning(Box<DayView>),
    /// A coordinator's week: what does not move, and journal heads to keep.
    Stalled(Box<BoardView>, Vec<CaseHead>),
    /// The scheduler did nothing between two moments.
    Silence {
        /// Its last sign of life.
        from: DateTime<Utc>,
        /// When it was back.
        until: DateTime<Utc>,
    },
}

/// A hearing or a deadline, for those who may open the case.
#[derive(Debug, Clone)]
pub struct DeadlineAbout {
    /// The case.
    pub reference: String,
    /// Locale key of the rule.
    pub key: String,
    /// It is a sitting of a court.
    pub hearing: bool,
    /// The moment to tell people.
    pub shown_at: DateTime<Utc>,
    /// Only the day counts, not the hour.
    pub whole_day: bool,
    /// The internal last day.
    pub internal_last_day: Option<NaiveDate>,
    /// The zone.
    pub zone: Tz,
    /// The legal basis.
    pub basis: Option<String>,
    /// `statutory` …
    pub legal_kind: String,
    /// `high` …
    pub confidence: Option<String>,
    /// Whether the law behind it is in force, where it may not be: `not_in_force`, `may_have_lapsed`.
    pub caution: Option<String>,
    /// The court, as entered.
    pub place: Option<String>,
}

impl Service {
    /// Looks at an expected message once more, at the moment of sending.
    ///
    /// # Errors
    /// When the database or a stored case fails; a message that must not go is no error.
    pub async fn prepare(&self, job: &JobRow, now: DateTime<Utc>) -> Result<Prepared, ServiceError> {
        if job.useful_until.is_some_and(|until| until < now) {
            return Ok(Prepared::Suppress(Refusal::TooLate));
        }
        let kind = job.message_kind.clone().unwrap_or_default();
        match (job.case_id, job.account_id, job.person_id.as_deref()) {
            (None, Some(account), _) if kind == ALARM => self.alarm(job, AccountId(account), now).await,
            (None, Some(account), _) => self.digest(AccountId(account), &kind, now).await,
            (Some(_), Some(account), _) => self.to_staff(job, AccountId(account), kind, now).await,
            (Some(_), None, Some(person)) => self.to_person(job, person, kind, now).await,
            _ => Ok(Prepared::Suppress(Refusal::NoContact)),
        }
    }

    async fn to_staff(
        &self,
        job: &JobRow,
        account: AccountId,
        kind: String,
        now: DateTime<Utc>,
    ) -> Result<Prepared, ServiceError> {
        let (viewer, permission, _) = match self.staff(account, now).await? {
            Ok(found) => found,
            Err(refusal) => return Ok(Prepared::Suppress(refusal)),
        };
        let Some(case) = self.case_of(job).await? else {
            return Ok(Prepared::Suppress(Refusal::NoAccess));
        };
        if !may(viewer.role, Action::ReadCase, case.team.contains_key(&account)) {
            return Ok(Prepared::Suppress(Refusal::NoAccess));
        }
        let Some((_, deadline)) = job
            .about
            .as_deref()
            .map(EffectId::named)
            .and_then(|id| case.deadlines.get_key_value(&id))
            .filter(|(_, d)| still_true(&kind, d))
        else {
            return Ok(Prepared::Suppress(Refusal::Superseded));
        };
        let about = About::Deadline(Box::new(self.deadline_about(&case, deadline, now).await?));
        let pack = Some(self.library.words(&case.pack.name, &case.pack.hash));
        Ok(Prepared::Send(Box::new(Outgoing {
            permission,
            kind,
            pack,
            about,
        })))
    }

    async fn to_person(
        &self,
        job: &JobRow,
        person: &str,
        kind: String,
        now: DateTime<Utc>,
    ) -> Result<Prepared, ServiceError> {
        let Some(case) = self.case_of(job).await? else {
            return Ok(Prepared::Suppress(Refusal::NoAccess));
        };
        let Some(known) = case.people.get(person) else {
            return Ok(Prepared::Suppress(Refusal::NoContact));
        };
        // A hearing moved while the message waited for a decent hour: its date would be wrong.
        let about = job.about.as_deref().map(EffectId::named);
        if about.is_some_and(|id| case.deadlines.get(&id).is_some_and(|d| !d.is_open())) {
            return Ok(Prepared::Suppress(Refusal::Superseded));
        }
        let moment: Option<DateTime<Utc>> = job
            .payload
            .get("moment")
            .and_then(|v| serde_json::from_value(v.clone()).ok())
            .flatten();
        let permission = match Permission::check(&known.permissions, 0, case.safety_critical(), now) {
            Ok(permission) => permission,
            Err(refusal) => return Ok(Prepared::Suppress(refusal)),
        };
        let zone = self.zone_of(&case).await?;
        let hours = known
            .permissions
            .iter()
            .find(|p| p.address == permission.address())
            .and_then(|p| Some((p.safe_from?, p.safe_until?)));
        if let Some(until) = quiet_until(now, zone, hours) {
            // A deferral never passes what the message announces: then silence is the safer mistake.
            return Ok(match moment.filter(|m| *m <= until) {
                Some(_) => Prepared::Suppress(Refusal::TooLate),
                None => Prepared::Defer {
                    until,
                    reason: "quiet_hours",
                },
            });
        }
        let about = About::Family { moment, zone };
        Ok(Prepared::Send(Box::new(Outgoing {
            permission,
            kind,
            pack: None,
            about,
        })))
    }

    async fn digest(
        &self,
        account: AccountId,
        kind: &str,
        now: DateTime<Utc>,
    ) -> Result<Prepared, ServiceError> {
        let (viewer, permission, rate) = match self.staff(account, now).await? {
            Ok(found) => found,
            Err(refusal) => return Ok(Prepared::Suppress(refusal)),
        };
        if rate == DigestRate::Off {
            return Ok(Prepared::Suppress(Refusal::SwitchedOff));
        }
        let about = if kind == "stalled_digest" {
            if !may(viewer.role, Action::ReadBoard, false) {
                return Ok(Prepared::Suppress(Refusal::NoAccess));
            }
            let board = self.board(&viewer, now).await?;
            let heads = self.heads(now).await?;
            if board.stalled.is_empty() && board.blind.is_empty() && heads.is_empty() {
                return Ok(Prepared::Suppress(Refusal::NothingToSay));
            }
            About::Stalled(Box::new(board), heads)
        } else {
            let day = self.day(&viewer, now).await?;
            let silent = day.hearings_today.is_empty()
                && day.hearings_soon.is_empty()
                && day.deadlines_soon.is_empty()
                && day.overdue.is_empty()
                && day.tasks.is_empty();
            if silent {
                return Ok(Prepared::Suppress(Refusal::NothingToSay));
            }
            About::Morning(Box::new(day))
        };
        let kind = kind.to_owned();
        Ok(Prepared::Send(Box::new(Outgoing {
            permission,
            kind,
            pack: None,
            about,
        })))
    }

    /// An alarm is no digest: who wants no digests is told all the same.
    async fn alarm(
        &self,
        job: &JobRow,
        account: AccountId,
        now: DateTime<Utc>,
    ) -> Result<Prepared, ServiceError> {
        let permission = match self.staff(account, now).await? {
            Ok((viewer, permission, _)) if told(viewer.role) => permission,
            Ok(_) => return Ok(Prepared::Suppress(Refusal::NoAccess)),
            Err(refusal) => return Ok(Prepared::Suppress(refusal)),
        };
        let Some((from, until)) = silence(job) else {
            return Ok(Prepared::Suppress(Refusal::NothingToSay));
        };
        Ok(Prepared::Send(Box::new(Outgoing {
            permission,
            kind: ALARM.to_owned(),
            pack: None,
            about: About::Silence { from, until },
        })))
    }

    /// A member of staff as a recipient: still there, with a permission that holds, and how often digests are wanted.
    async fn staff(
        &self,
        account: AccountId,
        now: DateTime<Utc>,
    ) -> Result<Result<(Viewer, Permission, DigestRate), Refusal>, ServiceError> {
        let Some(row) = self.store.account(account.0).await?.filter(|a| a.active) else {
            return Ok(Err(Refusal::AccountClosed));
        };
        let address = self.profile(&row)?.email;
        let recorded: Vec<ContactPermission> = self
            .store
            .permissions(account.0)
            .await?
            .into_iter()
            .filter(|p| p.channel == Channel::Email.as_str() && p.revoked_at.is_none())
            .map(|p| ContactPermission {
                channel: Channel::Email,
                address: address.clone(),
                language: row.language.clone(),
                level: u8::try_from(p.level).unwrap_or(0),
                safe_from: None,
                safe_until: None,
                phone_at_risk: false,
                granted_at: p.granted_at,
                expires_at: p.expires_at,
            })
            .collect();
        Ok(match Permission::check(&recorded, STAFF_LEVEL, false, now) {
            Ok(permission) => Ok((self.viewer_of(&row)?, permission, row.digest)),
            Err(refusal) => Err(refusal),
        })
    }

    async fn case_of(&self, job: &JobRow) -> Result<Option<Case>, ServiceError> {
        let Some(id) = job.case_id else { return Ok(None) };
        match self.store.case(id).await? {
            Some(row) if !is_erased(&row) => self.opened(&row).await.map(Some),
            _ => Ok(None),
        }
    }

    async fn zone_of(&self, case: &Case) -> Result<Tz, ServiceError> {
        let pack = self.core.pinned(case).await?;
        let calendar = self.library.calendar_in(&pack, case.province())?;
        Ok(calendar.zone)
    }

    async fn deadline_about(
        &self,
        case: &Case,
        deadline: &Deadline,
        now: DateTime<Utc>,
    ) -> Result<DeadlineAbout, ServiceError> {
        let pack = self.core.pinned(case).await?;
        let calendar = self.library.calendar_in(&pack, case.province())?;
        let computed = &deadline.computed;
        let (shown_at, whole_day) = shown(computed.due_at, computed.last_day, &calendar);
        let rule = pack.deadlines.get(&deadline.rule);
        let place = case
            .instances
            .get(&deadline.instance)
            .and_then(|i| i.data.get("court"))
            .and_then(|v| v.as_str())
            .map(str::to_owned);
        Ok(DeadlineAbout {
            reference: case.reference.clone(),
            key: format!("deadline-{}", deadline.rule),
            hearing: rule.is_some_and(|r| r.hearing),
            shown_at,
            whole_day,
            internal_last_day: deadline.computed.internal_last_day,
            zone: calendar.zone,
            basis: rule.and_then(|r| r.basis.clone()),
            legal_kind: rule.map_or("internal", |r| r.kind.as_str()).to_owned(),
            confidence: rule.and_then(|r| r.confidence.clone()),
            caution: rule
                .map(|r| r.standing(calendar.local_date(now)))
                .filter(|standing| *standing != Standing::InForce)
                .map(|standing| standing.as_str().to_owned()),
            place,
        })
    }
}

/// Whether what a staff message says of a deadline still holds: it runs, or the message is of the very miss that ended it.
fn still_true(kind: &str, deadline: &Deadline) -> bool {
    deadline.is_open() || (kind == "missed" && deadline.ended_at == deadline.missed_at)
}

/// The end of the silent hours `now` falls in; none if it is a good time. Without the person's own safe hours the night
/// is silent.
fn quiet_until(now: DateTime<Utc>, zone: Tz, safe: Option<(NaiveTime, NaiveTime)>) -> Option<DateTime<Utc>> {
    let local = now.with_timezone(&zone);
    let (from, until) = safe.unwrap_or((NIGHT_UNTIL, NIGHT_FROM));
    let time = local.time();
    let good = if from <= until {
        from <= time && time < until
    } else {
        time >= from || time < until
    };
    if good {
        return None;
    }
    let day = if time < from {
        local.date_naive()
    } else {
        local.date_naive() + TimeDelta::days(1)
    };
    day.and_time(from)
        .and_local_timezone(zone)
        .earliest()
        .map(|at| at.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::Asia::Karachi;

    #[test]
    fn nights_are_silent_and_safe_hours_win() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        // 22:30 in Karachi: wait until 08:00 the next morning, 03:00 UTC.
        assert_eq!(
            quiet_until(at("2026-03-02T17:30:00Z"), Karachi, None),
            Some(at("2026-03-03T03:00:00Z"))
        );
        assert_eq!(quiet_until(at("2026-03-02T06:00:00Z"), Karachi, None), None);
        let noon = Some(("12:00:00".parse().unwrap(), "14:00:00".parse().unwrap()));
        assert_eq!(
            quiet_until(at("2026-03-02T06:00:00Z"), Karachi, noon),
            Some(at("2026-03-02T07:00:00Z"))
        );
        assert_eq!(quiet_until(at("2026-03-02T08:00:00Z"), Karachi, noon), None);
        assert_eq!(
            quiet_until(at("2026-03-02T10:00:00Z"), Karachi, noon),
            Some(at("2026-03-03T07:00:00Z"))
        );
    }
}
