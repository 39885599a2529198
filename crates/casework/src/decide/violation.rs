//! Commands on the register of violations: what must be known before a record may move on.
//! Knows the register; not who may ask.

use super::draft::Draft;
use super::pack_fault;
use crate::command::{Command, Rejection};
use crate::fact::Fact;
use crate::ids::InstanceId;
use crate::violation::{Status, Violation};

/// Carries out a command on the register; false for any other command.
pub(super) fn register(draft: &mut Draft<'_>, command: &Command) -> Result<bool, Rejection> {
    let (number, fact) = match command {
        Command::NoteViolation {
            code,
            concerns,
            details,
        } => {
            let known = draft.ctx.pack.violation_codes();
            if !known.contains(code) && !draft.ctx.pack.loose {
                return Err(Rejection::Unknown {
                    what: "violation code",
                    name: code.clone(),
                });
            }
            let concerns = concerns.clone().unwrap_or_else(InstanceId::root);
            if !draft.case.instances.contains_key(&concerns) {
                return Err(Rejection::NoInstance(concerns));
            }
            let fact = Fact::ViolationNoted {
                code: code.clone(),
                concerns: Some(concerns),
                details: details.clone(),
            };
            (None, fact)
        }
        Command::DocumentViolation { violation, details } => {
            let details = record(draft, *violation)?.details.with(details);
            let missing = details.missing();
            if !missing.is_empty() {
                return Err(Rejection::Form(missing));
            }
            let fact = Fact::ViolationDocumented {
                violation: *violation,
                details,
            };
            (Some(*violation), fact)
        }
        Command::VerifyViolation { violation } => {
            at_least(draft, *violation, Status::Documented)?;
            let fact = Fact::ViolationVerified {
                violation: *violation,
            };
            (Some(*violation), fact)
        }
        Command::UseViolation { violation, complaint } => {
            at_least(draft, *violation, Status::Verified)?;
            let fact = Fact::ViolationUsed {
                violation: *violation,
                complaint: told("complaint", complaint)?,
            };
            (Some(*violation), fact)
        }
        Command::PublishViolation {
            violation,
            publishable,
            reason,
        } => {
            if *publishable {
                at_least(draft, *violation, Status::Verified)?;
            }
            let fact = Fact::ViolationPublishable {
                violation: *violation,
                publishable: *publishable,
                reason: told("reason", reason)?,
            };
            (Some(*violation), fact)
        }
        _ => return Ok(false),
    };
    let instance = match (&fact, number) {
        (Fact::ViolationNoted { concerns, .. }, _) => concerns.clone(),
        (_, Some(number)) => record(draft, number)?.concerns.clone(),
        _ => None,
    };
    let pack = draft.ctx.pack;
    draft
        .record(instance.as_ref(), fact)
        .map_err(|e| pack_fault(pack, &e))?;
    Ok(true)
}

fn record<'d>(draft: &'d Draft<'_>, number: u32) -> Result<&'d Violation, Rejection> {
    draft.case.violation(number).ok_or_else(|| Rejection::Unknown {
        what: "violation",
        name: number.to_string(),
    })
}

fn at_least(draft: &Draft<'_>, number: u32, needs: Status) -> Result<(), Rejection> {
    let is = record(draft, number)?.status;
    if is >= needs {
        return Ok(());
    }
    Err(Rejection::TooSoon {
        violation: number,
        is,
        needs,
    })
}

/// A text that may not be left empty.
pub(super) fn told(field: &str, text: &str) -> Result<String, Rejection> {
    let text = text.trim();
    let problem = match text.chars().count() {
        0 => "required",
        n if n > crate::form::MAX_TEXT => "too_long",
        _ => return Ok(text.to_owned()),
    };
    Err(Rejection::of_field(field, problem))
}
