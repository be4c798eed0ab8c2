//! JSON for serde's types, in as little code as possible: for programs that are downloaded before they run.
//!
//! It reads and writes what `serde_json` does, of the types that our messages are made of. What it lacks is what
//! weighs: a broken text is broken, without the reason and the place, so that nothing of a type's names and
//! expectations is compiled in; objects are read into structs, arrays are not; and there are no fractions.

mod read;
mod write;

pub use read::{Broken, from_str};
pub use write::to_string;

#[cfg(test)]
mod tests;
