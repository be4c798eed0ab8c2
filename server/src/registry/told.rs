//! What a company is told about itself: whatever affects it is mailed to everybody it had named before, so that
//! nobody takes its place unnoticed.

use std::fmt;

use sha2::{Digest as _, Sha256};
use touroku_proto::{
    field::{FieldId, Values},
    mail::Recipient,
};

use super::card::Card;
use crate::{
    error::Error,
    http::limits::Rate,
    japan,
    mail::{Desk, Letter},
    store::{Account, EventKind, Reader},
};

/// Below the last mail before there are too many.
const LAST: &str = "
※ 同じことが続いているため、このことについてのお知らせは、しばらくお送りしません。
　 このあとのことは、ログインして「登録状況」の「これまでの経過」で確かめてください。
";

/// How often a day a company is told about one kind of event that anybody who knows its number can cause, and
/// about one that only its own cards and IDs can: its mailbox must not be flooded. Everything is in its timeline.
const BY_ANYBODY: u32 = 5;
const BY_ITS_OWN: u32 = 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// The company was registered, by its first card.
    Registered,
    /// Another card was registered.
    CardAdded,
    /// The 審査 of a card is pending.
    CardWaits,
    /// 変更 of the company's own values.
    CompanyChanged,
    /// ICカード更新 to a card of another company or person.
    RenewedToOther,
    /// The 審査 of such a renewal is pending.
    RenewalWaits,
    /// ID登録申請.
    IdApplied,
    /// An ID can be used from now on.
    IdApproved,
    /// 変更 of an ID.
    IdChanged,
    /// A forgotten password was replaced.
    PasswordReset,
    /// A different certificate was presented in place of a registered one.
    CardForged,
    /// A card of the company stopped another one.
    CardStopped,
    /// A card of the company stopped an ID.
    IdStopped,
    /// An officer suspended a card or lifted its suspension, or did so with an ID.
    CardSuspended,
    CardLifted,
    IdSuspended,
    IdLifted,
    /// A pending application was withdrawn by its applicant.
    Withdrawn,
    /// 番号の通知: the company has another number.
    NumberIssued,
    /// A card was shown the company's password of the 入札情報公開システム.
    InformationShown,
    /// The roster has another name, 法人番号, 委任先 or mail address for it.
    Renamed,
}

impl Told {
    /// What it is in the company's timeline.
    pub(crate) fn kind(self) -> EventKind {
        match self {
            Self::Registered | Self::CardAdded => EventKind::CardRegistered,
            Self::CardWaits => EventKind::CardApplied,
            Self::CompanyChanged => EventKind::Changed,
            Self::RenewedToOther => EventKind::CardRenewed,
            Self::RenewalWaits => EventKind::RenewalApplied,
            Self::IdApplied => EventKind::IdApplied,
            Self::IdApproved => EventKind::IdApproved,
            Self::IdChanged => EventKind::IdChanged,
            Self::PasswordReset => EventKind::PasswordReset,
            Self::CardForged => EventKind::CardForged,
            Self::CardStopped => EventKind::CardStopped,
            Self::IdStopped => EventKind::IdStopped,
            Self::CardSuspended => EventKind::CardSuspended,
            Self::CardLifted => EventKind::CardLifted,
            Self::IdSuspended => EventKind::IdSuspended,
            Self::IdLifted => EventKind::IdLifted,
            Self::Withdrawn => EventKind::Withdrawn,
            Self::NumberIssued => EventKind::NumberIssued,
            Self::InformationShown => EventKind::InformationShown,
            Self::Renamed => EventKind::Renamed,
        }
    }

