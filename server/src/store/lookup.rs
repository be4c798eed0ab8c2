//! 照会: which companies are found.

use std::collections::BTreeSet;

use touroku_proto::officer::company::{CompanyFilter, FoundCompany};

use super::{
    Reader, Writer,
    db::{Params, params},
    hint::CONTACTS,
    listing::beyond,
    suspension::in_force,
};
use crate::{error::Error, japan};

/// How soon a card expires to count as expiring soon, in milliseconds.
const SOON: i64 = 90 * 86_400_000;

/// How recently a company registered to count as recent, in milliseconds.
const RECENT: i64 = 7 * 86_400_000;

/// Filters that few companies pass: these are checked one by one when a name is searched as well.
const FEW: u32 = 5000;

/// What an officer typed, in each of its possible meanings; an empty text is ignored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LookupWords {
    /// In the roster's notation.
    pub number: String,
    /// The beginning of a number.
    pub number_start: String,
    /// 企業ID, the serial number of a certificate, or a 受付番号.
    pub identifier: String,
    /// A mail address, in lower case.
    pub email: String,
    /// The digits of a phone number.
    pub phone: String,
    /// A person's name, without spaces.
    pub person: String,
    /// Part of a folded name.
    pub name: String,
    /// Part of a kana.
    pub kana: String,
}

/// PostgreSQL would take it for a number like those beside it, which have 32 bits.
const NOW: &str = "CAST(?6 AS BIGINT)";

/// A filter as an SQL condition on the company `n.number` of the agency ?1; ?6 is the time in Unix milliseconds.
fn condition(filter: CompanyFilter) -> &'static str {
    match filter {
        CompanyFilter::All => "TRUE",
        CompanyFilter::Paper => {
            "NOT EXISTS (SELECT 1 FROM company WHERE company.agency = ?1 AND company.number = n.number)"
        }
        CompanyFilter::Electronic => {
            "EXISTS (SELECT 1 FROM company WHERE company.agency = ?1 AND company.number = n.number)"
        }
        _ => "FALSE",
    }
}

/// The numbers of the companies that pass a filter, as SQL with ?1 the agency and ?6 the time; `None`: too many to
/// be listed.
fn numbers(filter: CompanyFilter) -> Option<String> {
    let cards = |join: &str| {
        format!("SELECT card.number FROM {join} WHERE card.agency = ?1 AND card.replaced_by IS NULL")
    };
    match filter {
        CompanyFilter::All | CompanyFilter::Paper => None,
        CompanyFilter::Electronic => Some("SELECT number FROM company WHERE agency = ?1".to_owned()),
        CompanyFilter::Expiring => Some(format!(
            "{} AND expiry.expires_at BETWEEN {NOW} / 1000 AND ({NOW} + {SOON}) / 1000",
            cards("card_expiry AS expiry JOIN card ON card.id = expiry.card AND card.serial = expiry.serial")
        )),
        CompanyFilter::Suspended => Some(
            concat!(
                "SELECT number FROM suspension WHERE agency = ?1 AND ",
                in_force!("(CAST(?6 AS BIGINT) + 32400000) / 86400000"),
                " UNION SELECT it.number FROM account_suspension AS stopped JOIN account AS it ON it.id = stopped.account \
                 WHERE it.agency = ?1 UNION SELECT it.number FROM application_suspension AS stopped \
                 JOIN card_application AS it ON it.id = stopped.application WHERE it.agency = ?1"
            )
            .to_owned(),
        ),
        CompanyFilter::Bounced => Some(
            "SELECT number FROM outbox WHERE agency = ?1 AND state = 'refused' \
             AND given_up_at IS NULL AND number <> '' UNION \
             SELECT number FROM held_mail WHERE agency = ?1 AND why = 'limit'"
                .to_owned(),
        ),
        CompanyFilter::Revoked => Some(cards("revoked_card CROSS JOIN card ON card.id = revoked_card.card")),
        CompanyFilter::FormerRepresentative => Some(format!(
            "{} AND card_holder.is_former",
            cards("card_holder CROSS JOIN card ON card.id = card_holder.card")
        )),
        CompanyFilter::Recent => Some(format!(
            "SELECT number FROM company WHERE agency = ?1 AND registered_at >= {NOW} - {RECENT}"
        )),
        CompanyFilter::PermitReceived => {
            Some("SELECT number FROM permit WHERE agency = ?1 AND state = 'received'".to_owned())
        }
        CompanyFilter::OtherCompany => Some(format!(
            "{} AND card_holder.is_other",
            cards("card_holder CROSS JOIN card ON card.id = card_holder.card")
        )),
    }
}

