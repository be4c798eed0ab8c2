//! Phone numbers.

/// A number without hyphens, in the groups that its first digits tell (総務省 電気通信番号計画): those of 03, 06, mobile phones
/// and free dial. A page and the server write the same.
pub fn grouped(number: &str) -> Option<String> {
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let lengths = match (number.len(), number.get(..4)?) {
        (11, "0800") => [4, 3, 4],
        (11, start)
            if ["050", "060", "070", "080", "090", "020"].iter().any(|code| start.starts_with(code)) =>
        {
            [3, 4, 4]
        }
        (10, "0120" | "0570" | "0990") => [4, 3, 3],
        (10, start) if start.starts_with("03") || start.starts_with("06") => [2, 4, 4],
        _ => return None,
    };
    split(number, lengths)
}

/// The same, also by 市外局番, which no page knows: not for what a page shows or signs.
#[cfg(feature = "tables")]
pub fn grouped_by_area(number: &str) -> Option<String> {
    grouped(number).or_else(|| {
        let is_known = number.len() == 10 && number.bytes().all(|byte| byte.is_ascii_digit());
        let area = crate::area_code::length(number).filter(|_| is_known)?;
        split(number, [area, 6 - area, 4])
    })
}

fn split(number: &str, [first, second, _]: [usize; 3]) -> Option<String> {
    let (first, rest) = number.split_at_checked(first)?;
    let (second, third) = rest.split_at_checked(second)?;
    Some(format!("{first}-{second}-{third}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_grouped_where_its_first_digits_say_how() {
        for (number, with_hyphens) in [
            ("09000000001", Some("090-0000-0001")),
            ("0300000001", Some("03-0000-0001")),
            ("0120000001", Some("0120-000-001")),
            ("08000000001", Some("0800-000-0001")),
            ("0177001234", Some("017-700-1234")),
            ("0839342710", Some("083-934-2710")),
            ("0994201234", Some("0994-20-1234")),
            ("0499221234", Some("04992-2-1234")),
            ("0429011234", Some("04-2901-1234")),
            ("0422501234", Some("0422-50-1234")),
            ("0170000001", None),
            ("00012345678", None),
            ("03-0000-0001", None),
            ("03", None),
        ] {
            assert_eq!(grouped_by_area(number).as_deref(), with_hyphens, "{number}");
        }
    }

    #[test]
    fn what_a_page_shows_is_written_without_tables() {
        assert_eq!(grouped("0300000001").as_deref(), Some("03-0000-0001"));
        assert_eq!(grouped("0177001234"), None);
    }
}
