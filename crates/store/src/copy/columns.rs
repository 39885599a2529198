//! Between a column's value and its JSON. Knows kinds of values, no table.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use chrono::{DateTime, NaiveDate};
use sea_orm::{ColumnTrait, ColumnType, EntityTrait, IdenStatic, Iterable, Value};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::error::StoreError;

/// What a column holds, the same on both databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    Bool,
    Int,
    Long,
    Text,
    Bytes,
    Moment,
    Day,
    Uuid,
}

/// The columns of an entity with their kinds, in the entity's order.
pub(super) fn columns_of<E: EntityTrait>(
    table: &'static str,
) -> Result<Vec<(String, Kind, E::Column)>, StoreError> {
    E::Column::iter()
        .map(|column| {
            let name = column.as_str().to_owned();
            let kind = Kind::of(column.def().get_column_type());
            let kind = kind.ok_or_else(|| StoreError::Inconsistent {
                table,
                what: format!("column {name} has a type that no copy knows"),
            })?;
            Ok((name, kind, column))
        })
        .collect()
}

impl Kind {
    fn of(column: &ColumnType) -> Option<Self> {
        Some(match column {
            ColumnType::Boolean => Self::Bool,
            ColumnType::Integer => Self::Int,
            ColumnType::BigInteger => Self::Long,
            ColumnType::Text | ColumnType::String(_) => Self::Text,
            ColumnType::Blob | ColumnType::VarBinary(_) | ColumnType::Binary(_) => Self::Bytes,
            ColumnType::TimestampWithTimeZone => Self::Moment,
            ColumnType::Date => Self::Day,
            ColumnType::Uuid => Self::Uuid,
            _ => return None,
        })
    }

    /// The value as JSON; `None` if it is not of this kind.
    pub(super) fn write(self, value: Value) -> Option<Json> {
        Some(match (self, value) {
            (Self::Bool, Value::Bool(v)) => json!(v),
            (Self::Int, Value::Int(v)) => json!(v),
            (Self::Long, Value::BigInt(v)) => json!(v),
            (Self::Text, Value::String(v)) => json!(v),
            (Self::Bytes, Value::Bytes(v)) => json!(v.map(|v| BASE64.encode(v))),
            (Self::Moment, Value::ChronoDateTimeUtc(v)) => json!(v.map(|v| v.timestamp_micros())),
            (Self::Day, Value::ChronoDate(v)) => json!(v),
            (Self::Uuid, Value::Uuid(v)) => json!(v),
            _ => return None,
        })
    }

    /// The value that a piece of JSON stands for; `None` if it is not of this kind.
    pub(super) fn read(self, json: &Json) -> Option<Value> {
        let text = |json: &Json| json.as_str().map(str::to_owned);
        let null = json.is_null();
        Some(match self {
            Self::Bool if null => Value::Bool(None),
            Self::Int if null => Value::Int(None),
            Self::Long if null => Value::BigInt(None),
            Self::Text if null => Value::String(None),
            Self::Bytes if null => Value::Bytes(None),
            Self::Moment if null => Value::ChronoDateTimeUtc(None),
            Self::Day if null => Value::ChronoDate(None),
            Self::Uuid if null => Value::Uuid(None),
            Self::Bool => Value::Bool(Some(json.as_bool()?)),
            Self::Int => Value::Int(Some(i32::try_from(json.as_i64()?).ok()?)),
            Self::Long => Value::BigInt(Some(json.as_i64()?)),
            Self::Text => Value::String(Some(text(json)?)),
            Self::Bytes => Value::Bytes(Some(BASE64.decode(json.as_str()?).ok()?)),
            Self::Moment => Value::ChronoDateTimeUtc(Some(DateTime::from_timestamp_micros(json.as_i64()?)?)),
            Self::Day => Value::ChronoDate(Some(json.as_str()?.parse::<NaiveDate>().ok()?)),
            Self::Uuid => Value::Uuid(Some(json.as_str()?.parse().ok()?)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn every_kind_goes_both_ways_and_refuses_others() {
        let at = DateTime::from_timestamp_micros(-1_234_567).unwrap();
        let values = [
            (Kind::Bool, Value::Bool(Some(true)), Value::Bool(None)),
            (Kind::Int, Value::Int(Some(-3)), Value::Int(None)),
            (Kind::Long, Value::BigInt(Some(i64::MAX)), Value::BigInt(None)),
            (
                Kind::Text,
                Value::String(Some("مسیح \"\n".into())),
                Value::String(None),
            ),
            (Kind::Bytes, Value::Bytes(Some(vec![0, 255])), Value::Bytes(None)),
            (
                Kind::Moment,
                Value::ChronoDateTimeUtc(Some(at)),
                Value::ChronoDateTimeUtc(None),
            ),
            (
                Kind::Day,
                Value::ChronoDate("2026-02-28".parse().ok()),
                Value::ChronoDate(None),
            ),
            (
                Kind::Uuid,
                Value::Uuid(Some(Uuid::from_u128(7))),
                Value::Uuid(None),
            ),
        ];
        for (kind, value, null) in &values {
            for value in [value, null] {
                let json = kind.write(value.clone()).unwrap();
                assert_eq!(kind.read(&json).as_ref(), Some(value), "{kind:?} {json}");
            }
            assert_eq!(kind.write(Value::Char(None)), None);
            assert_eq!(kind.read(&json!([])), None, "{kind:?}");
        }
        assert_eq!(Kind::Int.read(&json!(i64::MAX)), None);
        assert_eq!(Kind::Bytes.read(&json!("%")), None);
    }
}
