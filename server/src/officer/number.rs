//! 番号の通知: numbers for the search that only the company and its letter know, or letters with 業者番号 where that is what
//! companies are looked up by.

use std::{collections::BTreeSet, sync::Arc};

use touroku_proto::{
    agency::AgencyProfile,
    api::ApiErrorCode,
    field::{FieldId, Rule, Values},
    mail::Recipient,
    officer::{
        audit::{AuditAction, Detail},
        number::{IssueNumbers, IssuedNumbers, LettersSent, LettersWaiting, NumberLetter, SentLetter},
    },
};

use super::Acting;
use crate::{
    agency::issuable::shape,
    app::App,
    error::Error,
    mail::{Letter, Mailed},
    outside::Outside,
    registry::{
        issued::hash,
        told::{By, Known, Told},
    },
    store::{Act, NumberPlace, Reader, RosterRow, Writer},
};

/// The most companies in one request.
const MOST: usize = 500;

/// A random number that satisfies the rule. `None`: none can be issued.
fn draw(rule: &Rule, outside: &Outside) -> Option<String> {
    let (alphabet, length) = shape(rule)?;
    // The largest multiple of the alphabet's size that fits a byte: anything above would bias some characters.
    let limit = 256 / alphabet.len() * alphabet.len();
    loop {
        let mut number = String::with_capacity(length);
        while number.len() < length {
            let bytes: [u8; 32] = outside.random();
            let usable = bytes.into_iter().map(usize::from).filter(|&byte| byte < limit);
            let drawn = usable.map(|byte| char::from(alphabet[byte % alphabet.len()]));
            number.extend(drawn.take(length - number.len()));
        }
        // Occasionally one has no digit, or no letter.
        if rule.check(&number, &Values::default()).is_ok() {
            return Some(number);
        }
    }
}

/// Issues numbers: to these companies, or to the next ones without a number. Where companies are looked up by 業者番号,
/// notifies them of it by letter.
///
/// # Errors
/// `bad_request` for too many companies, or for mails where no number is issued: who has an address there has
/// registered, and knows the number.
pub async fn issue(app: &Arc<App>, acting: &Acting, request: IssueNumbers) -> Result<IssuedNumbers, Error> {
    let profile = Arc::clone(app.agencies.profile(acting.agency())?);
    let plain = !profile.search.number_issued;
    if request.companies.len() > MOST || request.by_mail && plain {
        return Err(ApiErrorCode::BadRequest.into());
    }
    let (who, shared, now) = (acting.clone(), Arc::clone(app), app.outside.now());
    let is_next = request.companies.is_empty();
    let beginning = beginning(app, acting.agency(), plain, is_next).await?;
    let mut numbers: Vec<String> = if is_next {
        beginning.next
    } else {
        request.companies.iter().map(|number| profile.search.roster_number(number)).collect()
    };
    let mut seen = BTreeSet::new();
    numbers.retain(|number| seen.insert(number.clone()));
    let issued = app
        .store
        .write(move |writer| {
            let is_same_roster = beginning.version == writer.roster_version(who.agency())?;
            let mut place = match writer.number_place(who.agency(), plain)? {
                Some(place) => place,
                None if is_same_roster => beginning.place,
                None => return Err(ApiErrorCode::Stale.into()),
            };
            let mut issued = IssuedNumbers { letters: Vec::new(), mailed: 0, unknown: Vec::new(), left: 0 };
            let issuing = Issuing { app: &shared, profile: &profile, who: &who, now };
            for number in numbers {
                if is_next && writer.number_issued_at(who.agency(), &number, plain)?.is_some() {
                    // Another officer was faster; their letter stays valid.
                    continue;
                }
                let Some(row) = writer.roster_row(who.agency(), &number)? else {
                    issued.unknown.push(number);
                    continue;
                };
                let (is_first, letter) = match plain {
                    true => issuing.notify(writer, row)?,
                    false => issuing.issue(writer, row, request.by_mail)?,
                };
                place.remaining -= i64::from(is_first);
                match letter {
                    Some(letter) => issued.letters.push(letter),
                    None => issued.mailed += 1,
                }
                if is_next && is_same_roster && place.number < number {
                    place.number = number;
                }
            }
            writer.note_number_place(who.agency(), plain, &place)?;
            issued.left = place.remaining.unsigned_abs();
            Ok(issued)
        })
        .await?;
    if issued.mailed > 0 {
        app.mail_queued.notify_one();
    }
    Ok(issued)
}