impl Reader<'_> {
    /// The numbers after `after` of all companies that pass the filter, in order.
    pub fn filtered_numbers(
        &self,
        agency: &str,
        filter: CompanyFilter,
        (after, most): (&str, usize),
        now: i64,
    ) -> Result<Vec<String>, Error> {
        let sql = match numbers(filter) {
            Some(numbers) => format!(
                "SELECT DISTINCT number FROM ({numbers}) AS found WHERE number > ?2 ORDER BY number LIMIT ?3"
            ),
            None => format!(
                "SELECT n.number FROM roster AS n WHERE n.agency = ?1 AND n.number > ?2 AND {} \
                 ORDER BY n.number LIMIT ?3",
                condition(filter)
            ),
        };
        self.numbers_of(&sql, params![agency, after, limit(most), "", "", now])
    }

    /// The numbers after `after` of the companies that pass the filter and match the words, if few pass the
    /// filter; otherwise `None`.
    pub fn few_numbers(
        &self,
        agency: &str,
        filter: CompanyFilter,
        words: &LookupWords,
        (after, most): (&str, usize),
        now: i64,
    ) -> Result<Option<Vec<String>>, Error> {
        let Some(numbers) = numbers(filter) else { return Ok(None) };
        if filter == CompanyFilter::Electronic {
            let registered: u32 = self.db.one(
                "SELECT count(*) FROM (SELECT 1 FROM company WHERE agency = ?1 LIMIT ?2) AS registered",
                params![agency, FEW + 1],
                |row| row.get(0),
            )?;
            if registered > FEW {
                return Ok(None);
            }
        }
        let named: String = self.named(agency, words)?.iter().map(|number| format!("\n{number}\n")).collect();
        let LookupWords { number_start, name, kana, .. } = words;
        let parameters = params![agency, after, limit(most), name, kana, now, number_start, named];
        self.numbers_of(&few(&numbers), parameters).map(Some)
    }

    /// The numbers after `after` of the companies that pass the filter and match the words by something other than
    /// an indexed name, in order.
    pub fn named_numbers(
        &self,
        agency: &str,
        filter: CompanyFilter,
        words: &LookupWords,
        (after, most): (&str, usize),
        now: i64,
    ) -> Result<Vec<String>, Error> {
        let condition = condition(filter);
        let passes =
            format!("SELECT 1 FROM roster AS n WHERE n.agency = ?1 AND n.number = ?2 AND {condition}");
        let mut numbers = BTreeSet::new();
        for number in self.named(agency, words)? {
            if number.as_str() > after && self.db.exists(&passes, params![agency, number, "", "", "", now])? {
                numbers.insert(number);
            }
        }
        let LookupWords { number_start, name, kana, .. } = words;
        if !number_start.is_empty() {
            let sql = format!(
                "SELECT n.number FROM roster AS n WHERE n.agency = ?1 AND n.number >= ?4 \
                 AND n.number < ?5 AND n.number > ?2 AND {condition} \
                 ORDER BY n.number LIMIT ?3"
            );
            let parameters = params![agency, after, limit(most), number_start, beyond(number_start), now];
            numbers.extend(self.numbers_of(&sql, parameters)?);
        }
        if !name.is_empty() || !kana.is_empty() {
            let sql = format!(
                "SELECT n.number FROM name_due AS n CROSS JOIN roster ON roster.agency = ?1 \
                 AND roster.number = n.number AND roster.since = ?7 WHERE n.agency = ?1 AND n.since = ?7 \
                 AND n.number > ?2 \
                 AND ((?4 <> '' AND instr(listing_name, ?4) > 0) OR (?5 <> '' AND instr(listing_kana, ?5) > 0)) \
                 AND {condition} ORDER BY n.number LIMIT ?3"
            );
            for since in self.due_editions(agency)? {
                let parameters = params![agency, after, limit(most), name, kana, now, since];
                numbers.extend(self.numbers_of(&sql, parameters)?);
            }
        }
        Ok(numbers.into_iter().take(most).collect())
    }

    /// The numbers that the words match exactly: as such, by a 企業ID, a serial number, a 受付番号, a mail
    /// address, a phone number or a person's name. They need not be in the roster.
    fn named(&self, agency: &str, words: &LookupWords) -> Result<BTreeSet<String>, Error> {
        let LookupWords { number, identifier, email, phone, person, .. } = words;
        let mut numbers = BTreeSet::new();
        if !number.is_empty() {
            numbers.insert(number.clone());
        }
        for (condition, word) in [(IDENTIFIED, identifier), (MAILED, email), (PHONED, phone), (NAMED, person)]
        {
            // One by one: joined, SQLite would rather walk through all numbers in order than use an index.
            for (table, key) in condition.iter().filter(|_| !word.is_empty()) {
                let sql = format!("SELECT number FROM {table} WHERE agency = ? AND {key} = ?");
                numbers.extend(self.numbers_of(&sql, params![agency, word])?);
            }
        }
        let sql = contacted();
        for word in [phone, person] {
            if !word.is_empty() {
                numbers.extend(self.numbers_of(&sql, params![agency, word])?);
            }
        }
        Ok(numbers)
    }

    /// The numbers and positions after a position in the name index of the companies that pass the filter, see
    /// [`Reader::indexed_names`].
    pub fn names_after(
        &self,
        agency: &str,
        filter: CompanyFilter,
        words: &LookupWords,
        page: (i64, usize),
        now: i64,
    ) -> Result<Vec<(i64, String)>, Error> {
        self.indexed_names(agency, (&words.name, &words.kana), condition(filter), page, now)
    }

    fn numbers_of(&self, sql: &str, parameters: Params<'_>) -> Result<Vec<String>, Error> {
        self.db.all(sql, parameters, |row| row.get(0))
    }

    /// A company of the roster as a list shows it.
    pub fn found_company(&self, agency: &str, number: &str, now: i64) -> Result<Option<FoundCompany>, Error> {
        self.db.optional(concat!("SELECT roster.name, roster.kana, roster.address, coalesce(company.company_id, '') AS company_id, \
            (SELECT count(*) FROM card WHERE card.agency = ?1 AND card.number = ?2 \
            AND card.replaced_by IS NULL) AS cards, \
            (SELECT min(expiry.expires_at) * 1000 FROM card JOIN card_expiry AS expiry \
            ON expiry.card = card.id AND expiry.serial = card.serial WHERE card.agency = ?1 \
            AND card.number = ?2 AND card.replaced_by IS NULL) AS expires_at, \
            EXISTS (SELECT 1 FROM suspension WHERE suspension.agency = ?1 \
            AND suspension.number = ?2 AND suspension.card IS NULL AND ", in_force!("?3"), ") AS suspended \
            FROM roster LEFT JOIN company ON company.agency = ?1 AND company.number = ?2 \
            WHERE roster.agency = ?1 AND roster.number = ?2"), params![agency, number, japan::day(now)], |row| {
                Ok(FoundCompany {
                    number: number.to_owned(),
                    name: row.get("name")?,
                    kana: row.get("kana")?,
                    address: row.get("address")?,
                    company_id: row.get("company_id")?,
                    cards: row.get("cards")?,
                    expires_unix_ms: row.get("expires_at")?,
                    suspended: row.get("suspended")?,
                })
            })
    }
}

