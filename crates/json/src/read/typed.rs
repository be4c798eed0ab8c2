//! Values of serde's types. All of it is compiled for each type, and so has as little as possible in it.

use serde::de::{DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};

use super::{Broken, Number, Reader};

macro_rules! numbers {
    ($($name:ident, $read:ident, $visit:ident;)*) => {
        $(fn $name<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Broken> {
            visitor.$visit(self.$read()?)
        })*
    };
}

/// Kinds that our messages do not have.
macro_rules! absent {
    ($($name:ident)*) => {
        $(fn $name<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Broken> {
            Err(Broken)
        })*
    };
}

impl<'de> Deserializer<'de> for &mut Reader<'_> {
    type Error = Broken;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Broken> {
        match self.peek().ok_or(Broken)? {
            b'"' => self.deserialize_str(visitor),
            b'{' => self.deserialize_map(visitor),
            b'[' => self.deserialize_seq(visitor),
            b't' | b'f' => visitor.visit_bool(self.bool()?),
            b'n' => self.deserialize_unit(visitor),
            _ => match self.number()? {
                Number::Positive(value) => visitor.visit_u64(value),
                Number::Negative(value) => visitor.visit_i64(value),
            },
        }
    }

    numbers! {
        deserialize_bool, bool, visit_bool;
        deserialize_u8, unsigned, visit_u64;
        deserialize_u16, unsigned, visit_u64;
        deserialize_u32, unsigned, visit_u64;
        deserialize_u64, unsigned, visit_u64;
        deserialize_i8, signed, visit_i64;
        deserialize_i16, signed, visit_i64;
        deserialize_i32, signed, visit_i64;
        deserialize_i64, signed, visit_i64;
        deserialize_str, string, visit_str;
        deserialize_string, string, visit_str;
        deserialize_identifier, string, visit_str;
        deserialize_char, string, visit_str;
    }

    absent! { deserialize_f32 deserialize_f64 deserialize_bytes deserialize_byte_buf }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Broken> {
        if self.is_null()? { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Broken> {
        if self.is_null()? { visitor.visit_unit() } else { Err(Broken) }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Broken> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Broken> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Broken> {
        self.open(b'[')?;
        let value = visitor.visit_seq(Entries { reader: self, first: true })?;
        self.close(b']')?;
        Ok(value)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Broken> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Broken> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Broken> {
        self.open(b'{')?;
        let value = visitor.visit_map(Entries { reader: self, first: true })?;
        self.close(b'}')?;
        Ok(value)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Broken> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Broken> {
        // Both forms as one, so that what depends on the type is compiled once.
        let has_value = self.peek() == Some(b'{');
        if has_value {
            self.open(b'{')?;
        }
        let value = visitor.visit_enum(Variant { reader: self, has_value })?;
        if has_value {
            self.close(b'}')?;
        }
        Ok(value)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Broken> {
        self.skip()?;
        visitor.visit_unit()
    }
}

/// An array's values, an object's entries.
struct Entries<'r, 't> {
    reader: &'r mut Reader<'t>,
    first: bool,
}

impl<'de> SeqAccess<'de> for Entries<'_, '_> {
    type Error = Broken;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Broken> {
        match self.reader.follows(&mut self.first, b']')? {
            true => seed.deserialize(&mut *self.reader).map(Some),
            false => Ok(None),
        }
    }
}

impl<'de> MapAccess<'de> for Entries<'_, '_> {
    type Error = Broken;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Broken> {
        match self.reader.follows(&mut self.first, b'}')? {
            true => seed.deserialize(&mut *self.reader).map(Some),
            false => Ok(None),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Broken> {
        self.reader.expect(b':')?;
        seed.deserialize(&mut *self.reader)
    }
}

/// `{"name": value}`, or `"name"`.
struct Variant<'r, 't> {
    reader: &'r mut Reader<'t>,
    has_value: bool,
}

impl<'r, 't> Variant<'r, 't> {
    fn value(self) -> Result<&'r mut Reader<'t>, Broken> {
        if self.has_value { Ok(self.reader) } else { Err(Broken) }
    }
}

impl<'de> EnumAccess<'de> for Variant<'_, '_> {
    type Error = Broken;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Broken> {
        let name = seed.deserialize(&mut *self.reader)?;
        if self.has_value {
            self.reader.expect(b':')?;
        }
        Ok((name, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, '_> {
    type Error = Broken;

    fn unit_variant(self) -> Result<(), Broken> {
        if !self.has_value || self.reader.is_null()? { Ok(()) } else { Err(Broken) }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Broken> {
        seed.deserialize(self.value()?)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Broken> {
        self.value()?.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Broken> {
        self.value()?.deserialize_map(visitor)
    }
}
