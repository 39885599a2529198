//! Use cases on one case: open it, record an event, people and their permissions, tasks, the team.

use chrono::{DateTime, Datelike, NaiveTime, TimeDelta, Utc};
use peshi_casework::{
    AccountId, Actor, Channel, Command, ContactPermission, EffectId, Fields, InstanceId, Knowledge, province,
    time,
};
use peshi_store::{AuditEntry, CaseRow};
use uuid::Uuid;

use crate::Service;
use crate::access::{Action, Viewer, may, require};
use crate::erasure::is_erased;
use crate::error::ServiceError;
use crate::writing::{Outcome, Submission};

/// An event as an edge brings it.
#[derive(Debug, Clone, Default)]
pub struct RecordEvent {
    /// Where.
    pub instance: String,
    /// What.
    pub event: String,
    /// As filled in.
    pub form: Fields,
    /// When it happened; none means now.
    pub occurred_at: Option<DateTime<Utc>>,
    /// When it happened where that is known only roughly, since when it is known, who told it.
    pub known: Knowledge,
    /// The version the person saw.
    pub expected_version: Option<i64>,
}

/// A case to be opened.
#[derive(Debug, Clone, Default)]
pub struct NewCase {
    /// The pack.
    pub pack: String,
    /// The opening form.
    pub form: Fields,
    /// Colleagues who join the team besides the opener.
    pub team: Vec<(AccountId, String)>,
    /// When it happened; none means now.
    pub occurred_at: Option<DateTime<Utc>>,
}

/// A family member's permission as filled in.
#[derive(Debug, Clone)]
pub struct GrantPermission {
    /// `email` or `sms`.
    pub channel: String,
    /// The address or number.
    pub address: String,
    /// `en`, `ur`, `ur-Latn`.
    pub language: String,
    /// For how many days, at most 90.
    pub days: i64,
    /// Beginning of the safe hours, local.
    pub safe_from: Option<NaiveTime>,
    /// Their end.
    pub safe_until: Option<NaiveTime>,
    /// Somebody dangerous may hold the phone.
    pub phone_at_risk: bool,
}

/// What people can be in a case; worded in the locales as `person-ROLE`.
pub const PERSON_ROLES: [&str; 6] = [
    "affected_person",
    "family_contact",
    "accused",
    "witness",
    "counsel",
    "officer",
];

impl Service {
    /// Opens a case and puts the opener into its team.
    ///
    /// # Errors
    /// A role that may not, a pack that is not there, a form with faults.
    pub async fn open_case(
        &self,
        viewer: &Viewer,
        pack: &str,
        form: Fields,
        now: DateTime<Utc>,
    ) -> Result<String, ServiceError> {
        let new = NewCase {
            pack: pack.to_owned(),
            form,
            ..NewCase::default()
        };
        self.open_case_with(viewer, new, now).await
    }

    /// Opens a case with a team.
    ///
    /// # Errors
    /// As [`Service::open_case`].
    pub async fn open_case_with(
        &self,
        viewer: &Viewer,
        new: NewCase,
        now: DateTime<Utc>,
    ) -> Result<String, ServiceError> {
        require(viewer.role, Action::OpenCase, "open a case")?;
        let pack = self
            .library
            .current(&new.pack)
            .ok_or_else(|| ServiceError::invalid(format!("there is no pack named `{}`", new.pack)))?;
        let calendar = self.library.calendar_in(&pack, province(&new.form))?;
        let year = time::local_date(now, &calendar).year();
        let case = self.new_case_id(now);
        let mut team = vec![(viewer.account, viewer.role.as_str().to_owned())];
        team.extend(new.team);
        let role = viewer.role.as_str().to_owned();
        let command = Command::Open {
            case,
            // Given by the writer, which knows the next number of the year.
            reference: String::new(),
            form: new.form,
            team,
        };
        let occurred_at = new.occurred_at.unwrap_or(now);
        let submission = Submission {
            pack: Some(new.pack),
            numbered_in: Some(year),
            ..Submission::new(
                case.0,
                command,
                Actor::Account(viewer.account),
                Some(role),
                occurred_at,
            )
        };
        let outcome = self.submit(&[submission], now).await?.pop();
        let outcome = outcome.ok_or(ServiceError::NotFound)??;
        Ok(outcome.reference)
    }