/// Where a 企業ID, a serial number or a 受付番号 is stored: tables and their indexed columns.
const IDENTIFIED: &[(&str, &str)] = &[
    ("company", "company_id"),
    ("card", "serial"),
    ("card_application", "serial"),
    ("account", "receipt"),
    ("card_application", "receipt"),
    ("completion", "receipt"),
];

/// Where mail addresses are stored.
const MAILED: &[(&str, &str)] = &[
    ("company", "lower(fields ->> 'representative_contact_email')"),
    ("card", "lower(fields ->> 'card_contact_email')"),
    ("account", "lower(fields ->> 'representative_contact_email')"),
    ("account", "lower(fields ->> 'applicant_contact_email')"),
    ("card_application", "lower(fields ->> 'representative_contact_email')"),
    ("card_application", "lower(fields ->> 'card_contact_email')"),
];

/// Those of the numbers that match the words. Not joined: SQLite would walk through the roster.
fn few(numbers: &str) -> String {
    format!(
        "SELECT DISTINCT n.number FROM ({numbers}) AS n WHERE n.number > ?2 AND EXISTS (SELECT 1 FROM roster \
         WHERE roster.agency = ?1 AND roster.number = n.number AND (\
         (?4 <> '' AND instr(listing_name, ?4) > 0) OR (?5 <> '' AND instr(listing_kana, ?5) > 0) \
         OR (?7 <> '' AND substr(n.number, 1, length(?7)) = ?7) \
         OR instr(?8, '\n' || n.number || '\n') > 0)) ORDER BY n.number LIMIT ?3"
    )
}

