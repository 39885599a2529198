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

/// Whom of the family the office may write to.
#[derive(Clone, Copy)]
enum Family {
    /// Nobody is known.
    Unknown,
    /// Somebody is, and allows nothing.
    AllowsNothing,
    /// Channel, language, for how many days, and whether somebody dangerous may hold the phone.
    Allows(&'static str, &'static str, i64, bool),
}

/// What most families allow.
const MAIL: Family = Family::Allows("email", "ur", 90, false);

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
pub(crate) const OLD: [Life; 17] = [
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
    going_on(home_while_the_trial_goes_on),
    over(recovered_by_habeas),
    over(family_on_hold),
    over(recovered_at_the_second_try),
    over(family_gave_up),
    over(order_stands),
    over(never_found),
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

/// Every case: accepted, the danger looked at, contact agreed or not. What must not be left to chance goes by turns:
/// a case in which nobody of the family is known, and the few old phones that only take an SMS.
fn begin(s: &mut Script<'_>, level: &'static str) {
    let drawn = match s.rng.random_range(0..10) {
        0..=5 => MAIL,
        6 => Family::Allows("email", "ur-Latn", 30, false),
        7 => Family::Allows("email", "ur", 60, true),
        _ => Family::AllowsNothing,
    };
    let family = match s.turn {
        turn if turn % 10 == 4 => Family::Unknown,
        turn if turn % 40 == 9 => Family::Allows("sms", "ur", 60, false),
        _ => drawn,
    };
    begin_with(s, level, family);
}

/// The same with a family as given.
fn begin_with(s: &mut Script<'_>, level: &'static str, family: Family) {
    s.event(
        "accept",
        json!({"conflict_checked": true, "consent_by": "guardian"}),
    );
    s.event("safety_assessed", json!({"level": level}));
    s.days(0, 1);
    let consent_given = matches!(family, Family::Allows(..));
    match family {
        Family::Unknown => {}
        Family::AllowsNothing => {
            s.push(Act::Contact { permission: None });
        }
        Family::Allows(channel, language, days, phone_at_risk) => {
            let permission = Some(Permission {
                channel,
                language,
                days,
                phone_at_risk,
            });
            s.push(Act::Contact { permission });
        }
    }
    s.event("contact_agreed", json!({"consent_given": consent_given}));
    first_days(s);
    s.push(Act::FinishTasks);
}

/// What cannot wait: recordings are asked for, and the papers on the age are filed.
fn first_days(s: &mut Script<'_>) {
    let asked = json!({"evidence_kinds": ["camera", "call_data"], "asked_from": "investigating_officer"});
    s.event("evidence_asked", asked);
    if s.rng.random_range(0..3) > 0 {
        let kept = json!({"evidence_kinds": ["camera"], "asked_from": "owner"});
        s.event("evidence_secured", kept);
    }
    let claim = json!({"claim_kind": "b_form", "claim_by": "family", "age_from": 13, "age_until": 15, "original_seen": true});
    s.event("age_claim", claim);
    let filed = json!({"pack_filed_with": ["police_file"], "pack_filed_on": s.today()});
    s.event("age_pack_filed", filed);
}

fn application(s: &mut Script<'_>) {
    let receipt = s.one_of(&["stamped_copy", "e_tag", "witness_only", "none"]);
    let mut form = json!({"station": "Invented station", "receipt": receipt});
    if receipt == "none" {
        form["no_receipt_because"] = json!("refused");
    }
    s.event("application_given", form);
    if receipt == "stamped_copy" {
        s.push(Act::Document {
            name: "Stamped copy of the application (invented).txt",
            text: "An invented application to an invented station.\nStamped: received.\n",
        });
    }
    // In some cases the alert never comes, and stands there as owed.
    if s.child && !s.turn.is_multiple_of(5) {
        let at = s.hours_ago(0);
        s.event("alert_issued", json!({"alerted_at": at}));
    }
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

/// The matter goes on from date to date until today: put off, or now and then heard for an hour.
fn from_date_to_date(s: &mut Script<'_>, then: i64) {
    while s.hearing_on < s.now.date() {
        if s.rng.random_range(0..3) == 0 {
            s.heard("evidence_recorded", then);
        } else {
            s.adjourned(then);
        }
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
    for _ in 0..s.rng.random_range(2..=6) {
        let next = s.rng.random_range(7..16);
        s.adjourned(next);
    }
    s.decided(&petition, "allowed");
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
    s.heard("bailiff_appointed", 3);
    s.decided(&habeas, "allowed");
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
    let rival = "counter_action-1";
    let clients = ["accused-1", "accused-2"];
    for (alias, relation) in [("Client A", "parent"), ("Client B", "sibling")] {
        s.event_in(
            rival,
            "client_named",
            json!({"alias": alias, "relation": relation}),
        );
    }
    let question = json!({"same_occurrence": "same", "occurrence_use": "ground_to_quash"});
    s.event_in(rival, "same_occurrence_answered", question);
    s.event_in(rival, "bail_petition", json!({}));
    let bail = s.proceeding();
    s.filed(&bail, "sessions_court", 5);
    for client in clients {
        s.event_in(
            client,
            "interim_bail_granted",
            json!({"bail_court": "sessions_court"}),
        );
    }
    s.event_in(rival, "clients_protected", json!({}));
    s.adjourned(8);
    s.decided(&bail, "allowed");
    for client in clients {
        s.event_in(client, "bail_confirmed", json!({}));
    }
    s.push(Act::FinishTasks).accepted(&bail);
    s.days(2, 4).event("petition_22a", json!({}));
    let petition = s.proceeding();
    s.days(1, 2).filed(&petition, "sessions_court", 10);
    s.adjourned(14);
    s.decided(&petition, "allowed");
    s.days(1, 1);
    fir(s);
    s.accepted(&petition);
    s.event_in(rival, "counter_case_ended", json!({"counter_result": "quashed"}));
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
    s.decided(&habeas, "dismissed");
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
    from_date_to_date(s, 24);
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
    from_date_to_date(s, 28);
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

/// Armed men come while a petition runs: the family agreed to mail, and hears nothing until the danger is less.
fn in_danger(s: &mut Script<'_>) {
    s.upkeep = Some(1);
    begin_with(s, "medium", MAIL);
    application(s);
    s.days(1, 1);
    fir(s);
    s.event("open_proceeding", json!({"kind": "s491"}));
    let habeas = s.proceeding();
    s.days(0, 1).filed(&habeas, "high_court", 6);
    s.days(2, 4)
        .event("armed_visit", json!({"threat_account": "Invented account."}));
    s.adjourned(9);
    s.days(2, 3).event("safety_assessed", json!({"level": "high"}));
    s.decided(&habeas, "allowed");
    s.days(0, 1);
    report_in_court(s);
    s.accepted(&habeas);
    s.days(6, 9).event("safety_assessed", json!({"level": "low"}));
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
    s.days(1, 2).event(
        "fir_refused",
        json!({"proof": "none", "no_proof_because": "afraid"}),
    );
    let note = json!({"note": "Invented note: not now."});
    s.days(3, 6).event("contact_paused", note);
    s.event("hold", json!({"hold_reason": "family_asked"}));
}

/// The first petition fails on a statement nobody made freely; a fresh one in another forum does not.
fn recovered_at_the_second_try(s: &mut Script<'_>) {
    begin(s, "medium");
    application(s);
    s.days(0, 1);
    fir(s);
    s.days(3, 6).event("open_proceeding", json!({"kind": "s491"}));
    let first = s.proceeding();
    s.days(0, 1).filed(&first, "high_court", 4);
    s.decided(&first, "dismissed").days(4, 9).event_in(
        &first,
        "result_accepted",
        json!({"why_no_remedy": "advised_against"}),
    );
    s.days(1, 3).event("open_proceeding", json!({"kind": "s491"}));
    let second = s.proceeding();
    s.days(0, 1).filed(&second, "sessions_court", 3);
    s.heard("production_ordered", 2);
    s.decided(&second, "allowed");
    home(s, "sessions_court", "minor_to_parents");
    s.accepted(&second);
    report_in_court(s);
    s.event("safety_assessed", json!({"level": "low"}));
    close(s, "reunited");
}

/// Refused at the station and by the superintendent; then the family has no more strength, or is too afraid.
fn family_gave_up(s: &mut Script<'_>) {
    begin(s, "low");
    application(s);
    s.days(1, 2).event(
        "fir_refused",
        json!({"proof": "none", "no_proof_because": "afraid"}),
    );
    s.days(1, 2)
        .event("sp_complaint", json!({"complaint_office": "sp"}));
    s.days(5, 6).event("sp_refused", json!({}));
    let why = s.one_of(&[
        "withdrawn_fear",
        "withdrawn_compromise",
        "withdrawn_fatigue",
        "withdrawn_cost",
    ]);
    close(s, why);
}

/// The court leaves her with the alleged husband. The case is watched for months, and then nothing more can be done.
fn order_stands(s: &mut Script<'_>) {
    begin(s, "low");
    application(s);
    s.days(0, 1);
    fir(s);
    s.days(2, 4).event("open_proceeding", json!({"kind": "s491"}));
    let habeas = s.proceeding();
    s.days(0, 1).filed(&habeas, "high_court", 5);
    s.adjourned(7);
    s.decided(&habeas, "dismissed");
    s.event(
        "with_alleged_husband_by_order",
        json!({"ordered_by": "high_court", "doctrine": "not_stated"}),
    );
    s.days(4, 9).event_in(
        &habeas,
        "result_accepted",
        json!({"why_no_remedy": "family_decided"}),
    );
    report_in_court(s);
    s.event("monitor", json!({}));
    s.days(60, 90);
    close(s, "remains_by_order_undetermined");
}

/// Nobody learns where she is; after months of asking the case goes to an organisation that can search elsewhere.
fn never_found(s: &mut Script<'_>) {
    begin(s, "low");
    application(s);
    s.days(0, 1);
    fir(s);
    s.days(10, 12);
    report_in_court(s);
    let note = json!({"check_note": "Invented note of a call."});
    for _ in 0..3 {
        s.days(12, 18).event("search_pressed", note.clone());
    }
    let how = s.one_of(&["still_missing", "moved_abroad", "referred_elsewhere"]);
    close(s, how);
}

/// A petition whose next hearing lies in the days around now.
fn hearing_soon(s: &mut Script<'_>) {
    begin(s, "low");
    application(s);
    s.days(1, 1).event("fir_refused", json!({"proof": "written"}));
    s.days(0, 1).event("petition_22a", json!({}));
    let petition = s.proceeding();
    s.days(1, 1);
    // Today, tomorrow, in the next days: a morning has something of each.
    let ahead = [0, 1, 3, 6, 9][s.turn % 5];
    let day = s.now.date() + TimeDelta::days(ahead);
    s.filed_for(&petition, "sessions_court", day);
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
    let day = s.now.date() - TimeDelta::days(ago);
    s.filed_for(&habeas, "sessions_court", day);
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
