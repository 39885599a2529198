//! The lives: short stories of the kinds that offices meet, each with its own turns. They use the events of the
//! `abduction` pack and nothing else.

use chrono::TimeDelta;
use rand::RngExt;
use serde_json::json;

use crate::script::{Act, Permission, Script};

/// A kind of life, and whether somebody looks after the case to this day.
pub(crate) struct Life {
    pub(crate) tell: fn(&mut Script<'_>),
    pub(crate) cared_for: bool,
}

const fn over(tell: fn(&mut Script<'_>)) -> Life {
    Life {
        tell,
        cared_for: false,
    }
}

const fn going_on(tell: fn(&mut Script<'_>)) -> Life {
    Life {
        tell,
        cared_for: true,
    }
}

/// Lives of cases that began long ago, by turns. Most are over; some go on; a few were left lying.
pub(crate) const OLD: [Life; 13] = [
    over(registered_at_once),
    over(refused_then_directed),
    over(recovered_by_habeas),
    over(counter_fir),
    going_on(with_alleged_husband),
    over(registered_at_once),
    over(refused_then_directed),
    over(diary_only),
    over(in_danger),
    over(left_lying_with_police),
    over(recovered_by_habeas),
    going_on(home_while_the_trial_goes_on),
    over(family_on_hold),
];

/// Lives of cases that began in the last weeks: they are what a desk looks like in the morning.
pub(crate) const RECENT: [Life; 7] = [
    going_on(hearing_soon),
    over(silent_police),
    over(outcome_owed),
    going_on(hearing_soon),
    over(fresh_refusal),
    going_on(search_goes_on),
    going_on(hearing_soon),
];

/// Every case: accepted, the danger looked at, contact agreed or not.
fn begin(s: &mut Script<'_>, level: &'static str) {
    s.event(
        "accept",
        json!({"conflict_checked": true, "consent_by": "guardian"}),
    );
    s.event("safety_assessed", json!({"level": level}));
    s.days(0, 1);
    let permission = match s.rng.random_range(0..10) {
        0..=4 => Some(("email", "ur", 90, false)),
        5 => Some(("email", "ur-Latn", 30, false)),
        6 => Some(("sms", "ur", 60, false)),
        7 => Some(("email", "ur", 60, true)),
        _ => None,
    };
    let permission = permission.map(|(channel, language, days, phone_at_risk)| Permission {
        channel,
        language,
        days,
        phone_at_risk,
    });
    s.push(Act::Contact { permission });
    s.event("contact_agreed", json!({"consent_given": true}));
    s.push(Act::FinishTasks);
}

fn application(s: &mut Script<'_>) {
    let receipt = s.one_of(&["stamped_copy", "e_tag", "witness_only", "none"]);
    s.event(
        "application_given",
        json!({"station": "Invented station", "receipt": receipt}),
    );
}

fn fir(s: &mut Script<'_>) {
    let number = format!("{}/26", s.rng.random_range(100..999));
    let form = json!({"fir_number": number, "registered_at": s.hours_ago(2), "fir_station": "Invented station",
        "fir_district": "Invented district", "fir_sections": "365-B, 361"});
    s.event("fir_registered", form);
}

/// The police send their report.
fn report(s: &mut Script<'_>, event: &'static str, kind: &'static str) {
    let form = json!({"submitted_on": s.today(), "report_kind": kind});
    s.event(event, form);
}

fn report_in_court(s: &mut Script<'_>) {
    report(s, "challan_submitted", "complete");
    s.days(1, 2).event("report_forwarded", json!({}));
}

fn home(s: &mut Script<'_>, court: &'static str, doctrine: &'static str) {
    s.event(
        "handed_to_family",
        json!({"ordered_by": court, "doctrine": doctrine}),
    );
}

fn close(s: &mut Script<'_>, resolution: &'static str) {
    s.days(6, 20).push(Act::FinishTasks);
    s.event("close", json!({"resolution": resolution, "handover_talk": true}));
}

/// The matter is put off from date to date until today.
fn from_date_to_date(s: &mut Script<'_>, first: i64, then: i64) {
    let mut wait = first;
    while s.at.date() + TimeDelta::days(wait) < s.now.date() {
        s.adjourned(wait, then);
        wait = then;
    }
}

fn registered_at_once(s: &mut Script<'_>) {
    begin(s, "low");
    application(s);
    s.days(0, 0);
    fir(s);
    s.days(8, 12);
    report_in_court(s);
    s.days(2, 6);
    home(s, "sessions_court", "minor_to_parents");
    close(s, "reunited");
}

fn refused_then_directed(s: &mut Script<'_>) {
    begin(s, "low");
    application(s);
    s.days(1, 2).event(
        "fir_refused",
        json!({"proof": "witness", "refused_by": "Officer Invented"}),
    );
    s.days(0, 1)
        .event("sp_complaint", json!({"complaint_office": "sp"}));
    s.days(7, 9).event("petition_22a", json!({}));
    let petition = s.proceeding();
    s.days(1, 2).filed(&petition, "sessions_court", 9);
    let mut wait = 9;
    for _ in 0..s.rng.random_range(1..5) {
        let next = s.rng.random_range(7..16);
        s.adjourned(wait, next);
        wait = next;
    }
    s.decided(&petition, wait, "allowed");
    s.days(1, 2);
    fir(s);
    s.push(Act::FinishTasks).accepted(&petition);
    s.days(3, 6);
    report_in_court(s);
    s.days(3, 9);
    home(s, "magistrate", "welfare");
    close(s, "reunited");
}

fn recovered_by_habeas(s: &mut Script<'_>) {
    begin(s, "medium");
    application(s);
    s.days(0, 1);
    fir(s);
    s.days(4, 9)
        .event("located", json!({"place_kind": "with_accused"}));
    s.days(0, 1).event("open_proceeding", json!({"kind": "s491"}));
    let habeas = s.proceeding();
    s.days(0, 1).filed(&habeas, "sessions_court", 4);
    s.adjourned(4, 3);
    s.decided(&habeas, 3, "allowed");
    s.event(
        "produced",
        json!({"produced_before": "sessions_court", "brought_by": "bailiff", "family_heard": true}),
    );
    home(s, "sessions_court", "minor_to_parents");
    s.accepted(&habeas);
    report_in_court(s);
    s.event("safety_assessed", json!({"level": "low"}));
    close(s, "reunited");
}

fn counter_fir(s: &mut Script<'_>) {
    s.upkeep = Some(2);
    begin(s, "high");
    application(s);
    s.days(1, 1).event("fir_refused", json!({"proof": "recording"}));
    let form = json!({"counter_number": "77/26", "counter_registered_at": s.hours_ago(5),
        "counter_station": "Invented station", "clients_named": 2});
    s.days(0, 1).event("counter_fir_registered", form);
    s.event("bail_petition", json!({}));
    let bail = s.proceeding();
    s.filed(&bail, "sessions_court", 5);
    s.event("interim_bail_granted", json!({"bail_court": "sessions_court"}));
    s.adjourned(4, 8);
    s.decided(&bail, 8, "allowed");
    s.event("bail_confirmed", json!({}));
    s.push(Act::FinishTasks).accepted(&bail);
    s.days(2, 4).event("petition_22a", json!({}));
    let petition = s.proceeding();
    s.days(1, 2).filed(&petition, "sessions_court", 10);
    s.adjourned(10, 14);
    s.decided(&petition, 14, "allowed");
    s.days(1, 1);
    fir(s);
    s.accepted(&petition);
    s.event("counter_case_ended", json!({"counter_result": "quashed"}));
    s.days(2, 4);
    report_in_court(s);
    s.event("safety_assessed", json!({"level": "low"}));
    s.days(3, 9);
    home(s, "high_court", "welfare");
    close(s, "reunited");
}

fn with_alleged_husband(s: &mut Script<'_>) {
    begin(s, "low");
    application(s);
    s.days(0, 1);
    fir(s);
    s.days(2, 4).event("open_proceeding", json!({"kind": "s491"}));
    let habeas = s.proceeding();
    s.days(0, 1).filed(&habeas, "high_court", 4);
    s.decided(&habeas, 4, "dismissed");
    s.event(
        "with_alleged_husband_by_order",
        json!({"ordered_by": "high_court", "doctrine": "puberty"}),
    );
    s.accepted(&habeas);
    s.days(1, 2).event("monitor", json!({}));
    report_in_court(s);
    s.event("trial_opened", json!({}));
    let trial = s.proceeding();
    s.days(1, 2).filed(&trial, "sessions_court", 20);
    from_date_to_date(s, 20, 24);
}

fn home_while_the_trial_goes_on(s: &mut Script<'_>) {
    begin(s, "low");
    application(s);
    s.days(0, 1);
    fir(s);
    s.days(8, 12);
    report_in_court(s);
    s.event("trial_opened", json!({}));
    let trial = s.proceeding();
    home(s, "sessions_court", "minor_to_parents");
    s.days(1, 2).filed(&trial, "sessions_court", 21);
    from_date_to_date(s, 21, 28);
}

fn diary_only(s: &mut Script<'_>) {
    begin(s, "low");
    application(s);
    s.days(0, 0).event("diary_only", json!({"diary_number": "12"}));
    s.days(1, 2)
        .event("sp_complaint", json!({"complaint_office": "dpo"}));
    s.days(2, 4);
    fir(s);
    s.days(3, 5)
        .event("sections_wrong", json!({"sections_wanted": "365-B"}));
    s.days(5, 7);
    report_in_court(s);
    s.days(9, 14).event(
        "adult_own_choice",
        json!({"ordered_by": "magistrate", "doctrine": "adult_will"}),
    );
    close(s, "adult_independent");
}

fn in_danger(s: &mut Script<'_>) {
    s.upkeep = Some(1);
    begin(s, "medium");
    application(s);
    s.days(1, 1);
    fir(s);
    s.days(2, 4)
        .event("armed_visit", json!({"threat_account": "Invented account."}));
    s.days(4, 5).event("safety_assessed", json!({"level": "high"}));
    s.days(3, 4);
    report_in_court(s);
    s.days(12, 16).event("safety_assessed", json!({"level": "low"}));
    s.days(5, 10);
    home(s, "magistrate", "welfare");
    close(s, "reunited");
}

/// The FIR stands, an interim report came, and since then nobody has moved: not the police, and not the office.
fn left_lying_with_police(s: &mut Script<'_>) {
    begin(s, "low");
    application(s);
    s.days(0, 1);
    fir(s);
    s.days(10, 12);
    report(s, "interim_report", "interim");
}

fn family_on_hold(s: &mut Script<'_>) {
    begin(s, "low");
    application(s);
    s.days(1, 2).event("fir_refused", json!({"proof": "none"}));
    s.days(3, 6).event("hold", json!({"hold_reason": "family_asked"}));
}

/// A petition whose next hearing lies in the days around now.
fn hearing_soon(s: &mut Script<'_>) {
    begin(s, "low");
    application(s);
    s.days(1, 1).event("fir_refused", json!({"proof": "written"}));
    s.days(0, 1).event("petition_22a", json!({}));
    let petition = s.proceeding();
    s.days(1, 1);
    let ahead = (s.now.date() - s.at.date()).num_days() + s.rng.random_range(0..8);
    s.filed(&petition, "sessions_court", ahead);
}

/// Nobody answered, and nobody has pressed since.
fn silent_police(s: &mut Script<'_>) {
    begin(s, "low");
    application(s);
    s.days(2, 3)
        .event("sp_complaint", json!({"complaint_office": "sp"}));
}

/// The hearing was days ago and nobody wrote down what came of it.
fn outcome_owed(s: &mut Script<'_>) {
    begin(s, "low");
    application(s);
    s.days(0, 1);
    fir(s);
    s.event("open_proceeding", json!({"kind": "s491"}));
    let habeas = s.proceeding();
    let ago = s.rng.random_range(2..5);
    let days = ((s.now.date() - s.at.date()).num_days() - ago).max(2);
    s.filed(&habeas, "sessions_court", days);
}

fn fresh_refusal(s: &mut Script<'_>) {
    begin(s, "medium");
    application(s);
    s.days(1, 1).event("fir_refused", json!({"proof": "witness"}));
}

fn search_goes_on(s: &mut Script<'_>) {
    begin(s, "low");
    application(s);
    s.days(0, 1);
    fir(s);
    s.days(3, 5).event(
        "search_pressed",
        json!({"check_note": "Invented note of a call."}),
    );
}
