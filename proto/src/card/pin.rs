//! PINs in transit, and what a card accepts as one.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a card accepts as a PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct PinRules {
    /// Fewest characters.
    pub min: u8,
    /// Most characters.
    pub max: u8,
    /// Letters allowed beside digits.
    pub letters: bool,
}

impl PinRules {
    /// Whether the card would accept this PIN's format. A PIN of another format must not be sent: it would cost a
    /// try.
    pub fn accepts(&self, pin: &Pin) -> bool {
        let text = pin.expose();
        let length = usize::from(self.min)..=usize::from(self.max);
        length.contains(&text.len())
            && text.bytes().all(|b| if self.letters { b.is_ascii_graphic() } else { b.is_ascii_digit() })
    }
}

/// A PIN in transit between card window and host. Never shown by `Debug`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(transparent)]
pub struct Pin(String);

impl Pin {
    /// Wraps what was typed.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The PIN itself, for the card alone.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// Overwrites the memory before freeing it.
impl Drop for Pin {
    fn drop(&mut self) {
        // A byte-wise overwrite that the optimiser may not remove; `black_box` keeps the stores alive without any
        // unsafe code of ours.
        let mut bytes = std::mem::take(&mut self.0).into_bytes();
        bytes.fill(0);
        std::hint::black_box(&bytes);
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_of_a_shape_the_card_would_refuse_is_not_accepted() {
        let digits = PinRules { min: 6, max: 8, letters: false };
        let letters = PinRules { letters: true, ..digits };
        for (pin, with_digits, with_letters) in [
            ("123456", true, true),
            ("12345678", true, true),
            ("12345", false, false),
            ("123456789", false, false),
            ("12345a", false, true),
            ("１２３４５６", false, false),
            ("", false, false),
        ] {
            assert_eq!(digits.accepts(&Pin::new(pin.into())), with_digits, "{pin}");
            assert_eq!(letters.accepts(&Pin::new(pin.into())), with_letters, "{pin}");
        }
    }
}