    fn a_day(self) -> u32 {
        match self {
            Self::CardWaits | Self::IdApplied | Self::CardForged | Self::Withdrawn => BY_ANYBODY,
            _ => BY_ITS_OWN,
        }
    }

    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Registered => "貴社の利用者登録（最初のICカードの登録）がありました",
            Self::CardAdded => "別のICカードが登録されました",
            Self::CardWaits => "ICカードの利用者登録の申し込みがありました（審査中）",
            Self::CompanyChanged => "会社の登録内容（代表窓口の連絡先など）が変更されました",
            Self::RenewedToOther => "会社名または取得者の違うICカードに更新されました",
            Self::RenewalWaits => "会社名または取得者の違うICカードへの更新の申し込みがありました（審査中）",
            Self::IdApplied => "ID登録申請がありました",
            Self::IdApproved => "ID登録申請が承認され、ユーザーIDが使えるようになりました",
            Self::IdChanged => "ID、パスワードまたはその連絡先が変更されました",
            Self::PasswordReset => "パスワードが再設定されました",
            Self::CardForged => {
                "登録されているICカードと同じ番号の、別の電子証明書が示されました（受け付けていません）"
            }
            Self::CardStopped => "「登録状況」の画面から、貴社のICカードの利用が停止されました",
            Self::IdStopped => "「登録状況」の画面から、貴社のユーザーIDの利用が停止されました",
            Self::CardSuspended => "貴社のICカードの利用が、調達機関により停止されました",
            Self::CardLifted => "貴社のICカードの利用停止が、調達機関により解除されました",
            Self::IdSuspended => "貴社のユーザーIDの利用が、調達機関により停止されました",
            Self::IdLifted => "貴社のユーザーIDの利用停止が、調達機関により解除されました",
            Self::Withdrawn => "審査中の申請が、申請した方により取り下げられました",
            Self::NumberIssued => "検索に使う番号が新しく発行されました",
            Self::InformationShown => {
                "入札情報公開システムのパスワードが、「登録状況」の画面に表示されました（表示は一度のログインに限ります）"
            }
            Self::Renamed => "名簿の貴社の名称、法人番号、委任先またはメールアドレスが変わりました",
        }
    }
}

/// Who did it.
#[derive(Clone, Copy)]
pub(crate) enum By<'a> {
    /// The card that it is about: the mail may contain what its certificate says.
    Card(&'a Card),
    Words(&'a str),
    /// An ID that no officer has approved: nobody knows whose it is.
    Stranger(&'a str),
}

impl<'a> By<'a> {
    /// Who has that ID. `words`: which it is.
    pub(crate) fn account(reader: &Reader<'_>, id: i64, words: &'a str) -> Result<Self, Error> {
        Ok(if reader.is_admitted(id)? { Self::Words(words) } else { Self::Stranger(words) })
    }

    /// The letter, out of their share of mails.
    pub(crate) fn sends<'l>(self, letter: Letter<'l>) -> Letter<'l> {
        match self {
            Self::Stranger(_) => letter.by_stranger(),
            Self::Card(_) | Self::Words(_) => letter,
        }
    }
}

impl fmt::Display for By<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Card(card) => f.write_str(&by_card(card)),
            Self::Words(words) | Self::Stranger(words) => f.write_str(words),
        }
    }
}

impl Desk<'_> {
    /// Notifies everybody in `known` of what is now in the timeline of the company with that number.
    pub(crate) fn tell(&self, told: Told, known: &Known, number: &str, by: By<'_>) -> Result<(), Error> {
        let mut values = told_values(self.writer, self.agency(), number)?;
        if let By::Card(card) = by {
            values.merge(card.values());
        }
        let (at, actor) = (japanese_moment(self.now), by.to_string());
        let others = [("event", told.words()), ("at", at.as_str()), ("actor", actor.as_str())];
        let text = match told {
            Told::CardAdded => &self.profile.mail.card_added,
            _ => &self.profile.mail.company_notice,
        };
        for address in &known.0 {
            let Some(note) = self.pay_for(told, (number, address), by)? else { continue };
            let to: Values = [(FieldId::RepresentativeContactEmail, address.clone())].into_iter().collect();
            Letter::new(text, &values).with(&others).to(&[&to]).noting(note).limited().queue(self)?;
        }
        Ok(())
    }

    /// What stands below the notice; `None`: there were too many. Counted for each kind, so that many harmless events
    /// silence no other one, and for each address: those who got other mails instead have missed none.
    fn pay_for(
        &self,
        told: Told,
        (number, address): (&str, &str),
        by: By<'_>,
    ) -> Result<Option<&'static str>, Error> {
        let (whose, count) = match by {
            By::Stranger(_) => ("a stranger's ", BY_ANYBODY),
            By::Card(_) | By::Words(_) => ("", told.a_day()),
        };
        let rate = Rate { count, seconds: 86_400 };
        let (agency, to) = (self.agency(), address.to_lowercase());
        let counter = format!("told {whose}{}\n{agency}\n{number}\n{to}", told.words());
        let counter = Sha256::digest(counter).into();
        let Ok(until) = rate.pay(self.writer.paid_until(&counter)?, self.now) else { return Ok(None) };
        self.writer.pay_until(&counter, until)?;
        Ok(Some(if rate.pay(until, self.now).is_err() { LAST } else { "" }))
    }
}

