//! To a text.

use std::fmt::{self, Write as _};

use serde::ser::{
    self, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

/// Writing can't fail. A type without values, so that nothing is compiled for what never happens.
#[derive(Debug)]
pub enum Never {}

impl fmt::Display for Never {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}

impl std::error::Error for Never {}

impl ser::Error for Never {
    fn custom<T: fmt::Display>(_: T) -> Self {
        has_no_form()
    }
}

fn has_no_form() -> ! {
    panic!("a type whose values have no form here")
}

/// Writes a value, without white space.
///
/// # Panics
///
/// For fractions.
pub fn to_string<T: Serialize + ?Sized>(value: &T) -> String {
    let mut writer = Writer(String::new());
    match value.serialize(&mut writer) {
        Ok(()) => writer.0,
    }
}

struct Writer(String);

impl Writer {
    #[inline(never)]
    fn raw(&mut self, text: &str) {
        self.0.push_str(text);
    }

    #[inline(never)]
    fn string(&mut self, text: &str) {
        self.0.push('"');
        for character in text.chars() {
            match character {
                '"' => self.raw("\\\""),
                '\\' => self.raw("\\\\"),
                '\n' => self.raw("\\n"),
                '\r' => self.raw("\\r"),
                '\t' => self.raw("\\t"),
                '\x08' => self.raw("\\b"),
                '\x0c' => self.raw("\\f"),
                // Writing to a string can't fail.
                '\0'..' ' => drop(write!(self.0, "\\u{:04x}", u32::from(character))),
                _ => self.0.push(character),
            }
        }
        self.0.push('"');
    }

    #[inline(never)]
    fn signed(&mut self, value: i64) {
        let _ = write!(self.0, "{value}");
    }

    #[inline(never)]
    fn unsigned(&mut self, value: u64) {
        let _ = write!(self.0, "{value}");
    }

    /// The name of an entry.
    #[inline(never)]
    fn name(&mut self, first: &mut bool, name: &str) {
        self.comma(first);
        self.string(name);
        self.raw(":");
    }

    fn comma(&mut self, first: &mut bool) {
        if !std::mem::take(first) {
            self.raw(",");
        }
    }

    /// `{"variant":`.
    fn variant(&mut self, variant: &str) {
        self.raw("{");
        self.string(variant);
        self.raw(":");
    }
}

macro_rules! values {
    ($($name:ident($kind:ty), $write:ident;)*) => {
        $(fn $name(self, value: $kind) -> Result<(), Never> {
            self.$write(value.into());
            Ok(())
        })*
    };
}

impl<'w> Serializer for &'w mut Writer {
    type Ok = ();
    type Error = Never;
    type SerializeSeq = Entries<'w>;
    type SerializeTuple = Entries<'w>;
    type SerializeTupleStruct = Entries<'w>;
    type SerializeTupleVariant = Entries<'w>;
    type SerializeMap = Entries<'w>;
    type SerializeStruct = Entries<'w>;
    type SerializeStructVariant = Entries<'w>;

    values! {
        serialize_i8(i8), signed;
        serialize_i16(i16), signed;
        serialize_i32(i32), signed;
        serialize_i64(i64), signed;
        serialize_u8(u8), unsigned;
        serialize_u16(u16), unsigned;
        serialize_u32(u32), unsigned;
        serialize_u64(u64), unsigned;
        serialize_str(&str), string;
    }

    fn serialize_bool(self, value: bool) -> Result<(), Never> {
        self.raw(if value { "true" } else { "false" });
        Ok(())
    }

    fn serialize_f32(self, _: f32) -> Result<(), Never> {
        has_no_form()
    }

    fn serialize_f64(self, _: f64) -> Result<(), Never> {
        has_no_form()
    }

    fn serialize_char(self, value: char) -> Result<(), Never> {
        self.string(value.encode_utf8(&mut [0; 4]));
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Never> {
        self.collect_seq(value)
    }

    fn serialize_none(self) -> Result<(), Never> {
        self.raw("null");
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Never> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Never> {
        self.serialize_none()
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Never> {
        self.serialize_none()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), Never> {
        self.string(variant);
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Never> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Never> {
        self.variant(variant);
        value.serialize(&mut *self)?;
        self.raw("}");
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Entries<'w>, Never> {
        Ok(Entries::begin(self, "[", "]"))
    }

    fn serialize_tuple(self, _: usize) -> Result<Entries<'w>, Never> {
        self.serialize_seq(None)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Entries<'w>, Never> {
        self.serialize_seq(None)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Entries<'w>, Never> {
        self.variant(variant);
        Ok(Entries::begin(self, "[", "]}"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Entries<'w>, Never> {
        Ok(Entries::begin(self, "{", "}"))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Entries<'w>, Never> {
        self.serialize_map(None)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Entries<'w>, Never> {
        self.variant(variant);
        Ok(Entries::begin(self, "{", "}}"))
    }

    fn collect_str<T: fmt::Display + ?Sized>(self, value: &T) -> Result<(), Never> {
        self.string(&value.to_string());
        Ok(())
    }
}

/// An array or object, as far as it is written.
pub struct Entries<'w> {
    writer: &'w mut Writer,
    first: bool,
    end: &'static str,
}

impl<'w> Entries<'w> {
    fn begin(writer: &'w mut Writer, start: &str, end: &'static str) -> Self {
        writer.raw(start);
        Self { writer, first: true, end }
    }

    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Never> {
        self.writer.comma(&mut self.first);
        value.serialize(&mut *self.writer)
    }

    fn field<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), Never> {
        self.writer.name(&mut self.first, name);
        value.serialize(&mut *self.writer)
    }

    fn finish(self) -> Result<(), Never> {
        self.writer.raw(self.end);
        Ok(())
    }
}

macro_rules! entries {
    ($($kind:ident: $name:ident($($key:ident: $of:ty)?) -> $way:ident;)*) => {
        $(impl $kind for Entries<'_> {
            type Ok = ();
            type Error = Never;

            fn $name<T: Serialize + ?Sized>(&mut self, $($key: $of,)? value: &T) -> Result<(), Never> {
                self.$way($($key,)? value)
            }

            fn end(self) -> Result<(), Never> {
                self.finish()
            }
        })*
    };
}

entries! {
    SerializeSeq: serialize_element() -> value;
    SerializeTuple: serialize_element() -> value;
    SerializeTupleStruct: serialize_field() -> value;
    SerializeTupleVariant: serialize_field() -> value;
    SerializeStruct: serialize_field(name: &'static str) -> field;
    SerializeStructVariant: serialize_field(name: &'static str) -> field;
}

impl SerializeMap for Entries<'_> {
    type Ok = ();
    type Error = Never;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Never> {
        self.value(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Never> {
        self.writer.raw(":");
        value.serialize(&mut *self.writer)
    }

    fn end(self) -> Result<(), Never> {
        self.finish()
    }
}
