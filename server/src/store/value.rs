//! What statements are given and what columns hold, whichever the engine.

use std::borrow::Cow;

/// A value of a parameter or a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value<'v> {
    Null,
    Integer(i64),
    Text(Cow<'v, str>),
    Blob(Cow<'v, [u8]>),
}

impl Value<'_> {
    pub(super) fn into_owned(self) -> Value<'static> {
        match self {
            Self::Null => Value::Null,
            Self::Integer(number) => Value::Integer(number),
            Self::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
            Self::Blob(bytes) => Value::Blob(Cow::Owned(bytes.into_owned())),
        }
    }
}

/// Something a statement can be given. See [`params!`](super::db::params).
pub(super) trait Parameter {
    /// `None`: it can't be written as a value.
    fn value(&self) -> Option<Value<'_>>;
}

impl Parameter for Value<'_> {
    fn value(&self) -> Option<Value<'_>> {
        Some(match self {
            Self::Null => Value::Null,
            Self::Integer(number) => Value::Integer(*number),
            Self::Text(text) => Value::Text(Cow::Borrowed(text)),
            Self::Blob(bytes) => Value::Blob(Cow::Borrowed(bytes)),
        })
    }
}

/// Something that can be read from a column.
pub(super) trait FromValue: Sized {
    /// `None`: the column holds something else.
    fn from_value(value: Value<'_>) -> Option<Self>;
}

macro_rules! integers {
    ($($integer:ty),*) => {$(
        impl Parameter for $integer {
            fn value(&self) -> Option<Value<'_>> {
                Some(Value::Integer((*self).into()))
            }
        }

        impl FromValue for $integer {
            fn from_value(value: Value<'_>) -> Option<Self> {
                match value {
                    Value::Integer(number) => number.try_into().ok(),
                    _ => None,
                }
            }
        }
    )*};
}

integers!(i64, i32, u32, u16, u8);

impl Parameter for bool {
    fn value(&self) -> Option<Value<'_>> {
        Some(Value::Integer((*self).into()))
    }
}

impl FromValue for bool {
    fn from_value(value: Value<'_>) -> Option<Self> {
        i64::from_value(value).map(|number| number != 0)
    }
}

impl Parameter for str {
    fn value(&self) -> Option<Value<'_>> {
        Some(Value::Text(self.into()))
    }
}

impl Parameter for String {
    fn value(&self) -> Option<Value<'_>> {
        self.as_str().value()
    }
}

impl Parameter for Cow<'_, str> {
    fn value(&self) -> Option<Value<'_>> {
        self.as_ref().value()
    }
}

impl FromValue for String {
    fn from_value(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Text(text) => Some(text.into_owned()),
            _ => None,
        }
    }
}

impl Parameter for [u8] {
    fn value(&self) -> Option<Value<'_>> {
        Some(Value::Blob(self.into()))
    }
}

impl Parameter for Vec<u8> {
    fn value(&self) -> Option<Value<'_>> {
        self.as_slice().value()
    }
}

impl<const N: usize> Parameter for [u8; N] {
    fn value(&self) -> Option<Value<'_>> {
        self.as_slice().value()
    }
}

impl FromValue for Vec<u8> {
    fn from_value(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Blob(bytes) => Some(bytes.into_owned()),
            _ => None,
        }
    }
}

impl<T: Parameter + ?Sized> Parameter for &T {
    fn value(&self) -> Option<Value<'_>> {
        (**self).value()
    }
}

impl<T: Parameter> Parameter for Option<T> {
    fn value(&self) -> Option<Value<'_>> {
        self.as_ref().map_or(Some(Value::Null), Parameter::value)
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            value => T::from_value(value).map(Some),
        }
    }
}
