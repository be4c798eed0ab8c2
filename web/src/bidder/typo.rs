//! Mail addresses that look mistyped: a hint, never a refusal.

/// Common mail domains, only the longer names: short ones resemble too many others.
const KNOWN: [&str; 17] = [
    "gmail.com",
    "yahoo.co.jp",
    "ymail.ne.jp",
    "docomo.ne.jp",
    "ezweb.ne.jp",
    "softbank.ne.jp",
    "i.softbank.jp",
    "icloud.com",
    "outlook.jp",
    "outlook.com",
    "hotmail.com",
    "hotmail.co.jp",
    "biglobe.ne.jp",
    "nifty.com",
    "nifty.ne.jp",
    "plala.or.jp",
    "so-net.ne.jp",
];

/// Real ones that differ by one letter from those.
const REAL: [&str; 3] = ["mail.com", "ymail.com", "email.com"];

/// Invalid endings, and what was meant.
const ENDINGS: [(&str, &str); 9] = [
    (".co.jo", ".co.jp"),
    (".ne.jo", ".ne.jp"),
    (".or.jo", ".or.jp"),
    (".lg.jo", ".lg.jp"),
    (".co.jpp", ".co.jp"),
    (".ne.jpp", ".ne.jp"),
    (".con", ".com"),
    (".cmo", ".com"),
    (".comm", ".com"),
];

/// Names with an ending that nobody has, and what was meant: the commonest slip after a missing letter.
const MIXED: [(&str, &str); 11] = [
    ("gmail.co.jp", "gmail.com"),
    ("gmail.ne.jp", "gmail.com"),
    ("gmail.jp", "gmail.com"),
    ("yahoo.ne.jp", "yahoo.co.jp"),
    ("docomo.co.jp", "docomo.ne.jp"),
    ("docomo.jp", "docomo.ne.jp"),
    ("ezweb.co.jp", "ezweb.ne.jp"),
    ("ezweb.jp", "ezweb.ne.jp"),
    ("icloud.co.jp", "icloud.com"),
    ("outlook.co.jp", "outlook.jp"),
    ("i.softbank.ne.jp", "i.softbank.jp"),
];

/// The address that was probably meant; `None`: nothing suspicious.
pub fn meant(address: &str) -> Option<String> {
    let (local, domain) = address.trim().split_once('@')?;
    let domain = domain.to_ascii_lowercase();
    if KNOWN.iter().chain(&REAL).any(|name| *name == domain) {
        return None;
    }
    let mixed = MIXED.iter().find(|(wrong, _)| *wrong == domain).map(|(_, right)| right);
    let near = mixed.or_else(|| KNOWN.iter().find(|name| is_one_slip(name.as_bytes(), domain.as_bytes())));
    let ending =
        ENDINGS.iter().find_map(|(wrong, right)| Some(format!("{}{right}", domain.strip_suffix(wrong)?)));
    let meant = near.map(|name| (*name).to_owned()).or(ending)?;
    Some(format!("{local}@{meant}"))
}

/// Whether one letter is missing, superfluous or wrong, or two neighbours are swapped.
fn is_one_slip(one: &[u8], other: &[u8]) -> bool {
    let same = one.iter().zip(other).take_while(|(one, other)| one == other).count();
    let (one, other) = (&one[same..], &other[same..]);
    match (one, other) {
        ([], [_]) | ([_], []) => true,
        ([_, one @ ..], [_, other @ ..]) if one == other => true,
        ([_, rest @ ..], _) if rest == other => true,
        (_, [_, rest @ ..]) if rest == one => true,
        ([a, b, one @ ..], [c, d, other @ ..]) => (a, b, one) == (d, c, other),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_in_a_well_known_name_is_noticed() {
        for (typed, right) in [
            ("a@gmial.com", "a@gmail.com"),
            ("a@gamil.com", "a@gmail.com"),
            ("a@gmai.com", "a@gmail.com"),
            ("a@gmaill.com", "a@gmail.com"),
            ("a@Gmail.co", "a@gmail.com"),
            ("a@docomo.ne.jo", "a@docomo.ne.jp"),
            ("a@yafoo.co.jp", "a@yahoo.co.jp"),
            ("a@gmail.ne.jp", "a@gmail.com"),
            ("a@docomo.co.jp", "a@docomo.ne.jp"),
            ("info@kensetsu.co.jo", "info@kensetsu.co.jp"),
            ("info@example.con", "info@example.com"),
        ] {
            assert_eq!(meant(typed).as_deref(), Some(right), "{typed}");
        }
    }

    #[test]
    fn real_and_unknown_names_are_left_alone() {
        for typed in [
            "a@gmail.com",
            "a@mail.com",
            "a@ymail.com",
            "a@example.jp",
            "a@pref.aomori.lg.jp",
            "a@au.com",
            "a",
            "a@",
        ] {
            assert_eq!(meant(typed), None, "{typed}");
        }
    }
}