/// Whom in the roster a phone number or a person's name is.
fn contacted() -> String {
    format!(
        "SELECT number FROM roster_contact AS hint WHERE agency = ?1 AND contact = ?2 AND EXISTS (SELECT 1 FROM roster \
         WHERE roster.agency = ?1 AND roster.number = hint.number AND ({}))",
        CONTACTS.map(|contact| format!("{contact} = ?2")).join(" OR ")
    )
}

/// Where phone numbers are stored besides the roster.
const PHONED: &[(&str, &str)] = &[
    ("company", "replace(fields ->> 'representative_contact_phone', '-', '')"),
    ("card", "replace(fields ->> 'card_contact_phone', '-', '')"),
    ("account", "replace(fields ->> 'representative_contact_phone', '-', '')"),
    ("account", "replace(fields ->> 'applicant_contact_phone', '-', '')"),
];

/// Where the names of representatives and contacts are stored besides the roster.
const NAMED: &[(&str, &str)] = &[
    ("company", "replace(replace(fields ->> 'representative_contact_person', ' ', ''), '　', '')"),
    ("card", "replace(replace(fields ->> 'card_contact_person', ' ', ''), '　', '')"),
    ("account", "replace(replace(fields ->> 'representative_contact_person', ' ', ''), '　', '')"),
    ("account", "replace(replace(fields ->> 'applicant_contact_person', ' ', ''), '　', '')"),
];

fn limit(most: usize) -> i64 {
    i64::try_from(most).unwrap_or(i64::MAX)
}

impl Writer<'_> {
    /// Records who holds a registered card, whether that differs from the representative in the roster, and
    /// whether the card is another company's.
    pub fn note_holder(&self, card: i64, holder: &str, is_former: bool, is_other: bool) -> Result<(), Error> {
        self.db.execute(
            "INSERT INTO card_holder (card, holder, is_former, is_other) VALUES (?, ?, ?, ?) \
             ON CONFLICT (card) DO UPDATE SET holder = excluded.holder, is_former = excluded.is_former, \
             is_other = excluded.is_other",
            params![card, holder, is_former, is_other],
        )?;
        // Here, not in a trigger: none fires on an insertion that becomes an update.
        self.db.execute("DELETE FROM holder_due WHERE card = ?", params![card])?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::db::Db;

    #[test]
    fn whoever_is_looked_up_is_found_by_keys() {
        let (db, null) = (Db::in_memory(), None::<i64>);
        let parameters = params![null, null, null, null, null, null, null, null];
        let row = "SEARCH roster_row USING PRIMARY KEY (agency=? AND number=? AND since<?)";
        let contacted = db.plan(&contacted(), parameters);
        assert!(contacted.contains("SEARCH hint USING PRIMARY KEY (agency=? AND contact=?)"), "{contacted}");
        let few = db.plan(&few(&numbers(CompanyFilter::Electronic).unwrap()), parameters);
        for plan in [contacted, few] {
            assert!(plan.contains(row) && !plan.contains("SCAN"), "{plan}");
        }
    }

    #[test]
    fn the_few_cards_with_something_odd_are_looked_at_and_not_all_cards() {
        let (db, null) = (Db::in_memory(), None::<i64>);
        for (filter, few) in [
            (CompanyFilter::Revoked, "SCAN revoked_card"),
            (CompanyFilter::FormerRepresentative, "USING INDEX card_holder_former"),
            (CompanyFilter::OtherCompany, "USING INDEX card_holder_other"),
        ] {
            let plan = db.plan(&numbers(filter).unwrap(), params![null, null, null, null, null, null]);
            let [first, second] = plan.lines().collect::<Vec<_>>()[..] else { panic!("{plan}") };
            assert!(
                first.contains(few) && second.contains("SEARCH card USING INTEGER PRIMARY KEY"),
                "{plan}"
            );
        }
    }
}
