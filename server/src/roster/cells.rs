//! Which values a cell accepts.

use touroku_japanese::characters::{self, Characters};
use touroku_proto::{
    agency::AgencyProfile,
    field::{Problem, Rule, Values},
    text,
};

use super::{
    columns::{Column, Kind, note_of},
    damage, date, email, excel,
    note::Note,
    phone,
};
use crate::{
    error::Error,
    registry::information::Vault,
    store::{INFORMATION_PASSWORD, RosterRow},
};

/// The longest text of a cell without a rule of its own, in characters.
const MAX_TEXT: usize = 100;

const MAX_MORE: usize = 200;

/// The longest 等級, in characters.
const MAX_GRADE: usize = 20;

/// The longest ユーザID and パスワード, in characters.
const MAX_CREDENTIAL: usize = 64;

/// A valid row, with its passwords still in clear.
#[derive(Clone, Default)]
pub(crate) struct CheckedRow {
    pub(crate) row: RosterRow,
    pub(crate) password: String,
    /// That of the 入札情報公開システム.
    pub(crate) information_password: String,
    /// Cells (from 0; `None`: the whole row) that were accepted but deserve a look, and why.
    pub(crate) doubts: Vec<(Option<usize>, String)>,
}

/// A password of the 入札情報公開システム, sealed, and which one it is.
pub(crate) struct NewSecret {
    pub(crate) mark: String,
    pub(crate) sealed: Vec<u8>,
}

impl CheckedRow {
    /// Checks a cell and stores its value. `Err`: what is wrong with it, in Japanese.
    pub(super) fn set(
        &mut self,
        index: usize,
        column: &Column,
        cell: &str,
        profile: &AgencyProfile,
    ) -> Result<(), String> {
        if let Some(what) = excel::error_value(cell) {
            return Err(what);
        }
        let one_line = cell.contains('\n').then(|| on_one_line(cell));
        let cell = one_line.as_deref().unwrap_or(cell);
        if one_line.is_some() {
            self.doubts.push((Some(index), "値の中の改行を空白にしました".to_owned()));
        }
        let characters = Characters::of(cell);
        if let Some(c) = characters.forbidden {
            return Err(characters::describe_forbidden(c));
        }
        if let Some(c) = characters.beyond_cp932 {
            self.doubts.push((Some(index), characters::describe_beyond(c)));
        }
        if let Some(damage) = damage::of(cell) {
            self.doubts.push((Some(index), damage));
        }
        let cell = match excel::text_of_formula(cell) {
            Some(text) => {
                self.doubts.push((Some(index), excel::FORMULA.to_owned()));
                text
            }
            None => cell,
        };
        let row = &mut self.row;
        match column {
            Column::Number => row.number = number(cell, profile)?,
            Column::Name => {
                row.name = name(cell, profile)?;
                let untypable = damage::untypable(cell).map(|reason| (Some(index), reason));
                self.doubts.extend(untypable);
            }
            Column::Kana => row.kana = within(cell, MAX_TEXT)?,
            Column::CorporateNumber => row.corporate_number = corporate_number(cell)?,
            Column::PostalCode => {
                let (code, note) = postal_code(cell);
                row.postal_code = code;
                self.keep_note(index, column, note);
            }
            Column::Address => row.address = within(cell, MAX_TEXT)?,
            Column::RepresentativeName => row.representative_name = within(cell, MAX_TEXT)?,
            Column::RepresentativeTitle => row.representative_title = within(cell, MAX_TEXT)?,
            Column::Phone => {
                let (phone, note) = phone::read(cell);
                row.phone = phone;
                self.keep_note(index, column, note);
            }
            Column::Fax => {
                let (fax, note) = phone::read(cell);
                row.fax = fax;
                self.keep_note(index, column, note);
            }
            Column::Branch => row.branch = within(cell, MAX_TEXT)?,
            Column::UserId => row.user_id = credential(cell)?,
            Column::Password => self.password = credential(cell)?,
            Column::InformationUserId => row.information_user_id = credential(cell)?,
            Column::InformationPassword => {
                self.information_password = credential(cell)?;
                row.information_password = !self.information_password.is_empty();
            }
            Column::Qualification(name) => {
                let grade = within(cell, MAX_GRADE)?;
                if !grade.is_empty() {
                    row.qualifications.insert(name.clone(), grade);
                }
            }
            Column::More(name) => {
                let (value, note) = match column.kind() {
                    Kind::Text => (within(cell, MAX_MORE)?, None),
                    Kind::PostalCode => postal_code(cell),
                    Kind::Phone => phone::read(cell),
                    Kind::Email => email::read(cell),
                    Kind::Date => date::read(cell),
                    Kind::Categories => (categories(cell, profile)?, None),
                };
                if !value.is_empty() {
                    row.more.insert(name.clone(), value);
                }
                self.keep_note(index, column, note);
            }
        }
        Ok(())
    }

