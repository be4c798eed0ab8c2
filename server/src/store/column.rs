//! How values stand in columns: enums by their codes, structures as JSON.

use serde::{
    Serialize,
    de::{
        DeserializeOwned, IntoDeserializer as _,
        value::{Error as NoCode, StrDeserializer},
    },
};

use super::{
    db::Row,
    value::{FromValue, Parameter, Value},
};
use crate::error::Error;

/// A column that holds JSON; NULL is JSON's `null`.
pub(super) struct Json<T>(pub(super) T);

impl<T: DeserializeOwned> FromValue for Json<T> {
    fn from_value(value: Value<'_>) -> Option<Self> {
        let text = match &value {
            Value::Null => "null",
            Value::Text(text) => text.as_ref(),
            _ => return None,
        };
        serde_json::from_str(text).ok().map(Self)
    }
}

impl<T: Serialize> Parameter for Json<T> {
    fn value(&self) -> Option<Value<'_>> {
        serde_json::to_string(&self.0).ok().map(|text| Value::Text(text.into()))
    }
}

/// A column that holds an enum by its code in JSON.
#[derive(Clone, Copy)]
pub(super) struct Code<T>(pub(super) T);

impl<T: DeserializeOwned> FromValue for Code<T> {
    fn from_value(value: Value<'_>) -> Option<Self> {
        let Value::Text(code) = value else { return None };
        let code: StrDeserializer<'_, NoCode> = code.as_ref().into_deserializer();
        T::deserialize(code).ok().map(Self)
    }
}

impl<T: Serialize> Parameter for Code<T> {
    fn value(&self) -> Option<Value<'_>> {
        match serde_json::to_value(&self.0) {
            Ok(serde_json::Value::String(code)) => Some(Value::Text(code.into())),
            _ => None,
        }
    }
}

/// Reads columns that hold more than plain values.
pub(super) trait Columns {
    fn json<T: DeserializeOwned>(&self, column: &str) -> Result<T, Error>;
    fn code<T: DeserializeOwned>(&self, column: &str) -> Result<T, Error>;
}

impl Columns for Row<'_> {
    fn json<T: DeserializeOwned>(&self, column: &str) -> Result<T, Error> {
        self.get(column).map(|Json(value)| value)
    }

    fn code<T: DeserializeOwned>(&self, column: &str) -> Result<T, Error> {
        self.get(column).map(|Code(value)| value)
    }
}
