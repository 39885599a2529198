//! Small helpers for statements: microseconds, words and JSON in text columns, rows in bulk.
//!
//! It knows the databases' limits on bound values, and no table.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use sea_orm::sea_query::{Expr, OnConflict, Query};
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, IdenStatic, IntoActiveModel, Iterable,
    PrimaryKeyToColumn, QuerySelect, QueryTrait, Select,
};
use serde_json::Value;
use std::str::FromStr;

use crate::error::StoreError;
use crate::words::UnknownWord;

/// Most values asked for with one `IN (…)`; far below what either database takes in one statement.
pub(crate) const IN_CHUNK: usize = 10_000;

/// Most values bound in one statement.
fn bind_limit(backend: DbBackend) -> usize {
    match backend {
        DbBackend::Postgres => 65_535,
        _ => 32_766,
    }
}

/// Cuts a moment to whole microseconds, the finest PostgreSQL keeps.
pub(crate) fn micros(at: DateTime<Utc>) -> DateTime<Utc> {
    // Fails only for years whose nanoseconds do not fit 64 bits; those are kept as they are.
    at.duration_trunc(TimeDelta::microseconds(1)).unwrap_or(at)
}

/// Reads a stored word.
pub(crate) fn word<W: FromStr<Err = UnknownWord>>(table: &'static str, text: &str) -> Result<W, StoreError> {
    text.parse()
        .map_err(|error: UnknownWord| StoreError::Inconsistent {
            table,
            what: error.to_string(),
        })
}

/// Reads stored JSON. It is kept as text, so both databases give back the same bytes.
pub(crate) fn json(table: &'static str, text: &str) -> Result<Value, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Inconsistent {
        table,
        what: format!("stored JSON cannot be read: {error}"),
    })
}

/// How many rows a query gives, its limit included; the library's own counting forgets the limit and reads everything. No
/// column is asked for, so that an index alone can answer.
pub(crate) async fn count_limited<E: EntityTrait>(
    db: &impl ConnectionTrait,
    query: Select<E>,
) -> Result<u64, DbErr> {
    let query = query.select_only().expr_as(Expr::val(1), "one");
    let count = Query::select()
        .expr_as(Expr::cust("COUNT(*)"), "counted")
        .from_subquery(query.into_query(), "some")
        .take();
    let row = db.query_one(&count).await?;
    let counted: i64 = row.map_or(Ok(0), |row| row.try_get("", "counted"))?;
    Ok(counted.unsigned_abs())
}

/// What to do with a row whose primary key exists.
pub(crate) enum OnKey<'a, E: EntityTrait> {
    /// Report a conflict.
    Refuse,
    /// Overwrite all columns but the key and these.
    OverwriteBut(&'a [E::Column]),
}

/// Inserts rows with as few statements as the limit on bound values allows.
pub(crate) async fn insert_all<E>(
    db: &impl ConnectionTrait,
    rows: Vec<E::Model>,
    on_key: &OnKey<'_, E>,
) -> Result<(), DbErr>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel>,
    E::ActiveModel: ActiveModelTrait<Entity = E> + Send,
{
    for chunk in chunks::<E>(db, rows) {
        let mut insert = E::insert_many(chunk.into_iter().map(IntoActiveModel::into_active_model));
        if let OnKey::OverwriteBut(kept) = on_key {
            insert = insert.on_conflict(overwrite_but::<E>(kept));
        }
        insert.exec_without_returning(db).await?;
    }
    Ok(())
}

/// Cuts rows into portions that fit one statement each.
pub(crate) fn chunks<E: EntityTrait>(db: &impl ConnectionTrait, rows: Vec<E::Model>) -> Vec<Vec<E::Model>> {
    let size = bind_limit(db.get_database_backend()) / E::Column::iter().count();
    let mut rest = rows.into_iter();
    let mut chunks = Vec::new();
    loop {
        let chunk: Vec<_> = rest.by_ref().take(size).collect();
        if chunk.is_empty() {
            return chunks;
        }
        chunks.push(chunk);
    }
}

fn overwrite_but<E: EntityTrait>(kept: &[E::Column]) -> OnConflict {
    let key: Vec<E::Column> = E::PrimaryKey::iter()
        .map(PrimaryKeyToColumn::into_column)
        .collect();
    let among = |columns: &[E::Column], name: &str| columns.iter().any(|column| column.as_str() == name);
    let columns =
        E::Column::iter().filter(|column| !among(kept, column.as_str()) && !among(&key, column.as_str()));
    let mut clause = OnConflict::columns(E::PrimaryKey::iter());
    clause.update_columns(columns);
    clause
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::JobState;

    #[test]
    fn moments_are_cut_and_never_rounded_up() {
        let at = "2026-03-01T10:00:00.123456789Z".parse::<DateTime<Utc>>().unwrap();
        assert_eq!(micros(at).to_rfc3339(), "2026-03-01T10:00:00.123456+00:00");
        let before_1970 = "1969-12-31T23:59:59.999999999Z".parse::<DateTime<Utc>>().unwrap();
        assert_eq!(
            micros(before_1970).to_rfc3339(),
            "1969-12-31T23:59:59.999999+00:00"
        );
    }

    #[test]
    fn what_cannot_be_read_says_where_it_stands() {
        assert_eq!(
            word::<JobState>("jobs", "lost").unwrap_err().to_string(),
            "table jobs is inconsistent: \"lost\" is not one of: waiting, running, done, failed, suppressed, cancelled, dead; run `peshi verify`, and compare with a backup"
        );
        assert!(
            json("packs", "{")
                .unwrap_err()
                .to_string()
                .starts_with("table packs is inconsistent: stored JSON")
        );
    }
}
