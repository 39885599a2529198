//! One case as its page shows it. Reads, opens, arranges; changes nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use peshi_calendar::Calendar;
use peshi_casework::pack::{ChartSpec, FieldKind, Form, Pack, Sensitivity, Standing, event_key};
use peshi_casework::{
    AccountId, Actor, Allowed, Case, Context, Deadline, EffectId, Fields, Instance, InstanceId, ShownPanel,
    WhyIdle, allowed, idle_rules, shown_panels,
};
use peshi_store::CaseRow;
use peshi_vault::WrappedKey;
use serde_json::Value;
use uuid::Uuid;

use crate::Service;
use crate::access::{Action, Viewer};
use crate::error::ServiceError;
use crate::said;
use crate::sealing::{open_case, stored_hash};
use crate::views::{
    ActionView, CaseSummary, CaseView, ChildView, DateView, FactView, IdleView, PanelRow, PanelView,
    PersonView, RegionView, StateView, TaskView, TeamView,
};
use crate::why::why;

impl Service {
    /// One case, whole, with what the viewer may record now.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] when it is absent or not open to the viewer.
    pub async fn case(
        &self,
        viewer: &Viewer,
        reference: &str,
        now: DateTime<Utc>,
    ) -> Result<CaseView, ServiceError> {
        let row = self.allowed_case(viewer, reference, Action::ReadCase).await?;
        self.note_reading(viewer, "case_read", row.id, now).await?;
        let case = self.opened(&row).await?;
        let pack = self.core.pinned(&case).await?;
        let calendar = self.library.calendar_in(&pack, case.province())?;
        let names = self.names(&[row.id]).await?;
        let actor = Actor::Account(viewer.account);
        let role = case
            .team
            .get(&viewer.account)
            .map_or(viewer.role.as_str(), String::as_str);
        let ctx = Context {
            pack: &pack,
            calendar: &calendar,
            now,
            occurred_at: now,
            actor: &actor,
            role: Some(role),
            expected_version: None,
        };
        let team = names.get(&row.id).cloned().unwrap_or_default();
        let words = self.library.words(&case.pack.name, &case.pack.hash);
        Ok(CaseView {
            summary: self.summary(&row, team.iter().map(|(_, name)| name.clone()).collect(), now),
            version: case.version,
            pack_version: case.pack.version,
            opened_at: row.opened_at,
            zone: calendar.zone.name().to_owned(),
            regions: regions(&pack, &case),
            children: children(&pack, &case),
            dates: dates(&pack, &words, &case, &calendar, now),
            idle: idle(&pack, &case, &calendar),
            tasks: tasks(&words, &case),
            panels: shown_panels(&ctx, &case)
                .into_iter()
                .map(|p| panel(&pack, p))
                .collect(),
            violation_codes: pack.violation_codes(),
            violations: case
                .violations
                .iter()
                .zip(1..)
                .map(|(violation, number)| said::violation(number, violation))
                .collect(),
            documents: self.document_views(&case).await?,
            people: people(&case, now),
            team: team
                .into_iter()
                .map(|(id, name)| TeamView {
                    account: id.to_string(),
                    name,
                    role_key: format!("role-{}", case.team.get(&id).map_or("", String::as_str)),
                })
                .collect(),
            actions: actions(&pack, &ctx, &case),
            facts: facts(&pack, pack.opening.as_deref(), &case.root().data),
            head: stored_hash(row.id, &row.head)?.to_string(),
        })
    }

    /// Opens the sealed state of a row.
    pub(crate) async fn opened(&self, row: &CaseRow) -> Result<Case, ServiceError> {
        let key = self.case_key(row.id).await?;
        open_case(row.id, &row.state, &key)
    }

    /// The key of a case.
    pub(crate) async fn case_key(&self, case: Uuid) -> Result<Arc<peshi_vault::CaseKey>, ServiceError> {
        let wrapped = self
            .store
            .case_key(case)
            .await?
            .ok_or_else(|| ServiceError::Corrupt {
                case: case.to_string(),
                problem: "its key is gone: the case was erased".to_owned(),
            })?;
        Ok(Arc::new(
            self.key
                .unwrap(&case.to_string(), &WrappedKey::from_bytes(wrapped))?,
        ))
    }

