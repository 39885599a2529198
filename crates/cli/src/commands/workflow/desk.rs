//! `peshi workflow simulate` by hand: the state in words, what may be recorded by number, time to the next due thing.
//! Reads lines and writes lines, so a pipe can drive it as well as a person.

use std::io::{BufRead, Write};

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use peshi_casework::pack::{Field, FieldKind, Form};
use peshi_casework::{Allowed, Fields, InstanceId, time};
use peshi_rehearsal::script::{Line, Player, Script, Step};
use peshi_rehearsal::{FiredWhat, Span, Stage, Who, values};
use serde_json::Value;

use super::simulate::wall;
use super::words::Words;

const KEYS: &str = "a number records · t: to the next due thing · + 3 days: wait · u: undo · s FILE: save as a script · q: quit";

/// The desk of one rehearsal.
pub(super) struct Desk<'p, R, W> {
    stage: Stage<'p>,
    words: Words,
    input: R,
    output: W,
    script: Script,
    /// Every situation so far; the last is now.
    past: Vec<Player<'p>>,
}

/// What a line asked for.
enum Ask {
    Record(usize),
    NextDue,
    Wait(Span),
    Undo,
    Save(String),
    Quit,
    Unclear,
}

impl<'p, R: BufRead, W: Write> Desk<'p, R, W> {
    pub(super) fn new(stage: Stage<'p>, words: Words, input: R, output: W) -> Self {
        Self {
            stage,
            words,
            input,
            output,
            script: Script::default(),
            past: Vec::new(),
        }
    }

    /// Plays until the reader quits or the lines end.
    pub(super) fn run(&mut self, from: DateTime<Utc>) -> Result<()> {
        let pack = self.stage.pack;
        if let Some(form) = pack.opening.as_ref().and_then(|name| pack.forms.get(name)) {
            let Some(fields) = self.ask_form(form, from)? else {
                return Ok(());
            };
            self.script.opening = fields;
        }
        let (player, line) = Player::start(self.stage, from, self.script.opening.clone())?;
        self.past.push(player);
        self.tell(&line)?;
        loop {
            let possible = self.now().rehearsal().allowed(Who::Somebody);
            self.show(&possible)?;
            let Some(line) = self.line()? else { return Ok(()) };
            match ask(&line) {
                Ask::Quit => return Ok(()),
                Ask::Record(n) => match n.checked_sub(1).and_then(|n| possible.get(n)) {
                    Some(chosen) => self.record(&chosen.clone())?,
                    None => writeln!(self.output, "There is no number {n}.")?,
                },
                Ask::NextDue => self.next_due()?,
                Ask::Wait(span) => self.play(Step::Advance(span))?,
                Ask::Undo => self.undo()?,
                Ask::Save(file) => self.save(&file)?,
                Ask::Unclear => writeln!(self.output, "{KEYS}")?,
            }
        }
    }

