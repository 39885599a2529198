//! Days that staff have added to calendars, and the cases whose dates such a day may move.
//!
//! It does not know what a closed day does to a date.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::entities::agenda::{self, Column};
use crate::entities::calendar_day;
use crate::error::{OnTable, StoreError};
use crate::rows::CalendarDayRow;
use crate::sql::micros;
use crate::store::Store;
use crate::tx::WriteTx;
use crate::words::AgendaState;

/// Which cases have a date ahead that may rest on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatesFrom {
    /// Dates due at or after this moment …
    pub from: DateTime<Utc>,
    /// … and before this one,
    pub until: DateTime<Utc>,
    /// or later still, if they are of one of these rules.
    pub rules: Vec<String>,
    /// Only cases after this one.
    pub after: Option<Uuid>,
    /// At most so many.
    pub limit: u64,
}

impl Store {
    /// Every day that was ever added, by day, then calendar.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn calendar_days(&self) -> Result<Vec<CalendarDayRow>, StoreError> {
        let found = calendar_day::Entity::find()
            .order_by_asc(calendar_day::Column::Day)
            .order_by_asc(calendar_day::Column::Calendar)
            .order_by_asc(calendar_day::Column::Id)
            .all(self.reader())
            .await
            .on("calendar_days")?;
        Ok(found.into_iter().map(CalendarDayRow::from).collect())
    }

    /// The cases with open deadlines or hearings in a range, by id; found by the index on what is due, never by a look at
    /// every case.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn cases_with_dates(&self, asked: &DatesFrom) -> Result<Vec<Uuid>, StoreError> {
        let mut when = Condition::any().add(Column::DueAt.lt(micros(asked.until)));
        if !asked.rules.is_empty() {
            when = when.add(Column::Rule.is_in(&asked.rules));
        }
        let mut query = agenda::Entity::find()
            .select_only()
            .column(Column::CaseId)
            .distinct()
            .filter(Column::State.eq(AgendaState::Open.as_str()))
            .filter(Column::Kind.is_in(["deadline", "hearing"]))
            .filter(Column::DueAt.gte(micros(asked.from)))
            .filter(when)
            .order_by_asc(Column::CaseId)
            .limit(asked.limit);
        if let Some(after) = asked.after {
            query = query.filter(Column::CaseId.gt(after));
        }
        query.into_tuple().all(self.reader()).await.on("agenda")
    }
}

impl WriteTx {
    /// Keeps a day.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_calendar_day(&mut self, row: &CalendarDayRow) -> Result<(), StoreError> {
        self.enter()?;
        calendar_day::Entity::insert(calendar_day::Model::from(row).into_active_model())
            .exec_without_returning(self.raw())
            .await
            .on("calendar_days")?;
        self.leave(());
        Ok(())
    }

    /// Notes that every date that a day moves has moved.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn calendar_day_followed(&mut self, id: Uuid, at: DateTime<Utc>) -> Result<(), StoreError> {
        self.enter()?;
        calendar_day::Entity::update_many()
            .col_expr(
                calendar_day::Column::FollowedAt,
                sea_orm::sea_query::Expr::value(micros(at)),
            )
            .filter(calendar_day::Column::Id.eq(id))
            .exec(self.raw())
            .await
            .on("calendar_days")?;
        self.leave(());
        Ok(())
    }
}
