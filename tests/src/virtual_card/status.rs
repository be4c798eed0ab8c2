//! Status words (ISO 7816-4, 5.1.3).

pub(super) const OK: u16 = 0x9000;
pub(super) const WRONG_LENGTH: u16 = 0x6700;
pub(super) const NO_CHAINING: u16 = 0x6884;
pub(super) const NOT_VERIFIED: u16 = 0x6982;
pub(super) const BLOCKED: u16 = 0x6983;
pub(super) const WRONG_DATA: u16 = 0x6A80;
pub(super) const NOT_FOUND: u16 = 0x6A82;
pub(super) const WRONG_PARAMETERS: u16 = 0x6A86;
pub(super) const NO_REFERENCE: u16 = 0x6A88;
pub(super) const NOTHING_PENDING: u16 = 0x6985;
pub(super) const NO_CLASS: u16 = 0x6E00;
pub(super) const NO_INSTRUCTION: u16 = 0x6D00;
