//! Calendar files (RFC 5545), as far as a reminder needs them.

use crate::store::Attachment;

/// The longest line in octets, without its end (RFC 5545, 3.1).
const MAX_LINE: usize = 75;

/// A day to be reminded of.
pub struct DayEvent<'a> {
    /// The same for the same event, so that a calendar does not keep it twice.
    pub uid: &'a str,
    /// When this file was made, Unix seconds.
    pub made_at: i64,
    pub day: jiff::civil::Date,
    pub summary: &'a str,
    /// Text, possibly several lines.
    pub description: &'a str,
    /// How many days before it an alarm is set off.
    pub alarm_days: u16,
}

impl DayEvent<'_> {
    /// The event as a mail attachment.
    pub fn to_attachment(&self) -> Attachment {
        Attachment {
            name: "expiry.ics".to_owned(),
            media_type: "text/calendar; charset=utf-8; method=PUBLISH".to_owned(),
            text: self.to_calendar(),
        }
    }

    fn to_calendar(&self) -> String {
        let made_at = jiff::Timestamp::from_second(self.made_at).unwrap_or_default();
        let next = self.day.tomorrow().unwrap_or(self.day);
        let lines = [
            "BEGIN:VCALENDAR".to_owned(),
            "VERSION:2.0".to_owned(),
            "PRODID:-//Touroku//touroku-server//JA".to_owned(),
            "METHOD:PUBLISH".to_owned(),
            "BEGIN:VEVENT".to_owned(),
            format!("UID:{}", escape(self.uid)),
            format!("DTSTAMP:{}", made_at.strftime("%Y%m%dT%H%M%SZ")),
            format!("DTSTART;VALUE=DATE:{}", self.day.strftime("%Y%m%d")),
            // The end is exclusive.
            format!("DTEND;VALUE=DATE:{}", next.strftime("%Y%m%d")),
            format!("SUMMARY:{}", escape(self.summary)),
            format!("DESCRIPTION:{}", escape(self.description)),
            "TRANSP:TRANSPARENT".to_owned(),
            "BEGIN:VALARM".to_owned(),
            "ACTION:DISPLAY".to_owned(),
            format!("DESCRIPTION:{}", escape(self.summary)),
            format!("TRIGGER:-P{}D", self.alarm_days),
            "END:VALARM".to_owned(),
            "END:VEVENT".to_owned(),
            "END:VCALENDAR".to_owned(),
        ];
        lines.iter().map(|line| fold(line)).collect()
    }
}

/// RFC 5545, 3.3.11. Control characters have no escape; they are dropped.
fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => escaped.extend(['\\', c]),
            '\n' => escaped.push_str("\\n"),
            c if c.is_control() => {}
            c => escaped.push(c),
        }
    }
    escaped
}

/// Folds a line between characters, and terminates it.
fn fold(line: &str) -> String {
    let mut folded = String::new();
    let mut length = 0;
    for c in line.chars() {
        if length + c.len_utf8() > MAX_LINE {
            folded.push_str("\r\n ");
            length = 1;
        }
        folded.push(c);
        length += c.len_utf8();
    }
    folded + "\r\n"
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn event<'a>(summary: &'a str, description: &'a str) -> DayEvent<'a> {
        let day = "2026-12-31".parse().unwrap();
        DayEvent { uid: "1@example.jp", made_at: 1_795_000_000, day, summary, description, alarm_days: 7 }
    }

    #[test]
    fn an_event_is_a_whole_day_with_an_alarm() {
        let text = event("有効期限", "一行目\n二行目").to_calendar();
        for line in [
            "DTSTAMP:20261118T110640Z",
            "DTSTART;VALUE=DATE:20261231",
            "DTEND;VALUE=DATE:20270101",
            "SUMMARY:有効期限",
            "DESCRIPTION:一行目\\n二行目",
            "TRIGGER:-P7D",
        ] {
            assert!(text.contains(&format!("\r\n{line}\r\n")), "{line}\n{text}");
        }
        assert!(text.starts_with("BEGIN:VCALENDAR\r\n") && text.ends_with("END:VCALENDAR\r\n"));
    }

    proptest! {
        #[test]
        fn lines_are_short_and_unfold_to_what_was_said(summary in "[ -~あ-ん一-龠𠮷\n]{0,200}") {
            let text = event(&summary, "").to_calendar();
            for line in text.strip_suffix("\r\n").unwrap().split("\r\n") {
                prop_assert!(line.len() <= MAX_LINE && !line.contains(['\r', '\n']), "{line}");
            }
            let unfolded = text.replace("\r\n ", "");
            let said = format!("\r\nSUMMARY:{}\r\n", escape(&summary));
            prop_assert!(unfolded.contains(&said));
        }
    }
}
