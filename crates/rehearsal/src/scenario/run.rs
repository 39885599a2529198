//! Lives a story and notes where it is not as told. Knows the story and a rehearsal.

use chrono::{DateTime, NaiveTime, Utc};
use peshi_calendar::Calendar;
use peshi_casework::pack::Pack;
use peshi_casework::{Command, ContactPermission, InstanceId, form};
use serde::Serialize;
use serde_saphyr::{Location, Spanned};

use super::Difference;
use super::compare::compare;
use super::situation::Situation;
use super::yaml::{ExpectYaml, PersonYaml, ScenarioYaml, StepYaml};
use crate::error::{RehearsalError, said};
use crate::life::{Happened, Message, Rehearsal, Stage, Who};
use crate::span::Span;

/// A story that was read.
#[derive(Debug, Clone)]
pub struct Scenario {
    file: String,
    yaml: ScenarioYaml,
}

/// How a story went.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The file.
    pub file: String,
    /// The story's name.
    pub scenario: String,
    /// How many steps it has.
    pub steps: usize,
    /// What is not as told, in order; nothing when all is well.
    pub differences: Vec<Difference>,
}

impl Scenario {
    /// The province of the case it tells of, which chooses its calendar.
    pub fn province(&self) -> Option<&str> {
        peshi_casework::province(&self.yaml.opening)
    }

    /// Reads a story.
    ///
    /// # Errors
    /// [`RehearsalError::Scenario`] with the place.
    pub fn parse(file: &str, text: &str) -> Result<Self, RehearsalError> {
        let options = serde_saphyr::options! { strict_booleans: true };
        let yaml: ScenarioYaml = serde_saphyr::from_str_with_options(text, options).map_err(|e| {
            let message = e.to_string();
            let first = message
                .lines()
                .next()
                .unwrap_or_default()
                .trim_start_matches("error: ");
            // The place is told before it.
            let first = first
                .split_once(": ")
                .filter(|(place, _)| place.starts_with("line "))
                .map_or(first, |s| s.1);
            RehearsalError::Scenario {
                file: file.to_owned(),
                line: e.location().map_or(1, |l| l.line()),
                problem: format!("{first}; docs/workflow-packs.md shows how a story is written"),
            }
        })?;
        Ok(Self {
            file: file.to_owned(),
            yaml,
        })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.yaml.scenario
    }

    /// What it is about.
    pub fn about(&self) -> &str {
        &self.yaml.about
    }
}

/// Lives a story with a pack.
///
/// # Errors
/// [`RehearsalError`] when the story itself is wrong: a moment that cannot be read, a case that cannot begin.
pub fn run(scenario: &Scenario, pack: &Pack, calendar: &Calendar) -> Result<Report, RehearsalError> {
    let yaml = &scenario.yaml;
    let mut calendar = calendar.clone();
    calendar.closed.extend(yaml.closed.iter().cloned());
    let stage = Stage {
        pack,
        calendar: &calendar,
    };
    let file = &scenario.file;
    let from = moment(file, &yaml.from, &calendar)?;
    let team = if yaml.team.is_empty() {
        &pack.roles
    } else {
        &yaml.team
    };
    let (rehearsal, happened) = Rehearsal::open(stage, from, yaml.opening.clone(), team)?;
    let mut teller = Teller {
        file,
        rehearsal,
        differences: Vec::new(),
    };
    teller.people(&yaml.people)?;
    if let Some(expect) = &yaml.expect {
        teller.look(0, "opening", expect, &happened, None);
    }
    for (n, step) in yaml.steps.iter().enumerate() {
        teller.step(n + 1, step)?;
    }
    Ok(Report {
        file: file.clone(),
        scenario: yaml.scenario.clone(),
        steps: yaml.steps.len(),
        differences: teller.differences,
    })
}

/// A story being told.
struct Teller<'s, 'p> {
    file: &'s str,
    rehearsal: Rehearsal<'p>,
    differences: Vec<Difference>,
}

impl Teller<'_, '_> {
    fn calendar(&self) -> &Calendar {
        self.rehearsal.stage().calendar
    }

    fn moment(&self, written: &Spanned<String>) -> Result<DateTime<Utc>, RehearsalError> {
        moment(self.file, written, self.calendar())
    }

