//! How values stand in columns: enums by their codes, structures as JSON.

use rusqlite::{
    Row, ToSql,
    types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef},
};
use serde::{
    Serialize,
    de::{
        DeserializeOwned, IntoDeserializer as _,
        value::{Error, StrDeserializer},
    },
};

/// A column that holds JSON; NULL is JSON's `null`.
pub(super) struct Json<T>(pub(super) T);

impl<T: DeserializeOwned> FromSql for Json<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let text = match value {
            ValueRef::Null => "null",
            value => value.as_str()?,
        };
        serde_json::from_str(text).map(Self).map_err(FromSqlError::other)
    }
}

impl<T: Serialize> ToSql for Json<T> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match serde_json::to_string(&self.0) {
            Ok(text) => Ok(text.into()),
            Err(error) => Err(rusqlite::Error::ToSqlConversionFailure(error.into())),
        }
    }
}

/// A column that holds an enum by its code in JSON.
#[derive(Clone, Copy)]
pub(super) struct Code<T>(pub(super) T);

impl<T: DeserializeOwned> FromSql for Code<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let code: StrDeserializer<'_, Error> = value.as_str()?.into_deserializer();
        T::deserialize(code).map(Self).map_err(FromSqlError::other)
    }
}

impl<T: Serialize> ToSql for Code<T> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match serde_json::to_value(&self.0) {
            Ok(serde_json::Value::String(code)) => Ok(code.into()),
            _ => Err(rusqlite::Error::ToSqlConversionFailure("an enum is not written as one word".into())),
        }
    }
}

/// Reads columns that hold more than plain values.
pub(super) trait Columns {
    fn json<T: DeserializeOwned>(&self, column: &str) -> rusqlite::Result<T>;
    fn code<T: DeserializeOwned>(&self, column: &str) -> rusqlite::Result<T>;
}

impl Columns for Row<'_> {
    fn json<T: DeserializeOwned>(&self, column: &str) -> rusqlite::Result<T> {
        self.get(column).map(|Json(value)| value)
    }

    fn code<T: DeserializeOwned>(&self, column: &str) -> rusqlite::Result<T> {
        self.get(column).map(|Code(value)| value)
    }
}