    /// Names of the teams of cases.
    pub(crate) async fn names(
        &self,
        cases: &[Uuid],
    ) -> Result<BTreeMap<Uuid, Vec<(AccountId, String)>>, ServiceError> {
        let teams = self.store.teams(cases).await?;
        let accounts = self.names_of(teams.iter().map(|row| row.account_id)).await?;
        let mut names: BTreeMap<Uuid, Vec<(AccountId, String)>> = BTreeMap::new();
        for row in teams {
            let name = accounts.get(&row.account_id).cloned().unwrap_or_default();
            names
                .entry(row.case_id)
                .or_default()
                .push((AccountId(row.account_id), name));
        }
        Ok(names)
    }

    /// The names of these accounts.
    pub(crate) async fn names_of(
        &self,
        accounts: impl Iterator<Item = Uuid>,
    ) -> Result<BTreeMap<Uuid, String>, ServiceError> {
        let accounts = self.store.accounts_by_ids(&accounts.collect()).await?;
        accounts
            .iter()
            .map(|a| Ok((a.id, self.profile(a)?.name)))
            .collect()
    }

    /// The names of all accounts, for a journal, which may speak of anybody.
    pub(crate) async fn account_names(&self) -> Result<BTreeMap<Uuid, String>, ServiceError> {
        let accounts = self.store.accounts().await?;
        accounts
            .iter()
            .map(|a| Ok((a.id, self.profile(a)?.name)))
            .collect()
    }

    /// A row as a line of a list.
    pub(crate) fn summary(&self, row: &CaseRow, team: Vec<String>, now: DateTime<Utc>) -> CaseSummary {
        CaseSummary {
            reference: row.reference.clone(),
            pack: self.library.words(&row.pack_name, &row.pack_hash),
            waiting_on: row.waiting_on.clone(),
            waiting_since: row.waiting_since,
            next_court_at: row.next_court_at,
            next_deadline_at: row.next_deadline_at,
            overdue_since: row.overdue_since,
            blind_since: row.blind_since,
            stalled_since: row.stalled_at.filter(|at| *at <= now),
            closed: row.closed,
            last_event_at: row.last_event_at,
            team,
        }
    }
}

/// The active leaf states of an instance that lie below `within`, or all of them.
fn leaves(spec: &ChartSpec, instance: &Instance, chart: &str, within: Option<&str>) -> Vec<StateView> {
    let Some(snapshot) = &instance.snapshot else {
        return Vec::new();
    };
    let parents: BTreeMap<&str, &str> = spec
        .chart
        .states()
        .filter_map(|s| Some((s.id(), s.parent()?)))
        .collect();
    let below = |leaf: &str| {
        within.is_none_or(|region| {
            std::iter::successors(Some(leaf), |id| parents.get(id).copied()).any(|id| id == region)
        })
    };
    snapshot
        .active_leaves()
        .iter()
        .filter(|leaf| below(leaf))
        .map(|leaf| StateView {
            key: format!("state-{chart}-{leaf}"),
            since: instance.since.get(leaf).copied(),
            waiting_on: spec
                .states
                .get(leaf)
                .and_then(|s| s.waiting_on)
                .map(|w| w.as_str().to_owned()),
        })
        .collect()
}

fn regions(pack: &Pack, case: &Case) -> Vec<RegionView> {
    let Some(spec) = pack.chart("case") else {
        return Vec::new();
    };
    let regions: Vec<&str> = spec
        .chart
        .states()
        .find(|s| s.parent().is_none() && s.kind() == peshi_statechart::StateKind::Parallel)
        .map(|root| root.children().collect())
        .unwrap_or_default();
    if regions.is_empty() {
        let states = leaves(spec, case.root(), "case", None);
        return vec![RegionView {
            key: "chart-case".to_owned(),
            states,
        }];
    }
    regions
        .into_iter()
        .map(|region| RegionView {
            key: format!("state-case-{region}"),
            states: leaves(spec, case.root(), "case", Some(region)),
        })
        .collect()
}

fn children(pack: &Pack, case: &Case) -> Vec<ChildView> {
    case.instances
        .iter()
        .filter(|(id, _)| !id.is_root())
        .map(|(id, instance)| ChildView {
            instance: id.to_string(),
            parent: instance
                .parent
                .as_ref()
                .map_or_else(|| "case".to_owned(), ToString::to_string),
            key: format!("chart-{}", instance.chart),
            states: pack
                .chart(&instance.chart)
                .map(|spec| leaves(spec, instance, &instance.chart, None))
                .unwrap_or_default(),
            open: !instance.done,
            facts: facts(pack, None, &instance.data),
        })
        .collect()
}

fn dates(pack: &Pack, words: &str, case: &Case, calendar: &Calendar, now: DateTime<Utc>) -> Vec<DateView> {
    let mut dates: Vec<DateView> = case
        .deadlines
        .iter()
        .filter(|(_, d)| d.is_open())
        .map(|(id, d)| date_view(pack, words, case, (id, d), calendar, now))
        .collect();
    dates.sort_by(|a, b| (a.due_at, &a.key).cmp(&(b.due_at, &b.key)));
    dates
}