    /// Records an event of a case.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] if the case is not open to the viewer; the rejection with its reason.
    pub async fn record(
        &self,
        viewer: &Viewer,
        reference: &str,
        event: RecordEvent,
        now: DateTime<Utc>,
    ) -> Result<i64, ServiceError> {
        let (case, role) = self.changeable(viewer, reference).await?;
        let command = Command::Event {
            instance: InstanceId::named(event.instance),
            event: event.event,
            form: event.form,
            known: event.known,
        };
        let occurred_at = event.occurred_at.unwrap_or(now);
        let outcome = self
            .submit_as(
                viewer,
                &case,
                role,
                command,
                occurred_at,
                event.expected_version,
                now,
            )
            .await?;
        Ok(outcome.version)
    }

    /// Marks a task as done.
    ///
    /// # Errors
    /// As [`Service::record`].
    pub async fn finish_task(
        &self,
        viewer: &Viewer,
        reference: &str,
        task: &str,
        now: DateTime<Utc>,
    ) -> Result<(), ServiceError> {
        self.simple(
            viewer,
            reference,
            Command::FinishTask {
                task: EffectId::named(task),
            },
            now,
        )
        .await?;
        Ok(())
    }

    /// Records a person of the case; gives the id within the case.
    ///
    /// # Errors
    /// As [`Service::record`]; an empty name.
    pub async fn add_person(
        &self,
        viewer: &Viewer,
        reference: &str,
        role: &str,
        name: &str,
        now: DateTime<Utc>,
    ) -> Result<String, ServiceError> {
        if name.trim().is_empty() {
            return Err(ServiceError::invalid("the name is empty; an alias is enough"));
        }
        if !PERSON_ROLES.contains(&role) {
            return Err(ServiceError::invalid(format!(
                "`{role}` is not a role; use one of {}",
                PERSON_ROLES.join(", ")
            )));
        }
        let command = Command::AddPerson {
            role: role.to_owned(),
            name: name.trim().to_owned(),
        };
        let outcome = self.simple(viewer, reference, command, now).await?;
        Ok(format!("person-{}", outcome.decision.case().people.len()))
    }

    /// Records that a person allows contact. Families are told nothing beyond level 0.
    ///
    /// # Errors
    /// As [`Service::record`]; a channel, address or length of time that makes no sense.
    pub async fn grant_permission(
        &self,
        viewer: &Viewer,
        reference: &str,
        person: &str,
        given: GrantPermission,
        now: DateTime<Utc>,
    ) -> Result<(), ServiceError> {
        let channel = match given.channel.as_str() {
            "email" => Channel::Email,
            "sms" => Channel::Sms,
            other => {
                return Err(ServiceError::invalid(format!(
                    "`{other}` is not a channel; use email or sms"
                )));
            }
        };
        if !["en", "ur", "ur-Latn"].contains(&given.language.as_str()) {
            return Err(ServiceError::invalid("the language must be en, ur or ur-Latn"));
        }
        if !(1..=90).contains(&given.days) {
            return Err(ServiceError::invalid(
                "a permission holds for 1 to 90 days; then it must be asked again",
            ));
        }
        let permission = ContactPermission {
            channel,
            address: contact_address(channel, &given.address)?,
            language: given.language,
            level: 0,
            safe_from: given.safe_from,
            safe_until: given.safe_until,
            phone_at_risk: given.phone_at_risk,
            granted_at: now,
            expires_at: now + TimeDelta::days(given.days),
        };
        let command = Command::GrantPermission {
            person: person.to_owned(),
            permission,
        };
        self.simple(viewer, reference, command, now).await?;
        Ok(())
    }

    /// Records that a person withdrew every permission.
    ///
    /// # Errors
    /// As [`Service::record`].
    pub async fn revoke_permission(
        &self,
        viewer: &Viewer,
        reference: &str,
        person: &str,
        now: DateTime<Utc>,
    ) -> Result<(), ServiceError> {
        let command = Command::RevokePermission {
            person: person.to_owned(),
        };
        self.simple(viewer, reference, command, now).await?;
        Ok(())
    }