/// Where issuing goes on.
struct Beginning {
    /// The roster's.
    version: i64,
    place: NumberPlace,
    /// The next companies, if they are asked for.
    next: Vec<String>,
}

/// Counts after each change of the roster, and looks for the next companies, where nobody who writes has to wait for it.
async fn beginning(app: &App, agency: &str, plain: bool, is_next: bool) -> Result<Beginning, Error> {
    let look = |may_count: bool| {
        let agency = agency.to_owned();
        move |reader: &Reader<'_>| {
            let place = match reader.number_place(&agency, plain)? {
                Some(place) => place,
                None if may_count => NumberPlace {
                    number: String::new(),
                    remaining: reader.count_without_number(&agency, plain)?,
                },
                None => return Ok(None),
            };
            let version = reader.roster_version(&agency)?;
            let next = match is_next {
                true => reader.without_number(&agency, plain, &place.number, MOST as u32)?,
                false => Vec::new(),
            };
            Ok(Some(Beginning { version, place, next }))
        }
    };
    if let Some(known) = app.store.read(look(false)).await? {
        return Ok(known);
    }
    app.store.scan(look(true)).await?.ok_or(Error::Defect("letters can't be counted"))
}

/// What a letter is sealed for: a company's letter can't be passed off as another one's.
fn purpose(agency: &str, company: &str) -> String {
    format!("number letter {agency} {company}")
}

/// Whether the agency's letters tell companies their 業者番号. Those that it made when its profile said otherwise wait
/// until it does again.
fn are_plain(app: &App, acting: &Acting) -> Result<bool, Error> {
    Ok(!app.agencies.profile(acting.agency())?.search.number_issued)
}

/// How many letters were not confirmed as sent.
pub async fn waiting(app: &Arc<App>, acting: Acting) -> Result<LettersWaiting, Error> {
    let plain = are_plain(app, &acting)?;
    app.store
        .read(move |reader| Ok(LettersWaiting { letters: reader.letters_waiting(acting.agency(), plain)? }))
        .await
}

/// Letters that were not confirmed as sent, to be printed again. Recorded: whoever sees them knows the numbers.
pub async fn letters(app: &Arc<App>, acting: Acting) -> Result<IssuedNumbers, Error> {
    let (shared, now) = (Arc::clone(app), app.outside.now());
    let plain = are_plain(app, &acting)?;
    app.store
        .write(move |writer| {
            let agency = acting.agency();
            let sealed = writer.sealed_letters(agency, plain, MOST as u32)?;
            let open = |(company, sealed): &(String, Vec<u8>)| {
                // Sealed by a key that was replaced: the number is lost, like the one on a lost letter.
                let json = shared.key.unseal(&purpose(agency, company), sealed)?;
                serde_json::from_slice::<NumberLetter>(&json).ok()
            };
            let letters: Vec<NumberLetter> = sealed.iter().filter_map(open).collect();
            if !letters.is_empty() {
                acting.record(writer, AuditAction::LettersViewed, "", &Detail::Letter, now)?;
            }
            Ok(IssuedNumbers { letters, mailed: 0, unknown: Vec::new(), left: 0 })
        })
        .await
}