/// The moment to tell people of a date: a whole last day ends at the midnight that follows it, and nobody says so.
pub(crate) fn shown(
    due_at: DateTime<Utc>,
    last_day: Option<NaiveDate>,
    calendar: &Calendar,
) -> (DateTime<Utc>, bool) {
    match last_day {
        Some(day) if calendar.local_date(due_at) != day => (
            calendar.at_local(day, NaiveTime::MIN) + TimeDelta::hours(12),
            true,
        ),
        _ => (due_at, false),
    }
}

/// The rules that do not run although a state asks for them. That one stands back for a better fitting one is no news.
fn idle(pack: &Pack, case: &Case, calendar: &Calendar) -> Vec<IdleView> {
    idle_rules(pack, case, calendar)
        .into_iter()
        .filter(|idle| idle.why != WhyIdle::Elsewhere)
        .map(|idle| IdleView {
            key: format!("deadline-{}", idle.rule),
            instance: idle.instance.to_string(),
            why: idle.why.as_str().to_owned(),
        })
        .collect()
}

/// A deadline with everything the law pages must say of it.
pub(crate) fn date_view(
    pack: &Pack,
    words: &str,
    case: &Case,
    (id, deadline): (&EffectId, &Deadline),
    calendar: &Calendar,
    now: DateTime<Utc>,
) -> DateView {
    let today = calendar.local_date(now);
    let rule = pack.deadlines.get(&deadline.rule);
    let (shown_at, whole_day) = shown(deadline.computed.due_at, deadline.computed.last_day, calendar);
    let text = |pick: fn(&peshi_casework::pack::DeadlineRule) -> Option<String>| rule.and_then(pick);
    DateView {
        reference: case.reference.clone(),
        pack: words.to_owned(),
        key: format!("deadline-{}", deadline.rule),
        kind: if rule.is_some_and(|r| r.hearing) {
            "hearing"
        } else {
            "deadline"
        }
        .to_owned(),
        instance: deadline.instance.to_string(),
        due_at: deadline.computed.due_at,
        shown_at,
        whole_day,
        last_day: deadline.computed.last_day,
        internal_last_day: deadline.computed.internal_last_day,
        missed: deadline.missed_at.is_some(),
        legal_kind: rule.map_or("internal", |r| r.kind.as_str()).to_owned(),
        code: text(|r| r.code.clone()),
        basis: text(|r| r.basis.clone()),
        source: text(|r| r.source.clone()),
        confidence: text(|r| r.confidence.clone()),
        signed_off: text(|r| r.signed_off.clone()),
        who: rule.map_or("us", |r| r.who.as_str()).to_owned(),
        id: id.to_string(),
        standing: rule
            .map_or(Standing::InForce, |r| r.standing(today))
            .as_str()
            .to_owned(),
        stopped: deadline
            .stops
            .last()
            .filter(|_| deadline.is_stopped())
            .map(|stop| stop.category.clone()),
        reckoned_day: deadline.overridden.as_ref().map(|by| by.reckoned.day(calendar)),
        counted: deadline.computed.period.is_some(),
        ended: !deadline.is_open(),
        why: why(pack, case, deadline, calendar, today),
    }
}

fn tasks(words: &str, case: &Case) -> Vec<TaskView> {
    case.tasks
        .iter()
        .filter(|(_, t)| t.done_at.is_none())
        .map(|(id, task)| TaskView {
            id: id.to_string(),
            reference: case.reference.clone(),
            pack: words.to_owned(),
            key: format!("task-{}", task.key),
            raised_at: task.raised_at,
            instance: task.instance.as_ref().map(ToString::to_string),
        })
        .collect()
}

fn people(case: &Case, now: DateTime<Utc>) -> Vec<PersonView> {
    case.people
        .iter()
        .map(|(id, person)| PersonView {
            id: id.clone(),
            role_key: format!("person-{}", person.role),
            name: person.name.clone(),
            contact: person
                .permissions
                .iter()
                .filter(|p| p.expires_at > now && !p.phone_at_risk)
                .map(|p| format!("{} {}", p.channel.as_str(), masked(&p.address)))
                .collect(),
        })
        .collect()
}