    pub(crate) async fn simple(
        &self,
        viewer: &Viewer,
        reference: &str,
        command: Command,
        now: DateTime<Utc>,
    ) -> Result<Outcome, ServiceError> {
        let (case, role) = self.changeable(viewer, reference).await?;
        self.submit_as(viewer, &case, role, command, now, None, now).await
    }

    /// The same for what not every role in the team may do.
    pub(crate) async fn reserved(
        &self,
        viewer: &Viewer,
        reference: &str,
        (action, what): (Action, &'static str),
        command: Command,
        now: DateTime<Utc>,
    ) -> Result<Outcome, ServiceError> {
        let (case, role) = self.changeable(viewer, reference).await?;
        if !may(viewer.role, action, true) {
            return Err(ServiceError::Forbidden { what });
        }
        self.submit_as(viewer, &case, role, command, now, None, now).await
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "each is a separate fact of one submission"
    )]
    pub(crate) async fn submit_as(
        &self,
        viewer: &Viewer,
        case: &CaseRow,
        role: String,
        command: Command,
        occurred_at: DateTime<Utc>,
        expected_version: Option<i64>,
        now: DateTime<Utc>,
    ) -> Result<Outcome, ServiceError> {
        let actor = Actor::Account(viewer.account);
        let submission = Submission {
            expected_version,
            ..Submission::new(case.id, command, actor, Some(role), occurred_at)
        };
        let outcome = self.submit(&[submission], now).await?.pop();
        Ok(outcome.ok_or(ServiceError::NotFound)??)
    }

    /// The case, if the viewer may change it, with the role they act in: theirs in its team, else theirs in the office.
    pub(crate) async fn changeable(
        &self,
        viewer: &Viewer,
        reference: &str,
    ) -> Result<(CaseRow, String), ServiceError> {
        let (row, role) = self.gated_case(viewer, reference, Action::ChangeCase).await?;
        Ok((row, role.unwrap_or_else(|| viewer.role.as_str().to_owned())))
    }

    /// The case, if the gate lets the viewer do `action` with it; else it is not there for them.
    pub(crate) async fn allowed_case(
        &self,
        viewer: &Viewer,
        reference: &str,
        action: Action,
    ) -> Result<CaseRow, ServiceError> {
        Ok(self.gated_case(viewer, reference, action).await?.0)
    }

    /// The same with the viewer's role in the case's team, if they are in it.
    async fn gated_case(
        &self,
        viewer: &Viewer,
        reference: &str,
        action: Action,
    ) -> Result<(CaseRow, Option<String>), ServiceError> {
        let row = self
            .store
            .case_by_reference(reference)
            .await?
            .ok_or(ServiceError::NotFound)?;
        let team = self.store.team(row.id).await?;
        let role = team
            .into_iter()
            .find(|t| t.account_id == viewer.account.0)
            .map(|t| t.role);
        if !may(viewer.role, action, role.is_some()) {
            return Err(ServiceError::NotFound);
        }
        // What is left of an erased case is its chain.
        if is_erased(&row) && action != Action::ExportJournal {
            return Err(ServiceError::Erased {
                reference: row.reference,
            });
        }
        Ok((row, role))
    }

    /// Notes that somebody read something sealed; if this cannot be written, the reading fails.
    pub(crate) async fn note_reading(
        &self,
        viewer: &Viewer,
        action: &str,
        case: Uuid,
        now: DateTime<Utc>,
    ) -> Result<(), ServiceError> {
        self.note(AuditEntry {
            at: now,
            actor: format!("account:{}", viewer.account),
            action: action.to_owned(),
            resource: format!("case:{case}"),
            detail: None,
        })
        .await
    }
}

fn contact_address(channel: Channel, text: &str) -> Result<String, ServiceError> {
    let text = text.trim();
    match channel {
        Channel::Email if text.contains('@') && !text.contains(char::is_whitespace) => Ok(text.to_owned()),
        Channel::Email => Err(ServiceError::invalid("this is not a mail address")),
        Channel::Sms => peshi_casework::form::phone(text)
            .ok_or_else(|| ServiceError::invalid("this is not a phone number; write it as 0300-0000000")),
    }
}
