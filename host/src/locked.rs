//! Keeping a PIN out of the swap file while it waits for a card.

use region::LockGuard;

/// Keeps the memory of that text from being written to disk until the guard is dropped, which must be before the
/// text is. Where the system does not allow it (the limit of locked memory is used up), the text is used anyway: a
/// person can do nothing about it.
pub fn lock(text: &str) -> Option<LockGuard> {
    if text.is_empty() { None } else { region::lock(text.as_ptr(), text.len()).ok() }
}