    fn wrong(&self, at: Location, problem: impl Into<String>) -> RehearsalError {
        wrong(self.file, at, problem)
    }

    fn people(&mut self, people: &[PersonYaml]) -> Result<(), RehearsalError> {
        for (n, person) in people.iter().enumerate() {
            let mut commands = vec![Command::AddPerson {
                role: person.role.clone(),
                name: person
                    .name
                    .clone()
                    .unwrap_or_else(|| "Somebody Invented".to_owned()),
            }];
            if let Some(given) = &person.permission {
                let permission = ContactPermission {
                    channel: given.channel,
                    address: "0300-0000000".to_owned(),
                    language: "ur".to_owned(),
                    level: given.level,
                    safe_from: None,
                    safe_until: None,
                    phone_at_risk: given.phone_at_risk,
                    granted_at: self.rehearsal.now(),
                    expires_at: self.moment(&given.until)?,
                };
                commands.push(Command::GrantPermission {
                    person: format!("person-{}", n + 1),
                    permission,
                });
            }
            for command in commands {
                // Both are of a new case's own making and cannot be refused.
                let _ = self.rehearsal.command(Who::Somebody, &command, None)?;
            }
        }
        Ok(())
    }

    fn step(&mut self, n: usize, step: &Spanned<StepYaml>) -> Result<(), RehearsalError> {
        let (at, step) = (step.referenced, &step.value);
        let acts = [
            step.event.is_some(),
            step.advance.is_some(),
            step.until.is_some(),
            step.asleep.is_some(),
            step.withdraw.is_some(),
            step.finish.is_some(),
        ];
        if acts.iter().filter(|act| **act).count() > 1 {
            return Err(self.wrong(
                at,
                "a step does one thing: do, advance, until, asleep, withdraw or finish",
            ));
        }
        let mut happened = Vec::new();
        if let Some(until) = step.at.as_ref().or(step.until.as_ref()) {
            let until_at = self.moment(until)?;
            if until_at < self.rehearsal.now() {
                let now = self.local_now();
                return Err(self.wrong(
                    until.referenced,
                    format!("time does not go back: it is {now} already"),
                ));
            }
            happened.extend(self.rehearsal.advance_to(until_at)?);
        }
        if let Some(span) = step.after.as_ref().or(step.advance.as_ref()) {
            let until = self.after(span)?;
            happened.extend(self.rehearsal.advance_to(until)?);
        }
        if let Some(span) = &step.asleep {
            let until = self.after(span)?;
            happened.extend(self.rehearsal.sleep_until(until)?);
        }
        let refused = self.act(at, step, &mut happened)?;
        let doing = doing(step);
        if let Some(reason) = refused.as_ref().filter(|_| !expects_refusal(step)) {
            self.differences.push(Difference {
                file: self.file.to_owned(),
                line: at.line(),
                step: n,
                doing: doing.clone(),
                what: "accepted".to_owned(),
                expected: "it is accepted".to_owned(),
                got: reason.clone(),
            });
        }
        for fault in happened.iter().filter_map(|h| h.fault.as_ref()) {
            self.differences.push(Difference {
                file: self.file.to_owned(),
                line: at.line(),
                step: n,
                doing: doing.clone(),
                what: "timer".to_owned(),
                expected: "every timer can be carried out".to_owned(),
                got: said(fault),
            });
        }
        if let Some(expect) = &step.expect {
            self.look(n, &doing, expect, &happened, refused.as_deref());
        }
        Ok(())
    }

    /// The moment a written span from now.
    fn after(&self, span: &Spanned<String>) -> Result<DateTime<Utc>, RehearsalError> {
        let read = Span::parse(&span.value).map_err(|e| self.wrong(span.referenced, e.to_string()))?;
        Ok(read.after(self.rehearsal.now(), self.calendar())?)
    }