    /// Marks the row with its password of the 入札情報公開システム, which is returned if it is another one than before.
    pub(super) fn mark_password(
        &mut self,
        vault: Vault<'_>,
        agency: &str,
        before: Option<&RosterRow>,
    ) -> Result<Option<NewSecret>, Error> {
        let password = std::mem::take(&mut self.information_password);
        if password.is_empty() {
            return Ok(None);
        }
        let company = (agency, self.row.number.as_str());
        let mark = vault.mark(company, &password)?;
        let is_known = before.is_some_and(|before| before.further(INFORMATION_PASSWORD) == mark);
        let sealed = if is_known { None } else { Some(vault.seal(company, &password)?) };
        self.row.more.insert(INFORMATION_PASSWORD.to_owned(), mark.clone());
        Ok(sealed.map(|sealed| NewSecret { mark, sealed }))
    }

    /// Keeps what could not be read, or not in full, as it is in the file.
    fn keep_note(&mut self, index: usize, column: &Column, note: Option<Note>) {
        let Some(Note { text, reason }) = note else { return };
        self.row.more.insert(note_of(column.name()), text.chars().take(MAX_MORE).collect());
        self.doubts.push((Some(index), reason));
    }
}

/// Joins a multi-line value into one line.
fn on_one_line(cell: &str) -> String {
    let lines: Vec<&str> = cell.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines.join("\u{3000}")
}

/// The codes of the categories that a cell names; empty: all.
fn categories(cell: &str, profile: &AgencyProfile) -> Result<String, String> {
    let simple = |text: &str| {
        let text = text::fold_name(text);
        text.trim_end_matches('等').to_owned()
    };
    let is_separator = |c: char| matches!(c, '、' | ',' | '，' | '・' | '/' | '／' | ';' | ' ' | '\u{3000}');
    let mut codes: Vec<&str> = Vec::new();
    let whole = simple(cell);
    for part in cell.split(is_separator).filter(|part| !part.is_empty()) {
        let part = simple(part);
        let mut found = profile.categories.iter().filter(|category| {
            category.code == part
                || simple(&category.name) == whole
                || category.name.split(is_separator).any(|name| simple(name) == part)
        });
        let Some(category) = found.next() else {
            let names: Vec<&str> = profile.categories.iter().map(|category| category.name.as_str()).collect();
            return Err(format!("この発注機関にない区分です（ある区分: {}）", names.join("／")));
        };
        if !codes.contains(&category.code.as_str()) {
            codes.push(&category.code);
        }
    }
    Ok(codes.join(","))
}

/// The number, in the width that its rule requires. `Err`: what is wrong with it, in Japanese.
pub(super) fn number(cell: &str, profile: &AgencyProfile) -> Result<String, String> {
    let search = &profile.search;
    let number = search.roster_number(cell);
    if search.number_issued {
        let number = text::to_half_width(&number);
        // The rule describes issued numbers, not the roster's own.
        return if number.is_empty() {
            Err("業者番号が空です".to_owned())
        } else if let Some(what) = excel::what_happened(&number) {
            // Taken for a new company, it would make the real one look as if it had left the roster.
            Err(what)
        } else if number.len() <= MAX_CREDENTIAL && number.chars().all(|c| c.is_ascii_graphic()) {
            Ok(number)
        } else {
            Err(format!("業者番号は半角英数字と記号{MAX_CREDENTIAL}文字以内です"))
        };
    }
    if number.is_empty() {
        return Err(format!("{}が空です", search.number_label));
    }
    let Err(problem) = search.number_rule.check(&number, &Values::default()) else { return Ok(number) };
    let folded = search.roster_number(&text::to_half_width(&number));
    if search.number_rule.check(&folded, &Values::default()).is_ok() {
        return Ok(folded);
    }
    let what = excel::what_happened(&folded)
        .or_else(|| excel::lost_zeros(&folded, &search.number_rule))
        .unwrap_or_else(|| describe(&problem));
    Err(format!("{}: {what}", search.number_label))
}

/// The numbers that a cell may mean: the one that was read, or all it may have been, in another width or with the
/// zeros that Excel dropped. A single one was read.
pub(crate) fn meant_numbers(cell: &str, profile: &AgencyProfile) -> Vec<String> {
    let search = &profile.search;
    let cell = excel::text_of_formula(cell).unwrap_or(cell);
    if let Ok(number) = number(cell, profile) {
        return vec![number];
    }
    let folded = search.roster_number(&text::to_half_width(cell));
    let padded = excel::with_zeros(&folded, &search.number_rule);
    [Some(search.roster_number(cell)), Some(folded), padded]
        .into_iter()
        .flatten()
        .filter(|number| !number.is_empty())
        .collect()
}

