//! Words for a picture: which key stands for which state, event, deadline and sign.
//!
//! Knows the keys, not the texts nor how they are kept. Where nobody knows a key, its name is made readable instead, so a
//! pack without locales still has a picture.

use peshi_calendar::Period;
use peshi_casework::pack::{Act, ChartSpec, WaitingOn, event_key};
use peshi_statechart::Action;
use serde_json::{Value, json};

/// Where the words come from: a text by key, with arguments.
pub trait Words {
    /// The text of `key`; none where nobody defines it.
    fn text(&self, key: &str, args: &[(&str, Value)]) -> Option<String>;
}

impl<F> Words for F
where
    F: Fn(&str, &[(&str, Value)]) -> Option<String>,
{
    fn text(&self, key: &str, args: &[(&str, Value)]) -> Option<String> {
        self(key, args)
    }
}

/// Speaks of one chart.
#[derive(Clone, Copy)]
pub(crate) struct Voice<'a> {
    words: &'a dyn Words,
    spec: &'a ChartSpec,
}

impl<'a> Voice<'a> {
    pub(crate) fn new(words: &'a dyn Words, spec: &'a ChartSpec) -> Self {
        Self { words, spec }
    }

    fn chart_name(&self) -> &'a str {
        self.spec.chart.name()
    }

    /// A text of the picture itself; its key without `picture-` where nobody knows it.
    pub(crate) fn say(&self, key: &str, args: &[(&str, Value)]) -> String {
        self.words
            .text(&format!("picture-{key}"), args)
            .unwrap_or_else(|| {
                let given: Vec<String> = args
                    .iter()
                    .map(|(_, v)| v.as_str().map_or_else(|| v.to_string(), str::to_owned))
                    .collect();
                let name = readable(key);
                if given.is_empty() {
                    name
                } else {
                    format!("{name} {}", given.join(", "))
                }
            })
    }

    fn named(&self, key: &str, name: &str) -> String {
        self.words.text(key, &[]).unwrap_or_else(|| readable(name))
    }

    /// A state's name; the root bears the chart's.
    pub(crate) fn state(&self, id: &str) -> String {
        if id == self.chart_name() {
            return self.chart(id);
        }
        self.named(&format!("state-{}-{id}", self.chart_name()), id)
    }

    /// A chart's name.
    pub(crate) fn chart(&self, name: &str) -> String {
        self.named(&format!("chart-{name}"), name)
    }

    pub(crate) fn waiting(&self, who: WaitingOn) -> String {
        self.named(&format!("waiting-{}", who.as_str()), who.as_str())
    }

    pub(crate) fn deadline(&self, rule: &str) -> String {
        self.named(&format!("deadline-{rule}"), rule)
    }

    /// What an event descriptor is called, and whether it is a matter of time.
    pub(crate) fn event(&self, descriptor: &str) -> (String, bool) {
        let descriptor = descriptor
            .strip_suffix(".*")
            .or_else(|| descriptor.strip_suffix('.'))
            .unwrap_or(descriptor);
        if descriptor == "*" {
            return (self.say("any-event", &[]), false);
        }
        if let Some(rule) = descriptor.strip_prefix("deadline.missed.") {
            let what = self.deadline(rule);
            return (self.say("missed", &[("what", json!(what))]), true);
        }
        if let Some(state) = descriptor.strip_prefix("done.state.") {
            let what = self.state(state);
            return (self.say("done", &[("what", json!(what))]), false);
        }
        if let Some(period) = self.delay(descriptor) {
            let period = self.period(period);
            return (self.say("after", &[("period", json!(period))]), true);
        }
        (self.named(&event_key(descriptor), descriptor), false)
    }

    /// How long the timer behind an `after` event runs.
    fn delay(&self, event: &str) -> Option<Period> {
        event.strip_prefix("after.")?;
        self.spec
            .chart
            .states()
            .flat_map(|state| state.entry())
            .find_map(|action| match action {
                Action::Host(Act::Send {
                    event: sent, after, ..
                }) if sent == event => Some(*after),
                _ => None,
            })
    }

    fn period(&self, period: Period) -> String {
        let (unit, n) = match period {
            Period::Millis(n) if n % 60_000 == 0 => ("minutes", n / 60_000),
            Period::Millis(n) if n % 1000 == 0 => ("seconds", n / 1000),
            Period::Millis(n) => ("milliseconds", n),
            Period::Hours(n) => ("hours", i64::from(n)),
            Period::Days(n) => ("days", i64::from(n)),
            Period::Months(n) => ("months", i64::from(n)),
            Period::Years(n) => ("years", i64::from(n)),
            Period::WorkingDays(n) => ("working-days", i64::from(n)),
            Period::Weeks(n) => ("weeks", i64::from(n)),
        };
        self.words
            .text(&format!("picture-{unit}"), &[("n", json!(n))])
            .unwrap_or_else(|| period.to_string())
    }
}

/// `fir_not_reported` as people would write it.
fn readable(name: &str) -> String {
    let spaced = name.replace(['_', '-', '.'], " ");
    let mut chars = spaced.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect::<String>()
    })
}

#[cfg(test)]
mod tests {
    use super::readable;

    #[test]
    fn names_without_words_are_made_readable() {
        assert_eq!(readable("fir_not_reported"), "Fir not reported");
        assert_eq!(readable("any-event"), "Any event");
        assert_eq!(readable(""), "");
    }
}
