//! Recurring schedules: every occurrence has a key and a fate, by the catch-up of its schedule.

use peshi_scheduler::Settings;
use peshi_service::{CatchUp, OccurrenceView, ScheduleSpec};

use super::desk::{Desk, MONDAY, at};

super::on_both!(
    each_catch_up_leaves_its_account,
    a_schedule_first_seen_in_its_own_minute_is_not_lost,
    a_changed_line_settles_what_the_old_one_owed,
);

fn morning(line: &str, catch_up: CatchUp) -> Vec<ScheduleSpec> {
    let usual = Settings::usual("nobody").schedules;
    let mut specs: Vec<_> = usual.into_iter().filter(|s| s.name == "morning_digest").collect();
    specs[0].line = line.parse().expect("a crontab line");
    specs[0].catch_up = catch_up;
    specs
}

/// The occurrences on record, oldest first: day and hour in UTC, and what became of each.
async fn account(desk: &Desk, specs: &[ScheduleSpec], now: &str) -> Vec<String> {
    let views = desk.house.service.schedule_views(specs, 100, at(now)).await;
    let mut all = views.expect("the store answers").remove(0).occurrences;
    all.reverse();
    let line = |o: &OccurrenceView| {
        let because = o.because.as_deref().filter(|_| o.state == "suppressed");
        format!("{} {}", o.at.format("%d %H:%M"), because.unwrap_or(&o.state))
    };
    all.iter().map(line).collect()
}

async fn each_catch_up_leaves_its_account(desk: &Desk) {
    let back = "2026-04-16T07:00:00Z";
    for (catch_up, name, expected) in [
        (CatchUp::Skip, "skip", ["catch_up", "catch_up", "catch_up"]),
        (CatchUp::Once, "once", ["catch_up", "catch_up", "done"]),
        (CatchUp::All(2), "all", ["catch_up", "done", "done"]),
    ] {
        let mut specs = morning("30 7 * * *", catch_up);
        specs[0].name = format!("morning_{name}");
        let (a, b) = (
            desk.with_schedules("a", specs.clone()),
            desk.with_schedules("b", specs.clone()),
        );
        a.tick(at(MONDAY)).await.expect("the tick succeeds");
        // Two nodes come back at once, and look twice.
        for _ in 0..2 {
            let (one, other) = tokio::join!(a.tick(at(back)), b.tick(at(back)));
            one.and(other).expect("both ticks succeed");
        }
        let days = ["14 02:30", "15 02:30", "16 02:30"];
        let expected: Vec<String> = days
            .iter()
            .zip(expected)
            .map(|(d, e)| format!("{d} {e}"))
            .collect();
        assert_eq!(account(desk, &specs, back).await, expected, "{catch_up}");
    }
}

async fn a_schedule_first_seen_in_its_own_minute_is_not_lost(desk: &Desk) {
    let mut specs = morning("0 10 * * *", CatchUp::Once);
    "at_ten".clone_into(&mut specs[0].name);
    let scheduler = desk.with_schedules("a", specs.clone());
    // Ten in Karachi is 05:00 UTC.
    let seen = "2026-04-13T05:00:40Z";
    scheduler.tick(at(seen)).await.expect("the tick succeeds");
    assert_eq!(account(desk, &specs, seen).await, ["13 05:00 done"]);
}

async fn a_changed_line_settles_what_the_old_one_owed(desk: &Desk) {
    let old = morning("30 7 * * *", CatchUp::Once);
    desk.house
        .live_until(&desk.with_schedules("a", old), at("2026-04-14T03:00:00Z"))
        .await;
    // Stopped over two mornings, and started with a line that would have come every hour meanwhile.
    let new = morning("0 * * * *", CatchUp::Once);
    let back = "2026-04-16T07:20:00Z";
    let scheduler = desk.with_schedules("a", new.clone());
    scheduler.tick(at(back)).await.expect("the tick succeeds");
    assert_eq!(
        account(desk, &new, back).await,
        ["14 02:30 done", "15 02:30 catch_up", "16 02:30 done"]
    );
    let next = "2026-04-16T08:00:00Z";
    desk.house.clock.set(at(back));
    desk.house.live_until(&scheduler, at(next)).await;
    assert_eq!(
        account(desk, &new, next).await.last().map(String::as_str),
        Some("16 08:00 done")
    );
}
