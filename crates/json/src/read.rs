//! From a text.

mod typed;

use std::fmt;

use serde::de::{self, DeserializeOwned};

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
