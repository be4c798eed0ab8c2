//! A roster that gives a company another name, 法人番号 or 委任先: from then on another company's card is the one that
//! matches. Or another mail address: whoever takes the company's place can't enter that one. The company and the officers are
//! told.

use touroku_japanese::text::fold_name;

use super::told::{By, Known, Told};
use crate::{
    error::Error,
    mail::Desk,
    store::{Act, CompanyName, DELEGATE_NAME, EventKind, Reader, Renaming, RosterRow, Telling},
};

/// A company that is being renamed, and whom it had named until then.
pub(crate) struct Renamed {
    renaming: Renaming,
    known: Known,
}

/// Who does it.
#[derive(Clone, Copy)]
pub(crate) struct Doer<'a> {
    /// ログインID, or `command`.
    pub(crate) officer: &'a str,
    /// How, for the company.
    pub(crate) words: &'a str,
}

impl Renamed {
    /// `None`: by its new name, which is in force since then, it is no other company.
    pub(crate) fn at_moved(
        reader: &Reader<'_>,
        agency: &str,
        renaming: Renaming,
        telling: &Telling,
    ) -> Result<Option<Self>, Error> {
        if !is_another(&renaming.before, &renaming.after) {
            return Ok(None);
        }
        let known = Known::among(reader, (agency, &renaming.number), &renaming.before.email, |at| {
            telling.was_there(at)
        })?;
        Ok(Some(Self { known, renaming }))
    }

    /// The same for one row that an officer corrects, registered or not: whoever alone gives a company another name,
    /// registers a card of that name and gives it the old name again is seen.
    pub(crate) fn of_row(
        reader: &Reader<'_>,
        agency: &str,
        [before, after]: [&RosterRow; 2],
    ) -> Result<Vec<Self>, Error> {
        let named = |row: &RosterRow| CompanyName {
            name: row.name.clone(),
            corporate_number: row.corporate_number.clone(),
            delegate: row.further(DELEGATE_NAME).to_owned(),
            email: row.email().to_owned(),
        };
        let (number, [before, after]) = (after.number.clone(), [before, after].map(named));
        // Whole columns of 法人番号 come by import; one that is typed for one company is looked at.
        let is_told = is_another(&before, &after) || before.corporate_number != after.corporate_number;
        let renaming = Renaming { number, before, after };
        if !is_told {
            return Ok(Vec::new());
        }
        Ok(vec![Self { known: Known::of(reader, agency, &renaming.number)?, renaming }])
    }
}

impl Desk<'_> {
    /// Tells everybody whom these companies had named, and records it. The new names are in force.
    pub(crate) fn tell_renamed(&self, all: &[Renamed], doer: Doer<'_>) -> Result<(), Error> {
        for Renamed { renaming: Renaming { number, before, after }, known } in all {
            let kind =
                if is_only_address(before, after) { EventKind::RosterAddress } else { Told::Renamed.kind() };
            let with_email = !before.email.eq_ignore_ascii_case(&after.email);
            let [before, after] = [before, after].map(|named| words(named, with_email));
            let detail = format!("変更前 {before}、変更後 {after}");
            let act = Act { officer: doer.officer, detail: &detail, ..Act::of(kind) };
            self.writer.record_act(self.agency(), number, None, &act, self.now)?;
            let actor = format!("{}\n変更前 : {before}\n変更後 : {after}", doer.words);
            self.tell(Told::Renamed, known, number, By::Words(&actor))?;
        }
        Ok(())
    }
}

/// Whether the roster makes the company another one that is still to be told of it.
pub(crate) fn is_being_renamed(reader: &Reader<'_>, agency: &str, number: &str) -> Result<bool, Error> {
    let renaming = reader.pending_renaming(agency, number)?;
    Ok(renaming.is_some_and(|Renaming { before, after, .. }| {
        is_another(&before, &after) && !is_only_address(&before, &after)
    }))
}

/// A name in another spelling is the same; so is a 法人番号 that the roster lacked. A 委任先 that is taken away lets
/// nobody in. Where there was no mail address, nobody loses one.
fn is_another(before: &CompanyName, after: &CompanyName) -> bool {
    let [old, new] = [before, after].map(|of| of.corporate_number.as_str());
    let [former, delegate] = [before, after].map(|of| fold_name(&of.delegate));
    fold_name(&before.name) != fold_name(&after.name)
        || (!old.is_empty() && old != new)
        || (!delegate.is_empty() && delegate != former)
        || (!before.email.is_empty() && !before.email.eq_ignore_ascii_case(&after.email))
}

/// Whether no other card matches than before.
fn is_only_address(before: &CompanyName, after: &CompanyName) -> bool {
    let nameless = |of: &CompanyName| CompanyName { email: String::new(), ..of.clone() };
    nameless(before) == nameless(after)
}

fn words(named: &CompanyName, with_email: bool) -> String {
    let email = if with_email { named.email.as_str() } else { "" };
    let about = [
        ("法人番号", named.corporate_number.as_str()),
        ("委任先", &named.delegate),
        ("メールアドレス", email),
    ];
    let about = about.into_iter().filter(|(_, value)| !value.is_empty());
    let about: Vec<String> = about.map(|(what, value)| format!("{what} {value}")).collect();
    if about.is_empty() { named.name.clone() } else { format!("{}（{}）", named.name, about.join("、")) }
}
