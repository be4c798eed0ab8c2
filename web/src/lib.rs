//! Touroku.
