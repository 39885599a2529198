//! Kinds of values, as far as they can be told before anything is evaluated.
//! Knows what may be compared and reckoned with what; not where a value comes from.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use cel::common::ast::LiteralValue;

/// What a value can be.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// Nothing is known of it.
    Any,
    /// Nothing.
    Null,
    /// True or false.
    Bool,
    /// A whole number.
    Int,
    /// A number with decimals.
    Double,
    /// A text.
    Text,
    /// One of several keys.
    Choice(Arc<[String]>),
    /// A local date, kept as the text `YYYY-MM-DD`.
    Date,
    /// A date that may be known only roughly: bounds and ages can be asked of it, an order not.
    ApproximateDate,
    /// A local date and time, kept as the text `YYYY-MM-DDTHH:MM`.
    Datetime,
    /// An instant, as `now` is.
    Moment,
    /// A list of one kind.
    List(Box<Kind>),
    /// Named fields.
    Record(Arc<Record>),
}

/// Named fields, and whether there may be others.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// What it is called in a message: "the form `payment`".
    pub called: String,
    /// The fields that are known.
    pub fields: BTreeMap<String, Slot>,
    /// What another field means.
    pub others: Others,
}

/// One known field.
#[derive(Debug, Clone, PartialEq)]
pub struct Slot {
    /// What it holds.
    pub kind: Kind,
    /// It may be missing.
    pub optional: bool,
}

/// What a field means that is not among the known ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Others {
    /// It may be there.
    Possible,
    /// Nothing puts it there: asking is unwise, and is answered by an error at run time.
    Unfilled,
    /// It cannot be there.
    None,
}

impl Kind {
    /// In words, for a message.
    pub(super) fn in_words(&self) -> String {
        match self {
            Self::Any => "a value of any kind".to_owned(),
            Self::Null => "nothing (null)".to_owned(),
            Self::Bool => "true or false".to_owned(),
            Self::Int => "a whole number".to_owned(),
            Self::Double => "a number with decimals".to_owned(),
            Self::Text => "a text".to_owned(),
            Self::Choice(_) => "one of several choices".to_owned(),
            Self::Date => "a date".to_owned(),
            Self::ApproximateDate => "a date that may be known only roughly".to_owned(),
            Self::Datetime => "a date and time".to_owned(),
            Self::Moment => "a moment".to_owned(),
            Self::List(_) => "a list".to_owned(),
            Self::Record(record) => record.called.clone(),
        }
    }

    /// The kind that covers both.
    #[must_use]
    pub fn joined(&self, other: &Self) -> Self {
        match (self, other) {
            (a, b) if a == b => a.clone(),
            (a, b) if a.is_text() && b.is_text() => Self::Text,
            (Self::List(a), Self::List(b)) => Self::List(Box::new(a.joined(b))),
            _ => Self::Any,
        }
    }

    /// Kept as a text, whatever it means.
    pub(super) fn is_text(&self) -> bool {
        matches!(self, Self::Text | Self::Choice(_) | Self::Date | Self::Datetime)
    }

    pub(super) fn is_number(&self) -> bool {
        matches!(self, Self::Int | Self::Double)
    }

    /// Whether values of both can be put in an order.
    pub(super) fn orders_with(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Any, _) | (_, Self::Any) => true,
            (a, b) if a.is_text() && b.is_text() => true,
            (a, b) if a.is_number() && b.is_number() => true,
            (Self::Bool, Self::Bool) | (Self::Moment, Self::Moment) => true,
            _ => false,
        }
    }

    /// Whether values of both can be equal.
    pub(super) fn may_equal(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, _)
            | (_, Self::Null)
            | (Self::Record(_), Self::Record(_))
            | (Self::ApproximateDate, Self::ApproximateDate) => true,
            (Self::Date, Self::Datetime) | (Self::Datetime, Self::Date) => false,
            (Self::List(a), Self::List(b)) => a.may_equal(b),
            (a, b) => a.orders_with(b),
        }
    }
}

/// What a written value is.
pub(super) fn literal_kind(literal: &LiteralValue) -> Kind {
    match literal {
        LiteralValue::Boolean(_) => Kind::Bool,
        LiteralValue::Int(_) => Kind::Int,
        LiteralValue::Double(_) => Kind::Double,
        LiteralValue::String(_) => Kind::Text,
        LiteralValue::Null => Kind::Null,
        LiteralValue::UInt(_) | LiteralValue::Bytes(_) => Kind::Any,
    }
}

/// A child instance as `children` gives it.
pub(super) fn child(data: Kind) -> Kind {
    let slot = |kind| Slot {
        kind,
        optional: false,
    };
    let fields = [
        ("id", Kind::Text),
        ("chart", Kind::Text),
        ("open", Kind::Bool),
        ("states", Kind::List(Box::new(Kind::Text))),
        ("data", data),
    ];
    Kind::Record(Arc::new(Record {
        called: "a child".to_owned(),
        fields: fields
            .into_iter()
            .map(|(name, kind)| (name.to_owned(), slot(kind)))
            .collect(),
        others: Others::None,
    }))
}

/// What a function gives.
pub(super) fn result(name: &str, kinds: &[Kind]) -> Kind {
    match name {
        "size" | "int" => Kind::Int,
        "double" => Kind::Double,
        "string" => match kinds {
            [kind] if kind.is_text() => kind.clone(),
            _ => Kind::Text,
        },
        "bool" | "contains" | "startsWith" | "endsWith" | "matches" | "in_state" | "case_in_state" => {
            Kind::Bool
        }
        "timestamp" => Kind::Moment,
        _ if name.starts_with("get") => Kind::Int,
        _ => Kind::Any,
    }
}

pub(super) fn arguments(arity: &Range<usize>) -> String {
    match (arity.start, arity.end - 1) {
        (1, 1) => "one argument".to_owned(),
        (few, many) if few == many => format!("{few} arguments"),
        (few, many) => format!("{few} to {many} arguments"),
    }
}

/// How two kinds can be brought together.
pub(super) fn convert(left: &Kind, right: &Kind) -> &'static str {
    let either = |test: &dyn Fn(&Kind) -> bool| test(left) || test(right);
    if either(&|k| matches!(k, Kind::ApproximateDate)) {
        "take `earliest(…)` or `latest(…)` of it, or ask for the age: `certainly_under(data.born, 16, today)`"
    } else if left.is_number() && right.is_number() {
        "whole numbers and decimals do not mix: write `double(…)` around the whole one, `2.0` instead of `2`"
    } else if either(&|k| matches!(k, Kind::Date | Kind::Datetime)) && either(&Kind::is_number) {
        "count the days first: `days_between(data.filed_on, today) > 30`"
    } else if matches!(
        (left, right),
        (Kind::Date, Kind::Datetime) | (Kind::Datetime, Kind::Date)
    ) {
        "compare the days: `days_between(…, …) == 0`"
    } else if either(&|k| matches!(k, Kind::Moment)) {
        "`now` is a moment; dates and times of the case are compared with `today` or by `days_between`"
    } else if either(&Kind::is_number) && either(&Kind::is_text) {
        "a text in quotation marks is not a number; take the quotation marks away, or write `double(…)` around the text"
    } else {
        "bring both to the same kind, or correct the name"
    }
}
