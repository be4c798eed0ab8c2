//! From a text.

use std::fmt;

use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess,
    Visitor,
};

/// How deep arrays and objects may be nested, as in `serde_json`.
const DEPTH: u8 = 127;

/// The text is not JSON, or is not that type's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("broken JSON")
    }
}

impl std::error::Error for Broken {}

/// Every reason is the same one. The defaults would write a sentence of each.
impl de::Error for Broken {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }

    fn invalid_type(_: de::Unexpected<'_>, _: &dyn de::Expected) -> Self {
        Self
    }

    fn invalid_value(_: de::Unexpected<'_>, _: &dyn de::Expected) -> Self {
        Self
    }

    fn invalid_length(_: usize, _: &dyn de::Expected) -> Self {
        Self
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn missing_field(_: &'static str) -> Self {
        Self
    }

    fn duplicate_field(_: &'static str) -> Self {
        Self
    }
}

/// Reads a value.
pub fn from_str<T: DeserializeOwned>(text: &str) -> Result<T, Broken> {
    let mut reader = Reader { text, at: 0, depth: 0, scratch: String::new() };
    let value = T::deserialize(&mut reader)?;
    match reader.peek() {
        None => Ok(value),
        Some(_) => Err(Broken),
    }
}

/// What depends on no type is compiled once; what does is kept as small as possible.
struct Reader<'t> {
    text: &'t str,
    /// The next byte.
    at: usize,
    depth: u8,
    /// The last string.
    scratch: String,
}

/// An integer, as far as it fits.
enum Number {
    Positive(u64),
    Negative(i64),
}

impl Reader<'_> {
    /// The next byte that is not white space.
    #[inline(never)]
    fn peek(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.byte() {
            self.at += 1;
        }
        self.byte()
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Takes the next byte if it is this one.
    fn takes(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    #[inline(never)]
    fn expect(&mut self, byte: u8) -> Result<(), Broken> {
        if self.takes(byte) { Ok(()) } else { Err(Broken) }
    }

    /// Begins an array or object.
    #[inline(never)]
    fn open(&mut self, bracket: u8) -> Result<(), Broken> {
        self.expect(bracket)?;
        self.depth += 1;
        if self.depth > DEPTH { Err(Broken) } else { Ok(()) }
    }

    /// Ends it.
    #[inline(never)]
    fn close(&mut self, bracket: u8) -> Result<(), Broken> {
        self.depth -= 1;
        self.expect(bracket)
    }

    /// Whether another entry follows, before which there is a comma unless it is the first.
    #[inline(never)]
    fn follows(&mut self, first: &mut bool, end: u8) -> Result<bool, Broken> {
        if self.peek() == Some(end) {
            return Ok(false);
        }
        if !std::mem::take(first) {
            self.expect(b',')?;
        }
        Ok(true)
    }

    #[inline(never)]
    fn word(&mut self, word: &str) -> Result<(), Broken> {
        let rest = self.text.get(self.at..).ok_or(Broken)?;
        if !rest.starts_with(word) {
            return Err(Broken);
        }
        self.at += word.len();
        Ok(())
    }

    fn is_null(&mut self) -> Result<bool, Broken> {
        let found = self.peek() == Some(b'n');
        if found {
            self.word("null")?;
        }
        Ok(found)
    }

    #[inline(never)]
    fn bool(&mut self) -> Result<bool, Broken> {
        let value = self.peek() == Some(b't');
        self.word(if value { "true" } else { "false" })?;
        Ok(value)
    }

    #[inline(never)]
    fn number(&mut self) -> Result<Number, Broken> {
        let negative = self.takes(b'-');
        let start = self.at;
        let mut value = 0_u64;
        while let Some(digit @ b'0'..=b'9') = self.byte() {
            value =
                value.checked_mul(10).and_then(|v| v.checked_add(u64::from(digit - b'0'))).ok_or(Broken)?;
            self.at += 1;
        }
        let leading_zero = self.at > start + 1 && self.text.as_bytes().get(start) == Some(&b'0');
        if self.at == start || leading_zero || matches!(self.byte(), Some(b'.' | b'e' | b'E')) {
            return Err(Broken);
        }
        match negative {
            true => 0_i64.checked_sub_unsigned(value).map(Number::Negative).ok_or(Broken),
            false => Ok(Number::Positive(value)),
        }
    }

    fn unsigned(&mut self) -> Result<u64, Broken> {
        match self.number()? {
            Number::Positive(value) => Ok(value),
            Number::Negative(_) => Err(Broken),
        }
    }

    #[inline(never)]
    fn signed(&mut self) -> Result<i64, Broken> {
        match self.number()? {
            Number::Positive(value) => i64::try_from(value).map_err(|_| Broken),
            Number::Negative(value) => Ok(value),
        }
    }

    /// Reads a string into `scratch`.
    #[inline(never)]
    fn string(&mut self) -> Result<&str, Broken> {
        self.expect(b'"')?;
        self.scratch.clear();
        loop {
            let start = self.at;
            while !matches!(self.byte().ok_or(Broken)?, b'"' | b'\\' | 0..0x20) {
                self.at += 1;
            }
            self.scratch.push_str(self.text.get(start..self.at).ok_or(Broken)?);
            let end = self.byte();
            self.at += 1;
            match end {
                Some(b'"') => return Ok(&self.scratch),
                Some(b'\\') => self.escape()?,
                _ => return Err(Broken),
            }
        }
    }

    fn escape(&mut self) -> Result<(), Broken> {
        let byte = self.byte().ok_or(Broken)?;
        self.at += 1;
        let character = match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\x08',
            b'f' => '\x0c',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => self.code_point()?,
            _ => return Err(Broken),
        };
        self.scratch.push(character);
        Ok(())
    }

    /// The four digits after `\u`, and the other half of a pair.
    fn code_point(&mut self) -> Result<char, Broken> {
        let mut code = self.digits()?;
        if (0xD800..0xDC00).contains(&code) {
            self.word("\\u")?;
            let low = self.digits()?.checked_sub(0xDC00).filter(|low| *low < 0x400).ok_or(Broken)?;
            code = 0x10000 + ((code - 0xD800) << 10) + low;
        }
        char::from_u32(code).ok_or(Broken)
    }

    fn digits(&mut self) -> Result<u32, Broken> {
        let mut code = 0;
        for _ in 0..4 {
            let digit = self.byte().and_then(|byte| char::from(byte).to_digit(16)).ok_or(Broken)?;
            code = code << 4 | digit;
            self.at += 1;
        }
        Ok(code)
    }

    /// Passes over a value.
    fn skip(&mut self) -> Result<(), Broken> {
        match self.peek().ok_or(Broken)? {
            b'"' => self.string().map(drop),
            b'[' => {
                let mut first = true;
                self.open(b'[')?;
                while self.follows(&mut first, b']')? {
                    self.skip()?;
                }
                self.close(b']')
            }
            b'{' => {
                let mut first = true;
                self.open(b'{')?;
                while self.follows(&mut first, b'}')? {
                    self.string()?;
                    self.expect(b':')?;
                    self.skip()?;
                }
                self.close(b'}')
            }
            b'n' => self.word("null"),
            b't' | b'f' => self.bool().map(drop),
            _ => {
                let start = self.at;
                while let Some(b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E') = self.byte() {
                    self.at += 1;
                }
                if self.at == start { Err(Broken) } else { Ok(()) }
            }
        }
    }
}

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
