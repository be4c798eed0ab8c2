//! 監査記録: texts for the codes in the chain.

use touroku_proto::officer::{
    audit::{AuditAction, AuditEntry, Detail, ImportCounts, ProfileDifference, import_of_subject},
    company::Period,
    profile::KeyChange,
    review::ReviewKind,
};

pub(crate) use super::said::audit::*;
use super::{
    company, manage,
    screen::{bytes, count},
    trouble,
};
use crate::bidder::clock;

/// The action. A code written by a newer server is shown as is.
pub(crate) fn action(code: &str) -> &str {
    let known = AuditAction::ALL.iter().find(|known| known.as_str() == code);
    known.and_then(|&known| action::name(known)).map_or(code, |name| name.get())
}

pub(crate) fn subject(subject: &str) -> String {
    match import_of_subject(subject) {
        Some(number) => subject_import(&number.to_string()),
        None => subject.to_owned(),
    }
}

/// Who did it.
pub(crate) fn actor(entry: &AuditEntry) -> &str {
    match (entry.actor.as_str(), entry.address.is_empty()) {
        ("command", true) => manage::BY_COMMAND.get(),
        ("", _) => manage::NOBODY.get(),
        (actor, _) => actor,
    }
}

/// The header of what is saved.
pub(crate) fn list_header() -> Vec<String> {
    manage::AUDIT_COLUMNS.iter().map(ToString::to_string).collect()
}

/// An entry, column by column.
pub(crate) fn list_line(entry: &AuditEntry) -> Vec<String> {
    vec![
        entry.sequence.to_string(),
        clock::shown(entry.at_unix_ms),
        actor(entry).to_owned(),
        entry.address.clone(),
        action(&entry.action).to_owned(),
        subject(&entry.subject),
        detail(&entry.detail),
    ]
}

/// Further details.
pub(crate) fn detail(text: &str) -> String {
    match Detail::read(text) {
        Detail::None => String::new(),
        Detail::Role(role) => self::role(role.name()),
        Detail::BlockedMinutes(minutes) => blocked(minutes),
        Detail::Refused(code) => trouble::advice(&code.into()).what.to_string(),
        Detail::Application(ReviewKind::Account, id) => application_account(id),
        Detail::Filed(ReviewKind::Account, receipt) => filed_account(&receipt),
        Detail::Filed(ReviewKind::Card, receipt) => filed_card(&receipt),
        Detail::Application(ReviewKind::Card, id) => application_card(id),
        Detail::Card(id) => card(id),
        Detail::Account(id) => account(id),
        Detail::AnotherAddress => ANOTHER_ADDRESS.to_string(),
        Detail::Letter => LETTER.to_string(),
        Detail::Mail => MAIL.to_string(),
        Detail::Before(sequence) => before(sequence),
        Detail::Export(filter, encoding) => export(&company::filter(filter), encoding.as_str()),
        Detail::ExportWith(filter, encoding, parts) => {
            let parts: Vec<&str> = parts.into_iter().map(|part| company::part(part).get()).collect();
            export_with(&company::filter(filter), encoding.as_str(), &parts.join("、"))
        }
        Detail::ExportFile(filter, code) => export(&company::filter(filter), &code),
        Detail::Bytes(size) => bytes(size),
        Detail::HeaderRow(row) => header_row(row),
        Detail::Header(hash) => header(&hash),
        Detail::Import(counts) => imported(counts),
        Detail::Receipt(number) => number,
        Detail::Profile(difference) => changed(&difference),
        Detail::Row(changes) => changes.iter().map(line).collect::<Vec<_>>().join("\n"),
        Detail::Period(period) => days(&period),
        Detail::PeriodCorrected(before, after) => corrected(&days(&before), &days(&after)),
        Detail::Text(text) => text,
    }
}

/// The days of a suspension.
fn days(period: &Period) -> String {
    company::period(period).unwrap_or_else(|| NO_PERIOD.to_string())
}

fn line(key: &KeyChange) -> String {
    let value = |value: &Option<String>| value.clone().unwrap_or_else(|| NO_VALUE.to_string());
    match (&key.before, &key.after) {
        // A secret, or a person's name.
        (None, None) => key.key.clone(),
        (before, after) => change(&key.key, &value(before), &value(after)),
    }
}

/// A line per key.
fn changed(difference: &ProfileDifference) -> String {
    let mut lines: Vec<String> = difference.changes.iter().map(line).collect();
    if difference.left_out > 0 {
        lines.push(left_out(&count(difference.left_out.into())));
    }
    lines.push(sha256(&difference.sha256));
    lines.join("\n")
}

fn imported(counts: ImportCounts) -> String {
    let ImportCounts { added, changed, unchanged, wrong, missing, removed, suspended } = counts;
    let [added, changed, unchanged, wrong, missing, removed, suspended] =
        [added, changed, unchanged, wrong, missing, removed, suspended].map(count);
    imported_of(&added, &changed, &unchanged, &wrong, &missing, &removed, &suspended)
}

#[cfg(test)]
mod tests {
    use touroku_proto::{
        api::ApiErrorCode,
        officer::{
            Role,
            company::{CompanyFilter, ExportPart, ListFormat},
        },
    };

    use super::*;

    #[test]
    fn everything_that_the_server_can_record_has_words_of_its_own() {
        let names: Vec<_> = AuditAction::ALL
            .iter()
            .map(|&action| action::name(action).unwrap_or_else(|| panic!("{} has no words", action.as_str())))
            .collect();
        for (index, name) in names.iter().enumerate() {
            assert!(!name.bytes().any(|byte| byte == b'_'), "{name}");
            assert!(!names[..index].contains(name), "{name} is said twice");
        }
        assert_eq!(action("company_viewed"), "会社の情報の表示");
        assert_eq!(action("from_the_future"), "from_the_future");
    }

    #[test]
    fn subjects_and_details_are_said_in_words_and_what_is_not_known_stays() {
        assert_eq!(subject("import 12"), "取込12番");
        for subject_of_another_kind in ["990000001", "import", "import x", "yamada", ""] {
            assert_eq!(subject(subject_of_another_kind), subject_of_another_kind);
        }
        let counts = ImportCounts { added: 1200, unchanged: 5, ..ImportCounts::default() };
        assert_eq!(
            detail(&Detail::Import(counts).write()),
            "追加1,200件、変更0件、変更なし5件、エラー0件、削除候補0件、削除0件、停止0件"
        );
        assert_eq!(detail(&Detail::Role(Role::Review).write()), "役割：審査");
        assert_eq!(detail(&Detail::Bytes(2048).write()), "2.0 kB");
        let export = Detail::Export(CompanyFilter::Expiring, ListFormat::Cp932);
        assert_eq!(detail(&export.write()), "ICカードの期限が90日以内（cp932）");
        let export = Detail::ExportWith(
            CompanyFilter::Expiring,
            ListFormat::Xlsx,
            vec![ExportPart::Contact, ExportPart::Timeline],
        );
        assert_eq!(detail(&export.write()), "ICカードの期限が90日以内（xlsx。代表窓口情報、経過を含む）");
        for old in ["", "role=king", "added 3, changed 0"] {
            assert_eq!(detail(old), old);
        }
        let refused = Detail::Refused(ApiErrorCode::CardNotRegistered);
        assert!(detail(&refused.write()).contains("結び付けられていません"));
    }
}
