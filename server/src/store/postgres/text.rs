//! A statement as PostgreSQL takes it: `$1` for `?`, `?1` and `:name`, and without what only SQLite's planner wants to
//! hear.

/// What a placeholder asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// From 0.
    Number(usize),
    /// With its colon.
    Name(String),
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) sql: String,
    /// What `$1`, `$2` and so on stand for.
    pub(super) places: Vec<Place>,
}

impl Text {
    pub(super) fn of(sql: &str) -> Self {
        let mut text = Self { sql: String::with_capacity(sql.len()), places: Vec::new() };
        let mut counted = 0;
        for (index, part) in without_hints(sql).split('\'').enumerate() {
            if index > 0 {
                text.sql.push('\'');
            }
            if index % 2 == 1 {
                // Between quotes.
                text.sql.push_str(part);
            } else {
                text.take(part, &mut counted);
            }
        }
        text
    }

    /// `counted`: how many `?` there were.
    fn take(&mut self, mut part: &str, counted: &mut usize) {
        while let Some(at) = part.find(['?', ':']) {
            let (before, rest) = part.split_at(at);
            self.sql.push_str(before);
            let is_own = |c: char| {
                if rest.starts_with('?') { c.is_ascii_digit() } else { c.is_ascii_lowercase() || c == '_' }
            };
            let end = rest[1..].find(|c| !is_own(c)).map_or(rest.len(), |end| end + 1);
            let (place, behind) = rest.split_at(end);
            part = behind;
            let place = match place.strip_prefix('?') {
                Some("") => {
                    *counted += 1;
                    Place::Number(*counted - 1)
                }
                Some(number) => Place::Number(number.parse::<usize>().map_or(0, |number| number - 1)),
                None => Place::Name(place.to_owned()),
            };
            let known = self.places.iter().position(|known| *known == place);
            let index = known.unwrap_or_else(|| {
                self.places.push(place);
                self.places.len() - 1
            });
            self.sql.push_str(&format!("${}", index + 1));
        }
        self.sql.push_str(part);
    }
}

/// `INDEXED BY name` says which index to use, and `CROSS JOIN … ON` in which order to join.
fn without_hints(sql: &str) -> String {
    let mut parts = sql.split(" INDEXED BY ");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(part.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_'));
    }
    out.replace("CROSS JOIN", "JOIN")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_numbered_by_what_they_ask_for() {
        let text = Text::of("SELECT ?, '?', a FROM t INDEXED BY t_a WHERE b = ? AND c = ' :x'");
        assert_eq!(text.sql, "SELECT $1, '?', a FROM t WHERE b = $2 AND c = ' :x'");
        let text = Text::of("SELECT ?2, ?4, ?2");
        assert_eq!(
            (text.sql.as_str(), text.places),
            ("SELECT $1, $2, $1", vec![Place::Number(1), Place::Number(3)])
        );
        let text = Text::of("SELECT :until, :now, :until");
        assert_eq!(text.sql, "SELECT $1, $2, $1");
        assert_eq!(text.places, [Place::Name(":until".into()), Place::Name(":now".into())]);
    }
}