    /// Does what the step says beyond waiting; gives the reason if it is refused.
    fn act(
        &mut self,
        at: Location,
        step: &StepYaml,
        happened: &mut Vec<Happened>,
    ) -> Result<Option<String>, RehearsalError> {
        let who = step.role.as_deref().map_or(Who::Somebody, Who::Role);
        let occurred_at = step.happened.as_ref().map(|m| self.moment(m)).transpose()?;
        let mut commands = Vec::new();
        if let Some(event) = &step.event {
            commands.push(Command::Event {
                instance: step
                    .instance
                    .as_ref()
                    .map_or_else(InstanceId::root, InstanceId::named),
                event: event.clone(),
                form: step.form.clone(),
                known: peshi_casework::Knowledge::default(),
            });
        } else if step.instance.is_some()
            || step.role.is_some()
            || !step.form.is_empty()
            || occurred_at.is_some()
        {
            return Err(self.wrong(
                at,
                "`instance`, `role`, `form` and `happened` belong to a step with `do`",
            ));
        }
        let case = self.rehearsal.case();
        if let Some(role) = &step.withdraw {
            let people = case.people.iter().filter(|(_, p)| p.role == *role);
            commands.extend(people.map(|(id, _)| Command::RevokePermission { person: id.clone() }));
        }
        if let Some(key) = &step.finish {
            let open = case
                .tasks
                .iter()
                .filter(|(_, t)| t.key == *key && t.done_at.is_none());
            commands.extend(open.map(|(id, _)| Command::FinishTask { task: id.clone() }));
        }
        if commands.is_empty() && (step.withdraw.is_some() || step.finish.is_some()) {
            return Ok(Some(
                "there is nobody with that role, or no such open task".to_owned(),
            ));
        }
        for command in commands {
            match self.rehearsal.command(who, &command, occurred_at)? {
                Ok(more) => happened.extend(more),
                Err(rejection) => return Ok(Some(said(&rejection))),
            }
        }
        Ok(None)
    }

    fn look(
        &mut self,
        n: usize,
        doing: &str,
        expect: &ExpectYaml,
        happened: &[Happened],
        refused: Option<&str>,
    ) {
        let messages: Vec<Message> = happened.iter().flat_map(|h| h.messages.clone()).collect();
        let stage = self.rehearsal.stage();
        let seen = Situation::of(
            stage.pack,
            stage.calendar,
            self.rehearsal.case(),
            self.rehearsal.board(),
            &messages,
            self.rehearsal.now(),
        );
        let found = compare(expect, &seen, refused);
        self.differences.extend(found.into_iter().map(|found| Difference {
            file: self.file.to_owned(),
            line: found.line,
            step: n,
            doing: doing.to_owned(),
            what: found.what,
            expected: found.expected,
            got: found.got,
        }));
    }

    fn local_now(&self) -> String {
        let local = peshi_casework::time::local(self.rehearsal.now(), self.calendar());
        local.format("%Y-%m-%d %H:%M").to_string()
    }
}

fn expects_refusal(step: &StepYaml) -> bool {
    step.expect.as_ref().is_some_and(|e| e.refused.is_some())
}

fn doing(step: &StepYaml) -> String {
    let text =
        |written: &Option<Spanned<String>>| written.as_ref().map(|w| w.value.clone()).unwrap_or_default();
    if let Some(event) = &step.event {
        let place = step
            .instance
            .as_ref()
            .map(|i| format!(" in {i}"))
            .unwrap_or_default();
        return format!("do {event}{place}");
    }
    match (&step.withdraw, &step.finish) {
        (Some(role), _) => format!("withdraw {role}"),
        (_, Some(task)) => format!("finish {task}"),
        _ if step.advance.is_some() => format!("advance {}", text(&step.advance)),
        _ if step.until.is_some() => format!("until {}", text(&step.until)),
        _ if step.asleep.is_some() => format!("asleep {}", text(&step.asleep)),
        _ => "look".to_owned(),
    }
}

/// A local moment, or the beginning of a local day.
fn moment(
    file: &str,
    written: &Spanned<String>,
    calendar: &Calendar,
) -> Result<DateTime<Utc>, RehearsalError> {
    let text = written.value.trim();
    let local = form::moment(text).or_else(|| Some(form::date(text)?.and_time(NaiveTime::MIN)));
    let local = local.ok_or_else(|| {
        wrong(
            file,
            written.referenced,
            format!("`{text}` is no moment; write 2026-03-02 10:00, or 2026-03-02 for the day's beginning"),
        )
    })?;
    Ok(calendar.at_local(local.date(), local.time()))
}

fn wrong(file: &str, at: Location, problem: impl Into<String>) -> RehearsalError {
    RehearsalError::Scenario {
        file: file.to_owned(),
        line: at.line(),
        problem: problem.into(),
    }
}