/// These letters were sent.
///
/// # Errors
/// `bad_request` for too many.
pub async fn sent(app: &Arc<App>, acting: Acting, request: LettersSent) -> Result<LettersWaiting, Error> {
    if request.letters.len() > MOST {
        return Err(ApiErrorCode::BadRequest.into());
    }
    let (plain, now) = (are_plain(app, &acting)?, app.outside.now());
    app.store
        .write(move |writer| {
            for SentLetter { company, issued_unix_ms } in &request.letters {
                if writer.letter_sent(acting.agency(), company, plain, *issued_unix_ms)? {
                    acting.record(writer, AuditAction::LetterSent, company, &Detail::None, now)?;
                }
            }
            Ok(LettersWaiting { letters: writer.letters_waiting(acting.agency(), plain)? })
        })
        .await
}

struct Issuing<'a> {
    app: &'a App,
    profile: &'a AgencyProfile,
    who: &'a Acting,
    now: i64,
}

impl Issuing<'_> {
    /// Issues one. Returns whether it is the company's first, and the letter, unless the number was mailed.
    fn issue(
        &self,
        writer: &Writer<'_>,
        row: RosterRow,
        by_mail: bool,
    ) -> Result<(bool, Option<NumberLetter>), Error> {
        let agency = self.profile.code.as_str();
        let (number, hash) = self.draw_free(writer)?;
        let sent = if by_mail { self.mail(writer, &row, &number)? } else { Mailed::default() };
        let mailed = !sent.to.is_empty();
        let reissued = writer.issue_number(agency, &row.number, false, &hash, mailed, self.now)?;
        self.tell(writer, &row, &sent.left)?;
        let action = if reissued { AuditAction::NumberReissued } else { AuditAction::NumberIssued };
        let way = if mailed { Detail::Mail } else { Detail::Letter };
        self.who.record(writer, action, &row.number, &way, self.now)?;
        if mailed {
            writer.forget_letter(agency, &row.number)?;
            return Ok((!reissued, None));
        }
        let letter = NumberLetter { number, reissued, ..self.letter_to(row) };
        self.keep(writer, &letter)?;
        Ok((!reissued, Some(letter)))
    }

    /// A letter with 業者番号. Returns whether it is the company's first.
    fn notify(&self, writer: &Writer<'_>, row: RosterRow) -> Result<(bool, Option<NumberLetter>), Error> {
        let agency = self.profile.code.as_str();
        // No number that is issued contains a space: should the agency issue numbers one day, this opens nothing.
        let hash = hash(&self.app.key, agency, &format!("notified {}", row.number))?;
        let again = writer.issue_number(agency, &row.number, true, &hash, false, self.now)?;
        self.who.record(writer, AuditAction::NumberNotified, &row.number, &Detail::Letter, self.now)?;
        let letter = self.letter_to(row);
        self.keep(writer, &letter)?;
        Ok((!again, Some(letter)))
    }

    /// A letter with the company's 業者番号.
    fn letter_to(&self, row: RosterRow) -> NumberLetter {
        let row = row.dealing();
        let representative = [row.representative_title.as_str(), &row.representative_name];
        let representative = representative.into_iter().filter(|part| !part.is_empty());
        NumberLetter {
            company: row.number.clone(),
            name: row.name.clone(),
            postal_code: row.postal_code.clone(),
            address: row.address.clone(),
            representative: representative.collect::<Vec<_>>().join("　"),
            number: row.number.clone(),
            issued_unix_ms: self.now,
            reissued: false,
        }
    }

    fn keep(&self, writer: &Writer<'_>, letter: &NumberLetter) -> Result<(), Error> {
        let agency = self.profile.code.as_str();
        let json =
            serde_json::to_vec(letter).map_err(|_| Error::Defect("a letter can't be written as JSON"))?;
        let sealed = self.app.key.seal(&purpose(agency, &letter.company), &json, &self.app.outside)?;
        let plain = !self.profile.search.number_issued;
        writer.keep_letter(agency, &letter.company, plain, &sealed, self.now)
    }

    /// Notifies everybody the company had named and who did not get the number itself, without it.
    fn tell(&self, writer: &Writer<'_>, row: &RosterRow, got_it: &[String]) -> Result<(), Error> {
        let (agency, told) = (self.profile.code.as_str(), Told::NumberIssued);
        let known = Known::of(writer, agency, &row.number)?.but(got_it);
        let act = Act { officer: &self.who.officer.login_id, ..Act::of(told.kind()) };
        writer.record_act(agency, &row.number, None, &act, self.now)?;
        let desk = self.app.desk(writer, self.profile, self.now);
        desk.tell(told, &known, &row.number, By::Words("調達機関の担当者"))
    }

    /// A number that no company of the agency has.
    fn draw_free(&self, writer: &Writer<'_>) -> Result<(String, [u8; 32]), Error> {
        let agency = self.profile.code.as_str();
        loop {
            let number = draw(&self.profile.search.number_rule, &self.app.outside)
                .ok_or(Error::Defect("a checked profile issues numbers that its rule forbids"))?;
            let hash = hash(&self.app.key, agency, &number)?;
            if writer.company_of_issued(agency, &hash)?.is_none() {
                return Ok((number, hash));
            }
        }
    }

    /// Queues the mail; to nobody where the company has registered no address. Those in the roster don't count, and an
    /// applicant has proved nothing.
    fn mail(&self, writer: &Writer<'_>, row: &RosterRow, number: &str) -> Result<Mailed, Error> {
        let agency = self.profile.code.as_str();
        let text = &self.profile.mail.number_issued;
        let mut known: Vec<Values> = Vec::new();
        known.extend(writer.company(agency, &row.number)?.map(|company| company.values));
        // Who was stopped may be a stranger: they are told of it, but not the number.
        for account in writer.admitted_accounts(agency, &row.number)? {
            if writer.account_suspension(account.id)?.is_none() {
                known.push(account.values);
            }
        }
        if text.to.contains(&Recipient::Card) {
            for card in writer.cards_of(agency, &row.number)? {
                if writer.card_suspension(card.id)?.is_none() {
                    known.push(card.values);
                }
            }
        }
        let values: Values = [
            (FieldId::CompanyNumber, &row.number),
            (FieldId::CompanyName, &row.name),
            (FieldId::CompanyAddress, &row.address),
            (FieldId::RepresentativeName, &row.representative_name),
        ]
        .into_iter()
        .map(|(field, value)| (field, value.clone()))
        .collect();
        Letter::new(text, &values)
            .to(&known.iter().collect::<Vec<_>>())
            .with(&[("number", number)])
            .bulk()
            .sealed()
            .queue(&self.app.desk(writer, self.profile, self.now))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU8, Ordering};

    use super::*;
    use crate::agency::issuable::is_issuable;

    #[test]
    fn numbers_satisfy_their_rule_and_are_not_mistaken_on_paper() {
        let next = AtomicU8::new(0);
        let outside =
            Outside::new(|| 0, move |bytes| bytes.fill_with(|| next.fetch_add(7, Ordering::Relaxed)));
        for (rule, length) in [
            (Rule::Alphanumeric { min: 6, max: 12 }, 12),
            (Rule::Alphanumeric { min: 9, max: 9 }, 9),
            (Rule::MixedAlphanumeric { min: 16, max: 20 }, 16),
            (Rule::Digits { min: 10, max: 11 }, 11),
        ] {
            for _ in 0..50 {
                let number = draw(&rule, &outside).unwrap();
                assert_eq!(number.len(), length);
                assert_eq!(rule.check(&number, &Values::default()), Ok(()), "{number}");
                let is_digits = matches!(rule, Rule::Digits { .. });
                assert!(is_digits || !number.contains(['0', 'O', '1', 'I', 'L', '5', 'S']), "{number}");
            }
        }
        for rule in [
            Rule::Alphanumeric { min: 4, max: 7 },
            Rule::Digits { min: 9, max: 9 },
            Rule::FullWidth { max: 20 },
            Rule::Phone,
        ] {
            assert!(!is_issuable(&rule), "{rule:?}");
        }
    }
}