/// What happened, when and by what, for the mail that whoever did it gets: whom they replaced gets the same one, and an
/// agency's own text may say nothing of it.
pub(crate) fn note_of(words: &str, by: By<'_>, now: i64) -> String {
    let at = japanese_moment(now);
    format!("\n----\n内容 : {words}\n日時 : {at}\n操作に使われたもの : {by}\n")
}

/// `YYYY/MM/DD HH:MM:SS` in Japan time.
pub(crate) fn japanese_moment(unix_ms: i64) -> String {
    japan::clock(unix_ms).replace('-', "/").replace('T', " ")
}

/// Whom a company has named: the addresses of the company, of its cards and of the IDs that
/// an officer has approved. The roster's is the one
/// that somebody taking the company's place can't enter.
pub(crate) struct Known(Vec<String>);

impl Known {
    /// All addresses known now, each once.
    pub(crate) fn of(reader: &Reader<'_>, agency: &str, number: &str) -> Result<Self, Error> {
        let row = reader.roster_row(agency, number)?;
        let roster = row.as_ref().map_or("", |row| row.email());
        Self::among(reader, (agency, number), roster, |_| true)
    }

    /// All addresses of whoever registered at a time that counts, while the roster had that one.
    pub(crate) fn among(
        reader: &Reader<'_>,
        (agency, number): (&str, &str),
        roster: &str,
        counts: impl Fn(i64) -> bool,
    ) -> Result<Self, Error> {
        let company = reader.company(agency, number)?.map(|company| company.values);
        let cards = reader.cards_of(agency, number)?.into_iter().filter(|card| counts(card.registered_at));
        let cards = cards.map(|card| card.values);
        let accounts = reader.admitted_accounts(agency, number)?.into_iter();
        let accounts = accounts.filter(|account| counts(account.applied_at)).map(|account| account.values);
        let entered = company.into_iter().chain(cards).chain(accounts);
        let entered =
            entered.flat_map(|values| Recipient::ALL.map(|who| values.text(who.address()).to_owned()));
        let mut known = Self(Vec::new());
        for address in std::iter::once(roster.to_owned()).chain(entered) {
            let address = address.trim();
            if !address.is_empty() && !is_among(&known.0, address) {
                known.0.push(address.to_owned());
            }
        }
        Ok(known)
    }

    /// Without these addresses, which get another mail.
    pub(crate) fn but(mut self, others: &[String]) -> Self {
        self.0.retain(|address| !is_among(others, address));
        self
    }
}

fn is_among(addresses: &[String], address: &str) -> bool {
    addresses.iter().any(|other| other.eq_ignore_ascii_case(address))
}

/// What a mail to a company may contain about it: what the roster says.
pub(crate) fn told_values(reader: &Reader<'_>, agency: &str, number: &str) -> Result<Values, Error> {
    let row = reader.roster_row(agency, number)?.ok_or(Error::Defect("a company is not in the roster"))?;
    let mut values = Values::default();
    values.set(FieldId::CompanyNumber, row.number);
    values.set(FieldId::CompanyName, row.name);
    if let Some(company) = reader.company(agency, number)? {
        values.set(FieldId::CompanyId, company.company_id);
    }
    Ok(values)
}

/// A card as the actor.
pub(crate) fn by_card(card: &Card) -> String {
    let values = card.values();
    let of = |field| match values.text(field) {
        "" => "記載なし".to_owned(),
        text => text.to_owned(),
    };
    format!(
        "ICカード（ICカード企業名称 {}、取得者 {}、証明書シリアル番号 {}）",
        of(FieldId::CardCompanyName),
        of(FieldId::CardHolderName),
        of(FieldId::CertificateSerial)
    )
}

/// Whoever has that ID as the actor, in mails to others: what an applicant typed does not stand in them before its approval.
pub(crate) fn by_holder(reader: &Reader<'_>, account: &Account) -> Result<String, Error> {
    Ok(match reader.is_admitted(account.id)? {
        true => by_account(account),
        false => format!("審査を経ていないID（受付番号 {}）", account.receipt),
    })
}

/// An ID as the actor.
pub(crate) fn by_account(account: &Account) -> String {
    format!("ユーザーID {}", account.login_id)
}