/// The search requires a name to match its own rule; one too long for it could never be found.
fn name(cell: &str, profile: &AgencyProfile) -> Result<String, String> {
    if cell.is_empty() {
        return Err(format!("{}が空です", profile.search.name_label));
    }
    let max = match profile.search.name_rule {
        Rule::Text { max } | Rule::FullWidth { max } => max,
        _ => MAX_TEXT,
    };
    within(cell, max)
}

fn within(cell: &str, max: usize) -> Result<String, String> {
    // There are never more grapheme clusters than code points, which are quicker to count.
    if cell.chars().count() > max && text::characters(cell) > max {
        return Err(format!("{max}文字以内にしてください（{}文字あります）", text::characters(cell)));
    }
    Ok(cell.to_owned())
}

/// The 郵便番号, once its width is corrected. A cell that can't be read is kept as is, without one: that does not harm the
/// company.
fn postal_code(cell: &str) -> (String, Option<Note>) {
    if cell.is_empty() || Rule::PostalCode.check(cell, &Values::default()).is_ok() {
        return (cell.to_owned(), None);
    }
    if let Some(code) = Rule::PostalCode.suggest(cell) {
        return (code, None);
    }
    if phone::is_none(cell) {
        return (String::new(), None);
    }
    let half = text::to_half_width(cell);
    let is_short = half.len() == 6 && half.bytes().all(|byte| byte.is_ascii_digit());
    let reason = match excel::what_happened(&half) {
        Some(what) => what,
        None if is_short => "郵便番号の先頭の0がないようです（Excelが取り除くことがあります）。備考として残し、郵便番号は空にしました".to_owned(),
        None => "郵便番号を「123-4567」の形で読めません。備考として残し、郵便番号は空にしました".to_owned(),
    };
    (String::new(), Some(Note { text: cell.to_owned(), reason }))
}

fn corporate_number(cell: &str) -> Result<String, String> {
    let digits = text::to_half_width(cell);
    if digits.is_empty() {
        return Ok(digits);
    }
    if let Some(what) = excel::what_happened(&digits) {
        return Err(what);
    }
    if digits.len() != 13 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err("法人番号は半角数字13桁です".to_owned());
    }
    if text::is_corporate_number(&digits) {
        Ok(digits)
    } else {
        Err("法人番号の検査用数字が合いません".to_owned())
    }
}

fn credential(cell: &str) -> Result<String, String> {
    if cell.chars().all(|c| c.is_ascii_graphic()) && cell.len() <= MAX_CREDENTIAL {
        Ok(cell.to_owned())
    } else {
        Err(format!("半角英数字{MAX_CREDENTIAL}文字以内にしてください"))
    }
}

fn describe(problem: &Problem) -> String {
    match problem {
        Problem::Required => "空です".to_owned(),
        Problem::TooLong { max, actual } => format!("{max}文字以内にしてください（{actual}文字あります）"),
        Problem::WrongLength { min, max, actual } if min == max => {
            format!("{min}文字にしてください（{actual}文字あります）")
        }
        Problem::WrongLength { min, max, actual } => {
            format!("{min}文字から{max}文字までにしてください（{actual}文字あります）")
        }
        Problem::NotFullWidth => "全角にしてください".to_owned(),
        Problem::NotHalfWidth => "半角にしてください".to_owned(),
        Problem::HalfWidthKatakana => "半角カタカナは使えません".to_owned(),
        Problem::BadCharacters { characters } => format!("使えない文字「{characters}」があります"),
        Problem::NotMixed => "英字と数字を両方使ってください".to_owned(),
        Problem::Guessable { .. } => "推測されやすいものです".to_owned(),
        Problem::NotPostalCode | Problem::NotPhone | Problem::NotEmail | Problem::NotEqual => {
            "形が正しくありません".to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corporate_numbers_are_proved_by_their_check_digit() {
        for number in ["4011001098993", "7123456789012", "7010705000725", "6120001039879", "4000012090001"] {
            assert!(corporate_number(number).is_ok(), "{number}");
        }
        assert!(corporate_number("4011001098994").is_err());
        assert!(corporate_number("401100109899").is_err());
        assert_eq!(corporate_number(""), Ok(String::new()));
        assert_eq!(corporate_number("４０１１００１０９８９９３").as_deref(), Ok("4011001098993"));
    }

    #[test]
    fn a_postal_code_gets_its_width_and_one_that_cannot_be_read_is_kept_as_a_note() {
        for (cell, code) in
            [("１２３−４５６７", "123-4567"), ("1234567", "123-4567"), ("", ""), ("なし", ""), ("-", "")]
        {
            assert_eq!(postal_code(cell), (code.to_owned(), None), "{cell}");
        }
        for (cell, part) in [("300801", "先頭の0"), ("030-080", "読めません"), ("3.0E+05", "指数")]
        {
            let (code, note) = postal_code(cell);
            let note = note.unwrap();
            assert!(code.is_empty() && note.text == cell && note.reason.contains(part), "{note:?}");
        }
    }
}
