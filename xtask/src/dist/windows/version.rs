//! The version in a Windows program's resources.

/// Where `VS_FIXEDFILEINFO` begins: its signature, then the structure's own version.
const SIGNATURE: [u8; 8] = [0xbd, 0x04, 0xef, 0xfe, 0, 0, 1, 0];

/// The file's version, as Windows Installer writes it: with it in the tables a newer program is never replaced by
/// an older one. `None`: the program has none.
pub(crate) fn of(program: &[u8]) -> Option<String> {
    let at = program.windows(SIGNATURE.len()).position(|window| window == SIGNATURE)? + SIGNATURE.len();
    let word = |offset: usize| {
        let bytes = program.get(at + offset..at + offset + 2)?;
        Some(u16::from_le_bytes([bytes[0], bytes[1]]))
    };
    // Two 32-bit numbers, each with the more significant half second.
    Some(format!("{}.{}.{}.{}", word(2)?, word(0)?, word(6)?, word(4)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_and_a_program_without_one_has_none() {
        let numbers = [2u16, 1, 4, 3].map(u16::to_le_bytes).concat();
        let program = [b"MZ....".as_slice(), &SIGNATURE, &numbers, b"...."].concat();
        assert_eq!(of(&program).as_deref(), Some("1.2.3.4"));
        assert_eq!(of(b"MZ...."), None);
        assert_eq!(of(&program[..program.len() - 6]), None);
    }
}
