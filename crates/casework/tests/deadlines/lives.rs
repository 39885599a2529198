//! Random lives of one limitation: however it was stopped and resumed, and whenever its copy came, its date is the one that
//! a walk day by day gives, and the journal tells the same case.

use std::collections::BTreeSet;

use chrono::{Datelike, Days, NaiveDate, Weekday};
use peshi_casework::DeadlineAct;
use proptest::prelude::*;
use serde_json::json;

use crate::sample::lost;

/// The last day, by walking: thirty days that count, from the day after the judgment; then on to a day the court is open.
fn walk(judged: NaiveDate, left_out: &BTreeSet<NaiveDate>) -> NaiveDate {
    let (mut day, mut left) = (judged, 30);
    while left > 0 {
        day = day.succ_opt().unwrap();
        left -= i32::from(!left_out.contains(&day));
    }
    let labour_day = NaiveDate::from_ymd_opt(2026, 5, 1).unwrap();
    while day.weekday() == Weekday::Sun || day == labour_day {
        day = day.succ_opt().unwrap();
    }
    day
}

proptest! {
    #[test]
    fn the_date_is_what_a_walk_gives(
        start in 0u64..40,
        gaps in proptest::collection::vec((1u64..6, 0u64..9), 0..4),
        copy in proptest::option::of((1u64..10, 1u64..12)),
    ) {
        let judged = NaiveDate::from_ymd_opt(2026, 2, 20).unwrap() + Days::new(start);
        let mut desk = lost("sessions_court", &judged.to_string());
        let mut left_out = BTreeSet::new();
        let mut today = judged;
        for (wait, pause) in gaps {
            let from = today + Days::new(wait);
            let until = from + Days::new(pause);
            // Once the time has run, a stay changes nothing, and the clock could not be stopped: it is missed.
            if from > walk(judged, &left_out) {
                break;
            }
            let stay = DeadlineAct::Stop { category: "court_stay".to_owned(), reason: "stayed".to_owned() };
            desk.act(&from.to_string(), "appeal", stay).unwrap();
            desk.act(&until.to_string(), "appeal", DeadlineAct::Resume).unwrap();
            left_out.extend(from.iter_days().take_while(|day| *day < until));
            today = until;
        }
        if let Some((applied, took)) = copy {
            let applied = judged + Days::new(applied);
            let received = applied + Days::new(took);
            let on = received.max(today);
            let form = json!({ "copy_applied_on": applied.to_string(), "copy_received_on": received.to_string() });
            desk.record(&on.to_string(), "proceeding-1", "copy", form);
            left_out.extend(applied.iter_days().take_while(|day| *day < received));
        }
        prop_assert_eq!(desk.last_day("appeal"), walk(judged, &left_out));
    }
}
