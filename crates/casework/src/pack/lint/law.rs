//! What deadline rules say of provinces, courts, dates of force and the certified copy, against what cases can hold.
//! Knows names and dates; no law.

use std::collections::BTreeSet;

use super::kinds::Kinds;
use super::{Lint, whole};
use crate::expression::{Kind, Others};
use crate::pack::finding::Place;
use crate::pack::places::RulePlaces;
use crate::pack::{DeadlineRule, FieldKind};
use crate::spelling::{listed, nearest};

impl Lint<'_> {
    pub(super) fn law(&mut self) {
        let (provinces, courts) = (self.choices("province"), self.choices("forum"));
        for (province, _) in &self.workflow.calendars.0 {
            let place = Place::at(super::FILE, province.referenced);
            self.offered(
                "unknown-province",
                &place,
                "province",
                &province.value,
                &provinces,
            );
        }
        let nothing = RulePlaces::default();
        for (name, rule) in &self.pack.deadlines {
            let places = self.built.rules.get(name).unwrap_or(&nothing);
            let at = |place: &Option<Place>| place.clone().unwrap_or_else(|| places.name.clone());
            for province in rule.provinces.iter().filter(|_| !provinces.is_empty()) {
                self.offered(
                    "unknown-province",
                    &at(&places.province),
                    "province",
                    province,
                    &provinces,
                );
            }
            for court in rule.courts.iter().filter(|_| !courts.is_empty()) {
                self.offered("unknown-court", &at(&places.court), "forum", court, &courts);
            }
            self.force(rule, places);
            self.copy(rule, &at(&places.excludes));
        }
        self.rivals();
    }

    /// The choices that forms offer for a field; none if no form asks for it as a choice.
    fn choices(&self, field: &str) -> BTreeSet<String> {
        let forms = self.pack.forms.values().flat_map(|form| &form.fields);
        forms
            .filter(|f| f.name == field && f.kind == FieldKind::Choice)
            .flat_map(|f| f.choices.iter().cloned())
            .collect()
    }

    fn offered(
        &mut self,
        code: &'static str,
        place: &Place,
        field: &str,
        word: &str,
        choices: &BTreeSet<String>,
    ) {
        if choices.contains(word) {
            return;
        }
        let known: Vec<&str> = choices.iter().map(String::as_str).collect();
        let help = match nearest(word, &known) {
            Some(near) => format!("did you mean `{near}`?"),
            None if known.is_empty() => format!("add a field `{field}` of type `choice` to a form"),
            None => format!("it offers: {}", listed(&known)),
        };
        let message = format!("no form offers `{word}` for `{field}`, so this never matches");
        self.warn(code, place, message, help);
    }

    fn force(&mut self, rule: &DeadlineRule, places: &RulePlaces) {
        let backwards =
            matches!((rule.in_force_from, rule.in_force_until), (Some(from), Some(until)) if until < from);
        if backwards {
            let message = format!("the rule `{}` ends before it is in force", rule.name);
            self.error(
                "force-backwards",
                &places.name,
                message,
                "swap in_force_from and in_force_until",
            );
        }
    }

    /// Something fills the dates of the copy.
    fn copy(&mut self, rule: &DeadlineRule, place: &Place) {
        if !rule.excludes_copy_time {
            return;
        }
        let kinds = Kinds::of(self.pack);
        for field in ["copy_applied_on", "copy_received_on"] {
            let filled = self.charts().any(|chart| match kinds.data(chart.name) {
                Kind::Record(record) => {
                    record.fields.contains_key(field) || record.others == Others::Possible
                }
                _ => true,
            });
            if !filled {
                let message = format!("nothing ever fills `{field}`, so no time is left out for the copy");
                self.warn(
                    "unfilled-field",
                    place,
                    message,
                    "add it as a field of type `date` to the form that records the copy",
                );
            }
        }
    }

    /// Of two rules of one code for the same places, in force at the same time, in one state, only the first ever begins.
    fn rivals(&mut self) {
        let mut told = BTreeSet::new();
        let states = self.pack.charts.values().flat_map(|chart| chart.states.values());
        let lists: Vec<&Vec<String>> = states.map(|state| &state.deadlines).collect();
        for list in lists {
            for (n, name) in list.iter().enumerate() {
                let Some(rule) = self.pack.deadlines.get(name).filter(|r| r.is_local()) else {
                    continue;
                };
                let earlier = list[..n]
                    .iter()
                    .filter_map(|other| self.pack.deadlines.get(other));
                let shadowed = earlier
                    .filter(|other| other.name != rule.name)
                    .find(|other| shadows(other, rule));
                let Some(other) = shadowed.filter(|_| told.insert(name.clone())) else {
                    continue;
                };
                let place = self.built.rules.get(name).map_or_else(whole, |p| p.name.clone());
                let message = format!(
                    "`{name}` never begins: `{}` has the same code, provinces and courts and stands before it",
                    other.name
                );
                self.warn(
                    "shadowed-deadline",
                    &place,
                    message,
                    "give one of them another province, court, code or other dates of force",
                );
            }
        }
    }
}

fn shadows(first: &DeadlineRule, second: &DeadlineRule) -> bool {
    let same =
        |a: &[String], b: &[String]| a.iter().collect::<BTreeSet<_>>() == b.iter().collect::<BTreeSet<_>>();
    let before = |until: Option<chrono::NaiveDate>, from: Option<chrono::NaiveDate>| matches!((until, from), (Some(until), Some(from)) if until < from);
    first.code.is_some()
        && first.code == second.code
        && same(&first.provinces, &second.provinces)
        && same(&first.courts, &second.courts)
        && !before(first.in_force_until, second.in_force_from)
        && !before(second.in_force_until, first.in_force_from)
}
