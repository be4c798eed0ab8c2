//! `[[export]]`.

use std::collections::BTreeSet;

use touroku_proto::{agency::AgencyProfile, export::ExportTime, officer::company::ListFormat};

use super::finding::{Finding, is_code};
use crate::{
    agency::layers::Step,
    roster::listed::{CARD, CERTIFICATE, COMPANY, EVENT, Listed, TIMELINE},
};

/// It begins the name of a file.
const LONGEST_CODE: usize = 60;

pub(super) fn check(profile: &AgencyProfile, found: &mut Vec<Finding>) {
    if profile.export.is_empty() {
        return;
    }
    let listed = Listed::of(profile);
    let fixed =
        COMPANY.iter().chain(&CARD).chain(&CERTIFICATE).chain(&[TIMELINE]).map(|name| (*name).to_owned());
    let own = listed.further.iter().cloned().chain(listed.contacts()).chain(listed.card_contacts());
    let known: BTreeSet<String> = fixed.chain(own).collect();
    let mut codes = BTreeSet::new();
    for (index, file) in profile.export.iter().enumerate() {
        let place = |key: &str| vec![Step::Key("export".into()), Step::Index(index), Step::Key(key.into())];
        let mut wrong = |key: &str, message: String| found.push((place(key), message));
        if !is_code(&file.code) || file.code.len() > LONGEST_CODE {
            let message =
                format!("exportのcodeは半角の英小文字・数字・ハイフンで、{LONGEST_CODE}文字まで書きます");
            wrong("code", message);
        }
        if !codes.insert(&file.code) {
            wrong("code", format!("exportのcode「{}」が二度あります", file.code));
        }
        if file.name.trim().is_empty() {
            wrong("name", "ファイルの名前が空です".to_owned());
        }
        if file.columns.is_empty() {
            wrong("columns", "columnsには一つ以上書きます".to_owned());
        }
        if file.format == ListFormat::Xlsx && !file.header {
            wrong("header", "Excelブックでは、見出しを省けません".to_owned());
        }
        for (at, column) in file.columns.iter().enumerate() {
            let name = column.value.as_str();
            let message = match EVENT.contains(&name) {
                true if file.when == ExportTime::Each => continue,
                true => format!("「{name}」は、when = \"each\"のファイルだけに書けます"),
                false if known.contains(name) => continue,
                false => format!(
                    "「{name}」という列はありません。照会の「一覧の書き出し」の見出しのとおりに書きます"
                ),
            };
            let mut place = place("columns");
            place.extend([Step::Index(at), Step::Key("value".into())]);
            found.push((place, message));
        }
    }
}
