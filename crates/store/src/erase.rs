//! Erasing a case: whatever can be read of it goes, whatever was still to happen is called off, and the journal's chain stays.
//! It does not know who may ask for it, nor what the last entry says.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, IntoActiveModel, QueryFilter};

use crate::entities::{agenda, case, case_key, document_part, job, journal, name_token, team, violation};
use crate::error::{OnTable, StoreError};
use crate::rows::JournalRow;
use crate::sql::micros;
use crate::store::Store;
use crate::tx::WriteTx;
use crate::words::JobState;

impl WriteTx {
    /// Erases the case of `last`, which becomes the last entry of its journal; gives the number of jobs called off.
    ///
    /// The case must be held by this transaction. Its key, sealed state, names, agenda, violations, documents and team go; of its jobs stays that
    /// they were there, and those not ended are cancelled for `reason`.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if the journal has moved on.
    pub async fn erase_case(
        &mut self,
        last: &JournalRow,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        self.enter()?;
        let id = last.case_id;
        journal::Entity::insert(journal::Model::from(last).into_active_model())
            .exec_without_returning(self.raw())
            .await
            .on("journal")?;
        case_key::Entity::delete_by_id(id)
            .exec(self.raw())
            .await
            .on("case_keys")?;
        name_token::Entity::delete_many()
            .filter(name_token::Column::CaseId.eq(id))
            .exec(self.raw())
            .await
            .on("name_tokens")?;
        agenda::Entity::delete_many()
            .filter(agenda::Column::CaseId.eq(id))
            .exec(self.raw())
            .await
            .on("agenda")?;
        violation::Entity::delete_many()
            .filter(violation::Column::CaseId.eq(id))
            .exec(self.raw())
            .await
            .on("violations")?;
        document_part::Entity::delete_many()
            .filter(document_part::Column::CaseId.eq(id))
            .exec(self.raw())
            .await
            .on("document_parts")?;
        team::Entity::delete_many()
            .filter(team::Column::CaseId.eq(id))
            .exec(self.raw())
            .await
            .on("case_team")?;
        self.empty_case(last).await?;
        let cancelled = self.empty_jobs(last, reason, now).await?;
        Ok(self.leave(cancelled))
    }

    async fn empty_case(&self, last: &JournalRow) -> Result<(), StoreError> {
        let nothing = || Expr::val(None::<DateTime<Utc>>);
        let silence = || Expr::val(None::<String>);
        case::Entity::update_many()
            .col_expr(case::Column::Version, Expr::val(last.seq))
            .col_expr(case::Column::Head, Expr::val(last.hash.clone()))
            .col_expr(case::Column::LastEventAt, Expr::val(micros(last.recorded_at)))
            .col_expr(case::Column::State, Expr::val(Vec::<u8>::new()))
            .col_expr(case::Column::Closed, Expr::val(true))
            .col_expr(case::Column::WaitingOn, silence())
            .col_expr(case::Column::WaitingSince, nothing())
            .col_expr(case::Column::StalledAt, nothing())
            .col_expr(case::Column::NextCourtAt, nothing())
            .col_expr(case::Column::NextDeadlineAt, nothing())
            .col_expr(case::Column::OverdueSince, nothing())
            .col_expr(case::Column::BlindSince, nothing())
            .col_expr(case::Column::PublicStatus, silence())
            .col_expr(case::Column::ExternalKey, silence())
            .filter(case::Column::Id.eq(last.case_id))
            .exec(self.raw())
            .await
            .on("cases")?;
        Ok(())
    }

    async fn empty_jobs(
        &self,
        last: &JournalRow,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        let of_case = job::Column::CaseId.eq(last.case_id);
        let open = [JobState::Waiting.as_str(), JobState::Running.as_str()];
        let cancelled = job::Entity::update_many()
            .col_expr(job::Column::State, Expr::val(JobState::Cancelled.as_str()))
            .col_expr(job::Column::Reason, Expr::val(reason))
            .col_expr(job::Column::SettledAt, Expr::val(micros(now)))
            .filter(of_case.clone())
            .filter(job::Column::State.is_in(open))
            .exec(self.raw())
            .await
            .on("jobs")?;
        job::Entity::update_many()
            .col_expr(job::Column::Payload, Expr::val("{}"))
            .col_expr(job::Column::Result, Expr::val(None::<String>))
            .filter(of_case)
            .exec(self.raw())
            .await
            .on("jobs")?;
        Ok(cancelled.rows_affected)
    }
}

impl Store {
    /// Makes the database's files forget what was deleted, as far as the database can: SQLite empties its write-ahead log
    /// (deleted rows are overwritten at once), PostgreSQL clears the tables of dead rows.
    ///
    /// # Errors
    /// When the database fails; what was deleted stays deleted.
    pub async fn scrub(&self) -> Result<(), StoreError> {
        let statements: &[&str] = match self.writer().get_database_backend() {
            DbBackend::Postgres => &[
                "VACUUM case_keys",
                "VACUUM cases",
                "VACUUM document_parts",
                "VACUUM jobs",
                "VACUUM name_tokens",
            ],
            _ => &["PRAGMA wal_checkpoint(TRUNCATE)"],
        };
        for statement in statements {
            self.writer()
                .execute_unprepared(statement)
                .await
                .on("case_keys")?;
        }
        Ok(())
    }
}
