//! Values as PostgreSQL sends and takes them.

use std::{borrow::Cow, error::Error as AnyError};

use postgres::types::{FromSql, IsNull, ToSql, Type, private::BytesMut, to_sql_checked};

use super::text::{Place, Text};
use crate::{
    error::Error,
    store::{db::Params, value::Value},
};

pub(in crate::store) use postgres::row::RowIndex as Column;

pub(in crate::store) struct Row<'r>(pub(super) &'r postgres::Row);

impl Row<'_> {
    pub(in crate::store) fn value<C: Column + std::fmt::Display>(
        &self,
        column: &C,
    ) -> Result<Value<'_>, Error> {
        Ok(self.0.try_get(column)?)
    }
}

impl<'v> FromSql<'v> for Value<'v> {
    fn from_sql(kind: &Type, raw: &'v [u8]) -> Result<Self, Box<dyn AnyError + Sync + Send>> {
        Ok(match *kind {
            Type::INT8 => Self::Integer(i64::from_sql(kind, raw)?),
            Type::INT4 => Self::Integer(i32::from_sql(kind, raw)?.into()),
            Type::BOOL => Self::Integer(bool::from_sql(kind, raw)?.into()),
            Type::BYTEA => Self::Blob(Cow::Borrowed(raw)),
            _ => Self::Text(Cow::Borrowed(std::str::from_utf8(raw)?)),
        })
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn AnyError + Sync + Send>> {
        Ok(Self::Null)
    }

    fn accepts(kind: &Type) -> bool {
        // Not NUMERIC, which a sum of BIGINT is: such a statement has to say CAST(… AS BIGINT).
        [Type::INT8, Type::INT4, Type::BOOL, Type::BYTEA, Type::TEXT, Type::JSON].contains(kind)
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn AnyError + Sync + Send>> {
        match (self, kind) {
            (Self::Null, _) => Ok(IsNull::Yes),
            (Self::Integer(number), &Type::BOOL) => (*number != 0).to_sql(kind, out),
            (Self::Integer(number), &Type::INT4) => i32::try_from(*number)?.to_sql(kind, out),
            (Self::Integer(number), &Type::INT8) => number.to_sql(kind, out),
            (Self::Text(text), &(Type::TEXT | Type::JSON)) => text.as_ref().to_sql(kind, out),
            (Self::Blob(bytes), &Type::BYTEA) => bytes.as_ref().to_sql(kind, out),
            _ => Err(format!("a parameter is no {kind}").into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// What a statement is given, in the order of its `$1`, `$2` and so on.
pub(super) struct Given<'p>(Vec<Value<'p>>);

impl<'p> Given<'p> {
    pub(super) fn of(text: &Text, params: Params<'p>) -> Result<Self, Error> {
        let value = |place: &Place| {
            let param = match (place, params) {
                (Place::Number(index), Params::Numbered(params)) => params.get(*index).copied(),
                (Place::Name(name), Params::Named(params)) => {
                    params.iter().find(|(known, _)| known == name).map(|(_, param)| *param)
                }
                _ => None,
            };
            let param = param.ok_or(Error::Defect("a statement lacks parameters"))?;
            param.value().ok_or(Error::Defect("a parameter can't be stored"))
        };
        text.places.iter().map(value).collect::<Result<_, _>>().map(Self)
    }

    pub(super) fn all(&self) -> Vec<&(dyn ToSql + Sync)> {
        self.0.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
    }
}