/// The last three characters of a number, or the first letter and the domain's end of an address.
fn masked(address: &str) -> String {
    match address.split_once('@') {
        Some((name, domain)) => {
            let first = name.chars().next().unwrap_or('*');
            let top = domain.rsplit('.').next().unwrap_or("");
            format!("{first}…@….{top}")
        }
        None => format!("…{}", &address[address.len().saturating_sub(3)..]),
    }
}

fn actions(pack: &Pack, ctx: &Context<'_>, case: &Case) -> Vec<ActionView> {
    allowed(ctx, case)
        .into_iter()
        .map(|a| ActionView {
            chart_key: format!("chart-{}", a.chart),
            region_key: region_key(pack, &a),
            key: event_key(&a.event),
            form: a.form.and_then(|name| pack.forms.get(&name).cloned()),
            instance: a.instance.to_string(),
            event: a.event,
        })
        .collect()
}

/// Where an event belongs for people: the region of the case, or the child.
fn region_key(pack: &Pack, allowed: &Allowed) -> String {
    let chart = &allowed.chart;
    let Some(spec) = pack.chart(chart).filter(|_| allowed.instance.is_root()) else {
        return format!("chart-{chart}");
    };
    let parents: BTreeMap<&str, &str> = spec
        .chart
        .states()
        .filter_map(|s| Some((s.id(), s.parent()?)))
        .collect();
    let root = spec.chart.name();
    let region = std::iter::successors(Some(allowed.source.as_str()), |id| parents.get(id).copied())
        .find(|id| parents.get(id).is_none_or(|parent| *parent == root))
        .unwrap_or(root);
    if region == root {
        format!("chart-{chart}")
    } else {
        format!("state-{chart}-{region}")
    }
}

/// Kept fields with their names: a field is looked up in `form`, else in whichever form has it.
pub(crate) fn facts(pack: &Pack, form: Option<&str>, fields: &Fields) -> Vec<FactView> {
    fields
        .iter()
        .filter_map(|(name, value)| {
            let form = form
                .and_then(|f| pack.forms.get(f))
                .filter(|f| has_field(f, name))
                .or_else(|| pack.forms.values().find(|f| has_field(f, name)))?;
            let field = form.fields.iter().find(|f| &f.name == name)?;
            let choice_key = match (field.kind, value) {
                (FieldKind::Choice, Value::String(choice)) => Some(format!("choice-{name}-{choice}")),
                _ => None,
            };
            let choice_keys = match (field.kind, value) {
                (FieldKind::Choices, Value::Array(chosen)) => chosen
                    .iter()
                    .filter_map(Value::as_str)
                    .map(|choice| format!("choice-{name}-{choice}"))
                    .collect(),
                _ => Vec::new(),
            };
            let value = match (field.kind, value.as_str()) {
                (FieldKind::Cnic, Some(number)) => Value::String(masked(number)),
                _ => value.clone(),
            };
            Some(FactView {
                key: format!("field-{}-{name}", form.name),
                value,
                choice_key,
                choice_keys,
                kind: word(field.kind),
                sensitivity: match field.sensitivity {
                    Sensitivity::Open => "open",
                    Sensitivity::Personal => "personal",
                    Sensitivity::Narrative => "narrative",
                }
                .to_owned(),
            })
        })
        .collect()
}

/// A panel with its rows; a text is worded where the pack words it.
fn panel(pack: &Pack, panel: ShownPanel) -> PanelView {
    let words = pack.files.get("locales/en.ftl").map_or("", String::as_str);
    let worded = |key: &str| {
        words.lines().any(|line| {
            line.strip_prefix(key)
                .is_some_and(|rest| rest.trim_start().starts_with('='))
        })
    };
    let heading = format!("panel-{}", panel.name);
    let row = |(row, value): (String, Option<Value>)| {
        let key = format!("{heading}-{row}");
        let text = value.as_ref().and_then(Value::as_str);
        let value_key = text.map(|text| format!("{key}-{text}")).filter(|key| worded(key));
        PanelRow {
            key,
            value,
            value_key,
        }
    };
    PanelView {
        rows: panel.rows.into_iter().map(row).collect(),
        key: heading,
    }
}

fn has_field(form: &Form, name: &str) -> bool {
    form.fields.iter().any(|f| f.name == name)
}

/// The type of a field as views name it.
pub(crate) fn word(kind: FieldKind) -> String {
    serde_json::to_value(kind)
        .ok()
        .and_then(|v| v.as_str().map(str::to_owned))
        .unwrap_or_default()
}

/// The chart an instance runs; the root for an unknown one.
pub(crate) fn chart_of<'a>(case: &'a Case, instance: &InstanceId) -> &'a str {
    case.instances.get(instance).map_or("case", |i| i.chart.as_str())
}