    fn now(&self) -> &Player<'p> {
        self.past.last().expect("the first situation is never undone")
    }

    fn wall(&self, at: DateTime<Utc>) -> String {
        wall(at, self.stage.calendar)
    }

    fn show(&mut self, possible: &[Allowed]) -> Result<()> {
        let rehearsal = self.now().rehearsal();
        let case = rehearsal.case();
        let mut lines = vec![String::new(), self.wall(rehearsal.now())];
        let root = InstanceId::root();
        for id in std::iter::once(&root).chain(rehearsal.children()) {
            let chart = self.stage.pack.charts.get(&case.instances[id].chart);
            let chart = chart.map_or(id.as_str(), |spec| spec.chart.name());
            let states: Vec<String> = rehearsal
                .configuration(id)
                .iter()
                .map(|state| self.words.state(chart, state))
                .collect();
            lines.push(format!("  {id}: {}", states.join(" | ")));
        }
        let board = rehearsal.board();
        if board.closed {
            lines.push("  The case counts as closed.".to_owned());
        }
        if let (Some(who), Some(since)) = (board.waiting_on, board.waiting_since) {
            lines.push(format!(
                "  Waiting on: {}, since {}",
                who.as_str(),
                self.wall(since)
            ));
        }
        lines.push(match self.due_next() {
            Some(due) => format!("  Due next: {due}"),
            None => "  Nothing is due.".to_owned(),
        });
        for (n, allowed) in possible.iter().enumerate() {
            let event = self.words.event(&allowed.event);
            lines.push(format!("  {:>3}  {}: {event}", n + 1, allowed.instance));
        }
        write!(self.output, "{}\n> ", lines.join("\n"))?;
        self.output.flush()?;
        Ok(())
    }

    fn due_next(&self) -> Option<String> {
        let rehearsal = self.now().rehearsal();
        let due_at = rehearsal.next_due()?;
        let timers = rehearsal.case().timers.values();
        let what: Vec<String> = timers
            .filter(|timer| timer.due_at == due_at)
            .map(|timer| match rehearsal.purpose(&timer.purpose) {
                FiredWhat::Event(event) => event,
                FiredWhat::Due(rule) => self.words.deadline(&rule),
                FiredWhat::Rung(rule, rung) => format!("{} ({rung})", self.words.deadline(&rule)),
            })
            .collect();
        Some(format!("{}: {}", self.wall(due_at), what.join("; ")))
    }

    fn record(&mut self, chosen: &Allowed) -> Result<()> {
        let form = chosen
            .form
            .as_ref()
            .and_then(|name| self.stage.pack.forms.get(name));
        let now = self.now().rehearsal().now();
        let data = match form {
            Some(form) => match self.ask_form(form, now)? {
                Some(data) => data,
                None => return Ok(()),
            },
            None => Fields::new(),
        };
        self.play(Step::Event {
            event: chosen.event.clone(),
            data,
            instance: chosen.instance.clone(),
            role: None,
        })
    }

    fn next_due(&mut self) -> Result<()> {
        let rehearsal = self.now().rehearsal();
        let Some(due_at) = rehearsal.next_due() else {
            writeln!(self.output, "Nothing is due.")?;
            return Ok(());
        };
        let millis = (due_at - rehearsal.now()).num_milliseconds();
        let span = Span::from(peshi_calendar::Period::Millis(millis));
        self.play(Step::Advance(span))
    }

    fn play(&mut self, step: Step) -> Result<()> {
        let mut next = self.now().clone();
        match next.play(&step) {
            Ok(line) => {
                if line.accepted {
                    self.script.steps.push(step);
                    self.past.push(next);
                }
                self.tell(&line)
            }
            Err(error) => {
                writeln!(self.output, "That cannot be: {error}")?;
                Ok(())
            }
        }
    }

    fn undo(&mut self) -> Result<()> {
        if self.script.steps.pop().is_some() {
            self.past.pop();
        } else {
            writeln!(self.output, "There is nothing to undo.")?;
        }
        Ok(())
    }

    fn save(&mut self, file: &str) -> Result<()> {
        std::fs::write(file, self.script.to_json()).with_context(|| format!("{file} cannot be written"))?;
        writeln!(
            self.output,
            "Saved {} steps; `peshi workflow simulate … --script {file}` plays them again.",
            self.script.steps.len()
        )?;
        Ok(())
    }

    /// What came of a step, beyond the new state.
    fn tell(&mut self, line: &Line) -> Result<()> {
        if let Some(reason) = &line.reason {
            writeln!(self.output, "Refused: {reason}")?;
        }
        for fired in &line.fired {
            let what = match (&fired.event, &fired.deadline, &fired.reminder) {
                (Some(event), _, _) => event.clone(),
                (_, Some(rule), Some(rung)) => format!("reminder of {}: {rung}", self.words.deadline(rule)),
                (_, rule, _) => self.words.deadline(rule.as_deref().unwrap_or_default()),
            };
            let fault = fired.fault.as_ref().map(|f| format!(" came to nothing: {f}"));
            writeln!(self.output, "Due: {what}{}", fault.unwrap_or_default())?;
        }
        for message in &line.messages {
            let fate = match &message.suppressed {
                Some(reason) => format!("suppressed: {reason}"),
                None => "goes out".to_owned(),
            };
            writeln!(self.output, "Message {} to {}: {fate}", message.kind, message.to)?;
        }
        Ok(())
    }

    /// The next line without its ends; none when they are over.
    fn line(&mut self) -> Result<Option<String>> {
        let mut line = String::new();
        let read = self
            .input
            .read_line(&mut line)
            .context("standard input cannot be read")?;
        Ok((read > 0).then(|| line.trim().to_owned()))
    }

    /// Asks each field; an empty answer leaves an optional one out and gives a required one an invented value.
    fn ask_form(&mut self, form: &Form, now: DateTime<Utc>) -> Result<Option<Fields>> {
        let local_now = time::local(now, self.stage.calendar);
        let mut fields = Fields::new();
        for field in &form.fields {
            let invented = field
                .required
                .then(|| values::value(field, local_now, &mut |_| 0));
            write!(self.output, "{}: ", self.question(form, field, invented.as_ref()))?;
            self.output.flush()?;
            let Some(answer) = self.line()? else {
                return Ok(None);
            };
            let value = if answer.is_empty() {
                invented
            } else {
                Some(typed(field, &answer))
            };
            if let Some(value) = value {
                fields.insert(field.name.clone(), value);
            }
        }
        Ok(Some(fields))
    }

    fn question(&self, form: &Form, field: &Field, invented: Option<&Value>) -> String {
        let mut text = self.words.field(&form.name, &field.name);
        let choices = field.choices.iter().zip(1..);
        let choices = choices.map(|(key, n)| format!("{n} {}", self.words.choice(&field.name, key)));
        let choices: Vec<String> = choices.collect();
        if !choices.is_empty() {
            text = format!("{text}: {}", choices.join(", "));
        }
        match invented {
            Some(Value::String(value)) => format!("{text} [{value}]"),
            Some(value) => format!("{text} [{value}]"),
            None => format!("{text} (may be empty)"),
        }
    }
}

/// What was typed; of several choices each is told apart by a comma.
fn typed(field: &Field, answer: &str) -> Value {
    if field.kind == FieldKind::Choices {
        return answer
            .split(',')
            .map(|one| Value::String(choice(field, one.trim())))
            .collect();
    }
    Value::String(choice(field, answer))
}

/// A choice by its number or its key.
fn choice(field: &Field, answer: &str) -> String {
    let by_number = answer.parse::<usize>().ok().and_then(|n| n.checked_sub(1));
    let key = by_number.and_then(|n| field.choices.get(n));
    match key {
        Some(key) if matches!(field.kind, FieldKind::Choice | FieldKind::Choices) => key.clone(),
        _ => answer.to_owned(),
    }
}

fn ask(line: &str) -> Ask {
    if let Ok(n) = line.parse() {
        return Ask::Record(n);
    }
    if let Some(span) = line.strip_prefix('+') {
        return Span::parse(span).map_or(Ask::Unclear, Ask::Wait);
    }
    match line.split_once(' ').unwrap_or((line, "")) {
        ("t", "") => Ask::NextDue,
        ("u", "") => Ask::Undo,
        ("q", "") => Ask::Quit,
        ("s", file) if !file.trim().is_empty() => Ask::Save(file.trim().to_owned()),
        _ => Ask::Unclear,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use peshi_casework::pack::{PackFiles, load_loose};
    use peshi_rehearsal::everyday_calendar;
    use peshi_templates::Lang;

    const PACK: &str = "\
charts:
  case:
    initial: asked
    states:
      asked:
        waiting_on: other
        on:
          answered: { to: done, form: answer }
        after:
          3 days: { to: silent }
      silent: { waiting_on: us }
      done: { type: final }
";
    const FORMS: &str =
        "forms: { answer: { fields: { said: { type: choice, required: true, choices: [yes, no] } } } }";

    fn played(lines: &str) -> String {
        let files = PackFiles::from([
            ("workflow.yaml".to_owned(), PACK.to_owned()),
            ("forms.yaml".to_owned(), FORMS.to_owned()),
            (
                "locales/en.ftl".to_owned(),
                "state-case-silent = No answer came\nevent-answered = Answer received\n".to_owned(),
            ),
        ]);
        let pack = load_loose(&files, None).0.expect("the pack is sound");
        let calendar = everyday_calendar();
        let stage = Stage {
            pack: &pack,
            calendar: &calendar,
        };
        let mut output = Vec::new();
        let words = Words::of(&pack.files, Lang::En);
        let from = "2026-01-01T00:00:00Z".parse().unwrap();
        Desk::new(stage, words, lines.as_bytes(), &mut output)
            .run(from)
            .unwrap();
        String::from_utf8(output).unwrap()
    }

    #[test]
    fn a_pipe_can_play() {
        let told = played("t\nu\n+ 1 day\nx\n7\n1\n2\nq\n");
        for part in [
            "  case: asked\n  Waiting on: other, since 2026-01-01 Thu 00:00\n  Due next: 2026-01-04 Sun 00:00: after.asked.0\n    1  case: Answer received\n> ",
            "Due: after.asked.0\n\n2026-01-04 Sun 00:00\n  case: No answer came\n  Waiting on: us, since 2026-01-04 Sun 00:00\n  Nothing is due.\n> ",
            "2026-01-02 Fri 00:00",
            KEYS,
            "There is no number 7.",
            "said: 1 yes, 2 no [yes]: ",
            "  case: done\n  The case counts as closed.\n  Nothing is due.\n> ",
        ] {
            assert!(told.contains(part), "{part:?} is missing in:\n{told}");
        }
    }

    #[test]
    fn a_saved_run_plays_again() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("run.json");
        played(&format!("+ 1 day\n1\n2\ns {}\n", file.display()));
        let script = Script::parse(&std::fs::read_to_string(file).unwrap()).unwrap();
        assert_eq!(
            script.to_json(),
            "[\n  {\"advance\":\"1 day\"},\n  {\"event\":\"answered\",\"data\":{\"said\":\"no\"}}\n]\n"
        );
    }
}
